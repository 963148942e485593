/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* TP-SCTS, RFC 3339, relative TP-VP. The calendar is held against timegm(). */

#include <time.h>

#include "../../lib/sms/timestamp.h"
#include "codec.h"

static int encode(struct wbuf *w, const void *t)
{
	return scts_encode(w, t);
}

static int decode(struct view in, void *t)
{
	struct rbuf r = rbuf_of(in);

	scts_decode(&r, t);
	return rbuf_end(&r);
}

static const struct codec SCTS = {encode, decode, sizeof(struct sms_time)};

/* ---- TP-SCTS ---- */

static const struct {
	const char *hex;
	int64_t utc_s;
	int zone_minutes;
	const char *rfc3339;
} VECTORS[] = {
	{"62 30 41 01 51 03 40", 1773479730, 60, "2026-03-14T10:15:30+01:00"}, /* spec 11.9 */
	{"62 30 41 90 62 35 00", 1773480413, 0, "2026-03-14T09:26:53Z"},	/* spec 11.8 */
	{"62 30 41 90 62 35 0A", 1773498413, -300, "2026-03-14T09:26:53-05:00"},
	{"62 30 41 90 62 35 49", 1773493013, -210, "2026-03-14T09:26:53-03:30"},
	{"62 30 41 90 62 35 32", 1773459713, 345, "2026-03-14T09:26:53+05:45"},
	{"62 30 41 90 62 35 65", 1773430013, 840, "2026-03-14T09:26:53+14:00"},
	{"62 30 41 90 62 35 18", 1773481313, -15, "2026-03-14T09:26:53-00:15"},
	{"62 30 41 90 62 35 97", 1773480413 - 79 * 900, 1185, "2026-03-14T09:26:53+19:45"},
	{"62 30 41 90 62 35 9F", 1773480413 + 79 * 900, -1185, "2026-03-14T09:26:53-19:45"},
	{"00 10 10 00 00 00 00", 946684800, 0, "2000-01-01T00:00:00Z"},
	{"00 20 92 32 95 95 00", 951868799, 0, "2000-02-29T23:59:59Z"},
	{"98 21 13 32 95 95 00", 3786911999, 0, "2089-12-31T23:59:59Z"},
	{"00 10 10 00 00 00 40", 946681200, 60, "2000-01-01T00:00:00+01:00"}, /* 1999 in UTC */
};

static void test_vectors(void)
{
	for (size_t i = 0; i < sizeof(VECTORS) / sizeof(VECTORS[0]); i++) {
		const char *name = VECTORS[i].rfc3339;
		char text[RFC3339_MAX];
		struct sms_time t;

		free(codec_check(name, &SCTS, VECTORS[i].hex, &t, 0));
		CHECK(t.utc_s == VECTORS[i].utc_s, "%s: %lld", name, (long long)t.utc_s);
		CHECK(t.zone_minutes == VECTORS[i].zone_minutes, "%s: %d", name, t.zone_minutes);
		CHECK(sms_time_to_rfc3339(&t, text) == 0 && !strcmp(text, name), "%s: %s", name, text);
		memset(&t, 0xff, sizeof(t));
		CHECK(sms_time_from_rfc3339(view_str(name), &t) == 0, "%s", name);
		CHECK(t.utc_s == VECTORS[i].utc_s && t.zone_minutes == VECTORS[i].zone_minutes,
		      "%s: %lld %d", name, (long long)t.utc_s, t.zone_minutes);
	}
}

