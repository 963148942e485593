/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_stack.h"

/*
 * MT-ForwardSM of peers (TS 23.204 6.14): an id that home routing gave says who it is for, the module what A says to
 * it. What A does not take goes to the serving node, and if that does not take it, the HLR is told.
 */

/** MT-ForwardSM of a peer. */
map_perform map_receive_sm;

void map_receive_free(struct map_stack *stack);

/** There is a new node: handles begin anew. */
void map_receive_begin(struct map_stack *stack);

/** A user has registered. @return true if a report about him is on its way: he is told to be back behind it */
bool map_receive_user(struct map_stack *stack, const char *number);

/** Messages in hand. */
unsigned map_receive_count(const struct map_stack *stack);
