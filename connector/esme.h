/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "connector.h"

#include <netinet/in.h>

#include "../lib/smpp/smpp_sm.h"
#include "receipt_id.h"
#include "smpp_conn.h"
#include "smsc.h"
#include "tls.h"

/*
 * One SMSC and our sessions with it: a transceiver, or a transmitter and a receiver. It is up while all
 * of them are bound.
 */

enum {
	ESME_DELIVER_MAX = 500, /* deliver_sm and data_sm in hand, each session */
	ESME_ADDRESS_SIZE = INET6_ADDRSTRLEN,
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
	unsigned enquire_link_s, response_timeout_s, reconnect_max_s;
	struct smpp_sm_config sm;
	enum receipt_id_form receipt_id;
	struct tls_config tls;
};

struct esme {
	struct smsc smsc;
	struct esme_config config;
	struct smpp_conn *tx, *rx; /* rx is NULL unless they are a pair */
	struct receipt_ids *receipt_ids;
	bool receipt_complained; /* that a receipt cannot be read */
};

/** A new SMSC with default settings, not connected. @return NULL if memory is out or the name is too long */
struct esme *esme_alloc(struct connector *c, const char *name);

struct esme *esme_of(struct smsc *smsc); /* NULL if it speaks something else */

/** A session was bound or lost. */
void esme_changed(struct esme *esme);

void esme_count(struct esme *esme, enum esme_ctr ctr);

/** Address and port to connect to. @return its length, 0 if remote-ip is not set */
socklen_t esme_remote(const struct esme *esme, struct sockaddr_storage *out);

/** The address as text, "" if remote-ip is not set. */
void esme_address(const struct esme *esme, char out[ESME_ADDRESS_SIZE]);

/* ---- submit (esme_submit.c) ---- */

/** As struct smsc_ops says. */
bool esme_may_send(const struct smsc *smsc);
bool esme_send(struct smsc *smsc, struct sm *sm);

/** A submit_sm_resp, or a generic_nack to a submit_sm. */
void esme_rx_submit_sm_resp(struct esme *esme, struct sm *sm, uint32_t command_status,
			    const char *message_id);

/** No answer in time, or the session is gone. sm is in no list any more. */
void esme_submit_lost(struct esme *esme, struct sm *sm, bool timeout);

/* ---- VTY (esme_vty.c) ---- */

void esme_vty_init(void);
void esme_write(struct vty *vty, const struct smsc *smsc);
void esme_show(struct vty *vty, const struct smsc *smsc);
