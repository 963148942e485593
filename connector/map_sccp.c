/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SCCP under the dialogues (Q.714 4): user data to an address, in segments if need be, always with the return
 * option, so that a message that cannot be delivered is known at once and not by a timer; and back.
 */

#include "dialogue.h"

#include "../lib/map/sccp_management.h"

enum { SCCP_PC_MAX = 0x3fff };

/* ---- send ---- */

static struct sccp_message unitdata(const struct sccp_address *called,
				    const struct sccp_address *calling, struct view data)
{
	return (struct sccp_message){.type = SCCP_UDT,
				     .return_on_error = true,
				     .called = *called,
				     .calling = *calling,
				     .data = data};
}

static int tx_one(struct map_node *node, const struct sccp_message *m)
{
	uint8_t octets[SCCP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if (sccp_encode(&w, m) || node->ops.tx(node->data, &m->called, wbuf_written(&w)) < 0) {
		map_count(node->ctrs, MAP_CTR_TX_FAILED);
		return -EIO;
	}
	return 0;
}

bool map_sccp_fits(const struct map_node *node, const struct sccp_address *called,
		   const struct sccp_address *calling, struct view data)
{
	struct sccp_message whole = unitdata(called, calling, data);
	struct sccp_segments s;

	return !sccp_segments_init(&s, &whole, node->config.message_max, 0) && !s.segment_octets;
}

int map_sccp_tx(struct map_node *node, const struct sccp_address *called,
		const struct sccp_address *calling, struct view data)
{
	struct sccp_message whole = unitdata(called, calling, data), m;
	struct sccp_segments s;
	int rc = 0;

	if (sccp_segments_init(&s, &whole, node->config.message_max, node->segment_reference)) {
		map_count(node->ctrs, MAP_CTR_TX_FAILED);
		return -EIO;
	}
	if (s.segment_octets) {
		node->segment_reference++;
		map_count(node->ctrs, MAP_CTR_SCCP_SEGMENTED_TX);
	}
	while (!rc && sccp_segments_next(&s, &m))
		rc = tx_one(node, &m);
	return rc;
}

/* ---- receive ---- */

static bool is_ours(const struct map_node *node, const struct sccp_address *called)
{
	for (unsigned i = 0; called->has_ssn && i < node->config.n_ssns; i++)
		if (node->config.ssns[i] == called->ssn)
			return true;
	return !called->has_ssn || !node->config.n_ssns;
}

static void tx_returned(struct map_node *node, const struct sccp_message *m,
			enum sccp_return_cause cause)
{
	struct sccp_message back;

	if (sccp_return(m, cause, &back))
		return;
	map_count(node->ctrs, MAP_CTR_SCCP_RETURNED_TX);
	tx_one(node, &back);
}

static bool is_service(const struct sccp_message *m)
{
	return m->type == SCCP_UDTS || m->type == SCCP_XUDTS || m->type == SCCP_LUDTS;
}

/* ---- management (Q.714 5.3.4): a node that has not heard of us for a while asks before it sends to us ---- */

static void tx_allowed(struct map_node *node, uint32_t opc, const struct sccp_management *test)
{
	struct sccp_management allowed = *test;
	struct sccp_address there = {.route_on_ssn = true,
				     .has_pc = true,
				     .pc = (uint16_t)opc,
				     .has_ssn = true,
				     .ssn = SCCP_SSN_MANAGEMENT};
	struct sccp_address here = {
		.route_on_ssn = true, .has_ssn = true, .ssn = SCCP_SSN_MANAGEMENT};
	uint8_t octets[16];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct sccp_message m = {.type = SCCP_UDT, .called = there, .calling = here};

	allowed.type = SCCP_SUBSYSTEM_ALLOWED;
	if (sccp_management_encode(&w, &allowed))
		return;
	m.data = wbuf_written(&w);
	map_count(node->ctrs, MAP_CTR_SCCP_TESTED);
	tx_one(node, &m);
}

/* We know no other node's subsystems: whether one is there shows when a message comes back. */
static void rx_management(struct map_node *node, uint32_t opc, const struct sccp_message *s)
{
	struct sccp_management m;
	struct sccp_address tested = {.has_ssn = true};

	if (sccp_management_decode(s->data, &m)) {
		map_count(node->ctrs, MAP_CTR_SCCP_BAD);
		return;
	}
	tested.ssn = m.ssn;
	if (m.type == SCCP_SUBSYSTEM_TEST && opc <= SCCP_PC_MAX &&
	    (m.ssn == SCCP_SSN_MANAGEMENT || is_ours(node, &tested)))
		tx_allowed(node, opc, &m);
}

static void rx_unitdata(struct map_node *node, uint32_t opc, const struct sccp_message *m)
{
	struct sccp_message whole;
	int rc;

	if (m->called.has_ssn && m->called.ssn == SCCP_SSN_MANAGEMENT) {
		rx_management(node, opc, m);
		return;
	}
	if (!is_ours(node, &m->called)) {
		tx_returned(node, m, SCCP_CAUSE_UNEQUIPPED_USER);
		return;
	}
	rc = sccp_reassemble(&node->reassembly, clock_ms(), m, &whole);
	if (rc == -EAGAIN)
		return;
	if (rc) {
		map_count(node->ctrs, MAP_CTR_SCCP_REASSEMBLY_FAILED);
		tx_returned(node, m, SCCP_CAUSE_REASSEMBLY);
		return;
	}
	if (m->segmentation.present)
		map_count(node->ctrs, MAP_CTR_SCCP_REASSEMBLED);
	dialogue_rx(node, &whole);
}

static void calling_pc(struct sccp_address *calling, uint32_t opc)
{
	if (!calling->route_on_ssn || calling->has_pc || opc > SCCP_PC_MAX)
		return;
	calling->has_pc = true;
	calling->pc = (uint16_t)opc;
}

void map_node_rx(struct map_node *node, struct view message)
{
	map_node_rx_from(node, UINT32_MAX, message);
}

void map_node_rx_from(struct map_node *node, uint32_t opc, struct view message)
{
	struct sccp_message m;
	int rc = sccp_decode(message, &m);

	if (rc) {
		map_count(node->ctrs, MAP_CTR_SCCP_BAD);
		LOGP(DMAP, LOGL_NOTICE, "SCCP message of %zu octets cannot be read: %s\n",
		     message.len, strerror(-rc));
		return;
	}
	calling_pc(&m.calling, opc);
	if (is_service(&m))
		dialogue_rx_returned(node, &m);
	else
		rx_unitdata(node, opc, &m);
}
