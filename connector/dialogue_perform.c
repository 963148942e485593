/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The side that performs. A TC-BEGIN is refused if its application context is not served, or not in
 * that version; without component it is accepted and waits for the invoke; with one the user is asked.
 * One operation at a time: others in the same message are rejected.
 *
 * Bound: performing_max dialogues. A new one takes the place of the one that has waited longest for its
 * peer; only if there is none of those, of the one that has waited longest for our user, whose peer is the
 * first to give up anyway. Both are aborted with resourceLimitation.
 */

#include "dialogue.h"

enum { VERSION_MAX = 3, EVICTION_LOG_MS = 10000 };

/* ---- the end of a dialogue ---- */

void dialogue_ended(struct dialogue *d, const struct map_outcome *why)
{
	struct map_node *node = d->node;
	struct map_outcome o = *why;
	uint64_t handle = d->handle;
	bool due = d->fi->state == DIALOGUE_ST_SERVE || d->fi->state == DIALOGUE_ST_MORE;

	o.operation = d->operation;
	o.version = d->version;
	if (d->fi->state == DIALOGUE_ST_SERVE)
		map_count_operation(node->ctrs, d->operation, MAP_OPERATION_CTR_LOST);
	dialogue_free(d);
	if (due)
		node->ops.ended(node->data, handle, &o);
}

void dialogue_evict(struct map_node *node)
{
	struct dialogue_table *t = &node->dialogues;
	struct llist_head *from = llist_empty(&t->idle) ? &t->serving : &t->idle;
	struct dialogue *d = llist_first_entry_or_null(from, struct dialogue, entry);
	struct map_outcome why = {.end = MAP_END_EVICTED};
	uint64_t now_ms = clock_ms();

	if (!d)
		return;
	map_count(node->ctrs, MAP_CTR_EVICTED);
	if (now_ms - node->eviction_logged_ms >= EVICTION_LOG_MS) {
		node->eviction_logged_ms = now_ms;
		LOGPDIALOGUE(d, LOGL_NOTICE, "aborted: %u dialogues of peers are too many\n",
			     t->performing_count);
	}
	dialogue_tx_abort(d, MAP_USER_ABORT_RESOURCE_LIMITATION);
	dialogue_ended(d, &why);
}

/* ---- application contexts ---- */

static bool serves(const struct map_node *node, enum map_operation operation)
{
	return operation >= MAP_MT_FORWARD_SM && operation <= MAP_READY_FOR_SM &&
	       node->config.served & MAP_NODE_SERVES(operation);
}

static bool serves_context(const struct map_node *node, uint8_t context, uint8_t version)
{
	struct map_ac ac;
	int32_t code;

	for (int op = MAP_MT_FORWARD_SM; op <= MAP_READY_FOR_SM; op++)
		if (serves(node, (enum map_operation)op) &&
		    !map_operation_coding((enum map_operation)op, version, &ac, &code) &&
		    ac.context == context)
			return true;
	return false;
}

static uint8_t context_version(const struct map_node *node, uint8_t context)
{
	uint8_t version = node->config.version_max;

	while (version > 1 && !serves_context(node, context, version))
		version--;
	return version > 1 ? version : 0;
}

/* @return true if the dialogue may begin; else the peer has been told */
static bool accept_context(struct map_node *node, const struct sccp_message *s,
			   const struct tcap_message *m)
{
	const struct tcap_dialogue *aarq = &m->dialogue;
	uint8_t highest = context_version(node, aarq->ac.context);
	struct tcap_dialogue aare = {
		.apdu = TCAP_AARE,
		.ac = aarq->ac,
		.other_ac_name = aarq->other_ac_name,
		.result = TCAP_RESULT_REJECT_PERMANENT,
		.diagnostic_source = TCAP_DIAGNOSTIC_USER,
		.diagnostic = TCAP_DIAGNOSTIC_AC_NOT_SUPPORTED,
	};

	/* version 1 knows no dialogue portion, and nothing but components */
	if (aarq->apdu != TCAP_AARQ ? !m->component_count : node->config.version_max < 2) {
		dialogue_tx_refuse(node, s, &m->otid, NULL, TCAP_P_ABORT_INCORRECT);
		return false;
	}
	if (aarq->apdu != TCAP_AARQ || (aarq->ac.version > 1 && aarq->ac.version <= highest &&
					serves_context(node, aarq->ac.context, aarq->ac.version)))
		return true;
	if (highest)
		aare.ac.version = highest;
	dialogue_tx_refuse(node, s, &m->otid, &aare, TCAP_P_ABORT_INCORRECT);
	return false;
}

/* ---- components ---- */

static void reply_error(struct dialogue *d, const struct tcap_component *c,
			enum map_error_code code)
{
	struct tcap_component error = {.type = TCAP_ERROR,
				       .has_invoke_id = true,
				       .invoke_id = c->invoke_id,
				       .has_code = true,
				       .code = code};

