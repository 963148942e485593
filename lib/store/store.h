/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * Everything that must survive: conversations, messages, segments, fragments, notifications,
 * registrations. One process writes (store_open), others may read (store_open_read). Writes happen
 * between store_begin() and store_commit(); a promise to a peer follows the commit. Times are
 * milliseconds since 1970 unless the name says otherwise and are always parameters. There is no SQL
 * in this header, so that another backend can stand behind it.
 *
 * Errors: 0; -ENOENT; -EEXIST; -EIO (database failed, store_error() says why: roll back).
 */

struct store;

enum store_direction { STORE_OUT = 1, STORE_IN = 2 }; /* CPM -> SMS, SMS -> CPM */

enum message_state {
	MESSAGE_ASSEMBLING = 1, /* in: parts are missing */
	MESSAGE_PENDING = 2, /* out: at least one segment is not accepted; in: A has not answered */
	MESSAGE_ACCEPTED = 3, /* out: the SMSC has all of it; final if no report was asked for */
	MESSAGE_DELIVERED = 4,
	MESSAGE_FAILED = 5,
	MESSAGE_EXPIRED = 6,
};

enum segment_state {
	SEGMENT_QUEUED = 1,
	SEGMENT_SENT = 2, /* handed to the connector, no answer yet */
	SEGMENT_ACCEPTED = 3,
	SEGMENT_DELIVERED = 4,
	SEGMENT_FAILED = 5,
	SEGMENT_EXPIRED = 6,
};

enum { STORE_KEY_OCTETS = 16, STORE_UUID_LEN = 36 };

/* ---- the database ---- */

/**
 * Open for writing, create or upgrade. WAL, synchronous=FULL; each pragma is read back. All
 * statements are prepared here. Segments left SENT by a process that died become QUEUED with
 * resubmit set; notifications that it was sending are due at once.
 * @param why  on failure one line for the operator (path, reason, what to do)
 * @return 0, -EIO, -ENOTSUP (schema newer than this program)
 */
int store_open(struct store **out, const char *path, char *why, size_t why_size);

/** Open read only, beside the writer; only store_read_*() may be called. */
int store_open_read(struct store **out, const char *path, char *why, size_t why_size);

/** From now on a thread, ended by store_close(), brings the WAL into the database. @return 0, -EIO */
int store_checkpoint_aside(struct store *s);
/** Read what tells clients' retries of the last window, for which the first message would wait. @return 0, -EIO */
int store_retries_load(struct store *s, int64_t window_ms, int64_t now_ms);

void store_close(struct store *s);
int64_t store_resubmissions(const struct store *s); /* segments, when the process before us died */
int64_t store_redeliveries(const struct store *s); /* concatenated messages for A, likewise */
const char *store_error(const struct store *s);
const char *store_uuid(const struct store *s); /* made with the database, never changes */

int store_begin(struct store *s);
int store_commit(struct store *s); /* on failure it has rolled back */
void store_rollback(struct store *s);

/** Around many reads outside of a transaction: each alone would take and give back the database's lock. */
void store_read_begin(struct store *s);
void store_read_end(struct store *s);

/* ---- CPM -> SMS ---- */

struct store_segment_new {
	struct view tpdu;
	uint8_t tp_mr;
};

struct store_message_new {
	const char *a, *b;   /* sms_address_print() form */
	const char *oa;      /* the originator that B sees, "" if that is a (spec 3.4, 7.3) */
	int64_t session_id;  /* of the chat session it was written in, 0 if none */
	const char *service; /* service_name() */
	struct view conversation_id, contribution_id, in_reply_to, imdn_id; /* empty if absent */
	unsigned imdn_request;                                              /* enum imdn_request */
	struct view imdn_route;                                             /* stored as it is */
	struct view instance;    /* of A's device, for its notifications (spec 6.6); stored as it is, empty if absent */
	struct view original_to; /* URI of imdn.Original-To (RFC 5438 6.6), stored as it is; empty if absent */
	struct view datetime; /* CPIM DateTime, stored as it is; empty if absent */
	const char *smsc; /* asked for, "" for the connector's choice */
	uint8_t retry_key[STORE_KEY_OCTETS]; /* equal for a retry of the same message by A's client */
	int64_t retry_window_ms;         /* how long that holds, also if the clock is set; 0: never retried, no key */
	int64_t expires_ms;
	bool send_now; /* segments begin SENT instead of QUEUED */
	unsigned n_segments;
	const struct store_segment_new *segments;
};

