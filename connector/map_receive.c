/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * MT-ForwardSM from the peer to the module and back. Success is the module's ACK, which stands for a commit.
 *
 * A peer that goes away while A is asked loses nothing: A's answer is heard nevertheless, and if A has taken it, the
 * same TPDU is acknowledged when the SC repeats it. Repeats before that are the module's, which knows them by their
 * text and takes an equal text in the same session for another message; so what has the same text and another
 * TP-SCTS gets the session of the one that is in hand.
 */

#include "map_receive_int.h"

#include <inttypes.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "../lib/sms/tpdu.h"
#include "../lib/sms/udh.h"
#include "log.h"
#include "map_report_id.h"
#include "map_smsc.h"
#include "recent.h"

enum {
	OWED_MAX = 16384,
	OWED_MS = 30 * 60 * 1000,
	GUARD_AFTER_S = 30, /* behind the node's own timer: the module has not answered */
	TP_MMS = 0x04,
};

/* ---- life ---- */

static struct map_receive *receive_of(struct map_stack *stack)
{
	struct map_receive *receive = stack->receive;

	if (receive)
		return receive;
	receive = talloc_zero(stack, struct map_receive);
	if (!receive)
		return NULL;
	receive->stack = stack;
	INIT_LLIST_HEAD(&receive->all);
	INIT_LLIST_HEAD(&receive->more);
	INIT_LLIST_HEAD(&receive->reports);
	hash_init(receive->by_number);
	hash_init(receive->more_by_handle);
	receive->owed = recent_alloc(receive, OWED_MAX, OWED_MS);
	if (!receive->owed) {
		talloc_free(receive);
		return NULL;
	}
	stack->receive = receive;
	return receive;
}

static void mt_free(struct map_mt *mt)
{
	osmo_timer_del(&mt->timer);
	inbound_cancel(mt->stack->c, &mt->wait);
	map_call_end(mt->stack, &mt->call);
	hash_del(&mt->by_number);
	llist_del(&mt->entry);
	mt->receive->count--;
	talloc_free(mt);
}

void map_receive_free(struct map_stack *stack)
{
	struct map_receive *receive = stack->receive;
	struct map_mt *mt, *next;

	if (!receive)
		return;
	llist_for_each_entry_safe(mt, next, &receive->all, entry) mt_free(mt);
	map_more_free_all(receive);
	map_status_free_all(receive);
	talloc_free(receive);
	stack->receive = NULL;
}

void map_receive_begin(struct map_stack *stack)
{
	if (stack->receive)
		map_more_free_all(stack->receive);
}

unsigned map_receive_count(const struct map_stack *stack)
{
	return stack->receive ? stack->receive->count : 0;
}

bool map_receive_user(struct map_stack *stack, const char *number)
{
	struct map_receive *receive = stack->receive;
	struct map_mt *mt;

	if (!receive)
		return false;
	hash_for_each_possible(receive->by_number, mt, by_number,
			       recent_digest(0, view_str(number)))
	{
		if (strcmp(mt->number, number) == 0)
			mt->is_back = true;
	}
	return map_status_user(receive, number);
}

/* ---- the end ---- */

static void mt_log(const struct map_mt *mt, const char *result, const char *by, const char *error)
{
	char sc[SMS_ADDRESS_TEXT_MAX + 1];

	sms_address_print(&mt->sc_address, sc);
	LOGP(DSM, LOGL_INFO,
	     "sm ref=%" PRIu64 " da=%s smsc=%s sc=%s result=%s by=%s status=%s delay=%" PRIu64
	     "ms%s\n",
	     mt->served.handle, mt->number, mt->smsc, sc, result, by, error,
	     clock_ms() - mt->begun_ms, mt->is_unheard ? " peer=gone" : "");
}

void map_mt_accept(struct map_mt *mt, struct view report, const char *by)
{
	struct map_result result = {.operation = MAP_MT_FORWARD_SM, .forward_sm.sm_rp_ui = report};

	mt_log(mt, mt->is_report ? "report" : "received", by, "none");
	map_home_count(mt->stack, MAP_HOME_CTR_SM_ACCEPTED);
	if (mt->is_unheard)
		recent_add(mt->receive->owed, mt->key, clock_ms());
	map_served_result(mt->stack, &mt->served, &result);
	mt_free(mt);
}

void map_mt_refuse(struct map_mt *mt, const struct map_error *error, const char *by)
{
	struct map_error e = map_home_error(error, mt->version);

	mt_log(mt, "refused", by, map_error_name(e.code));
	map_home_count(mt->stack, MAP_HOME_CTR_SM_REFUSED);
	map_served_error(mt->stack, &mt->served, &e);
	mt_free(mt);
}

