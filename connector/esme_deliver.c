/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * deliver_sm and data_sm in hand. The response to the SMSC is the module's answer: success only
 * when all TPDUs of the message are acknowledged, else the gravest cause (spec 5.8); a link that is down or
 * breaks, and silence, ask the SMSC to try again.
 */

#include "esme_deliver.h"

#include <inttypes.h>

#include <osmocom/core/utils.h>
#include <osmocom/core/talloc.h>

#include "../lib/smpp/smpp_receipt.h"
#include "../lib/smpp/smpp_sm.h"
#include "clock.h"
#include "esme.h"
#include "inbound.h"
#include "log.h"

enum {
	ESME_DELIVER_ANSWER_S = 60, /* the module's time to answer */
	ESME_DELIVER_SCRATCH = SMPP_PDU_MAX * 2,
};

/* One deliver_sm or data_sm. */
struct esme_deliver {
	struct llist_head entry; /* struct smpp_conn.inbound */
	struct llist_head parts;
	struct smpp_conn *conn;
	uint32_t command_id, sequence_number;
	uint32_t command_status; /* of the response, as far as it is known */
	uint64_t ref;		 /* of the first DATA */
	unsigned n_parts, pending;
	bool is_report;
	uint64_t start_us;
	char oa_text[SMS_ADDRESS_TEXT_MAX + 1], da_text[SMS_ADDRESS_TEXT_MAX + 1];
	struct receipt_id receipt; /* of a report */
};

/* One DATA that waits for its answer. */
struct esme_deliver_part {
	struct inbound_wait wait;
	struct llist_head entry; /* struct esme_deliver.parts */
	struct esme_deliver *in;
};

/* ---- the end ---- */

static void esme_deliver_log(const struct esme_deliver *in)
{
	const char *result = in->command_status ? "refused" : in->is_report ? "report" : "received";
	char smsc_id[SMPP_MESSAGE_ID_MAX];

	log_text(smsc_id, sizeof(smsc_id), in->receipt.id);
	LOGP(DSM, LOGL_INFO,
	     "sm ref=%" PRIu64
	     " oa=%s da=%s smsc=%s result=%s smsc_id=%s status=%s parts=%u delay=%" PRIu64 "ms\n",
	     in->ref, in->oa_text, in->da_text, in->conn->esme->smsc.name, result, smsc_id,
	     smpp_status_name(in->command_status), in->n_parts,
	     (clock_us() - in->start_us) / CLOCK_US_PER_MS);
}

static void esme_deliver_part_free(struct esme_deliver_part *part)
{
	inbound_cancel(part->in->conn->esme->smsc.c, &part->wait);
	llist_del(&part->entry);
	talloc_free(part);
}

static void esme_deliver_free(struct esme_deliver *in)
{
	struct esme_deliver_part *part, *next;

	llist_for_each_entry_safe(part, next, &in->parts, entry) esme_deliver_part_free(part);
	llist_del(&in->entry);
	in->conn->n_inbound--;
	talloc_free(in);
}

static void esme_deliver_done(struct esme_deliver *in)
{
	struct esme *esme = in->conn->esme;

	smpp_conn_tx_resp(in->conn, in->command_id, in->sequence_number, in->command_status);
	esme_count(esme, in->command_status ? ESME_CTR_DELIVER_REFUSED : ESME_CTR_DELIVER_ACCEPTED);
	esme_deliver_log(in);
	esme_deliver_free(in);
}

/* Of several causes the one stands that forbids the SMSC most: refused, then permanent, then temporary. */
static void esme_deliver_status(struct esme_deliver *in, uint32_t command_status)
{
	static const uint32_t gravest_first[] = {ESME_RX_R_APPN, ESME_RX_P_APPN};

	for (size_t i = 0; i < sizeof(gravest_first) / sizeof(gravest_first[0]); i++) {
		if (in->command_status == gravest_first[i])
			return;
		if (command_status == gravest_first[i])
			break;
	}
	if (command_status != ESME_ROK)
		in->command_status = command_status;
}

/* ---- the module's answer ---- */