struct store_message_added {
	int64_t message_id;
	int64_t first_segment_id; /* segments have consecutive ids */
	enum message_state state;
};

/**
 * Add message, segments, and A's contribution to the conversation of (A, B).
 * @return 0; -EEXIST: a retry of a message that is there already (out tells which, nothing was
 * written); -EIO
 */
int store_message_add(struct store *s, const struct store_message_new *m, int64_t now_ms,
		      struct store_message_added *out);

struct store_segment {
	int64_t segment_id, message_id;
	const char *a, *b, *smsc;
	const char *oa; /* the originator that B sees; never empty */
	struct view tpdu;
	unsigned attempts;
	bool resubmit;
	int64_t expires_ms;
};

/**
 * Take up to limit QUEUED segments whose time has come, oldest first, and make them SENT. Views
 * live during the call of row.
 * @return how many, or -EIO
 */
int store_segments_take(struct store *s, int64_t now_ms, unsigned limit,
			void (*row)(void *ctx, const struct store_segment *), void *ctx);

/** When the next QUEUED segment is due, INT64_MAX if there is none. */
int64_t store_segments_next_ms(struct store *s);

/** What became of a message; strings live until the next call on s. */
struct store_outcome {
	int64_t message_id;
	bool final; /* nothing more will be learned: write the outcome line */
	enum message_state state;
	const char *a, *b, *service, *conversation_id, *contribution_id, *imdn_id, *smsc, *smsc_id;
	unsigned imdn_request, n_segments;
	int64_t created_ms;
	int64_t session_id; /* 0 if none */
	unsigned cause; /* RP-Cause of a failure */
};

/** The SMSC has the segment. Its TPDU is erased. -ENOENT if it is not open (a late or second answer). */
int store_segment_accepted(struct store *s, int64_t segment_id, const char *smsc,
			   const char *smsc_id, int64_t now_ms, struct store_outcome *out);

/** Right after store_segment_accepted(): the recipient has it, no report will follow, asked for or not. */
int store_segment_delivered(struct store *s, int64_t segment_id, int64_t now_ms, struct store_outcome *out);

/** Back to QUEUED. unknown: it may have reached the SMSC, the next attempt resubmits. counted: raises attempts. */
int store_segment_retry(struct store *s, int64_t segment_id, int64_t next_attempt_ms,
			unsigned cause, bool unknown, bool counted);

/** @return attempts counted so far, or -ENOENT, -EIO */
int store_segment_attempts(struct store *s, int64_t segment_id);

/** Permanent failure: the message fails, its segments that wait are dropped. */
int store_segment_failed(struct store *s, int64_t segment_id, unsigned cause, int64_t now_ms,
			 struct store_outcome *out);

/** An SMSC is there again: QUEUED segments that wait for a later attempt are due now. */
int store_segments_hurry(struct store *s, int64_t now_ms);

/** b can be reached again: QUEUED segments for b that wait are due now. @return how many, or -EIO */
int store_segments_alert(struct store *s, const char *b, int64_t now_ms);

/** Fail a PENDING message whose expires_ms has passed, none of its segments SENT. @return 0, -ENOENT (none), -EIO */
int store_message_expire(struct store *s, int64_t now_ms, struct store_outcome *out);

