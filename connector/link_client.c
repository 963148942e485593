/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Client end of the link (docs/link-protocol.md): a Unix stream socket, one frame after another.
 * What the module sends is handed to sm.c (DATA), inbound.c (ACK, ERROR) and map_home.c (USER); nothing is kept here
 * across connections but the id of the module's store.
 */

#include "link_client.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/un.h>

#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/stats.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>

#include "../lib/sms/rp.h"
#include "answered.h"
#include "clock.h"
#include "inbound.h"
#include "log.h"
#include "sm.h"
#include "smsc.h"
#include "stream.h"

enum {
	LINK_RX_SIZE = 65536,	  /* octets */
	LINK_TX_MAX = 4 << 20,	  /* octets */
	LINK_RECONNECT_MS = 1000, /* longest pause; the shortest is half of it */
	LINK_PING_S = 10,
	LINK_DEAD_S = 30,
};

static const struct rate_ctr_desc link_ctr_desc[] = {
	[LINK_CTR_CONNECT] = {"connect", "Connections that came up"},
	[LINK_CTR_LOST] = {"lost", "Connections that were lost"},
	[LINK_CTR_GARBAGE] = {"garbage", "Connections closed for a frame that is none"},
	[LINK_CTR_DATA_RX] = {"data:rx", "DATA received, messages to submit"},
	[LINK_CTR_DATA_TX] = {"data:tx", "DATA sent, messages and reports from SMSCs"},
	[LINK_CTR_ACK_RX] = {"ack:rx", "ACK received"},
	[LINK_CTR_ACK_TX] = {"ack:tx", "ACK sent"},
	[LINK_CTR_ERROR_RX] = {"error:rx", "ERROR received"},
	[LINK_CTR_ERROR_TX] = {"error:tx", "ERROR sent"},
	[LINK_CTR_REPEATED] = {"repeated", "Answers given again out of memory"},
	[LINK_CTR_RESUBMITTED] = {"resubmitted",
				  "Messages submitted that may have reached an SMSC before"},
	[LINK_CTR_UNMATCHED] = {"unmatched", "Answers to a ref that nobody waits for"},
	[LINK_CTR_QUERY_TX] = {"query:tx", "QUERY sent: is that user registered"},
	[LINK_CTR_USER_RX] = {"user:rx", "USER received, answers and changes"},
	[LINK_CTR_ALERT_TX] = {"alert:tx", "ALERT sent: that recipient can be reached again"},
};

static const struct rate_ctr_group_desc link_ctrg_desc = {
	.group_name_prefix = "link",
	.group_description = "Link to the Kamailio module",
	.class_id = OSMO_STATS_CLASS_GLOBAL,
	.num_ctr = sizeof(link_ctr_desc) / sizeof(link_ctr_desc[0]),
	.ctr_desc = link_ctr_desc,
};

void link_client_count(struct link_client *link, enum link_ctr ctr)
{
	rate_ctr_inc2(link->ctrs, ctr);
}

/* ---- down and up again ---- */

static void link_down(struct link_client *link, const char *why)
{
	bool was_up = link->up;

	link->up = false;
	osmo_timer_del(&link->ping);
	if (!link->complained || was_up)
		LOGP(DLINK, LOGL_NOTICE, "link to %s is down: %s\n", link->socket_path, why);
	link->complained = true;
	if (was_up) {
		link_client_count(link, LINK_CTR_LOST);
		inbound_link_lost(link->c);
	}
	if (!link->c->stopping)
		osmo_timer_schedule(
			&link->reconnect, 0,
			(LINK_RECONNECT_MS / 2 + (int)(random() % (LINK_RECONNECT_MS / 2))) *
				CLOCK_US_PER_MS);
}

static void link_abort(struct link_client *link, const char *why)
{
	stream_close(&link->stream);
	link_down(link, why);
}

static void link_reconnect(void *data)
{
	struct link_client *link = data;
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int rc;

	strcpy(un.sun_path, link->socket_path);
	rc = stream_connect(&link->stream, (struct sockaddr *)&un, sizeof(un), NULL);
	if (rc < 0)
		link_down(link, strerror(-rc));
}

/* ---- send ---- */

