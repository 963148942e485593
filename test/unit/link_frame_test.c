/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Frames of the link: docs/link-protocol.md. */

#include "../../lib/link/link_frame.h"
#include "codec.h"

static int encode(struct wbuf *w, const void *f)
{
	return link_frame_encode(w, f);
}

static int decode(struct view in, void *f)
{
	return link_frame_decode(in, f);
}

static const struct codec LINK = {encode, decode, sizeof(struct link_frame)};

/* ---- vectors ---- */

static const struct {
	const char *name, *hex;
	struct link_frame f;
} VECTORS[] = {
	{"PING", "00 00 00 09 06 00 00 00 00 00 00 00 00", {.type = LINK_PING}},
	{"PONG", "00 00 00 09 07 FF FF FF FF FF FF FF FE", {.type = LINK_PONG, .ref = UINT64_MAX - 1}},
	{"HELLO",
	 "00 00 00 20 01 00 00 00 00 00 00 00 00 01 00 01 01 02 00 04 67 77 2D 31 03 00 02 64 62 "
	 "04 00 04 00 00 00 64",
	 {.type = LINK_HELLO, .version = 1, .node = VIEW("gw-1"), .store = VIEW("db"), .window = 100}},
	{"DATA to the connector",
	 "00 00 00 24 02 00 00 00 00 00 00 12 67 05 00 02 00 2A 06 00 04 2B 34 39 31 08 00 01 61 "
	 "0A 00 01 01 0E 00 04 00 01 51 80",
	 {.type = LINK_DATA, .ref = 4711, .rp = VIEW("\x00\x2a"), .oa = VIEW("+491"), .smsc = VIEW("a"),
	  .flags = LINK_FLAG_RESUBMIT, .validity_s = 86400}},
	{"DATA from the connector",
	 "00 00 00 1D 02 00 00 00 00 00 00 00 01 05 00 02 01 11 07 00 04 2B 34 39 31 09 00 01 37 0A 00 01 20",
	 {.type = LINK_DATA, .ref = 1, .rp = VIEW("\x01\x11"), .da = VIEW("+491"), .smsc_id = VIEW("7"),
	  .flags = LINK_FLAG_REPORT}},
	{"report of an unknown form",
	 "00 00 00 20 02 00 00 00 00 00 00 00 02 05 00 02 01 11 09 00 02 31 30 0A 00 01 20 10 00 01 61 "
	 "11 00 02 31 36",
	 {.type = LINK_DATA, .ref = 2, .rp = VIEW("\x01\x11"), .smsc_id = VIEW("10"), .smsc_id_2 = VIEW("a"),
	  .smsc_id_3 = VIEW("16"), .flags = LINK_FLAG_REPORT}},
	{"ERROR",
	 "00 00 00 23 04 00 00 00 00 00 00 12 67 0A 00 01 02 0B 00 04 00 00 00 58 0C 00 04 00 00 03 E8 "
	 "0D 00 05 62 75 73 79 21",
	 {.type = LINK_ERROR, .ref = 4711, .flags = LINK_FLAG_TEMPORARY, .status = 0x58, .retry_ms = 1000,
	  .reason = VIEW("busy!")}},
	{"ACK of one that the recipient has",
	 "00 00 00 1A 03 00 00 00 00 00 00 12 67 05 00 02 02 67 08 00 01 6D 09 00 01 78 0A 00 01 40",
	 {.type = LINK_ACK, .ref = 4711, .rp = VIEW("\x02\x67"), .smsc = VIEW("m"), .smsc_id = VIEW("x"),
	  .flags = LINK_FLAG_DELIVERED}},
	{"ERROR of the module",
	 "00 00 00 15 04 00 00 00 00 00 00 00 07 05 00 02 04 07 0B 00 04 00 00 01 E0",
	 {.type = LINK_ERROR, .ref = 7, .rp = VIEW("\x04\x07"), .status = 480}},
	{"QUERY", "00 00 00 10 08 00 00 00 00 00 00 00 05 07 00 04 2B 34 39 31",
	 {.type = LINK_QUERY, .ref = 5, .da = VIEW("+491")}},
	{"USER who is registered", "00 00 00 14 09 00 00 00 00 00 00 00 05 07 00 04 2B 34 39 31 0A 00 01 10",
	 {.type = LINK_USER, .ref = 5, .da = VIEW("+491"), .flags = LINK_FLAG_UP}},
	{"USER who is gone", "00 00 00 10 09 00 00 00 00 00 00 00 00 07 00 04 2B 34 39 31",
	 {.type = LINK_USER, .da = VIEW("+491")}},
	{"ALERT", "00 00 00 10 0A 00 00 00 00 00 00 00 00 07 00 04 2B 34 39 32",
	 {.type = LINK_ALERT, .da = VIEW("+492")}},
	{"UNHEARD", "00 00 00 09 0B 00 00 00 00 00 00 00 05", {.type = LINK_UNHEARD, .ref = 5}},
};

