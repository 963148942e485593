/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* BER (X.690): forms of tag and length, integers, and elements that grow while they are written. */

#include "map/ber.h"

#include "test.h"

/* ---- elements ---- */

static const struct {
	const char *name, *hex;
	uint32_t tag;
	const char *value; /* NULL: refused */
	const char *rest;  /* what stands behind the element */
} elements[] = {
	{"definite", "04 02 aa bb", 0x04, "aa bb", ""},
	{"empty", "05 00", 0x05, "", ""},
	{"something behind it", "02 01 07 05 00", 0x02, "07", "05 00"},
	{"length in long form, one octet", "04 81 02 aa bb", 0x04, "aa bb", ""},
	{"length in long form, four octets", "04 84 00 00 00 02 aa bb", 0x04, "aa bb", ""},
	{"tag of two octets", "9f 1f 01 aa", 0x9f1f, "aa", ""},
	{"tag of three octets", "bf 81 48 01 aa", 0xbf8148, "aa", ""},
	{"indefinite", "30 80 02 01 07 00 00", 0x30, "02 01 07", ""},
	{"indefinite, empty, something behind it", "a1 80 00 00 05 00", 0xa1, "", "05 00"},
	{"indefinite, tag of two octets", "bf 1f 80 05 00 00 00", 0xbf1f, "05 00", ""},
	{"indefinite inside indefinite", "30 80 a0 80 05 00 00 00 00 00 04 00", 0x30,
	 "a0 80 05 00 00 00", "04 00"},
	{"indefinite inside definite", "30 06 a0 80 05 00 00 00", 0x30, "a0 80 05 00 00 00", ""},
	{"zeros inside a value", "30 80 04 04 00 00 00 00 00 00", 0x30, "04 04 00 00 00 00", ""},
	{"nothing", "", 0, NULL, NULL},
	{"tag alone", "30", 0, NULL, NULL},
	{"length beyond the end", "04 03 aa bb", 0, NULL, NULL},
	{"long length beyond the end", "04 84 ff ff ff ff aa", 0, NULL, NULL},
	{"length of five octets", "04 85 00 00 00 00 01 aa", 0, NULL, NULL},
	{"length of 127 octets", "04 ff aa", 0, NULL, NULL},
	{"tag of four octets", "9f 81 81 01 00", 0, NULL, NULL},
	{"end of contents alone", "00 00", 0, NULL, NULL},
	{"indefinite without end", "30 80 02 01 07", 0, NULL, NULL},
	{"indefinite with half an end", "30 80 02 01 07 00", 0, NULL, NULL},
	{"end of contents with a length", "30 80 00 01 00 00 00", 0, NULL, NULL},
	{"indefinite, primitive", "04 80 02 01 07 00 00", 0, NULL, NULL},
	{"indefinite, primitive, inside", "30 80 04 80 00 00 00 00", 0, NULL, NULL},
};

static void test_elements(void)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		const char *name = elements[i].name;
		size_t len, value_len, rest_len;
		uint8_t *in = test_hex(elements[i].hex, &len);
		uint8_t *value = test_hex(elements[i].value ? elements[i].value : "", &value_len);
		uint8_t *rest = test_hex(elements[i].rest ? elements[i].rest : "", &rest_len);
		struct rbuf r = rbuf_of((struct view){in, len});
		struct ber_element e;
		bool there = ber_next(&r, &e);

		CHECK(there == (elements[i].value != NULL), "%s", name);
		CHECK(there || !len == !r.err, "%s: error %d", name, r.err);
		CHECK(e.tag == elements[i].tag, "%s: tag %x", name, e.tag);
		CHECK(view_eq(e.value, (struct view){value, value_len}), "%s: value", name);
		CHECK(!there || e.whole.len == len - rest_len, "%s: %zu octets", name, e.whole.len);
		CHECK(!there || view_eq(rbuf_rest(&r), (struct view){rest, rest_len}), "%s: rest",
		      name);
		free(in);
		free(value);
		free(rest);
	}
}

/* Sixteen indefinite lengths inside each other are read, seventeen are not. */
static void test_depth(void)
{
	for (size_t depth = 1; depth <= 40; depth++) {
		uint8_t *in = calloc(depth, 4);
		struct rbuf r = rbuf_of((struct view){in, depth * 4});
		struct ber_element e;

		for (size_t i = 0; i < depth; i++)
			memcpy(in + i * 2, "\x30\x80", 2);
		CHECK(ber_next(&r, &e) == (depth <= BER_DEPTH_MAX), "depth %zu", depth);
		free(in);
	}
}

