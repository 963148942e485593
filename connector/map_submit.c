/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Role "submit": MO-ForwardSM to the service centre (TS 29.002 12.2, TS 23.204 6.7), which is called by its own
 * address. What has been sent and is not answered is the module's to decide about; when it sends that message
 * again, TP-RD asks the SC to refuse what it has already (TS 23.040 9.2.3.25).
 */

#include "map_smsc.h"

#include <osmocom/core/talloc.h>

#include "../lib/sms/tpdu.h"
#include "clock.h"
#include "map_cause.h"
#include "map_report_id.h"
#include "sm.h"

struct map_submit {
	struct llist_head entry; /* struct map_smsc.sent */
	struct map_call call;
	struct map_smsc *smsc;
	struct sm *sm;
	bool has_validity; /* as it was sent last */
};

/* ---- the end ---- */

static void map_submit_failed(struct map_smsc *smsc, struct sm *sm,
			      const struct sm_failure *failure)
{
	map_smsc_count_failure(smsc, failure->flags);
	sm_failed(sm, failure);
	map_smsc_done(smsc);
}

/* @return the message, which is in no hands any more */
static struct sm *map_submit_free(struct map_submit *m)
{
	struct sm *sm = m->sm;

	map_call_end(m->smsc->smsc.c->map, &m->call);
	llist_del(&m->entry);
	talloc_free(m);
	return sm;
}

void map_submit_release(struct map_smsc *smsc)
{
	static const struct sm_failure unknown = {
		.rp_cause = RP_CAUSE_TEMPORARY_FAILURE,
		.flags = LINK_FLAG_TEMPORARY | LINK_FLAG_UNKNOWN,
		.reason = "no longer waited for an answer",
	};
	struct map_submit *m, *next;

	llist_for_each_entry_safe(m, next, &smsc->sent, entry)
		map_submit_failed(smsc, map_submit_free(m), &unknown);
}

/* ---- out ---- */

/* TP-VP was right when the message was accepted; by now less time is left. */
static void map_submit_validity(const struct sm *sm, struct tpdu_submit *s)
{
	uint64_t waited_s = (clock_us() - sm->start_us) / CLOCK_US_PER_S;

	if (s->tp_vpf != TP_VPF_RELATIVE || !sm->validity_s)
		return;
	s->tp_vp[0] = vp_relative_from_seconds(
		sm->validity_s > waited_s ? (int64_t)(sm->validity_s - waited_s) : 1);
}

static int map_submit_tpdu(const struct sm *sm, bool validity, struct wbuf *w, bool *has_validity)
{
	struct tpdu_submit s;
	int rc = tpdu_submit_decode((struct view){sm->tpdu, sm->tpdu_octets}, &s);

	if (rc < 0)
		return rc;
	s.tp_rd = s.tp_rd || sm->resubmit;
	if (!validity)
		s.tp_vpf = TP_VPF_NONE;
	map_submit_validity(sm, &s);
	*has_validity = s.tp_vpf != TP_VPF_NONE;
	return tpdu_submit_encode(w, &s);
}

/* The SC that was asked for, else that of the settings, else the one that the module names in RP-DA. */
static const struct sms_address *map_submit_sc(const struct map_smsc *smsc, const struct sm *sm)
{
	const struct sms_address *own = &smsc->smsc.sc_address;
	bool other = sm->asked[0] == '+' && strcmp(sm->sc_address.text, own->text) != 0;

	return other || !own->text[0] ? &sm->sc_address : own;
}

