/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_cause.h"
#include "map_routing_info.h"

/* What the HLR is told about a delivery by reportSM-DeliveryStatus (TS 29.002 12.3, TS 23.040 3.2.8). */

struct map_delivery_status {
	struct map_cause_report nodes[MAP_SERVING_NODES_MAX]; /* by enum map_serving_node_type */
};

/** Keep the outcome at a node; one that is not reported changes nothing. */
void map_delivery_status_failed(struct map_delivery_status *s, enum map_serving_node_type node,
				const struct map_cause_report *report);

/** Success is what counts, whatever came before. */
void map_delivery_status_success(struct map_delivery_status *s, enum map_serving_node_type node);

/** @param out  addresses are the caller's. @return whether there is anything to report */
bool map_delivery_status_report(const struct map_delivery_status *s,
				struct map_report_sm_delivery_status *out);
