/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdint.h>

#include "../lib/smpp/smpp_pdu.h"

/*
 * What was answered to the module lately, so that a message that it sends again because the link broke
 * is answered again and not submitted again. Holds final answers only: an ERROR that says
 * "temporary" asks for the same ref again. Refs belong to one store; clear it when that changes.
 */

enum {
	SMSC_NAME_SIZE = 33, /* octets, with NUL */
	ANSWERED_MAX = 4096,
	ANSWERED_AGE_S = 600,
};

/** The one answer to a DATA of the module. */
struct sm_answer {
	uint64_t ref;
	uint8_t rp_mr;
	uint8_t rp_cause; /* 0: RP-ACK */
	uint8_t flags;	  /* enum link_flag */
	uint32_t status, retry_ms;
	char smsc[SMSC_NAME_SIZE], smsc_id[SMPP_MESSAGE_ID_MAX];
	const char *reason; /* a literal, or NULL */
};

struct answered;

/** Freed with its talloc context, or with talloc_free(). */
struct answered *answered_alloc(void *ctx);

/** Remember an answer; the oldest gives way. An answer to the same ref takes the place of the earlier one. */
void answered_add(struct answered *a, const struct sm_answer *answer, uint64_t now_s);

/** @return the answer, valid until the next call, or NULL */
const struct sm_answer *answered_find(const struct answered *a, uint64_t ref, uint64_t now_s);

void answered_forget(struct answered *a, uint64_t ref);
void answered_clear(struct answered *a);
unsigned answered_count(const struct answered *a);
