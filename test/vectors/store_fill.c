/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "test/unit/store_fixture.h"

/*
 * What a program of SCHEMA leaves when it is killed in the middle of its work: rows in each of its tables,
 * the last of them in the WAL only. Built by tools/store_vectors.sh with lib/store of that time; the files
 * are test/vectors/store_v*.db*.gz, and test/unit/store_upgrade_test.c knows what is in them.
 */

static struct store *s;
static struct store_outcome outcome;

static void must(int err)
{
	if (err < 0) {
		fprintf(stderr, "%d: %s\n", err, store_error(s));
		exit(1);
	}
}

static bool never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

static int64_t message(struct store_message_new m)
{
	struct store_message_added added;

	must(store_message_add(s, &m, T0, &added));
	return added.first_segment_id;
}

static int64_t sms(unsigned ref, unsigned part, unsigned total, unsigned key)
{
	struct store_sms_new m = sms_of(part, total, key);
	struct store_sms_added added;

	m.ref = ref;
	must(store_sms_add(s, &m, T0, never, NULL, &added));
	return added.message_id;
}

/* Segments: failed; one SENT and one to be tried again; waiting for its report; reported; QUEUED; soon over. */
static void fill_out(void)
{
	struct store_message_new queued = message_of(3, 5), ends = message_of(1, 6);
	int64_t id;

	must(store_segment_failed(s, message(message_of(1, 1)), 1, T0, &outcome));
	id = message(message_of(2, 2));
	must(store_segment_retry(s, id + 1, T0 + 700, 1, false, true));
	must(store_segment_accepted(s, message(message_of(1, 3)), "smsc-a", "id-3", T0, &outcome));
	must(store_segment_accepted(s, message(message_of(1, 4)), "smsc-a", "id-4", T0, &outcome));
	must(store_segment_report(s, "smsc-a", "id-4", 0, T0, &outcome));
	queued.send_now = ends.send_now = false;
	ends.expires_ms = T0 + 5000;
	message(queued);
	message(ends);
}

/* One part of two; a set that A did not take; one that A is being given; single ones: open, owed, failed. */
static void fill_in(void)
{
	int64_t id;

	sms(42, 1, 2, 11);
	sms(43, 1, 2, 12);
	id = sms(43, 2, 2, 13);
	must(store_sms_retry(s, id, T0 + 9000));
	sms(44, 1, 2, 14);
	sms(44, 2, 2, 15);
	sms(0, 0, 0, 16);
	must(store_sms_delivered(s, sms(0, 0, 0, 17), true, T0, &outcome));
#if SCHEMA >= 7
	must(store_sms_failed(s, sms(0, 0, 0, 18), MESSAGE_FAILED, 1, false, T0, &outcome));
#else
	must(store_sms_failed(s, sms(0, 0, 0, 18), MESSAGE_FAILED, 1, T0, &outcome));
#endif
}

/* One that waits, one that is being sent. */
static void fill_notifications(void)
{
#if SCHEMA >= 2
	struct store_notification_new n = {1, 0, 1, "0a1b2c3d-0000-4000-8000-000000000001", T0 + 500};
	int64_t id;

	must(store_notification_add(s, &n, T0, &id));
	n = (struct store_notification_new){4, 0, 2, "0a1b2c3d-0000-4000-8000-000000000002", INT64_MAX};
	must(store_notification_add(s, &n, T0, &id));
#endif
}

static void fill_registrations(void)
{
#if SCHEMA >= 3
	struct store_contact c = {"+491701", "", 1, T0 + 50000, "sip:scscf", STORE_LEARNED_REGISTER};

	must(store_registration_set(s, &c, T0));
	c.key = "phone";
	c.bits = 2;
	must(store_registration_set(s, &c, T0));
#endif
}

/* An open session with its number and a message, a closed one with its number in quarantine. */
static void fill_sessions(void)
{
#if SCHEMA >= 4
	struct store_session session = {.kind = 1, .state = 2, .a = "+491701", .b = "+491702", .number = "+4930",
					.call_id = "call-1", .local_tag = "l", .remote_tag = "r", .local_cseq = 7};
	struct store_number number = {.b = "+491702", .number = "+4930", .a = "+491701", .until_ms = INT64_MAX};
	struct store_message_new m = message_of(1, 7);

	must(store_session_add(s, &session, T0, &number.session_id));
	must(store_number_bind(s, &number, T0));
	m.session_id = number.session_id;
	m.oa = "+4930";
	m.instance = VIEW("urn:uuid:1");
	m.original_to = VIEW("sip:b");
	m.send_now = false;
	message(m);
	session.state = 0;
	session.call_id = "call-2";
	must(store_session_add(s, &session, T0, &(int64_t){0}));
	number = (struct store_number){.b = "+491702", .number = "+4931", .a = "+491701", .until_ms = T0 + 400};
	must(store_number_bind(s, &number, T0));
#endif
#ifdef IDENTITY
	must(store_identity_set(s, "sip:alice@example.org", "+491701", T0 + 50000, T0));
#endif
}

static void fill(const char *path, void (*one)(void), void (*two)(void))
{
	char why[256];

	if (store_open(&s, path, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		exit(1);
	}
	must(store_begin(s));
	one();
	two();
	must(store_commit(s));
}

/* The parts that open work is for come last: store_open() makes it QUEUED. */
int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	fill(argv[1], fill_registrations, fill_sessions);
	store_close(s);
	fill(argv[1], fill_out, fill_in);
	must(store_begin(s));
	fill_notifications();
	must(store_commit(s));
	_exit(0);
}
