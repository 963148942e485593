/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 *   WAITING --- registers ---> DUE --- readyForSM ---> OUT --- answer ---> forgotten
 *                               ^--- 30 s later --- LATER <-- none --'
 *
 * A result and a ReturnError end it; anything else is tried a few times, but while MAP is down nothing counts as
 * tried. When all users register at once, after an outage, only a window of them is out, and the others follow.
 */

#include "map_waiting.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>

#include "log.h"
#include "map_home.h"
#include "recent.h"

enum {
	WAITING_HASH_BITS = 12,
	READY_WINDOW = 32,
	READY_ATTEMPTS = 5,
	READY_AGAIN_MS = 30000,
};

enum waiting_state { WAITING, DUE, OUT, LATER, WAITING_STATES };

struct waiting {
	struct hlist_node by_number;
	struct llist_head entry; /* in the list of its state, in order of arrival */
	enum waiting_state state;
	struct map_waiting *all;
	struct map_call call;
	char number[SMS_ADDRESS_TEXT_MAX + 1];
	struct sms_address msisdn;
	char imsi[MAP_IMSI_SIZE];
	unsigned attempts;
	uint64_t not_before_ms;
	bool absent_again; /* while OUT */
};

struct map_waiting {
	struct map_stack *stack;
	DECLARE_HASHTABLE(by_number, WAITING_HASH_BITS);
	struct llist_head lists[WAITING_STATES];
	unsigned counts[WAITING_STATES];
	unsigned max;
	struct osmo_timer_list pump;
};

static void waiting_pump(void *data);

struct map_waiting *map_waiting_alloc(struct map_stack *stack, unsigned max)
{
	struct map_waiting *w = talloc_zero(stack, struct map_waiting);

	if (!w)
		return NULL;
	w->stack = stack;
	w->max = max;
	hash_init(w->by_number);
	for (unsigned i = 0; i < WAITING_STATES; i++)
		INIT_LLIST_HEAD(&w->lists[i]);
	osmo_timer_setup(&w->pump, waiting_pump, w);
	return w;
}

static void waiting_drop(struct waiting *u)
{
	map_call_end(u->all->stack, &u->call);
	hash_del(&u->by_number);
	llist_del(&u->entry);
	u->all->counts[u->state]--;
	talloc_free(u);
}

void map_waiting_free(struct map_waiting *w)
{
	struct waiting *u, *next;

	osmo_timer_del(&w->pump);
	for (unsigned i = 0; i < WAITING_STATES; i++)
		llist_for_each_entry_safe(u, next, &w->lists[i], entry) waiting_drop(u);
	talloc_free(w);
}

unsigned map_waiting_count(const struct map_waiting *w)
{
	return w->counts[WAITING];
}

static void waiting_enter(struct waiting *u, enum waiting_state state)
{
	u->all->counts[u->state]--;
	u->state = state;
	u->all->counts[u->state]++;
	llist_move_tail(&u->entry, &u->all->lists[state]);
}

/* ---- those who wait ---- */

static uint64_t waiting_key(const char *number)
{
	return recent_digest(0, view_str(number));
}

static struct waiting *waiting_find(const struct map_waiting *w, const char *number)
{
	struct waiting *u;

	hash_for_each_possible(w->by_number, u, by_number, waiting_key(number))
	{
		if (strcmp(u->number, number) == 0)
			return u;
	}
	return NULL;
}

bool map_waiting_has(const struct map_waiting *w, const char *number)
{
	return waiting_find(w, number) != NULL;
}

static bool waiting_make_room(struct map_waiting *w)
{
	unsigned count = 0;

	for (unsigned i = 0; i < WAITING_STATES; i++)
		count += w->counts[i];
	if (count < w->max)
		return true;
	if (!w->counts[WAITING])
		return false;
	waiting_drop(llist_first_entry(&w->lists[WAITING], struct waiting, entry));
	return true;
}

static struct waiting *waiting_new(struct map_waiting *w, const char *number)
{
	struct waiting *u = waiting_make_room(w) ? talloc_zero(w, struct waiting) : NULL;

	if (!u)
		return NULL;
	u->all = w;
	snprintf(u->number, sizeof(u->number), "%s", number);
	hash_add(w->by_number, &u->by_number, waiting_key(number));
	llist_add_tail(&u->entry, &w->lists[WAITING]);
	w->counts[WAITING]++;
	return u;
}

