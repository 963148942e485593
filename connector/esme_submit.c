/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What one SMSC is given to submit: a bounded queue in order of arrival, from which a message goes
 * out while the window (submit_sm without response) and the rate let it. What the SMSC
 * throttles goes back to its place in the queue and is submitted again here.
 */

#include "esme.h"

#include <stdio.h>

#include <osmocom/core/utils.h>

#include "../lib/smpp/smpp_receipt.h"
#include "clock.h"
#include "log.h"
#include "sm.h"

enum {
	ESME_THROTTLED_S =
		30, /* how long a message may be throttled before it goes back to the module */
	ESME_THROTTLED_PAUSE_US = 100000, /* the first time, doubling */
	ESME_THROTTLED_DOUBLE_MAX = 5,
	ESME_RETRY_MS = 5000, /* when the module shall try again after that */
	ESME_QUEUE_FULL_RETRY_MS = 1000,
	SECONDS_PER_DAY = 86400,
};

/* ---- the queue ---- */

/* In order of arrival: what comes back from the SMSC is older than all that has not been sent. */
static void esme_queue_insert(struct esme *esme, struct sm *sm)
{
	struct llist_head *at = &esme->queue;
	struct sm *last = llist_empty(at) ? NULL : llist_last_entry(at, struct sm, entry), *s;

	sm->smsc = &esme->smsc;
	esme->queued++;
	if (!last || last->order < sm->order) {
		llist_add_tail(&sm->entry, at);
		return;
	}
	llist_for_each_entry(s, &esme->queue, entry)
	{
		if (s->order > sm->order)
			break;
	}
	llist_add_tail(&sm->entry, &s->entry);
}

static void esme_queue_take(struct esme *esme, struct sm *sm)
{
	llist_del(&sm->entry);
	esme->queued--;
}

void esme_queue_flush(struct smsc *smsc)
{
	struct esme *esme = esme_of(smsc);
	LLIST_HEAD(all);
	struct sm *sm, *next;

	llist_splice_init(&esme->queue, &all);
	esme->queued = 0;
	llist_for_each_entry_safe(sm, next, &all, entry)
	{
		llist_del(&sm->entry);
		sm_route(sm);
	}
}

void esme_enqueue(struct smsc *smsc, struct sm *sm)
{
	struct esme *esme = esme_of(smsc);
	const struct sm_failure full = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = ESME_QUEUE_FULL_RETRY_MS,
		.reason = "queue of the SMSC is full",
	};

	if (esme->queued >= esme->config.queue) {
		sm->smsc = smsc;
		esme_count(esme, ESME_CTR_QUEUE_FULL);
		sm_failed(sm, &full);
		return;
	}
	esme_queue_insert(esme, sm);
	esme_pump(esme);
}

/* ---- out ---- */

/* TP-VP was right when the message was accepted; by now less time is left (spec 3.7: YYMMDDhhmmss000R). */
static void esme_set_validity(const struct sm *sm, struct smpp_message *m)
{
	uint64_t waited_s = (clock_us() - sm->start_us) / CLOCK_US_PER_S;
	unsigned left, days;

	if (!sm->validity_s)
		return;
	left = sm->validity_s > waited_s + 1 ? (unsigned)(sm->validity_s - waited_s) : 1;
	days = left / SECONDS_PER_DAY;
	if (days > 30) /* months have no length of their own: leave those to TP-VP */
		return;
	snprintf(m->validity_period, sizeof(m->validity_period), "0000%02u%02u%02u%02u000R", days,
		 left / 3600 % 24, left / 60 % 60, left % 60);
}

/* @return whether there is room for more */
static bool esme_tx_submit_sm(struct esme *esme, struct sm *sm)
{
	static const struct sm_failure unfit = {
		.rp_cause = RP_CAUSE_SEMANTIC,
		.reason = "SMS-SUBMIT that does not go into a submit_sm",
	};
	uint8_t scratch[SMPP_SM_SCRATCH];
	struct smpp_message m;
	int rc = smpp_submit_from_tpdu(&esme->config.sm, (struct view){sm->tpdu, sm->tpdu_octets},
				       &sm->oa, (uint16_t)sm->ref, scratch, &m);

	esme_queue_take(esme, sm);
	if (rc == 0) {
		esme_set_validity(sm, &m);
		rc = smpp_conn_tx_submit_sm(esme->tx, sm, &m);
	}
	if (rc == -ENOTCONN || rc == -ENOBUFS) {
		esme_queue_insert(esme, sm);
		return false;
	}
	if (rc < 0) {
		esme_count(esme, ESME_CTR_SUBMIT_FAILED);
		sm_failed(sm, &unfit);
		return true;
	}
	esme_count(esme, ESME_CTR_SUBMIT_TX);
	rate_sent(&esme->rate, sm->sent_us);
	return true;
}

static bool esme_validity_over(const struct sm *sm, uint64_t now_us)
{
	return sm->validity_s && now_us - sm->start_us >= sm->validity_s * (uint64_t)CLOCK_US_PER_S;
}