static const struct {
	const char *why, *hex;
} REFUSED[] = {
	{"year not decimal", "A2 30 41 01 51 03 40"},  {"month 0", "62 00 41 01 51 03 40"},
	{"month 13", "62 31 41 01 51 03 40"},	       {"day 0", "62 30 00 01 51 03 40"},
	{"day 32", "62 30 23 01 51 03 40"},	       {"29 February 2026", "62 20 92 01 51 03 40"},
	{"31 April", "62 40 13 01 51 03 40"},	       {"hour 24", "62 30 41 42 51 03 40"},
	{"minute 60", "62 30 41 01 06 03 40"},	       {"second 60", "62 30 41 01 51 06 40"},
	{"zone not decimal", "62 30 41 01 51 03 A0"},  {"all zero", "00 00 00 00 00 00 00"},
	{"hour not decimal", "62 30 41 0A 51 03 40"},  {"all ones", "FF FF FF FF FF FF FF"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
		codec_check_refused(REFUSED[i].why, &SCTS, REFUSED[i].hex);
}

/* The zone is the seventh octet; what stands behind it is not looked at. */
static void test_position(void)
{
	static const uint8_t octets[] = {0x62, 0x30, 0x41, 0x01, 0x51, 0x03, 0x40, 0x0a};
	struct rbuf r = rbuf_of((struct view){octets, sizeof(octets)});
	struct sms_time t;

	scts_decode(&r, &t);
	CHECK(!r.err && r.pos == SCTS_OCTETS, "%zu octets read", r.pos);
	CHECK(t.zone_minutes == 60, "zone %d", t.zone_minutes);
}

static void test_nineties(void)
{
	static const uint8_t octets[] = {0x99, 0x21, 0x13, 0x32, 0x95, 0x95, 0x00};
	struct sms_time t;

	CHECK(decode((struct view){octets, sizeof(octets)}, &t) == 0, "1999");
	CHECK(t.utc_s == 946684799, "1999-12-31T23:59:59Z: %lld", (long long)t.utc_s);
}

static const struct {
	const char *why;
	struct sms_time t;
} UNENCODABLE[] = {
	{"before 2000", {946684799, 0}},
	{"before 2000 in its zone", {946684800, -60}},
	{"2090", {3786912000, 0}},
	{"2090 in its zone", {3786911999, 15}},
	{"zone not in quarters", {1773480413, 7}},
	{"zone of 20 h", {1773480413, 1200}},
	{"zone of -20 h", {1773480413, -1200}},
	{"far future", {INT64_MAX, 0}},
	{"far past", {INT64_MIN, -15}},
};

static void test_unencodable(void)
{
	uint8_t out[16];

	for (size_t i = 0; i < sizeof(UNENCODABLE) / sizeof(UNENCODABLE[0]); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out));
		int err = scts_encode(&w, &UNENCODABLE[i].t);

		CHECK(err == -EINVAL && !w.len, "%s: %d", UNENCODABLE[i].why, err);
	}
}

/* Every day that a TP-SCTS can name, against the C library's calendar. */
static void test_calendar(void)
{
	for (int64_t day = 946684800; day < 3786912000; day += 86400) {
		time_t utc = (time_t)(day + 45296);
		struct tm tm;
		uint8_t octets[SCTS_OCTETS];
		struct wbuf w = wbuf_of(octets, sizeof(octets));
		struct sms_time t = {day + 45296, 0}, back;
		char text[RFC3339_MAX], expected[64];

		gmtime_r(&utc, &tm);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &tm);
		CHECK(sms_time_to_rfc3339(&t, text) == 0 && !strcmp(text, expected), "%s: %s", expected, text);
		CHECK(scts_encode(&w, &t) == 0 && decode(wbuf_written(&w), &back) == 0, "%s", expected);
		CHECK(back.utc_s == t.utc_s, "%s: %lld", expected, (long long)back.utc_s);
	}
}

/* ---- RFC 3339 ---- */

static const struct {
	const char *text;
	int err;
	int64_t utc_s;
	int zone_minutes;
} RFC3339[] = {
	{"2026-03-14T09:26:53.589793Z", 0, 1773480413, 0},
	{"2026-03-14T09:26:53.5+00:00", 0, 1773480413, 0},
	{"2026-03-14t09:26:53z", 0, 1773480413, 0},
	{"2026-03-14 09:26:53-00:00", 0, 1773480413, 0},
	{"2026-03-14T09:26:53+00:20", 0, 1773479213, 15}, /* the instant is exact, the zone in quarters */
	{"2026-03-14T09:26:53-00:20", 0, 1773481613, -15},
	{"1970-01-01T00:00:00Z", 0, 0, 0},
	{"1969-12-31T23:59:59Z", 0, -1, 0},
	{"0001-01-01T00:00:00Z", 0, -62135596800, 0},
	{"9999-12-31T23:59:59Z", 0, 253402300799, 0},
	{"2016-12-31T23:59:60Z", 0, 1483228800, 0},
	{"", -EBADMSG, 0, 0},
	{"2026-03-14", -EBADMSG, 0, 0},
	{"2026-03-14T09:26:53", -EBADMSG, 0, 0},
	{"2026-03-14T09:26:53.Z", -EBADMSG, 0, 0},
	{"2026-03-14T09:26:53Zx", -EBADMSG, 0, 0},
	{"2026-03-14T09:26:53+0100", -EBADMSG, 0, 0},
	{"2026-03-14T09:26:53+24:00", -EBADMSG, 0, 0},
	{"2026-03-14T09:26:53+01:60", -EBADMSG, 0, 0},
	{"2026-02-29T09:26:53Z", -EBADMSG, 0, 0},
	{"2026-13-14T09:26:53Z", -EBADMSG, 0, 0},
	{"2026-03-14T24:00:00Z", -EBADMSG, 0, 0},
	{"2026-03-14T09:26:61Z", -EBADMSG, 0, 0},
	{"0000-03-14T09:26:53Z", -EBADMSG, 0, 0},
	{"2026-+3-14T09:26:53Z", -EBADMSG, 0, 0},
	{" 2026-03-14T09:26:53Z", -EBADMSG, 0, 0},
	{"-026-03-14T09:26:53Z", -EBADMSG, 0, 0},
};

