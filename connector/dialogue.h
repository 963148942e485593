/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_node.h"

#include <osmocom/core/fsm.h>
#include <osmocom/core/hashtable.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>

#include "../lib/map/tcap.h"
#include "clock.h"
#include "log.h"
#include "map_ctr.h"

/*
 * The dialogues of a MAP node, for the files that make it up:
 *
 *   dialogue_fsm.c      states and timers         dialogue_rx.c      what comes in
 *   dialogue_invoke.c   operations of ours        dialogue_tx.c      messages
 *   dialogue_answer.c   what becomes of them      dialogue_table.c   ids and handles
 *   dialogue_perform.c  operations of peers       map_sccp.c         the layer below
 *   dialogue_version.c  refusals
 *
 *   we invoke    ACCEPT -> WAIT -> MORE -> WAIT ...    the peer invokes    IDLE -> SERVE -> IDLE ...
 */

enum {
	DIALOGUE_HASH_BITS = 12,
	DIALOGUE_REPLIES_MAX = 4, /* rejects and the like that wait for the next message */
	TCAP_MESSAGE_MAX = SCCP_LONG_DATA_MAX,
};

enum dialogue_state {
	DIALOGUE_ST_NEW,
	DIALOGUE_ST_ACCEPT, /* an empty TC-BEGIN is sent: may the invoke follow? */
	DIALOGUE_ST_WAIT,   /* for the answer to our invoke */
	DIALOGUE_ST_MORE,   /* for the next message of our user */
	DIALOGUE_ST_SERVE,  /* for the answer of our user */
	DIALOGUE_ST_IDLE,   /* for the next invoke of the peer */
};

enum dialogue_event {
	DIALOGUE_EV_CONTINUE, /* data: struct dialogue_rx, as with all of them */
	DIALOGUE_EV_END,
	DIALOGUE_EV_ABORT,
	DIALOGUE_EV_BAD,      /* a message that cannot be read */
	DIALOGUE_EV_RETURNED, /* by SCCP */
};

struct dialogue_rx {
	const struct tcap_message *m;
	const struct sccp_address *calling;
	uint8_t cause; /* BAD: of the P-Abort, RETURNED: of SCCP */
};

struct dialogue {
	struct llist_head entry; /* in one list of struct dialogue_table */
	struct hlist_node by_id, by_handle;
	struct map_node *node;
	struct osmo_fsm_inst *fi;
	struct osmo_timer_list guard;
	uint64_t handle;
	uint64_t begun_ms;
	uint32_t id;		/* our transaction id */
	struct tcap_id peer_id; /* len 0 until it is known */
	struct sccp_address remote, local;
	struct sccp_address first; /* invoking: where the dialogue began, and begins again */
	bool performing;
	bool answered;	  /* invoking: the peer has accepted */
	bool aare_due;	  /* performing: with our first message */
	bool invoke_sent; /* invoking: the operation in hand has left */
	bool more;	  /* moreMessagesToSend in the operation in hand */
	bool has_inform;
	bool from_memory; /* the version was that of the peer's last dialogue */
	uint8_t tried;	  /* versions, a bit each */
	uint8_t version;
	uint8_t version_top; /* of the operation, and what the user and the settings allow */
	struct map_ac ac;
	enum map_operation operation;
	int8_t invoke_id;
	uint8_t *argument; /* invoking: of the operation in hand, coded in the highest version */
	size_t argument_octets;
	struct map_inform_service_centre inform;
	uint8_t destination_reference[MAP_NODE_REFERENCE_MAX], destination_reference_octets;
	uint8_t origination_reference[MAP_NODE_REFERENCE_MAX], origination_reference_octets;
	size_t reply_count;
	struct tcap_component replies[DIALOGUE_REPLIES_MAX]; /* without parameters */
};

struct dialogue_table {
	DECLARE_HASHTABLE(by_id, DIALOGUE_HASH_BITS);
	DECLARE_HASHTABLE(by_handle, DIALOGUE_HASH_BITS);
	struct llist_head invoking;
	struct llist_head serving,
		idle; /* performing; who has been in that state longest is first */
	unsigned invoking_count, performing_count;
	uint64_t last_handle;
	struct recent *ids; /* of dialogues gone */
};

struct map_node {
	struct map_node_config config;
	struct map_node_ops ops;
	void *data;
	struct rate_ctr_group *ctrs;
	struct dialogue_table dialogues;
	struct version_memory *versions;
	struct recent *received; /* digests of messages */
	uint64_t seed;		 /* of digests */
	uint32_t segment_reference;
	struct sccp_reassembly reassembly;
	uint64_t eviction_logged_ms;
};