/* It has waited, or has been throttled, for too long, or nobody waits for its answer any more. */
static bool esme_expire(struct esme *esme, struct sm *sm, uint64_t now_us)
{
	static const struct sm_failure late = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = ESME_RETRY_MS,
		.reason = "the SMSC is too slow",
	};
	static const struct sm_failure throttled = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.status = ESME_RTHROTTLED,
		.retry_ms = ESME_RETRY_MS,
		.reason = "throttled",
	};

	if (sm->deadline_us > now_us && !sm->forgotten && !esme_validity_over(sm, now_us))
		return false;
	esme_queue_take(esme, sm);
	esme_count(esme, ESME_CTR_SUBMIT_TEMPORARY);
	sm_failed(sm, sm->n_throttled ? &throttled : &late);
	return true;
}

static bool esme_may_send(const struct esme *esme)
{
	return esme->smsc.up && !esme->tx->choked && esme->tx->n_sent < esme->smsc.window;
}

/* @return microseconds until it is worth trying again, a second at most */
static uint64_t esme_pump_queue(struct esme *esme)
{
	uint64_t now_us = clock_us(), soonest_us = CLOCK_US_PER_S, wait_us;
	struct sm *sm, *next;

	llist_for_each_entry_safe(sm, next, &esme->queue, entry)
	{
		if (esme_expire(esme, sm, now_us))
			continue;
		if (!esme_may_send(esme))
			break;
		if (sm->not_before_us > now_us) {
			soonest_us = OSMO_MIN(soonest_us, sm->not_before_us - now_us);
			continue;
		}
		wait_us = rate_wait_us(&esme->rate, now_us);
		if (wait_us) {
			soonest_us = OSMO_MIN(soonest_us, wait_us);
			break;
		}
		if (!esme_tx_submit_sm(esme, sm))
			break;
	}
	return soonest_us;
}

void esme_pump(struct esme *esme)
{
	uint64_t wait_us = esme_pump_queue(esme);

	if (!llist_empty(&esme->queue))
		osmo_timer_schedule(&esme->pump, 0, (int)wait_us);
}

/* ---- responses ---- */

static void esme_accepted(struct esme *esme, struct sm *sm, const char *message_id)
{
	char id[SMPP_MESSAGE_ID_MAX];

	smpp_message_id_normalise(message_id, id);
	receipt_ids_add(esme->receipt_ids, id);
	rate_accepted(&esme->rate);
	sm_accepted(sm, id);
}

/*
 * It goes back to its place and waits there by itself: while others are accepted it is not the SMSC
 * that is full but perhaps the queue of one destination.
 * @return false if it is to go back to the module
 */
static bool esme_throttled(struct esme *esme, struct sm *sm)
{
	uint64_t now_us = clock_us(),
		 limit_us = now_us + (uint64_t)ESME_THROTTLED_S * CLOCK_US_PER_S;

	esme_count(esme, ESME_CTR_SUBMIT_THROTTLED);
	rate_throttled(&esme->rate, sm->n_throttled > 0, sm->sent_us, now_us);
	if (!sm->n_throttled)
		sm->deadline_us = OSMO_MIN(sm->deadline_us, limit_us);
	sm->not_before_us = now_us + ((uint64_t)ESME_THROTTLED_PAUSE_US
				      << OSMO_MIN(sm->n_throttled, ESME_THROTTLED_DOUBLE_MAX));
	sm->n_throttled++;
	if (!esme->smsc.up || esme->smsc.c->stopping)
		return false;
	esme_queue_insert(esme, sm);
	return true;
}

void esme_rx_submit_sm_resp(struct esme *esme, struct sm *sm, uint32_t command_status,
			    const char *message_id)
{
	struct smpp_cause cause = smpp_cause_of_status(command_status);
	struct sm_failure failure = {.rp_cause = cause.rp_cause, .status = command_status};

	switch (cause.verdict) {
	case SMPP_ACCEPTED:
		esme_count(esme, ESME_CTR_SUBMIT_ACCEPTED);
		esme_accepted(esme, sm, message_id);
		break;
	case SMPP_THROTTLED:
		if (esme_throttled(esme, sm))
			break;
		failure.rp_cause = RP_CAUSE_CONGESTION;
		failure.flags = LINK_FLAG_TEMPORARY;
		failure.retry_ms = ESME_RETRY_MS;
		sm_failed(sm, &failure);
		break;
	case SMPP_TEMPORARY:
		esme_count(esme, ESME_CTR_SUBMIT_TEMPORARY);
		failure.flags = LINK_FLAG_TEMPORARY;
		sm_failed(sm, &failure);
		break;
	case SMPP_PERMANENT:
		esme_count(esme, ESME_CTR_SUBMIT_FAILED);
		sm_failed(sm, &failure);
		break;
	}
	esme_pump(esme);
}

void esme_submit_lost(struct esme *esme, struct sm *sm, bool timeout)
{
	struct sm_failure failure = {
		.rp_cause = RP_CAUSE_TEMPORARY_FAILURE,
		.flags = LINK_FLAG_TEMPORARY | LINK_FLAG_UNKNOWN,
		.reason = timeout ? "no submit_sm_resp in time"
				  : "session lost before submit_sm_resp",
	};

	esme_count(esme, timeout ? ESME_CTR_SUBMIT_TIMEOUT : ESME_CTR_SUBMIT_LOST);
	sm_failed(sm, &failure);
}