static void test_rfc3339(void)
{
	for (size_t i = 0; i < sizeof(RFC3339) / sizeof(RFC3339[0]); i++) {
		struct sms_time t = {0};
		int err = sms_time_from_rfc3339(view_str(RFC3339[i].text), &t);

		CHECK(err == RFC3339[i].err, "%s: %d", RFC3339[i].text, err);
		CHECK(err || (t.utc_s == RFC3339[i].utc_s && t.zone_minutes == RFC3339[i].zone_minutes),
		      "%s: %lld %d", RFC3339[i].text, (long long)t.utc_s, t.zone_minutes);
	}
}

static void test_rfc3339_prefixes(void)
{
	static const char text[] = "2026-03-14T09:26:53.25+01:00";

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		uint8_t *exact = malloc(n ? n : 1);
		struct sms_time t;

		memcpy(exact, text, n);
		CHECK(sms_time_from_rfc3339((struct view){exact, n}, &t) == -EBADMSG, "first %zu", n);
		free(exact);
	}
}

static void test_rfc3339_unprintable(void)
{
	static const struct sms_time TIMES[] = {
		{INT64_MAX, 0}, {INT64_MIN, 0},	  {253402300800, 0}, {-62135596801, 0},
		{253402300799, 15}, {0, 24 * 60}, {0, -24 * 60},
	};
	char text[RFC3339_MAX];

	for (size_t i = 0; i < sizeof(TIMES) / sizeof(TIMES[0]); i++)
		CHECK(sms_time_to_rfc3339(&TIMES[i], text) == -EINVAL, "case %zu: %s", i, text);
}

/* ---- relative TP-VP ---- */

static const struct {
	uint8_t tp_vp;
	int64_t seconds;
} VP[] = {
	{0, 300},	   {1, 600},	     {143, 43200},	{144, 45000},	  {166, 84600},	   {167, 86400},
	{168, 2 * 86400}, {196, 30 * 86400}, {197, 35 * 86400}, {255, 63 * 604800},
};

static void test_validity(void)
{
	for (size_t i = 0; i < sizeof(VP) / sizeof(VP[0]); i++) {
		int64_t s = vp_relative_to_seconds(VP[i].tp_vp);

		CHECK(s == VP[i].seconds, "TP-VP %d: %lld", VP[i].tp_vp, (long long)s);
	}
	for (int v = 0; v <= 255; v++) {
		int64_t s = vp_relative_to_seconds((uint8_t)v);

		CHECK(vp_relative_from_seconds(s) == v, "%lld s", (long long)s);
		CHECK(vp_relative_from_seconds(s - 1) == (v ? v - 1 : 0), "%lld s", (long long)s - 1);
		CHECK(vp_relative_from_seconds(s + 1) == v, "%lld s", (long long)s + 1);
	}
	CHECK(vp_relative_from_seconds(0) == 0 && vp_relative_from_seconds(INT64_MIN) == 0, "nothing left");
	CHECK(vp_relative_from_seconds(INT64_MAX) == 255, "for ever");
}

int main(void)
{
	test_vectors();
	test_refused();
	test_position();
	test_nineties();
	test_unencodable();
	test_calendar();
	test_rfc3339();
	test_rfc3339_prefixes();
	test_rfc3339_unprintable();
	test_validity();
	return test_end("timestamp");
}
