/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 *   preamble, ignored
 *   --boundary            delimiter line
 *   Content-Type: ..      header of the part, may be empty
 *   (empty line)
 *   body                  its last line end belongs to the delimiter
 *   --boundary--          close delimiter; what follows is ignored
 *
 * RFC 2046 5.1.1. A delimiter counts only as a whole line: "--boundary2" is text.
 */

#include "content.h"
#include "field.h"
#include "multipart.h"

struct delimiter {
	size_t at, end; /* octets in front of it; octets up to and with its line end */
	bool close;
};

/* Is the first line of in "--boundary" or "--boundary--"? Only then are end and close set. */
static bool delimiter_read(struct view in, struct view boundary, struct delimiter *d)
{
	struct view tail;
	const uint8_t *lf;
	size_t n = 2 + boundary.len;
	bool close;

	if (in.len < n || memcmp(in.p, "--", 2) != 0 ||
	    memcmp(in.p + 2, boundary.p, boundary.len) != 0)
		return false;
	tail = view_skip(in, n);
	close = tail.len >= 2 && memcmp(tail.p, "--", 2) == 0;
	if (close)
		tail = view_skip(tail, 2);
	lf = tail.len ? memchr(tail.p, '\n', tail.len) : NULL;
	if (lf)
		tail.len = (size_t)(lf - tail.p) + 1;
	if (field_trim(tail).len)
		return false;
	d->close = close;
	d->end = (size_t)(tail.p - in.p) + tail.len;
	return true;
}

static bool delimiter_find(struct view in, struct view boundary, struct delimiter *d)
{
	size_t at = 0;

	while (at < in.len) {
		struct view line = view_skip(in, at);
		const uint8_t *lf;

		if (delimiter_read(line, boundary, d)) {
			d->at = at;
			d->end += at;
			return true;
		}
		lf = memchr(line.p, '\n', line.len);
		if (!lf)
			return false;
		at += (size_t)(lf - line.p) + 1;
	}
	return false;
}

int multipart_open(struct multipart *m, struct view content_type, struct view body)
{
	struct delimiter d;

	*m = (struct multipart){.boundary = media_type_param(content_type, "boundary")};
	if (m->boundary.len == 0 || !delimiter_find(body, m->boundary, &d) || d.close)
		return -EBADMSG;
	m->rest = view_skip(body, d.end);
	m->closed = m->rest.len == 0;
	return 0;
}

static int part_read(struct view in, struct multipart_part *part)
{
	struct field f;
	int rc;

	*part = (struct multipart_part){0};
	while ((rc = field_next(&in, &f)) == 1) {
		if (view_ieq(f.name, VIEW("Content-Type")))
			part->content_type = f.value;
		else if (view_ieq(f.name, VIEW("Content-Transfer-Encoding")))
			part->transfer_encoding = f.value;
	}
	if (rc == -EBADMSG)
		return rc;
	part->body = in; /* no empty line: a header without a body (RFC 2046, body-part) */
	return 1;
}

int multipart_next(struct multipart *m, struct multipart_part *part)
{
	struct delimiter d = {.at = m->rest.len, .end = m->rest.len, .close = true};
	struct view in = m->rest;

	if (m->closed)
		return 0;
	if (delimiter_find(m->rest, m->boundary, &d)) {
		in.len = d.at;
		if (in.len && in.p[in.len - 1] == '\n')
			in.len--;
		if (in.len && in.len < d.at && in.p[in.len - 1] == '\r')
			in.len--;
	}
	m->rest = view_skip(m->rest, d.end);
	m->closed = d.close || m->rest.len == 0;
	return part_read(in, part);
}
