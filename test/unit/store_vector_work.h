/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "store_vector.h"

/* What was open in such a database, worked off to the end: check_work(). */

/* ---- the work that was open ---- */

static int64_t taken[16];
static unsigned n_taken, n_resubmit, n_texts;

static inline void on_segment(void *ctx, const struct store_segment *seg)
{
	(void)ctx;
	CHECK(seg->tpdu.len >= 8 && !memcmp(seg->tpdu.p, "tpdu-", 5) && !strcmp(seg->b, "+491702"), "%lld",
	      (long long)seg->segment_id);
	n_resubmit += seg->resubmit;
	if (n_taken < 16)
		taken[n_taken++] = seg->segment_id;
}

/** Queued in the old version, sent by the new one; its report comes, and that of one sent before. */
static inline void check_out(const struct vector *v, struct store *s)
{
	struct store_message_new again = message_of(1, 1);
	struct store_message_added added;
	struct store_outcome o;
	unsigned want = v->version < 4 ? 5 : 6;
	char smsc_id[16];

	CHECK(store_message_add(s, &again, T0 + 100, &added) == -EEXIST, "a retry by the client is known");
	CHECK(!store_message_expire(s, T0 + 5000, &o) && o.state == MESSAGE_EXPIRED, "its time was over");
	n_taken = n_resubmit = 0;
	CHECK(store_segments_take(s, T0 + 10000, 16, on_segment, NULL) == (int)want, "%u to send", n_taken);
	CHECK(n_resubmit == 1, "%u may have been sent before", n_resubmit);
	for (unsigned i = 0; i < n_taken; i++) {
		snprintf(smsc_id, sizeof(smsc_id), "new-%u", i);
		CHECK(!store_segment_accepted(s, taken[i], "smsc-a", smsc_id, T0 + 10000, &o), "%s", store_error(s));
		CHECK(!store_segment_report(s, "smsc-a", smsc_id, 0, T0 + 10001, &o), "%s", smsc_id);
	}
	CHECK(o.state == MESSAGE_DELIVERED && o.final, "the last of them is done: %d", o.state);
	CHECK(!store_segment_report(s, "smsc-a", "id-3", 0, T0 + 10000, &o) && o.state == MESSAGE_DELIVERED,
	      "a report for what the old version sent");
	CHECK(store_segment_report(s, "smsc-a", "id-4", 0, T0 + 10000, &o) == -ENOENT, "that one was booked");
}

static inline void on_fragment(void *ctx, const struct store_fragment *fragment)
{
	(void)ctx;
	n_texts += view_eq(fragment->units, VIEW("text"));
}

static inline void deliver(struct store *s, int64_t id, unsigned parts)
{
	struct store_sms_message m;
	struct store_outcome o;

	n_texts = 0;
	CHECK(!store_sms_get(s, id, &m, on_fragment, NULL) && n_texts == parts && m.total == parts, "%u of %u", n_texts,
	      parts);
	CHECK(!strcmp(m.conversation_id, "conv-1") || !strncmp(m.conversation_id, "fresh", 5), "%s", m.conversation_id);
	CHECK(!store_sms_delivered(s, id, false, T0 + 10000, &o) && o.final, "%s", store_error(s));
}

static inline bool never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

static inline struct store_sms_added receive(struct store *s, unsigned ref, unsigned part, unsigned total, unsigned key)
{
	struct store_sms_new m = sms_of(part, total, key);
	struct store_sms_added added = {0};

	m.ref = ref;
	CHECK(!store_sms_add(s, &m, T0 + 9000, never, NULL, &added), "%s", store_error(s));
	return added;
}

/** Parts complete, repeats are known, what A did not take is offered again. */
static inline void check_in(struct store *s)
{
	struct store_sms_added added = receive(s, 42, 1, 2, 11);
	int64_t ids[4];

	CHECK(added.status == STORE_SMS_HELD, "a part that was acknowledged: %d", added.status);
	added = receive(s, 42, 2, 2, 30);
	CHECK(added.status == STORE_SMS_READY, "its other part: %d", added.status);
	deliver(s, added.message_id, 2);
	CHECK(store_sms_due(s, T0 + 9500, ids, 4) == 2, "two sets that A did not take");
	deliver(s, ids[0], 2);
	deliver(s, ids[1], 2);
	added = receive(s, 0, 0, 0, 16);
	CHECK(added.status == STORE_SMS_READY, "a repeat of one that was open: %d", added.status);
	deliver(s, added.message_id, 1);
	CHECK(receive(s, 0, 0, 0, 17).status == STORE_SMS_DONE, "a repeat of one that A has");
}

