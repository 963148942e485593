/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Socket I/O of the connector. Writes are gathered: what is queued during one turn of the loop goes
 * out in one write.
 */

#include "stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <osmocom/core/talloc.h>

#include "clock.h"
#include "tls.h"

enum { STREAM_TX_FIRST = 4096, STREAM_TX_KEEP = 65536, STREAM_WHY_SIZE = 160 }; /* octets */

int stream_init(struct stream *s, void *ctx, const struct stream_ops *ops, void *data,
		size_t rx_size, size_t tx_max)
{
	*s = (struct stream){.ops = ops, .data = data, .rx_size = rx_size, .tx_max = tx_max};
	s->ofd.fd = -1;
	s->rx = talloc_size(ctx, rx_size);
	s->tx = talloc_size(ctx, STREAM_TX_FIRST);
	s->tx_size = STREAM_TX_FIRST;
	return s->rx && s->tx ? 0 : -ENOMEM;
}

bool stream_is_open(const struct stream *s)
{
	return s->ofd.fd >= 0 && !s->connecting;
}

void stream_close(struct stream *s)
{
	if (s->ofd.fd < 0)
		return;
	osmo_fd_unregister(&s->ofd);
	tls_free(s->tls);
	s->tls = NULL;
	close(s->ofd.fd);
	s->ofd.fd = -1;
	s->connecting = s->handshaking = false;
	s->generation++;
	s->rx_len = s->tx_pos = s->tx_len = 0;
}

/* The text may be the session's, which ends first. */
static void stream_lost(struct stream *s, const char *why)
{
	char text[STREAM_WHY_SIZE];

	snprintf(text, sizeof(text), "%s", why);
	stream_close(s);
	s->ops->lost(s->data, text);
}

static const char *stream_why(const struct stream *s, int err)
{
	return s->tls && err == EPROTO ? tls_why(s->tls) : strerror(err);
}

/* ---- output ---- */

/* Room for n more octets behind tx_len: move what waits to the front, then grow up to tx_max. */
static int stream_tx_room(struct stream *s, size_t n)
{
	size_t size = s->tx_size;
	uint8_t *grown;

	if (s->tx_len - s->tx_pos + n > s->tx_max)
		return -ENOBUFS;
	if (s->tx_len + n <= size)
		return 0;
	memmove(s->tx, s->tx + s->tx_pos, s->tx_len - s->tx_pos);
	s->tx_len -= s->tx_pos;
	s->tx_pos = 0;
	while (size < s->tx_len + n)
		size *= 2;
	if (size == s->tx_size)
		return 0;
	grown = talloc_realloc_size(NULL, s->tx, size);
	if (!grown)
		return -ENOBUFS;
	s->tx = grown;
	s->tx_size = size;
	return 0;
}

int stream_tx(struct stream *s, struct view octets)
{
	int rc;

	if (!stream_is_open(s))
		return -ENOTCONN;
	rc = stream_tx_room(s, octets.len);
	if (rc < 0)
		return rc;
	memcpy(s->tx + s->tx_len, octets.p, octets.len);
	s->tx_len += octets.len;
	osmo_fd_write_enable(&s->ofd);
	return 0;
}

/* After a burst the buffer goes back to an ordinary size. */
static void stream_tx_emptied(struct stream *s)
{
	uint8_t *shrunk;

	s->tx_pos = s->tx_len = 0;
	osmo_fd_write_disable(&s->ofd);
	if (s->tx_size <= STREAM_TX_KEEP)
		return;
	shrunk = talloc_realloc_size(NULL, s->tx, STREAM_TX_KEEP);
	if (!shrunk)
		return;
	s->tx = shrunk;
	s->tx_size = STREAM_TX_KEEP;
}

