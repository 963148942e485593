/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_stack.h"

/* What map_stack.c and map_call.c have to do with each other. */

/* struct map_node_ops */
void map_call_outcome(void *data, uint64_t handle, const struct map_outcome *outcome);
void map_served_ended(void *data, uint64_t handle, const struct map_outcome *why);

void map_stack_answer_error(struct map_stack *stack, uint64_t handle,
			    const struct map_error *error);