static int map_submit_tx(struct map_submit *m, bool validity)
{
	struct map_smsc *smsc = m->smsc;
	struct map_stack *stack = smsc->smsc.c->map;
	const struct sms_address *sc = map_submit_sc(smsc, m->sm);
	bool by_gt = smsc->config.gt.text[0] && sc == &smsc->smsc.sc_address;
	uint8_t octets[TPDU_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	int rc = map_submit_tpdu(m->sm, validity, &w, &m->has_validity);
	struct map_request request = {
		.argument = {.operation = MAP_MO_FORWARD_SM, .version = smsc->config.version_max},
		.called = map_stack_gt(stack, by_gt ? &smsc->config.gt : sc, smsc->config.ssn),
		.calling = map_stack_own(stack, SCCP_SSN_MSC),
	};
	struct map_forward_sm *arg = &request.argument.forward_sm;

	if (rc < 0)
		return -EINVAL;
	arg->sm_rp_da.type = MAP_RP_SERVICE_CENTRE;
	arg->sm_rp_da.address = *sc;
	arg->sm_rp_oa.type = MAP_RP_MSISDN;
	arg->sm_rp_oa.address = m->sm->oa;
	arg->sm_rp_ui = wbuf_written(&w);
	return map_call_invoke(stack, &m->call, &request);
}

/* ---- the answer ---- */

static void map_submit_accepted(struct map_submit *m, const struct map_outcome *outcome)
{
	struct map_smsc *smsc = m->smsc;
	struct sm *sm = map_submit_free(m);
	bool is_result = outcome->end == MAP_END_RESULT;
	struct view report = is_result ? outcome->result->forward_sm.sm_rp_ui : (struct view){0};
	struct map_report_id id;

	map_report_id_of_submit(&sm->oa, (struct view){sm->tpdu, sm->tpdu_octets}, report, &id);
	smsc_count(&smsc->smsc, is_result ? MAP_SMSC_CTR_ACCEPTED : MAP_SMSC_CTR_DUPLICATE);
	sm_accepted(sm, id.id);
	map_smsc_done(smsc);
}

static void map_submit_refused(struct map_submit *m, const struct map_cause *cause,
			       const struct map_outcome *outcome)
{
	struct map_smsc *smsc = m->smsc;
	struct sm_failure failure = {
		.rp_cause = cause->rp_cause,
		.status = outcome->end == MAP_END_ERROR ? (uint32_t)outcome->error->code : 0,
		.reason = cause->reason,
	};

	if (cause->verdict == MAP_CAUSE_TEMPORARY)
		failure.flags = LINK_FLAG_TEMPORARY | (cause->unknown ? LINK_FLAG_UNKNOWN : 0);
	map_submit_failed(smsc, map_submit_free(m), &failure);
}

static void map_submit_outcome(struct map_call *call, const struct map_outcome *outcome)
{
	struct map_submit *m = container_of(call, struct map_submit, call);
	struct map_cause cause = map_cause_of_submit(outcome);

	if (cause.verdict == MAP_CAUSE_ACCEPTED) {
		map_submit_accepted(m, outcome);
		return;
	}
	if (cause.verdict == MAP_CAUSE_AGAIN_WITHOUT_VALIDITY && m->has_validity) {
		map_call_end(m->smsc->smsc.c->map, &m->call);
		if (map_submit_tx(m, false) == 0) {
			smsc_count(&m->smsc->smsc, MAP_SMSC_CTR_WITHOUT_VALIDITY);
			return;
		}
		cause.verdict = MAP_CAUSE_TEMPORARY;
	}
	map_submit_refused(m, &cause, outcome);
}

/* ---- the beginning ---- */

static const struct sm_failure no_sc = {
	.rp_cause = RP_CAUSE_UNASSIGNED,
	.reason = "no address of a service centre (sc-address)",
};

static const struct sm_failure no_number = {
	.rp_cause = RP_CAUSE_UNIDENTIFIED_SUBSCRIBER,
	.reason = "the originator is no number",
};

static const struct sm_failure unfit = {
	.rp_cause = RP_CAUSE_SEMANTIC,
	.reason = "SMS-SUBMIT that does not go into an MO-ForwardSM",
};

static const struct sm_failure not_sent = {
	.rp_cause = RP_CAUSE_NET_OUT_OF_ORDER,
	.flags = LINK_FLAG_TEMPORARY,
	.reason = "not sent by the network",
};

static const struct sm_failure no_room = {
	.rp_cause = RP_CAUSE_RESOURCES,
	.flags = LINK_FLAG_TEMPORARY,
	.reason = "out of dialogues or memory",
};

static const struct sm_failure *map_submit_failure(int rc)
{
	switch (rc) {
	case -EINVAL:
	case -ENOTSUP:
		return &unfit;
	case -ENOBUFS:
	case -ENOMEM:
		return &no_room;
	default:
		return &not_sent;
	}
}

static const struct sm_failure *map_submit_unfit(const struct map_smsc *smsc, const struct sm *sm)
{
	if (!map_submit_sc(smsc, sm)->text[0])
		return &no_sc;
	return sm->oa.ton == SMS_TON_ALPHANUMERIC || !sm->oa.text[0] ? &no_number : NULL;
}

void map_submit(struct map_smsc *smsc, struct sm *sm)
{
	const struct sm_failure *failure = map_submit_unfit(smsc, sm);
	struct map_submit *m = failure ? NULL : talloc_zero(smsc, struct map_submit);
	int rc;

	if (!m) {
		map_submit_failed(smsc, sm, failure ? failure : &no_room);
		return;
	}
	m->smsc = smsc;
	m->sm = sm;
	m->call.outcome = map_submit_outcome;
	llist_add_tail(&m->entry, &smsc->sent);
	rc = map_submit_tx(m, true);
	if (rc < 0)
		map_submit_failed(smsc, map_submit_free(m), map_submit_failure(rc));
}
