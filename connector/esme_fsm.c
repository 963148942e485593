/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The life of one SMPP session (SMPP 3.4 2.2): closed, open, bound, unbound, and the pause before the
 * next attempt, which doubles up to the configured maximum, with jitter so that many
 * connectors do not come back in step.
 */

#include "esme.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>

#include <osmocom/core/tdef.h>
#include <osmocom/core/utils.h>

#define S(x) (1 << (x))

enum esme_fsm_state {
	ESME_ST_OFF,
	ESME_ST_PAUSE,
	ESME_ST_CONNECTING,
	ESME_ST_BINDING,
	ESME_ST_BOUND,
	ESME_ST_UNBINDING,
};

static const struct value_string esme_fsm_event_names[] = {
	{SMPP_CONN_EV_START, "START"},	       {SMPP_CONN_EV_STOP, "STOP"},
	{SMPP_CONN_EV_CONNECTED, "CONNECTED"}, {SMPP_CONN_EV_BIND_RESP, "BIND_RESP"},
	{SMPP_CONN_EV_UNBIND, "UNBIND"},       {SMPP_CONN_EV_UNBIND_RESP, "UNBIND_RESP"},
	{SMPP_CONN_EV_LOST, "LOST"},	       {0, NULL},
};

static struct osmo_tdef esme_tdefs[] = {
	{.T = -1, .default_val = 10, .desc = "TCP connection to an SMSC"},
	{.T = -2, .default_val = 10, .desc = "bind_resp"},
	{.T = -3, .default_val = 2, .desc = "unbind_resp"},
	{0},
};

static const struct osmo_tdef_state_timeout esme_fsm_timeouts[32] = {
	[ESME_ST_CONNECTING] = {.T = -1},
	[ESME_ST_BINDING] = {.T = -2},
	[ESME_ST_UNBINDING] = {.T = -3},
};

#define esme_fsm_state_chg(fi, state)                                                              \
	osmo_tdef_fsm_inst_state_chg(fi, state, esme_fsm_timeouts, esme_tdefs, 5)

/* ---- the pause ---- */

static void esme_fsm_pause(struct osmo_fsm_inst *fi)
{
	struct smpp_conn *conn = fi->priv;
	unsigned pause_ms = conn->backoff_ms, max_ms = conn->esme->config.reconnect_max_s * 1000;

	conn->backoff_ms = OSMO_MIN(pause_ms * 2, max_ms);
	pause_ms = pause_ms * 3 / 4 + (unsigned)random() % (pause_ms / 2 + 1);
	osmo_fsm_inst_state_chg_ms(fi, ESME_ST_PAUSE, pause_ms, -4);
}

/* The first loss of a bound session and the first failure to open one are news; the attempts after it are not. */
static void esme_fsm_lost(struct osmo_fsm_inst *fi, const char *why)
{
	struct smpp_conn *conn = fi->priv;
	struct esme *esme = conn->esme;
	bool news = fi->state == ESME_ST_BOUND || conn->backoff_ms == SMPP_CONN_BACKOFF_FIRST_MS;

	LOGPCONN(conn, news ? LOGL_NOTICE : LOGL_INFO, "session lost in state %s: %s\n",
		 osmo_fsm_inst_state_name(fi), why);
	snprintf(esme->smsc.why, sizeof(esme->smsc.why), "%s", why);
	esme_count(esme, ESME_CTR_CONN_LOST);
	esme_fsm_pause(fi);
}

/* ---- states ---- */

static void esme_fsm_idle(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	if (event == SMPP_CONN_EV_STOP)
		esme_fsm_state_chg(fi, ESME_ST_OFF);
	else
		esme_fsm_state_chg(fi, ESME_ST_CONNECTING);
	(void)data;
}

static void esme_fsm_off_onenter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	struct smpp_conn *conn = fi->priv;

	(void)prev_state;
	conn->backoff_ms = SMPP_CONN_BACKOFF_FIRST_MS;
	strcpy(conn->esme->smsc.why, "shut down");
	smpp_conn_close(conn);
	esme_changed(conn->esme);
}