static void check_equal(const char *name, const struct link_frame *a, const struct link_frame *b)
{
	CHECK(a->type == b->type && a->ref == b->ref, "%s", name);
	CHECK(a->version == b->version && a->flags == b->flags, "%s", name);
	CHECK(a->window == b->window && a->status == b->status, "%s", name);
	CHECK(a->retry_ms == b->retry_ms && a->validity_s == b->validity_s && a->session == b->session, "%s", name);
	CHECK(view_eq(a->node, b->node) && view_eq(a->store, b->store), "%s", name);
	CHECK(view_eq(a->rp, b->rp) && view_eq(a->oa, b->oa) && view_eq(a->da, b->da), "%s", name);
	CHECK(view_eq(a->smsc, b->smsc) && view_eq(a->smsc_id, b->smsc_id), "%s", name);
	CHECK(view_eq(a->smsc_id_2, b->smsc_id_2) && view_eq(a->smsc_id_3, b->smsc_id_3), "%s", name);
	CHECK(view_eq(a->reason, b->reason), "%s", name);
}

static void test_vectors(void)
{
	for (size_t i = 0; i < sizeof(VECTORS) / sizeof(VECTORS[0]); i++) {
		struct link_frame f;
		uint8_t *in = codec_check(VECTORS[i].name, &LINK, VECTORS[i].hex, &f, 0);

		check_equal(VECTORS[i].name, &f, &VECTORS[i].f);
		free(in);
	}
}

/* Each field by itself, all bits set, so that two swapped rows of the table show. */
static void test_each_field(void)
{
	const struct link_frame FRAMES[] = {
		{.version = 0xff},	{.flags = 0xff},	     {.window = UINT32_MAX},
		{.status = UINT32_MAX}, {.retry_ms = UINT32_MAX},    {.validity_s = UINT32_MAX},
		{.node = VIEW("node")}, {.store = VIEW("store")},    {.rp = VIEW("rp")},
		{.oa = VIEW("oa")},	{.da = VIEW("da")},	     {.smsc = VIEW("smsc")},
		{.smsc_id = VIEW("i")}, {.reason = VIEW("reason")}, {.session = UINT32_MAX},
		{.smsc_id_2 = VIEW("2")}, {.smsc_id_3 = VIEW("3")},
	};
	static const uint8_t TAGS[] = {LINK_TAG_VERSION, LINK_TAG_FLAGS,    LINK_TAG_WINDOW,
				       LINK_TAG_STATUS,	 LINK_TAG_RETRY_MS, LINK_TAG_VALIDITY_S,
				       LINK_TAG_NODE,	 LINK_TAG_STORE,    LINK_TAG_RP,
				       LINK_TAG_OA,	 LINK_TAG_DA,	    LINK_TAG_SMSC,
				       LINK_TAG_SMSC_ID, LINK_TAG_REASON,   LINK_TAG_SESSION,
				       LINK_TAG_SMSC_ID_2, LINK_TAG_SMSC_ID_3};

	for (size_t i = 0; i < sizeof(TAGS); i++) {
		uint8_t out[64];
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct link_frame back;

		CHECK(link_frame_encode(&w, &FRAMES[i]) == 0, "tag %d", TAGS[i]);
		CHECK(w.len > LINK_HEADER_OCTETS && out[LINK_HEADER_OCTETS] == TAGS[i], "tag %d: %d", TAGS[i],
		      out[LINK_HEADER_OCTETS]);
		CHECK(link_frame_decode(wbuf_written(&w), &back) == 0, "tag %d", TAGS[i]);
		check_equal("each field", &back, &FRAMES[i]);
	}
}

/* ---- reading ---- */

#define HEAD(len) "00 00 " len " 02 00 00 00 00 00 00 00 01 "

