/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Delivery receipts (SMPP 3.4 appendix B, 5.3.2.12, 5.3.2.35).
 *
 *   id:IIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:E text: ...
 *
 * Keys in any case and order; what follows text: is the user's and not looked at. The words of stat:
 * are known by their beginnings, since SMSCs spell them in full as well.
 */

#include "smpp_receipt.h"

#include "../sms/udh.h"

enum { STATE_UNKNOWN = 7, DATA_CODING_UCS2 = 8, TEXT_MAX = 1024 };

static const struct {
	const char *word;
	uint8_t message_state;
} words[] = {
	{"deliv", 2}, {"expir", 3}, {"delet", 4}, {"undel", 5}, {"accep", 6}, {"unkno", 7},
	{"rejec", 8}, {"enrou", 1}, {"sched", 0}, {"skipp", 9}, {"fail", 5},  {"buff", 1},
};

/* TP-Status (TS 23.040 9.2.3.15) by message_state; 0x30: the SC is still trying */
static const uint8_t tp_statuses[] = {0x30, 0x30, 0x00, 0x46, 0x48, 0x43, 0x01, 0x30, 0x42, 0x45};

bool smpp_is_receipt(const struct smpp_message *m)
{
	uint8_t type = m->esm_class & SMPP_ESM_TYPE_MASK;

	return type == SMPP_ESM_RECEIPT || (type & SMPP_ESM_INTERMEDIATE);
}

/* ---- text ---- */

static bool is_space(uint8_t c)
{
	return c <= ' ';
}

/* The text behind a header if there is one, UCS-2 brought down to octets. */
static struct view text_of(const struct smpp_message *m, uint8_t out[TEXT_MAX])
{
	struct view in = m->has_message_payload && m->message_payload.len ? m->message_payload
									  : m->short_message;
	struct wbuf w = wbuf_of(out, TEXT_MAX);
	struct udh udh;
	size_t step = m->data_coding == DATA_CODING_UCS2 ? 2 : 1;

	if ((m->esm_class & SMPP_ESM_UDHI) && udh_decode(in, &udh) == 0) {
		in.p += udh.octets;
		in.len -= udh.octets;
	}
	for (size_t i = step - 1; i < in.len && w.len < TEXT_MAX; i += step)
		wbuf_u8(&w, in.p[i]);
	return wbuf_written(&w);
}

static bool begins_with(struct view text, const char *word)
{
	size_t len = strlen(word);

	return text.len >= len && view_ieq((struct view){text.p, len}, view_str(word));
}

static struct view behind(struct view text, size_t n)
{
	return (struct view){text.p + n, text.len - n};
}

/* The word behind a key; "id: sub:001" has none. */
static struct view word_of(struct view text)
{
	size_t skipped = 0, len = 0;
	struct view word;

	while (skipped < text.len && is_space(text.p[skipped]))
		skipped++;
	text = behind(text, skipped);
	while (len < text.len && !is_space(text.p[len]))
		len++;
	word = (struct view){text.p, len};
	if (skipped && len && memchr(word.p, ':', len))
		word.len = 0;
	return word;
}

static struct view value_of(struct view text, const char *key)
{
	for (bool at_word = true; text.len > 0; text = behind(text, 1)) {
		if (at_word && begins_with(text, "text:"))
			break;
		if (at_word && begins_with(text, key))
			return word_of(behind(text, strlen(key)));
		at_word = is_space(text.p[0]);
	}
	return (struct view){NULL, 0};
}

static uint8_t state_of_word(struct view word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (begins_with(word, words[i].word))
			return words[i].message_state;
	return STATE_UNKNOWN;
}

/* ---- receipt ---- */

static void id_take(struct view id, char out[SMPP_MESSAGE_ID_MAX])
{
	size_t len = 0;

	/* an id that is longer was cut in submit_sm_resp, too */
	while (len < id.len && len < SMPP_MESSAGE_ID_MAX - 1 && id.p[len])
		len++;
	if (len)
		memcpy(out, id.p, len);
	out[len] = '\0';
}

int smpp_receipt_decode(const struct smpp_message *m, struct smpp_receipt *out)
{
	uint8_t octets[TEXT_MAX];
	struct view text = text_of(m, octets);

	*out = (struct smpp_receipt){0};
	id_take(m->receipted_message_id[0] ? view_str(m->receipted_message_id)
					   : value_of(text, "id:"),
		out->message_id);
	out->message_state =
		m->has_message_state ? m->message_state : state_of_word(value_of(text, "stat:"));
	if (out->message_state >= sizeof(tp_statuses))
		out->message_state = STATE_UNKNOWN;
	out->tp_st = tp_statuses[out->message_state];
	return out->message_id[0] ? 0 : -EBADMSG;
}

void smpp_message_id_normalise(const char *id, char out[SMPP_MESSAGE_ID_MAX])
{
	size_t n = 0;

	while (id[0] == '0' && id[1])
		id++;
	for (; n < SMPP_MESSAGE_ID_MAX - 1 && id[n]; n++)
		out[n] = id[n] >= 'A' && id[n] <= 'Z' ? (char)(id[n] + ('a' - 'A')) : id[n];
	out[n] = '\0';
}