static void test_unwrap(void)
{
	struct view v;

	CHECK(ber_unwrap(VIEW("\x30\x02\x05\x00"), BER_SEQUENCE, &v) == 0 && v.len == 2, "%zu",
	      v.len);
	CHECK(ber_unwrap(VIEW("\x31\x02\x05\x00"), BER_SEQUENCE, &v) == -EBADMSG, "another tag");
	CHECK(ber_unwrap(VIEW("\x30\x00\x05\x00"), BER_SEQUENCE, &v) == -EBADMSG, "two elements");
	CHECK(ber_unwrap((struct view){0}, BER_SEQUENCE, &v) == -EBADMSG, "none");
}

/* ---- integers ---- */

static const struct {
	int32_t value;
	const char *hex;
} integers[] = {
	{0, "02 01 00"},
	{1, "02 01 01"},
	{127, "02 01 7f"},
	{128, "02 02 00 80"},
	{255, "02 02 00 ff"},
	{256, "02 02 01 00"},
	{-1, "02 01 ff"},
	{-128, "02 01 80"},
	{-129, "02 02 ff 7f"},
	{32767, "02 02 7f ff"},
	{32768, "02 03 00 80 00"},
	{-32769, "02 03 ff 7f ff"},
	{8388607, "02 03 7f ff ff"},
	{8388608, "02 04 00 80 00 00"},
	{INT32_MAX, "02 04 7f ff ff ff"},
	{INT32_MIN, "02 04 80 00 00 00"},
};

static void test_integers(void)
{
	for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
		uint8_t out[8];
		struct wbuf w = wbuf_of(out, sizeof(out));
		size_t len;
		uint8_t *hex = test_hex(integers[i].hex, &len);
		int32_t back;

		ber_put_integer(&w, BER_INTEGER, integers[i].value);
		CHECK(view_eq(wbuf_written(&w), (struct view){hex, len}), "%d", integers[i].value);
		CHECK(ber_integer_decode((struct view){hex + 2, len - 2}, &back) == 0 &&
			      back == integers[i].value,
		      "%d comes back as %d", integers[i].value, back);
		free(hex);
	}
}

static void test_odd_integers(void)
{
	int32_t x;

	CHECK(ber_integer_decode(VIEW("\0\0\0\x07"), &x) == 0 && x == 7, "not the shortest: %d", x);
	CHECK(ber_integer_decode((struct view){0}, &x) == -EBADMSG, "empty");
	CHECK(ber_integer_decode(VIEW("\0\0\0\0\x07"), &x) == -EBADMSG, "five octets");
}

/* ---- writing ---- */

/* Lengths around each change of form; every smaller output is too small and is not overrun. */
static void test_nested(void)
{
	static const size_t sizes[] = {0,   1,	 123, 125, 126, 127,   128,
				       250, 253, 255, 256, 300, 65534, 65536};
	static uint8_t out[70000], data[65536];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out)), small;
		size_t outer = ber_open(&w, 0xbf8148), inner = ber_open(&w, BER_SEQUENCE);
		struct view v = {data, sizes[i]}, back;

		ber_put(&w, BER_OCTET_STRING, v);
		ber_close(&w, inner);
		ber_close(&w, outer);
		CHECK(!w.err, "%zu octets", sizes[i]);
		CHECK(ber_unwrap(wbuf_written(&w), 0xbf8148, &back) == 0 &&
			      ber_unwrap(back, BER_SEQUENCE, &back) == 0 &&
			      ber_unwrap(back, BER_OCTET_STRING, &back) == 0 && view_eq(back, v),
		      "%zu octets come back", sizes[i]);
		for (size_t room = w.len > 400 ? w.len - 400 : 0; room < w.len; room++) {
			small = wbuf_of(malloc(room + 1), room);
			outer = ber_open(&small, 0xbf8148);
			inner = ber_open(&small, BER_SEQUENCE);
			ber_put(&small, BER_OCTET_STRING, v);
			ber_close(&small, inner);
			ber_close(&small, outer);
			CHECK(small.err == -ENOSPC, "%zu octets into %zu", w.len, room);
			free(small.p);
		}
	}
}

int main(void)
{
	test_elements();
	test_depth();
	test_unwrap();
	test_integers();
	test_odd_integers();
	test_nested();
	return test_end("map_ber");
}