/* A link that is choked is closed from the timer: callers walk over lists that closing would change. */
static int link_tx(struct link_client *link, const struct link_frame *f)
{
	uint8_t octets[LINK_FRAME_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	int rc = link_frame_encode(&w, f);

	if (rc == 0)
		rc = stream_tx(&link->stream, wbuf_written(&w));
	if (rc == -ENOBUFS) {
		link->choked = true;
		osmo_timer_schedule(&link->ping, 0, 0);
	}
	return rc;
}

static void link_connected(void *data)
{
	struct link_client *link = data;
	struct link_frame hello = {
		.type = LINK_HELLO,
		.version = LINK_VERSION,
		.node = view_str(link->c->node),
		.window = link->window,
	};

	link->choked = false;
	osmo_timer_schedule(&link->ping, LINK_PING_S, 0);
	link_tx(link, &hello);
}

static void link_ping(void *data)
{
	struct link_client *link = data;
	struct link_frame ping = {.type = LINK_PING};

	if (link->choked) {
		link_abort(link, "the module does not read");
		return;
	}
	if (clock_us() - link->stream.rx_us > (uint64_t)LINK_DEAD_S * CLOCK_US_PER_S) {
		link_abort(link, "no sign of life");
		return;
	}
	osmo_timer_schedule(&link->ping, LINK_PING_S, 0);
	if (link->up)
		link_tx(link, &ping);
}

int link_client_data(struct link_client *link, struct link_frame *frame)
{
	int rc;

	if (!link->up)
		return -ENOTCONN;
	frame->type = LINK_DATA;
	rc = link_tx(link, frame);
	if (rc == 0)
		link_client_count(link, LINK_CTR_DATA_TX);
	return rc == -ENOSPC ? -EINVAL : rc;
}

void link_client_answer(struct link_client *link, const struct sm_answer *answer)
{
	struct rp_message rp = {
		.type = answer->rp_cause ? RP_ERROR : RP_ACK,
		.dir = RP_NET_TO_MS,
		.rp_mr = answer->rp_mr,
		.rp_cause = answer->rp_cause,
	};
	uint8_t octets[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct link_frame f = {
		.type = answer->rp_cause ? LINK_ERROR : LINK_ACK,
		.ref = answer->ref,
		.flags = answer->flags,
		.status = answer->status,
		.retry_ms = answer->retry_ms,
		.smsc = view_str(answer->smsc),
		.smsc_id = view_str(answer->smsc_id),
		.reason = view_str(answer->reason),
	};

	if (!link->up || rp_encode(&w, &rp) < 0)
		return;
	f.rp = wbuf_written(&w);
	if (link_tx(link, &f) < 0)
		return;
	link_client_count(link, answer->rp_cause ? LINK_CTR_ERROR_TX : LINK_CTR_ACK_TX);
	if (answer->flags & LINK_FLAG_REPEATED)
		link_client_count(link, LINK_CTR_REPEATED);
}

int link_client_query(struct link_client *link, uint64_t ref, const char *da)
{
	struct link_frame f = {.type = LINK_QUERY, .ref = ref, .da = view_str(da)};
	int rc = link->up ? link_tx(link, &f) : -ENOTCONN;

	if (rc == 0)
		link_client_count(link, LINK_CTR_QUERY_TX);
	return rc == -ENOSPC ? -EINVAL : rc;
}

void link_client_alert(struct link_client *link, const char *da)
{
	struct link_frame f = {.type = LINK_ALERT, .da = view_str(da)};

	if (link->up && link_tx(link, &f) == 0)
		link_client_count(link, LINK_CTR_ALERT_TX);
}

void link_client_unheard(struct link_client *link, uint64_t ref)
{
	struct link_frame f = {.type = LINK_UNHEARD, .ref = ref};

	if (link->up)
		link_tx(link, &f);
}

void link_client_state(struct link_client *link, const struct smsc *smsc)
{
	struct link_frame f = {
		.type = LINK_STATE,
		.smsc = view_str(smsc->name),
		.flags = smsc_is_up(smsc) ? LINK_FLAG_UP : 0,
		.window = smsc->window,
		.reason = view_str(smsc_is_up(smsc) ? "" : smsc->why),
	};

	if (link->up)
		link_tx(link, &f);
}

/* ---- receive ---- */

/* Refs belong to a store: what is remembered of another one must not answer for this one. */
static void link_rx_hello(struct link_client *link, const struct link_frame *f)
{
	struct smsc *smsc;
	size_t len = f->store.len < LINK_STORE_SIZE - 1 ? f->store.len : LINK_STORE_SIZE - 1;

	if (f->version != LINK_VERSION || f->store.len == 0) {
		LOGP(DLINK, LOGL_ERROR,
		     "HELLO with version %u (ours is %u) and a store id of %zu octets\n",
		     f->version, LINK_VERSION, f->store.len);
		link_abort(link, "HELLO that does not suit");
		return;
	}
	if (link->store[0] && !view_eq(view_str(link->store), (struct view){f->store.p, len})) {
		LOGP(DLINK, LOGL_NOTICE, "the module has another store: refs of %s are forgotten\n",
		     link->store);
		sm_store_changed(link->c);
	}
	memcpy(link->store, f->store.p, len);
	link->store[len] = '\0';
	link->peer_window = f->window ? f->window : LINK_WINDOW_DEFAULT;
	link->complained = false;
	if (link->up)
		return;
	link->up = true;
	link_client_count(link, LINK_CTR_CONNECT);
	LOGP(DLINK, LOGL_NOTICE, "link to %s is up\n", link->socket_path);
	llist_for_each_entry(smsc, &link->c->smscs, entry) link_client_state(link, smsc);
}

static void link_rx_user(struct link_client *link, const struct link_frame *f)
{
	char number[SMS_ADDRESS_TEXT_MAX + 1];

	link_client_count(link, LINK_CTR_USER_RX);
	if (!link->user || !link->c->map || f->da.len >= sizeof(number))
		return;
	if (f->da.len)
		memcpy(number, f->da.p, f->da.len);
	number[f->da.len] = '\0';
	link->user(link->c->map, f->ref, number, f->flags & LINK_FLAG_UP);
}

static void link_rx_up(struct link_client *link, const struct link_frame *f)
{
	struct link_frame pong = {.type = LINK_PONG, .ref = f->ref};

	switch (f->type) {
	case LINK_DATA:
		link_client_count(link, LINK_CTR_DATA_RX);
		sm_start(link->c, f);
		break;
	case LINK_ACK:
		link_client_count(link, LINK_CTR_ACK_RX);
		inbound_answered(link->c, f);
		break;
	case LINK_ERROR:
		link_client_count(link, LINK_CTR_ERROR_RX);
		inbound_answered(link->c, f);
		break;
	case LINK_USER:
		link_rx_user(link, f);
		break;
	case LINK_PING:
		link_tx(link, &pong);
		break;
	}
}

static void link_rx(void *data, struct view in)
{
	struct link_client *link = data;
	struct link_frame f;

	if (link_frame_decode(in, &f) < 0) {
		link_client_count(link, LINK_CTR_GARBAGE);
		link_abort(link, "garbage inside a frame");
	} else if (f.type == LINK_HELLO) {
		link_rx_hello(link, &f);
	} else if (!link->up) {
		link_client_count(link, LINK_CTR_GARBAGE);
		link_abort(link, "another frame before HELLO");
	} else {
		link_rx_up(link, &f);
	}
}

static void link_lost(void *data, const char *why)
{
	link_down(data, why);
}

static const struct stream_ops link_stream_ops = {
	.frame = link_frame_length,
	.connected = link_connected,
	.rx = link_rx,
	.lost = link_lost,
};

/* ---- life ---- */

struct link_client *link_client_alloc(struct connector *c)
{
	struct link_client *link = talloc_zero(c, struct link_client);

	if (!link)
		return NULL;
	link->c = c;
	link->stream.ofd.fd = -1;
	link->window = LINK_WINDOW_DEFAULT;
	strcpy(link->socket_path, "/run/ipsmgw/link.sock");
	osmo_timer_setup(&link->reconnect, link_reconnect, link);
	osmo_timer_setup(&link->ping, link_ping, link);
	link->ctrs = rate_ctr_group_alloc(link, &link_ctrg_desc, 0);
	if (!link->ctrs || stream_init(&link->stream, link, &link_stream_ops, link, LINK_RX_SIZE,
				       LINK_TX_MAX) < 0) {
		link_client_free(link);
		return NULL;
	}
	return link;
}

void link_client_free(struct link_client *link)
{
	link_client_stop(link);
	if (link->ctrs)
		rate_ctr_group_free(link->ctrs);
	talloc_free(link);
}

void link_client_start(struct link_client *link)
{
	osmo_timer_schedule(&link->reconnect, 0, 0);
}

void link_client_stop(struct link_client *link)
{
	osmo_timer_del(&link->reconnect);
	osmo_timer_del(&link->ping);
	stream_flush(&link->stream);
	stream_close(&link->stream);
	link->up = false;
}

int link_client_set_socket(struct link_client *link, const char *path)
{
	if (strlen(path) >= sizeof(link->socket_path))
		return -EINVAL;
	strcpy(link->socket_path, path);
	return 0;
}
