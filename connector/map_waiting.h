/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_stack.h"

/*
 * Users of whom the HLR was told that they are absent in IMS. When one of them registers again, it gets
 * readyForSM (TS 29.002 12.4, TS 23.204 6.14) and alerts the service centres that wait. Bounded: who has waited
 * longest gives way; that one's service centre tries by its own schedule.
 */
struct map_waiting;

/** @return NULL if memory is out */
struct map_waiting *map_waiting_alloc(struct map_stack *stack, unsigned max);
void map_waiting_free(struct map_waiting *w);

/** Reported absent (again). */
void map_waiting_add(struct map_waiting *w, const struct sms_address *msisdn, const char *imsi);

/** @param number  as sms_address_print() writes it */
bool map_waiting_has(const struct map_waiting *w, const char *number);

/** That user can be reached again, if he is among them. */
void map_waiting_back(struct map_waiting *w, const char *number);

/** Those that have not come back. */
unsigned map_waiting_count(const struct map_waiting *w);
