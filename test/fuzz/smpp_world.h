/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

/*
 * What is around the SMPP side of the connector, in one process and without a socket: an SMSC, the module, a
 * clock. Both peers are made of what connector/stream.c reads and writes; its system calls end here. Reads and
 * writes are as short as world.chunk says. Whatever happens has to hold:
 *
 *   each DATA of the module is answered once, each request of the SMSC is answered once;
 *   no more ACK to the module than submit_sm_resp with success, and so the other way round;
 *   in the end nothing is in hand, no timer runs and no memory is left.
 *
 * A file that includes this names the sources of the connector, but not stream.c.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../connector/compat.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <osmocom/core/application.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>

#include "../../connector/answered.h"
#include "../../connector/clock.h"
#include "../../connector/esme.h"
#include "../../connector/inbound.h"
#include "../../connector/link_client.h"
#include "../../connector/log.h"
#include "../../connector/route.h"
#include "../../connector/sm.h"
#include "../../connector/tls.h"
#include "../../lib/sms/rp.h"
#include "../../lib/sms/tpdu.h"
#include "ensure.h"

enum { WORLD_FD = 1000, WORLD_SOCKETS = 4, WORLD_REFS = 16, WORLD_DUE = 64, WORLD_PENDING = 4096, WORLD_BUFFER = 1 << 17 };

enum world_asked { ASKED = 1, ASKED_BEFORE = 2, ASKED_OTHER_STORE = 4 };

/* One connection, as its other end sees it. */
struct world_socket {
	struct osmo_fd *ofd; /* NULL: not there */
	bool used, is_link, connecting, peer_closed;
	uint8_t in[WORLD_BUFFER], seen[WORLD_BUFFER], out[WORLD_BUFFER];
	size_t in_pos, in_len; /* for the connector; */
	size_t seen_len;       /* what it has read, without whole frames; */
	size_t out_len;	       /* what it has written, without whole frames */
	uint32_t pending[WORLD_PENDING]; /* sequence numbers of requests that are to be answered */
	unsigned n_pending;
	uint32_t submits[WORLD_DUE], bind_seq, enquire_seq, unbind_seq; /* last ones of the connector */
	unsigned n_submits;
	bool bind_due;
	uint32_t bind_id;
};

static struct world {
	struct connector *c;
	struct esme *esme;
	struct world_socket sockets[WORLD_SOCKETS];
	uint8_t asked[WORLD_REFS];	/* enum world_asked, by ref */
	unsigned asked_twice[WORLD_REFS]; /* the ref came again before it was seen to be answered: one answer, or two */
	uint64_t due[WORLD_DUE];   /* refs of DATA of the connector that are to be answered */
	unsigned n_due;
	unsigned acked, accepted, deliver_ok, module_acked;
	size_t chunk; /* longest read and write */
	bool refuse, blocked, silent, no_bind, no_hello;
	char store;
	bool link_hello; /* the module's has been read */
} world;

/* ---- frames that the connector reads ---- */

static void world_put(struct world_socket *s, struct view octets)
{
	if (!s || octets.len > WORLD_BUFFER - s->in_len || s->peer_closed)
		return;
	if (octets.len)
		memcpy(s->in + s->in_len, octets.p, octets.len);
	s->in_len += octets.len;
}

/* outbind and alert_notification have no response; one that cannot be read gets a generic_nack as any other. */
static void world_smsc_seen(struct world_socket *s, struct view frame)
{
	struct smpp_pdu pdu;
	int rc = smpp_pdu_decode(frame, &pdu);

	if (pdu.command_id == (SMPP_SUBMIT_SM | SMPP_RESP) && pdu.command_status == ESME_ROK)
		world.accepted++;
	if (smpp_is_response(pdu.command_id) ||
	    (rc == 0 && (pdu.command_id == SMPP_OUTBIND || pdu.command_id == SMPP_ALERT_NOTIFICATION)))
		return;
	ENSURE(s->n_pending < WORLD_PENDING);
	s->pending[s->n_pending++] = pdu.sequence_number;
}

