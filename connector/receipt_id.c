/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Conversion of receipt ids, and a table of hashes of the ids accepted lately with their recipients; an
 * older one gives way where two meet.
 */

#include "compat.h"

#include "receipt_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <osmocom/core/talloc.h>

enum { RECEIPT_IDS = 1 << 14, RECIPIENT_DIGITS = 7, SURE_MAX = 100 };

struct receipt_ids {
	enum receipt_id_form learned; /* RECEIPT_ID_AUTO: nothing yet */
	unsigned sure;		      /* receipts for it, less those for another form */
	uint64_t seen[RECEIPT_IDS];   /* by its low bits; 0 is free */
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

static uint64_t fnv_1a(uint64_t h, const char *text)
{
	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 0x100000001b3u;
	return h;
}

/* The end of the recipient's number, which all spellings share; mixed so that the low bits depend on all octets */
static uint64_t receipt_id_hash(const char *id, const char *recipient)
{
	size_t len = strlen(recipient += *recipient == '+');
	uint64_t h = fnv_1a(0xcbf29ce484222325u, id) * 0x100000001b3u;

	h = fnv_1a(h, len > RECIPIENT_DIGITS ? recipient + len - RECIPIENT_DIGITS : recipient);
	h ^= h >> 32;
	return h ? h : 1;
}

void receipt_ids_add(struct receipt_ids *ids, const char *id, const char *recipient)
{
	uint64_t h = receipt_id_hash(id, recipient);

	ids->seen[h % RECEIPT_IDS] = h;
}

static bool receipt_ids_has(const struct receipt_ids *ids, const char *id, const char *recipient)
{
	uint64_t h = receipt_id_hash(id, recipient);

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

/* @return the form in which this id names a message that was accepted; RECEIPT_ID_AUTO: none, or more than one does */
static enum receipt_id_form receipt_id_found(const struct receipt_ids *ids, const char *id,
					     const char *recipient)
{
	char out[SMPP_MESSAGE_ID_MAX];
	enum receipt_id_form found = RECEIPT_ID_AUTO;

	for (unsigned form = RECEIPT_ID_STRING; form <= RECEIPT_ID_DEC; form++) {
		if (!receipt_id_as(form, id, out) || !receipt_ids_has(ids, out, recipient))
			continue;
		if (found != RECEIPT_ID_AUTO)
			return RECEIPT_ID_AUTO;
		found = form;
	}
	return found;
}

/* One who writes to the same recipient again and again may have another message under another form of the id. */
static void receipt_id_learn(struct receipt_ids *ids, enum receipt_id_form found)
{
	if (found == ids->learned)
		ids->sure += ids->sure < SURE_MAX;
	else if (ids->sure)
		ids->sure--;
	else
		ids->learned = found;
}

/* Accepted long ago or before this program started, or two messages that it may name. */
static void receipt_id_guess(enum receipt_id_form learned, const char *id, struct receipt_id *out)
{
	char other[SMPP_MESSAGE_ID_MAX];
	unsigned n = 0;

	for (unsigned form = RECEIPT_ID_STRING; form <= RECEIPT_ID_DEC; form++) {
		if (form != learned && receipt_id_as(form, id, other) && strcmp(other, out->id) != 0)
			strcpy(out->others[n++], other);
	}
}

void receipt_id_convert(struct receipt_ids *ids, enum receipt_id_form form, const char *id,
			const char *recipient, struct receipt_id *out)
{
	enum receipt_id_form found;

	*out = (struct receipt_id){0};
	receipt_id_as(form == RECEIPT_ID_AUTO ? ids->learned : form, id, out->id);
	if (form != RECEIPT_ID_AUTO)
		return;
	if (ids->learned != RECEIPT_ID_AUTO && receipt_ids_has(ids, out->id, recipient)) {
		receipt_id_learn(ids, ids->learned);
		return;
	}
	found = receipt_id_found(ids, id, recipient);
	if (found != RECEIPT_ID_AUTO)
		receipt_id_learn(ids, found);
	receipt_id_as(ids->learned, id, out->id);
	if (found == RECEIPT_ID_AUTO || found != ids->learned)
		receipt_id_guess(ids->learned, id, out);
}
