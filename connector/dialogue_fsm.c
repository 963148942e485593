/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * States of a dialogue and their timers. What a peer sends reaches every state but the first, for there is nothing
 * that a peer cannot send; each action says what it means there.
 *
 *   WAIT, SERVE   the operation's timer (TS 29.002 17.1.2: short, medium, long)
 *   ACCEPT        medium
 *   MORE, IDLE    idle_s
 *
 * The guard ends every state.
 */

#include "dialogue.h"

#define S(x) (1 << (x))

static const struct value_string dialogue_event_names[] = {
	{DIALOGUE_EV_CONTINUE, "CONTINUE"}, {DIALOGUE_EV_END, "END"},
	{DIALOGUE_EV_ABORT, "ABORT"},	    {DIALOGUE_EV_BAD, "BAD"},
	{DIALOGUE_EV_RETURNED, "RETURNED"}, {0, NULL},
};

/* ---- timers ---- */

static unsigned operation_s(const struct dialogue *d)
{
	const struct map_node_config *config = &d->node->config;

	switch (d->operation) {
	case MAP_MO_FORWARD_SM:
	case MAP_MT_FORWARD_SM:
		return config->long_s;
	case MAP_REPORT_SM_DELIVERY_STATUS:
	case MAP_ALERT_SERVICE_CENTRE:
	case MAP_INFORM_SERVICE_CENTRE:
		return config->short_s;
	default:
		return config->medium_s;
	}
}

static unsigned state_s(const struct dialogue *d, enum dialogue_state state)
{
	if (state == DIALOGUE_ST_ACCEPT)
		return d->node->config.medium_s;
	if (state == DIALOGUE_ST_MORE || state == DIALOGUE_ST_IDLE)
		return d->node->config.idle_s;
	if (state == DIALOGUE_ST_WAIT && !dialogue_wants_answer(d))
		return d->node->config.short_s;
	return operation_s(d);
}

void dialogue_enter(struct dialogue *d, enum dialogue_state state)
{
	struct dialogue_table *t = &d->node->dialogues;

	if (d->performing)
		llist_move_tail(&d->entry, state == DIALOGUE_ST_SERVE ? &t->serving : &t->idle);
	osmo_fsm_inst_state_chg(d->fi, state, state_s(d, state), 0);
}

/* An operation without a result (class 4) has succeeded when nobody has objected in time. */
static void wait_timeout(struct dialogue *d)
{
	struct map_result none = {.operation = d->operation, .version = d->version};
	struct map_outcome how = {.end = MAP_END_TIMEOUT};

	if (!dialogue_wants_answer(d))
		how = (struct map_outcome){.end = MAP_END_RESULT, .result = &none};
	else
		dialogue_tx_abort(d, MAP_USER_ABORT_SPECIFIC);
	dialogue_outcome(d, &how);
}

void dialogue_timeout(struct dialogue *d)
{
	struct map_outcome how = {.end = MAP_END_TIMEOUT};

	LOGPDIALOGUE(d, LOGL_INFO, "timeout in state %s\n", osmo_fsm_inst_state_name(d->fi));
	switch (d->fi->state) {
	case DIALOGUE_ST_ACCEPT:
	case DIALOGUE_ST_WAIT:
		wait_timeout(d);
		break;
	case DIALOGUE_ST_MORE:
		dialogue_tx_end(d, NULL);
		dialogue_ended(d, &how);
		break;
	case DIALOGUE_ST_SERVE:
		dialogue_serve_timeout(d);
		break;
	default:
		dialogue_tx_abort(d, MAP_USER_ABORT_SPECIFIC);
		dialogue_free(d);
	}
}

/* Says 0 always: the instance may be gone. */
static int dialogue_fsm_timer(struct osmo_fsm_inst *fi)
{
	dialogue_timeout(fi->priv);
	return 0;
}

/* ---- states ---- */

#define DIALOGUE_EV_ALL                                                                            \
	(S(DIALOGUE_EV_CONTINUE) | S(DIALOGUE_EV_END) | S(DIALOGUE_EV_ABORT) |                     \
	 S(DIALOGUE_EV_BAD) | S(DIALOGUE_EV_RETURNED))

static const struct osmo_fsm_state dialogue_states[] = {
	[DIALOGUE_ST_NEW] =
		{
			.name = "NEW",
			.out_state_mask = S(DIALOGUE_ST_ACCEPT) | S(DIALOGUE_ST_WAIT) |
					  S(DIALOGUE_ST_SERVE) | S(DIALOGUE_ST_IDLE),
		},
	[DIALOGUE_ST_ACCEPT] =
		{
			.name = "ACCEPT",
			.in_event_mask = DIALOGUE_EV_ALL,
			.out_state_mask = S(DIALOGUE_ST_ACCEPT) | S(DIALOGUE_ST_WAIT),
			.action = dialogue_accept_action,
		},
	[DIALOGUE_ST_WAIT] =
		{
			.name = "WAIT",
			.in_event_mask = DIALOGUE_EV_ALL,
			.out_state_mask =
				S(DIALOGUE_ST_ACCEPT) | S(DIALOGUE_ST_WAIT) | S(DIALOGUE_ST_MORE),
			.action = dialogue_wait_action,
		},
	[DIALOGUE_ST_MORE] =
		{
			.name = "MORE",
			.in_event_mask = DIALOGUE_EV_ALL,
			.out_state_mask = S(DIALOGUE_ST_WAIT),
			.action = dialogue_more_action,
		},
	[DIALOGUE_ST_SERVE] =
		{
			.name = "SERVE",
			.in_event_mask = DIALOGUE_EV_ALL,
			.out_state_mask = S(DIALOGUE_ST_IDLE),
			.action = dialogue_serve_action,
		},
	[DIALOGUE_ST_IDLE] =
		{
			.name = "IDLE",
			.in_event_mask = DIALOGUE_EV_ALL,
			.out_state_mask = S(DIALOGUE_ST_SERVE) | S(DIALOGUE_ST_IDLE),
			.action = dialogue_idle_action,
		},
};

static struct osmo_fsm dialogue_fsm = {
	.name = "MAP",
	.states = dialogue_states,
	.num_states = ARRAY_SIZE(dialogue_states),
	.timer_cb = dialogue_fsm_timer,
	.log_subsys = DMAP,
	.event_names = dialogue_event_names,
};

struct osmo_fsm_inst *dialogue_fsm_alloc(struct dialogue *d)
{
	if (!osmo_fsm_find_by_name(dialogue_fsm.name) && osmo_fsm_register(&dialogue_fsm) < 0)
		return NULL;
	return osmo_fsm_inst_alloc(&dialogue_fsm, d, d, LOGL_DEBUG, NULL);
}