/**
 * A status report. tp_st by spec 6.3: 0x00-0x1f delivered, 0x20-0x3f still trying (nothing changes), else failed.
 * @param smsc_id  normalised by smpp_message_id_normalise()
 * @return 0; -ENOENT: no such segment, or its report came already
 */
int store_segment_report(struct store *s, const char *smsc, const char *smsc_id, uint8_t tp_st,
			 int64_t now_ms, struct store_outcome *out);

/** Whose segment waits for the report of smsc_id; *b lives until the next call on s. @return 0, -ENOENT, -EIO */
int store_segment_recipient(struct store *s, const char *smsc, const char *smsc_id, const char **b);

/* ---- SMS -> CPM ---- */

struct store_sms_new {
	const char *a, *b;
	int64_t session_id; /* of the chat session that B writes to, 0 if none */
	uint8_t tp_dcs, tp_pid;
	struct view units; /* tp_ud_text(): without header */
	int64_t scts_s;
	int zone_minutes;
	unsigned ref_bits, ref, total, part;   /* ref_bits 0: not concatenated */
	uint8_t key[STORE_KEY_OCTETS];         /* equal for a repeated delivery of the same SM */
	char fresh_ids[3][STORE_UUID_LEN + 1]; /* conversation, contribution, imdn id if new ones are needed */
	int64_t reply_window_ms;  /* t_reply: InReplyTo within this time of A's last message */
	int64_t repeat_window_ms; /* a repeat of key within this time is the same SM */
	int64_t assemble_ms, assemble_max_ms; /* t_concat after the last part; after the first part */
};

enum store_sms_status {
	STORE_SMS_HELD,      /* a part is stored, others are missing: acknowledge */
	STORE_SMS_READY,     /* complete: deliver it, answer with A's answer */
	STORE_SMS_IN_FLIGHT, /* the same SM is being delivered now: share its answer */
	STORE_SMS_DONE,      /* a repeat of one that A has, or of a part that was acknowledged: acknowledge */
	STORE_SMS_REFUSED,   /* a repeat of the part whose answer is A's, who does not get it: answer with cause */
};

struct store_sms_added {
	int64_t message_id;
	enum store_sms_status status;
	unsigned cause; /* RP-Cause, of REFUSED */
	int64_t earlier_id; /* READY, not concatenated: an equal message that A has, or may have; 0: none */
};

/**
 * Add one short message or part, in the conversation of (A, B).
 * @param in_flight  says whether message_id is being delivered now: true makes an equal SM
 * STORE_SMS_IN_FLIGHT; may say *separate = true to have it taken as another message with the same
 * text (concatenated parts ignore that)
 */
int store_sms_add(struct store *s, const struct store_sms_new *m, int64_t now_ms,
		  bool (*in_flight)(void *ctx, int64_t message_id, bool *separate), void *ctx,
		  struct store_sms_added *out);

/** Is m a part that an open set (of its A) lacks, or one that a set has? @return 1, 0, -EIO */
int store_sms_belongs(struct store *s, const struct store_sms_new *m, int64_t now_ms);

struct store_sms_message {
	int64_t message_id;
	int64_t session_id;
	const char *a, *b, *service; /* service of A's last message in this conversation, "" if none */
	const char *conversation_id, *contribution_id, *in_reply_to, *imdn_id;
	int64_t scts_s;
	int zone_minutes;
	unsigned total; /* parts, 1 if not concatenated */
	unsigned attempts;
	int64_t created_ms;
};

struct store_fragment {
	unsigned part;
	uint8_t tp_dcs;
	struct view units;
};

/**
 * A message for A and its parts in order, one if it was not concatenated, kept until its outcome. Strings
 * live until the next call on s. fragment may be NULL: the text is not read.
 */
int store_sms_get(struct store *s, int64_t message_id, struct store_sms_message *out,
		  void (*fragment)(void *ctx, const struct store_fragment *), void *ctx);