static inline void check_notifications(const struct vector *v, struct store *s)
{
	struct store_notification n;
	int64_t ids[4];
	int due = store_notifications_due(s, T0 + 500, ids, 4);

	CHECK(due == (v->version >= 2 ? 2 : 0), "%d due", due);
	for (int i = 0; i < due; i++) {
		CHECK(!store_notification_get(s, ids[i], &n) && !strncmp(n.imdn_id, "0a1b2c3d", 8), "%s", n.imdn_id);
		CHECK(!store_notification_done(s, ids[i]), "%s", store_error(s));
	}
}

static int64_t open_session;

static inline void on_session(void *ctx, const struct store_session *session)
{
	(void)ctx;
	CHECK(!strcmp(session->call_id, "call-1") && session->local_cseq == 7, "%s", session->call_id);
	open_session = session->id;
}

/** What is registered is known; an open session is ended with its number. */
static inline void check_sessions(const struct vector *v, struct store *s)
{
	struct store_registration r;
	struct store_session session;
	struct store_number n;
	char a[STORE_NUMBER_MAX];

	CHECK(store_registration_get(s, "+491701", T0, &r) == (v->version >= 3 ? 0 : -ENOENT), "registration");
	CHECK(v->version < 3 || r.bits == 3, "bits %u", r.bits);
	CHECK(store_read_identity(s, "sip:alice@example.org", T0, a) == (v->identity ? 0 : -ENOENT), "identity");
	CHECK(store_sessions_open(s, on_session, NULL) == (v->version >= 4 ? 1 : 0), "sessions");
	if (v->version < 4)
		return;
	CHECK(!store_session_get(s, open_session, &session) && session.state == 2, "%s", store_error(s));
	session = (struct store_session){.id = open_session, .a = "+491701", .b = "+491702", .call_id = "call-1"};
	CHECK(!store_session_put(s, &session, T0), "%s", store_error(s));
	CHECK(!store_number_get(s, "+491702", "+4930", T0, &n) && n.session_id == open_session, "its number");
	n = (struct store_number){.b = "+491702", .number = "+4930", .a = "+491701", .until_ms = T0 + 400};
	CHECK(!store_number_bind(s, &n, T0), "%s", store_error(s));
	CHECK(!store_number_get(s, "+491702", "+4931", T0, &n), "one in quarantine");
}

/** What only newer versions have can be written, and everything goes when its time is over. */
static inline void check_purge(struct store *s)
{
	struct store_contact c = {"+491709", "", 1, T0 + 50000, "sip:scscf", STORE_LEARNED_REGISTER};
	const int64_t later = T0 + 100000;
	struct store_depth depth;

	CHECK(!store_registration_set(s, &c, T0) && !store_identity_set(s, "sip:new", "+491709", T0 + 50000, T0), "%s",
	      store_error(s));
	CHECK(store_purge(s, later, later, 1000) >= 12, "%s", store_error(s));
	CHECK(store_sessions_purge(s, later, 10) >= 0 && store_registrations_purge(s, later, 10) >= 1 &&
		      store_identities_purge(s, later, 10) >= 1 && store_numbers_purge(s, later, 10) >= 0,
	      "%s", store_error(s));
	CHECK(!store_read_depth(s, &depth) && depth.segments_waiting == 0, "nothing waits");
}

static inline void check_gone(struct store *s)
{
	char *left = ask(s->db, "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM segment) +"
				" (SELECT count(*) FROM fragment) + (SELECT count(*) FROM conversation) +"
				" (SELECT count(*) FROM notification) + (SELECT count(*) FROM registration) +"
				" (SELECT count(*) FROM identity) + (SELECT count(*) FROM session) +"
				" (SELECT count(*) FROM number)");

	CHECK(!strcmp(left, "1|"), "%s rows are left, not the newest message only", left);
	sqlite3_free(left);
}

static inline void check_work(const struct vector *v, struct store *s)
{
	CHECK(!store_begin(s), "%s", store_error(s));
	check_out(v, s);
	check_in(s);
	check_notifications(v, s);
	check_sessions(v, s);
	check_purge(s);
	check_gone(s);
	CHECK(!store_commit(s), "%s", store_error(s));
}
