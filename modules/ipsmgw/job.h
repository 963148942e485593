/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_JOB_H
#define IPSMGW_JOB_H

#include "core/str.h"
#include "core/parser/msg_parser.h"

#include "../../lib/util/buf.h"

/*
 * What the spool process has the async workers do: struct work is anything,
 * struct job one event route of the script. Each is one block of shared memory,
 * which is freed when it is done; texts lie behind the struct.
 */

struct work {
	struct work *next;
	void (*run)(struct work *w);
	const char *name; /* for the log */
	unsigned lane;    /* work of one lane is done one after another, in order;
						 0: side by side with all other */
};

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

/** A lane for all that has this key. */
static inline unsigned work_lane(uint64_t key)
{
	return (unsigned)(key % 255) + 1;
}

int job_init(void); /* before fork: finds the event routes */

/** @return true if the script has that event route (or KEMI is there to be
 * asked) */
bool job_has_route(enum job_type type);

/** Spool process: make a job out of views; NULL if shared memory is out. */
struct job *job_new(enum job_type type, const struct view text[JOB_TEXTS]);

/** Spool process: give it to the async workers, who begin with it after
 * job_flush() at the latest. Takes the work; if too much waits already, it is
 * dropped with a line in the log. */
void work_push(struct work *w);

static inline void job_push(struct job *j)
{
	work_push(&j->work);
}

/** Spool process: wake as many async workers as there is work for. */
void job_flush(void);

/** Spool process: @return true if a job pushed now is the workers' soon; if
 * not, they wake this process when it is */
bool job_room(void);

/** Async worker: the job whose event route runs in this process now, or NULL.
 */
struct job *job_current(void);

#endif
