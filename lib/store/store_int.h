/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <sqlite3.h>

#include "store.h"
#include "store_keys.h"

/* Private to lib/store: the handle, the statements, and the one way to run a statement. */

enum {
	STORE_SCHEMA_VERSION = 7,
	STORE_APPLICATION_ID = 0x49505347, /* "IPSG": tells our file from another program's */
	STORE_BUSY_MS = 2000,  /* an operator's sqlite3 shell may hold the lock for a moment */
	STORE_PARTS_MAX = 255, /* a part number is one octet (TS 23.040 9.2.3.24.1) */
	STORE_CHECKPOINT_OCTETS = 16 << 20, /* of WAL: a page that changes often is written once for them */
	STORE_BATCH = 64,      /* ids fetched before the rows behind them are changed */
	RETRY_CLOCK_SLACK_MS = 60000, /* a clock that was set back by less may have gone unnoticed */
};

/** Steps from user_version n to n + 1. */
extern const char *const store_upgrades[STORE_SCHEMA_VERSION];

enum store_stmt {
	STMT_BEGIN,
	STMT_BEGIN_READ,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_REQUEUE_SENT,
	STMT_REQUEUE_DELIVERING,
	STMT_REQUEUE_NOTIFYING,

	STMT_CONVERSATION_OF_A_AGAIN,
	STMT_CONVERSATION_OF_A,
	STMT_MESSAGE_ADD,
	STMT_MESSAGE_RETRIED,
	STMT_MESSAGE_BY_KEY,
	STMT_MESSAGE_ANY_KEY,
	STMT_RETRY_ADD,
	STMT_RETRY_PURGE,
	STMT_RETRY_OCTETS,
	STMT_RETRY_LOAD,
	STMT_SEGMENT_ADD,
	STMT_SEGMENTS_DUE,
	STMT_SEGMENTS_HURRIED,
	STMT_SEGMENTS_FIRST,
	STMT_SEGMENTS_LAST,
	STMT_SEGMENTS_ALERT,
	STMT_SEGMENT_SEND,
	STMT_SEGMENT_SENT,
	STMT_SEGMENT_ROUTE,
	STMT_SEGMENT_ATTEMPTS,
	STMT_SEGMENT_RETRY,
	STMT_SEGMENT_ACCEPT,
	STMT_SEGMENT_DONE,
	STMT_SEGMENT_CLOSE,
	STMT_SEGMENTS_DROP,
	STMT_SEGMENT_BY_SMSC_ID,
	STMT_SEGMENT_RECIPIENT,
	STMT_SEGMENT_REPORT,
	STMT_MESSAGE_ACCEPT,
	STMT_MESSAGE_DELIVER,
	STMT_MESSAGE_HAS,
	STMT_MESSAGE_FAIL,
	STMT_MESSAGE_OUTCOME,
	STMT_MESSAGE_OVERDUE,
	STMT_MESSAGE_EXPIRE,

	STMT_CONVERSATION_OF_B,
	STMT_CONVERSATION_THREAD,
	STMT_SMS_SET,
	STMT_SMS_SAME,
	STMT_SMS_ADD,
	STMT_SMS_AGAIN,
	STMT_SMS_GROW,
	STMT_SMS_GET,
	STMT_SMS_END,
	STMT_SMS_RETRY,
	STMT_SMS_OWE,
	STMT_SMS_STEP,
	STMT_SMS_STEP_SENT,
	STMT_SMS_HURRY,
	STMT_SMS_DUE,
	STMT_SMS_DELIVER,
	STMT_SMS_FIRST,
	STMT_FRAGMENT_KEY,
	STMT_FRAGMENT_ADD,
	STMT_FRAGMENTS,
	STMT_FRAGMENTS_ERASE,
	STMT_FRAGMENTS_DELETE,

	STMT_NOTIFICATION_ADD,
	STMT_NOTIFICATION_GET,
	STMT_NOTIFICATIONS_DUE,
	STMT_NOTIFICATION_SEND,
	STMT_NOTIFICATIONS_FIRST,
	STMT_NOTIFICATIONS_STEP,
	STMT_NOTIFICATION_RETRY,
	STMT_NOTIFICATION_DONE,

