/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MT_TABLE_H
#define IPSMGW_MT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../lib/cpm/cpm_id.h"
#include "../../lib/sms/address.h"
#include "mt_retry.h"

/*
 * Messages on their way to A, private to the spool process: which of them the
 * script has now, and which DATA of the connector wait for A's answer. Two
 * messages of the same B to the same A never run side by side, so their order
 * holds. Notifications have places of their own: clients that ignore them must
 * not take those of messages.
 */

enum {
	MT_MESSAGES = 600,
	MT_NOTIFICATIONS = 2000,
	MT_MAX = MT_MESSAGES + MT_NOTIFICATIONS,
	MT_REFS = 4,
	MT_WINDOW = 500,
	MT_FEW = 16
};

/** A DATA of the connector that must be answered. */
struct mt_ref {
	uint64_t generation, ref; /* link_generation() when it came; 0: none */
	uint32_t session;         /* SMPP session, as the connector counts them */
	int64_t since_ms;         /* ipsmgw_mono_ms() */
};

struct mt {
	int64_t message_id;
	char a[SMS_ADDRESS_TEXT_MAX + 1];
	uint64_t pair;      /* hash of (A, B) */
	bool running;       /* the script or tm has it */
	bool came;          /* A registered while the attempt ran */
	struct mt_tries tries;
	bool told;          /* the SMS side has its answer */
	int outcome;        /* SIP code that could not be stored yet, 0 if none */
	int64_t session_id; /* of the chat session that B writes to, 0 if none */
	bool group;         /* that is a group: no pager message instead */
	bool as_pager;      /* its chat session could not take it */
	bool for_session;   /* no keyword: it waits until its session is ACTIVE */
	char imdn_id[CPM_UUID_LEN + 1]; /* "" of a notification */
	bool awaits_imdn; /* A's side has it, its client's notification is to come
					   */
	int imdn_code;    /* a notification that came before A's response, 0 if none
					   */
	unsigned parts, attempts;
	int64_t created_ms;
	unsigned n_refs;
	struct mt_ref refs[MT_REFS];
	struct mt *next, *prev; /* in order of arrival */
	struct mt *next_id;     /* with the same hash of message_id */
	struct mt *next_a;      /* with the same hash of a, in order of arrival */
	uint64_t order;
};

struct mt *mt_find(int64_t message_id);

/** Append; NULL if there is no place for one of its kind. */
struct mt *mt_add(int64_t message_id);
void mt_remove(struct mt *m);

/** A has registered: those that are on their way to A note it. */
void mt_came(const char *a);

/** Whom it goes to, and which pair it is of. */
void mt_set_a(struct mt *m, const char *a, uint64_t pair);

/** It is started once more in this round, as a pager message. */
void mt_again_as_pager(struct mt *m);

struct mt *mt_first(void);
unsigned mt_count(void);
unsigned mt_room(void);               /* for messages */
unsigned mt_room_notifications(void); /* with an id below 0 */

/** Of what the connector may have unanswered (MT_WINDOW), or of the places for
 * notifications, one A has as much as is free at most, so that an A who never
 * answers leaves room for others. @return false if that A has its share */
bool mt_has_share(const char *a, bool notification);

/** @return true if an older one of the same pair is in the table */
bool mt_must_wait(const struct mt *m);

/**
 * Remember a DATA. @return the oldest one if there is no room for it any more
 * (answer it), else one with generation 0
 */
struct mt_ref mt_add_ref(struct mt *m, struct mt_ref ref);

#endif
