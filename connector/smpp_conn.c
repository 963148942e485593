/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * PDUs of one SMPP session. Every request of the SMSC gets its response with the sequence number it
 * came with; every response is matched by sequence number and, if nobody waits for it, counted and
 * ignored. What no SMPP 3.4 peer may send here is answered with generic_nack.
 */

#include "esme.h"
#include "esme_deliver.h"
#include "log.h"
#include "sm.h"

#include <arpa/inet.h>

#include <osmocom/core/talloc.h>

#include "clock.h"

enum {
	SMPP_CONN_RX_SIZE = 2 * SMPP_PDU_MAX, /* octets */
	SMPP_CONN_TX_MAX = 1 << 20,
	SMPP_CONN_PDU_TX_MAX = 2048, /* the longest PDU of ours is a submit_sm of one part */
	SMPP_VERSION_34 = 0x34,
};

const char *smpp_conn_role(const struct smpp_conn *conn)
{
	return conn->bind == SMPP_BIND_TRANSMITTER ? "tx"
	       : conn->bind == SMPP_BIND_RECEIVER  ? "rx"
						   : "trx";
}

/* ---- send ---- */

static uint32_t smpp_conn_next_seq(struct smpp_conn *conn)
{
	conn->sequence_number = conn->sequence_number % 0x7fffffff + 1;
	return conn->sequence_number;
}

