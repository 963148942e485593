/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "power_work.h"

/* Was a promise kept? Each is asked for as the peer would, in a transaction that is rolled back. */

static inline bool kept_sms(struct store *s, const struct promise *p)
{
	bool part = p->kind == PROMISE_PART;
	struct store_sms_new m = part ? work_part_of(p->key >> 8, p->key & 255, p->value) : sms_of(0, 0, p->key);
	struct store_sms_added added;

	return !store_sms_add(s, &m, work.now_ms, work_never, NULL, &added) && added.message_id == p->id &&
	       (part || added.status == STORE_SMS_DONE);
}

static inline bool kept_message(struct store *s, const struct promise *p)
{
	struct store_message_new m = message_of(p->value, p->key);
	struct store_message_added added;

	return store_message_add(s, &m, work.now_ms, &added) == -EEXIST && added.message_id == p->id;
}

static inline void on_delivered(void *ctx, const struct store_message *m)
{
	*(bool *)ctx = m->state == MESSAGE_DELIVERED;
}

/** Its row, or, of one that nobody will ask for again, that of its message. */
static inline bool segment_is_known(struct store *s, const struct promise *p)
{
	bool delivered = false;

	if (p->kind == PROMISE_REPORT && store_segment_attempts(s, p->id) == -ENOENT)
		return !store_read_message(s, p->id >> 8, on_delivered, &delivered) && delivered;
	return store_segment_attempts(s, p->id) >= 0;
}

static inline bool kept_segment(struct store *s, const struct promise *p)
{
	struct store_outcome o;
	char smsc_id[24];
	const char *b;
	bool waits;

	snprintf(smsc_id, sizeof(smsc_id), "%" PRId64, p->id);
	waits = !store_segment_recipient(s, "smsc-a", smsc_id, &b) && !strcmp(b, "+491702");
	return waits == (p->kind == PROMISE_ACCEPTED) && segment_is_known(s, p) &&
	       store_segment_accepted(s, p->id, "smsc-a", smsc_id, work.now_ms, &o) == -ENOENT;
}

static inline bool kept_notification(struct store *s, const struct promise *p)
{
	struct store_notification n;
	char imdn_id[32];
	int err = store_notification_get(s, p->id, &n);

	return p->kind == PROMISE_NOTIFIED ? err == -ENOENT
					   : !err && !strcmp(n.imdn_id, work_name(imdn_id, "imdn-", p->value));
}

static inline bool kept_session(struct store *s, const struct promise *p)
{
	struct store_session session;

	return !store_session_get(s, p->id, &session) && session.local_cseq == p->value;
}

static inline bool kept_name(struct store *s, const struct promise *p)
{
	struct store_registration r;
	struct store_number n;
	char name[32], want[32], a[STORE_NUMBER_MAX];

	if (p->kind == PROMISE_REGISTRATION)
		return !store_registration_get(s, work_name(name, "+4930", p->key), work.now_ms, &r) &&
		       r.bits == p->value;
	if (p->kind == PROMISE_IDENTITY)
		return !store_read_identity(s, work_name(name, "sip:a", p->key), work.now_ms, a) &&
		       !strcmp(a, work_name(want, "+49", p->value));
	return !store_number_get(s, "+491702", work_name(name, "+4940", p->key), work.now_ms, &n) &&
	       n.session_id == p->value;
}

static inline bool kept_outcome(struct store *s, const struct promise *p)
{
	struct store_sms_message m;
	struct store_outcome o;

	return !store_sms_get(s, p->id, &m, NULL, NULL) &&
	       store_sms_delivered(s, p->id, false, work.now_ms, &o) == -ENOENT;
}

static inline bool promise_kept(struct store *s, const struct promise *p)
{
	static bool (*const kept[PROMISE_KINDS])(struct store *s, const struct promise *p) = {
		kept_message, kept_segment,	 kept_segment,	    kept_segment, kept_sms,  kept_outcome, kept_sms,
		kept_notification, kept_notification, kept_session, kept_name,	  kept_name, kept_name,
	};
	bool ok;

	if (store_begin(s))
		return false;
	ok = kept[p->kind](s, p);
	store_rollback(s);
	return ok;
}
