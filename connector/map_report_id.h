/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../lib/sms/address.h"
#include "../lib/util/buf.h"

/*
 * MAP has no message id by which a status report names the message it is about. What both the submission
 * and the report know makes one: A's number, the last 7 digits of B's, TP-MR, and TP-SCTS if the SC told it when it
 * took the message. TP-MR alone is not enough: a number that writes a lot has each of the 256 again within seconds.
 *
 *   4917612345678:2345678:2a:62304151035140
 *   4917612345678:2345678:2a
 */

enum { MAP_REPORT_ID_SIZE = 48 }; /* octets, with NUL */

struct map_report_id {
	char id[MAP_REPORT_ID_SIZE];
	char without_scts[MAP_REPORT_ID_SIZE];
};

/**
 * Of a message that was taken. id is the one to store.
 * @param submit  the SMS-SUBMIT
 * @param report  sm-RP-UI of the result: the SMS-SUBMIT-REPORT, or empty, or anything
 */
void map_report_id_of_submit(const struct sms_address *a, struct view submit, struct view report,
			     struct map_report_id *out);

/** Of a status report to A. @return 0, -EBADMSG (it is none) */
int map_report_id_of_report(const struct sms_address *a, struct view report,
			    struct map_report_id *out);