static void world_link_seen(const struct link_frame *f)
{
	if (f->type == LINK_HELLO) {
		for (unsigned i = 0; i < WORLD_REFS; i++)
			if (world.asked[i] && world.store && world.store != (char)f->store.p[0]) {
				world.asked_twice[i] += world.asked[i] > ASKED_OTHER_STORE;
				world.asked[i] = ASKED_OTHER_STORE;
			}
		world.store = (char)f->store.p[0];
		world.link_hello = true;
	} else if (f->type == LINK_DATA && world.link_hello) {
		world.asked_twice[f->ref % WORLD_REFS] += (world.asked[f->ref % WORLD_REFS] & (ASKED | ASKED_BEFORE)) != 0;
		world.asked[f->ref % WORLD_REFS] |= ASKED;
	} else if (f->type == LINK_ACK) {
		world.module_acked++;
	}
}

static void world_seen(struct world_socket *s)
{
	struct link_frame f;
	size_t len = 0, pos = 0;

	for (; pos < s->seen_len; pos += len) {
		struct view in = {s->seen + pos, s->seen_len - pos};

		if (s->is_link ? link_frame_length(in, &len) : smpp_frame(in, &len))
			break;
		if (!s->is_link)
			world_smsc_seen(s, (struct view){in.p, len});
		else if (link_frame_decode((struct view){in.p, len}, &f) == 0)
			world_link_seen(&f);
	}
	s->seen_len -= pos;
	memmove(s->seen, s->seen + pos, s->seen_len);
}

/* ---- frames that the connector writes ---- */

static void world_answer_pdu(struct world_socket *s, const struct smpp_pdu *pdu)
{
	uint8_t octets[512];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if (smpp_pdu_encode(&w, pdu) == 0)
		world_put(s, wbuf_written(&w));
}

static void world_smsc_response(struct world_socket *s, uint32_t id, uint32_t status, uint32_t seq)
{
	unsigned i = 0;

	while (i < s->n_pending && s->pending[i] != seq)
		i++;
	ENSURE(i < s->n_pending);
	s->pending[i] = s->pending[--s->n_pending];
	if ((id == (SMPP_DELIVER_SM | SMPP_RESP) || id == (SMPP_DATA_SM | SMPP_RESP)) && status == ESME_ROK)
		world.deliver_ok++;
}

static void world_smsc_request(struct world_socket *s, const struct smpp_pdu *pdu)
{
	struct smpp_pdu resp = {.command_id = pdu->command_id | SMPP_RESP, .sequence_number = pdu->sequence_number};

	switch (pdu->command_id) {
	case SMPP_SUBMIT_SM:
		s->submits[s->n_submits++ % WORLD_DUE] = pdu->sequence_number;
		return;
	case SMPP_ENQUIRE_LINK:
		s->enquire_seq = pdu->sequence_number;
		if (!world.silent)
			world_answer_pdu(s, &resp);
		return;
	case SMPP_UNBIND:
		s->unbind_seq = pdu->sequence_number;
		return;
	default:
		s->bind_seq = pdu->sequence_number;
		s->bind_id = pdu->command_id;
		if (!world.no_bind)
			world_answer_pdu(s, &resp);
	}
}

static void world_smsc_heard(struct world_socket *s, struct view frame)
{
	struct smpp_pdu pdu;

	ENSURE(smpp_pdu_decode(frame, &pdu) == 0);
	if (smpp_is_response(pdu.command_id))
		world_smsc_response(s, pdu.command_id, pdu.command_status, pdu.sequence_number);
	else
		world_smsc_request(s, &pdu);
}

static void world_link_answered(const struct link_frame *f)
{
	uint8_t *asked = &world.asked[f->ref % WORLD_REFS];

	ENSURE(f->ref < WORLD_REFS && (*asked || world.asked_twice[f->ref]));
	if (!*asked)
		world.asked_twice[f->ref]--;
	*asked = *asked & (ASKED | ASKED_BEFORE) ? *asked & ASKED_OTHER_STORE : 0;
	if (f->type == LINK_ACK && !(f->flags & LINK_FLAG_REPEATED))
		world.acked++;
}

