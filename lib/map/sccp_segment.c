/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Segmentation and reassembly of connectionless data (Q.714 4.1.1.2).
 *
 * All segments but the last have the same length; each says how many follow. They go in protocol
 * class 1, which keeps their order; what was asked for stands in the segmentation parameter. The return
 * option is set in the first only, so that a failure is told once.
 */

#include "sccp_private.h"

/* ---- sending ---- */

static size_t addresses_octets(const struct sccp_message *m)
{
	return sccp_address_octets(&m->called) + sccp_address_octets(&m->calling);
}

/* Up to 254 octets, which every peer takes. */
static bool fits_udt(const struct sccp_message *m, size_t message_max)
{
	return m->data.len < SCCP_DATA_MAX &&
	       SCCP_UDT_FIXED + addresses_octets(m) + m->data.len <= message_max;
}

/* Data octets in a segment. */
static size_t segment_room(const struct sccp_message *m, size_t message_max)
{
	size_t addresses = addresses_octets(m),
	       fixed = SCCP_XUDT_FIXED + SCCP_OPTIONAL_SEGMENTATION + addresses;
	size_t room = message_max > fixed ? message_max - fixed : 0,
	       reach = SCCP_POINTER_REACH - addresses;

	return room < reach ? room : reach;
}

int sccp_segments_init(struct sccp_segments *s, const struct sccp_message *whole,
		       size_t message_max, uint32_t reference)
{
	size_t count;

	*s = (struct sccp_segments){.whole = *whole};
	if (whole->type != SCCP_UDT || whole->protocol_class > 1 || whole->segmentation.present ||
	    !whole->data.len || !sccp_address_valid(&whole->called) ||
	    !sccp_address_valid(&whole->calling))
		return -EINVAL;
	if (fits_udt(whole, message_max))
		return 0;
	s->segment_octets = segment_room(whole, message_max);
	if (!s->segment_octets || whole->data.len > SCCP_LONG_DATA_MAX)
		return -ENOSPC;
	count = (whole->data.len + s->segment_octets - 1) / s->segment_octets;
	s->whole.segmentation.reference = reference & SCCP_REFERENCE_MASK;
	return count > SCCP_SEGMENTS_MAX ? -ENOSPC : 0;
}

static size_t segment_len(const struct sccp_segments *s)
{
	size_t left = s->whole.data.len - s->sent;

	return left < s->segment_octets ? left : s->segment_octets;
}

bool sccp_segments_next(struct sccp_segments *s, struct sccp_message *out)
{
	size_t left;

	*out = s->whole;
	if (s->done)
		return false;
	if (!s->segment_octets) {
		s->done = true;
		return true;
	}
	out->type = SCCP_XUDT;
	out->protocol_class = 1;
	out->hop_counter = SCCP_HOP_COUNTER_MAX;
	out->return_on_error = s->whole.return_on_error && !s->sent;
	out->data = (struct view){s->whole.data.p + s->sent, segment_len(s)};
	s->sent += out->data.len;
	left = s->whole.data.len - s->sent;
	out->segmentation = (struct sccp_segmentation){
		.present = true,
		.first = s->sent == out->data.len,
		.in_sequence = s->whole.protocol_class == 1,
		.remaining = (uint8_t)((left + s->segment_octets - 1) / s->segment_octets),
		.reference = s->whole.segmentation.reference,
	};
	s->done = !left;
	return true;
}

/* ---- receiving ---- */

size_t sccp_reassembly_expire(struct sccp_reassembly *ra, uint64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < ra->slot_count; i++) {
		if (!ra->slots[i].used || now_ms < ra->slots[i].deadline_ms)
			continue;
		ra->slots[i].used = false;
		n++;
	}
	ra->expired += n;
	return n;
}

static struct sccp_reassembly_slot *slot_of(const struct sccp_reassembly *ra,
					    const struct sccp_message *segment)
{
	for (size_t i = 0; i < ra->slot_count; i++)
		if (ra->slots[i].used &&
		    ra->slots[i].reference == segment->segmentation.reference &&
		    sccp_address_eq(&ra->slots[i].calling, &segment->calling))
			return &ra->slots[i];
	return NULL;
}

/* Segments follow each other at once: who has waited longest is the least likely to be completed. */
static struct sccp_reassembly_slot *slot_free(struct sccp_reassembly *ra)
{
	struct sccp_reassembly_slot *oldest = NULL;

	for (size_t i = 0; i < ra->slot_count; i++) {
		struct sccp_reassembly_slot *slot = &ra->slots[i];

		if (!slot->used)
			return slot;
		if (!oldest || slot->deadline_ms < oldest->deadline_ms)
			oldest = slot;
	}
	if (oldest)
		ra->dropped++;
	return oldest;
}

static int drop(struct sccp_reassembly *ra, struct sccp_reassembly_slot *slot, int err)
{
	if (slot)
		slot->used = false;
	ra->dropped++;
	return err;
}

static void slot_open(struct sccp_reassembly_slot *slot, uint64_t deadline_ms,
		      const struct sccp_message *segment)
{
	slot->used = true;
	slot->calling = segment->calling;
	slot->reference = segment->segmentation.reference;
	slot->remaining = segment->segmentation.remaining;
	slot->deadline_ms = deadline_ms;
	slot->len = 0;
}

static int slot_add(struct sccp_reassembly *ra, struct sccp_reassembly_slot *slot, struct view data)
{
	if (data.len > sizeof(slot->data) - slot->len)
		return drop(ra, slot, -ENOSPC);
	memcpy(slot->data + slot->len, data.p, data.len);
	slot->len += data.len;
	return slot->remaining ? -EAGAIN : 0;
}

static struct sccp_message joined(const struct sccp_reassembly_slot *slot,
				  const struct sccp_message *last)
{
	struct sccp_message m = *last;

	m.protocol_class = last->segmentation.in_sequence ? 1 : 0;
	m.data = (struct view){slot->data, slot->len};
	m.segmentation = (struct sccp_segmentation){0};
	return m;
}

/* A first segment begins anew, even if an older message with its reference was never completed. */
static int take(struct sccp_reassembly *ra, struct sccp_reassembly_slot **slot, uint64_t now_ms,
		const struct sccp_message *segment)
{
	const struct sccp_segmentation *s = &segment->segmentation;

	if (s->first) {
		if (*slot)
			ra->dropped++;
		else
			*slot = slot_free(ra);
		if (!*slot)
			return drop(ra, NULL, -ENOSPC);
		slot_open(*slot, now_ms + ra->timeout_ms, segment);
	} else if (!*slot || s->remaining + 1 != (*slot)->remaining) {
		return drop(ra, *slot, -EBADMSG);
	}
	(*slot)->remaining = s->remaining;
	return slot_add(ra, *slot, segment->data);
}

int sccp_reassemble(struct sccp_reassembly *ra, uint64_t now_ms, const struct sccp_message *segment,
		    struct sccp_message *whole)
{
	struct sccp_reassembly_slot *slot;
	int err;

	*whole = *segment;
	sccp_reassembly_expire(ra, now_ms);
	if (!segment->segmentation.present)
		return 0;
	slot = slot_of(ra, segment);
	err = take(ra, &slot, now_ms, segment);
	if (err)
		return err;
	slot->used = false;
	*whole = joined(slot, segment);
	return 0;
}