static const struct {
	const char *name, *hex;
} REFUSED[] = {
	{"shorter than a header", "00 00 00 08 06 00 00 00 00 00 00 00"},
	{"length above the limit", "00 00 07 FD 06 00 00 00 00 00 00 00 00"},
	{"length of all ones", "FF FF FF FF 06 00 00 00 00 00 00 00 00"},
	{"octet behind the frame", "00 00 00 09 06 00 00 00 00 00 00 00 00 00"},
	{"tag alone", HEAD("00 0A") "05"},
	{"half a length", HEAD("00 0B") "05 00"},
	{"value longer than the frame", HEAD("00 0D") "05 00 02 41"},
	{"number too short", HEAD("00 0F") "04 00 03 00 00 01"},
	{"number too long", HEAD("00 11") "04 00 05 00 00 00 00 01"},
	{"flags of two octets", HEAD("00 0E") "0A 00 02 00 01"},
	{"flags of none", HEAD("00 0C") "0A 00 00"},
	{"unknown tag over the end", HEAD("00 0C") "63 00 01"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
		codec_check_refused(REFUSED[i].name, &LINK, REFUSED[i].hex);
}

static void test_lenient(void)
{
	static const char hex[] = HEAD("00 00") "63 00 02 AA BB 0D 00 00 00 00 00 0D 00 03 6F 6E 65 "
						"0D 00 03 74 77 6F FF 00 00 ";
	struct link_frame f;
	size_t len;
	uint8_t *in = test_hex(hex, &len);

	in[3] = (uint8_t)(len - 4);
	CHECK(link_frame_decode((struct view){in, len}, &f) == 0, "unknown and repeated tags");
	CHECK(view_eq(f.reason, VIEW("two")), "the last one counts");
	in[4] = 99;
	CHECK(link_frame_decode((struct view){in, len}, &f) == 0 && f.type == 99, "unknown type");
	free(in);
}

static void test_length(void)
{
	static const struct {
		const char *hex;
		int err;
		size_t len;
	} CASES[] = {
		{"", -EAGAIN, 0},
		{"00 00 00", -EAGAIN, 0},
		{"00 00 00 08", -EBADMSG, 0},
		{"00 00 00 09", -EAGAIN, 0},
		{"00 00 07 FC", -EAGAIN, 0},
		{"00 00 07 FD", -EBADMSG, 0},
		{"FF FF FF FF", -EBADMSG, 0},
		{"00 00 00 09 06 00 00 00 00 00 00 00", -EAGAIN, 0},
		{"00 00 00 09 06 00 00 00 00 00 00 00 00", 0, 13},
		{"00 00 00 09 06 00 00 00 00 00 00 00 00 00 00", 0, 13},
	};

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		size_t n, len = 0;
		uint8_t *in = test_hex(CASES[i].hex, &n);
		int err = link_frame_length((struct view){in, n}, &len);

		CHECK(err == CASES[i].err && len == CASES[i].len, "%s: %d %zu", CASES[i].hex, err, len);
		free(in);
	}
}

/* ---- the largest ---- */

static void test_largest(void)
{
	static uint8_t text[LINK_FRAME_MAX], out[2 * LINK_FRAME_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct link_frame f = {.reason = {text, LINK_FRAME_MAX - LINK_HEADER_OCTETS - 3}}, back;

	CHECK(link_frame_encode(&w, &f) == 0 && w.len == LINK_FRAME_MAX, "%zu octets", w.len);
	CHECK(link_frame_decode(wbuf_written(&w), &back) == 0, "the largest");
	f.reason.len++;
	CHECK(link_frame_encode(&w, &f) == -ENOSPC && w.len == LINK_FRAME_MAX, "one more: %zu", w.len);
	f.reason.len = SIZE_MAX / 2;
	CHECK(link_frame_encode(&w, &f) == -ENOSPC && w.len == LINK_FRAME_MAX, "far more: %zu", w.len);
}

static void test_names(void)
{
	static const char *const NAMES[] = {"unknown", "HELLO", "DATA",	 "ACK",	 "ERROR", "STATE",
					    "PING",    "PONG",	"QUERY", "USER", "ALERT", "UNHEARD",
					    "unknown"};

	for (uint8_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		CHECK(!strcmp(link_type_name(i), NAMES[i]), "%d: %s", i, link_type_name(i));
	CHECK(!strcmp(link_type_name(255), "unknown"), "255: %s", link_type_name(255));
}

int main(void)
{
	test_vectors();
	test_each_field();
	test_refused();
	test_lenient();
	test_length();
	test_largest();
	test_names();
	return test_end("link_frame");
}
