/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* TLS over OpenSSL. Each session has a context of its own: the files are read anew for it. */

#include "tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

enum { TLS_WHY_SIZE = 160 };

struct tls {
	SSL_CTX *ctx;
	SSL *ssl;
	bool is_open; /* the handshake is done, and nothing has failed since */
	bool wants_write;
	char why[TLS_WHY_SIZE];
};

/* ---- what went wrong ---- */

static const char *library_error(void)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code))
						    : ERR_reason_error_string(code);

	ERR_clear_error();
	return reason ? reason : "unknown error";
}

static void set_why(struct tls *tls)
{
	long verify = SSL_get_verify_result(tls->ssl);

	snprintf(tls->why, sizeof(tls->why), "TLS: %s",
		 verify != X509_V_OK ? X509_verify_cert_error_string(verify) : library_error());
	ERR_clear_error();
}

/* @return -EAGAIN, -EPIPE (the end), -EPROTO; what is to be waited for is noted */
static int failure(struct tls *tls, int rc)
{
	int err = errno;

	switch (SSL_get_error(tls->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		tls->wants_write = false;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		tls->wants_write = true;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return -EPIPE;
	case SSL_ERROR_SYSCALL:
		tls->is_open = false;
		snprintf(tls->why, sizeof(tls->why), "TLS: %s",
			 err ? strerror(err) : "closed by the peer");
		return -EPROTO;
	default:
		tls->is_open = false;
		set_why(tls);
		return -EPROTO;
	}
}

/* ---- a session ---- */

/* @return what is wrong, or NULL */
static const char *use_ca(SSL_CTX *ctx, const struct tls_config *config)
{
	int rc = config->ca[0] ? SSL_CTX_load_verify_file(ctx, config->ca)
			       : SSL_CTX_set_default_verify_paths(ctx);

	return rc == 1 ? NULL : "the CA file";
}

static const char *use_key(SSL_CTX *ctx, const struct tls_config *config)
{
	const char *key = config->key[0] ? config->key : config->certificate;
	struct stat st;

	if (!config->certificate[0])
		return NULL;
	if (stat(key, &st) < 0)
		return "the key file cannot be read";
	if (st.st_mode & (S_IRWXO | S_IWGRP))
		return "the key file is open to others: chmod o= and g-w it";
	if (SSL_CTX_use_certificate_chain_file(ctx, config->certificate) != 1)
		return "the certificate";
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return "the key";
	return NULL;
}

static const char *expect_name(SSL *ssl, const struct tls_config *config, const char *address)
{
	int rc = config->name[0] ? SSL_set_tlsext_host_name(ssl, config->name) == 1 &&
					   SSL_set1_host(ssl, config->name) == 1
				 : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address) == 1;

	return rc ? NULL : "the name of the peer";
}

static const char *prepare(struct tls *tls, const struct tls_config *config, const char *address)
{
	const char *wrong;

	tls->ctx = SSL_CTX_new(TLS_client_method());
	if (!tls->ctx || SSL_CTX_set_min_proto_version(tls->ctx, TLS1_2_VERSION) != 1)
		return "memory";
	SSL_CTX_set_options(tls->ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(tls->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
					   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					   SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(tls->ctx, config->no_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	wrong = config->no_verify ? NULL : use_ca(tls->ctx, config);
	if (!wrong)
		wrong = use_key(tls->ctx, config);
	if (wrong)
		return wrong;
	tls->ssl = SSL_new(tls->ctx);
	if (!tls->ssl)
		return "memory";
	SSL_set_connect_state(tls->ssl);
	return expect_name(tls->ssl, config, address);
}

struct tls *tls_alloc(const struct tls_config *config, const char *address, const char **why)
{
	static char text[TLS_WHY_SIZE];
	struct tls *tls = calloc(1, sizeof(*tls));
	const char *wrong = tls ? prepare(tls, config, address) : "memory";
	bool by_library = ERR_peek_error();

	if (!wrong)
		return tls;
	snprintf(text, sizeof(text), "TLS: %s%s%s", wrong, by_library ? ": " : "",
		 by_library ? library_error() : "");
	*why = text;
	tls_free(tls);
	return NULL;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	if (tls->is_open)
		SSL_shutdown(tls->ssl);
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->ctx);
	ERR_clear_error();
	free(tls);
}

int tls_handshake(struct tls *tls, int fd)
{
	int rc;

	if (SSL_get_fd(tls->ssl) != fd && SSL_set_fd(tls->ssl, fd) != 1) {
		set_why(tls);
		return -EPROTO;
	}
	errno = 0;
	rc = SSL_do_handshake(tls->ssl);
	if (rc == 1) {
		tls->is_open = true;
		tls->wants_write = false;
		return 0;
	}
	rc = failure(tls, rc);
	if (rc == -EPIPE)
		snprintf(tls->why, sizeof(tls->why), "TLS: closed during the handshake");
	return rc == -EAGAIN ? rc : -EPROTO;
}

/* ---- octets ---- */

static ssize_t transferred(struct tls *tls, int rc, size_t octets)
{
	tls->wants_write = false;
	if (rc == 1)
		return (ssize_t)octets;
	rc = failure(tls, rc);
	if (rc == -EPIPE)
		return 0;
	errno = -rc;
	return -1;
}

ssize_t tls_read(struct tls *tls, void *to, size_t octets)
{
	size_t n = 0;
	int rc;

	errno = 0;
	rc = SSL_read_ex(tls->ssl, to, octets, &n);
	return transferred(tls, rc, n);
}

ssize_t tls_write(struct tls *tls, const void *from, size_t octets)
{
	size_t n = 0;
	int rc;

	errno = 0;
	rc = SSL_write_ex(tls->ssl, from, octets, &n);
	return transferred(tls, rc, n);
}

bool tls_wants_write(const struct tls *tls)
{
	return tls->wants_write;
}

bool tls_has_input(const struct tls *tls)
{
	return SSL_pending(tls->ssl) > 0;
}

const char *tls_why(const struct tls *tls)
{
	return tls->why;
}

const char *tls_version(const struct tls *tls)
{
	return SSL_get_version(tls->ssl);
}
