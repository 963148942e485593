/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * One TLS session of a client on a connected, non-blocking socket: TLS 1.2 or later, the peer's certificate
 * verified against its name unless the operator says otherwise. OpenSSL is seen by tls.c alone.
 */

enum { TLS_NAME_SIZE = 254 }; /* octets, with NUL */

struct tls_config {
	bool on;
	bool no_verify;		  /* take any certificate */
	char ca[PATH_MAX];	  /* file of certificates in PEM that may sign the peer's; "": those of the system */
	char certificate[PATH_MAX]; /* ours, with its chain; "": none */
	char key[PATH_MAX];	    /* of it; "": in the same file */
	char name[TLS_NAME_SIZE]; /* of the peer in its certificate, sent as server_name; "": its IP address */
};

struct tls;

/**
 * Read the files and prepare a session, so that renewed files count from the next one on.
 * @param address  the peer's, as text
 * @param why      what is wrong: a text that holds until the next call
 * @return NULL and *why: a file that cannot be read or is none, a key that others may read, no memory
 */
struct tls *tls_alloc(const struct tls_config *config, const char *address, const char **why);

/** Says goodbye if the session is open. The socket is the caller's. */
void tls_free(struct tls *tls);

/** Go on with the handshake on fd. @return 0 when done; -EAGAIN; -EPROTO: tls_why() */
int tls_handshake(struct tls *tls, int fd);

/** As read() and send(): octets, 0 at the end, -1 with errno EAGAIN or EPROTO (tls_why()). */
ssize_t tls_read(struct tls *tls, void *to, size_t octets);
ssize_t tls_write(struct tls *tls, const void *from, size_t octets);

/** The last call waits for the socket to take octets. */
bool tls_wants_write(const struct tls *tls);

/** Octets have arrived that tls_read() gives without the socket. */
bool tls_has_input(const struct tls *tls);

/** What went wrong, for the log. */
const char *tls_why(const struct tls *tls);

/** "TLSv1.3", for show commands. */
const char *tls_version(const struct tls *tls);