/** A has it: text erased. owed: the SMS side could not be told, so a repeat is STORE_SMS_DONE, even of a single one. */
int store_sms_delivered(struct store *s, int64_t message_id, bool owed, int64_t now_ms, struct store_outcome *out);

/** A refused for good (FAILED), or its time is over (EXPIRED): text erased. owed: a repeat of any part is DONE. */
int store_sms_failed(struct store *s, int64_t message_id, enum message_state state, unsigned cause, bool owed,
		     int64_t now_ms, struct store_outcome *out);

/** For a single message, which the SMSC repeats: A did not answer and may have it; he does not have it. */
#define STORE_SMS_UNKNOWN ((int64_t)0)
#define STORE_SMS_NOT_TAKEN INT64_MAX

/** A did not take it now. A concatenated message, some of whose parts were acknowledged, is ours to try again then. */
int store_sms_retry(struct store *s, int64_t message_id, int64_t next_attempt_ms);

/** A has it, and the SMS side does not know: a repeat is STORE_SMS_DONE, as if owed. @return 0, -ENOENT, -EIO */
int store_sms_owe(struct store *s, int64_t message_id);

/** A can be reached again: concatenated messages for A that wait are due now. @return how many, or -EIO */
int store_sms_hurry(struct store *s, const char *a, int64_t now_ms);

/**
 * Concatenated messages to deliver without waiting for more: assembly over, or a retry is due. They
 * become PENDING with no time set.
 * @return how many ids were written to ids, or -EIO
 */
int store_sms_due(struct store *s, int64_t now_ms, int64_t *ids, unsigned limit);
int64_t store_sms_next_ms(struct store *s);

/* ---- notifications (IMDNs) for A, about a message CPM -> SMS ---- */

struct store_notification_new {
	int64_t message_id;
	int kind, status; /* the caller's numbers, given back as they are */
	char imdn_id[STORE_UUID_LEN + 1]; /* its own, not that of the message */
	int64_t next_attempt_ms;          /* INT64_MAX: the caller sends it now */
};

/** @return 0; -ENOENT: no such message; -EINVAL: no imdn_id; -EIO */
int store_notification_add(struct store *s, const struct store_notification_new *n, int64_t now_ms, int64_t *id);

struct store_notification {
	int64_t id, message_id;
	int kind, status;
	const char *imdn_id; /* its own; all that follow are the message's, "" if absent */
	const char *a, *b, *service, *conversation_id, *contribution_id, *message_imdn_id,
		*datetime;
	struct view imdn_route, instance, original_to;
	int64_t session_id; /* of the message, 0 if none */
	unsigned attempts; /* counted by store_notification_retry() */
	int64_t created_ms;
};

/** Strings and view live until the next call on s. */
int store_notification_get(struct store *s, int64_t id, struct store_notification *out);

/**
 * Notifications whose time has come, oldest first: the caller sends them now, none is given twice.
 * @return how many ids were written to ids, or -EIO
 */
int store_notifications_due(struct store *s, int64_t now_ms, int64_t *ids, unsigned limit);

/** When the next one is due, INT64_MAX if none waits. */
int64_t store_notifications_next_ms(struct store *s);

/** Again at next_attempt_ms; counted: A did not take it. -ENOENT if it is not being sent (done, or a retry already). */
int store_notification_retry(struct store *s, int64_t id, int64_t next_attempt_ms, bool counted);

/** A has it, or nobody tries any more: it is gone. -ENOENT: it was before. */
int store_notification_done(struct store *s, int64_t id);

/* ---- what A's clients registered ---- */

enum store_learned { STORE_LEARNED_REGISTER = 1, STORE_LEARNED_NOTIFY = 2 };

enum { STORE_SCSCF_MAX = 256 };

