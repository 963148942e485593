/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Addresses: text form, TP coding, RP coding (TS 23.040 9.1.2.5, TS 24.011 8.2.5). */

#include "../../lib/sms/address.h"
#include "codec.h"

static int tp_field_encode(struct wbuf *w, const void *a)
{
	return tp_address_encode(w, a);
}

static int tp_field_decode(struct view in, void *a)
{
	struct rbuf r = rbuf_of(in);

	tp_address_decode(&r, a);
	return rbuf_end(&r);
}

static int rp_field_encode(struct wbuf *w, const void *a)
{
	return rp_address_encode(w, a);
}

static int rp_field_decode(struct view in, void *a)
{
	struct rbuf r = rbuf_of(in);

	rp_address_decode(&r, a);
	return rbuf_end(&r);
}

static const struct codec TP = {tp_field_encode, tp_field_decode, sizeof(struct sms_address)};
static const struct codec RP = {rp_field_encode, rp_field_decode, sizeof(struct sms_address)};

/* ---- text form ---- */

static const struct {
	const char *text;
	int err;
	uint8_t ton, npi;
	const char *stored;
} PARSE[] = {
	{"+15559870002", 0, SMS_TON_INTERNATIONAL, SMS_NPI_E164, "15559870002"},
	{"+1", 0, SMS_TON_INTERNATIONAL, SMS_NPI_E164, "1"},
	{"+12345678901234567890", 0, SMS_TON_INTERNATIONAL, SMS_NPI_E164, "12345678901234567890"},
	{"12345", 0, SMS_TON_UNKNOWN, SMS_NPI_E164, "12345"},
	{"*100#", 0, SMS_TON_UNKNOWN, SMS_NPI_E164, "*100#"},
	{"MyBank", 0, SMS_TON_ALPHANUMERIC, SMS_NPI_UNKNOWN, "MyBank"},
	{"ABCDEFGHIJK", 0, SMS_TON_ALPHANUMERIC, SMS_NPI_UNKNOWN, "ABCDEFGHIJK"},
	{"Caf\xc3\xa9 \xce\xa9", 0, SMS_TON_ALPHANUMERIC, SMS_NPI_UNKNOWN, "Caf\xc3\xa9 \xce\xa9"},
	{"1800FLOWERS", 0, SMS_TON_ALPHANUMERIC, SMS_NPI_UNKNOWN, "1800FLOWERS"},
	{"+", 0, SMS_TON_ALPHANUMERIC, SMS_NPI_UNKNOWN, "+"},
	{"+*100#", 0, SMS_TON_ALPHANUMERIC, SMS_NPI_UNKNOWN, "+*100#"},
	{"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac" "1", 0, SMS_TON_ALPHANUMERIC,
	 SMS_NPI_UNKNOWN, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac" "1"},
	{"", -EINVAL, 0, 0, ""},
	{"+123456789012345678901", -EINVAL, 0, 0, ""},
	{"123456789012345678901", -EINVAL, 0, 0, ""},
	{"ABCDEFGHIJKL", -EINVAL, 0, 0, ""},
	{"{{{{{{", -EINVAL, 0, 0, ""}, /* twelve septets */
	{"a\nb", -EINVAL, 0, 0, ""},
	{"\xd0\x91\xd0\xb0\xd0\xbd\xd0\xba", -EINVAL, 0, 0, ""}, /* Cyrillic */
	{"\xff", -EINVAL, 0, 0, ""},
	{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", -EINVAL, 0, 0, ""},
};

static void test_parse(void)
{
	for (size_t i = 0; i < sizeof(PARSE) / sizeof(PARSE[0]); i++) {
		char printed[SMS_ADDRESS_TEXT_MAX + 1];
		struct sms_address a;
		int err = sms_address_parse(&a, view_str(PARSE[i].text));

		CHECK(err == PARSE[i].err, "\"%s\": %d", PARSE[i].text, err);
		if (err)
			continue;
		CHECK(a.ton == PARSE[i].ton && a.npi == PARSE[i].npi, "\"%s\": %d/%d", PARSE[i].text, a.ton,
		      a.npi);
		CHECK(!strcmp(a.text, PARSE[i].stored), "\"%s\": %s", PARSE[i].text, a.text);
		sms_address_print(&a, printed);
		CHECK(!strcmp(printed, PARSE[i].text), "\"%s\" prints %s", PARSE[i].text, printed);
	}
}

static void test_nul_in_text(void)
{
	struct sms_address a;

	CHECK(sms_address_parse(&a, (struct view){(const uint8_t *)"12\0", 3}) == -EINVAL, "digits, NUL");
	CHECK(sms_address_parse(&a, (struct view){(const uint8_t *)"a\0b", 3}) == -EINVAL, "NUL inside");
}

/* ---- octets ---- */

static const struct {
	const char *name;
	const struct codec *codec;
	const char *hex;
	uint8_t ton, npi;
	const char *text;
} VECTORS[] = {
	{"TP 11 digits (spec 11.8)", &TP, "0B 91 51 55 89 07 00 F2", 1, 1, "15559870002"},
	{"TP even digits", &TP, "04 81 21 43", 0, 1, "1234"},
	{"TP 20 digits", &TP, "14 91 21 43 65 87 09 21 43 65 87 09", 1, 1, "12345678901234567890"},
	{"TP no digits", &TP, "00 81", 0, 1, ""},
	{"TP star and hash", &TP, "05 81 1A 00 FB", 0, 1, "*100#"},
	{"TP national, private plan", &TP, "03 A9 21 F3", 2, 9, "123"},
	{"TP alphanumeric", &TP, "0B D0 CD BC 30 EC 5E 03", 5, 0, "MyBank"},
	{"TP alphanumeric, 7 septets", &TP, "0D D0 41 E1 90 58 34 1E 01", 5, 0, "ABCDEFG"},
	{"TP alphanumeric, 8 septets", &TP, "0E D0 41 E1 90 58 34 1E 91", 5, 0, "ABCDEFGH"},
	{"TP alphanumeric, 11 septets", &TP, "14 D0 41 E1 90 58 34 1E 91 49 E5 12", 5, 0, "ABCDEFGHIJK"},
	{"TP alphanumeric, euro", &TP, "04 D0 9B 32", 5, 0, "\xe2\x82\xac"},
	{"TP alphanumeric, empty", &TP, "00 D0", 5, 0, ""},
	{"RP SC address (spec 11.8)", &RP, "07 91 51 55 00 10 00 F0", 1, 1, "15550001000"},
	{"RP even digits", &RP, "03 81 21 43", 0, 1, "1234"},
	{"RP 20 digits", &RP, "0B 91 21 43 65 87 09 21 43 65 87 09", 1, 1, "12345678901234567890"},
	{"RP absent", &RP, "00", 0, 0, ""},
};

static void test_vectors(void)
{
	for (size_t i = 0; i < sizeof(VECTORS) / sizeof(VECTORS[0]); i++) {
		struct sms_address a;
		uint8_t *in = codec_check(VECTORS[i].name, VECTORS[i].codec, VECTORS[i].hex, &a, 0);

		CHECK(a.ton == VECTORS[i].ton && a.npi == VECTORS[i].npi, "%s: %d/%d", VECTORS[i].name, a.ton,
		      a.npi);
		CHECK(!strcmp(a.text, VECTORS[i].text), "%s: \"%s\"", VECTORS[i].name, a.text);
		free(in);
	}
}

static const struct {
	const char *name;
	const struct codec *codec;
	const char *hex;
} REFUSED[] = {
	{"TP 21 digits", &TP, "15 91 21 43 65 87 09 21 43 65 87 09 F1"},
	{"TP 255 digits", &TP, "FF 91 21 43"},
	{"TP filler inside", &TP, "04 91 F1 43"},
	{"TP filler counted as a digit", &TP, "04 91 21 F3"},
	{"TP 12 septets", &TP, "15 D0 41 E1 90 58 34 1E 91 49 E5 92 09"},
	{"RP 21 digits", &RP, "0C 91 21 43 65 87 09 21 43 65 87 09 F1"},
	{"RP filler inside", &RP, "03 91 1F 32"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
		codec_check_refused(REFUSED[i].name, REFUSED[i].codec, REFUSED[i].hex);
}

/* Read leniently: what is decoded is not what would be written. */
static void test_lenient(void)
{
	static const uint8_t type_only[] = {0x01, 0x91}, control[] = {0x04, 0xd0, 0x41, 0x05};
	struct sms_address a;

	CHECK(rp_field_decode((struct view){type_only, 2}, &a) == 0, "RP type without digits");
	CHECK(!a.text[0] && !a.ton && !a.npi, "RP type without digits is no address");
	CHECK(tp_field_decode((struct view){control, 4}, &a) == 0, "line end in a name");
	CHECK(!strcmp(a.text, "A "), "line end in a name: \"%s\"", a.text);
}

static const struct {
	const char *name;
	const struct codec *codec;
	struct sms_address a;
} UNENCODABLE[] = {
	{"TP 21 digits", &TP, {1, 1, "123456789012345678901"}},
	{"TP letters as digits", &TP, {1, 1, "12x"}},
	{"TP 12 characters", &TP, {5, 0, "ABCDEFGHIJKL"}},
	{"TP not GSM", &TP, {5, 0, "\xd0\x91"}},
	{"TP type", &TP, {8, 0, "1"}},
	{"TP plan", &TP, {1, 16, "1"}},
	{"RP 21 digits", &RP, {1, 1, "123456789012345678901"}},
	{"RP letters", &RP, {1, 1, "+12"}},
	{"RP alphanumeric", &RP, {5, 0, "1"}},
};

static void test_unencodable(void)
{
	uint8_t out[32];

	for (size_t i = 0; i < sizeof(UNENCODABLE) / sizeof(UNENCODABLE[0]); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out));
		int err = UNENCODABLE[i].codec->encode(&w, &UNENCODABLE[i].a);

		CHECK(err == -EINVAL && !w.len, "%s: %d", UNENCODABLE[i].name, err);
	}
}

/* ---- every length ---- */

static void check_round_trip(const struct codec *c, const struct sms_address *a, size_t octets)
{
	uint8_t out[32];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct sms_address b;

	CHECK(c->encode(&w, a) == 0, "\"%s\"", a->text);
	CHECK(w.len == octets, "\"%s\": %zu octets", a->text, w.len);
	CHECK(c->decode(wbuf_written(&w), &b) == 0, "\"%s\"", a->text);
	CHECK(!strcmp(a->text, b.text) && a->ton == b.ton && a->npi == b.npi, "\"%s\": \"%s\"", a->text,
	      b.text);
}

static void test_lengths(void)
{
	for (size_t n = 0; n <= 20; n++) {
		struct sms_address a = {.ton = 1, .npi = 1};

		memcpy(a.text, "98765432109876543210", n);
		check_round_trip(&TP, &a, 2 + (n + 1) / 2);
		if (n)
			check_round_trip(&RP, &a, 2 + (n + 1) / 2);
	}
	for (size_t n = 0; n <= 11; n++) {
		struct sms_address a = {.ton = SMS_TON_ALPHANUMERIC};

		memcpy(a.text, "Zy@xw_vU12@", n); /* '@' is septet 0 */
		check_round_trip(&TP, &a, 2 + (n * 7 + 7) / 8);
	}
}

int main(void)
{
	test_parse();
	test_nul_in_text();
	test_vectors();
	test_refused();
	test_lenient();
	test_unencodable();
	test_lengths();
	return test_end("address");
}