static void esme_fsm_pause_onenter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	struct smpp_conn *conn = fi->priv;

	(void)prev_state;
	smpp_conn_close(conn);
	esme_changed(conn->esme);
}

static void esme_fsm_connecting_onenter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	const char *why = smpp_conn_open(fi->priv);

	(void)prev_state;
	if (why)
		esme_fsm_lost(fi, why);
}

static void esme_fsm_connecting(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	switch (event) {
	case SMPP_CONN_EV_CONNECTED:
		esme_fsm_state_chg(fi, ESME_ST_BINDING);
		break;
	case SMPP_CONN_EV_STOP:
		esme_fsm_state_chg(fi, ESME_ST_OFF);
		break;
	case SMPP_CONN_EV_LOST:
		esme_fsm_lost(fi, data);
		break;
	}
}

static void esme_fsm_binding_onenter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	(void)prev_state;
	if (smpp_conn_tx_bind(fi->priv) < 0)
		esme_fsm_lost(fi, "cannot send bind");
}

static void esme_fsm_rx_bind_resp(struct osmo_fsm_inst *fi, uint32_t command_status)
{
	struct smpp_conn *conn = fi->priv;

	if (command_status == ESME_ROK) {
		conn->backoff_ms = SMPP_CONN_BACKOFF_FIRST_MS;
		esme_count(conn->esme, ESME_CTR_BIND_OK);
		esme_fsm_state_chg(fi, ESME_ST_BOUND);
		return;
	}
	LOGPCONN(conn, LOGL_ERROR, "the SMSC refuses the bind: %s (0x%x)\n",
		 smpp_status_name(command_status), command_status);
	snprintf(conn->esme->smsc.why, sizeof(conn->esme->smsc.why), "bind refused: %s",
		 smpp_status_name(command_status));
	esme_count(conn->esme, ESME_CTR_BIND_FAILED);
	esme_fsm_pause(fi);
}

static void esme_fsm_binding(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	switch (event) {
	case SMPP_CONN_EV_BIND_RESP:
		esme_fsm_rx_bind_resp(fi, *(const uint32_t *)data);
		break;
	case SMPP_CONN_EV_UNBIND:
		esme_fsm_lost(fi, "unbound by the SMSC");
		break;
	case SMPP_CONN_EV_STOP:
		esme_fsm_state_chg(fi, ESME_ST_OFF);
		break;
	case SMPP_CONN_EV_LOST:
		esme_fsm_lost(fi, data);
		break;
	}
}

static void esme_fsm_bound_onenter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	struct smpp_conn *conn = fi->priv;

	(void)prev_state;
	smpp_conn_bound(conn);
	esme_changed(conn->esme);
}

static void esme_fsm_bound(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	switch (event) {
	case SMPP_CONN_EV_STOP:
		esme_fsm_state_chg(fi, ESME_ST_UNBINDING);
		break;
	case SMPP_CONN_EV_UNBIND:
		esme_fsm_lost(fi, "unbound by the SMSC");
		break;
	case SMPP_CONN_EV_LOST:
		esme_fsm_lost(fi, data);
		break;
	}
}

static void esme_fsm_unbinding_onenter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	struct smpp_conn *conn = fi->priv;

	(void)prev_state;
	strcpy(conn->esme->smsc.why, "shut down");
	esme_changed(conn->esme);
	smpp_conn_tx_unbind(conn);
}

static void esme_fsm_unbinding(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	(void)event;
	(void)data;
	esme_fsm_state_chg(fi, ESME_ST_OFF);
}

static int esme_fsm_timer(struct osmo_fsm_inst *fi)
{
	switch (fi->state) {
	case ESME_ST_PAUSE:
		esme_fsm_state_chg(fi, ESME_ST_CONNECTING);
		break;
	case ESME_ST_CONNECTING:
		esme_fsm_lost(fi, "no connection in time");
		break;
	case ESME_ST_BINDING:
		esme_fsm_lost(fi, "no bind_resp in time");
		break;
	case ESME_ST_UNBINDING:
		esme_fsm_state_chg(fi, ESME_ST_OFF);
		break;
	}
	return 0;
}