#define LOGPDIALOGUE(d, level, fmt, args...)                                                       \
	LOGP(DMAP, level, "MAP-%llu(%s v%u %s %s) " fmt, (unsigned long long)(d)->handle,          \
	     map_operation_name((d)->operation), (d)->version, (d)->performing ? "from" : "to",    \
	     (d)->remote.digits, ##args)

void map_node_random(struct map_node *node, void *out, size_t octets);

/* ---- dialogue_table.c ---- */

/** A dialogue with an id, a handle, its guard timer; in the list of those that invoke, or serve. @return NULL */
struct dialogue *dialogue_alloc(struct map_node *node, bool performing);

/** Another transaction id; the one before is not used again for a while. */
void dialogue_renew_id(struct dialogue *d);

/** Nobody is told. */
void dialogue_free(struct dialogue *d);

struct dialogue *dialogue_by_id(struct map_node *node, const struct tcap_id *id);
struct dialogue *dialogue_by_handle(struct map_node *node, uint64_t handle);

/* ---- dialogue_fsm.c ---- */

/** @return NULL if memory is out */
struct osmo_fsm_inst *dialogue_fsm_alloc(struct dialogue *d);

/** Enter a state, with its timer. */
void dialogue_enter(struct dialogue *d, enum dialogue_state state);

/** Give the dialogue up: the timer of its state, or the guard. */
void dialogue_timeout(struct dialogue *d);

/* ---- dialogue_tx.c: each message takes along the replies that wait ---- */

/** @param c  or NULL for none. @return 0, -EINVAL, -EIO */
int dialogue_tx_begin(struct dialogue *d, const struct tcap_component *c);
int dialogue_tx_continue(struct dialogue *d, const struct tcap_component *c);
int dialogue_tx_end(struct dialogue *d, const struct tcap_component *c);

/** Would a TC-BEGIN with that component go in one piece? */
bool dialogue_begin_fits(struct dialogue *d, const struct tcap_component *c);

/** TC-U-ABORT, if the peer can be reached. @param reason  told in version 2 and 3 */
void dialogue_tx_abort(struct dialogue *d, enum map_user_abort_reason reason);

/** The peer's TC-BEGIN refused: a TC-ABORT with that AARE, or with a P-Abort cause if aare is NULL. */
void dialogue_tx_refuse(struct map_node *node, const struct sccp_message *begin,
			const struct tcap_id *id, const struct tcap_dialogue *aare,
			enum tcap_p_abort cause);

/** What answers to a message come from: where it was sent to, if that can be routed back. */
struct sccp_address dialogue_own_address(const struct map_node *node,
					 const struct sccp_address *called);

/** Keep a reply for the next message. */
void dialogue_reply(struct dialogue *d, const struct tcap_component *reply);

/** Keep a Reject of c. */
void dialogue_reject(struct dialogue *d, const struct tcap_component *c,
		     enum tcap_problem_type problem_type, enum tcap_problem problem);

/* ---- dialogue_rx.c ---- */

/** Data of one TCAP message. */
void dialogue_rx(struct map_node *node, const struct sccp_message *s);

/** Data of a message of ours that SCCP returned; may be cut off. */
void dialogue_rx_returned(struct map_node *node, const struct sccp_message *s);

/* ---- dialogue_invoke.c ---- */

/** Send TC-BEGIN with the operation in hand, in the dialogue's version. @return 0, -EINVAL, -EIO */
int dialogue_begin(struct dialogue *d);

/** Send the operation in hand in a dialogue that the peer has accepted. @return 0, -EINVAL, -EIO */
int dialogue_continue_with_invoke(struct dialogue *d);

/** Has the operation an answer in the dialogue's version? */
bool dialogue_wants_answer(const struct dialogue *d);

/** End it unless it stays open, and tell the user. @param how  end, cause and what the component brought */
void dialogue_outcome(struct dialogue *d, const struct map_outcome *how);

/* ---- dialogue_answer.c ---- */

void dialogue_accept_action(struct osmo_fsm_inst *fi, uint32_t event, void *data);
void dialogue_wait_action(struct osmo_fsm_inst *fi, uint32_t event, void *data);
void dialogue_more_action(struct osmo_fsm_inst *fi, uint32_t event, void *data);

/* ---- dialogue_version.c ---- */

/** The version to begin with: what is known of the peer, else the highest. 0 if there is none. */
uint8_t dialogue_first_version(struct dialogue *d, const struct map_argument *a);

/** The peer took the version of the dialogue: remember. */
void dialogue_accepted(struct dialogue *d);

/** The peer's first message refuses the dialogue in this version. */
bool dialogue_refused(const struct dialogue *d, const struct tcap_message *m);

/** Begin again in another version, or end with that refusal. */
void dialogue_fall_back(struct dialogue *d, const struct tcap_message *m);

/** How an abort or a refusal is told to the user. */
struct map_outcome dialogue_abort_outcome(const struct tcap_message *m);

/* ---- dialogue_perform.c ---- */

/** A TC-BEGIN that is new. */
void dialogue_perform_begin(struct map_node *node, const struct sccp_message *s,
			    const struct tcap_message *m);

/** Abort the one that has waited longest, to make room for another. */
void dialogue_evict(struct map_node *node);

/** Free it; tell the user if he owes an answer or a message. */
void dialogue_ended(struct dialogue *d, const struct map_outcome *why);

void dialogue_serve_action(struct osmo_fsm_inst *fi, uint32_t event, void *data);
void dialogue_idle_action(struct osmo_fsm_inst *fi, uint32_t event, void *data);

/** Give up on the user: answer systemFailure in his place. */
void dialogue_serve_timeout(struct dialogue *d);

/* ---- map_sccp.c ---- */

/** @return 0, -EIO */
int map_sccp_tx(struct map_node *node, const struct sccp_address *called,
		const struct sccp_address *calling, struct view data);

/** Would that much data go as one UDT? */
bool map_sccp_fits(const struct map_node *node, const struct sccp_address *called,
		   const struct sccp_address *calling, struct view data);
