/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The core cuts the TCP stream into MSRP frames and calls us in its reader
 * processes; each frame becomes a post for the spool process, as it is. When
 * that is behind, or memory is out, a SEND is answered here with 413 (spec
 * 7.7), so that no peer waits for nothing.
 */

#include <errno.h>
#include <sys/socket.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/events.h"
#include "core/globals.h"
#include "core/resolve.h"
#include "core/mem/shm_mem.h"
#include "core/socket_info.h"
#include "core/tcp_conn.h"
#include "core/tcp_options.h"
#include "core/tcp_server.h"

#include "../../lib/msrp/msrp_frame.h"
#include "chat_post.h"
#include "ipsmgw.h"
#include "lib_util.h"
#include "msrp_con.h"
#include "msrp_io.h"

enum {
	POSTS_MAX = 5000, /* that wait for the spool process */
	/* Above that a connection without a session is closed. Below, of each so
	 * many frames may wait: more than a large message has chunks of 2048.
	 * Each further step halves that, so that the frame that binds a new
	 * connection finds room among the floods of others. */
	STRANGERS_POSTS_MAX = 4000,
	STRANGERS_POSTS_STEP = 512,
	STRANGER_FRAMES_MAX = 64,
	RESERVE = 4, /* 1/4 of shared memory is not for frames */
	HOST_MAX = 256,
	RESPONSE_MAX = 2048,
	OVERLONG_READ_MAX = 1 << 20,
	STOP_SENDING = 413
};

static struct own {
	bool usable;
	char host[HOST_MAX];
	struct msrp_listen listen;
} own[2]; /* by tls */

/* ---- frames ---- */

/* @return false if there is nothing to say to it */
static bool stop_sending(struct wbuf *w, const char *frame, size_t len)
{
	struct view in = {(const uint8_t *)frame, len};
	struct msrp_frame f;

	return msrp_frame_decode_head(in, &f) == 0 && f.method == MSRP_SEND
			&& msrp_response_wanted(&f, STOP_SENDING)
			&& msrp_response_encode(w, &f, STOP_SENDING) == 0;
}

