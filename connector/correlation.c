/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * A hash table, and a list in order of use. An id is
 *
 *   262 001 123456789     MCC, MNC with a leading 0 if it has two digits, random digits
 *
 * How many digits the MNC in an IMSI has depends on its country (E.212).
 */

#include "correlation.h"

#include <stdio.h>

#include <osmocom/core/hashtable.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "recent.h"

enum { CORRELATION_HASH_BITS = 14, MCC_DIGITS = 3 };

struct correlation_table {
	DECLARE_HASHTABLE(by_id, CORRELATION_HASH_BITS);
	DECLARE_HASHTABLE(by_msisdn, CORRELATION_HASH_BITS);
	struct llist_head by_use;
	unsigned max, count;
	uint64_t keep_ms, age_ms;
};

struct correlation_table *correlation_table_alloc(void *ctx, unsigned max, uint64_t keep_ms,
						  uint64_t age_ms)
{
	struct correlation_table *t = talloc_zero(ctx, struct correlation_table);

	if (!t)
		return NULL;
	hash_init(t->by_id);
	hash_init(t->by_msisdn);
	INIT_LLIST_HEAD(&t->by_use);
	t->max = max;
	t->keep_ms = keep_ms;
	t->age_ms = age_ms;
	return t;
}

unsigned correlation_count(const struct correlation_table *t)
{
	return t->count;
}

static uint64_t correlation_key(const char *id)
{
	return recent_digest(0, view_str(id));
}

static struct correlation *correlation_entry(const struct correlation_table *t, const char *id)
{
	struct correlation *entry;

	hash_for_each_possible(t->by_id, entry, by_id, correlation_key(id))
	{
		if (strcmp(entry->id, id) == 0)
			return entry;
	}
	return NULL;
}

void correlation_del(struct correlation_table *t, struct correlation *entry)
{
	hash_del(&entry->by_id);
	hash_del(&entry->by_msisdn);
	llist_del(&entry->entry);
	t->count--;
	talloc_free(entry);
}

struct correlation *correlation_find(struct correlation_table *t, const char *id, uint64_t now_ms)
{
	struct correlation *entry = correlation_entry(t, id);

	if (!entry)
		return NULL;
	if (now_ms - entry->added_ms >= t->age_ms) {
		correlation_del(t, entry);
		return NULL;
	}
	entry->used_ms = now_ms;
	llist_move_tail(&entry->entry, &t->by_use);
	return entry;
}

const struct correlation *correlation_of_msisdn(const struct correlation_table *t,
						const struct sms_address *msisdn, uint64_t now_ms)
{
	const struct correlation *entry, *newest = NULL;

	hash_for_each_possible(t->by_msisdn, entry, by_msisdn, correlation_key(msisdn->text))
	{
		if (strcmp(entry->msisdn.text, msisdn->text) == 0 &&
		    now_ms - entry->added_ms < t->age_ms &&
		    (!newest || entry->added_ms > newest->added_ms))
			newest = entry;
	}
	return newest;
}

/* @return whether there is room for one more */
static bool correlation_make_room(struct correlation_table *t, uint64_t now_ms)
{
	struct correlation *oldest =
		llist_first_entry_or_null(&t->by_use, struct correlation, entry);

	if (t->count < t->max)
		return true;
	if (!oldest || now_ms - oldest->used_ms < t->keep_ms)
		return false;
	correlation_del(t, oldest);
	return true;
}

struct correlation *correlation_add(struct correlation_table *t, const char *id,
				    const struct sms_address *msisdn, uint64_t now_ms)
{
	struct correlation *entry;

	if (correlation_find(t, id, now_ms) || !correlation_make_room(t, now_ms))
		return NULL;
	entry = talloc_zero(t, struct correlation);
	if (!entry)
		return NULL;
	snprintf(entry->id, sizeof(entry->id), "%s", id);
	entry->msisdn = *msisdn;
	entry->added_ms = entry->used_ms = now_ms;
	hash_add(t->by_id, &entry->by_id, correlation_key(id));
	hash_add(t->by_msisdn, &entry->by_msisdn, correlation_key(msisdn->text));
	llist_add_tail(&entry->entry, &t->by_use);
	t->count++;
	return entry;
}

/* ---- ids ---- */

/* E.212: countries whose networks have MNCs of three digits */
static const struct {
	uint16_t first, last;
} long_mnc[] = {
	{302, 302}, {310, 316}, {334, 334}, {338, 338}, {342, 342}, {344, 344}, {346, 346},
	{348, 348}, {350, 350}, {352, 352}, {354, 354}, {356, 356}, {358, 358}, {360, 360},
	{364, 366}, {374, 374}, {376, 376}, {708, 708}, {722, 722}, {732, 732}, {750, 750},
};

static bool mnc_is_long(const char *imsi)
{
	unsigned mcc = (unsigned)(imsi[0] - '0') * 100 + (unsigned)(imsi[1] - '0') * 10 +
		       (unsigned)(imsi[2] - '0');

	for (size_t i = 0; i < ARRAY_SIZE(long_mnc); i++)
		if (mcc >= long_mnc[i].first && mcc <= long_mnc[i].last)
			return true;
	return false;
}

static void plmn_pad(const char *digits, char out[CORRELATION_PLMN_DIGITS + 1])
{
	snprintf(out, CORRELATION_PLMN_DIGITS + 1, "%.3s0%.2s", digits, digits + MCC_DIGITS);
}

int correlation_plmn(const char *imsi, const char *plmn, char out[CORRELATION_PLMN_DIGITS + 1])
{
	if (!*plmn && strspn(imsi, "0123456789") < CORRELATION_PLMN_DIGITS)
		return -ENOENT;
	if (strlen(plmn) == CORRELATION_PLMN_DIGITS)
		strcpy(out, plmn);
	else if (*plmn)
		plmn_pad(plmn, out);
	else if (mnc_is_long(imsi))
		snprintf(out, CORRELATION_PLMN_DIGITS + 1, "%.6s", imsi);
	else
		plmn_pad(imsi, out);
	return 0;
}

int correlation_id(const char plmn[CORRELATION_PLMN_DIGITS + 1], uint32_t random,
		   char id[CORRELATION_ID_DIGITS + 1])
{
	/* the last part of the range would make low numbers likelier */
	if (random >= UINT32_MAX / CORRELATION_RANDOM * CORRELATION_RANDOM)
		return -EAGAIN;
	snprintf(id, CORRELATION_ID_DIGITS + 1, "%.6s%09u", plmn, random % CORRELATION_RANDOM);
	return 0;
}
