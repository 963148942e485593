/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/phone.h"
#include "test.h"

static const struct {
	const char *uri, *number;
	int rc;
} cases[] = {
	{"tel:+15559870002", "+15559870002", 0},
	{"TEL:+1-555-987-0002", "+15559870002", 0},
	{"tel:+1(555)987.0002;npdi;rn=+1", "+15559870002", 0},
	{"tel:%2B15559870002", "+15559870002", 0},
	{"sip:+15559870002@home1.example;user=phone", "+15559870002", 0},
	{"sip:+15559870002@home1.example", "+15559870002", 0},
	{"sips:%2B15559870002@home1.example:5061;transport=tls", "+15559870002", 0},
	{"sip:+15559870002;phone-context=x:secret@home1.example", "+15559870002", 0},
	{"tel:5559870002;phone-context=+1", "+15559870002", 0},
	{"sip:5559870002;phone-context=+1@home1.example;user=phone", "+15559870002", 0},
	{"tel:12345;phone-context=+1", "12345", 0},
	{"sip:12345@home1.example;user=phone", "12345", 0},
	{"tel:01709999999", "01709999999", 0},
	{"tel:5559870002;phone-context=home1.example", "5559870002", 0},
	{"sip:310410123456789@home1.example", "", -ENOENT}, /* an IMSI */
	{"sip:alice@home1.example", "", -ENOENT},
	{"sip:alice@home1.example;user=phone", "", -ENOENT},
	{"tel:*100#", "", -ENOENT},
	{"tel:", "", -ENOENT},
	{"sip:", "", -ENOENT},
	{"sip:home1.example;user=phone", "", -ENOENT},
	{"mailto:+15559870002@x", "", -ENOENT},
	{"", "", -ENOENT},
	{"tel:+1", "", -EBADMSG},
	{"tel:+", "", -EBADMSG},
	{"tel:+1234567890123456", "", -EBADMSG},
	{"tel:+12345678901234567890123456789012345678901234567890", "", -EBADMSG},
	{"tel:+%", "", -EBADMSG},
	{"tel:+%2", "", -EBADMSG},
	{"tel:+1555%00", "", -EBADMSG},
	{"tel:+12x45", "", -EBADMSG},
	{"tel:12x45", "", -ENOENT},
	{"tel:5559870002;phone-context=+x", "", -EBADMSG},
};

static const struct {
	const char *a, *b;
	bool same;
} pairs[] = {
	{"+15559870002", "+15559870002", true},
	{"+15559870002", "15559870002", true},
	{"+4917112345678", "017112345678", true},
	{"+15559870002", "+15559870003", false},
	{"+15559870002", "+25559970002", false},
	{"12345", "12345", true},
	{"12345", "2345", false},
	{"+15559870002", "70002", false},
	{"+15559870002", "", false},
	{"", "", false},
};

static void test_pairs(void)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		CHECK(phone_is_same(pairs[i].a, pairs[i].b) == pairs[i].same, "%s, %s", pairs[i].a, pairs[i].b);
		CHECK(phone_is_same(pairs[i].b, pairs[i].a) == pairs[i].same, "%s, %s", pairs[i].b, pairs[i].a);
	}
}

int main(void)
{
	test_pairs();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].uri);
		uint8_t *uri = malloc(len ? len : 1);
		char out[PHONE_MAX] = "";
		int rc;

		memcpy(uri, cases[i].uri, len);
		rc = phone_from_uri((struct view){uri, len}, out);
		CHECK(rc == cases[i].rc, "%s: %d", cases[i].uri, rc);
		CHECK(rc || !strcmp(out, cases[i].number), "%s: %s", cases[i].uri, out);
		free(uri);
	}
	return test_end("phone");
}
