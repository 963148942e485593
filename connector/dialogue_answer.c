/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What a peer answers to an operation of ours, in each state. The first message accepts or refuses the
 * dialogue; a component with our invoke id ends the operation; informServiceCentre may stand before it
 * (TS 29.002 23.2.4). Everything else is rejected if there is a message to do so with.
 */

#include "dialogue.h"

static void outcome_of(struct dialogue *d, enum map_end end, uint8_t cause)
{
	struct map_outcome how = {.end = end, .cause = cause};

	dialogue_outcome(d, &how);
}

/* ---- components ---- */

static void take_inform(struct dialogue *d, const struct tcap_component *c)
{
	struct map_argument a = {.operation = map_operation_of(d->ac, c->code),
				 .version = d->version};

	if (!c->has_code || a.operation != MAP_INFORM_SERVICE_CENTRE) {
		dialogue_reject(d, c, TCAP_PROBLEM_INVOKE, TCAP_INVOKE_UNRECOGNIZED_OPERATION);
		return;
	}
	if (map_argument_decode(c->parameter, &a)) {
		dialogue_reject(d, c, TCAP_PROBLEM_INVOKE, TCAP_INVOKE_MISTYPED_PARAMETER);
		return;
	}
	d->inform = a.inform_service_centre;
	d->has_inform = true;
	map_count_operation(d->node->ctrs, a.operation, MAP_OPERATION_CTR_RX);
}

static bool is_awaited(const struct dialogue *d, const struct tcap_component *c)
{
	if (!d->invoke_sent || d->fi->state != DIALOGUE_ST_WAIT)
		return false;
	return c->has_invoke_id ? c->invoke_id == d->invoke_id : c->type == TCAP_REJECT;
}

/* The answer to our invoke, or NULL; all else is taken or rejected. */
static const struct tcap_component *take_components(struct dialogue *d,
						    const struct tcap_message *m)
{
	const struct tcap_component *answer = NULL;

	for (size_t i = 0; i < m->component_count; i++) {
		const struct tcap_component *c = &m->components[i];

		if (c->type == TCAP_INVOKE)
			take_inform(d, c);
		else if (c->type == TCAP_MALFORMED)
			dialogue_reject(d, c, (enum tcap_problem_type)c->problem_type,
					(enum tcap_problem)c->problem);
		else if (c->type == TCAP_RESULT_NOT_LAST && is_awaited(d, c))
			continue;
		else if (!answer && is_awaited(d, c))
			answer = c;
		else if (c->type == TCAP_ERROR)
			dialogue_reject(d, c, TCAP_PROBLEM_ERROR, TCAP_ERROR_UNRECOGNIZED_ID);
		else if (c->type != TCAP_REJECT)
			dialogue_reject(d, c, TCAP_PROBLEM_RESULT, TCAP_RESULT_UNRECOGNIZED_ID);
	}
	return answer;
}

/* ---- the answer ---- */

static void answered_error(struct dialogue *d, const struct tcap_component *c)
{
	struct map_error error = {.code = c->has_code ? c->code : MAP_ERROR_SYSTEM_FAILURE,
				  .version = d->version};
	struct map_outcome how = {.end = MAP_END_ERROR, .error = &error};

	/* code and version hold even if the parameter is of no use */
	map_error_decode(c->parameter, &error);
	map_count_error(d->node->ctrs, error.code, false);
	dialogue_outcome(d, &how);
}

/* Only the routing information is worth nothing without its elements; else success is what counts. */
static void answered_result(struct dialogue *d, const struct tcap_component *c, bool open)
{
	struct map_result result = {.operation = d->operation, .version = d->version};
	struct map_outcome how = {.end = MAP_END_RESULT, .result = &result, .open = open};

	if (map_result_decode(c->parameter, &result)) {
		LOGPDIALOGUE(d, LOGL_NOTICE, "result cannot be read\n");
		if (d->operation == MAP_SRI_SM)
			how = (struct map_outcome){.end = MAP_END_REJECT,
						   .problem_type = TCAP_PROBLEM_RESULT,
						   .cause = TCAP_RESULT_MISTYPED_PARAMETER};
		result = (struct map_result){.operation = d->operation, .version = d->version};
	}
	dialogue_outcome(d, &how);
}

