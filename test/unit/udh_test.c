/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* User data header: TS 23.040 9.2.3.24. */

#include "sms/udh.h"

#include "test.h"

static const struct {
	const char *name, *hex;
	struct udh want;
} headers[] = {
	/* clang-format off */
	{"empty header", "00", {.octets = 1}},
	{"8-bit reference", "05 00 03 a4 02 01", {.concat = {8, 0xa4, 2, 1}, .octets = 6}},
	{"16-bit reference", "06 08 04 01 a4 02 01", {.concat = {16, 0x1a4, 2, 1}, .octets = 7}},
	{"last part of 255", "05 00 03 00 ff ff", {.concat = {8, 0, 255, 255}, .octets = 6}},
	{"one of one", "05 00 03 07 01 01", {.concat = {8, 7, 1, 1}, .octets = 6}},
	{"part 0 is ignored", "05 00 03 a4 02 00", {.octets = 6}},
	{"part above total is ignored", "05 00 03 a4 02 03", {.octets = 6}},
	{"total 0 is ignored", "05 00 03 a4 00 00", {.octets = 6}},
	{"concatenation too short is ignored", "04 00 02 a4 02", {.octets = 5}},
	{"concatenation too long is ignored", "06 00 04 a4 02 01 00", {.octets = 7}},
	{"concatenation of no octets is ignored", "02 08 00", {.octets = 3}},
	{"the last concatenation stands", "0b 00 03 a4 02 01 08 04 01 a4 03 02",
	 {.concat = {16, 0x1a4, 3, 2}, .octets = 12}},
	{"the last valid concatenation stands", "0a 00 03 a4 02 01 00 03 a5 02 03",
	 {.concat = {8, 0xa4, 2, 1}, .octets = 11}},
	{"8-bit ports", "04 04 02 f0 f1", {.has_port = true, .octets = 5}},
	{"16-bit ports", "06 05 04 0b 84 23 f0", {.has_port = true, .octets = 7}},
	{"port of a wrong length is ignored", "03 05 01 0b", {.octets = 4}},
	{"ports, then concatenation", "0b 05 04 0b 84 23 f0 00 03 11 02 02",
	 {.concat = {8, 0x11, 2, 2}, .has_port = true, .octets = 12}},
	{"single shift", "03 24 01 01", {.single_shift = 1, .octets = 4}},
	{"both shifts", "06 24 01 03 25 01 0d",
	 {.single_shift = 3, .locking_shift = 13, .octets = 7}},
	{"shift of a wrong length is ignored", "04 24 02 01 02", {.octets = 5}},
	{"unknown element before", "08 70 01 ff 00 03 09 02 02",
	 {.concat = {8, 9, 2, 2}, .octets = 9}},
	{"element of no octets before", "07 23 00 00 03 09 02 02",
	 {.concat = {8, 9, 2, 2}, .octets = 8}},
	/* clang-format on */
};

static const struct {
	const char *name, *hex;
} refused[] = {
	{"no octet at all", ""},
	{"header over the end of TP-UD", "06 00 03 a4 02 01"},
	{"UDHL ff", "ff 00 03 a4 02 01"},
	{"element over the end of the header, not of TP-UD", "04 00 03 a4 02 01"},
	{"element without a length", "01 00"},
	{"octet behind the last element", "06 00 03 a4 02 01 08"},
	{"IEDL ff", "05 00 ff a4 02 01"},
};

static bool same(const struct udh *a, const struct udh *b)
{
	return a->concat.ref_bits == b->concat.ref_bits && a->concat.ref == b->concat.ref &&
	       a->concat.total == b->concat.total && a->concat.part == b->concat.part &&
	       a->has_port == b->has_port && a->single_shift == b->single_shift &&
	       a->locking_shift == b->locking_shift && a->octets == b->octets;
}

static void check_header(const char *name, const char *hex, const struct udh *want)
{
	size_t len;
	uint8_t *in = test_hex(hex, &len), *long_in = malloc(len + 3);
	struct udh got;

	memset(&got, 0xff, sizeof(got));
	CHECK(udh_decode((struct view){in, len}, &got) == 0 && same(&got, want), "%s", name);
	memcpy(long_in, in, len);
	memcpy(long_in + len, "\x00\x03\x41", 3); /* text, not an element */
	CHECK(udh_decode((struct view){long_in, len + 3}, &got) == 0 && same(&got, want),
	      "%s, then text", name);
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *head = malloc(cut ? cut : 1);
		struct view v = {memcpy(head, in, cut), cut};

		CHECK(udh_decode(v, &got) == -EBADMSG, "%s: %zu octets", name, cut);
		free(head);
	}
	free(long_in);
	free(in);
}

