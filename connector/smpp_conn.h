/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "connector.h"

#include <osmocom/core/fsm.h>
#include <osmocom/core/utils.h>
#include <osmocom/core/hashtable.h>
#include <osmocom/core/timer.h>

#include "stream.h"

/*
 * One SMPP session (a TCP connection with a bind on it): PDUs in and out, sequence numbers, what has been sent
 * and waits for its response, what has come in and waits for ours. Its life is esme_fsm.c.
 */

struct sm;

enum { SMPP_CONN_HASH_BITS = 9, SMPP_CONN_BACKOFF_FIRST_MS = 500 };

struct smpp_conn {
	struct esme *esme;
	enum smpp_command bind; /* SMPP_BIND_TRANSCEIVER, _TRANSMITTER, _RECEIVER */
	struct osmo_fsm_inst *fi;
	uint32_t session; /* the how manieth bind of this process it is; what an SMSC repeats comes in another */
	struct stream stream;
	bool choked;				    /* the SMSC does not read */
	unsigned backoff_ms;			    /* next pause before connecting */
	uint32_t sequence_number;		    /* last one used */
	uint32_t bind_seq, unbind_seq, enquire_seq; /* of what waits for its response, 0 for none */
	struct osmo_timer_list enquire_timer, submit_timer, inbound_timer;
	DECLARE_HASHTABLE(by_seq, SMPP_CONN_HASH_BITS); /* struct sm.by_seq */
	struct llist_head sent;				/* struct sm.entry, oldest first */
	unsigned n_sent;
	struct llist_head inbound; /* struct esme_deliver.entry, oldest first */
	unsigned n_inbound;
};

struct smpp_conn *smpp_conn_alloc(struct esme *esme, enum smpp_command bind);
void smpp_conn_free(struct smpp_conn *conn);

const char *smpp_conn_role(const struct smpp_conn *conn); /* "trx", "tx", "rx" */

/** Connect; EV_CONNECTED or EV_LOST follows. @return NULL, or why nothing follows */
const char *smpp_conn_open(struct smpp_conn *conn);

/** Close and hand back what waited for responses. */
void smpp_conn_close(struct smpp_conn *conn);

/** The session is bound: keep it alive. */
void smpp_conn_bound(struct smpp_conn *conn);

/** Begin or end a session. @return 0, -ENOTCONN, -ENOBUFS */
int smpp_conn_tx_bind(struct smpp_conn *conn);
int smpp_conn_tx_unbind(struct smpp_conn *conn);

/**
 * Submit.
 * @param message  from smpp_submit_from_tpdu()
 * @return 0 and sm is among the sent; -ENOTCONN, -ENOBUFS, -EINVAL
 */
int smpp_conn_tx_submit_sm(struct smpp_conn *conn, struct sm *sm,
			   const struct smpp_message *message);

/** Answer a request: command_id is that of the request. */
void smpp_conn_tx_resp(struct smpp_conn *conn, uint32_t command_id, uint32_t sequence_number,
		       uint32_t command_status);

/* ---- its life (esme_fsm.c) ---- */

enum smpp_conn_event {
	SMPP_CONN_EV_START,
	SMPP_CONN_EV_STOP,
	SMPP_CONN_EV_CONNECTED,
	SMPP_CONN_EV_BIND_RESP, /* data: uint32_t command_status */
	SMPP_CONN_EV_UNBIND,	/* by the SMSC */
	SMPP_CONN_EV_UNBIND_RESP,
	SMPP_CONN_EV_LOST, /* data: const char *why */
};

/** Once, before the first session. @return 0, -errno */
int esme_fsm_init(void);

struct osmo_fsm_inst *esme_fsm_alloc(struct smpp_conn *conn, const char *id);
bool esme_fsm_is_bound(const struct smpp_conn *conn);
bool esme_fsm_is_off(const struct smpp_conn *conn);
