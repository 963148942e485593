/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Unix stream socket to ipsmgw-connector. One connection; another replaces it
 * as soon as it has said HELLO, so that a stray connect does no harm. Until
 * then its octets are only peeked at.
 */

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/dprint.h"

#include "inflight.h"
#include "ipsmgw.h"
#include "link_listen.h"
#include "link_server.h"
#include "mt_table.h"

enum {
	RX_SIZE = 256 * 1024,
	TX_SIZE = 4 * 1024 * 1024,
	OUR_WINDOW = MT_WINDOW,
	PING_AFTER_MS = 10000,
	DEAD_AFTER_MS = 30000,
};

static struct {
	int epoll_fd, listen_fd;
	const char *path, *node, *store;
	int fd;     /* the connection, -1 if none */
	int caller; /* accepted, waits to replace fd, -1 if none */
	bool caller_said_hello;
	bool ending; /* gone or replaced: what has arrived is still read */
	bool hello;
	uint64_t generation;
	uint32_t window;
	int64_t heard_ms, pinged_ms;
	uint8_t *rx, *tx;
	size_t rx_len, rx_pos, tx_len;
	bool tx_armed;
} ln = {.listen_fd = -1, .fd = -1, .caller = -1};

/* ---- listening ---- */

static int watch(int fd, uint32_t events, int op)
{
	struct epoll_event ev = {.events = events, .data.fd = fd};

	return epoll_ctl(ln.epoll_fd, op, fd, &ev);
}

int link_open(
		int epoll_fd, const char *path, const char *node, const char *store)
{
	ln.epoll_fd = epoll_fd;
	ln.path = path;
	ln.node = node;
	ln.store = store;
	ln.rx = malloc(RX_SIZE);
	ln.tx = malloc(TX_SIZE);
	if(!ln.rx || !ln.tx) {
		LM_ERR("no memory for the link's buffers\n");
		return -1;
	}
	ln.listen_fd = link_listen(path);
	if(ln.listen_fd < 0 || watch(ln.listen_fd, EPOLLIN, EPOLL_CTL_ADD)) {
		LM_ERR("cannot listen on link_socket %s: %s\n", path, strerror(errno));
		return -1;
	}
	return 0;
}

bool link_owns(int fd)
{
	return fd == ln.listen_fd || (fd >= 0 && (fd == ln.fd || fd == ln.caller));
}

/* ---- a connection ---- */

static void send_hello(void)
{
	struct link_frame f = {
			.type = LINK_HELLO,
			.version = LINK_VERSION,
			.node = view_str(ln.node),
			.store = view_str(ln.store),
			.window = OUR_WINDOW,
	};

	link_tx(&f);
}

static void drop_caller(void)
{
	if(ln.caller >= 0)
		close(ln.caller);
	ln.caller = -1;
	ln.caller_said_hello = false;
}