static void mt_ended(struct map_served *served, const struct map_outcome *why)
{
	struct map_mt *mt = container_of(served, struct map_mt, served);

	LOGP(DMAP, LOGL_NOTICE, "MT-ForwardSM for %s: the peer is gone before the answer (%s)\n",
	     mt->number, map_end_name(why->end));
	map_home_count(mt->stack, MAP_HOME_CTR_SM_UNHEARD);
	mt->is_unheard = true;
}

static void mt_guard(void *data)
{
	struct map_mt *mt = data;
	struct map_error error = {.code = MAP_ERROR_SYSTEM_FAILURE};

	LOGP(DMAP, LOGL_ERROR, "MT-ForwardSM for %s: no answer from within\n", mt->number);
	map_mt_refuse(mt, &error, "guard");
}

/* ---- the module's answer ---- */

/*
 * Content that A's client cannot take is no reason to keep it from his phone: messages for the card (TP-PID 7F) come
 * this way, too. Parts that the module holds are acknowledged already, so the last one alone would be of no use there.
 */
static bool mt_may_relay(const struct map_mt *mt, const struct inbound_answer *answer)
{
	if (mt->is_unheard || mt->is_report || mt->is_part || mt->is_for_ims_only ||
	    !map_relay_possible(mt))
		return false;
	return mt->refusal.other_domain ||
	       (!answer->sip_status && answer->rp_cause == RP_CAUSE_PROTOCOL);
}

/* A status report that matches nothing may be about a message that A's phone has sent. */
static void mt_accepted(struct map_mt *mt, const struct inbound_answer *answer)
{
	bool is_unmatched = mt->is_report && answer->sip_status;

	if (is_unmatched && !mt->is_unheard && map_relay_possible(mt)) {
		mt->refusal.error.code = MAP_ERROR_SYSTEM_FAILURE;
		map_relay(mt);
		return;
	}
	if (!mt->is_report)
		map_home_back(mt->stack, mt->number);
	map_mt_accept(mt, (struct view){0}, "ims");
}

static void mt_answered(struct inbound_wait *wait, const struct inbound_answer *answer)
{
	struct map_mt *mt = container_of(wait, struct map_mt, wait);
	struct map_error lost = {.code = MAP_ERROR_SYSTEM_FAILURE};

	if (!answer->rp_cause) {
		mt_accepted(mt, answer);
		return;
	}
	if (answer->lost) {
		map_mt_refuse(mt, &lost, "link");
		return;
	}
	mt->refusal = map_cause_of_refusal(answer->rp_cause, answer->sip_status, 3);
	if (mt_may_relay(mt, answer)) {
		map_relay(mt);
		return;
	}
	if (!mt->is_unheard && !mt->is_report)
		map_status_report(mt);
	map_mt_refuse(mt, &mt->refusal.error, "ims");
}

/* ---- to the module ---- */

static uint32_t mt_session(const struct map_mt *mt)
{
	const struct map_mt *other;
	uint32_t session = 0;

	hash_for_each_possible(mt->receive->by_number, other, by_number,
			       recent_digest(0, view_str(mt->number)))
	{
		if (other == mt || strcmp(other->number, mt->number))
			continue;
		if (other->key == mt->key)
			return ++mt->receive->last_session;
		session = other->session;
	}
	return session ? session : ++mt->receive->last_session;
}

static int mt_ask(struct map_mt *mt)
{
	const struct smsc *smsc = map_smsc_by_address(mt->stack->c, &mt->sc_address);
	struct link_frame f = {.da = view_str(mt->number)};
	struct map_report_id id;

	mt->session = mt_session(mt);
	if (smsc)
		strcpy(mt->smsc, smsc->name);
	f.session = mt->session;
	f.smsc = view_str(mt->smsc);
	if (mt->is_report && map_report_id_of_report(&mt->msisdn, map_mt_tpdu(mt), &id) == 0) {
		f.flags = LINK_FLAG_REPORT;
		f.smsc_id = view_str(id.id);
		f.smsc_id_2 = view_str(id.without_scts);
	}
	mt->wait.answered = mt_answered;
	return inbound_tx(mt->stack->c, &mt->wait, &mt->sc_address, map_mt_tpdu(mt), &f);
}

/* ---- the beginning ---- */