	STMT_REGISTRATION_SET,
	STMT_REGISTRATION_REMOVE,
	STMT_REGISTRATION_CLEAR,
	STMT_REGISTRATION_STALE,
	STMT_REGISTRATION_GET,
	STMT_REGISTRATIONS_PURGE,
	STMT_IDENTITY_SET,
	STMT_IDENTITY_REMOVE,
	STMT_IDENTITIES_PURGE,

	STMT_SESSION_ADD,
	STMT_SESSION_PUT,
	STMT_SESSION_GET,
	STMT_SESSIONS_OPEN,
	STMT_SESSIONS_PURGE,

	STMT_NUMBER_BIND,
	STMT_NUMBER_GET,
	STMT_NUMBER_OF_GROUP,
	STMT_NUMBER_OF_A,
	STMT_NUMBERS_PURGE,

	STMT_PURGE_FIND,
	STMT_PURGE_SEGMENTS,
	STMT_PURGE_MESSAGE,
	STMT_PURGE_FIND_CONVERSATIONS,
	STMT_PURGE_CONVERSATION,
	STMT_CONVERSATION_USED,

	STMT_READ_UUID, /* this and all that follow are prepared by store_open_read() */
	STMT_READ_CONVERSATIONS,
	STMT_READ_CONVERSATION,
	STMT_READ_MESSAGES,
	STMT_READ_MESSAGE,
	STMT_READ_SESSIONS,
	STMT_READ_IDENTITY,
	STMT_READ_WAITING,
	STMT_READ_ASSEMBLING,
	STMT_COUNT,
};

extern const char *const store_sql[STMT_COUNT];

/**
 * store_segments_hurry() rewrites no row: it makes everything that waits at that moment up to until_ms
 * due, and store_segments_take() works through it by (next_attempt_ms, id).
 */
struct store_hurry {
	bool active;
	int64_t called_ms, until_ms;
	int64_t at_ms, id; /* all up to here has been taken */
};

enum { STORE_NOTED_TEXTS = 8 };

/** What the last UPDATE of a message left. */
struct store_noted {
	struct store_outcome outcome;
	bool concatenated;
	char *text, *at[STORE_NOTED_TEXTS];
	size_t size;
};

/** Keys of messages that came one after the other, with their ids. */
struct retry_set {
	struct key_set keys;
	int64_t first_ms, last_ms; /* steady_ms() */
};

/** By which a client's retry is known. */
struct store_retry {
	struct retry_set now, before;
	bool loaded, index_known;
	int64_t index_until_ms; /* steady_ms() */
	int64_t at_ms;		/* likewise, of the last message with a key */
	int64_t window_ms;	/* the longest so far */
	uint8_t *notes;		  /* of this transaction, for its row of table retry */
	size_t len, room;
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *stmt[STMT_COUNT];
	int lock_fd; /* of the writer; -1 if none */
	int64_t resubmissions, redeliveries;
	int64_t newest_before; /* message id, when the process before us ended */
	sqlite3_stmt *held; /* its row is what the strings of the last answer point into */
	bool in_transaction;
	bool broken; /* something failed since store_begin(): nothing of it may be committed */
	struct store_checkpoint *checkpoint; /* NULL: commits do it */
	struct store_hurry hurry, hurry_at_begin;
	struct store_retry retry;
	int64_t clock_shift_ms; /* since the origin the clock was set by so much in all */
	int64_t clock_step_ms, clock_set_ms; /* the last time: by so much, then by steady_ms() */
	bool clock_told; /* store_clock_shifted() was called */
	struct store_noted noted;
	char uuid[STORE_UUID_LEN + 1];
	int code; /* SQLite's, of error */
	char error[256];
};

/** End the thread of store_checkpoint_aside(), if there is one. */
void store_checkpoint_end(struct store *s);

/* ---- running a statement: arguments in a column, a step, columns in a column ---- */

struct query {
	struct store *s;
	sqlite3_stmt *stmt;
	int n;	/* argument bound, or column read, last */
	int rc; /* sticky */
};

