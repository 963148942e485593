/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/impu.h"
#include "test.h"

#define IMSI "sip:310410123456789@ims.mnc410.mcc310.3gppnetwork.org"
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *uri, *impu;
	int rc;
} cases[] = {
	{IMSI, IMSI, 0},
	{"SIP:310410123456789@IMS.mnc410.MCC310.3gppnetwork.org:5060;user=phone", IMSI, 0},
	{"sips:310410123456789:secret@ims.mnc410.mcc310.3gppnetwork.org?a=b", IMSI, 0},
	{"sip:310410123456789;x=y@ims.mnc410.mcc310.3gppnetwork.org", IMSI, 0},
	{"sip:Alice@Home1.example", "sip:Alice@home1.example", 0},
	{"sip:a@h", "sip:a@h", 0},
	{"sip:" X50 X50 X50 X50 X50 "@", "", -ENOENT},
	{"sip:" X50 X50 X50 X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx@h", "sip:" X50 X50 X50 X50
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx@h", 0},
	{"sip:" X50 X50 X50 X50 X50 "@h", "", -ENOSPC},
	{"sip:home1.example", "", -ENOENT},
	{"sip:@home1.example", "", -ENOENT},
	{"sip:a@", "", -ENOENT},
	{"sip:a@;x", "", -ENOENT},
	{"sip:", "", -ENOENT},
	{"sip", "", -ENOENT},
	{"tel:+15551230001", "", -ENOENT},
	{"mailto:a@h", "", -ENOENT},
	{"", "", -ENOENT},
};

static void check(const char *name, struct view uri, int want, const char *impu)
{
	uint8_t *in = malloc(uri.len ? uri.len : 1);
	char out[IMPU_MAX] = "";
	int rc;

	memcpy(in, uri.p, uri.len);
	rc = impu_from_uri((struct view){in, uri.len}, out);
	CHECK(rc == want, "%s: %d", name, rc);
	CHECK(rc || !strcmp(out, impu), "%s: %s", name, out);
	free(in);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].uri, view_str(cases[i].uri), cases[i].rc, cases[i].impu);
	check("NUL in the user", (struct view){(const uint8_t *)"sip:a\0b@h", 9}, -ENOENT, "");
	check("NUL in the host", (struct view){(const uint8_t *)"sip:a@h\0i", 9}, -ENOENT, "");
	return test_end("impu");
}
