/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What one SMSC is given to submit: a bounded queue in order of arrival, from which a message goes
 * out while the window (submit_sm without response) and the rate let it. What the SMSC
 * throttles goes back to its place in the queue and is submitted again here.
 */

#include "esme.h"

#include <stdio.h>

#include "../lib/smpp/smpp_receipt.h"
#include "clock.h"
#include "log.h"
#include "sm.h"

enum {
	ESME_THROTTLED_S = 30,        /* how long a message may be throttled before it goes back to the module */
	ESME_RETRY_MS = 5000,         /* when the module shall try again after that */
	ESME_QUEUE_FULL_RETRY_MS = 1000,
	SECONDS_PER_DAY = 86400,
};

/* ---- the queue ---- */

/* In order of arrival: what comes back from the SMSC is older than all that has not been sent. */
static void esme_queue_insert(struct esme *esme, struct sm *sm)
{
	struct llist_head *at = &esme->queue;
	struct sm *last = llist_empty(at) ? NULL : llist_last_entry(at, struct sm, entry), *s;

	sm->esme = esme;
	esme->queued++;
	if (!last || last->order < sm->order) {
		llist_add_tail(&sm->entry, at);
		return;
	}
	llist_for_each_entry(s, &esme->queue, entry) {
		if (s->order > sm->order)
			break;
	}
	llist_add_tail(&sm->entry, &s->entry);
}

static struct sm *esme_queue_take(struct esme *esme)
{
	struct sm *sm = llist_first_entry_or_null(&esme->queue, struct sm, entry);

	if (!sm)
		return NULL;
	llist_del(&sm->entry);
	esme->queued--;
	return sm;
}

void esme_queue_flush(struct esme *esme)
{
	LLIST_HEAD(all);
	struct sm *sm, *next;

	llist_splice_init(&esme->queue, &all);
	esme->queued = 0;
	llist_for_each_entry_safe(sm, next, &all, entry) {
		llist_del(&sm->entry);
		sm_route(sm);
	}
}

void esme_enqueue(struct esme *esme, struct sm *sm)
{
	const struct sm_failure full = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = ESME_QUEUE_FULL_RETRY_MS,
		.reason = "queue of the SMSC is full",
	};

	if (esme->queued >= esme->config.queue) {
		sm->esme = esme;
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

static void esme_tx_submit_sm(struct esme *esme, struct sm *sm)
{
	static const struct sm_failure unfit = {
		.rp_cause = RP_CAUSE_SEMANTIC,
		.reason = "SMS-SUBMIT that does not go into a submit_sm",
	};
	uint8_t scratch[SMPP_SM_SCRATCH];
	struct smpp_message m;
	int rc = smpp_submit_from_tpdu(&esme->config.sm, (struct view){sm->tpdu, sm->tpdu_octets},
				       &sm->oa, (uint16_t)sm->ref, scratch, &m);

	if (rc == 0) {
		esme_set_validity(sm, &m);
		rc = smpp_conn_tx_submit_sm(esme->tx, sm, &m);
	}
	if (rc == -ENOTCONN || rc == -ENOBUFS) {
		esme_queue_insert(esme, sm);
	} else if (rc < 0) {
		esme_count(esme, ESME_CTR_SUBMIT_FAILED);
		sm_failed(sm, &unfit);
	} else {
		esme_count(esme, ESME_CTR_SUBMIT_TX);
		rate_sent(&esme->rate, sm->sent_us);
	}
}

/* The head of the queue has waited, or has been throttled, for too long. */
static bool esme_expire(struct esme *esme, struct sm *sm)
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

	if (sm->deadline_us > clock_us())
		return false;
	esme_queue_take(esme);
	esme_count(esme, ESME_CTR_SUBMIT_TEMPORARY);
	sm_failed(sm, sm->throttled ? &throttled : &late);
	return true;
}

static void esme_pump_later(struct esme *esme, uint64_t wait_us)
{
	if (wait_us == 0 || wait_us > CLOCK_US_PER_S)
		wait_us = CLOCK_US_PER_S;
	osmo_timer_schedule(&esme->pump, 0, (int)wait_us);
}

/* @return microseconds until it is worth trying again, 0 if a response will tell */
static uint64_t esme_pump_queue(struct esme *esme)
{
	struct sm *sm;

	while ((sm = llist_first_entry_or_null(&esme->queue, struct sm, entry))) {
		uint64_t wait_us;

		if (esme_expire(esme, sm))
			continue;
		if (!esme->up || esme->tx->choked || esme->tx->n_sent >= esme->config.window)
			return 0;
		wait_us = rate_wait_us(&esme->rate, clock_us());
		if (wait_us)
			return wait_us;
		esme_queue_take(esme);
		esme_tx_submit_sm(esme, sm);
	}
	return 0;
}

void esme_pump(struct esme *esme)
{
	uint64_t wait_us;

	esme_start(esme);
	if (llist_empty(&esme->queue) || esme->pumping)
		return;
	esme->pumping = true;
	wait_us = esme_pump_queue(esme);
	esme->pumping = false;
	if (!llist_empty(&esme->queue))
		esme_pump_later(esme, wait_us);
}

/* ---- responses ---- */

static void esme_accepted(struct esme *esme, struct sm *sm, const char *message_id)
{
	char id[SMPP_MESSAGE_ID_MAX];

	smpp_message_id_normalise(message_id, id);
	receipt_ids_add(esme->receipt_ids, id);
	sm_accepted(sm, id);
}

/* @return true if the message went back into the queue */
static bool esme_throttled(struct esme *esme, struct sm *sm)
{
	uint64_t now_us = clock_us();

	esme_count(esme, ESME_CTR_SUBMIT_THROTTLED);
	rate_throttled(&esme->rate, sm->sent_us, now_us);
	if (!sm->throttled) {
		sm->throttled = true;
		sm->deadline_us = now_us + (uint64_t)ESME_THROTTLED_S * CLOCK_US_PER_S;
	}
	if (!esme->up || esme->c->stopping)
		return false;
	esme_queue_insert(esme, sm);
	return true;
}

void esme_rx_submit_sm_resp(struct esme *esme, struct sm *sm, uint32_t command_status, const char *message_id)
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
		.reason = timeout ? "no submit_sm_resp in time" : "session lost before submit_sm_resp",
	};

	esme_count(esme, timeout ? ESME_CTR_SUBMIT_TIMEOUT : ESME_CTR_SUBMIT_LOST);
	sm_failed(sm, &failure);
}
