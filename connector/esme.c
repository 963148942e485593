/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* SMSCs as objects: settings, sessions, up and down, counters. What they are given to submit is in esme_submit.c. */

#include "esme.h"

#include <arpa/inet.h>

#include <osmocom/core/stats.h>
#include <osmocom/core/talloc.h>

#include "log.h"

static const struct rate_ctr_desc esme_ctr_desc[] = {
	[ESME_CTR_SUBMIT_TX] = {"submit_sm:tx", "submit_sm sent"},
	[ESME_CTR_SUBMIT_ACCEPTED] = {"submit_sm:accepted", "submit_sm taken by the SMSC"},
	[ESME_CTR_SUBMIT_THROTTLED] = {"submit_sm:throttled",
				       "submit_sm answered with RTHROTTLED or RMSGQFUL"},
	[ESME_CTR_SUBMIT_FAILED] = {"submit_sm:failed", "Messages refused for good"},
	[ESME_CTR_SUBMIT_TEMPORARY] = {"submit_sm:temporary", "Messages refused for now"},
	[ESME_CTR_SUBMIT_TIMEOUT] = {"submit_sm:timeout", "submit_sm without a response in time"},
	[ESME_CTR_SUBMIT_LOST] = {"submit_sm:lost",
				  "submit_sm without a response when the session ended"},
	[ESME_CTR_QUEUE_FULL] = {"queue:full", "Messages that found the queue full"},
	[ESME_CTR_DELIVER_RX] = {"deliver_sm:rx", "deliver_sm received, receipts included"},
	[ESME_CTR_DELIVER_ACCEPTED] = {"deliver_sm:accepted",
				       "deliver_sm and data_sm answered with success"},
	[ESME_CTR_DELIVER_REFUSED] = {"deliver_sm:refused",
				      "deliver_sm and data_sm answered with an error"},
	[ESME_CTR_DATA_RX] = {"data_sm:rx", "data_sm received, receipts included"},
	[ESME_CTR_RECEIPT_RX] = {"receipt:rx", "Delivery receipts passed on"},
	[ESME_CTR_RECEIPT_UNREADABLE] = {"receipt:unreadable",
					 "Delivery receipts without a message id"},
	[ESME_CTR_BIND_OK] = {"bind:ok", "Sessions bound"},
	[ESME_CTR_BIND_FAILED] = {"bind:failed", "Binds refused"},
	[ESME_CTR_CONN_LOST] = {"conn:lost", "Sessions lost, and attempts to open one that failed"},
	[ESME_CTR_ENQUIRE_TX] = {"enquire_link:tx", "enquire_link sent"},
	[ESME_CTR_ENQUIRE_RX] = {"enquire_link:rx", "enquire_link received"},
	[ESME_CTR_ENQUIRE_TIMEOUT] = {"enquire_link:timeout", "enquire_link without a response"},
	[ESME_CTR_UNBIND_RX] = {"unbind:rx", "unbind received"},
	[ESME_CTR_OUTBIND_RX] = {"outbind:rx", "outbind received"},
	[ESME_CTR_ALERT_RX] = {"alert_notification:rx", "alert_notification received"},
	[ESME_CTR_NACK_RX] = {"generic_nack:rx", "generic_nack received"},
	[ESME_CTR_NACK_TX] = {"generic_nack:tx", "generic_nack sent"},
	[ESME_CTR_RESP_UNKNOWN] = {"resp:unknown", "Responses that nobody waited for"},
	[ESME_CTR_PDU_BAD] = {"pdu:bad", "PDUs that could not be read"},
};

static const struct rate_ctr_group_desc esme_ctrg_desc = {
	.group_name_prefix = "esme",
	.group_description = "SMPP sessions with an SMSC",
	.class_id = OSMO_STATS_CLASS_PEER,
	.num_ctr = sizeof(esme_ctr_desc) / sizeof(esme_ctr_desc[0]),
	.ctr_desc = esme_ctr_desc,
};

static const struct esme_config esme_config_default = {
	.port = 2775,
	.enquire_link_s = 30,
	.response_timeout_s = 30,
	.reconnect_max_s = 30,
};

void esme_count(struct esme *esme, enum esme_ctr ctr)
{
	smsc_count(&esme->smsc, ctr);
}

socklen_t esme_remote(const struct esme *esme, struct sockaddr_storage *out)
{
	*out = esme->config.remote;
	switch (out->ss_family) {
	case AF_INET:
		((struct sockaddr_in *)out)->sin_port = htons(esme->config.port);
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		((struct sockaddr_in6 *)out)->sin6_port = htons(esme->config.port);
		return sizeof(struct sockaddr_in6);
	}
	return 0;
}

