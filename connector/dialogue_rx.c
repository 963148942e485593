/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * From data to the dialogue that they are for (Q.774 3.3.3). What comes twice is taken once, what
 * is for no dialogue is answered with a P-Abort if it is TC-CONTINUE and ignored otherwise, and so is
 * what cannot be read, if it says whom to answer.
 */

#include "dialogue.h"

#include "../lib/map/ber.h"
#include "recent.h"

enum { TAG_OTID = 0x48 };

/*
 * ---- a message that the network delivers twice ----
 *
 * Two messages of a peer are never the same: the ids differ. One of TC-CONTINUE that comes again when its dialogue
 * is over must not be answered with a P-Abort, which might overtake the answer.
 */

static bool is_duplicate(struct map_node *node, const struct sccp_message *s)
{
	uint64_t seed = recent_digest(node->seed, view_str(s->calling.digits));
	uint64_t digest =
		recent_digest(seed ^ ((uint64_t)s->calling.ssn << 16 | s->calling.pc), s->data);
	uint64_t now_ms = clock_ms();
	bool seen = recent_has(node->received, digest, now_ms);

	recent_add(node->received, digest, now_ms);
	if (seen)
		map_count(node->ctrs, MAP_CTR_DUPLICATE);
	return seen;
}

/* ---- for a dialogue ---- */

static bool is_stale(const struct dialogue *d, const struct tcap_message *m)
{
	return m->type == TCAP_CONTINUE && d->peer_id.len && !tcap_id_eq(&d->peer_id, &m->otid);
}

static void rx_for_dialogue(struct dialogue *d, const struct sccp_message *s,
			    const struct tcap_message *m)
{
	struct dialogue_rx rx = {.m = m, .calling = &s->calling};
	enum dialogue_event event = m->type == TCAP_CONTINUE ? DIALOGUE_EV_CONTINUE
				    : m->type == TCAP_END    ? DIALOGUE_EV_END
							     : DIALOGUE_EV_ABORT;

	if (is_stale(d, m)) {
		map_count(d->node->ctrs, MAP_CTR_STALE);
		return;
	}
	osmo_fsm_inst_dispatch(d->fi, event, &rx);
}

static void rx_for_nobody(struct map_node *node, const struct sccp_message *s,
			  const struct tcap_message *m)
{
	map_count(node->ctrs, MAP_CTR_STALE);
	if (m->type == TCAP_CONTINUE)
		dialogue_tx_refuse(node, s, &m->otid, NULL, TCAP_P_ABORT_UNRECOGNIZED_ID);
}

/* ---- who is not wanted: no room is given to a dialogue ---- */

/* No version of ours would be more welcome: nothing in the answer says that another one should be tried. */
static void refuse_stranger(struct map_node *node, const struct sccp_message *s,
			    const struct tcap_message *m)
{
	struct tcap_dialogue aare = {
		.apdu = TCAP_AARE,
		.ac = m->dialogue.ac,
		.other_ac_name = m->dialogue.other_ac_name,
		.result = TCAP_RESULT_REJECT_PERMANENT,
		.diagnostic_source = TCAP_DIAGNOSTIC_USER,
		.diagnostic = TCAP_DIAGNOSTIC_NO_REASON,
	};

	map_count(node->ctrs, MAP_CTR_STRANGER);
	dialogue_tx_refuse(node, s, &m->otid, m->dialogue.apdu == TCAP_AARQ ? &aare : NULL,
			   TCAP_P_ABORT_RESOURCE_LIMITATION);
}

static void rx_begin(struct map_node *node, const struct sccp_message *s,
		     const struct tcap_message *m)
{
	map_count(node->ctrs, MAP_CTR_BEGIN_RX);
	if (node->ops.admits && !node->ops.admits(node->data, &s->calling))
		refuse_stranger(node, s, m);
	else
		dialogue_perform_begin(node, s, m);
}

/* ---- what cannot be read ---- */

static void rx_bad(struct map_node *node, const struct sccp_message *s,
		   const struct tcap_message *m, int err)
{
	struct dialogue_rx rx = {.m = m, .calling = &s->calling, .cause = tcap_p_abort_of(err)};
	struct dialogue *d = dialogue_by_id(node, &m->dtid);

	map_count(node->ctrs, MAP_CTR_TCAP_BAD);
	LOGP(DMAP, LOGL_NOTICE, "TCAP message of %zu octets from %s cannot be read: %s\n",
	     s->data.len, s->calling.digits, tcap_p_abort_name(rx.cause));
	if (m->otid.len && m->type != TCAP_END && m->type != TCAP_ABORT)
		dialogue_tx_refuse(node, s, &m->otid, NULL, (enum tcap_p_abort)rx.cause);
	if (d && m->type != TCAP_BEGIN)
		osmo_fsm_inst_dispatch(d->fi, DIALOGUE_EV_BAD, &rx);
}

void dialogue_rx(struct map_node *node, const struct sccp_message *s)
{
	struct tcap_message m;
	int err = tcap_decode(s->data, &m);
	struct dialogue *d;

	if (err) {
		rx_bad(node, s, &m, err);
		return;
	}
	if ((m.type == TCAP_BEGIN || m.type == TCAP_CONTINUE) && is_duplicate(node, s))
		return;
	if (m.type == TCAP_BEGIN) {
		rx_begin(node, s, &m);
		return;
	}
	d = dialogue_by_id(node, &m.dtid);
	if (d)
		rx_for_dialogue(d, s, &m);
	else
		rx_for_nobody(node, s, &m);
}

/* ---- what SCCP returns ---- */

/* The id that a message of ours began with; the rest may have been cut off, or be in other segments. */
static struct tcap_id returned_id(struct view data)
{
	struct rbuf r = rbuf_of(data);
	uint8_t type = rbuf_u8(&r), length = rbuf_u8(&r);
	struct tcap_id id = {0};
	struct ber_element otid;

	if (length & 0x80)
		rbuf_view(&r, length & 0x7f);
	if ((type != TCAP_BEGIN && type != TCAP_CONTINUE) || !ber_next(&r, &otid) ||
	    otid.tag != TAG_OTID || otid.value.len != sizeof(uint32_t))
		return id;
	id.len = sizeof(uint32_t);
	memcpy(id.octets, otid.value.p, sizeof(uint32_t));
	return id;
}

void dialogue_rx_returned(struct map_node *node, const struct sccp_message *s)
{
	struct dialogue_rx rx = {.calling = &s->calling, .cause = s->return_cause};
	struct tcap_id id = returned_id(s->data);
	struct dialogue *d = dialogue_by_id(node, &id);

	map_count(node->ctrs, MAP_CTR_SCCP_RETURNED_RX);
	LOGP(DMAP, LOGL_NOTICE, "message to %s returned by SCCP: %s\n", s->calling.digits,
	     sccp_return_cause_name(s->return_cause));
	if (d)
		osmo_fsm_inst_dispatch(d->fi, DIALOGUE_EV_RETURNED, &rx);
}
