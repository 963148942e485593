/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "compat.h"

#include <osmocom/core/linuxlist.h>

#include "../lib/smpp/smpp_pdu.h"

/* The whole of the connector, and where its parts find each other. */

struct answered;
struct inbound_table;
struct link_client;
struct map_stack;
struct sm_table;

enum { CONNECTOR_VTY_PORT = 4299 };

struct connector {
	char node[64]; /* how we call ourselves in HELLO */
	bool running;  /* the configuration is read: sessions may be opened */
	bool stopping; /* SIGTERM: nothing new is taken, what is with an SMSC is waited for */
	bool stopped;  /* leave the loop */
	uint32_t sessions; /* bound since the start */
	struct link_client *link;
	struct sm_table *sms;
	struct inbound_table *inbound;
	struct map_stack *map;
	struct llist_head smscs;  /* struct smsc.entry */
	struct llist_head routes; /* struct route.entry */
};

/** Open the link and the sessions that are not shut down. */
void connector_start(struct connector *c);

/** Take nothing new, wait a little for the SMSCs' answers, unbind, set stopped. */
void connector_stop(struct connector *c);
