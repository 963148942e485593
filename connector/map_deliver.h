/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_smsc.h"

/*
 * Role "deliver": messages of the module go to the node that serves the recipient, without a service
 * centre (TS 23.204 6.13). map_smsc.h has what takes them and gives them back.
 */

/** alertServiceCentre: answered at once; the module hears that the recipient can be reached again. */
map_perform map_deliver_alert;

/** There is an SMSC of that role. */
bool map_deliver_configured(const struct map_stack *stack);

/** Answer for all that it holds. */
void map_deliver_free(struct map_stack *stack);

/** For show commands: recipients with messages in hand, those messages, and answers of HLRs that are kept. */
struct map_deliver_counts {
	unsigned recipients, messages, routing_infos, reports;
};

struct map_deliver_counts map_deliver_counts(const struct map_stack *stack);
