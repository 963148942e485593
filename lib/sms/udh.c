/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * User data header (TS 23.040 9.2.3.24): reads the elements that the gateway acts on,
 * steps over all others, writes concatenation (9.2.3.24.1, 9.2.3.24.8) and national
 * languages (9.2.3.24.15, 9.2.3.24.16). An element of a length that is not its own is
 * stepped over as an unknown one.
 *
 *   05 00 03 rr tt pp       06 08 04 rr rr tt pp       06 24 01 ss 25 01 ll
 */

#include "udh.h"

static void take_concat(struct rbuf *ied, uint8_t ref_bits, struct udh *out)
{
	struct udh_concat c = {.ref_bits = ref_bits};

	c.ref = (uint16_t)rbuf_uint(ied, ref_bits / 8);
	c.total = rbuf_u8(ied);
	c.part = rbuf_u8(ied);
	if (rbuf_end(ied) == 0 && c.part > 0 && c.part <= c.total)
		out->concat = c;
}

static void take_port(struct rbuf *ied, size_t octets, struct udh *out)
{
	rbuf_view(ied, octets);
	if (rbuf_end(ied) == 0)
		out->has_port = true;
}

static void take_language(struct rbuf *ied, uint8_t *language)
{
	uint8_t id = rbuf_u8(ied);

	if (rbuf_end(ied) == 0)
		*language = id;
}

static void take_element(uint8_t iei, struct view value, struct udh *out)
{
	struct rbuf ied = rbuf_of(value);

	switch (iei) {
	case UDH_IEI_CONCAT8:
		take_concat(&ied, 8, out);
		break;
	case UDH_IEI_CONCAT16:
		take_concat(&ied, 16, out);
		break;
	case UDH_IEI_PORT8:
		take_port(&ied, 2, out);
		break;
	case UDH_IEI_PORT16:
		take_port(&ied, 4, out);
		break;
	case UDH_IEI_SINGLE_SHIFT:
		take_language(&ied, &out->single_shift);
		break;
	case UDH_IEI_LOCKING_SHIFT:
		take_language(&ied, &out->locking_shift);
		break;
	default:
		break;
	}
}

int udh_decode(struct view ud, struct udh *out)
{
	struct rbuf r = rbuf_of(ud);
	uint8_t udhl = rbuf_u8(&r);
	struct rbuf header = rbuf_of(rbuf_view(&r, udhl));

	*out = (struct udh){.octets = (size_t)udhl + 1};
	while (rbuf_left(&header)) {
		uint8_t iei = rbuf_u8(&header);
		struct view ied = rbuf_view(&header, rbuf_u8(&header));

		take_element(iei, ied, out);
	}
	if (!r.err && rbuf_end(&header) == 0)
		return 0;
	*out = (struct udh){0}; /* 9.2.3.24: the whole header is ignored */
	return -EBADMSG;
}

static void put_concat(struct wbuf *w, const struct udh_concat *c)
{
	size_t ref_octets = c->ref_bits / 8;

	wbuf_u8(w, c->ref_bits == 8 ? UDH_IEI_CONCAT8 : UDH_IEI_CONCAT16);
	wbuf_u8(w, (uint8_t)(ref_octets + 2)); /* IEDL */
	wbuf_uint(w, c->ref, ref_octets);
	wbuf_u8(w, c->total);
	wbuf_u8(w, c->part);
}

static void put_language(struct wbuf *w, uint8_t iei, uint8_t language)
{
	if (!language)
		return;
	wbuf_u8(w, iei);
	wbuf_u8(w, 1);
	wbuf_u8(w, language);
}

static bool concat_valid(const struct udh_concat *c)
{
	return (c->ref_bits == 8 || c->ref_bits == 16) && c->part > 0 && c->part <= c->total;
}

int udh_encode(struct wbuf *w, const struct udh *h)
{
	size_t mark = w->len;
	uint8_t *udhl;

	if (h->concat.ref_bits && !concat_valid(&h->concat))
		return -EINVAL;
	if (!h->concat.ref_bits && !h->single_shift && !h->locking_shift)
		return 0;
	udhl = wbuf_room(w, 1);
	if (h->concat.ref_bits)
		put_concat(w, &h->concat);
	put_language(w, UDH_IEI_SINGLE_SHIFT, h->single_shift);
	put_language(w, UDH_IEI_LOCKING_SHIFT, h->locking_shift);
	if (udhl)
		*udhl = (uint8_t)(w->len - mark - 1);
	return wbuf_end(w, mark);
}

int udh_concat_encode(struct wbuf *w, const struct udh_concat *c)
{
	return concat_valid(c) ? udh_encode(w, &(struct udh){.concat = *c}) : -EINVAL;
}