/* A session that is choked is closed from the timer: callers walk over lists that closing would change. */
static int smpp_conn_tx(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	uint8_t octets[SMPP_CONN_PDU_TX_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	int rc = smpp_pdu_encode(&w, pdu);

	if (rc < 0)
		return -EINVAL;
	rc = stream_tx(&conn->stream, wbuf_written(&w));
	if (rc == -ENOBUFS) {
		conn->choked = true;
		osmo_timer_schedule(&conn->enquire_timer, 0, 0);
	}
	return rc;
}

void smpp_conn_tx_resp(struct smpp_conn *conn, uint32_t command_id, uint32_t sequence_number,
		       uint32_t command_status)
{
	struct smpp_pdu pdu = {
		.command_id = command_id | SMPP_RESP,
		.command_status = command_status,
		.sequence_number = sequence_number,
	};

	smpp_conn_tx(conn, &pdu);
}

static void smpp_conn_tx_generic_nack(struct smpp_conn *conn, const struct smpp_pdu *to,
				      uint32_t command_status)
{
	LOGPCONN(conn, LOGL_NOTICE, "generic_nack %s to %s (0x%x)\n",
		 smpp_status_name(command_status), smpp_command_name(to->command_id),
		 to->command_id);
	esme_count(conn->esme, ESME_CTR_NACK_TX);
	smpp_conn_tx_resp(conn, SMPP_GENERIC_NACK, to->sequence_number, command_status);
}

static int smpp_conn_tx_request(struct smpp_conn *conn, uint32_t command_id, uint32_t *seq)
{
	struct smpp_pdu pdu = {.command_id = command_id,
			       .sequence_number = smpp_conn_next_seq(conn)};

	*seq = pdu.sequence_number;
	return smpp_conn_tx(conn, &pdu);
}

int smpp_conn_tx_bind(struct smpp_conn *conn)
{
	const struct esme_config *config = &conn->esme->config;
	struct smpp_pdu pdu = {
		.command_id = conn->bind,
		.sequence_number = smpp_conn_next_seq(conn),
		.bind = {.interface_version = SMPP_VERSION_34},
	};

	strcpy(pdu.bind.system_id, config->system_id);
	strcpy(pdu.bind.password, config->password);
	strcpy(pdu.bind.system_type, config->system_type);
	conn->bind_seq = pdu.sequence_number;
	return smpp_conn_tx(conn, &pdu);
}

int smpp_conn_tx_unbind(struct smpp_conn *conn)
{
	return smpp_conn_tx_request(conn, SMPP_UNBIND, &conn->unbind_seq);
}

/* ---- submit_sm and what waits for its response ---- */

static void smpp_conn_forget(struct smpp_conn *conn, struct sm *sm)
{
	llist_del(&sm->entry);
	hash_del(&sm->by_seq);
	conn->n_sent--;
}

/* All have the same time to wait, so the oldest is the next to be late. */
static void smpp_conn_submit_timer(struct smpp_conn *conn)
{
	uint64_t limit_us = (uint64_t)conn->esme->config.response_timeout_s * CLOCK_US_PER_S;
	struct sm *sm = llist_first_entry_or_null(&conn->sent, struct sm, entry);
	uint64_t due_us, now_us = clock_us();

	if (!sm) {
		osmo_timer_del(&conn->submit_timer);
		return;
	}
	due_us = sm->sent_us + limit_us > now_us ? sm->sent_us + limit_us - now_us : 0;
	osmo_timer_schedule(&conn->submit_timer, (int)(due_us / CLOCK_US_PER_S),
			    (int)(due_us % CLOCK_US_PER_S));
}

static void smpp_conn_submit_timeout(void *data)
{
	struct smpp_conn *conn = data;
	uint64_t limit_us = (uint64_t)conn->esme->config.response_timeout_s * CLOCK_US_PER_S;
	struct sm *sm, *next;

	llist_for_each_entry_safe(sm, next, &conn->sent, entry)
	{
		if (sm->sent_us + limit_us > clock_us())
			break;
		smpp_conn_forget(conn, sm);
		esme_submit_lost(conn->esme, sm, true);
	}
	smpp_conn_submit_timer(conn);
	smsc_pump(&conn->esme->smsc);
}

int smpp_conn_tx_submit_sm(struct smpp_conn *conn, struct sm *sm,
			   const struct smpp_message *message)
{
	struct smpp_pdu pdu = {
		.command_id = SMPP_SUBMIT_SM,
		.sequence_number = smpp_conn_next_seq(conn),
		.message = *message,
	};
	int rc = smpp_conn_tx(conn, &pdu);

	if (rc < 0)
		return rc;
	sm->sequence_number = pdu.sequence_number;
	sm->sent_us = clock_us();
	llist_add_tail(&sm->entry, &conn->sent);
	hash_add(conn->by_seq, &sm->by_seq, sm->sequence_number);
	if (conn->n_sent++ == 0)
		smpp_conn_submit_timer(conn);
	return 0;
}

static struct sm *smpp_conn_sent(struct smpp_conn *conn, uint32_t sequence_number)
{
	struct sm *sm;

	hash_for_each_possible(conn->by_seq, sm, by_seq, sequence_number)
	{
		if (sm->sequence_number == sequence_number)
			return sm;
	}
	return NULL;
}

/* ---- keep alive ---- */

static void smpp_conn_enquire(void *data)
{
	struct smpp_conn *conn = data;

	if (conn->choked) {
		osmo_fsm_inst_dispatch(conn->fi, SMPP_CONN_EV_LOST, "the SMSC does not read");
		return;
	}
	if (conn->enquire_seq) {
		esme_count(conn->esme, ESME_CTR_ENQUIRE_TIMEOUT);
		osmo_fsm_inst_dispatch(conn->fi, SMPP_CONN_EV_LOST, "enquire_link is not answered");
		return;
	}
	if (smpp_conn_tx_request(conn, SMPP_ENQUIRE_LINK, &conn->enquire_seq) < 0)
		return;
	esme_count(conn->esme, ESME_CTR_ENQUIRE_TX);
	osmo_timer_schedule(&conn->enquire_timer, (int)conn->esme->config.response_timeout_s, 0);
}

static void smpp_conn_enquire_later(struct smpp_conn *conn)
{
	conn->enquire_seq = 0;
	osmo_timer_schedule(&conn->enquire_timer, (int)conn->esme->config.enquire_link_s, 0);
}

void smpp_conn_bound(struct smpp_conn *conn)
{
	conn->session = ++conn->esme->smsc.c->sessions;
	smpp_conn_enquire_later(conn);
}

/* ---- responses ---- */

static void smpp_conn_rx_unmatched(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	LOGPCONN(conn, LOGL_INFO, "%s with sequence_number %u: nobody waits for it\n",
		 smpp_command_name(pdu->command_id), pdu->sequence_number);
	esme_count(conn->esme, ESME_CTR_RESP_UNKNOWN);
}

static void smpp_conn_rx_submit_resp(struct smpp_conn *conn, const struct smpp_pdu *pdu,
				     const char *message_id)
{
	struct sm *sm = smpp_conn_sent(conn, pdu->sequence_number);

	if (!sm) {
		smpp_conn_rx_unmatched(conn, pdu);
		return;
	}
	smpp_conn_forget(conn, sm);
	smpp_conn_submit_timer(conn);
	esme_rx_submit_sm_resp(conn->esme, sm, pdu->command_status, message_id);
}

static void smpp_conn_rx_bind_resp(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	uint32_t command_status = pdu->command_status;

	if (!conn->bind_seq || pdu->sequence_number != conn->bind_seq) {
		smpp_conn_rx_unmatched(conn, pdu);
		return;
	}
	conn->bind_seq = 0;
	osmo_fsm_inst_dispatch(conn->fi, SMPP_CONN_EV_BIND_RESP, &command_status);
}

/* A generic_nack answers whatever has its sequence number; without one it is about octets nobody could read. */
static void smpp_conn_rx_generic_nack(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	struct smpp_pdu refused = *pdu;

	esme_count(conn->esme, ESME_CTR_NACK_RX);
	if (refused.command_status == ESME_ROK)
		refused.command_status = ESME_RSYSERR;
	if (pdu->sequence_number == conn->bind_seq && conn->bind_seq)
		smpp_conn_rx_bind_resp(conn, &refused);
	else if (pdu->sequence_number == conn->enquire_seq && conn->enquire_seq)
		smpp_conn_enquire_later(conn);
	else
		smpp_conn_rx_submit_resp(conn, &refused, "");
}

static void smpp_conn_rx_response(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	switch (pdu->command_id) {
	case SMPP_SUBMIT_SM | SMPP_RESP:
		smpp_conn_rx_submit_resp(conn, pdu, pdu->message_id);
		return;
	case SMPP_BIND_TRANSCEIVER | SMPP_RESP:
	case SMPP_BIND_TRANSMITTER | SMPP_RESP:
	case SMPP_BIND_RECEIVER | SMPP_RESP:
		smpp_conn_rx_bind_resp(conn, pdu);
		return;
	case SMPP_ENQUIRE_LINK | SMPP_RESP:
		if (!conn->enquire_seq || pdu->sequence_number != conn->enquire_seq)
			break;
		smpp_conn_enquire_later(conn);
		return;
	case SMPP_UNBIND | SMPP_RESP:
		if (!conn->unbind_seq || pdu->sequence_number != conn->unbind_seq)
			break;
		osmo_fsm_inst_dispatch(conn->fi, SMPP_CONN_EV_UNBIND_RESP, NULL);
		return;
	case SMPP_GENERIC_NACK:
		smpp_conn_rx_generic_nack(conn, pdu);
		return;
	}
	smpp_conn_rx_unmatched(conn, pdu);
}

/* ---- requests ---- */

static void smpp_conn_rx_unbind(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	esme_count(conn->esme, ESME_CTR_UNBIND_RX);
	smpp_conn_tx_resp(conn, SMPP_UNBIND, pdu->sequence_number, ESME_ROK);
	stream_flush(&conn->stream);
	osmo_fsm_inst_dispatch(conn->fi, SMPP_CONN_EV_UNBIND, NULL);
}

static void smpp_conn_rx_message(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	esme_count(conn->esme,
		   pdu->command_id == SMPP_DATA_SM ? ESME_CTR_DATA_RX : ESME_CTR_DELIVER_RX);
	if (esme_fsm_is_bound(conn))
		esme_deliver_start(conn, pdu);
	else
		smpp_conn_tx_resp(conn, pdu->command_id, pdu->sequence_number, ESME_RX_T_APPN);
}

static void smpp_conn_rx_request(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	switch (pdu->command_id) {
	case SMPP_DELIVER_SM:
	case SMPP_DATA_SM:
		smpp_conn_rx_message(conn, pdu);
		break;
	case SMPP_ENQUIRE_LINK:
		esme_count(conn->esme, ESME_CTR_ENQUIRE_RX);
		smpp_conn_tx_resp(conn, pdu->command_id, pdu->sequence_number, ESME_ROK);
		break;
	case SMPP_UNBIND:
		smpp_conn_rx_unbind(conn, pdu);
		break;
	case SMPP_OUTBIND: /* asks us to bind, which we do all the time; has no response */
		esme_count(conn->esme, ESME_CTR_OUTBIND_RX);
		break;
	case SMPP_ALERT_NOTIFICATION: /* has no response */
		esme_count(conn->esme, ESME_CTR_ALERT_RX);
		break;
	default:
		smpp_conn_tx_generic_nack(conn, pdu, ESME_RINVCMDID);
		break;
	}
}

/* A response that cannot be read still says that the request is done with. */
static void smpp_conn_rx_bad(struct smpp_conn *conn, struct smpp_pdu *pdu, int rc)
{
	esme_count(conn->esme, ESME_CTR_PDU_BAD);
	if (smpp_is_response(pdu->command_id)) {
		memset(pdu->message_id, 0, sizeof(pdu->message_id));
		smpp_conn_rx_response(conn, pdu);
	} else {
		smpp_conn_tx_generic_nack(conn, pdu,
					  rc == -ENOTSUP ? ESME_RINVCMDID : ESME_RINVMSGLEN);
	}
}

static void smpp_conn_rx(void *data, struct view frame)
{
	struct smpp_conn *conn = data;
	struct smpp_pdu pdu;
	int rc = smpp_pdu_decode(frame, &pdu);

	LOGPCONN(conn, LOGL_DEBUG, "rx %s status=%s seq=%u octets=%zu\n",
		 smpp_command_name(pdu.command_id), smpp_status_name(pdu.command_status),
		 pdu.sequence_number, frame.len);
	if (rc < 0)
		smpp_conn_rx_bad(conn, &pdu, rc);
	else if (smpp_is_response(pdu.command_id))
		smpp_conn_rx_response(conn, &pdu);
	else
		smpp_conn_rx_request(conn, &pdu);
}

/* ---- life ---- */

static void smpp_conn_connected(void *data)
{
	struct smpp_conn *conn = data;

	osmo_fsm_inst_dispatch(conn->fi, SMPP_CONN_EV_CONNECTED, NULL);
}

static void smpp_conn_lost(void *data, const char *why)
{
	struct smpp_conn *conn = data;

	osmo_fsm_inst_dispatch(conn->fi, SMPP_CONN_EV_LOST, (void *)why);
}

static const struct stream_ops smpp_conn_stream_ops = {
	.frame = smpp_frame,
	.connected = smpp_conn_connected,
	.rx = smpp_conn_rx,
	.lost = smpp_conn_lost,
};

const char *smpp_conn_open(struct smpp_conn *conn)
{
	const struct tls_config *config = &conn->esme->config.tls;
	struct sockaddr_storage remote;
	socklen_t len = esme_remote(conn->esme, &remote);
	char address[ESME_ADDRESS_SIZE];
	struct tls *tls = NULL;
	const char *why;
	int rc;

	if (!len)
		return "no remote-ip";
	esme_address(conn->esme, address);
	if (config->on) {
		tls = tls_alloc(config, address, &why);
		if (!tls)
			return why;
	}
	rc = stream_connect(&conn->stream, (struct sockaddr *)&remote, len, tls);
	return rc < 0 ? strerror(-rc) : NULL;
}

void smpp_conn_close(struct smpp_conn *conn)
{
	struct sm *sm, *next;

	stream_flush(&conn->stream);
	stream_close(&conn->stream);
	osmo_timer_del(&conn->enquire_timer);
	osmo_timer_del(&conn->submit_timer);
	conn->bind_seq = conn->unbind_seq = conn->enquire_seq = 0;
	conn->choked = false;
	esme_deliver_conn_lost(conn);
	llist_for_each_entry_safe(sm, next, &conn->sent, entry)
	{
		smpp_conn_forget(conn, sm);
		esme_submit_lost(conn->esme, sm, false);
	}
}

struct smpp_conn *smpp_conn_alloc(struct esme *esme, enum smpp_command bind)
{
	struct smpp_conn *conn = talloc_zero(esme, struct smpp_conn);
	char id[SMSC_NAME_SIZE + 8];

	if (!conn)
		return NULL;
	conn->esme = esme;
	conn->bind = bind;
	conn->backoff_ms = SMPP_CONN_BACKOFF_FIRST_MS;
	INIT_LLIST_HEAD(&conn->sent);
	INIT_LLIST_HEAD(&conn->inbound);
	hash_init(conn->by_seq);
	osmo_timer_setup(&conn->enquire_timer, smpp_conn_enquire, conn);
	osmo_timer_setup(&conn->submit_timer, smpp_conn_submit_timeout, conn);
	osmo_timer_setup(&conn->inbound_timer, esme_deliver_timeout, conn);
	snprintf(id, sizeof(id), "%s-%s", esme->smsc.name, smpp_conn_role(conn));
	conn->fi = esme_fsm_alloc(conn, id);
	if (!conn->fi || stream_init(&conn->stream, conn, &smpp_conn_stream_ops, conn,
				     SMPP_CONN_RX_SIZE, SMPP_CONN_TX_MAX) < 0) {
		smpp_conn_free(conn);
		return NULL;
	}
	return conn;
}

void smpp_conn_free(struct smpp_conn *conn)
{
	if (conn->fi) {
		smpp_conn_close(conn);
		osmo_fsm_inst_term(conn->fi, OSMO_FSM_TERM_REQUEST, NULL);
	}
	talloc_free(conn);
}