struct store_contact {
	const char *a;	   /* number */
	const char *key;   /* its instance, else its URI; "": A is registered, no more is known */
	unsigned bits;	   /* enum cpm_capability */
	int64_t expires_ms;
	const char *scscf; /* URI, "" if not known: what was known stays */
	enum store_learned learned_from;
};

/**
 * Add a contact of A or replace what is known of it; if expires_ms is not after now_ms, forget it.
 * What a NOTIFY says never takes away bits that a REGISTER said.
 * @return 0; -EINVAL: no number; -EIO
 */
int store_registration_set(struct store *s, const struct store_contact *c, int64_t now_ms);

/** Forget the contacts of A: all with STORE_LEARNED_REGISTER, else only those that no REGISTER named. */
int store_registration_clear(struct store *s, const char *a, enum store_learned at_least);

/**
 * A contact that can do service did not take a message: those of A that were said to be able to cannot, and
 * neither what else is in group. That A is registered stays. @return 0, -EIO
 */
int store_registration_stale(struct store *s, const char *a, unsigned service, unsigned group);

struct store_registration {
	unsigned bits; /* of all contacts together */
	char scscf[STORE_SCSCF_MAX]; /* the one learned last, "" if none */
};

/** What is not over at now_ms. Strings given out before stay alive. @return 0, -ENOENT (not registered), -EIO */
int store_registration_get(struct store *s, const char *a, int64_t now_ms,
			   struct store_registration *out);

/** Remove up to limit rows that are over. @return how many, or -EIO */
int store_registrations_purge(struct store *s, int64_t now_ms, unsigned limit);

/* ---- public user identities of A that are no numbers (R-30) ---- */

enum { STORE_NUMBER_MAX = 32 }; /* octets, NUL included */

/** impu is one of a, until expires_ms; if that is not after now_ms, forget it. @return 0, -EINVAL (empty), -EIO */
int store_identity_set(struct store *s, const char *impu, const char *a, int64_t expires_ms, int64_t now_ms);

/** Whose impu is; for any process. @return 0, -ENOENT, -EIO */
int store_read_identity(struct store *s, const char *impu, int64_t now_ms, char a[STORE_NUMBER_MAX]);

/** Remove up to limit rows that are over. @return how many, or -EIO */
int store_identities_purge(struct store *s, int64_t now_ms, unsigned limit);

/* ---- chat sessions ---- */

/**
 * A chat session or large message over MSRP: what must survive the process, so that the dialog can be ended
 * properly. The caller's numbers and texts are given back as they are; NULL texts count as "".
 */
struct store_session {
	int64_t id;
	int kind, state;	      /* the caller's numbers; state 0 is kept for "closed" */
	unsigned flags;		      /* the caller's bits */
	const char *a, *b;	      /* as in a message */
	const char *number;	      /* what B sees as the sender and writes to */
	const char *name;	      /* of A or of the group, for texts to B; UTF-8 */
	const char *language;	      /* of those texts, "" if none was chosen */
	const char *service;	      /* service_name() */
	const char *conversation_id, *contribution_id;
	const char *smsc;	      /* asked for, "" for the connector's choice */
	/* the dialog (RFC 3261 12) */
	const char *call_id, *local_tag, *remote_tag, *local_uri, *remote_uri, *remote_target;
	const char *route_set;	      /* value of a Route header, "" if none */
	unsigned local_cseq, remote_cseq;
	int64_t created_ms, updated_ms;
};

/** A new session; in->id is not looked at. @return 0, -EIO */
int store_session_add(struct store *s, const struct store_session *in, int64_t now_ms, int64_t *id);

/** Write all of a session that is there. @return 0, -ENOENT, -EIO */
int store_session_put(struct store *s, const struct store_session *in, int64_t now_ms);

/** A session, closed ones too; strings live until the next call on s. @return 0, -ENOENT, -EIO */
int store_session_get(struct store *s, int64_t id, struct store_session *out);

typedef void (*store_session_row)(void *ctx, const struct store_session *session);

