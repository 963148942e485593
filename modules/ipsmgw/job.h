/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_JOB_H
#define IPSMGW_JOB_H

#include "core/str.h"
#include "core/parser/msg_parser.h"

#include "../../lib/util/buf.h"
#include "work.h"

/* Work of the async workers that is one event route of the script; its texts
 * lie behind the struct. */

enum job_type {
	JOB_SMS_RECEIVED,
	JOB_SMS_FAILED,
	JOB_LINK_UP,
	JOB_LINK_DOWN,
	JOB_SUBMITTED,
	JOB_TYPES
};

enum job_text {
	JOB_A,
	JOB_B,
	JOB_SERVICE,
	JOB_CONVERSATION,
	JOB_CONTRIBUTION,
	JOB_IN_REPLY_TO,
	JOB_IMDN_ID,
	JOB_DATETIME, /* RFC 3339 */
	JOB_TEXT,     /* UTF-8 */
	JOB_SMSC,
	JOB_SCSCF,          /* JOB_SMS_RECEIVED: where A is registered */
	JOB_ABOUT_ID,       /* notification: imdn.Message-ID of the message */
	JOB_ABOUT_DATETIME, /* notification: DateTime of the message */
	JOB_IMDN_ROUTE,     /* notification: one a line */
	JOB_INSTANCE,       /* notification: of A's device that wrote the message */
	JOB_ORIGINAL_TO,    /* notification: imdn.Original-To of the message */
	JOB_TEXTS
};

struct job {
	struct work work; /* first */
	enum job_type type;
	int64_t message_id;
	unsigned segments;
	unsigned cause;              /* JOB_SMS_FAILED: RP-Cause */
	int code;                    /* JOB_SUBMITTED: what to answer */
	unsigned tm_index, tm_label; /* JOB_SUBMITTED */
	unsigned attempt; /* JOB_SMS_RECEIVED: its outcome comes with this number */
	bool registered;  /* JOB_SMS_RECEIVED: A is, as far as is known */
	bool is_notification; /* JOB_SMS_RECEIVED: about a message of A */
	int imdn_kind, imdn_status;
	bool handed_over; /* JOB_SMS_RECEIVED: tm has it and will report */
	str text[JOB_TEXTS];
};

int job_init(void); /* before fork: finds the event routes */

/** @return true if the script has that event route (or KEMI is there to be
 * asked) */
bool job_has_route(enum job_type type);

/** Spool process: make a job out of views; NULL if shared memory is out. */
struct job *job_new(enum job_type type, const struct view text[JOB_TEXTS]);

static inline void job_push(struct job *j)
{
	work_push(&j->work);
}

/** Async worker: the job whose event route runs in this process now, or NULL.
 */
struct job *job_current(void);

#endif