/* @return 0, or the code of the error: that is no TPDU for a mobile */
static int32_t mt_take_tpdu(struct map_mt *mt, struct view tpdu)
{
	struct tpdu_status_report report;
	struct tpdu_deliver deliver;
	struct udh udh = {0};

	if (tpdu.len > sizeof(mt->tpdu))
		return MAP_ERROR_UNEXPECTED_DATA_VALUE;
	memcpy(mt->tpdu, tpdu.p, tpdu.len);
	mt->octets = tpdu.len;
	mt->is_report = tpdu_mti(tpdu) == TP_MTI_STATUS_REPORT;
	if (mt->is_report)
		return tpdu_status_report_decode(tpdu, &report) ? MAP_ERROR_UNEXPECTED_DATA_VALUE
								: 0;
	if (tpdu_mti(tpdu) != TP_MTI_DELIVER || tpdu_deliver_decode(tpdu, &deliver))
		return MAP_ERROR_UNEXPECTED_DATA_VALUE;
	mt->is_part =
		deliver.u.tp_udhi && udh_decode(deliver.u.tp_ud, &udh) == 0 && udh.concat.total > 1;
	return 0;
}

/* What says whether a message is one that came before: TP-MMS is another matter. */
static uint64_t mt_key(const struct map_mt *mt)
{
	uint8_t first = mt->octets ? mt->tpdu[0] & (uint8_t)~TP_MMS : 0;
	uint64_t key = recent_digest(first, view_str(mt->number));

	key = recent_digest(key, view_str(mt->sc_address.text));
	return recent_digest(key, mt->octets ? (struct view){mt->tpdu + 1, mt->octets - 1}
					     : (struct view){0});
}

/* @return 0 or the code of the error */
static int32_t mt_take(struct map_mt *mt, uint64_t handle, const struct map_indication *i)
{
	const struct correlation *c;
	char imsi[MAP_IMSI_SIZE];
	int32_t code;

	if (!map_more_resolve(mt->receive, handle, i, imsi, &mt->sc_address))
		return MAP_ERROR_UNIDENTIFIED_SUBSCRIBER;
	c = map_home_recipient(mt->stack, imsi, &code);
	if (!c) {
		LOGP(DMAP, LOGL_NOTICE, "MT-ForwardSM from %s for an unknown id %s: %s\n",
		     i->peer->digits, imsi, map_error_name(code));
		return code;
	}
	mt->msisdn = c->msisdn;
	mt->routing = c->routing;
	mt->is_for_ims_only = i->argument->forward_sm.sms_over_ip_only_indicator;
	sms_address_print(&mt->msisdn, mt->number);
	code = mt_take_tpdu(mt, i->argument->forward_sm.sm_rp_ui);
	if (code)
		LOGP(DMAP, LOGL_NOTICE, "MT-ForwardSM from %s for %s: the TPDU cannot be read\n",
		     i->peer->digits, mt->number);
	mt->key = mt_key(mt);
	return code;
}

static struct map_mt *mt_alloc(struct map_receive *receive, const struct map_indication *i)
{
	struct map_mt *mt = talloc_zero(receive, struct map_mt);

	if (!mt)
		return NULL;
	mt->receive = receive;
	mt->stack = receive->stack;
	mt->begun_ms = clock_ms();
	mt->version = i->argument->version;
	mt->served.ended = mt_ended;
	strcpy(mt->smsc, "map"); /* unless there is one */
	INIT_HLIST_NODE(&mt->by_number);
	osmo_timer_setup(&mt->timer, mt_guard, mt);
	llist_add_tail(&mt->entry, &receive->all);
	receive->count++;
	return mt;
}

static void mt_start(struct map_mt *mt)
{
	struct map_error error = {.code = MAP_ERROR_SYSTEM_FAILURE};
	int rc;

	hash_add(mt->receive->by_number, &mt->by_number, recent_digest(0, view_str(mt->number)));
	osmo_timer_schedule(&mt->timer, (int)(mt->stack->config.node.long_s + GUARD_AFTER_S), 0);
	map_home_count(mt->stack, mt->is_report ? MAP_HOME_CTR_REPORT_RX : MAP_HOME_CTR_SM_RX);
	if (recent_has(mt->receive->owed, mt->key, clock_ms())) {
		map_home_count(mt->stack, MAP_HOME_CTR_SM_REPEATED);
		map_mt_accept(mt, (struct view){0}, "memory");
		return;
	}
	rc = mt_ask(mt);
	if (rc == -EINVAL)
		error.code = MAP_ERROR_UNEXPECTED_DATA_VALUE;
	if (rc < 0)
		map_mt_refuse(mt, &error, "link");
}

void map_receive_sm(struct map_stack *stack, uint64_t handle, const struct map_indication *i)
{
	struct map_receive *receive = receive_of(stack);
	struct map_mt *mt = receive ? mt_alloc(receive, i) : NULL;
	int32_t code = MAP_ERROR_SYSTEM_FAILURE;

	if (!mt) {
		map_stack_error(stack, handle, code);
		return;
	}
	if (inbound_refusal(stack->c) == 0)
		code = mt_take(mt, handle, i);
	map_served_add(stack, &mt->served, handle);
	if (code)
		map_mt_refuse(mt, &(struct map_error){.code = code}, "check");
	else
		mt_start(mt);
}
