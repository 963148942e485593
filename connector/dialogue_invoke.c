/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The side that invokes. One operation at a time: TC-BEGIN with it, or without if it would not fit
 * into one UDT (TS 29.002 7.3: then it follows in TC-CONTINUE once the peer has accepted), and with
 * moreMessagesToSend the next one in the same dialogue. What the peer makes of it is in dialogue_answer.c.
 *
 * No outcome reaches the user twice: the dialogue is freed, or waits for him, before he is told.
 */

#include "dialogue.h"

#include <osmocom/core/talloc.h>

/* ---- the end of an operation ---- */

static const uint8_t operation_ctrs[] = {
	[MAP_END_RESULT] = MAP_OPERATION_CTR_RESULT,
	[MAP_END_ERROR] = MAP_OPERATION_CTR_ERROR,
	[MAP_END_REJECT] = MAP_OPERATION_CTR_REJECT,
	[MAP_END_REFUSED] = MAP_OPERATION_CTR_ABORT,
	[MAP_END_U_ABORT] = MAP_OPERATION_CTR_ABORT,
	[MAP_END_P_ABORT] = MAP_OPERATION_CTR_ABORT,
	[MAP_END_RETURNED] = MAP_OPERATION_CTR_RETURNED,
	[MAP_END_TIMEOUT] = MAP_OPERATION_CTR_TIMEOUT,
	[MAP_END_CLOSED] = MAP_OPERATION_CTR_ABORT,
	[MAP_END_EVICTED] = MAP_OPERATION_CTR_ABORT,
	[MAP_END_NOT_SENT] = MAP_OPERATION_CTR_ABORT,
};

/* A P-Abort instead of an acceptance says that the peer's user never saw the invoke. */
static bool is_uncertain(const struct dialogue *d, enum map_end end)
{
	switch (end) {
	case MAP_END_RESULT:
	case MAP_END_ERROR:
	case MAP_END_REFUSED:
	case MAP_END_RETURNED:
		return false;
	case MAP_END_P_ABORT:
		return d->invoke_sent && d->answered;
	default:
		return d->invoke_sent;
	}
}

void dialogue_outcome(struct dialogue *d, const struct map_outcome *how)
{
	struct map_node *node = d->node;
	struct map_inform_service_centre inform = d->inform;
	struct sccp_address peer = d->remote;
	struct map_outcome o = *how;
	uint64_t handle = d->handle;

	o.operation = d->operation;
	o.version = d->version;
	o.uncertain = is_uncertain(d, o.end);
	o.peer = d->answered ? &peer : NULL;
	o.inform = d->has_inform ? &inform : NULL;
	map_count_operation(node->ctrs, d->operation, operation_ctrs[o.end]);
	if (o.open)
		dialogue_enter(d, DIALOGUE_ST_MORE);
	else
		dialogue_free(d);
	node->ops.outcome(node->data, handle, &o);
}

/* ---- the invoke ---- */

/* The argument in the version of the dialogue. */
static int argument_encode(const struct dialogue *d, struct wbuf *w)
{
	struct map_argument a = {.operation = d->operation, .version = d->version_top};
	struct view coded = {d->argument, d->argument_octets};

	if (d->version == d->version_top) {
		wbuf_view(w, coded);
		return w->err ? -EINVAL : 0;
	}
	if (map_argument_decode(coded, &a))
		return -EINVAL;
	a.version = d->version;
	return map_argument_encode(w, &a) ? -EINVAL : 0;
}

static int invoke_component(struct dialogue *d, struct wbuf *w, struct tcap_component *c)
{
	*c = (struct tcap_component){.type = TCAP_INVOKE, .has_invoke_id = true, .has_code = true};
	if (map_operation_coding(d->operation, d->version, &d->ac, &c->code) ||
	    argument_encode(d, w))
		return -EINVAL;
	c->invoke_id = ++d->invoke_id;
	c->parameter = wbuf_written(w);
	return 0;
}

bool dialogue_wants_answer(const struct dialogue *d)
{
	switch (d->operation) {
	case MAP_ALERT_SERVICE_CENTRE:
	case MAP_READY_FOR_SM:
		return d->version > 1; /* 49 and 48 of version 1 have none */
	case MAP_INFORM_SERVICE_CENTRE:
		return false;
	default:
		return true;
	}
}

/* What the peer may perform has left us, even if only in part. */
static void invoke_left(struct dialogue *d)
{
	d->invoke_sent = true;
	map_count_operation(d->node->ctrs, d->operation, MAP_OPERATION_CTR_TX);
	dialogue_enter(d, DIALOGUE_ST_WAIT);
}

