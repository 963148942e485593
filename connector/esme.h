/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "connector.h"

#include <netinet/in.h>

#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/timer.h>

#include "../lib/smpp/smpp_sm.h"
#include "answered.h"
#include "rate.h"
#include "receipt_id.h"
#include "smpp_conn.h"

/*
 * One SMSC and our sessions with it: a transceiver, or a transmitter and a receiver. It is up while all
 * of them are bound. Messages wait in its queue until window and rate let them go.
 */

enum {
	ESME_WINDOW_MAX = 1000,
	ESME_INBOUND_MAX = 500, /* deliver_sm and data_sm in hand, each session */
};

enum esme_ctr {
	ESME_CTR_SUBMIT_TX,
	ESME_CTR_SUBMIT_ACCEPTED,
	ESME_CTR_SUBMIT_THROTTLED,
	ESME_CTR_SUBMIT_FAILED,
	ESME_CTR_SUBMIT_TEMPORARY,
	ESME_CTR_SUBMIT_TIMEOUT,
	ESME_CTR_SUBMIT_LOST,
	ESME_CTR_QUEUE_FULL,
	ESME_CTR_DELIVER_RX,
	ESME_CTR_DELIVER_ACCEPTED,
	ESME_CTR_DELIVER_REFUSED,
	ESME_CTR_DATA_RX,
	ESME_CTR_RECEIPT_RX,
	ESME_CTR_RECEIPT_UNREADABLE,
	ESME_CTR_BIND_OK,
	ESME_CTR_BIND_FAILED,
	ESME_CTR_CONN_LOST,
	ESME_CTR_ENQUIRE_TX,
	ESME_CTR_ENQUIRE_RX,
	ESME_CTR_ENQUIRE_TIMEOUT,
	ESME_CTR_UNBIND_RX,
	ESME_CTR_OUTBIND_RX,
	ESME_CTR_ALERT_RX,
	ESME_CTR_NACK_RX,
	ESME_CTR_NACK_TX,
	ESME_CTR_RESP_UNKNOWN,
	ESME_CTR_PDU_BAD,
};

struct esme_config {
	struct sockaddr_storage remote; /* ss_family 0 until remote-ip is set; without port */
	uint16_t port;
	char system_id[16], password[9], system_type[13];
	bool pair; /* transmitter and receiver instead of a transceiver */
	unsigned window, enquire_link_s, response_timeout_s, throughput, queue, reconnect_max_s;
	struct smpp_sm_config sm;
	enum receipt_id_form receipt_id;
	struct sms_address sc_address; /* RP-OA of what comes from this SMSC */
	bool shutdown;
};

struct esme {
	struct llist_head entry; /* struct connector.esmes */
	struct connector *c;
	char name[SMSC_NAME_SIZE];
	struct esme_config config;
	struct smpp_conn *tx, *rx; /* rx is NULL unless they are a pair */
	bool up;
	uint64_t changed_us;	 /* since when it is up or down */
	char why[64];		 /* it is down */
	struct llist_head queue; /* struct sm.entry, in order of arrival */
	unsigned queued;
	struct rate rate;
	struct osmo_timer_list
		pump; /* when the rate lets the next part go; at the latest each second */
	struct receipt_ids *receipt_ids;
	bool receipt_complained; /* that a receipt cannot be read */
	struct rate_ctr_group *ctrs;
};

/** A new SMSC with default settings, not connected. @return NULL if memory is out or the name is too long */
struct esme *esme_alloc(struct connector *c, const char *name);

/** Close its sessions, answer for all that it holds, free. */
void esme_free(struct esme *esme);

struct esme *esme_find(struct connector *c, const char *name);

/** Open the sessions, unless shut down or without an address. */
void esme_start(struct esme *esme);

/** Unbind; what waits in the queue finds another SMSC or goes back to the module. */
void esme_stop(struct esme *esme);

bool esme_is_up(const struct esme *esme);

/** All sessions are closed. */
bool esme_is_idle(const struct esme *esme);

/** A session was bound or lost. */
void esme_changed(struct esme *esme);

void esme_count(struct esme *esme, enum esme_ctr ctr);

/** Address and port to connect to. @return its length, 0 if remote-ip is not set */
socklen_t esme_remote(const struct esme *esme, struct sockaddr_storage *out);

/* ---- submit (esme_submit.c) ---- */

/** Take a message into the queue, or fail it if the queue is full. */
void esme_enqueue(struct esme *esme, struct sm *sm);

/** Submit what window and rate let go now. */
void esme_pump(struct esme *esme);

/** A submit_sm_resp, or a generic_nack to a submit_sm. */
void esme_rx_submit_sm_resp(struct esme *esme, struct sm *sm, uint32_t command_status,
			    const char *message_id);

/** No answer in time, or the session is gone. sm is in no list any more. */
void esme_submit_lost(struct esme *esme, struct sm *sm, bool timeout);

/** Everything in the queue finds another SMSC or goes back to the module. */
void esme_queue_flush(struct esme *esme);
