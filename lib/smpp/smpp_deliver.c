/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * deliver_sm, data_sm -> SMS-DELIVER, one or several.
 *
 *   short_message or message_payload: [ UDH if esm_class says so ] text
 *
 * Text in one TPDU keeps the header that came; sar_* become a concatenation element. What is too
 * long for one TPDU is cut here, with a concatenation of our own. That also befalls a segment that
 * would have to leave GSM 7 bit and does not fit as UCS-2: it becomes a message of its own rather
 * than lose a character.
 *
 * The reference of sar_* is cut to 8 bits: segments are made for a header of 6 octets (153
 * septets), and one of 7 would not leave them room.
 */

#include "smpp_sm_private.h"

#include "../sms/gsm7.h"
#include "../sms/udh.h"

enum { PARTS_MAX = 255, PROVISIONAL_TOTAL = PARTS_MAX };

/* ---- header ---- */

static int header_put(const struct smpp_deliver_iter *it, struct wbuf *w)
{
	struct udh_concat c = {
		.ref_bits = it->ref > 0xff ? 16 : 8,
		.ref = it->ref,
		.total = (uint8_t)it->total,
		.part = (uint8_t)(it->part + 1),
	};

	if (!it->concat) {
		wbuf_view(w, it->udh);
	} else {
		udh_concat_encode(w, &c);
		smpp_udh_other_elements(it->udh, w);
		if (!w->err)
			w->p[0] = (uint8_t)(w->len - 1);
	}
	return wbuf_end(w, 0);
}

/* ---- cutting ---- */

/* An ESC that is not the second of a pair wants the next septet with it. */
static size_t keep_escape_pair(struct view units, size_t n)
{
	size_t escapes = 0;

	while (escapes < n && units.p[n - 1 - escapes] == GSM7_ESC)
		escapes++;
	return n - escapes % 2;
}

static size_t keep_surrogate_pair(struct view units, size_t n)
{
	bool high = n >= 2 && (units.p[n - 2] & 0xfc) == 0xd8;

	return high && units.len >= n + 2 && (units.p[n] & 0xfc) == 0xdc ? n - 2 : n;
}

/* Octets of it->units that the next TPDU takes; everything that is left if it fits. */
static size_t chunk_octets(const struct smpp_deliver_iter *it, size_t header_octets)
{
	struct view left = {it->units.p + it->pos, it->units.len - it->pos};
	size_t room = header_octets < TP_UD_MAX ? TP_UD_MAX - header_octets : 0;

	switch (dcs_decode(it->tp_dcs).alphabet) {
	case SMS_ALPHABET_GSM7:
		room = room * 8 / 7;
		return left.len <= room ? left.len : keep_escape_pair(left, room);
	case SMS_ALPHABET_UCS2:
		return left.len <= room ? left.len : keep_surrogate_pair(left, room & ~(size_t)1);
	default:
		return left.len <= room ? left.len : room;
	}
}

static bool fits_one(const struct smpp_deliver_iter *it)
{
	uint8_t octets[TP_UD_MAX];
	struct wbuf header = wbuf_of(octets, sizeof(octets));

	return header_put(it, &header) == 0 && chunk_octets(it, header.len) == it->units.len;
}

/* A part of sar_* that is too long to say so. */
static bool fits_alone(struct smpp_deliver_iter *it)
{
	it->concat = false;
	it->part = 0;
	it->total = 1;
	return fits_one(it);
}

static int count_parts(struct smpp_deliver_iter *it)
{
	uint8_t octets[TP_UD_MAX];
	struct wbuf header = wbuf_of(octets, sizeof(octets));
	unsigned parts = 0;
	size_t n;

	it->total = PROVISIONAL_TOTAL;
	if (header_put(it, &header))
		return -EBADMSG;
	for (it->pos = 0; it->pos < it->units.len; it->pos += n, parts++) {
		n = chunk_octets(it, header.len);
		if (!n)
			return -EBADMSG;
	}
	it->pos = 0;
	it->total = parts ? parts : 1;
	return parts > PARTS_MAX ? -ENOTSUP : 0;
}

/* ---- begin ---- */

static int header_take(struct smpp_deliver_iter *it, struct view *content, struct udh *udh)
{
	*udh = (struct udh){0};
	if (!(it->m->esm_class & SMPP_ESM_UDHI))
		return 0;
	if (udh_decode(*content, udh))
		return -EBADMSG;
	it->udh = (struct view){content->p, udh->octets};
	content->p += udh->octets;
	content->len -= udh->octets;
	return 0;
}

/* Class and message waiting survive where there is a coding for them. */
static uint8_t dcs_of(uint8_t tp_dcs, enum sms_alphabet alphabet)
{
	struct dcs dcs = dcs_decode(tp_dcs);

	if (alphabet == dcs.alphabet)
		return tp_dcs;
	if (alphabet == SMS_ALPHABET_UCS2)
		return dcs.msg_class < 0 ? DCS_UCS2 : (uint8_t)(0x18 | dcs.msg_class);
	return DCS_GSM7;
}

static int text_take(struct smpp_deliver_iter *it, bool septets, struct view text,
		     struct wbuf *scratch)
{
	enum sms_alphabet alphabet;
	int rc = smpp_units_from_octets(text, septets, scratch, &it->units, &alphabet);