/** All sessions that are not closed, oldest first; strings live during the call of row. @return rows, or -EIO */
int store_sessions_open(struct store *s, store_session_row row, void *ctx);

/** Newest first, closed ones too; for any process. @return rows, or -EIO */
int store_read_sessions(struct store *s, unsigned limit, unsigned offset, store_session_row row, void *ctx);

/** Remove up to limit sessions closed before before_ms. @return how many, or -EIO */
int store_sessions_purge(struct store *s, int64_t before_ms, unsigned limit);

/* ---- numbers that stand for A towards one B (spec 7.3) ---- */

struct store_number {
	const char *b, *number;
	const char *a;		     /* whom B reaches by it, "" if nobody (a group) */
	const char *contribution_id; /* of the group it stands for, "" if none */
	int64_t session_id;	     /* that uses it now, 0 if none */
	unsigned flags;		     /* the caller's bits */
	int64_t until_ms;	     /* free again from then on; INT64_MAX while in use */
};

/** Bind number to b, or change the binding. @return 0; -EINVAL: no b or no number; -EIO */
int store_number_bind(struct store *s, const struct store_number *n, int64_t now_ms);

/** The binding of (b, number), strings live until the next call on s. -ENOENT: never bound, or until_ms is over. */
int store_number_get(struct store *s, const char *b, const char *number, int64_t now_ms, struct store_number *out);

/** The binding of b for a group, by its contribution_id, or (contribution_id "") for a. -ENOENT */
int store_number_find(struct store *s, const char *b, const char *contribution_id, const char *a, int64_t now_ms,
		      struct store_number *out);

/** Remove up to limit bindings that are over. @return how many, or -EIO */
int store_numbers_purge(struct store *s, int64_t now_ms, unsigned limit);

/* ---- housekeeping ---- */

/** Remove up to limit messages that ended before keep_messages_before_ms (none with a notification that is not done),
 * and look at up to limit conversations that may be unused since keep_conversations_before_ms (used by B: to half an
 * hour). @return how many, or -EIO */
int store_purge(struct store *s, int64_t keep_messages_before_ms,
		int64_t keep_conversations_before_ms, unsigned limit);

/* ---- reading, from any process ---- */

struct store_conversation {
	int64_t id;
	const char *a, *b, *conversation_id, *contribution_id, *service;
	int64_t created_ms, updated_ms;
};

struct store_message {
	int64_t id;
	enum store_direction direction;
	enum message_state state;
	const char *a, *b, *service, *conversation_id, *contribution_id, *in_reply_to, *imdn_id,
	    *smsc, *smsc_id;
	unsigned imdn_request, segments, cause, attempts;
	int64_t created_ms, updated_ms, next_attempt_ms; /* 0: none */
};

typedef void (*store_conversation_row)(void *ctx, const struct store_conversation *c);
typedef void (*store_message_row)(void *ctx, const struct store_message *m);

/** Newest first: those that began last. @return rows, or -EIO */
int store_read_conversations(struct store *s, unsigned limit, unsigned offset,
			     store_conversation_row row, void *ctx);
int store_read_conversation(struct store *s, const char *a, const char *b,
			    store_conversation_row row, void *ctx); /* -ENOENT */
int store_read_messages(struct store *s, unsigned limit, unsigned offset, store_message_row row,
			void *ctx);
int store_read_message(struct store *s, int64_t id, store_message_row row, void *ctx); /* -ENOENT */

struct store_depth {
	uint64_t segments_waiting, messages_assembling;
};

int store_read_depth(struct store *s, struct store_depth *out);

const char *message_state_name(enum message_state state); /* "pending", ... */

#ifdef STORE_TEST
/** Tests: every SELECT, UPDATE and DELETE statement with its EXPLAIN QUERY PLAN; full scans are failures. */
int store_test_query_plans(struct store *s, void (*row)(void *ctx, const char *sql, const char *plan), void *ctx);
#endif