int dialogue_begin(struct dialogue *d)
{
	uint8_t parameter[MAP_PARAMETER_MAX];
	struct wbuf w = wbuf_of(parameter, sizeof(parameter));
	struct tcap_component c;
	int rc = invoke_component(d, &w, &c);

	if (rc)
		return rc;
	d->tried |= (uint8_t)(1u << d->version);
	if (d->version > 1 && !d->node->config.segment && !dialogue_begin_fits(d, &c)) {
		rc = dialogue_tx_begin(d, NULL);
		if (!rc)
			dialogue_enter(d, DIALOGUE_ST_ACCEPT);
		return rc;
	}
	rc = dialogue_tx_begin(d, &c);
	if (!rc)
		invoke_left(d);
	return rc;
}

int dialogue_continue_with_invoke(struct dialogue *d)
{
	uint8_t parameter[MAP_PARAMETER_MAX];
	struct wbuf w = wbuf_of(parameter, sizeof(parameter));
	struct tcap_component c;
	int rc = invoke_component(d, &w, &c);

	if (!rc)
		rc = dialogue_tx_continue(d, &c);
	if (!rc)
		invoke_left(d);
	return rc;
}

/* ---- what the user asks for ---- */

static int keep_argument(struct dialogue *d, const struct map_argument *argument)
{
	uint8_t octets[MAP_PARAMETER_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct map_argument a = *argument;

	a.version = d->version_top;
	if (map_argument_encode(&w, &a))
		return -EINVAL;
	talloc_free(d->argument);
	d->argument = talloc_memdup(d, octets, w.len);
	if (!d->argument)
		return -ENOMEM;
	d->argument_octets = w.len;
	d->more = a.operation == MAP_MT_FORWARD_SM && a.forward_sm.more_messages_to_send;
	d->has_inform = false;
	return 0;
}

static int keep_reference(struct view reference, uint8_t *out, uint8_t *octets)
{
	if (reference.len > MAP_NODE_REFERENCE_MAX)
		return -EINVAL;
	if (reference.len)
		memcpy(out, reference.p, reference.len);
	*octets = (uint8_t)reference.len;
	return 0;
}

static int keep_request(struct dialogue *d, const struct map_request *request)
{
	d->operation = request->argument.operation;
	d->first = d->remote = request->called;
	d->local = request->calling;
	if (keep_reference(request->destination_reference, d->destination_reference,
			   &d->destination_reference_octets) ||
	    keep_reference(request->origination_reference, d->origination_reference,
			   &d->origination_reference_octets))
		return -EINVAL;
	d->version = dialogue_first_version(d, &request->argument);
	return d->version ? keep_argument(d, &request->argument) : -ENOTSUP;
}

int map_node_invoke(struct map_node *node, const struct map_request *request, uint64_t *handle)
{
	struct dialogue *d;
	int rc;

	if (node->dialogues.invoking_count >= node->config.invoking_max) {
		map_count(node->ctrs, MAP_CTR_FULL_INVOKING);
		return -ENOBUFS;
	}
	d = dialogue_alloc(node, false);
	if (!d)
		return -ENOMEM;
	rc = keep_request(d, request);
	if (!rc)
		rc = dialogue_begin(d);
	if (rc) {
		dialogue_free(d);
		return rc;
	}
	*handle = d->handle;
	return 0;
}

/* @return the dialogue in which a message of ours is due, else NULL and *rc */
static struct dialogue *open_dialogue(struct map_node *node, uint64_t handle, int *rc)
{
	struct dialogue *d = dialogue_by_handle(node, handle);

	*rc = !d || d->performing ? -ENOENT : d->fi->state != DIALOGUE_ST_MORE ? -EBUSY : 0;
	return *rc ? NULL : d;
}

int map_node_invoke_next(struct map_node *node, uint64_t handle,
			 const struct map_argument *argument)
{
	int rc;
	struct dialogue *d = open_dialogue(node, handle, &rc);

	if (!d)
		return rc;
	if (argument->operation != d->operation)
		return -ENOTSUP;
	rc = keep_argument(d, argument);
	if (rc)
		return rc;
	rc = dialogue_continue_with_invoke(d);
	if (rc)
		dialogue_free(d);
	return rc;
}

int map_node_close(struct map_node *node, uint64_t handle)
{
	int rc;
	struct dialogue *d = open_dialogue(node, handle, &rc);

	if (d) {
		dialogue_tx_end(d, NULL);
		dialogue_free(d);
	}
	return rc;
}