static const struct osmo_fsm_state esme_fsm_states[] = {
	[ESME_ST_OFF] =
		{
			.name = "OFF",
			.in_event_mask = S(SMPP_CONN_EV_START),
			.out_state_mask = S(ESME_ST_CONNECTING),
			.action = esme_fsm_idle,
			.onenter = esme_fsm_off_onenter,
		},
	[ESME_ST_PAUSE] =
		{
			.name = "PAUSE",
			.in_event_mask = S(SMPP_CONN_EV_START) | S(SMPP_CONN_EV_STOP),
			.out_state_mask = S(ESME_ST_CONNECTING) | S(ESME_ST_OFF),
			.action = esme_fsm_idle,
			.onenter = esme_fsm_pause_onenter,
		},
	[ESME_ST_CONNECTING] =
		{
			.name = "CONNECTING",
			.in_event_mask = S(SMPP_CONN_EV_CONNECTED) | S(SMPP_CONN_EV_STOP) |
					 S(SMPP_CONN_EV_LOST),
			.out_state_mask = S(ESME_ST_BINDING) | S(ESME_ST_PAUSE) | S(ESME_ST_OFF),
			.action = esme_fsm_connecting,
			.onenter = esme_fsm_connecting_onenter,
		},
	[ESME_ST_BINDING] =
		{
			.name = "BINDING",
			.in_event_mask = S(SMPP_CONN_EV_BIND_RESP) | S(SMPP_CONN_EV_STOP) |
					 S(SMPP_CONN_EV_UNBIND) | S(SMPP_CONN_EV_LOST),
			.out_state_mask = S(ESME_ST_BOUND) | S(ESME_ST_PAUSE) | S(ESME_ST_OFF),
			.action = esme_fsm_binding,
			.onenter = esme_fsm_binding_onenter,
		},
	[ESME_ST_BOUND] =
		{
			.name = "BOUND",
			.in_event_mask = S(SMPP_CONN_EV_STOP) | S(SMPP_CONN_EV_UNBIND) |
					 S(SMPP_CONN_EV_LOST),
			.out_state_mask = S(ESME_ST_UNBINDING) | S(ESME_ST_PAUSE),
			.action = esme_fsm_bound,
			.onenter = esme_fsm_bound_onenter,
		},
	[ESME_ST_UNBINDING] =
		{
			.name = "UNBINDING",
			.in_event_mask = S(SMPP_CONN_EV_UNBIND) | S(SMPP_CONN_EV_UNBIND_RESP) |
					 S(SMPP_CONN_EV_LOST),
			.out_state_mask = S(ESME_ST_OFF),
			.action = esme_fsm_unbinding,
			.onenter = esme_fsm_unbinding_onenter,
		},
};

static struct osmo_fsm esme_fsm = {
	.name = "SMPP",
	.states = esme_fsm_states,
	.num_states = ARRAY_SIZE(esme_fsm_states),
	.timer_cb = esme_fsm_timer,
	.log_subsys = DSMPP,
	.event_names = esme_fsm_event_names,
};

int esme_fsm_init(void)
{
	osmo_tdefs_reset(esme_tdefs);
	return osmo_fsm_register(&esme_fsm);
}

struct osmo_fsm_inst *esme_fsm_alloc(struct smpp_conn *conn, const char *id)
{
	return osmo_fsm_inst_alloc(&esme_fsm, conn, conn, LOGL_DEBUG, id);
}

bool esme_fsm_is_bound(const struct smpp_conn *conn)
{
	return conn->fi->state == ESME_ST_BOUND;
}

bool esme_fsm_is_off(const struct smpp_conn *conn)
{
	return conn->fi->state == ESME_ST_OFF;
}
