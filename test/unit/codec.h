/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../../lib/util/buf.h"
#include "test.h"

/* What every vector of every codec must stand: the mechanical checks, written once. */

struct codec {
	int (*encode)(struct wbuf *w, const void *value);
	int (*decode)(struct view in, void *value);
	size_t value_size;
};

enum { CODEC_OUT_MAX = 4096, CODEC_CANARY = 0xa5 };

/** Every smaller output size must give -ENOSPC, write nothing behind it and leave w->len alone. */
static inline void codec_check_no_space(const char *name, const struct codec *c, const void *value,
					size_t need)
{
	static uint8_t out[CODEC_OUT_MAX];

	for (size_t size = 2; size < need + 2; size++) {
		struct wbuf w = wbuf_of(out, size);
		bool clean = true;
		int err;

		memset(out, CODEC_CANARY, sizeof(out));
		w.len = 2; /* something stands there already */
		err = c->encode(&w, value);
		for (size_t i = size; i < sizeof(out); i++)
			clean &= out[i] == CODEC_CANARY;
		CHECK(err == -ENOSPC, "%s: %d for %zu of %zu octets", name, err, size - 2, need);
		CHECK(w.len == 2 && !w.err, "%s: size %zu leaves len %zu", name, size, w.len);
		CHECK(clean && out[0] == CODEC_CANARY && out[1] == CODEC_CANARY,
		      "%s: size %zu writes outside", name, size);
	}
}

/** Every proper prefix must be refused, but for those whose bit is set in good (bit n: n octets). */
static inline void codec_check_prefixes(const char *name, const struct codec *c, const uint8_t *p,
					size_t len, uint64_t good)
{
	void *value = malloc(c->value_size);

	for (size_t n = 0; n < len; n++) {
		uint8_t *exact = malloc(n ? n : 1);
		int expected = n < 64 && good >> n & 1 ? 0 : -EBADMSG, err;

		memcpy(exact, p, n);
		err = c->decode((struct view){exact, n}, value);
		CHECK(err == expected, "%s: %d for the first %zu of %zu octets", name, err, n, len);
		free(exact);
	}
	free(value);
}

/**
 * Decode hex into value, encode it to the same octets, and the two above.
 * @return the octets that value points into, to free()
 */
static inline uint8_t *codec_check(const char *name, const struct codec *c, const char *hex,
				   void *value, uint64_t good_prefixes)
{
	static uint8_t out[CODEC_OUT_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));
	size_t len;
	uint8_t *in = test_hex(hex, &len);
	int err = c->decode((struct view){in, len}, value);

	CHECK(err == 0, "%s: decode gives %d", name, err);
	if (err)
		return in;
	err = c->encode(&w, value);
	CHECK(err == 0, "%s: encode gives %d", name, err);
	CHECK(view_eq(wbuf_written(&w), (struct view){in, len}), "%s: other octets", name);
	if (!view_eq(wbuf_written(&w), (struct view){in, len})) {
		test_print_hex("expected", in, len);
		test_print_hex("encoded", out, w.len);
	}
	codec_check_prefixes(name, c, in, len, good_prefixes);
	codec_check_no_space(name, c, value, len);
	return in;
}

/** hex must be refused. */
static inline void codec_check_refused(const char *name, const struct codec *c, const char *hex)
{
	void *value = malloc(c->value_size);
	size_t len;
	uint8_t *in = test_hex(hex, &len);
	int err = c->decode((struct view){in, len}, value);

	CHECK(err == -EBADMSG, "%s: decode gives %d", name, err);
	free(in);
	free(value);
}
