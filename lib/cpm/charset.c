/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Any charset to Unicode through iconv(3), which is in the C library; with it an exception in lib:
 * an open converter holds memory. Text goes through in small pieces, so the output is never larger than
 * the buffers here. Names come from the network: only the letters of MIME charsets (RFC 2978
 * 2.3) are let through, so no "//TRANSLIT", and no name that means something of this machine.
 */

#include <iconv.h>

#include "../util/utf8.h"
#include "charset.h"

static const char *const local_names[] = {"char", "wchar_t", "internal"};

static bool is_name(struct view name)
{
	for (size_t i = 0; i < sizeof(local_names) / sizeof(local_names[0]); i++)
		if (view_ieq(name, view_str(local_names[i])))
			return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.p[i], lower = c | 0x20;

		if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') &&
		    !memchr("_-.:()", c, 6))
			return false;
	}
	return name.len > 0 && name.len <= CHARSET_NAME_MAX;
}

int charset_open(struct charset_reader *r, struct view name)
{
	char terminated[CHARSET_NAME_MAX + 1] = "";

	*r = (struct charset_reader){0};
	if (!is_name(name))
		return -ENOTSUP;
	memcpy(terminated, name.p, name.len);
	errno = 0;
	r->iconv = iconv_open("UTF-8", terminated);
	if (r->iconv != (iconv_t)-1)
		return 0;
	return errno == ENOMEM ? -ENOMEM : -ENOTSUP;
}

void charset_close(struct charset_reader *r)
{
	iconv_close(r->iconv);
}

static int octets_fill(struct charset_reader *r, struct transfer *t)
{
	uint8_t octet;

	while (!r->in_ended && r->n_in < sizeof(r->in)) {
		int rc = transfer_next(t, &octet);

		if (rc < 0)
			return rc;
		r->in_ended = rc == 0;
		if (rc == 1)
			r->in[r->n_in++] = (char)octet;
	}
	return 0;
}

/* One call of iconv(): it must either take or give something, else the text ends within a character. */
static int octets_convert(struct charset_reader *r)
{
	char *in = r->in, *out = (char *)r->out;
	size_t in_left = r->n_in, out_left = sizeof(r->out);
	bool flush = r->in_ended && r->n_in == 0;
	size_t rc = iconv(r->iconv, flush ? NULL : &in, &in_left, &out, &out_left);

	if (rc == (size_t)-1 && errno == EILSEQ)
		return -EILSEQ;
	if (!flush && in_left == r->n_in && out_left == sizeof(r->out))
		return -EILSEQ;
	memmove(r->in, in, in_left);
	r->n_in = in_left;
	r->ready = (struct view){r->out, sizeof(r->out) - out_left};
	r->ended = flush;
	return 0;
}

int charset_next(struct charset_reader *r, struct transfer *t, uint32_t *cp)
{
	while (r->ready.len == 0) {
		int rc = r->ended ? 0 : octets_fill(r, t);

		if (r->ended || rc)
			return rc;
		rc = octets_convert(r);
		if (rc)
			return rc;
	}
	return utf8_next(&r->ready, cp);
}