struct query query_of(struct store *s, enum store_stmt stmt);
void query_int(struct query *q, int64_t value);
void query_null(struct query *q);
void query_time(struct query *q, int64_t at_ms);	     /* INT64_MAX, no time, is NULL */
void query_text(struct query *q, const char *text);	     /* "" and NULL are stored as NULL */
void query_view(struct query *q, struct view text);	     /* as text; empty is NULL */
void query_blob(struct query *q, const void *p, size_t len); /* empty is not NULL */

/** @return 1 (a row: read its columns), 0 (no more; reset), -EIO (reset) */
int query_row(struct query *q);

/** Run a statement that gives no rows, or whose further rows do not matter. @return 0, -EIO */
int query_done(struct query *q);

/** Run an UPDATE, DELETE or INSERT of one row. @return 0, -ENOENT (no row was as it should be), -EIO */
int query_change(struct query *q);

/** Run an UPDATE or DELETE of any number of rows. @return how many, or -EIO */
int query_count(struct query *q);

/** Run a DELETE of up to limit rows from before before_ms: its two parameters. @return how many, or -EIO */
int rows_purge(struct store *s, enum store_stmt stmt, int64_t before_ms, unsigned limit);

/** Reset early: no more rows are wanted. */
void query_end(struct query *q);

/** Keep the row: what column_text() gave stays valid until the next call on the store. */
void query_hold(struct query *q);

int64_t column_int(struct query *q);
const char *column_text(struct query *q); /* NULL reads as "" */
struct view column_blob(struct query *q);

/** Run a statement of one number, which is none if that is NULL. @return 0, -EIO (*out is none) */
int number_read(struct store *s, enum store_stmt stmt, int64_t none, int64_t *out);

/**
 * Read up to limit ids by find (now_ms, limit), then run take (id) for each of them.
 * @return how many ids were written, or -EIO
 */
int ids_take(struct store *s, enum store_stmt find, enum store_stmt take, int64_t now_ms,
	     int64_t *ids, unsigned limit);

/* ---- what every entry does first ---- */

/** End the life of the strings given out last. */
void store_release(struct store *s);

/** store_release(), and refuse work outside a transaction that can still be committed. @return 0, -EIO */
int store_writing(struct store *s);

/** Note the database's own words as store_error(). @return -EIO */
int store_failed(struct store *s, const char *where);

/** Note our own words as store_error(). @return err */
int store_refuse(struct store *s, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- a client's retry ---- */

/** The clock as if nobody had set it since its origin (store_clock.h). */
int64_t steady_ms(const struct store *s, int64_t now_ms);

/** Is m, which has a window, there already? @return 0: no; -EEXIST and which; -EIO */
int retried(struct store *s, const struct store_message_new *m, int64_t now_ms, struct store_message_added *out);

/** The same for one of an older program, in the index of keys. */
int retried_by_index(struct store *s, const struct store_message_new *m, int64_t now_ms,
		     struct store_message_added *out);

/** Is it this one, by its parties? Its age is for the caller to judge. @return as retried() */
int retried_as(struct store *s, const struct store_message_new *m, int64_t message_id, struct store_message_added *out,
	       int64_t *created_ms);

/** After retried(): a retry of m will be known from now on. @return 0, -EIO */
int retry_note(struct store *s, const struct store_message_new *m, int64_t message_id);

/** Before a commit, and after it or a rollback. @return 0, -EIO */
int retry_write(struct store *s);
void retry_committed(struct store *s);
void retry_rolled_back(struct store *s);

void retry_free(struct store *s);

/* ---- shared by the parts ---- */

static inline int64_t part_id(int64_t message_id, unsigned part)
{
	return message_id << 8 | part;
}

/** Give the statements their function noted(). @return 0, -EIO */
int noted_setup(struct store *s);

/** Nothing more will be learned of it. */
bool outcome_is_final(const struct store_outcome *o);

/**
 * Run a change of one message that has SQL_NOTED, and tell what it left; s->noted says more.
 * @return 0, -ENOENT (nothing was changed), -EIO
 */
int outcome_change(struct query *q, struct store_outcome *out);