	it->tp_dcs = dcs_of(it->tp_dcs, alphabet);
	return rc;
}

static int units_take(struct smpp_deliver_iter *it, bool septets, struct view text,
		      struct wbuf *scratch)
{
	uint8_t coding = it->m->data_coding;

	it->units = text;
	switch (coding) {
	case 0:
		return text_take(it, septets, text, scratch);
	case 1: /* IA5 */
	case 3: /* Latin-1 */
		return text_take(it, false, text, scratch);
	case 2:
	case 4:
		it->tp_dcs = DCS_8BIT;
		return 0;
	case 8:
		it->tp_dcs = DCS_UCS2;
		return 0;
	}
	/* TP-DCS as it stands: with a class (reserved in SMPP, but sent), message waiting */
	if (coding >= 0xc0 || (coding & 0xf0) == 0x10)
		it->tp_dcs = coding;
	if (dcs_decode(it->tp_dcs).alphabet == SMS_ALPHABET_GSM7)
		return text_take(it, true, text, scratch);
	return 0;
}

static int sar_take(struct smpp_deliver_iter *it)
{
	const struct smpp_message *m = it->m;

	if (!m->sar_segment_seqnum || m->sar_segment_seqnum > m->sar_total_segments)
		return -EBADMSG;
	if (m->sar_total_segments == 1)
		return 0;
	it->concat = true;
	it->ref = m->sar_msg_ref_num & 0xff;
	it->part = m->sar_segment_seqnum - 1;
	it->total = m->sar_total_segments;
	return 0;
}

static bool address_valid(const struct smpp_deliver_iter *it)
{
	uint8_t octets[TP_ADDRESS_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	return !it->m->source_addr[0] || (it->oa.text[0] && tp_address_encode(&w, &it->oa) == 0);
}

static struct view content_of(const struct smpp_message *m)
{
	struct view v = m->has_message_payload && m->message_payload.len ? m->message_payload
									 : m->short_message;

	return v.len ? v : VIEW("");
}

int smpp_deliver_begin(struct smpp_deliver_iter *it, const struct smpp_sm_config *cfg,
		       const struct smpp_message *m, uint16_t ref, struct wbuf *scratch)
{
	struct view content = content_of(m);
	struct udh udh;
	int rc;

	*it = (struct smpp_deliver_iter){
		.m = m, .oa = smpp_source(m), .tp_pid = m->protocol_id, .total = 1};
	if (!address_valid(it) || header_take(it, &content, &udh))
		return -EBADMSG;
	rc = units_take(it,
			cfg->default_alphabet == SMPP_DEFAULT_GSM7 || smpp_udh_national(&udh),
			content, scratch);
	if (rc == 0 && m->has_sar && !udh.concat.ref_bits)
		rc = sar_take(it);
	if (rc || fits_one(it) || (it->concat && fits_alone(it)))
		return rc;
	it->concat = true;
	it->ref = ref;
	it->part = 0;
	return count_parts(it);
}

/* ---- next ---- */

static int user_data_build(const struct smpp_deliver_iter *it, struct wbuf *ud, uint8_t *tp_udl,
			   size_t *taken)
{
	struct view units;
	size_t header_octets;

	if (header_put(it, ud))
		return -EINVAL;
	header_octets = ud->len;
	*taken = chunk_octets(it, header_octets);
	units = (struct view){it->units.p + it->pos, *taken};
	if (dcs_decode(it->tp_dcs).alphabet != SMS_ALPHABET_GSM7) {
		*tp_udl = (uint8_t)(header_octets + units.len);
		wbuf_view(ud, units);
		return wbuf_end(ud, 0);
	}
	*tp_udl = (uint8_t)((header_octets * 8 + 6) / 7 + units.len);
	return gsm7_pack(ud, units, gsm7_fill_bits(header_octets));
}

int smpp_deliver_next(struct smpp_deliver_iter *it, const struct sms_time *now, struct wbuf *tpdu)
{
	const struct smpp_message *m = it->m;
	uint8_t octets[TP_UD_MAX];
	struct wbuf ud = wbuf_of(octets, sizeof(octets));
	struct tpdu_deliver d = {.tp_oa = it->oa, .tp_scts = *now};
	size_t taken;
	int rc;

	if (it->part == it->total)
		return 0;
	rc = user_data_build(it, &ud, &d.u.tp_udl, &taken);
	if (rc)
		return rc;
	d.u.tp_pid = it->tp_pid;
	d.u.tp_dcs = it->tp_dcs;
	d.u.tp_udhi = it->concat || it->udh.len;
	d.u.tp_ud = wbuf_written(&ud);
	d.tp_rp = m->esm_class & SMPP_ESM_REPLY_PATH;
	d.tp_sri = m->registered_delivery & 3;
	d.tp_mms = it->pos + taken < it->units.len ||
		   (m->has_more_messages && m->more_messages_to_send);
	rc = tpdu_deliver_encode(tpdu, &d);
	if (rc)
		return rc;
	it->pos += taken;
	it->part = it->pos == it->units.len ? it->total : it->part + 1;
	return 1;
}