static void world_link_tx(const struct link_frame *f);

static void world_link_heard(struct view frame)
{
	struct link_frame hello = {.type = LINK_HELLO, .version = LINK_VERSION, .store = VIEW("a"), .window = 4},
			  pong = {.type = LINK_PONG}, f;

	ENSURE(link_frame_decode(frame, &f) == 0);
	switch (f.type) {
	case LINK_HELLO:
		if (!world.no_hello)
			world_link_tx(&hello);
		break;
	case LINK_PING:
		if (!world.silent)
			world_link_tx(&pong);
		break;
	case LINK_DATA:
		ENSURE(f.rp.len);
		world.due[world.n_due++ % WORLD_DUE] = f.ref;
		break;
	case LINK_ACK:
	case LINK_ERROR:
		world_link_answered(&f);
		break;
	}
}

static void world_heard(struct world_socket *s)
{
	size_t len = 0, pos = 0;

	for (; pos < s->out_len; pos += len) {
		struct view out = {s->out + pos, s->out_len - pos};
		int rc = s->is_link ? link_frame_length(out, &len) : smpp_frame(out, &len);

		ENSURE(rc == 0 || rc == -EAGAIN);
		if (rc)
			break;
		out.len = len;
		if (s->is_link)
			world_link_heard(out);
		else
			world_smsc_heard(s, out);
	}
	s->out_len -= pos;
	memmove(s->out, s->out + pos, s->out_len);
}

/* ---- the system calls of stream.c ---- */

static struct world_socket *world_socket_of(int fd)
{
	ENSURE(fd >= WORLD_FD && fd < WORLD_FD + WORLD_SOCKETS && world.sockets[fd - WORLD_FD].used);
	return &world.sockets[fd - WORLD_FD];
}

static int world_socket_open(int family, int type, int protocol)
{
	(void)type, (void)protocol;
	for (int i = 0; i < WORLD_SOCKETS; i++) {
		struct world_socket *s = &world.sockets[i];

		if (s->used)
			continue;
		s->ofd = NULL;
		s->used = s->connecting = true;
		s->is_link = family == AF_UNIX;
		s->peer_closed = false;
		s->in_pos = s->in_len = s->seen_len = s->out_len = 0;
		s->n_pending = s->n_submits = 0;
		s->bind_seq = s->enquire_seq = s->unbind_seq = 0;
		return WORLD_FD + i;
	}
	ENSURE(!"a socket was not closed");
	return -1;
}

static int world_socket_connect(int fd, const struct sockaddr *peer, socklen_t len)
{
	(void)fd, (void)peer, (void)len;
	errno = world.refuse ? ECONNREFUSED : EINPROGRESS;
	return -1;
}

static int world_socket_error(int fd, int level, int name, void *value, socklen_t *len)
{
	(void)level, (void)name, (void)len;
	*(int *)value = world.refuse ? ECONNRESET : 0;
	world_socket_of(fd)->connecting = false;
	return 0;
}

static int world_socket_close(int fd)
{
	struct world_socket *s = world_socket_of(fd);

	ENSURE(!s->ofd);
	s->used = false;
	if (!s->is_link)
		return 0;
	world.link_hello = false;
	world.n_due = 0;
	for (unsigned i = 0; i < WORLD_REFS; i++) {
		if (world.asked[i] & ASKED || world.asked_twice[i])
			world.asked[i] = ASKED_BEFORE | (world.asked[i] & ASKED_OTHER_STORE);
		world.asked_twice[i] = 0;
	}
	return 0;
}

static ssize_t world_socket_read(int fd, void *out, size_t n)
{
	struct world_socket *s = world_socket_of(fd);
	size_t left = s->in_len - s->in_pos;

	ENSURE(n > 0);
	n = OSMO_MIN(OSMO_MIN(n, left), world.chunk);
	if (n == 0) {
		errno = EAGAIN;
		return s->peer_closed ? 0 : -1;
	}
	memcpy(out, s->in + s->in_pos, n);
	memcpy(s->seen + s->seen_len, s->in + s->in_pos, n);
	s->seen_len += n;
	s->in_pos += n;
	world_seen(s);
	return (ssize_t)n;
}