static void esme_deliver_part_answered(struct inbound_wait *wait,
				       const struct inbound_answer *answer)
{
	struct esme_deliver_part *part = container_of(wait, struct esme_deliver_part, wait);
	struct esme_deliver *in = part->in;

	esme_deliver_part_free(part);
	esme_deliver_status(in,
			    answer->rp_cause ? smpp_status_of_cause(answer->rp_cause) : ESME_ROK);
	if (--in->pending == 0)
		esme_deliver_done(in);
}

/* ---- no answer ---- */

static void esme_deliver_give_up(struct smpp_conn *conn, uint64_t older_than_us)
{
	struct esme_deliver *in, *next;

	llist_for_each_entry_safe(in, next, &conn->inbound, entry)
	{
		if (in->start_us >= older_than_us)
			break;
		esme_deliver_status(in, ESME_RX_T_APPN);
		esme_deliver_done(in);
	}
}

static void esme_deliver_timer(struct smpp_conn *conn)
{
	struct esme_deliver *in =
		llist_first_entry_or_null(&conn->inbound, struct esme_deliver, entry);
	uint64_t now_us = clock_us(), due_us;

	if (!in)
		return;
	due_us = in->start_us + (uint64_t)ESME_DELIVER_ANSWER_S * CLOCK_US_PER_S + CLOCK_US_PER_MS;
	due_us = due_us > now_us ? due_us - now_us : 0;
	osmo_timer_schedule(&conn->inbound_timer, (int)(due_us / CLOCK_US_PER_S),
			    (int)(due_us % CLOCK_US_PER_S));
}

void esme_deliver_timeout(void *data)
{
	struct smpp_conn *conn = data;

	esme_deliver_give_up(conn, clock_us() - (uint64_t)ESME_DELIVER_ANSWER_S * CLOCK_US_PER_S);
	esme_deliver_timer(conn);
}

void esme_deliver_conn_lost(struct smpp_conn *conn)
{
	struct esme_deliver *in, *next;

	osmo_timer_del(&conn->inbound_timer);
	llist_for_each_entry_safe(in, next, &conn->inbound, entry) esme_deliver_free(in);
}

/* ---- to the module ---- */

/* One TPDU as DATA; f brings what goes beside it. */
static int esme_deliver_tx_part(struct esme_deliver *in, struct view tpdu, struct link_frame *f)
{
	struct smsc *smsc = &in->conn->esme->smsc;
	struct esme_deliver_part *part = talloc_zero(in, struct esme_deliver_part);
	int rc;

	if (!part)
		return -ENOMEM;
	part->in = in;
	part->wait.answered = esme_deliver_part_answered;
	f->da = view_str(in->da_text);
	f->smsc = view_str(smsc->name);
	f->session = in->conn->session;
	rc = inbound_tx(smsc->c, &part->wait, &smsc->sc_address, tpdu, f);
	if (rc < 0) {
		talloc_free(part);
		return rc;
	}
	llist_add_tail(&part->entry, &in->parts);
	in->pending++;
	if (in->n_parts++ == 0)
		in->ref = f->ref;
	return 0;
}

/* What went wrong here, as command_status: our memory or the link (again, please), or the message (never again). */
static uint32_t esme_deliver_status_of_errno(int rc)
{
	return rc == -ENOTCONN || rc == -ENOBUFS || rc == -ENOMEM ? ESME_RX_T_APPN : ESME_RX_P_APPN;
}

static void esme_deliver_text(struct esme_deliver *in, const struct smpp_message *m)
{
	static uint8_t octets_scratch[ESME_DELIVER_SCRATCH];
	struct esme *esme = in->conn->esme;
	struct sms_time now = clock_sms_time();
	struct wbuf scratch = wbuf_of(octets_scratch, sizeof(octets_scratch));
	struct smpp_deliver_iter it;
	int rc = smpp_deliver_begin(&it, &esme->config.sm, m, inbound_concat_ref(esme->smsc.c),
				    &scratch);

	while (rc == 0) {
		uint8_t octets[TPDU_MAX];
		struct wbuf tpdu = wbuf_of(octets, sizeof(octets));
		struct link_frame f = {0};

		rc = smpp_deliver_next(&it, &now, &tpdu);
		if (rc <= 0)
			break;
		rc = esme_deliver_tx_part(in, wbuf_written(&tpdu), &f);
	}
	if (rc < 0)
		esme_deliver_status(in, esme_deliver_status_of_errno(rc));
}

