/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Semi-octets: TS 23.040 9.1.2.3, TS 24.011 8.2.5.1. */

#include "util/bcd.h"

#include "test.h"

static const struct {
	const char *name, *digits, *hex;
} numbers[] = {
	{"no digits", "", ""},
	{"one digit", "7", "f7"},
	{"even", "1234", "21 43"},
	{"odd", "12345", "21 43 f5"},
	{"fictitious mobile", "15559870002", "51 55 89 07 00 f2"},
	{"all semi-octets", "0123456789*#abc", "10 32 54 76 98 ba dc fe"},
	{"20 digits", "12345678901234567890", "21 43 65 87 09 21 43 65 87 09"},
};

static const struct {
	const char *name, *hex;
	size_t semi_octets;
	int rc;
	const char *digits;
} decoded[] = {
	{"fewer digits than octets", "21 43 65", 3, 0, "123"},
	{"no digits of some octets", "ff", 0, 0, ""},
	{"digit in place of the filler", "21 43 65", 5, 0, "12345"},
	{"filler within the count", "21 f3", 4, -EBADMSG, ""},
	{"filler in a low nibble", "2f 43", 4, -EBADMSG, ""},
	{"filler in the middle, to the end", "21 f3 54", SIZE_MAX, -EBADMSG, ""},
	{"low filler in the middle, to the end", "2f 43", SIZE_MAX, -EBADMSG, ""},
	{"two fillers at the end", "21 ff", SIZE_MAX, -EBADMSG, ""},
	{"one octet short", "21 43", 5, -EBADMSG, ""},
	{"empty", "", 1, -EBADMSG, ""},
	{"count near overflow", "21", SIZE_MAX - 1, -EBADMSG, ""},
	{"empty to the end", "", SIZE_MAX, 0, ""},
};

static void check_number(const char *name, const char *digits, const char *hex)
{
	size_t len, n = strlen(digits);
	uint8_t *in = test_hex(hex, &len), out[16];
	struct wbuf w = wbuf_of(out, sizeof(out));
	char text[32] = "";

	CHECK(bcd_encode(&w, digits) == 0, "%s", name);
	CHECK(view_eq(wbuf_written(&w), (struct view){in, len}), "%s: octets", name);
	CHECK(bcd_decode((struct view){in, len}, n, text, n + 1) == 0, "%s: counted", name);
	CHECK(strcmp(text, digits) == 0, "%s: %s", name, text);
	memset(text, 0, sizeof(text));
	CHECK(bcd_decode((struct view){in, len}, SIZE_MAX, text, n + 1) == 0, "%s: to end", name);
	CHECK(strcmp(text, digits) == 0, "%s: %s to end", name, text);
	free(in);
}

static void check_prefixes(const char *name, const char *digits, const char *hex)
{
	size_t len;
	uint8_t *in = test_hex(hex, &len);

	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *head = malloc(cut ? cut : 1);
		struct view v = {memcpy(head, in, cut), cut};
		char text[32];

		CHECK(bcd_decode(v, strlen(digits), text, sizeof(text)) == -EBADMSG,
		      "%s: %zu octets", name, cut);
		free(head);
	}
	free(in);
}

static void check_small_outputs(const char *name, const char *digits, const char *hex)
{
	size_t len;
	uint8_t *in = test_hex(hex, &len);

	for (size_t size = 0; size < len; size++) {
		uint8_t out[16];
		struct wbuf w = wbuf_of(out, size);

		memset(out, 0xcc, sizeof(out));
		CHECK(bcd_encode(&w, digits) == -ENOSPC && w.len == 0 && out[size] == 0xcc,
		      "%s: room for %zu", name, size);
	}
	for (size_t size = 0; size <= strlen(digits); size++) {
		char text[32];

		memset(text, '!', sizeof(text));
		CHECK(bcd_decode((struct view){in, len}, SIZE_MAX, text, size) == -ENOSPC &&
			      text[size] == '!',
		      "%s: text of %zu", name, size);
	}
	free(in);
}

static void check_bad_digits(const char *digits)
{
	uint8_t out[16];
	struct wbuf w = wbuf_of(out, sizeof(out));

	wbuf_u8(&w, 0x91);
	CHECK(bcd_encode(&w, digits) == -EINVAL && w.len == 1, "%s", digits);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		check_number(numbers[i].name, numbers[i].digits, numbers[i].hex);
		check_prefixes(numbers[i].name, numbers[i].digits, numbers[i].hex);
		check_small_outputs(numbers[i].name, numbers[i].digits, numbers[i].hex);
	}
	for (size_t i = 0; i < sizeof(decoded) / sizeof(decoded[0]); i++) {
		size_t len;
		uint8_t *in = test_hex(decoded[i].hex, &len);
		char text[32] = "";
		int rc = bcd_decode((struct view){in, len}, decoded[i].semi_octets, text, 32);

		CHECK(rc == decoded[i].rc, "%s: %d", decoded[i].name, rc);
		CHECK(strcmp(text, decoded[i].digits) == 0, "%s: %s", decoded[i].name, text);
		free(in);
	}
	check_bad_digits("+4179");
	check_bad_digits("12d");
	check_bad_digits("12A");
	check_bad_digits(" ");
	return test_end("bcd");
}