void esme_address(const struct esme *esme, char out[ESME_ADDRESS_SIZE])
{
	const struct sockaddr_storage *ss = &esme->config.remote;

	out[0] = '\0';
	if (ss->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)ss)->sin_addr, out,
			  ESME_ADDRESS_SIZE);
	if (ss->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)ss)->sin6_addr, out,
			  ESME_ADDRESS_SIZE);
}

/* ---- up and down ---- */

static bool esme_is_idle(const struct smsc *smsc)
{
	const struct esme *esme = container_of(smsc, struct esme, smsc);

	return esme_fsm_is_off(esme->tx) && (!esme->rx || esme_fsm_is_off(esme->rx));
}

static bool esme_has_sent(const struct smsc *smsc)
{
	return container_of(smsc, struct esme, smsc)->tx->n_sent > 0;
}

/* The sessions that the configuration asks for; they are all off while it changes. */
static bool esme_make_conns(struct esme *esme)
{
	esme->tx->bind = esme->config.pair ? SMPP_BIND_TRANSMITTER : SMPP_BIND_TRANSCEIVER;
	if (esme->config.pair && !esme->rx)
		esme->rx = smpp_conn_alloc(esme, SMPP_BIND_RECEIVER);
	if (!esme->config.pair && esme->rx) {
		smpp_conn_free(esme->rx);
		esme->rx = NULL;
	}
	return !esme->config.pair || esme->rx;
}

static void esme_start(struct smsc *smsc)
{
	struct esme *esme = container_of(smsc, struct esme, smsc);
	struct connector *c = smsc->c;

	if (!c->running || c->stopping || smsc->shutdown || !esme_is_idle(smsc))
		return;
	if (esme->config.remote.ss_family == AF_UNSPEC || !esme_make_conns(esme)) {
		LOGPESME(esme, LOGL_ERROR, "remote-ip is not set: not connecting\n");
		return;
	}
	osmo_fsm_inst_dispatch(esme->tx->fi, SMPP_CONN_EV_START, NULL);
	if (esme->rx)
		osmo_fsm_inst_dispatch(esme->rx->fi, SMPP_CONN_EV_START, NULL);
}

static void esme_stop_conn(struct smpp_conn *conn)
{
	if (conn && !esme_fsm_is_off(conn) && !conn->unbind_seq)
		osmo_fsm_inst_dispatch(conn->fi, SMPP_CONN_EV_STOP, NULL);
}

static void esme_stop(struct smsc *smsc)
{
	struct esme *esme = container_of(smsc, struct esme, smsc);

	esme_stop_conn(esme->tx);
	esme_stop_conn(esme->rx);
}

void esme_changed(struct esme *esme)
{
	struct smsc *smsc = &esme->smsc;
	bool up = esme_fsm_is_bound(esme->tx) && (!esme->rx || esme_fsm_is_bound(esme->rx));

	smsc_set_up(smsc, up);
	/* opened again while it was unbinding */
	if (!up && esme_is_idle(smsc) && !smsc->shutdown)
		osmo_timer_schedule(&smsc->pump, 0, 0);
}

/* ---- life ---- */

static void esme_free(struct smsc *smsc)
{
	struct esme *esme = container_of(smsc, struct esme, smsc);

	smsc->shutdown = true;
	smsc->up = false;
	smsc_queue_flush(smsc);
	if (esme->tx)
		smpp_conn_free(esme->tx);
	if (esme->rx)
		smpp_conn_free(esme->rx);
	smsc_exit(smsc);
	talloc_free(esme);
}

static const struct smsc_ops esme_ops = {
	.protocol = "smpp",
	.ctrs = &esme_ctrg_desc,
	.ctr_queue_full = ESME_CTR_QUEUE_FULL,
	.ctr_temporary = ESME_CTR_SUBMIT_TEMPORARY,
	.log_category = DSMPP,
	.start = esme_start,
	.stop = esme_stop,
	.is_idle = esme_is_idle,
	.has_sent = esme_has_sent,
	.may_send = esme_may_send,
	.send = esme_send,
	.status_name = smpp_status_name,
	.show = esme_show,
	.write = esme_write,
	.free = esme_free,
};

struct esme *esme_of(struct smsc *smsc)
{
	return smsc->ops == &esme_ops ? container_of(smsc, struct esme, smsc) : NULL;
}

struct esme *esme_alloc(struct connector *c, const char *name)
{
	struct esme *esme = talloc_zero(c, struct esme);

	if (!esme)
		return NULL;
	esme->config = esme_config_default;
	esme->receipt_ids = receipt_ids_alloc(esme);
	if (smsc_init(&esme->smsc, c, &esme_ops, name) == 0)
		esme->tx = smpp_conn_alloc(esme, SMPP_BIND_TRANSCEIVER);
	if (!esme->receipt_ids || !esme->tx) {
		esme_free(&esme->smsc);
		return NULL;
	}
	return esme;
}
