/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../lib/smpp/smpp_pdu.h"

/*
 * SMSCs differ in how a receipt names the message: some write in decimal what submit_sm_resp
 * had in hexadecimal, some the other way round. Here the id of a receipt is brought to the form that
 * submit_sm_resp had, which is the one the module has stored. All ids are normalised ones. Where ids are
 * numbers that count up, one form of this message's is another form of another's: only the recipient tells.
 */

enum receipt_id_form {
	RECEIPT_ID_AUTO,   /* learn from the ids that were accepted lately */
	RECEIPT_ID_STRING, /* the same in both */
	RECEIPT_ID_HEX,	   /* hexadecimal in receipts, decimal in submit_sm_resp */
	RECEIPT_ID_DEC,	   /* decimal in receipts, hexadecimal in submit_sm_resp */
};

/* An id as submit_sm_resp had it, and what it may be instead while that is not known; "" is none. */
struct receipt_id {
	char id[SMPP_MESSAGE_ID_MAX], others[2][SMPP_MESSAGE_ID_MAX];
};

struct receipt_ids;

/** What one SMSC has been seen to do. Freed with its talloc context. */
struct receipt_ids *receipt_ids_alloc(void *ctx);

/** Remember an id of a submit_sm_resp, and who the message was for. */
void receipt_ids_add(struct receipt_ids *ids, const char *id, const char *recipient);

/**
 * @param recipient  as the receipt says, in any spelling (phone_is_same())
 * @param out        id itself if it cannot be converted; others only with RECEIPT_ID_AUTO, if no such message
 *                   was accepted lately
 */
void receipt_id_convert(struct receipt_ids *ids, enum receipt_id_form form, const char *id,
			const char *recipient, struct receipt_id *out);

const char *receipt_id_form_name(enum receipt_id_form form); /* "auto", "string", "hex", "dec" */
