/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "connector.h"

#include <osmocom/core/linuxlist.h>

#include "../lib/link/link_frame.h"
#include "../lib/sms/address.h"

/* DATA to the module, one TPDU each, and its answer: what the bearers have in common for messages from the SMS side. */

struct inbound_answer {
	uint8_t rp_cause; /* 0: RP-ACK */
	/* A's final response (link tag STATUS), 0 if there was none; 404 with RP-ACK: a report that matches nothing */
	uint32_t sip_status;
	bool lost; /* the link is gone: nobody will answer; rp_cause is temporary failure */
};

/** Waits for the module's answer to one DATA. Its owner embeds it, zeroed but for answered. */
struct inbound_wait {
	struct hlist_node by_ref;
	uint64_t ref; /* 0: none is sent */
	/** Once; not after inbound_cancel(). It may free what embeds the wait. */
	void (*answered)(struct inbound_wait *wait, const struct inbound_answer *answer);
};

struct inbound_table *inbound_table_alloc(void *ctx);

/** Why nothing can be taken now. @return 0, -ENOTCONN (no link, or stopping), -ENOBUFS (its window is full) */
int inbound_refusal(const struct connector *c);

/**
 * Send a TPDU as RP-DATA.
 * @param rp_oa  SC address that it came from
 * @param f      flags, da, smsc, session, smsc_id and so on; type, ref and rp are filled in
 * @return 0 and the answer follows, not within this call; -ENOTCONN, -ENOBUFS, -EINVAL (too long)
 */
int inbound_tx(struct connector *c, struct inbound_wait *wait, const struct sms_address *rp_oa,
	       struct view tpdu, struct link_frame *f);

/** The answer is of no interest any more. Also if none is awaited. */
void inbound_cancel(struct connector *c, struct inbound_wait *wait);

/** An ACK or ERROR of the module. */
void inbound_answered(struct connector *c, const struct link_frame *f);

/** Nobody will answer any more. */
void inbound_link_lost(struct connector *c);

/** DATA that wait for the module's answer. */
unsigned inbound_count(const struct connector *c);

/** A concatenation reference for a message that has to be cut here. */
uint16_t inbound_concat_ref(struct connector *c);
