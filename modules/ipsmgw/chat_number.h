/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_NUMBER_H
#define IPSMGW_CHAT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* The pool: numbers that the gateway gives to chats (spec 7.3). */

enum { CHAT_NUMBER_MAX = 22 }; /* '+', 20 digits, NUL */

/** Parameter chat_numbers: "+1555000-+1555099,+1555200"; "" is an empty pool.
 * @return 0, -1 after one log line */
int chat_number_init(const char *list);

uint64_t chat_number_count(void);

/** Number i of the pool, below chat_number_count(). */
void chat_number_at(uint64_t i, char out[CHAT_NUMBER_MAX]);

bool chat_number_in_pool(const char *number);

#endif