static ssize_t world_socket_send(int fd, const void *octets, size_t n, int flags)
{
	struct world_socket *s = world_socket_of(fd);

	(void)flags;
	n = OSMO_MIN(OSMO_MIN(n, world.chunk), WORLD_BUFFER - s->out_len);
	if (world.blocked || s->peer_closed) {
		errno = world.blocked ? EAGAIN : EPIPE;
		return -1;
	}
	memcpy(s->out + s->out_len, octets, n);
	s->out_len += n;
	world_heard(s);
	return (ssize_t)n;
}

static int world_fd_register(struct osmo_fd *ofd)
{
	world_socket_of(ofd->fd)->ofd = ofd;
	return 0;
}

static void world_fd_unregister(struct osmo_fd *ofd)
{
	world_socket_of(ofd->fd)->ofd = NULL;
}

#define socket world_socket_open
#define connect world_socket_connect
#define setsockopt(...) ((void)one)
#define getsockopt world_socket_error
#define close world_socket_close
#define read world_socket_read
#define send world_socket_send
#define osmo_fd_register world_fd_register
#define osmo_fd_unregister world_fd_unregister
#include "../../connector/stream.c"
#undef socket
#undef connect
#undef setsockopt
#undef getsockopt
#undef close
#undef read
#undef send
#undef osmo_fd_register
#undef osmo_fd_unregister

/* ---- the loop ---- */

static struct world_socket *world_socket(bool is_link, unsigned which)
{
	for (unsigned i = 0; i < WORLD_SOCKETS; i++) {
		struct world_socket *s = &world.sockets[i];

		if (s->used && s->ofd && s->is_link == is_link && !s->connecting && which-- == 0)
			return s;
	}
	return NULL;
}

static bool world_turn_socket(struct world_socket *s)
{
	unsigned what = 0;

	if (!s->used || !s->ofd)
		return false;
	if (!s->connecting && (s->in_pos < s->in_len || s->peer_closed) && (s->ofd->when & OSMO_FD_READ))
		what |= OSMO_FD_READ;
	if (!world.blocked && (s->ofd->when & OSMO_FD_WRITE))
		what |= OSMO_FD_WRITE;
	if (what)
		s->ofd->cb(s->ofd, what);
	return what;
}

/** Until nothing moves. */
static void world_turn(void)
{
	bool moves = true;

	for (unsigned i = 0; moves && i < 100000; i++) {
		moves = false;
		for (unsigned k = 0; k < WORLD_SOCKETS; k++)
			moves |= world_turn_socket(&world.sockets[k]);
		osmo_timers_prepare();
		osmo_timers_update();
	}
	ENSURE(!moves);
}

static void world_pass(unsigned ms)
{
	osmo_clock_override_add(CLOCK_MONOTONIC, ms / 1000, (long)(ms % 1000) * 1000000);
	osmo_gettimeofday_override_add(ms / 1000, (suseconds_t)(ms % 1000) * 1000);
	world_turn();
}

/* ---- what the peers say ---- */

static void world_link_tx(const struct link_frame *f)
{
	uint8_t octets[LINK_FRAME_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if (link_frame_encode(&w, f) == 0)
		world_put(world_socket(true, 0), wbuf_written(&w));
}

/** @param rp  instead of an SMS-SUBMIT, unless it is empty */
static void world_data(uint64_t ref, uint8_t flags, uint32_t validity_s, struct view rp)
{
	static const struct sms_address number = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164, .text = "491712345678"};
	struct tpdu_submit submit = {.tp_da = number, .tp_srr = flags & LINK_FLAG_RESUBMIT,
				     .u = {.tp_dcs = 4, .tp_udl = 1, .tp_ud = VIEW("x")}};
	struct rp_message m = {.type = RP_DATA, .dir = RP_MS_TO_NET, .rp_mr = (uint8_t)ref, .rp_da = number};
	uint8_t tpdu[TPDU_MAX], octets[RP_MESSAGE_MAX];
	struct wbuf t = wbuf_of(tpdu, sizeof(tpdu)), w = wbuf_of(octets, sizeof(octets));

	ENSURE(tpdu_submit_encode(&t, &submit) == 0);
	m.rp_ud = wbuf_written(&t);
	ENSURE(rp_encode(&w, &m) == 0);
	world_link_tx(&(struct link_frame){.type = LINK_DATA, .ref = ref % WORLD_REFS, .flags = flags,
					   .rp = rp.len ? rp : wbuf_written(&w), .oa = VIEW("+491710000001"),
					   .validity_s = validity_s});
}

