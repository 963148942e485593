/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What the queue of an SMSC lets go becomes submit_sm, and its response an answer to the module. What the
 * SMSC throttles goes back to its place in the queue and is submitted again here.
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
	SECONDS_PER_DAY = 86400,
};

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

bool esme_may_send(const struct smsc *smsc)
{
	const struct esme *esme = container_of(smsc, struct esme, smsc);

	return !esme->tx->choked && esme->tx->n_sent < smsc->window;
}

bool esme_send(struct smsc *smsc, struct sm *sm)
{
	static const struct sm_failure unfit = {
		.rp_cause = RP_CAUSE_SEMANTIC,
		.reason = "SMS-SUBMIT that does not go into a submit_sm",
	};
	struct esme *esme = container_of(smsc, struct esme, smsc);
	uint8_t scratch[SMPP_SM_SCRATCH];
	struct smpp_message m;
	int rc = smpp_submit_from_tpdu(&esme->config.sm, (struct view){sm->tpdu, sm->tpdu_octets},
				       &sm->oa, (uint16_t)sm->ref, scratch, &m);

	if (rc == 0) {
		esme_set_validity(sm, &m);
		rc = smpp_conn_tx_submit_sm(esme->tx, sm, &m);
	}
	if (rc == -ENOTCONN || rc == -ENOBUFS)
		return false;
	if (rc < 0) {
		esme_count(esme, ESME_CTR_SUBMIT_FAILED);
		sm_failed(sm, &unfit);
		return true;
	}
	esme_count(esme, ESME_CTR_SUBMIT_TX);
	rate_sent(&smsc->rate, sm->sent_us);
	return true;
}

/* ---- responses ---- */

static void esme_accepted(struct esme *esme, struct sm *sm, const char *message_id)
{
	char id[SMPP_MESSAGE_ID_MAX];

	smpp_message_id_normalise(message_id, id);
	receipt_ids_add(esme->receipt_ids, id, sm->da_digits);
	rate_accepted(&esme->smsc.rate);
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
	rate_throttled(&esme->smsc.rate, sm->n_throttled > 0, sm->sent_us, now_us);
	if (!sm->n_throttled)
		sm->deadline_us = OSMO_MIN(sm->deadline_us, limit_us);
	sm->not_before_us = now_us + ((uint64_t)ESME_THROTTLED_PAUSE_US
				      << OSMO_MIN(sm->n_throttled, ESME_THROTTLED_DOUBLE_MAX));
	sm->n_throttled++;
	if (!esme->smsc.up || esme->smsc.c->stopping)
		return false;
	smsc_queue_insert(&esme->smsc, sm);
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
	smsc_pump(&esme->smsc);
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
