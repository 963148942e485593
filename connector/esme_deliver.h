/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../lib/smpp/smpp_pdu.h"

/*
 * From an SMSC over SMPP to the module: one deliver_sm or data_sm becomes one DATA a TPDU, and gets its
 * response when the module has answered them all. A delivery receipt becomes one DATA with an
 * SMS-STATUS-REPORT.
 */

struct smpp_conn;

/** A deliver_sm or data_sm; it is answered, now or later. */
void esme_deliver_start(struct smpp_conn *conn, const struct smpp_pdu *pdu);

/** Nobody waits for a response any more. */
void esme_deliver_conn_lost(struct smpp_conn *conn);

/** Timer of a struct smpp_conn: the oldest in hand has waited long enough. */
void esme_deliver_timeout(void *conn);