/** The module's answer to a DATA of the connector. */
static void world_module_answers(unsigned which, uint8_t rp_cause)
{
	struct rp_message m = {.type = rp_cause ? RP_ERROR : RP_ACK, .dir = RP_MS_TO_NET, .rp_cause = rp_cause};
	uint8_t octets[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if (!world.n_due || rp_encode(&w, &m))
		return;
	world_link_tx(&(struct link_frame){.type = rp_cause ? LINK_ERROR : LINK_ACK,
					   .ref = world.due[which % OSMO_MIN(world.n_due, (unsigned)WORLD_DUE)],
					   .rp = wbuf_written(&w)});
}

/** The SMSC answers a submit_sm that it has got. */
static void world_smsc_answers(struct world_socket *s, unsigned which, uint32_t status)
{
	struct smpp_pdu pdu = {.command_id = SMPP_SUBMIT_SM | SMPP_RESP, .command_status = status};

	if (!s || !s->n_submits)
		return;
	pdu.sequence_number = s->submits[which % OSMO_MIN(s->n_submits, (unsigned)WORLD_DUE)];
	if (status == ESME_ROK)
		snprintf(pdu.message_id, sizeof(pdu.message_id), "%u", pdu.sequence_number);
	world_answer_pdu(s, &pdu);
}

/** @param receipt_of  the message id that a receipt names, or NULL for a text */
static void world_smsc_delivers(struct world_socket *s, uint32_t seq, const char *receipt_of, struct view text)
{
	struct smpp_pdu pdu = {.command_id = SMPP_DELIVER_SM, .sequence_number = seq,
			       .message = {.source_addr_ton = 1, .source_addr_npi = 1, .source_addr = "491712345678",
					   .dest_addr_ton = 1, .dest_addr_npi = 1, .destination_addr = "491710000001",
					   .short_message = {text.p, OSMO_MIN(text.len, (size_t)SMPP_SHORT_MESSAGE_MAX)}}};

	if (receipt_of) {
		pdu.message.esm_class = SMPP_ESM_RECEIPT;
		pdu.message.has_message_state = true;
		pdu.message.message_state = 2;
		snprintf(pdu.message.receipted_message_id, sizeof(pdu.message.receipted_message_id), "%s", receipt_of);
	}
	world_answer_pdu(s, &pdu);
}

/* ---- what is not there: TLS and a VTY ---- */

struct tls *tls_alloc(const struct tls_config *config, const char *address, const char **why)
{
	(void)config, (void)address;
	*why = "no TLS here";
	return NULL;
}

void tls_free(struct tls *tls)
{
	ENSURE(!tls);
}

int tls_handshake(struct tls *tls, int fd)
{
	(void)tls, (void)fd;
	abort();
}

ssize_t tls_read(struct tls *tls, void *to, size_t octets)
{
	(void)tls, (void)to, (void)octets;
	abort();
}

ssize_t tls_write(struct tls *tls, const void *from, size_t octets)
{
	(void)tls, (void)from, (void)octets;
	abort();
}

bool tls_wants_write(const struct tls *tls)
{
	return tls != NULL;
}

bool tls_has_input(const struct tls *tls)
{
	return tls != NULL;
}

const char *tls_why(const struct tls *tls)
{
	(void)tls;
	return "no TLS here";
}

void esme_show(struct vty *vty, const struct smsc *smsc)
{
	(void)vty, (void)smsc;
}

void esme_write(struct vty *vty, const struct smsc *smsc)
{
	(void)vty, (void)smsc;
}

/* ---- beginning and end ---- */

static void world_start_once(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	log_init(&connector_log_info, NULL);
	osmo_gettimeofday_override = true;
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	osmo_clock_override_add(CLOCK_MONOTONIC, 1000, 0);
	ENSURE(esme_fsm_init() == 0);
}

static struct connector *world_connector(void *ctx)
{
	struct connector *c = talloc_zero(ctx, struct connector);

	if (!c)
		return NULL;
	INIT_LLIST_HEAD(&c->smscs);
	INIT_LLIST_HEAD(&c->routes);
	world.c = c;
	c->link = link_client_alloc(c);
	c->sms = sm_table_alloc(c);
	c->inbound = inbound_table_alloc(c);
	return c->link && c->sms && c->inbound ? c : NULL;
}

static void world_close(void *ctx)
{
	struct connector *c = world.c;

	while (c && !llist_empty(&c->smscs)) {
		struct smsc *smsc = llist_first_entry(&c->smscs, struct smsc, entry);

		smsc->ops->free(smsc);
	}
	if (c && c->link)
		link_client_free(c->link);
	talloc_free(c);
	for (unsigned i = 0; i < WORLD_SOCKETS; i++)
		ENSURE(!world.sockets[i].used);
	osmo_timers_prepare();
	ENSURE(osmo_timers_nearest_ms() == -1);
	ENSURE(talloc_total_blocks(ctx) == 1);
}

static void world_forget(void)
{
	world.c = NULL;
	world.esme = NULL;
	memset(world.asked, 0, sizeof(world.asked));
	memset(world.asked_twice, 0, sizeof(world.asked_twice));
	world.n_due = world.acked = world.accepted = world.deliver_ok = world.module_acked = 0;
	world.chunk = WORLD_BUFFER;
	world.refuse = world.blocked = world.silent = world.no_bind = world.no_hello = world.link_hello = false;
	world.store = 0;
	srandom(4711);
}

/** @return false if there was no memory, and nothing is left */
static bool world_open(void *ctx, bool pair)
{
	struct sockaddr_in *remote;
	bool open;

	world_start_once();
	world_forget();
	if (world_connector(ctx))
		world.esme = esme_alloc(world.c, "a");
	open = world.esme && route_add(world.c, &world.c->routes, "", false, (struct smsc *[]){&world.esme->smsc}, 1) == 0;
	if (!open) {
		world_close(ctx);
		return false;
	}
	remote = (struct sockaddr_in *)&world.esme->config.remote;
	remote->sin_family = AF_INET;
	world.esme->config.pair = pair;
	world.esme->smsc.window = 4;
	world.esme->smsc.queue_max = 8;
	world.esme->smsc.shutdown = false;
	world.c->running = true;
	link_client_start(world.c->link);
	world.esme->smsc.ops->start(&world.esme->smsc);
	world_turn();
	return true;
}

static void world_check(void)
{
	ENSURE(world.acked <= world.accepted);
	ENSURE(world.deliver_ok <= world.module_acked +
	       rate_ctr_group_get_ctr(world.esme->smsc.ctrs, ESME_CTR_RECEIPT_UNREADABLE)->current);
}

/** Everything works again and nobody answers a message: all that is in hand comes back in time. */
static void world_drain(void)
{
	world.chunk = WORLD_BUFFER;
	world.refuse = world.blocked = world.silent = world.no_bind = world.no_hello = false;
	for (unsigned s = 0; s < 30; s++)
		world_pass(5000);
	ENSURE(world.c->stopping || world.link_hello);
	for (unsigned i = 0; i < WORLD_REFS; i++)
		ENSURE(!(world.asked[i] & ASKED));
	for (unsigned i = 0; i < WORLD_SOCKETS; i++)
		ENSURE(!world.sockets[i].used || !world.sockets[i].n_pending);
	ENSURE(sm_count(world.c) == 0 && inbound_count(world.c) == 0 && world.esme->smsc.queued == 0);
	ENSURE(world.esme->tx->n_sent == 0 && world.esme->tx->n_inbound == 0);
	world_check();
}
