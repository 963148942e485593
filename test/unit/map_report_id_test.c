/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/map_report_id.c */

/* Ids of messages over MAP: what a submission makes, and what the report to it makes, must be one. */

#include "test.h"

#include <errno.h>

#include "../../connector/map_report_id.h"

static struct view hex(const char *text, uint8_t **block)
{
	size_t len;

	*block = test_hex(text, &len);
	return (struct view){*block, len};
}

static struct sms_address number(const char *digits)
{
	struct sms_address a = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164};

	snprintf(a.text, sizeof(a.text), "%s", digits);
	return a;
}

static const struct {
	const char *name, *a, *submit, *report, *id, *without;
} submits[] = {
	{"without a submit report", "4917612345678", "21 2a 0c 91 94 71 21 43 65 87 00 00 01 41", "", "4917612345678:2345678:2a",
	 "4917612345678:2345678:2a"},
	{"with one", "4917612345678", "21 2a 0c 91 94 71 21 43 65 87 00 00 01 41", "01 00 62 30 41 51 03 51 40",
	 "4917612345678:2345678:2a:62304151035140", "4917612345678:2345678:2a"},
	{"west of Greenwich, TP-PI with more", "15551230001", "21 ff 0c 91 94 71 21 43 65 87 00 00 01 41",
	 "01 03 62 30 41 51 03 51 0a 00 00", "15551230001:2345678:ff:6230415103510a", "15551230001:2345678:ff"},
	{"with one that is none", "4917612345678", "21 00 0c 91 94 71 21 43 65 87 00 00 01 41", "01 00 ff ff",
	 "4917612345678:2345678:00", "4917612345678:2345678:00"},
	{"with another TPDU", "4917612345678", "21 00 0c 91 94 71 21 43 65 87 00 00 01 41", "00 00",
	 "4917612345678:2345678:00", "4917612345678:2345678:00"},
	{"a number of 20 digits", "12345678901234567890", "21 2a 0c 91 94 71 21 43 65 87 00 00 01 41",
	 "01 00 62 30 41 51 03 51 40", "12345678901234567890:2345678:2a:62304151035140", "12345678901234567890:2345678:2a"},
};

static void test_submit(void)
{
	for (size_t i = 0; i < sizeof(submits) / sizeof(submits[0]); i++) {
		struct sms_address a = number(submits[i].a);
		struct map_report_id got;
		uint8_t *submit, *report;
		struct view s = hex(submits[i].submit, &submit), r = hex(submits[i].report, &report);

		map_report_id_of_submit(&a, s, r, &got);
		CHECK(strcmp(got.id, submits[i].id) == 0, "%s: %s", submits[i].name, got.id);
		CHECK(strcmp(got.without_scts, submits[i].without) == 0, "%s: %s", submits[i].name,
		      got.without_scts);
		free(submit);
		free(report);
	}
}

static const struct {
	const char *name, *report;
	int rc;
	const char *id, *without;
} reports[] = {
	{"delivered", "06 2a 0c 91 94 71 89 67 45 23 62 30 41 51 03 51 40 62 30 41 51 03 91 40 00", 0,
	 "4917612345678:8765432:2a:62304151035140", "4917612345678:8765432:2a"},
	{"west of Greenwich", "06 07 0c 91 94 71 89 67 45 23 62 30 41 51 03 51 0a 62 30 41 51 03 91 40 00", 0,
	 "4917612345678:8765432:07:6230415103510a", "4917612345678:8765432:07"},
	{"B in another form", "06 2a 0b 81 10 97 78 56 34 f2 62 30 41 51 03 51 40 62 30 41 51 03 91 40 00", 0,
	 "4917612345678:8765432:2a:62304151035140", "4917612345678:8765432:2a"},
	{"a short code", "06 2a 05 81 21 43 f5 62 30 41 51 03 51 40 62 30 41 51 03 91 40 00", 0,
	 "4917612345678:12345:2a:62304151035140", "4917612345678:12345:2a"},
	{"cut", "06 2a 0c 91 94 71 89 67 45 23 62 30 41 51 03 51 40 62 30 41 51 03 91 40", -EBADMSG, "", ""},
	{"an SMS-DELIVER", "04 0c 91 94 71 89 67 45 23 00 00 62 30 41 51 03 51 40 01 41", -EBADMSG, "", ""},
	{"nothing", "", -EBADMSG, "", ""},
};

static void test_report(void)
{
	struct sms_address a = number("4917612345678");

	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		struct map_report_id got = {"", ""};
		uint8_t *block;
		int rc = map_report_id_of_report(&a, hex(reports[i].report, &block), &got);

		CHECK(rc == reports[i].rc, "%s: %d", reports[i].name, rc);
		CHECK(strcmp(got.id, reports[i].id) == 0, "%s: %s", reports[i].name, got.id);
		CHECK(strcmp(got.without_scts, reports[i].without) == 0, "%s: %s", reports[i].name,
		      got.without_scts);
		free(block);
	}
}

int main(void)
{
	test_submit();
	test_report();
	return test_end("map_report_id");
}