static void accept_caller(void)
{
	int fd = accept4(ln.listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if(fd < 0)
		return;
	drop_caller();
	if(watch(fd, EPOLLIN | EPOLLET, EPOLL_CTL_ADD)) {
		LM_ERR("epoll_ctl: %s\n", strerror(errno));
		close(fd);
		return;
	}
	ln.caller = fd;
}

static void caller_takes_over(void)
{
	ln.fd = ln.caller;
	ln.caller = -1;
	ln.caller_said_hello = false;
	watch(ln.fd, EPOLLIN, EPOLL_CTL_MOD);
	ln.generation++;
	ln.heard_ms = ln.pinged_ms = ipsmgw_mono_ms();
	ln.tx_armed = false;
}

/* Whoever has said HELLO meanwhile says no more until he is answered. */
void link_close(int64_t now_ms, const char *why)
{
	if(ln.fd < 0)
		return;
	LM_WARN("link to connector %s closed: %s\n", link_status->node, why);
	close(ln.fd);
	ln.fd = -1;
	ln.hello = ln.ending = false;
	ln.rx_len = ln.rx_pos = ln.tx_len = 0;
	link_status_connection(false, (struct view){NULL, 0}, now_ms);
	if(ln.caller_said_hello)
		caller_takes_over();
}

/* Answers that have arrived count, also those of a connector that is gone. */
static void end_connection(void)
{
	if(ln.fd < 0)
		return;
	ln.ending = true;
	epoll_ctl(ln.epoll_fd, EPOLL_CTL_DEL, ln.fd, NULL);
}

static void read_more(void)
{
	ssize_t n;

	if(ln.rx_len == RX_SIZE)
		return;
	n = read(ln.fd, ln.rx + ln.rx_len, RX_SIZE - ln.rx_len);
	if(n > 0) {
		ln.rx_len += (size_t)n;
		ln.heard_ms = ipsmgw_mono_ms();
	} else if(n == 0 || (errno != EAGAIN && errno != EINTR)) {
		end_connection();
	}
}

static void caller_event(void)
{
	uint8_t octets[LINK_FRAME_MAX];
	ssize_t n = recv(ln.caller, octets, sizeof(octets), MSG_PEEK);
	struct link_frame f;
	size_t len;
	int rc;

	if(n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if(n <= 0) {
		drop_caller();
		return;
	}
	rc = link_frame_length((struct view){octets, (size_t)n}, &len);
	if(rc == -EAGAIN)
		return;
	if(rc || link_frame_decode((struct view){octets, len}, &f)
			|| f.type != LINK_HELLO || f.version != LINK_VERSION) {
		LM_WARN("somebody on link_socket does not speak the link's language, "
				"version %u: use the connector built with this module\n",
				LINK_VERSION);
		drop_caller();
		return;
	}
	ln.caller_said_hello = true;
	if(ln.fd >= 0)
		read_more();
	if(ln.fd < 0)
		caller_takes_over();
	else
		end_connection();
}

void link_event(int fd, uint32_t events)
{
	if(fd == ln.listen_fd) {
		accept_caller();
		return;
	}
	if(fd == ln.caller) {
		caller_event();
		return;
	}
	if(events & EPOLLOUT)
		link_flush();
	if(fd == ln.fd && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_more();
}

static void rx_hello(const struct link_frame *f, int64_t now_ms)
{
	ln.hello = true;
	ln.window = f->window < INFLIGHT_MAX ? f->window : INFLIGHT_MAX;
	link_status_connection(true, f->node, now_ms);
	LM_INFO("link to connector %s is up, window %u\n", link_status->node,
			ln.window);
	send_hello();
}

/* @return true if f is for the spool */
static bool rx_frame(const struct link_frame *f, int64_t now_ms)
{
	static const struct link_frame pong = {.type = LINK_PONG};

	if(!ln.hello && f->type != LINK_HELLO) {
		link_close(now_ms, "no HELLO");
		return false;
	}
	switch(f->type) {
		case LINK_HELLO:
			rx_hello(f, now_ms);
			return false;
		case LINK_STATE:
			link_status_smsc(f, now_ms);
			return false;
		case LINK_PING:
			link_tx(&pong);
			return false;
		case LINK_DATA:
		case LINK_ACK:
		case LINK_ERROR:
		case LINK_QUERY:
		case LINK_ALERT:
		case LINK_UNHEARD:
			return true;
		default:
			return false;
	}
}

static void drained(int64_t now_ms)
{
	if(ln.ending)
		link_close(now_ms, ln.caller_said_hello ? "another connector has come"
												: "end of the connection");
}

int link_next(struct link_frame *f, int64_t now_ms)
{
	while(ln.fd >= 0) {
		struct view left = {ln.rx + ln.rx_pos, ln.rx_len - ln.rx_pos};
		size_t len;
		int rc = link_frame_length(left, &len);

		if(rc == -EAGAIN) {
			drained(now_ms);
			return 0;
		}
		if(rc == 0)
			rc = link_frame_decode((struct view){left.p, len}, f);
		if(rc) {
			link_close(now_ms, "garbage");
			return 0;
		}
		ln.rx_pos += len;
		if(rx_frame(f, now_ms))
			return 1;
	}
	return 0;
}

void link_read_done(void)
{
	if(ln.rx_pos == 0)
		return;
	memmove(ln.rx, ln.rx + ln.rx_pos, ln.rx_len - ln.rx_pos);
	ln.rx_len -= ln.rx_pos;
	ln.rx_pos = 0;
}

int link_tx(const struct link_frame *f)
{
	struct wbuf w = {.p = ln.tx, .size = TX_SIZE, .len = ln.tx_len};
	int rc;

	if(ln.fd < 0)
		return -ENOTCONN;
	rc = link_frame_encode(&w, f);
	ln.tx_len = w.len;
	if(rc == -ENOSPC)
		end_connection(); /* it does not read: nothing may be left out */
	return rc;
}

static void want_write(bool want)
{
	if(want == ln.tx_armed)
		return;
	watch(ln.fd, EPOLLIN | (want ? EPOLLOUT : 0), EPOLL_CTL_MOD);
	ln.tx_armed = want;
}

void link_flush(void)
{
	ssize_t n;

	if(ln.fd < 0 || ln.ending)
		return;
	while(ln.tx_len) {
		n = send(ln.fd, ln.tx, ln.tx_len, MSG_NOSIGNAL);
		if(n < 0 && errno == EINTR)
			continue;
		if(n < 0 && errno != EAGAIN) {
			read_more();
			end_connection();
			return;
		}
		if(n <= 0)
			break;
		ln.tx_len -= (size_t)n;
		memmove(ln.tx, ln.tx + n, ln.tx_len);
	}
	want_write(ln.tx_len > 0);
}

/* Somebody removed it: a connector that comes back would find nobody. */
static void listen_again(void)
{
	int fd;

	if(!access(ln.path, F_OK) || errno != ENOENT)
		return;
	fd = link_listen(ln.path);
	if(fd < 0)
		return;
	if(watch(fd, EPOLLIN, EPOLL_CTL_ADD)) {
		close(fd);
		return;
	}
	close(ln.listen_fd);
	ln.listen_fd = fd;
	LM_WARN("link_socket %s was removed and is made again\n", ln.path);
}

void link_tick(void)
{
	static const struct link_frame ping = {.type = LINK_PING};
	int64_t now_ms = ipsmgw_mono_ms();

	listen_again();
	if(ln.fd < 0)
		return;
	if(now_ms - ln.heard_ms > DEAD_AFTER_MS) {
		LM_WARN("connector %s is silent\n", link_status->node);
		end_connection();
		return;
	}
	if(now_ms - ln.heard_ms > PING_AFTER_MS
			&& now_ms - ln.pinged_ms > PING_AFTER_MS) {
		ln.pinged_ms = now_ms;
		link_tx(&ping);
	}
}

uint64_t link_generation(void)
{
	return ln.fd < 0 || !ln.hello ? 0 : ln.generation;
}

unsigned link_credit(unsigned unanswered)
{
	bool any_up = false;

	for(unsigned i = 0; i < link_status->n_smsc; i++)
		any_up |= link_status->smsc[i].up;
	if(!link_generation() || !any_up || unanswered >= ln.window)
		return 0;
	return ln.window - unanswered;
}