	map_count_error(d->node->ctrs, code, true);
	map_count_operation(d->node->ctrs, d->operation, MAP_OPERATION_CTR_REFUSED);
	dialogue_reply(d, &error);
}

/* @return true if it is to be performed */
static bool take_invoke(struct dialogue *d, const struct tcap_component *c, struct map_argument *a)
{
	enum map_operation operation = map_operation_of(d->ac, c->has_code ? c->code : -1);
	int err;

	*a = (struct map_argument){.operation = operation, .version = d->version};
	err = map_argument_decode(c->parameter, a);
	if (err == -ENOTSUP || !serves(d->node, a->operation)) {
		dialogue_reject(d, c, TCAP_PROBLEM_INVOKE, TCAP_INVOKE_UNRECOGNIZED_OPERATION);
		return false;
	}
	d->operation = a->operation;
	map_count_operation(d->node->ctrs, d->operation, MAP_OPERATION_CTR_RX);
	if (err == -ENODATA)
		reply_error(d, c, MAP_ERROR_DATA_MISSING);
	else if (err == -ERANGE)
		reply_error(d, c, MAP_ERROR_UNEXPECTED_DATA_VALUE);
	else if (err)
		dialogue_reject(d, c, TCAP_PROBLEM_INVOKE, TCAP_INVOKE_MISTYPED_PARAMETER);
	d->invoke_id = c->invoke_id;
	d->more = d->version > 1 && a->operation == MAP_MT_FORWARD_SM &&
		  a->forward_sm.more_messages_to_send;
	return !err;
}

static void refuse_second(struct dialogue *d, const struct tcap_component *c)
{
	dialogue_reject(d, c, TCAP_PROBLEM_INVOKE,
			c->invoke_id == d->invoke_id ? TCAP_INVOKE_DUPLICATE_ID
						     : TCAP_INVOKE_RESOURCE_LIMITATION);
}

/* @return true if one of them is an operation to perform; all else is rejected */
static bool take_components(struct dialogue *d, const struct tcap_message *m,
			    struct map_argument *a)
{
	bool found = false;

	for (size_t i = 0; i < m->component_count; i++) {
		const struct tcap_component *c = &m->components[i];

		if (c->type == TCAP_INVOKE && (found || d->fi->state == DIALOGUE_ST_SERVE))
			refuse_second(d, c);
		else if (c->type == TCAP_INVOKE)
			found = take_invoke(d, c, a);
		else if (c->type == TCAP_MALFORMED)
			dialogue_reject(d, c, (enum tcap_problem_type)c->problem_type,
					(enum tcap_problem)c->problem);
		else if (c->type == TCAP_ERROR)
			dialogue_reject(d, c, TCAP_PROBLEM_ERROR, TCAP_ERROR_UNRECOGNIZED_ID);
		else if (c->type != TCAP_REJECT)
			dialogue_reject(d, c, TCAP_PROBLEM_RESULT, TCAP_RESULT_UNRECOGNIZED_ID);
	}
	return found;
}

static void indicate(struct dialogue *d, const struct map_argument *a)
{
	struct map_node *node = d->node;
	struct sccp_address peer = d->remote, called = d->local;
	struct map_indication i = {
		.argument = a, .peer = &peer, .called = &called, .more = d->more};

	dialogue_enter(d, DIALOGUE_ST_SERVE);
	node->ops.indication(node->data, d->handle, &i);
}

/* ---- what the peer sends ---- */

/* Components that are all refused end the dialogue: nothing is left to be done in it. */
static void rx_components(struct dialogue *d, const struct tcap_message *m)
{
	struct map_argument a;

	if (take_components(d, m, &a)) {
		indicate(d, &a);
		return;
	}
	dialogue_tx_end(d, NULL);
	dialogue_free(d);
}

static struct dialogue *dialogue_of_begin(struct map_node *node, const struct sccp_message *s,
					  const struct tcap_message *m)
{
	struct dialogue *d = dialogue_alloc(node, true);

	if (!d)
		return NULL;
	d->remote = s->calling;
	d->local = dialogue_own_address(node, &s->called);
	d->peer_id = m->otid;
	d->aare_due = m->dialogue.apdu == TCAP_AARQ;
	d->ac = d->aare_due ? m->dialogue.ac : (struct map_ac){.version = 1};
	d->version = d->ac.version;
	return d;
}

void dialogue_perform_begin(struct map_node *node, const struct sccp_message *s,
			    const struct tcap_message *m)
{
	struct dialogue *d;

	if (!accept_context(node, s, m))
		return;
	if (node->dialogues.performing_count >= node->config.performing_max)
		dialogue_evict(node);
	d = dialogue_of_begin(node, s, m);
	if (!d) {
		dialogue_tx_refuse(node, s, &m->otid, NULL, TCAP_P_ABORT_RESOURCE_LIMITATION);
		return;
	}
	if (m->component_count) {
		rx_components(d, m);
		return;
	}
	dialogue_enter(d, DIALOGUE_ST_IDLE);
	if (dialogue_tx_continue(d, NULL))
		dialogue_free(d);
}

