/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MT_RETRY_H
#define IPSMGW_MT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The attempts of one delivery to A (spec 5.7): each service once, one
 * repetition, all of them before one deadline. Times are ipsmgw_mono_ms().
 */

struct mt_tries {
	unsigned service; /* of the attempt that runs or comes next, as the bit of its
						 pager messages (enum cpm_capability); 0: not chosen */
	unsigned tried;   /* services that A has answered for, as bits */
	bool repeated;
	int code; /* A's answers so far as one, 0 if there was none */
	int64_t deadline_ms; /* 0: nothing was tried */
	int64_t not_before_ms;
	uint16_t serial; /* of the attempt */
};

struct mt_answer {
	int code;
	int retry_after_s;   /* -1 if not said */
	unsigned registered; /* what A's clients can do, bits of enum cpm_capability */
	int64_t mono_ms;
};

struct mt_next {
	bool again; /* else that was it */
	unsigned service;
	int64_t not_before_ms;
};

/** What to do after A's answer. */
struct mt_next mt_next(const struct mt_tries *t, const struct mt_answer *a);

/** Do it: n is of mt_next() for an answer with this code, and n->again. */
void mt_go_on(struct mt_tries *t, const struct mt_next *n, int code);

/** What the answers so far and this one mean together: one that is not for ever
 * leaves hope. */
int mt_code(const struct mt_tries *t, int code);

#endif
