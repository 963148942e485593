/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * deliver_sm and data_sm in hand. The response to the SMSC is the module's answer: success only
 * when all TPDUs of the message are acknowledged, else the gravest cause (spec 5.8); a link that is down or
 * breaks, and silence, ask the SMSC to try again.
 */

#include "inbound.h"

#include <inttypes.h>
#include <time.h>

#include <osmocom/core/utils.h>
#include <osmocom/core/hashtable.h>
#include <osmocom/core/talloc.h>

#include "../lib/sms/rp.h"
#include "../lib/smpp/smpp_receipt.h"
#include "../lib/smpp/smpp_sm.h"
#include "clock.h"
#include "esme.h"
#include "link_client.h"
#include "log.h"

enum {
	INBOUND_HASH_BITS = 10,
	INBOUND_ANSWER_S = 60, /* the module's time to answer */
	INBOUND_SCRATCH = SMPP_PDU_MAX * 2,
};

/* One deliver_sm or data_sm. */
struct inbound {
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
struct inbound_part {
	struct hlist_node by_ref;
	struct llist_head entry; /* struct inbound.parts */
	uint64_t ref;
	struct inbound *in;
};

struct inbound_table {
	DECLARE_HASHTABLE(by_ref, INBOUND_HASH_BITS);
	unsigned count;
	uint64_t
		ref; /* last one used; begins at the time of day, so that a restart does not repeat them */
	uint8_t rp_mr;
	uint16_t concat_ref; /* for a payload that must be cut */
	uint8_t scratch[INBOUND_SCRATCH];
};

struct inbound_table *inbound_table_alloc(void *ctx)
{
	struct inbound_table *t = talloc_zero(ctx, struct inbound_table);
	struct timespec now;