static void rx_end(struct dialogue *d, uint32_t event, const struct dialogue_rx *rx)
{
	struct map_outcome why = {.cause = rx->cause};

	if (event == DIALOGUE_EV_ABORT) {
		why = dialogue_abort_outcome(rx->m);
		map_count(d->node->ctrs,
			  rx->m->has_p_abort ? MAP_CTR_P_ABORT_RX : MAP_CTR_U_ABORT_RX);
	} else {
		why.end = event == DIALOGUE_EV_END   ? MAP_END_CLOSED
			  : event == DIALOGUE_EV_BAD ? MAP_END_P_ABORT
						     : MAP_END_RETURNED;
	}
	dialogue_ended(d, &why);
}

void dialogue_serve_action(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct dialogue *d = fi->priv;
	const struct dialogue_rx *rx = data;
	struct map_argument a;

	if (event == DIALOGUE_EV_CONTINUE)
		take_components(d, rx->m, &a);
	else
		rx_end(d, event, rx);
}

void dialogue_idle_action(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct dialogue *d = fi->priv;
	const struct dialogue_rx *rx = data;

	if (event != DIALOGUE_EV_CONTINUE)
		rx_end(d, event, rx);
	else if (rx->m->component_count)
		rx_components(d, rx->m);
}

/* ---- what the user answers ---- */

static struct dialogue *dialogue_to_answer(struct map_node *node, uint64_t handle)
{
	struct dialogue *d = dialogue_by_handle(node, handle);

	return d && d->performing && d->fi->state == DIALOGUE_ST_SERVE ? d : NULL;
}

static int answer(struct dialogue *d, const struct tcap_component *c, bool stays)
{
	int rc;

	if (!dialogue_wants_answer(d)) {
		dialogue_free(d);
		return 0;
	}
	rc = stays ? dialogue_tx_continue(d, c) : dialogue_tx_end(d, c);
	if (rc || !stays) {
		dialogue_free(d);
		return rc ? -EIO : 0;
	}
	dialogue_enter(d, DIALOGUE_ST_IDLE);
	return 0;
}

int map_node_answer(struct map_node *node, uint64_t handle, const struct map_result *result)
{
	struct dialogue *d = dialogue_to_answer(node, handle);
	uint8_t octets[MAP_PARAMETER_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct map_result res = *result;
	struct tcap_component c = {.type = TCAP_RESULT_LAST, .has_invoke_id = true};
	struct map_ac ac;

	if (!d)
		return -ENOENT;
	res.operation = d->operation;
	res.version = d->version;
	if (map_result_encode(&w, &res) ||
	    map_operation_coding(d->operation, d->version, &ac, &c.code))
		return -EINVAL;
	c.invoke_id = d->invoke_id;
	c.has_code = w.len > 0;
	c.parameter = wbuf_written(&w);
	map_count_operation(node->ctrs, d->operation, MAP_OPERATION_CTR_ANSWERED);
	return answer(d, &c, d->more);
}

int map_node_answer_error(struct map_node *node, uint64_t handle, const struct map_error *error)
{
	struct dialogue *d = dialogue_to_answer(node, handle);
	uint8_t octets[MAP_PARAMETER_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct map_error e = *error;
	struct tcap_component c = {.type = TCAP_ERROR, .has_invoke_id = true, .has_code = true};

	if (!d)
		return -ENOENT;
	e.version = d->version;
	if (map_error_encode(&w, &e))
		return -EINVAL;
	c.invoke_id = d->invoke_id;
	c.code = e.code;
	c.parameter = wbuf_written(&w);
	map_count_error(node->ctrs, e.code, true);
	map_count_operation(node->ctrs, d->operation, MAP_OPERATION_CTR_REFUSED);
	return answer(d, &c, false);
}

void dialogue_serve_timeout(struct dialogue *d)
{
	struct tcap_component c = {.type = TCAP_ERROR,
				   .has_invoke_id = true,
				   .invoke_id = d->invoke_id,
				   .has_code = true,
				   .code = MAP_ERROR_SYSTEM_FAILURE};
	struct map_outcome why = {.end = MAP_END_TIMEOUT};
	struct map_error error = {.code = MAP_ERROR_SYSTEM_FAILURE, .version = d->version};
	uint8_t octets[32];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if (!map_error_encode(&w, &error))
		c.parameter = wbuf_written(&w);
	LOGPDIALOGUE(d, LOGL_ERROR, "no answer from within in time: systemFailure\n");
	map_count_error(d->node->ctrs, c.code, true);
	if (dialogue_wants_answer(d))
		dialogue_tx_end(d, &c);
	dialogue_ended(d, &why);
}
