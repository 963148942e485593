/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Conversion of receipt ids, and a table of hashes of the ids accepted lately; an older one gives
 * way where two meet.
 */

#include "compat.h"

#include "receipt_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <osmocom/core/talloc.h>

enum { RECEIPT_IDS = 1 << 14 };

struct receipt_ids {
	enum receipt_id_form learned; /* RECEIPT_ID_AUTO: nothing yet */
	uint64_t seen[RECEIPT_IDS]; /* by its low bits; 0 is free */
};

static const char *const receipt_id_names[] = {
	[RECEIPT_ID_AUTO] = "auto",
	[RECEIPT_ID_STRING] = "string",
	[RECEIPT_ID_HEX] = "hex",
	[RECEIPT_ID_DEC] = "dec",
};

const char *receipt_id_form_name(enum receipt_id_form form)
{
	return receipt_id_names[form];
}

struct receipt_ids *receipt_ids_alloc(void *ctx)
{
	return talloc_zero(ctx, struct receipt_ids);
}

/* FNV-1a, then mixed so that the low bits depend on all octets */
static uint64_t receipt_id_hash(const char *id)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *id; id++)
		h = (h ^ (uint8_t)*id) * 0x100000001b3u;
	h ^= h >> 32;
	return h ? h : 1;
}

void receipt_ids_add(struct receipt_ids *ids, const char *id)
{
	uint64_t h = receipt_id_hash(id);

	ids->seen[h % RECEIPT_IDS] = h;
}

static bool receipt_ids_has(const struct receipt_ids *ids, const char *id)
{
	uint64_t h = receipt_id_hash(id);

	return ids->seen[h % RECEIPT_IDS] == h;
}

/* RECEIPT_ID_AUTO: as it came. @return false, and out as id, if it is no number of that base that fits 64 bits */
static bool receipt_id_as(enum receipt_id_form form, const char *id, char out[SMPP_MESSAGE_ID_MAX])
{
	bool hex = form == RECEIPT_ID_HEX;
	const char *digits = hex ? "0123456789abcdef" : "0123456789";
	unsigned long long x;

	snprintf(out, SMPP_MESSAGE_ID_MAX, "%s", id);
	if (form == RECEIPT_ID_STRING || form == RECEIPT_ID_AUTO)
		return true;
	if (!*id || strspn(id, digits) != strlen(id))
		return false;
	errno = 0;
	x = strtoull(id, NULL, hex ? 16 : 10);
	if (errno)
		return false;
	snprintf(out, SMPP_MESSAGE_ID_MAX, hex ? "%llu" : "%llx", x);
	return true;
}

/* One form, and only one, names a message that was accepted: that is how this SMSC does it. */
static void receipt_id_learn(struct receipt_ids *ids, const char *id)
{
	char out[SMPP_MESSAGE_ID_MAX];
	enum receipt_id_form found = RECEIPT_ID_AUTO;

	for (unsigned form = RECEIPT_ID_STRING; form <= RECEIPT_ID_DEC; form++) {
		if (!receipt_id_as(form, id, out) || !receipt_ids_has(ids, out))
			continue;
		if (found != RECEIPT_ID_AUTO)
			return;
		found = form;
	}
	if (found != RECEIPT_ID_AUTO)
		ids->learned = found;
}

/* Accepted before this program started, or two messages that it may name. */
static void receipt_id_guess(const char *id, struct receipt_id *out)
{
	unsigned n = 0;

	for (unsigned form = RECEIPT_ID_HEX; form <= RECEIPT_ID_DEC; form++) {
		if (receipt_id_as(form, id, out->others[n]) && strcmp(out->others[n], id))
			n++;
		else
			out->others[n][0] = '\0';
	}
}

void receipt_id_convert(struct receipt_ids *ids, enum receipt_id_form form, const char *id,
			struct receipt_id *out)
{
	*out = (struct receipt_id){0};
	if (form != RECEIPT_ID_AUTO) {
		receipt_id_as(form, id, out->id);
		return;
	}
	receipt_id_as(ids->learned, id, out->id);
	if (ids->learned != RECEIPT_ID_AUTO && receipt_ids_has(ids, out->id))
		return;
	receipt_id_learn(ids, id);
	receipt_id_as(ids->learned, id, out->id);
	if (ids->learned == RECEIPT_ID_AUTO)
		receipt_id_guess(id, out);
}