	if (!t)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	t->ref = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	t->concat_ref = (uint16_t)now.tv_nsec;
	hash_init(t->by_ref);
	return t;
}

unsigned inbound_count(const struct connector *c)
{
	return c->inbound->count;
}

/* ---- the end ---- */

static void inbound_log(const struct inbound *in)
{
	const char *result = in->command_status ? "refused" : in->is_report ? "report" : "received";
	char smsc_id[SMPP_MESSAGE_ID_MAX];

	log_text(smsc_id, sizeof(smsc_id), in->receipt.id);
	LOGP(DSM, LOGL_INFO,
	     "sm ref=%" PRIu64
	     " oa=%s da=%s smsc=%s result=%s smsc_id=%s status=%s parts=%u delay=%" PRIu64 "ms\n",
	     in->ref, in->oa_text, in->da_text, in->conn->esme->name, result, smsc_id,
	     smpp_status_name(in->command_status), in->n_parts,
	     (clock_us() - in->start_us) / CLOCK_US_PER_MS);
}

static void inbound_part_free(struct connector *c, struct inbound_part *part)
{
	hash_del(&part->by_ref);
	llist_del(&part->entry);
	c->inbound->count--;
	talloc_free(part);
}

static void inbound_free(struct inbound *in)
{
	struct inbound_part *part, *next;

	llist_for_each_entry_safe(part, next, &in->parts, entry)
		inbound_part_free(in->conn->esme->c, part);
	llist_del(&in->entry);
	in->conn->n_inbound--;
	talloc_free(in);
}

static void inbound_done(struct inbound *in)
{
	struct esme *esme = in->conn->esme;

	smpp_conn_tx_resp(in->conn, in->command_id, in->sequence_number, in->command_status);
	esme_count(esme, in->command_status ? ESME_CTR_DELIVER_REFUSED : ESME_CTR_DELIVER_ACCEPTED);
	inbound_log(in);
	inbound_free(in);
}

/* Of several causes the one stands that forbids the SMSC most: refused, then permanent, then temporary. */
static void inbound_status(struct inbound *in, uint32_t command_status)
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

static uint32_t inbound_status_of(const struct link_frame *f)
{
	struct rp_message rp;

	if (f->type == LINK_ACK)
		return ESME_ROK;
	if (rp_decode(f->rp, &rp) < 0 || rp.type != RP_ERROR)
		return ESME_RX_T_APPN;
	return smpp_status_of_cause(rp.rp_cause);
}

void inbound_answered(struct connector *c, const struct link_frame *f)
{
	struct inbound_part *part;
	struct inbound *in;

	hash_for_each_possible(c->inbound->by_ref, part, by_ref, f->ref)
	{
		if (part->ref == f->ref)
			break;
	}
	if (!part) {
		link_client_count(c->link, LINK_CTR_UNMATCHED);
		return;
	}
	in = part->in;
	inbound_part_free(c, part);
	inbound_status(in, inbound_status_of(f));
	if (--in->pending == 0)
		inbound_done(in);
}

/* ---- no answer ---- */

static void inbound_give_up(struct smpp_conn *conn, uint64_t older_than_us)
{
	struct inbound *in, *next;

	llist_for_each_entry_safe(in, next, &conn->inbound, entry)
	{
		if (in->start_us >= older_than_us)
			break;
		inbound_status(in, ESME_RX_T_APPN);
		inbound_done(in);
	}
}

static void inbound_timer(struct smpp_conn *conn)
{
	struct inbound *in = llist_first_entry_or_null(&conn->inbound, struct inbound, entry);
	uint64_t now_us = clock_us(), due_us;

	if (!in)
		return;
	due_us = in->start_us + (uint64_t)INBOUND_ANSWER_S * CLOCK_US_PER_S + CLOCK_US_PER_MS;
	due_us = due_us > now_us ? due_us - now_us : 0;
	osmo_timer_schedule(&conn->inbound_timer, (int)(due_us / CLOCK_US_PER_S),
			    (int)(due_us % CLOCK_US_PER_S));
}

void inbound_timeout(void *data)
{
	struct smpp_conn *conn = data;

	inbound_give_up(conn, clock_us() - (uint64_t)INBOUND_ANSWER_S * CLOCK_US_PER_S);
	inbound_timer(conn);
}

void inbound_link_lost(struct connector *c)
{
	struct esme *esme;

	llist_for_each_entry(esme, &c->esmes, entry)
	{
		inbound_give_up(esme->tx, UINT64_MAX);
		if (esme->rx)
			inbound_give_up(esme->rx, UINT64_MAX);
	}
}

void inbound_conn_lost(struct smpp_conn *conn)
{
	struct inbound *in, *next;

	osmo_timer_del(&conn->inbound_timer);
	llist_for_each_entry_safe(in, next, &conn->inbound, entry) inbound_free(in);
}

/* ---- to the module ---- */

/* One TPDU as DATA; f brings what goes beside it. */
static int inbound_tx(struct inbound *in, struct view tpdu, struct link_frame *f)
{
	struct connector *c = in->conn->esme->c;
	struct rp_message rp = {
		.type = RP_DATA,
		.dir = RP_NET_TO_MS,
		.rp_mr = c->inbound->rp_mr++,
		.rp_oa = in->conn->esme->config.sc_address,
		.rp_ud = tpdu,
	};
	uint8_t octets[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct inbound_part *part = talloc_zero(in, struct inbound_part);
	int rc = part ? rp_encode(&w, &rp) : -ENOMEM;

	f->ref = ++c->inbound->ref;
	f->rp = wbuf_written(&w);
	f->da = view_str(in->da_text);
	f->smsc = view_str(in->conn->esme->name);
	f->session = in->conn->session;
	if (rc == 0)
		rc = link_client_data(c->link, f);
	if (rc < 0) {
		talloc_free(part);
		return rc;
	}
	part->in = in;
	part->ref = f->ref;
	hash_add(c->inbound->by_ref, &part->by_ref, part->ref);
	llist_add_tail(&part->entry, &in->parts);
	c->inbound->count++;
	in->pending++;
	if (in->n_parts++ == 0)
		in->ref = f->ref;
	return 0;
}

static struct sms_time inbound_now(void)
{
	time_t now = time(NULL);
	struct tm tm = {0};

	localtime_r(&now, &tm);
	return (struct sms_time){.utc_s = now, .zone_minutes = (int16_t)(tm.tm_gmtoff / 900 * 15)};
}

/* What went wrong here, as command_status: our memory or the link (again, please), or the message (never again). */
static uint32_t inbound_status_of_errno(int rc)
{
	return rc == -ENOTCONN || rc == -ENOBUFS || rc == -ENOMEM ? ESME_RX_T_APPN : ESME_RX_P_APPN;
}

static void inbound_text(struct inbound *in, const struct smpp_message *m)
{
	struct inbound_table *t = in->conn->esme->c->inbound;
	struct sms_time now = inbound_now();
	struct wbuf scratch = wbuf_of(t->scratch, sizeof(t->scratch));
	struct smpp_deliver_iter it;
	int rc = smpp_deliver_begin(&it, &in->conn->esme->config.sm, m, t->concat_ref++, &scratch);

	while (rc == 0) {
		uint8_t octets[TPDU_MAX];
		struct wbuf tpdu = wbuf_of(octets, sizeof(octets));
		struct link_frame f = {0};

		rc = smpp_deliver_next(&it, &now, &tpdu);
		if (rc <= 0)
			break;
		rc = inbound_tx(in, wbuf_written(&tpdu), &f);
	}
	if (rc < 0)
		inbound_status(in, inbound_status_of_errno(rc));
}

/* ---- delivery receipts ---- */

/* A receipt that names no message is of use to nobody; as a text it would be shown to the user. */
static void inbound_receipt_unreadable(struct esme *esme)
{
	esme_count(esme, ESME_CTR_RECEIPT_UNREADABLE);
	if (!esme->receipt_complained)
		LOGPESME(esme, LOGL_ERROR, "receipts without a message id are dropped\n");
	esme->receipt_complained = true;
}

static void inbound_receipt(struct inbound *in, const struct smpp_message *m)
{
	struct esme *esme = in->conn->esme;
	struct tpdu_status_report report = {.tp_ra = smpp_source(m), .tp_scts = inbound_now()};
	struct link_frame f = {.flags = LINK_FLAG_REPORT};
	struct smpp_receipt receipt;
	char id[SMPP_MESSAGE_ID_MAX];
	uint8_t octets[TPDU_MAX];
	struct wbuf tpdu = wbuf_of(octets, sizeof(octets));
	int rc;

	in->is_report = true;
	if (smpp_receipt_decode(m, &receipt) < 0) {
		inbound_receipt_unreadable(esme);
		return;
	}
	esme_count(esme, ESME_CTR_RECEIPT_RX);
	smpp_message_id_normalise(receipt.message_id, id);
	receipt_id_convert(esme->receipt_ids, esme->config.receipt_id, id, &in->receipt);
	f.smsc_id = view_str(in->receipt.id);
	f.smsc_id_2 = view_str(in->receipt.others[0]);
	f.smsc_id_3 = view_str(in->receipt.others[1]);
	report.tp_dt = report.tp_scts;
	report.tp_st = receipt.tp_st;
	if (tpdu_status_report_encode(&tpdu, &report) < 0) {
		report.tp_ra = (struct sms_address){0};
		tpdu_status_report_encode(&tpdu, &report);
	}
	rc = inbound_tx(in, wbuf_written(&tpdu), &f);
	if (rc < 0)
		inbound_status(in, inbound_status_of_errno(rc));
}

/* ---- the beginning ---- */

static struct inbound *inbound_alloc(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	struct inbound *in = talloc_zero(conn, struct inbound);
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
		inbound_timer(conn);
	return in;
}

/* @return why nothing can be taken now, or ESME_ROK */
static uint32_t inbound_refusal(const struct smpp_conn *conn)
{
	const struct connector *c = conn->esme->c;

	if (c->stopping || !c->link->up)
		return ESME_RX_T_APPN;
	if (conn->n_inbound >= ESME_INBOUND_MAX || c->inbound->count >= c->link->peer_window)
		return ESME_RMSGQFUL;
	return ESME_ROK;
}

void inbound_start(struct smpp_conn *conn, const struct smpp_pdu *pdu)
{
	uint32_t refusal = inbound_refusal(conn);
	struct inbound *in = refusal ? NULL : inbound_alloc(conn, pdu);

	if (!in) {
		esme_count(conn->esme, ESME_CTR_DELIVER_REFUSED);
		smpp_conn_tx_resp(conn, pdu->command_id, pdu->sequence_number,
				  refusal ? refusal : ESME_RX_T_APPN);
		return;
	}
	if (smpp_is_receipt(&pdu->message))
		inbound_receipt(in, &pdu->message);
	else
		inbound_text(in, &pdu->message);
	if (in->pending == 0)
		inbound_done(in);
}
