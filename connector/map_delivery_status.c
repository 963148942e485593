/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Outcomes by node. With one, sm-DeliveryOutcome is its, and deliveryOutcomeIndicator says that it is an
 * SGSN's; with two, sm-DeliveryOutcome is the MSC's and additionalSM-DeliveryOutcome the SGSN's (TS
 * 29.002 7.6.8).
 */

#include "map_delivery_status.h"

void map_delivery_status_failed(struct map_delivery_status *s, enum map_serving_node_type node,
				const struct map_cause_report *report)
{
	if (report->outcome.present)
		s->nodes[node] = *report;
}

void map_delivery_status_success(struct map_delivery_status *s, enum map_serving_node_type node)
{
	*s = (struct map_delivery_status){0};
	s->nodes[node].outcome = (struct map_value){true, MAP_OUTCOME_SUCCESS};
}

bool map_delivery_status_report(const struct map_delivery_status *s,
				struct map_report_sm_delivery_status *out)
{
	bool msc = s->nodes[MAP_SERVING_MSC].outcome.present;
	bool sgsn = s->nodes[MAP_SERVING_SGSN].outcome.present;
	enum map_serving_node_type first = msc ? MAP_SERVING_MSC : MAP_SERVING_SGSN;

	*out = (struct map_report_sm_delivery_status){.gprs_support_indicator = true};
	out->sm_delivery_outcome = s->nodes[first].outcome;
	out->absent_subscriber_diagnostic = s->nodes[first].diagnostic;
	out->delivery_outcome_indicator = sgsn && !msc;
	if (msc && sgsn) {
		out->additional_sm_delivery_outcome = s->nodes[MAP_SERVING_SGSN].outcome;
		out->additional_absent_subscriber_diagnostic =
			s->nodes[MAP_SERVING_SGSN].diagnostic;
	}
	return msc || sgsn;
}
