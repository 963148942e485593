/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Made-up message ids of MAP: digits of A and B, TP-MR in hexadecimal, the octets of TP-SCTS (TS 23.040 9.2.3.11). */

#include "map_report_id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../lib/sms/tpdu.h"

enum { DIGITS_MAX = 20, SUBSCRIBER_DIGITS = 7, SCTS_HEX = 2 * SCTS_OCTETS };

/* An SC may write B's number in another form than it was given. */
static const char *subscriber_digits(const struct sms_address *b)
{
	size_t len = strlen(b->text);

	return len > SUBSCRIBER_DIGITS ? b->text + len - SUBSCRIBER_DIGITS : b->text;
}

static void make(const struct sms_address *a, const struct sms_address *b, uint8_t tp_mr,
		 const struct sms_time *tp_scts, struct map_report_id *out)
{
	uint8_t octets[SCTS_OCTETS];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	char hex[SCTS_HEX + 1] = "";

	snprintf(out->without_scts, sizeof(out->without_scts), "%.*s:%.7s:%02x", DIGITS_MAX,
		 a->text, subscriber_digits(b), tp_mr);
	memcpy(out->id, out->without_scts, sizeof(out->id));
	if (!tp_scts || scts_encode(&w, tp_scts) < 0)
		return;
	for (size_t i = 0; i < sizeof(octets); i++)
		snprintf(hex + 2 * i, 3, "%02x", octets[i]);
	snprintf(out->id, sizeof(out->id), "%.*s:%.7s:%02x:%s", DIGITS_MAX, a->text,
		 subscriber_digits(b), tp_mr, hex);
}

void map_report_id_of_submit(const struct sms_address *a, struct view submit, struct view report,
			     struct map_report_id *out)
{
	struct tpdu_submit s;
	struct tpdu_report r;
	bool has_scts =
		report.len && tpdu_submit_report_decode(report, false, &r) == 0 && r.has_scts;

	if (tpdu_submit_decode(submit, &s) < 0)
		s = (struct tpdu_submit){0};
	make(a, &s.tp_da, s.tp_mr, has_scts ? &r.tp_scts : NULL, out);
}

int map_report_id_of_report(const struct sms_address *a, struct view report,
			    struct map_report_id *out)
{
	struct tpdu_status_report s;

	if (tpdu_mti(report) != TP_MTI_STATUS_REPORT || tpdu_status_report_decode(report, &s) < 0)
		return -EBADMSG;
	make(a, &s.tp_ra, s.tp_mr, &s.tp_scts, out);
	return 0;
}
