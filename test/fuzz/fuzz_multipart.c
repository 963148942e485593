/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* multipart_open() and multipart_next(): first line Content-Type, then the body. Parts lie in it one behind the other. */

#include <stdlib.h>

#include "../../lib/cpm/multipart.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_inside(struct view part, struct view whole)
{
	require(part.len == 0 || (part.p >= whole.p && part.p + part.len <= whole.p + whole.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *lf = size ? memchr(data, '\n', size) : NULL;
	struct view type = {data, lf ? (size_t)(lf - data) : size};
	struct view body = lf ? (struct view){lf + 1, size - type.len - 1} : VIEW("");
	const uint8_t *behind = body.p;
	struct multipart_part part;
	struct multipart m;
	int rc = multipart_open(&m, type, body);

	require(rc == 0 || rc == -EBADMSG);
	while (rc == 0 && (rc = multipart_next(&m, &part)) == 1) {
		require_inside(part.body, body);
		require_inside(part.content_type, body);
		require_inside(part.transfer_encoding, body);
		require(part.body.len == 0 || part.body.p >= behind);
		behind = part.body.len ? part.body.p + part.body.len : behind;
		rc = 0;
	}
	require(rc == 0 || rc == -EBADMSG);
	return 0;
}