/* ---- delivery receipts ---- */

/* A receipt that names no message is of use to nobody; as a text it would be shown to the user. */
static void esme_deliver_receipt_unreadable(struct esme *esme)
{
	esme_count(esme, ESME_CTR_RECEIPT_UNREADABLE);
	if (!esme->receipt_complained)
		LOGPESME(esme, LOGL_ERROR, "receipts without a message id are dropped\n");
	esme->receipt_complained = true;
}

static void esme_deliver_receipt(struct esme_deliver *in, const struct smpp_message *m)
{
	struct esme *esme = in->conn->esme;
	struct tpdu_status_report report = {.tp_ra = smpp_source(m), .tp_scts = clock_sms_time()};
	struct link_frame f = {.flags = LINK_FLAG_REPORT};
	struct smpp_receipt receipt;
	char id[SMPP_MESSAGE_ID_MAX];
	uint8_t octets[TPDU_MAX];
	struct wbuf tpdu = wbuf_of(octets, sizeof(octets));
	int rc;

	in->is_report = true;
	if (smpp_receipt_decode(m, &receipt) < 0) {
		esme_deliver_receipt_unreadable(esme);
		return;
	}
	esme_count(esme, ESME_CTR_RECEIPT_RX);
	smpp_message_id_normalise(receipt.message_id, id);
	receipt_id_convert(esme->receipt_ids, esme->config.receipt_id, id, report.tp_ra.text,
			   &in->receipt);
	f.smsc_id = view_str(in->receipt.id);
	f.smsc_id_2 = view_str(in->receipt.others[0]);
	f.smsc_id_3 = view_str(in->receipt.others[1]);
	report.tp_dt = report.tp_scts;
	report.tp_st = receipt.tp_st;
	if (tpdu_status_report_encode(&tpdu, &report) < 0) {
		report.tp_ra = (struct sms_address){0};
		tpdu_status_report_encode(&tpdu, &report);
	}
	rc = esme_deliver_tx_part(in, wbuf_written(&tpdu), &f);
	if (rc < 0)
		esme_deliver_status(in, esme_deliver_status_of_errno(rc));
}

/* ---- the beginning ---- */

static struct esme_deliver *esme_deliver_alloc(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	struct esme_deliver *in = talloc_zero(conn, struct esme_deliver);
	struct sms_address oa = smpp_source(&pdu->message), da = smpp_destination(&pdu->message);

	if (!in)
		return NULL;
	in->conn = conn;
	in->command_id = pdu->command_id;
	in->sequence_number = pdu->sequence_number;
	in->start_us = clock_us();
	INIT_LLIST_HEAD(&in->parts);
	sms_address_print(&oa, in->oa_text);
	log_text(in->oa_text, sizeof(in->oa_text), in->oa_text);
	sms_address_print(&da, in->da_text);
	log_text(in->da_text, sizeof(in->da_text), in->da_text);
	llist_add_tail(&in->entry, &conn->inbound);
	if (conn->n_inbound++ == 0)
		esme_deliver_timer(conn);
	return in;
}

/* @return why nothing can be taken now, or ESME_ROK */
static uint32_t esme_deliver_refusal(const struct smpp_conn *conn)
{
	int rc = inbound_refusal(conn->esme->smsc.c);

	if (rc == -ENOTCONN)
		return ESME_RX_T_APPN;
	return rc < 0 || conn->n_inbound >= ESME_DELIVER_MAX ? ESME_RMSGQFUL : ESME_ROK;
}

void esme_deliver_start(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	uint32_t refusal = esme_deliver_refusal(conn);
	struct esme_deliver *in = refusal ? NULL : esme_deliver_alloc(conn, pdu);

	if (!in) {
		esme_count(conn->esme, ESME_CTR_DELIVER_REFUSED);
		smpp_conn_tx_resp(conn, pdu->command_id, pdu->sequence_number,
				  refusal ? refusal : ESME_RX_T_APPN);
		return;
	}
	if (smpp_is_receipt(&pdu->message))
		esme_deliver_receipt(in, &pdu->message);
	else
		esme_deliver_text(in, &pdu->message);
	if (in->pending == 0)
		esme_deliver_done(in);
}
