/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "connector.h"

#include "../lib/link/link_frame.h"
#include "../lib/smpp/smpp_pdu.h"

/*
 * From an SMSC to the module: one deliver_sm or data_sm becomes one DATA a TPDU, and gets its response
 * when the module has answered them all. A delivery receipt becomes one DATA with an
 * SMS-STATUS-REPORT.
 */

struct smpp_conn;

struct inbound_table *inbound_table_alloc(void *ctx);

/** A deliver_sm or data_sm; it is answered, now or later. */
void inbound_start(struct smpp_conn *conn, const struct smpp_pdu *pdu);

/** An ACK or ERROR of the module. */
void inbound_answered(struct connector *c, const struct link_frame *f);

/** Nobody will answer any more: the SMSCs are told to try again. */
void inbound_link_lost(struct connector *c);

/** Nobody waits for a response any more. */
void inbound_conn_lost(struct smpp_conn *conn);

/** Timer of a struct smpp_conn: the oldest in hand has waited long enough. */
void inbound_timeout(void *conn);

/** DATA that wait for the module's answer. */
unsigned inbound_count(const struct connector *c);