static void answer_here(const tcp_event_info_t *ev)
{
	uint8_t octets[RESPONSE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct dest_info dst;

	if(!stop_sending(&w, ev->buf, ev->len))
		return;
	init_dest_info(&dst);
	init_dst_from_rcv(&dst, ev->rcv);
	if(tcp_send(&dst, NULL, (char *)octets, (unsigned)w.len) < 0)
		LM_NOTICE("connection %d: 413 could not be sent\n", ev->con->id);
}

/* Frames are large: those that wait must leave SIP something. */
static bool has_room(void)
{
	return mailbox_waiting() < POSTS_MAX
			&& shm_available_safe() > shm_mem_size / RESERVE;
}

static struct post_msrp *frame_post(const tcp_event_info_t *ev)
{
	struct post_msrp *p;
	uint8_t *octets;

	if(!has_room()) {
		LM_WARN("the spool process is behind: MSRP frame of connection %d "
				"refused\n",
				ev->con->id);
		return NULL;
	}
	p = shm_malloc(sizeof(*p) + ev->len);
	if(!p) {
		SHM_MEM_ERROR;
		return NULL;
	}
	octets = (uint8_t *)(p + 1);
	memcpy(octets, ev->buf, ev->len);
	*p = (struct post_msrp){
			.post.type = POST_MSRP,
			.con_id = ev->con->id,
			.frame = {octets, ev->len},
	};
	return p;
}

/* Who knows no session must not take the room of those who have one. */
static bool is_welcome(int con_id)
{
	int waiting = mailbox_waiting(), frames_max = 0;

	if(waiting < STRANGERS_POSTS_MAX)
		frames_max = STRANGER_FRAMES_MAX >> waiting / STRANGERS_POSTS_STEP;
	switch(msrp_con_frame(con_id, frames_max)) {
		case 0:
			return true;
		case -EBUSY:
			LM_NOTICE("connection %d is closed: too many MSRP frames, and no "
					  "session\n",
					con_id);
			return false;
		default: /* its end could not be told */
			SHM_MEM_ERROR;
			return false;
	}
}

static int frame_received(sr_event_param_t *evp)
{
	const tcp_event_info_t *ev = evp->data;
	struct post_msrp *p;

	if(!is_welcome(ev->con->id))
		return -1; /* the core closes it */
	p = frame_post(ev);
	if(p) {
		mailbox_send(&p->post);
		return 0;
	}
	msrp_con_read(ev->con->id);
	answer_here(ev);
	return 0;
}

/* ---- the end of a connection ---- */

/*
 * The core has no room for the rest of a frame and gives the connection up;
 * what it has read tells whom to answer. A socket that is closed with something
 * unread resets the connection, and the answer is lost: so the rest is read.
 */
static void refuse_overlong(const struct tcp_connection *c)
{
	uint8_t octets[RESPONSE_MAX], rest[4096];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	int left = OVERLONG_READ_MAX / (int)sizeof(rest);

	if(c->req.error != TCP_REQ_OVERRUN || c->type != PROTO_TCP || c->s < 0
			|| !stop_sending(
					&w, c->req.start, (size_t)(c->req.pos - c->req.start)))
		return;
	LM_NOTICE("connection %d: an MSRP frame above tcp_rd_buf_size\n", c->id);
	if(send(c->s, octets, w.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
	while(left-- > 0 && recv(c->s, rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
}

static int connection_closed(sr_event_param_t *evp)
{
	const tcp_closed_event_info_t *ev = evp->data;
	struct post_msrp_closed *p;

	refuse_overlong(ev->con);
	if(!msrp_con_remove(ev->con->id))
		return 0;
	p = shm_malloc(sizeof(*p));
	if(!p) {
		SHM_MEM_ERROR; /* the next write tells */
		return 0;
	}
	*p = (struct post_msrp_closed){
			.post.type = POST_MSRP_CLOSED,
			.con_id = ev->con->id,
	};
	mailbox_send(&p->post);
	return 0;
}

/* ---- where we are ---- */

/* "host", "host:port", "[v6]", "[v6]:port" */
static int parse_address(struct own *o, const char *name, const char *text)
{
	const char *end = NULL, *port;
	char *rest;
	long n;

	o->listen.ip6 = *text == '[';
	if(o->listen.ip6)
		end = strchr(++text, ']');
	port = end ? end + 1 : text + strcspn(text, ":");
	if(!end)
		end = port;
	n = *port == ':' ? strtol(port + 1, &rest, 10) : (long)o->listen.port;
	if(end == text || end - text >= HOST_MAX || n < 1 || n > 65535
			|| (*port == ':' ? *rest != '\0' : *port != '\0')) {
		LM_ERR("parameter %s is neither host nor host:port\n", name);
		return -1;
	}
	memcpy(o->host, text, (size_t)(end - text));
	o->listen.port = (unsigned)n;
	return 0;
}

static void from_socket(struct own *o, const struct socket_info *si)
{
	const str *host = si->useinfo.address_str.len ? &si->useinfo.address_str
												  : &si->address_str;
	const char *s = host->s;
	int len = host->len;

	o->listen.port = si->useinfo.port_no ? si->useinfo.port_no : si->port_no;
	o->listen.ip6 = memchr(s, ':', len) != NULL;
	if(len > 1 && s[0] == '[') {
		s++;
		len -= 2;
	}
	if(len > 0 && len < HOST_MAX && !(si->flags & SI_IS_ANY))
		memcpy(o->host, s, len);
}

static int find_address(struct own *o, const char *name, const char *parameter,
		const struct socket_info *si)
{
	if(!si)
		return 0;
	o->listen.host = o->host;
	from_socket(o, si);
	if(*parameter) {
		memset(o->host, 0, sizeof(o->host));
		if(parse_address(o, name, parameter))
			return -1;
	}
	o->usable = *o->host != '\0';
	if(!o->usable)
		LM_WARN("set %s: the socket listens on all addresses\n", name);
	return 0;
}

static int find_addresses(void)
{
	if(find_address(
			   &own[false], "msrp_address", ipsmgw_cfg.msrp_address, tcp_listen)
			|| find_address(&own[true], "msrp_tls_address",
					ipsmgw_cfg.msrp_tls_address, tls_listen))
		return -1;
	own[true].listen.fingerprint = ipsmgw_cfg.msrp_tls_fingerprint;
	own[true].usable = own[true].usable && *ipsmgw_cfg.msrp_tls_fingerprint;
	return 0;
}

const struct msrp_listen *msrp_io_listen(bool tls)
{
	return own[tls].usable ? &own[tls].listen : NULL;
}

bool msrp_io_is_address(struct view host)
{
	str s = {(char *)host.p, (int)host.len};

	return host.len < HOST_MAX && (str2ip(&s) || str2ip6(&s));
}

unsigned msrp_io_frame_max(void)
{
	return cfg_get(tcp, tcp_cfg, rd_buf_size) - 1;
}

/* ---- start ---- */

static bool take_events(void)
{
	if(!cfg_get(tcp, tcp_cfg, accept_no_cl)) {
		LM_WARN("no chat sessions: MSRP needs tcp_accept_no_cl=yes\n");
		return false;
	}
	if(sr_event_register_cb(SREV_TCP_MSRP_FRAME, frame_received)) {
		LM_WARN("no chat sessions: another module (msrp.so?) takes the MSRP "
				"frames\n");
		return false;
	}
	if(sr_event_register_cb(SREV_TCP_CLOSED, connection_closed))
		LM_WARN("another module (tcpops.so with closed_event?) is told of "
				"closed connections: the end of a chat is seen late\n");
	return true;
}

int msrp_io_init(void)
{
	if(msrp_con_init() || find_addresses())
		return -1;
	if(!own[false].usable && !own[true].usable)
		return 0;
	if(!take_events())
		own[false].usable = own[true].usable = false;
	return 0;
}
