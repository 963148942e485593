/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <sys/un.h>

#include "connector.h"
#include "stream.h"

#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/timer.h>

#include "../lib/link/link_frame.h"

/*
 * The link to the module: connects, says HELLO, keeps alive, hands on what comes. It is up from the
 * module's HELLO on. Procedures: docs/link-protocol.md.
 */

struct map_stack;
struct sm_answer;
struct smsc;

enum { LINK_WINDOW_DEFAULT = 2000, LINK_STORE_SIZE = 128 };

enum link_ctr {
	LINK_CTR_CONNECT,
	LINK_CTR_LOST,
	LINK_CTR_GARBAGE,
	LINK_CTR_DATA_RX,
	LINK_CTR_DATA_TX,
	LINK_CTR_ACK_RX,
	LINK_CTR_ACK_TX,
	LINK_CTR_ERROR_RX,
	LINK_CTR_ERROR_TX,
	LINK_CTR_REPEATED,
	LINK_CTR_RESUBMITTED,
	LINK_CTR_UNMATCHED,
	LINK_CTR_QUERY_TX,
	LINK_CTR_USER_RX,
	LINK_CTR_ALERT_TX,
};

struct link_client {
	struct connector *c;
	char socket_path[sizeof(
		((struct sockaddr_un *)0)->sun_path)]; /* where the module listens */
	unsigned window;			       /* DATA that we take unanswered */
	unsigned peer_window;			       /* DATA that the module takes unanswered */
	char store[LINK_STORE_SIZE];		       /* "" until a HELLO has told it */
	bool up;
	bool choked;	 /* the module does not read */
	bool complained; /* that there is no connection: said once until there is one */
	struct stream stream;
	struct osmo_timer_list reconnect, ping;
	struct rate_ctr_group *ctrs;
	/** A USER frame, if there is a MAP stack; NULL: they are ignored. @param ref  of the query, or 0 */
	void (*user)(struct map_stack *map, uint64_t ref, const char *number, bool registered);
};

/** @return NULL if memory is out */
struct link_client *link_client_alloc(struct connector *c);
void link_client_free(struct link_client *link);

void link_client_start(struct link_client *link);
void link_client_stop(struct link_client *link);

/** A change takes effect at the next connection. @return 0, -EINVAL (too long) */
int link_client_set_socket(struct link_client *link, const char *path);

void link_client_count(struct link_client *link, enum link_ctr ctr);

/** Answer a DATA of the module. Silently nothing while the link is down: the module sends the ref again. */
void link_client_answer(struct link_client *link, const struct sm_answer *answer);

/** Send a DATA (its type is filled in). @return 0, -ENOTCONN, -ENOBUFS, -EINVAL (too long) */
int link_client_data(struct link_client *link, struct link_frame *frame);

/** Ask whether that user is registered; a USER frame with ref answers. @return 0, -ENOTCONN, -ENOBUFS, -EINVAL */
int link_client_query(struct link_client *link, uint64_t ref, const char *da);

/** Tell the module that a recipient can be reached again. */
void link_client_alert(struct link_client *link, const char *da);

/** Tell the module that its ACK came too late: the peer that brought the message is gone, and will repeat it. */
void link_client_unheard(struct link_client *link, uint64_t ref);

/** Tell the module that an SMSC came up or went down. */
void link_client_state(struct link_client *link, const struct smsc *smsc);