static void check_encoded(struct udh_concat c)
{
	uint8_t out[8];
	struct wbuf w = wbuf_of(out, sizeof(out));
	size_t len = c.ref_bits == 8 ? UDH_CONCAT8_OCTETS : UDH_CONCAT16_OCTETS;
	struct udh want = {.concat = c, .octets = len}, got;

	CHECK(udh_concat_encode(&w, &c) == 0 && w.len == len, "%d %d", c.total, c.part);
	CHECK(udh_decode(wbuf_written(&w), &got) == 0 && same(&got, &want), "%d %d", c.total,
	      c.part);
	for (size_t size = 0; size < len; size++) {
		memset(out, 0xcc, sizeof(out));
		w = wbuf_of(out, size);
		CHECK(udh_concat_encode(&w, &c) == -ENOSPC && w.len == 0 && out[size] == 0xcc,
		      "room for %zu", size);
	}
}

static const struct {
	struct udh h;
	const char *hex;
} encoded[] = {
	{{.octets = 9}, ""},
	{{.concat = {8, 0xa4, 2, 1}}, "05 00 03 a4 02 01"},
	{{.single_shift = 1}, "03 24 01 01"},
	{{.locking_shift = 13}, "03 25 01 0d"},
	{{.single_shift = 1, .locking_shift = 2}, "06 24 01 01 25 01 02"},
	{{.concat = {8, 0xa4, 2, 1}, .locking_shift = 3}, "08 00 03 a4 02 01 25 01 03"},
	{{.concat = {16, 0x1a4, 2, 1}, .single_shift = 1, .locking_shift = 1},
	 "0c 08 04 01 a4 02 01 24 01 01 25 01 01"},
};

static void check_languages(void)
{
	for (size_t i = 0; i < sizeof(encoded) / sizeof(encoded[0]); i++) {
		uint8_t out[16];
		struct wbuf w = wbuf_of(out, sizeof(out));
		size_t len;
		uint8_t *want = test_hex(encoded[i].hex, &len);
		struct udh want_udh = encoded[i].h, got;

		CHECK(udh_encode(&w, &encoded[i].h) == 0 &&
			      view_eq(wbuf_written(&w), (struct view){want, len}),
		      "%s", encoded[i].hex);
		want_udh.octets = len;
		CHECK(!len || (udh_decode(wbuf_written(&w), &got) == 0 && same(&got, &want_udh)),
		      "%s: decoded", encoded[i].hex);
		for (size_t size = 0; size < len; size++) {
			memset(out, 0xcc, sizeof(out));
			w = wbuf_of(out, size);
			CHECK(udh_encode(&w, &encoded[i].h) == -ENOSPC && w.len == 0 &&
				      out[size] == 0xcc,
			      "%s: room for %zu", encoded[i].hex, size);
		}
		free(want);
	}
}

static void check_invalid(struct udh_concat c)
{
	uint8_t out[8];
	struct wbuf w = wbuf_of(out, sizeof(out));

	CHECK(udh_concat_encode(&w, &c) == -EINVAL && w.len == 0, "%d bits, part %d of %d",
	      c.ref_bits, c.part, c.total);
	CHECK(!c.ref_bits || (udh_encode(&w, &(struct udh){.concat = c}) == -EINVAL && w.len == 0),
	      "%d bits, part %d of %d", c.ref_bits, c.part, c.total);
}

int main(void)
{
	struct udh out;

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		check_header(headers[i].name, headers[i].hex, &headers[i].want);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		size_t len;
		uint8_t *in = test_hex(refused[i].hex, &len);

		CHECK(udh_decode((struct view){in, len}, &out) == -EBADMSG, "%s", refused[i].name);
		CHECK(out.concat.ref_bits == 0 && !out.has_port, "%s: header not ignored",
		      refused[i].name);
		free(in);
	}
	check_encoded((struct udh_concat){8, 0xa4, 2, 1});
	check_encoded((struct udh_concat){8, 0, 255, 255});
	check_encoded((struct udh_concat){16, 0x1a4, 2, 2});
	check_encoded((struct udh_concat){16, 0xffff, 255, 1});
	check_languages();
	check_invalid((struct udh_concat){0, 1, 2, 1});
	check_invalid((struct udh_concat){7, 1, 2, 1});
	check_invalid((struct udh_concat){24, 1, 2, 1});
	check_invalid((struct udh_concat){8, 1, 2, 0});
	check_invalid((struct udh_concat){8, 1, 2, 3});
	check_invalid((struct udh_concat){16, 1, 0, 0});
	return test_end("udh");
}
