/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * MSRP frames out, in async workers, over the TCP and TLS of Kamailio's core:
 * on the connection they belong to, or on one that is made (RFC 4975 5.4: to
 * the same address sessions share it). What is for one connection goes in
 * order.
 */

#include "core/dprint.h"
#include "core/globals.h"
#include "core/mem/shm_mem.h"
#include "core/pass_fd.h"
#include "core/resolve.h"
#include "core/tcp_conn.h"
#include "core/tcp_server.h"

#include "chat_job.h"
#include "job.h"
#include "lib_util.h"
#include "msrp_con.h"

struct msrp_work {
	struct work work;
	int64_t session_id;
	int con_id;
	bool tls, tell;
	unsigned port;
	str host, frame;
};

static void post_closed(int con_id, int64_t session_id)
{
	struct post_msrp_closed *p = shm_malloc(sizeof(*p));

	if(!p) {
		SHM_MEM_ERROR; /* timers of the session speak for it */
		return;
	}
	*p = (struct post_msrp_closed){
			.post.type = POST_MSRP_CLOSED,
			.con_id = con_id,
			.session_id = session_id,
	};
	mailbox_send(&p->post);
}

/* ---- write ---- */

static int send_on(const struct msrp_work *m)
{
	struct dest_info dst;

	init_dest_info(&dst);
	dst.proto = m->tls ? PROTO_TLS : PROTO_TCP;
	dst.id = m->con_id;
	dst.to.s.sa_family = AF_INET; /* no address: this connection or none */
	dst.send_flags.f = SND_F_FORCE_CON_REUSE;
	return tcp_send(&dst, NULL, m->frame.s, (unsigned)m->frame.len);
}

static struct ip_addr *address_of(str *host)
{
	struct ip_addr *ip = str2ip(host);

	return ip ? ip : str2ip6(host);
}

/* The connection is ours to be told of when it ends. */
static void know_connection(struct ip_addr *ip, unsigned port)
{
	struct tcp_connection *c = tcpconn_get(0, ip, (int)port, NULL, 0);

	if(!c)
		return;
	msrp_con_add(c->id);
	tcpconn_put(c);
}

static int send_to(struct msrp_work *m)
{
	struct ip_addr *ip = address_of(&m->host), copy;
	struct dest_info dst;

	if(!ip) {
		LM_NOTICE("session %lld: MSRP address %.*s is no address\n",
				(long long)m->session_id, STR_FMT(&m->host));
		return -1;
	}
	copy = *ip;
	init_dest_info(&dst);
	dst.proto = m->tls ? PROTO_TLS : PROTO_TCP;
	init_su(&dst.to, &copy, (unsigned short)m->port);
	if(tcp_send(&dst, NULL, m->frame.s, (unsigned)m->frame.len) < 0)
		return -1;
	know_connection(&copy, m->port);
	return 0;
}

static void run_msrp(struct work *w)
{
	struct msrp_work *m = (struct msrp_work *)w;

	if(!m->session_id && !msrp_con_known(m->con_id))
		return; /* a stranger's, who has gone */
	if((m->con_id ? send_on(m) : send_to(m)) >= 0 || !m->session_id)
		return;
	LM_NOTICE("session %lld: MSRP frame for connection %d not written\n",
			(long long)m->session_id, m->con_id);
	post_closed(m->con_id, m->session_id);
}

/* ---- close ---- */

/* As the core itself asks its main TCP process to close: the reference goes
 * with the command. */
static void run_close(struct work *w)
{
	struct msrp_work *m = (struct msrp_work *)w;
	struct tcp_connection *c = tcpconn_get(m->con_id, NULL, 0, NULL, 0);
	long command[2] = {(long)c, CONN_EOF};

	msrp_con_remove(m->con_id);
	if(m->tell)
		post_closed(m->con_id, 0);
	if(!c)
		return;
	c->send_flags.f |= SND_F_CON_CLOSE;
	c->flags |= F_CONN_FORCE_EOF;
	if(send_all(unix_tcp_sock, command, sizeof(command)) <= 0) {
		LM_ERR("connection %d cannot be closed\n", m->con_id);
		tcpconn_put(c);
	}
}

/* ---- in the spool process ---- */

static struct msrp_work *work_new(
		void (*run)(struct work *), const char *name, size_t room)
{
	struct msrp_work *m = shm_malloc(sizeof(*m) + room);

	if(!m) {
		SHM_MEM_ERROR;
		LM_ERR("%s dropped\n", name);
		return NULL;
	}
	memset(m, 0, sizeof(*m));
	m->work.run = run;
	m->work.name = name;
	return m;
}

void chat_job_msrp(
		int64_t session_id, const struct msrp_to *to, struct view frame)
{
	size_t host_len = to->con_id ? 0 : strlen(to->host);
	struct msrp_work *m
			= work_new(run_msrp, "an MSRP frame", host_len + frame.len);

	if(!m)
		return;
	m->session_id = session_id;
	m->con_id = to->con_id;
	m->tls = to->tls;
	m->port = to->port;
	m->host = (str){(char *)(m + 1), (int)host_len};
	m->frame = (str){m->host.s + host_len, (int)frame.len};
	if(host_len)
		memcpy(m->host.s, to->host, host_len);
	memcpy(m->frame.s, frame.p, frame.len);
	m->work.lane = work_lane(to->con_id ? to->con_id : session_id);
	work_push(&m->work);
}

void chat_job_msrp_close(int con_id, bool tell)
{
	struct msrp_work *m = work_new(run_close, "closing a connection", 0);

	if(!m)
		return;
	m->con_id = con_id;
	m->tell = tell;
	m->work.lane = work_lane(con_id);
	work_push(&m->work);
}
