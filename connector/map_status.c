/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What the HLR is told when a message has failed in all domains, so that it sets its flags for each and alerts
 * the service centre: one attempt; without it the SC tries by its own schedule.
 */

#include "map_receive_int.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "log.h"

struct map_status {
	struct llist_head entry; /* struct map_receive.reports */
	struct map_call call;
	struct map_receive *receive;
	char number[SMS_ADDRESS_TEXT_MAX + 1];
	bool is_back; /* readyForSM is due */
};

bool map_status_argument(const struct map_cause_report *ims,
			 const struct map_delivery_status *nodes,
			 struct map_report_sm_delivery_status *out)
{
	bool any = map_delivery_status_report(nodes, out);

	if (!ims->outcome.present)
		return any;
	if (any) {
		out->ip_sm_gw_sm_delivery_outcome = ims->outcome;
		out->ip_sm_gw_absent_subscriber_diagnostic = ims->diagnostic;
		return true;
	}
	out->ip_sm_gw_indicator = true;
	out->sm_delivery_outcome = ims->outcome;
	out->absent_subscriber_diagnostic = ims->diagnostic;
	return true;
}

/* ---- the operation ---- */

static void status_free(struct map_status *s)
{
	map_call_end(s->receive->stack, &s->call);
	llist_del(&s->entry);
	s->receive->n_reports--;
	talloc_free(s);
}

void map_status_free_all(struct map_receive *receive)
{
	while (!llist_empty(&receive->reports))
		status_free(llist_first_entry(&receive->reports, struct map_status, entry));
}

bool map_status_user(struct map_receive *receive, const char *number)
{
	struct map_status *s;
	bool found = false;

	llist_for_each_entry(s, &receive->reports, entry)
	{
		if (strcmp(s->number, number))
			continue;
		s->is_back = true;
		found = true;
	}
	return found;
}

static void status_outcome(struct map_call *call, const struct map_outcome *o)
{
	struct map_status *s = container_of(call, struct map_status, call);

	if (o->end != MAP_END_RESULT)
		LOGP(DMAP, LOGL_NOTICE, "reportSM-DeliveryStatus of %s: %s %s\n", s->number,
		     map_end_name(o->end),
		     o->end == MAP_END_ERROR ? map_error_name(o->error->code) : "");
	if (s->is_back)
		map_home_back(s->receive->stack, s->number);
	status_free(s);
}

static struct map_status *status_alloc(struct map_mt *mt)
{
	struct map_receive *receive = mt->receive;
	struct map_status *s =
		receive->n_reports < STATUS_MAX ? talloc_zero(receive, struct map_status) : NULL;

	if (!s)
		return NULL;
	s->receive = receive;
	s->call.outcome = status_outcome;
	strcpy(s->number, mt->number);
	s->is_back = mt->is_back;
	llist_add_tail(&s->entry, &receive->reports);
	receive->n_reports++;
	return s;
}

static bool status_tx(struct map_mt *mt, const struct map_report_sm_delivery_status *report)
{
	struct map_request r = {
		.argument = {.operation = MAP_REPORT_SM_DELIVERY_STATUS,
			     .report_sm_delivery_status = *report},
		.called = map_stack_hlr(mt->stack, &mt->msisdn),
		.calling = map_stack_own(mt->stack, SCCP_SSN_MSC),
	};
	struct map_status *s = status_alloc(mt);
	int rc = s ? map_call_invoke(mt->stack, &s->call, &r) : -ENOBUFS;

	if (rc == 0) {
		map_home_count(mt->stack, MAP_HOME_CTR_STATUS_TX);
		return true;
	}
	LOGP(DMAP, LOGL_NOTICE, "reportSM-DeliveryStatus of %s not sent: %s\n", mt->number,
	     strerror(-rc));
	if (s)
		status_free(s);
	return false;
}

/* @return whether a report is on its way */
static bool status_begin(struct map_mt *mt, const struct map_cause_report *ims)
{
	struct map_report_sm_delivery_status report;

	if (!mt->stack->config.report || !map_status_argument(ims, &mt->status, &report))
		return false;
	report.msisdn = mt->msisdn;
	report.service_centre_address = mt->sc_address;
	return status_tx(mt, &report);
}

void map_status_report(struct map_mt *mt)
{
	struct map_cause_report ims = map_cause_report_of(&mt->refusal.error);

	if (mt->stack->config.ready && ims.outcome.present &&
	    ims.outcome.value == MAP_OUTCOME_ABSENT_SUBSCRIBER)
		map_home_absent(mt->stack, &mt->msisdn, mt->routing.imsi);
	if (!status_begin(mt, &ims) && mt->is_back)
		map_home_back(mt->stack, mt->number);
}
