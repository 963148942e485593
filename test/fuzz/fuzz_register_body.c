/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* register_body_read(). The first line of the input is the Content-Type, the rest the body. */

#include <stdlib.h>

#include "../../lib/cpm/register_body.h"

static uint8_t text[1 << 19];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_number(const char *msisdn)
{
	size_t n = strlen(msisdn);

	if (n == 0)
		return;
	require(msisdn[0] == '+' && n > 5 && n <= 16);
	require(strspn(msisdn + 1, "0123456789") == n - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *lf = size ? memchr(data, '\n', size) : NULL;
	size_t n = lf ? (size_t)(lf - data) : size;
	struct view type = {data, n}, body = {data + n, size - n};
	struct wbuf t = wbuf_of(text, sizeof(text));
	struct register_body b;
	int rc;

	if (lf)
		body = (struct view){lf + 1, size - n - 1};
	rc = register_body_read(type, body, &t, &b);
	require(rc == 0 || rc == -EBADMSG || rc == -ENOTSUP);
	require(rc == 0 || (t.len == 0 && !t.err));
	if (rc)
		return 0;
	require_number(b.msisdn);
	require(b.msisdn[0] == '\0' || b.service_info.len > 0);
	require(b.n_contacts <= REGISTER_CONTACTS_MAX && b.n_associated <= REGISTER_ASSOCIATED_MAX);
	for (unsigned i = 0; i < b.n_associated; i++)
		require(b.associated[i].len > 0);
	for (unsigned i = 0; i < b.n_contacts; i++)
		require(b.contact[i].uri.len && b.contact[i].expires_s >= -1);
	return 0;
}
