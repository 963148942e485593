/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What a bearer that has a subscriber database asks and tells, in the spool
 * process (docs/link-protocol.md section 7): whether A is registered, that A
 * came or went (TS 23.204 6.1, 6.2), and that a B can be reached again (TS
 * 29.002 12.5).
 */

#include "core/dprint.h"

#include "../../lib/cpm/capabilities.h"
#include "../../lib/sms/address.h"
#include "chat_number.h"
#include "digest.h"
#include "ipsmgw.h"
#include "link_server.h"
#include "rp_sip.h"
#include "spool_int.h"

enum { ABSENT_MAX = 1 << 14, NUMBER_MAX = SMS_ADDRESS_TEXT_MAX + 1 };

/* As a delivery decides: with unregistered=try whatever A's clients can do. */
static bool is_up(const char *a, int64_t now_ms)
{
	struct store_registration r;

	return store_registration_get(spool_store, a, now_ms, &r) == 0
			&& (!ipsmgw_cfg.unregistered_absent
					|| r.bits & CPM_CAPABILITIES_PAGER);
}

static void tell(uint64_t ref, struct view da, bool up)
{
	struct link_frame f = {
			.type = LINK_USER,
			.ref = ref,
			.da = da,
			.flags = up ? LINK_FLAG_UP : 0,
	};

	if(link_generation())
		link_tx(&f);
}

/* ---- EV_QUERY ---- */

/* In the form that the store has. */
static bool number_of(const struct event *e, char number[NUMBER_MAX])
{
	struct sms_address n;

	if(sms_address_parse(&n, e->frame.da) || n.ton == SMS_TON_ALPHANUMERIC) {
		LM_NOTICE("%s of the connector without a number\n",
				link_type_name(e->frame.type));
		return false;
	}
	sms_address_print(&n, number);
	return true;
}

static int query_apply(struct event *e)
{
	(void)e;
	return 0;
}

/* A database that cannot be read knows nobody, and takes no message either. The
 * numbers of chats are nobody's but ours. */
static void query_answer(struct event *e)
{
	char a[NUMBER_MAX];

	if(e->generation == link_generation())
		tell(e->frame.ref, e->frame.da,
				number_of(e, a)
						&& (chat_number_in_pool(a) || is_up(a, e->now_ms)));
}

/* ---- EV_ALERT ---- */

static int alert_apply(struct event *e)
{
	char b[NUMBER_MAX];

	e->count = 0;
	if(number_of(e, b))
		e->count = store_segments_alert(spool_store, b, e->now_ms);
	return e->count < 0 ? e->count : 0;
}

static void alert_after(struct event *e)
{
	if(e->count)
		spool_out_due(e->now_ms);
}

/* Then they go at their own time. */
static void alert_failed(struct event *e)
{
	e->count = 0;
}

/* clang-format off */
const struct event_ops spool_user_ops[EV_TYPES] = {
	[EV_QUERY] = {query_apply, query_answer, query_answer},
	[EV_ALERT] = {alert_apply, alert_after, alert_failed},
};
/* clang-format on */

/* ---- those who could not be reached ---- */

/* A hash of each; of two that share a place the later one stays. */
static uint64_t absent[ABSENT_MAX];

static uint64_t *absent_place(const char *a, uint64_t *key)
{
	uint8_t octets[DIGEST_OCTETS];

	digest((struct view[]){view_str(a)}, 1, octets);
	memcpy(key, octets, sizeof(*key));
	return &absent[*key % ABSENT_MAX];
}

void user_absent(const char *a, int sip_code, bool is_back)
{
	uint64_t key, *place = absent_place(a, &key);

	if(verdict_of_sip(sip_code).rp_cause != RP_CAUSE_DEST_OUT_OF_ORDER)
		return;
	if(is_back)
		tell(0, view_str(a), true);
	else
		*place = key;
}

static bool was_absent(const char *a)
{
	uint64_t key, *place = absent_place(a, &key);

	return *place == key;
}

/* ---- who came and who went ---- */

void user_before(struct registration_change *first, int64_t now_ms)
{
	first->news = USER_STAYED;
	first->was_up = is_up(first->contact.a, now_ms);
}

void user_after(struct registration_change *first, int64_t now_ms)
{
	bool up = is_up(first->contact.a, now_ms);

	if(up && (!first->was_up || was_absent(first->contact.a)))
		first->news = USER_CAME;
	if(!up && first->was_up)
		first->news = USER_WENT;
}

void user_tell(const struct post_registration *p)
{
	for(unsigned i = 0; i < p->n_changes; i++) {
		const struct registration_change *c = &p->changes[i];
		uint64_t key, *place;

		if(c->news == USER_STAYED)
			continue;
		place = absent_place(c->contact.a, &key);
		if(*place == key)
			*place = 0;
		tell(0, view_str(c->contact.a), c->news == USER_CAME);
	}
}
