/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

/*
 * Two MAP nodes and the network between them, in one process: what one sends waits in a queue, and arrives as the
 * steps of the input say: changed, twice, returned, not at all; with messages in between that nobody has sent.
 *
 * A file that includes this names the sources of the dialogues, and makes the nodes.
 */

#include "../../connector/dialogue.h"
#include "ensure.h"

#include <osmocom/core/talloc.h>

enum { QUEUE = 16 };

static struct side {
	struct map_node *node;
	struct sccp_address address;
	unsigned invoked, outcomes, indicated, finished;
	uint64_t open, due; /* the last dialogue in which the user may go on; must answer */
	bool answers;
} sides[2];

static struct queued {
	size_t octets;
	uint8_t p[SCCP_MESSAGE_MAX];
} queue[QUEUE];
static unsigned queued;
static uint32_t seed;

/* ---- the network ---- */

static inline int fuzz_tx(void *data, const struct sccp_address *called, struct view message)
{
	struct sccp_message m;

	(void)data, (void)called;
	ENSURE(sccp_decode(message, &m) == 0);
	if (queued == QUEUE)
		return -EIO;
	queue[queued].octets = message.len;
	memcpy(queue[queued++].p, message.p, message.len);
	return 0;
}

static inline void fuzz_random(void *data, void *out, size_t octets)
{
	(void)data;
	for (size_t i = 0; i < octets; i++) {
		seed = seed * 1664525u + 1013904223u;
		((uint8_t *)out)[i] = (uint8_t)(seed >> 24);
	}
}

static inline void rx(const struct queued *q)
{
	struct sccp_message m;
	bool second = sccp_decode((struct view){q->p, q->octets}, &m) == 0 &&
		      strcmp(m.called.digits, sides[0].address.digits) != 0;

	map_node_rx(sides[second].node, (struct view){q->p, q->octets});
}

static inline struct queued dequeue(void)
{
	struct queued first = queue[0];

	memmove(queue, queue + 1, --queued * sizeof(queue[0]));
	return first;
}

static inline void step_deliver(struct rbuf *r, uint8_t how)
{
	struct queued q;

	if (!queued)
		return;
	q = dequeue();
	if (how & 1)
		q.p[rbuf_u8(r) % q.octets] ^= rbuf_u8(r);
	if (how & 2)
		rx(&q);
	rx(&q);
}

static inline void step_return(uint8_t cause)
{
	struct wbuf w;
	struct sccp_message m, back;
	struct queued q, returned;

	if (!queued)
		return;
	q = dequeue();
	w = wbuf_of(returned.p, sizeof(returned.p));
	if (sccp_decode((struct view){q.p, q.octets}, &m) || sccp_return(&m, (enum sccp_return_cause)(cause & 0xf), &back) ||
	    sccp_encode(&w, &back))
		return;
	returned.octets = w.len;
	rx(&returned);
}

static inline void rx_data(struct side *to, const struct side *from, struct view data)
{
	struct sccp_message m = {.type = SCCP_UDT, .return_on_error = true, .called = to->address,
				 .calling = from->address, .data = data};
	struct queued q;
	struct wbuf w = wbuf_of(q.p, sizeof(q.p));

	if (sccp_encode(&w, &m))
		return;
	q.octets = w.len;
	rx(&q);
}

static inline void step_data(struct side *to, const struct side *from, struct rbuf *r)
{
	size_t octets = rbuf_u8(r);

	if (octets > rbuf_left(r))
		octets = rbuf_left(r);
	rx_data(to, from, rbuf_view(r, octets));
}

/* ---- a message for a dialogue that is there ---- */

static inline struct dialogue *some_dialogue(struct map_node *node, uint8_t which)
{
	struct dialogue_table *t = &node->dialogues;
	struct llist_head *lists[] = {&t->invoking, &t->serving, &t->idle};

	return llist_first_entry_or_null(lists[which % 3], struct dialogue, entry);
}

static inline struct tcap_dialogue some_portion(const struct dialogue *d, uint8_t which)
{
	static const enum tcap_apdu apdus[] = {TCAP_NO_DIALOGUE, TCAP_AARE, TCAP_ABRT, TCAP_AARE};
	struct tcap_dialogue p = {.apdu = apdus[which & 3], .ac = d->ac, .diagnostic_source = TCAP_DIAGNOSTIC_USER};

	if (!p.apdu)
		return p;
	p.result = which >> 2 & 1;
	p.diagnostic = which >> 3 & 3;
	if (which & 0x20)
		p.diagnostic_source = TCAP_DIAGNOSTIC_PROVIDER;
	if (which & 0x40)
		p.map = (struct map_dialogue){.pdu = MAP_REFUSE, .alternative = {d->ac.context, which >> 2 & 3}};
	return p;
}

static inline void some_components(const struct dialogue *d, struct tcap_message *m, struct rbuf *r)
{
	static const enum tcap_component_type types[] = {TCAP_INVOKE, TCAP_RESULT_LAST, TCAP_ERROR, TCAP_REJECT,
							 TCAP_RESULT_NOT_LAST, TCAP_INVOKE, TCAP_RESULT_LAST, TCAP_ERROR};
	static const uint8_t empty[] = {0x30, 0x00};
	uint8_t count = rbuf_u8(r) % 4;

	for (; m->component_count < count; m->component_count++) {
		uint8_t kind = rbuf_u8(r);
		enum tcap_component_type type = types[kind & 7];

		m->components[m->component_count] = (struct tcap_component){
			.type = type,
			.has_invoke_id = true,
			.invoke_id = kind & 8 ? (int8_t)(kind >> 4) : d->invoke_id,
			.has_code = type == TCAP_INVOKE || type == TCAP_ERROR,
			.code = type == TCAP_INVOKE || type == TCAP_ERROR ? rbuf_u8(r) : 0,
			.parameter = type == TCAP_INVOKE ? (struct view){empty, 2} : (struct view){0},
			.problem_type = type == TCAP_REJECT ? kind >> 6 : 0,
		};
	}
}

static inline void step_made_up(struct side *to, const struct side *from, struct rbuf *r)
{
	static const enum tcap_type types[] = {TCAP_CONTINUE, TCAP_END, TCAP_ABORT, TCAP_CONTINUE};
	uint8_t which = rbuf_u8(r), octets[1024];
	struct dialogue *d = some_dialogue(to->node, which >> 2);
	struct wbuf w = wbuf_of(octets, sizeof(octets)), id;
	struct tcap_message m = {.type = types[which & 3], .dtid = {.len = 4}};

	if (!d)
		return;
	id = wbuf_of(m.dtid.octets, 4);
	wbuf_u32(&id, d->id);
	if (m.type == TCAP_CONTINUE)
		m.otid = d->peer_id.len ? d->peer_id : (struct tcap_id){2, {1, which}};
	m.dialogue = some_portion(d, rbuf_u8(r));
	if (m.type == TCAP_ABORT && !m.dialogue.apdu) {
		m.has_p_abort = true;
		m.p_abort = rbuf_u8(r) % 8;
	} else if (m.type != TCAP_ABORT) {
		some_components(d, &m, r);
	}
	if (tcap_encode(&w, &m) == 0)
		rx_data(to, from, wbuf_written(&w));
}

/* ---- time ---- */

static inline void pass(unsigned s)
{
	osmo_clock_override_add(CLOCK_MONOTONIC, (time_t)s, 1000000);
	osmo_gettimeofday_override_add((time_t)s, 1000);
	osmo_timers_update();
}

static inline void start_once(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	log_init(&connector_log_info, NULL);
	osmo_gettimeofday_override = true;
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
}
