/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Messages of a dialogue (Q.774 3, TS 29.002 7.3): ids, dialogue portion and waiting replies are put to the
 * component that is to go. AARQ goes with TC-BEGIN, AARE with our first answer to one; version 1 has neither.
 */

#include "dialogue.h"

static struct tcap_id id_of(const struct dialogue *d)
{
	struct tcap_id id = {.len = sizeof(uint32_t)};
	struct wbuf w = wbuf_of(id.octets, sizeof(id.octets));

	wbuf_u32(&w, d->id);
	return id;
}

/* ---- what stands beside the component ---- */

static void put_ids(struct dialogue *d, struct tcap_message *m)
{
	if (m->type == TCAP_BEGIN || m->type == TCAP_CONTINUE)
		m->otid = id_of(d);
	if (m->type != TCAP_BEGIN)
		m->dtid = d->peer_id;
}

static void put_open(const struct dialogue *d, struct map_dialogue *open)
{
	open->destination_reference =
		(struct view){d->destination_reference, d->destination_reference_octets};
	open->origination_reference =
		(struct view){d->origination_reference, d->origination_reference_octets};
	if (open->destination_reference.len || open->origination_reference.len)
		open->pdu = MAP_OPEN;
}

static void put_dialogue(const struct dialogue *d, struct tcap_message *m)
{
	if (d->version < 2 || m->dialogue.apdu || m->type == TCAP_ABORT)
		return;
	if (m->type != TCAP_BEGIN && !d->aare_due)
		return;
	m->dialogue.ac = d->ac;
	if (m->type == TCAP_BEGIN) {
		m->dialogue.apdu = TCAP_AARQ;
		put_open(d, &m->dialogue.map);
		return;
	}
	m->dialogue.apdu = TCAP_AARE;
	m->dialogue.result = TCAP_RESULT_ACCEPTED;
	m->dialogue.diagnostic_source = TCAP_DIAGNOSTIC_USER;
}

static void put_components(struct dialogue *d, struct tcap_message *m,
			   const struct tcap_component *c)
{
	if (m->type == TCAP_ABORT)
		return;
	for (size_t i = 0; i < d->reply_count; i++)
		m->components[m->component_count++] = d->replies[i];
	if (c)
		m->components[m->component_count++] = *c;
}

static int encode(struct dialogue *d, struct tcap_message *m, const struct tcap_component *c,
		  struct wbuf *w)
{
	put_ids(d, m);
	put_dialogue(d, m);
	put_components(d, m, c);
	return tcap_encode(w, m) ? -EINVAL : 0;
}

static int dialogue_tx(struct dialogue *d, struct tcap_message *m, const struct tcap_component *c)
{
	uint8_t octets[TCAP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	int rc = encode(d, m, c, &w);

	if (rc)
		return rc;
	d->reply_count = 0;
	d->aare_due = false;
	return map_sccp_tx(d->node, &d->remote, &d->local, wbuf_written(&w));
}

/* ---- messages ---- */

bool dialogue_begin_fits(struct dialogue *d, const struct tcap_component *c)
{
	uint8_t octets[TCAP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct tcap_message m = {.type = TCAP_BEGIN};

	return encode(d, &m, c, &w) ||
	       map_sccp_fits(d->node, &d->remote, &d->local, wbuf_written(&w));
}

int dialogue_tx_begin(struct dialogue *d, const struct tcap_component *c)
{
	struct tcap_message m = {.type = TCAP_BEGIN};

	map_count(d->node->ctrs, c ? MAP_CTR_BEGIN_TX : MAP_CTR_BEGIN_EMPTY_TX);
	return dialogue_tx(d, &m, c);
}

int dialogue_tx_continue(struct dialogue *d, const struct tcap_component *c)
{
	struct tcap_message m = {.type = TCAP_CONTINUE};

	return dialogue_tx(d, &m, c);
}

int dialogue_tx_end(struct dialogue *d, const struct tcap_component *c)
{
	struct tcap_message m = {.type = TCAP_END};

	return dialogue_tx(d, &m, c);
}

void dialogue_tx_abort(struct dialogue *d, enum map_user_abort_reason reason)
{
	struct tcap_message m = {.type = TCAP_ABORT};

	if (!d->peer_id.len)
		return;
	if (d->version > 1) {
		m.dialogue.apdu = TCAP_ABRT;
		m.dialogue.abort_source = TCAP_ABORT_BY_USER;
		m.dialogue.map = (struct map_dialogue){.pdu = MAP_USER_ABORT, .reason = reason};
	}
	map_count(d->node->ctrs, MAP_CTR_ABORT_TX);
	dialogue_tx(d, &m, NULL);
}

/* ---- outside of a dialogue ---- */

struct sccp_address dialogue_own_address(const struct map_node *node,
					 const struct sccp_address *called)
{
	struct sccp_address own = node->config.own;

	if (called->gti != SCCP_GTI_NONE || own.gti == SCCP_GTI_NONE)
		return *called;
	if (called->has_ssn) {
		own.has_ssn = true;
		own.ssn = called->ssn;
	}
	return own;
}

void dialogue_tx_refuse(struct map_node *node, const struct sccp_message *begin,
			const struct tcap_id *id, const struct tcap_dialogue *aare,
			enum tcap_p_abort cause)
{
	struct sccp_address own = dialogue_own_address(node, &begin->called);
	struct tcap_message m = {.type = TCAP_ABORT, .dtid = *id};
	uint8_t octets[256];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if (aare) {
		m.dialogue = *aare;
	} else {
		m.has_p_abort = true;
		m.p_abort = (uint8_t)cause;
	}
	if (tcap_encode(&w, &m))
		return;
	map_count(node->ctrs, aare ? MAP_CTR_REFUSED_TX : MAP_CTR_ABORT_TX);
	map_sccp_tx(node, &begin->calling, &own, wbuf_written(&w));
}

/* ---- replies ---- */

void dialogue_reply(struct dialogue *d, const struct tcap_component *reply)
{
	if (d->reply_count == DIALOGUE_REPLIES_MAX) {
		map_count(d->node->ctrs, MAP_CTR_REPLY_DROPPED);
		return;
	}
	d->replies[d->reply_count++] = *reply;
}

void dialogue_reject(struct dialogue *d, const struct tcap_component *c,
		     enum tcap_problem_type problem_type, enum tcap_problem problem)
{
	struct tcap_component reject = {
		.type = TCAP_REJECT,
		.has_invoke_id = c->has_invoke_id,
		.invoke_id = c->invoke_id,
		.problem_type = (uint8_t)problem_type,
		.problem = (uint8_t)problem,
	};

	map_count(d->node->ctrs, MAP_CTR_REJECT_TX);
	dialogue_reply(d, &reject);
}
