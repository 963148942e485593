/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/cpim.h"
#include "test.h"

static const struct {
	const char *encoding, *in;
	int rc;
	const char *out;
} transfer_cases[] = {
	{"", "a=41\r\n", 0, "a=41\r\n"},
	{"7bit", "a", 0, "a"},
	{"8BIT", "\xc3\xa9", 0, "\xc3\xa9"},
	{" binary ", "", 0, ""},
	{"x-uuencode", "a", -ENOTSUP, ""},
	{"base64", "", 0, ""},
	{"base64", "THVuY2ggYXQgMTI/", 0, "Lunch at 12?"},
	{"BASE64", "Zg==", 0, "f"},
	{"base64", "Zm8=", 0, "fo"},
	{"base64", "Zm9v\r\nYmFy\r\n", 0, "foobar"},
	{"base64", " Z m\t9 v ", 0, "foo"},
	{"base64", "Zg=\r\n=\r\n", 0, "f"},
	{"base64", "+/+/", 0, "\xfb\xff\xbf"},
	{"base64", "Zg", 0, "f"},
	{"base64", "Zm8", 0, "fo"},
	{"base64", "Zm9vY", -EBADMSG, ""},
	{"base64", "Zg=", -EBADMSG, ""},
	{"base64", "Zg===", -EBADMSG, ""},
	{"base64", "Zm8==", -EBADMSG, ""},
	{"base64", "=", -EBADMSG, ""},
	{"base64", "Z===", -EBADMSG, ""},
	{"base64", "Zg==Zg==", -EBADMSG, ""},
	{"base64", "Zm-v", -EBADMSG, ""},
	{"base64", "Zm9v!", -EBADMSG, ""},
	{"base64", "Lunch at 12?", -EBADMSG, ""},
	{"base64", "Zm9v\xc3\xa9", -EBADMSG, ""},
	{"quoted-printable", "h=C3=a9 a=3Db", 0, "h\xc3\xa9 a=b"},
	{"quoted-printable", "a=\r\nb=\nc= \t\r\nd", 0, "abcd"},
	{"quoted-printable", "a  \r\nb\t\nc  ", 0, "a\r\nb\nc"},
	{"quoted-printable", "a  b =  c", 0, "a  b =  c"},
	{"quoted-printable", "1=2 x=", 0, "1=2 x"},
	{"quoted-printable", "=4", 0, "=4"},
	{"quoted-printable", "=G1 ==41", 0, "=G1 =A"},
};

static void test_transfer(void)
{
	for (size_t i = 0; i < sizeof(transfer_cases) / sizeof(transfer_cases[0]); i++) {
		struct view encoding = view_str(transfer_cases[i].encoding), in = view_str(transfer_cases[i].in);
		uint8_t out[64] = "ab";
		struct wbuf w = wbuf_of(out, sizeof(out));
		int rc;

		w.len = 2; /* appended to what is there */
		rc = transfer_decode(encoding, in, &w);
		CHECK(rc == transfer_cases[i].rc && w.len == 2 + strlen(transfer_cases[i].out), "%s: %d",
		      transfer_cases[i].in, rc);
		CHECK(memcmp(out + 2, transfer_cases[i].out, w.len - 2) == 0, "%s", transfer_cases[i].in);
		for (size_t size = 0; size < strlen(transfer_cases[i].out); size++) {
			memset(out, 0xa5, sizeof(out));
			w = wbuf_of(out, size);
			rc = transfer_decode(encoding, in, &w);
			CHECK(rc == -ENOSPC && w.len == 0 && !w.err && out[size] == 0xa5, "%s: room for %zu: %d",
			      transfer_cases[i].in, size, rc);
		}
	}
}

int main(void)
{
	test_transfer();
	return test_end("transfer");
}
