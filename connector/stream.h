/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "compat.h"

#include <osmocom/core/select.h>

#include "../lib/util/buf.h"

/*
 * A client's byte stream with frames in it: asynchronous connect, reads and writes that end
 * anywhere, bounded output. Both the link (Unix socket) and SMPP (TCP, TLS) stand on it.
 */

struct tls;

struct stream_ops {
	/** Find the first frame: 0 and its length, -EAGAIN, -EBADMSG. */
	int (*frame)(struct view in, size_t *len);
	void (*connected)(void *data);
	/** One whole frame; may close the stream, and open it again. */
	void (*rx)(void *data, struct view frame);
	/** The stream has been closed (by the peer, an error, garbage); not called by stream_close(). */
	void (*lost)(void *data, const char *why);
};

struct stream {
	struct osmo_fd ofd;
	const struct stream_ops *ops;
	void *data;
	struct tls *tls; /* NULL: plain */
	bool connecting; /* TLS: until the end of the handshake */
	bool handshaking;
	unsigned generation; /* goes up at each close */
	uint8_t *rx;
	size_t rx_size, rx_len;
	uint8_t *tx;
	size_t tx_size, tx_pos, tx_len, tx_max;
	uint64_t rx_us; /* when something last came in */
};

/**
 * @param rx_size  octets of input buffer, at least the longest frame
 * @param tx_max   octets of output that may wait
 * @return 0, -ENOMEM
 */
int stream_init(struct stream *s, void *ctx, const struct stream_ops *ops, void *data,
		size_t rx_size, size_t tx_max);

/**
 * Begin to connect; connected() or lost() follows, never from inside this call.
 * @param tls  the session to be spoken, or NULL; it is the stream's from here on, whatever is returned
 * @return 0, -errno
 */
int stream_connect(struct stream *s, const struct sockaddr *peer, socklen_t len, struct tls *tls);

bool stream_is_open(const struct stream *s);

/** Queue octets. @return 0, -ENOTCONN, -ENOBUFS (the peer does not read: close it) */
int stream_tx(struct stream *s, struct view octets);

/** Write what is queued as far as the socket takes it now. */
void stream_flush(struct stream *s);

void stream_close(struct stream *s);