void map_waiting_add(struct map_waiting *w, const struct sms_address *msisdn, const char *imsi)
{
	char number[SMS_ADDRESS_TEXT_MAX + 1];
	struct waiting *u;

	sms_address_print(msisdn, number);
	u = waiting_find(w, number);
	if (!u)
		u = waiting_new(w, number);
	if (!u)
		return;
	u->msisdn = *msisdn;
	snprintf(u->imsi, sizeof(u->imsi), "%s", imsi);
	u->attempts = 0;
	if (u->state == OUT)
		u->absent_again = true;
	else
		waiting_enter(u, WAITING);
}

/* ---- readyForSM ---- */

/* Without an answer it is said again, later. */
static void waiting_again(struct waiting *u, const char *why)
{
	if (u->attempts >= READY_ATTEMPTS) {
		LOGP(DMAP, LOGL_NOTICE, "readyForSM for %s given up: %s\n", u->number, why);
		waiting_drop(u);
		return;
	}
	LOGP(DMAP, LOGL_INFO, "readyForSM for %s: %s\n", u->number, why);
	u->not_before_ms = clock_ms() + READY_AGAIN_MS;
	waiting_enter(u, LATER);
}

static void waiting_outcome(struct map_call *call, const struct map_outcome *o)
{
	struct waiting *u = container_of(call, struct waiting, call);
	struct map_waiting *w = u->all;
	bool told = o->end == MAP_END_RESULT || o->end == MAP_END_ERROR;

	if (o->end == MAP_END_ERROR)
		LOGP(DMAP, LOGL_NOTICE, "readyForSM for %s refused by the HLR: %s\n", u->number,
		     map_error_name(o->error->code));
	if (u->absent_again) {
		u->absent_again = false;
		waiting_enter(u, WAITING);
	} else if (told) {
		waiting_drop(u);
	} else {
		waiting_again(u, map_end_name(o->end));
	}
	waiting_pump(w);
}

static int waiting_invoke(struct waiting *u)
{
	struct map_stack *stack = u->all->stack;
	struct map_request r = {
		.argument = {.operation = MAP_READY_FOR_SM},
		.called = map_stack_hlr(stack, &u->msisdn),
		.calling = map_stack_own(stack, SCCP_SSN_MSC),
	};
	struct map_ready_for_sm *a = &r.argument.ready_for_sm;

	snprintf(a->imsi, sizeof(a->imsi), "%s", u->imsi);
	a->alert_reason = (struct map_value){true, MAP_ALERT_MS_PRESENT};
	a->additional_alert_reason_indicator = true;
	u->call.outcome = waiting_outcome;
	return map_call_invoke(stack, &u->call, &r);
}

/* @return whether the next one is worth trying */
static bool waiting_start(struct waiting *u)
{
	int rc = waiting_invoke(u);
	bool is_down = rc == -ENOTCONN || rc == -ENOBUFS;

	u->attempts += !is_down;
	if (rc < 0)
		waiting_again(u, strerror(-rc));
	else
		waiting_enter(u, OUT);
	return !is_down;
}

/* All wait equally long, so the first is the next. @return whether there is another */
static bool waiting_later(struct map_waiting *w)
{
	struct waiting *u = llist_first_entry_or_null(&w->lists[LATER], struct waiting, entry);
	uint64_t now_ms = clock_ms();

	if (!u)
		return false;
	if (u->not_before_ms > now_ms) {
		uint64_t ms = u->not_before_ms - now_ms;

		osmo_timer_schedule(&w->pump, (int)(ms / 1000), (int)(ms % 1000 * 1000));
		return false;
	}
	waiting_enter(u, DUE);
	return true;
}

static void waiting_pump(void *data)
{
	struct map_waiting *w = data;
	bool more = true;

	while (waiting_later(w))
		;
	while (more && w->counts[DUE] && w->counts[OUT] < READY_WINDOW)
		more = waiting_start(llist_first_entry(&w->lists[DUE], struct waiting, entry));
	if (!osmo_timer_pending(&w->pump))
		waiting_later(w);
}

void map_waiting_back(struct map_waiting *w, const char *number)
{
	struct waiting *u = waiting_find(w, number);

	if (!u)
		return;
	u->absent_again = false;
	if (u->state != WAITING)
		return;
	waiting_enter(u, DUE);
	waiting_pump(w);
}