/* @return 0, or errno that ends the connection */
static int stream_write(struct stream *s)
{
	const uint8_t *from = s->tx + s->tx_pos;
	size_t octets = s->tx_len - s->tx_pos;
	ssize_t n = s->tls ? tls_write(s->tls, from, octets)
			   : send(s->ofd.fd, from, octets, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : errno;
	s->tx_pos += (size_t)n;
	if (s->tx_pos == s->tx_len)
		stream_tx_emptied(s);
	return 0;
}

void stream_flush(struct stream *s)
{
	if (stream_is_open(s) && s->tx_pos < s->tx_len)
		stream_write(s);
}

/* ---- input ---- */

static void stream_frames(struct stream *s)
{
	unsigned generation = s->generation;
	size_t pos = 0, len;
	int rc;

	for (;;) {
		rc = s->ops->frame((struct view){s->rx + pos, s->rx_len - pos}, &len);
		if (rc < 0)
			break;
		s->ops->rx(s->data, (struct view){s->rx + pos, len});
		if (s->generation != generation)
			return;
		pos += len;
	}
	if (rc != -EAGAIN) {
		stream_lost(s, "garbage instead of a frame");
		return;
	}
	s->rx_len -= pos;
	memmove(s->rx, s->rx + pos, s->rx_len);
}

static void stream_read_once(struct stream *s)
{
	uint8_t *to = s->rx + s->rx_len;
	size_t room = s->rx_size - s->rx_len;
	ssize_t n = s->tls ? tls_read(s->tls, to, room) : read(s->ofd.fd, to, room);

	if (n == 0) {
		stream_lost(s, "closed by the peer");
	} else if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			stream_lost(s, stream_why(s, errno));
	} else {
		s->rx_len += (size_t)n;
		s->rx_us = clock_us();
		stream_frames(s);
	}
}

/* What a TLS session has read ahead makes no socket readable. */
static void stream_read(struct stream *s)
{
	unsigned generation = s->generation;

	do {
		stream_read_once(s);
	} while (s->generation == generation && s->tls && tls_has_input(s->tls));
}

/* ---- connect ---- */

static void stream_is_connected(struct stream *s)
{
	s->connecting = s->handshaking = false;
	s->rx_us = clock_us();
	osmo_fd_update_when(&s->ofd, 0, OSMO_FD_READ);
	s->ops->connected(s->data);
}

static void stream_handshake(struct stream *s)
{
	int rc = tls_handshake(s->tls, s->ofd.fd);

	s->handshaking = true;
	if (rc == 0)
		stream_is_connected(s);
	else if (rc != -EAGAIN)
		stream_lost(s, tls_why(s->tls));
	else
		osmo_fd_update_when(&s->ofd, 0,
				    tls_wants_write(s->tls) ? OSMO_FD_WRITE : OSMO_FD_READ);
}

static void stream_connect_done(struct stream *s)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(s->ofd.fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	if (err) {
		stream_lost(s, strerror(err));
		return;
	}
	if (s->tls)
		stream_handshake(s);
	else
		stream_is_connected(s);
}

static int stream_fd_cb(struct osmo_fd *ofd, unsigned int what)
{
	struct stream *s = ofd->data;
	unsigned generation = s->generation;
	int err;

	if (s->handshaking) {
		stream_handshake(s);
		return 0;
	}
	if (s->connecting) {
		stream_connect_done(s);
		return 0;
	}
	if (what & OSMO_FD_READ)
		stream_read(s);
	if (s->generation != generation || !(what & OSMO_FD_WRITE) || s->tx_pos == s->tx_len)
		return 0;
	err = stream_write(s);
	if (err)
		stream_lost(s, stream_why(s, err));
	return 0;
}

static int stream_open(struct stream *s, const struct sockaddr *peer, socklen_t len)
{
	int one = 1, rc;
	int fd = socket(peer->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (peer->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, peer, len) < 0 && errno != EINPROGRESS) {
		rc = -errno;
		close(fd);
		return rc;
	}
	osmo_fd_setup(&s->ofd, fd, OSMO_FD_WRITE, stream_fd_cb, s, 0);
	s->connecting = true;
	rc = osmo_fd_register(&s->ofd);
	if (rc < 0) {
		close(fd);
		s->ofd.fd = -1;
		s->connecting = false;
	}
	return rc;
}

int stream_connect(struct stream *s, const struct sockaddr *peer, socklen_t len, struct tls *tls)
{
	int rc;

	stream_close(s);
	rc = stream_open(s, peer, len);
	if (rc < 0)
		tls_free(tls);
	else
		s->tls = tls;
	return rc;
}