static void answered(struct dialogue *d, const struct tcap_component *c, bool peer_ended)
{
	bool open = !peer_ended && d->more && d->version > 1 && c->type == TCAP_RESULT_LAST;
	struct map_outcome how = {
		.end = MAP_END_REJECT, .problem_type = c->problem_type, .cause = c->problem};

	if (!peer_ended && !open)
		dialogue_tx_end(d, NULL);
	if (c->type == TCAP_RESULT_LAST)
		answered_result(d, c, open);
	else if (c->type == TCAP_ERROR)
		answered_error(d, c);
	else
		dialogue_outcome(d, &how);
}

/* ---- what the peer sends ---- */

static void first_answer(struct dialogue *d, const struct dialogue_rx *rx)
{
	if (d->answered)
		return;
	/* Q.771 3.1.2.2.2.2: from now on to the address that answered */
	d->remote = *rx->calling;
	d->peer_id = rx->m->otid;
	dialogue_accepted(d);
}

/* A refusal in TC-CONTINUE leaves the peer with an open dialogue. */
static void rx_refused(struct dialogue *d, const struct dialogue_rx *rx)
{
	map_count(d->node->ctrs, rx->m->has_p_abort ? MAP_CTR_P_ABORT_RX : MAP_CTR_U_ABORT_RX);
	if (rx->m->type == TCAP_CONTINUE) {
		d->peer_id = rx->m->otid;
		dialogue_tx_abort(d, MAP_USER_ABORT_SPECIFIC);
	}
	dialogue_fall_back(d, rx->m);
}

static void rx_abort(struct dialogue *d, const struct tcap_message *m)
{
	struct map_outcome how = dialogue_abort_outcome(m);

	map_count(d->node->ctrs, m->has_p_abort ? MAP_CTR_P_ABORT_RX : MAP_CTR_U_ABORT_RX);
	LOGPDIALOGUE(d, LOGL_NOTICE, "aborted by the peer: %s %u\n", map_end_name(how.end),
		     how.cause);
	dialogue_outcome(d, &how);
}

/* What ends a dialogue in the same way whether or not the invoke has left. @return false if it does not */
static bool rx_ends(struct dialogue *d, uint32_t event, const struct dialogue_rx *rx)
{
	switch (event) {
	case DIALOGUE_EV_BAD:
		outcome_of(d, MAP_END_P_ABORT, rx->cause);
		return true;
	case DIALOGUE_EV_RETURNED:
		outcome_of(d, MAP_END_RETURNED, rx->cause);
		return true;
	}
	if (dialogue_refused(d, rx->m)) {
		rx_refused(d, rx);
		return true;
	}
	if (event == DIALOGUE_EV_ABORT) {
		rx_abort(d, rx->m);
		return true;
	}
	first_answer(d, rx);
	return false;
}

void dialogue_accept_action(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct dialogue *d = fi->priv;
	const struct dialogue_rx *rx = data;

	if (rx_ends(d, event, rx))
		return;
	take_components(d, rx->m);
	if (event == DIALOGUE_EV_END)
		outcome_of(d, MAP_END_CLOSED, 0);
	else if (dialogue_continue_with_invoke(d))
		outcome_of(d, MAP_END_NOT_SENT, 0);
}

void dialogue_wait_action(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct dialogue *d = fi->priv;
	const struct dialogue_rx *rx = data;
	const struct tcap_component *answer;

	if (rx_ends(d, event, rx))
		return;
	answer = take_components(d, rx->m);
	if (answer)
		answered(d, answer, event == DIALOGUE_EV_END);
	else if (event == DIALOGUE_EV_END)
		outcome_of(d, MAP_END_CLOSED, 0);
	else if (d->reply_count)
		dialogue_tx_continue(d, NULL);
}

void dialogue_more_action(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct map_outcome how = {.end = MAP_END_CLOSED};
	struct dialogue *d = fi->priv;
	const struct dialogue_rx *rx = data;

	if (event == DIALOGUE_EV_CONTINUE) {
		take_components(d, rx->m);
		if (d->reply_count)
			dialogue_tx_continue(d, NULL);
		return;
	}
	if (event == DIALOGUE_EV_ABORT)
		how = dialogue_abort_outcome(rx->m);
	else if (event != DIALOGUE_EV_END)
		how = (struct map_outcome){.end = event == DIALOGUE_EV_BAD ? MAP_END_P_ABORT
									   : MAP_END_RETURNED,
					   .cause = rx->cause};
	dialogue_ended(d, &how);
}
