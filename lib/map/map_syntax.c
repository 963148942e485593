/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Parameters of MAP by their tables (map_syntax.h; TS 29.002 17.7).
 *
 *   30 len | element | element ..    or one bare element, as old versions have it
 *
 * An element is taken for the first field of its tag that has not come yet, so that elements without a
 * context tag keep their order and all others may come in any. What fits no field is stepped over.
 */

#include "map_syntax.h"

/* ---- decode ---- */

static const struct map_field *field_of(const struct map_syntax *s, uint32_t tag, uint32_t seen)
{
	for (size_t i = 0; i < s->count; i++)
		if (!(seen >> i & 1) && map_field_has_tag(&s->fields[i], tag))
			return &s->fields[i];
	return NULL;
}

static bool is_required(const struct map_field *f, uint8_t version)
{
	return f->required && version >= f->required;
}

static int fields_missing(const struct map_syntax *s, uint8_t version, uint32_t seen)
{
	for (size_t i = 0; i < s->count; i++)
		if (!(seen >> i & 1) && is_required(&s->fields[i], version))
			return -ENODATA;
	return 0;
}

int map_fields_decode(struct view content, const struct map_syntax *s, uint8_t version, void *out)
{
	struct rbuf r = rbuf_of(content);
	struct ber_element e;
	uint32_t seen = 0;
	int err;

	while (ber_next(&r, &e)) {
		const struct map_field *f = field_of(s, e.tag, seen);

		if (!f)
			continue;
		seen |= (uint32_t)1 << (f - s->fields);
		err = map_field_decode(f, &e, version, (uint8_t *)out + f->offset);
		/* 29.002 17.7: what is optional and cannot be used is as if it were not there */
		if (err == -EBADMSG || (err && is_required(f, version)))
			return err;
	}
	return r.err ? r.err : fields_missing(s, version, seen);
}

/* Old versions have this one element; newer ones may need others beside it. */
static int bare_decode(const struct map_syntax *s, const struct ber_element *e, uint8_t version,
		       void *out)
{
	const struct map_field *f = s->bare;
	int err = map_field_decode(f, e, version, (uint8_t *)out + f->offset);

	for (size_t i = 0; i < s->count; i++)
		if (s->fields[i].offset != f->offset && is_required(&s->fields[i], version))
			return -ENODATA;
	return err == -EBADMSG || is_required(f, version) ? err : 0;
}

int map_syntax_decode(struct view in, const struct map_syntax *s, uint8_t version, void *out)
{
	struct rbuf r = rbuf_of(in);
	struct ber_element e;

	if (!in.len)
		return map_fields_decode(in, s, version, out);
	if (!ber_next(&r, &e) || rbuf_end(&r))
		return -EBADMSG;
	if (e.tag == BER_SEQUENCE)
		return map_fields_decode(e.value, s, version, out);
	if (!s->bare || !map_field_has_tag(s->bare, e.tag))
		return -EBADMSG;
	return bare_decode(s, &e, version, out);
}

/* ---- encode ---- */

static bool version_has(const struct map_field *f, uint8_t version)
{
	return version >= f->since && (!f->until || version <= f->until);
}

static bool is_written(const struct map_field *f, uint8_t version, const void *from)
{
	return version_has(f, version) &&
	       (is_required(f, version) || map_field_present(f, (const uint8_t *)from + f->offset));
}

int map_fields_encode(struct wbuf *w, const struct map_syntax *s, uint8_t version, const void *from)
{
	int err = 0;

	for (size_t i = 0; i < s->count && !err; i++)
		if (is_written(&s->fields[i], version, from))
			err = map_field_encode(w, &s->fields[i], version,
					       (const uint8_t *)from + s->fields[i].offset);
	return err;
}

static bool is_empty(const struct map_syntax *s, uint8_t version, const void *from)
{
	for (size_t i = 0; i < s->count; i++)
		if (is_written(&s->fields[i], version, from))
			return false;
	return true;
}

static int bare_encode(struct wbuf *w, const struct map_field *f, uint8_t version, const void *from)
{
	return is_written(f, version, from)
		       ? map_field_encode(w, f, version, (const uint8_t *)from + f->offset)
		       : 0;
}

static int sequence_encode(struct wbuf *w, const struct map_syntax *s, uint8_t version,
			   const void *from)
{
	size_t mark = ber_open(w, BER_SEQUENCE);
	int err = map_fields_encode(w, s, version, from);

	ber_close(w, mark);
	return err;
}

int map_syntax_encode(struct wbuf *w, const struct map_syntax *s, uint8_t version,
		      bool empty_is_nothing, const void *from)
{
	bool bare = s->bare && version <= s->bare_until;
	size_t mark = w->len;
	int err = 0, full;

	if (bare)
		err = bare_encode(w, s->bare, version, from);
	else if (!empty_is_nothing || !is_empty(s, version, from))
		err = sequence_encode(w, s, version, from);
	full = wbuf_end(w, mark);
	if (err)
		w->len = mark;
	return err ? err : full;
}
