/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Table 6.3 of the spec, row by row; a row with several values is tried at each of them. */

#include "../../lib/cpm/imdn_status.h"
#include "test.h"

#define NONE	  IMDN_STATUS_NONE
#define DELIVERED IMDN_STATUS_DELIVERED
#define FAILED	  IMDN_STATUS_FAILED
#define FORBIDDEN IMDN_STATUS_FORBIDDEN
#define ERROR	  IMDN_STATUS_ERROR

static const struct {
	const char *name;
	int first, last; /* TP-ST */
	enum imdn_status status, st01_delivered, plain_failed;
} rows[] = {
	{"received by SME", 0x00, 0x00, DELIVERED, DELIVERED, DELIVERED},
	{"forwarded, not confirmed", 0x01, 0x01, NONE, DELIVERED, NONE},
	{"replaced by SC", 0x02, 0x02, NONE, NONE, NONE},
	{"success, reserved", 0x03, 0x0f, DELIVERED, DELIVERED, DELIVERED},
	{"success, SC specific", 0x10, 0x1f, DELIVERED, DELIVERED, DELIVERED},
	{"congestion, trying", 0x20, 0x20, NONE, NONE, NONE},
	{"SME busy, trying", 0x21, 0x21, NONE, NONE, NONE},
	{"no response, trying", 0x22, 0x22, NONE, NONE, NONE},
	{"service rejected, trying", 0x23, 0x23, NONE, NONE, NONE},
	{"quality, trying", 0x24, 0x24, NONE, NONE, NONE},
	{"error in SME, trying", 0x25, 0x25, NONE, NONE, NONE},
	{"trying, reserved and SC specific", 0x26, 0x3f, NONE, NONE, NONE},
	{"remote procedure error", 0x40, 0x40, FAILED, FAILED, FAILED},
	{"incompatible destination", 0x41, 0x41, FAILED, FAILED, FAILED},
	{"connection rejected by SME", 0x42, 0x42, FORBIDDEN, FORBIDDEN, FAILED},
	{"not obtainable", 0x43, 0x43, FAILED, FAILED, FAILED},
	{"quality not available", 0x44, 0x44, FAILED, FAILED, FAILED},
	{"no interworking available", 0x45, 0x45, FAILED, FAILED, FAILED},
	{"validity expired", 0x46, 0x46, FAILED, FAILED, FAILED},
	{"deleted by originating SME", 0x47, 0x47, FAILED, FAILED, FAILED},
	{"deleted by SC administration", 0x48, 0x48, FAILED, FAILED, FAILED},
	{"SM does not exist", 0x49, 0x49, ERROR, ERROR, FAILED},
	{"permanent, reserved and SC specific", 0x4a, 0x5f, FAILED, FAILED, FAILED},
	{"congestion, gave up", 0x60, 0x60, FAILED, FAILED, FAILED},
	{"SME busy, gave up", 0x61, 0x61, FAILED, FAILED, FAILED},
	{"no response, gave up", 0x62, 0x62, FAILED, FAILED, FAILED},
	{"service rejected, gave up", 0x63, 0x63, FORBIDDEN, FORBIDDEN, FAILED},
	{"quality, gave up", 0x64, 0x64, FAILED, FAILED, FAILED},
	{"error in SME, gave up", 0x65, 0x65, FAILED, FAILED, FAILED},
	{"gave up, reserved and SC specific", 0x66, 0x7f, FAILED, FAILED, FAILED},
	{"reserved", 0x80, 0xff, ERROR, ERROR, FAILED},
};

static void check(size_t i, int st, struct imdn_status_options o, enum imdn_status expected)
{
	enum imdn_status s = imdn_status_of_tp_st((uint8_t)st, &o);

	CHECK(s == expected, "%s: TP-ST %02X (st01_delivered=%d plain_failed=%d) gives %s, not %s", rows[i].name, st,
	      o.st01_delivered, o.plain_failed, imdn_status_name(s), imdn_status_name(expected));
}

int main(void)
{
	int covered = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(rows[i].first == covered, "%s: a gap in the table", rows[i].name);
		for (int st = rows[i].first; st <= rows[i].last; st++) {
			check(i, st, (struct imdn_status_options){0}, rows[i].status);
			check(i, st, (struct imdn_status_options){.st01_delivered = true}, rows[i].st01_delivered);
			check(i, st, (struct imdn_status_options){.plain_failed = true}, rows[i].plain_failed);
		}
		covered = rows[i].last + 1;
	}
	CHECK(covered == 256, "%d", covered);
	return test_end("imdn_status");
}
