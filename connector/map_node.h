/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "compat.h"

#include <stdbool.h>

#include "../lib/map/map_sm.h"
#include "../lib/map/sccp.h"

/*
 * A node that speaks MAP: it invokes operations of short messages at peers, and performs those of peers.
 * Below it stands whatever carries one SCCP message to an address; above it the user, who gets exactly one
 * outcome for each operation that was invoked, and gives one answer to each that was indicated.
 *
 * Handles name dialogues and are never used twice. The user may call anything from within a callback, but
 * the network must not call map_node_rx() from within tx().
 */

struct map_node;

/* ---- settings ---- */

enum {
	MAP_NODE_SSNS_MAX = 8,
	MAP_NODE_REFERENCE_MAX = 20, /* octets of an AddressString */
};

/** A bit for each operation, for map_node_config.served. */
#define MAP_NODE_SERVES(operation) (1u << ((operation)-MAP_MT_FORWARD_SM))

struct map_node_config {
	struct sccp_address own; /* for answers to a called address without a global title */
	uint8_t ssns[MAP_NODE_SSNS_MAX]; /* that are ours */
	unsigned n_ssns;		 /* 0: all */
	uint32_t served;		 /* operations that are performed */
	uint8_t version_max;		 /* 1 to 3 */
	size_t message_max;		 /* octets of one SCCP message */
	bool segment; /* a message too long for that goes as XUDT segments, not behind an empty TC-BEGIN */
	unsigned short_s, medium_s, long_s; /* operation timers (TS 29.002 17.1.2) */
	unsigned idle_s;	/* a dialogue that is open while nothing is invoked in it */
	unsigned guard_s;	/* longest life of a dialogue */
	unsigned duplicate_s;	/* a message that comes twice within it is one */
	unsigned version_age_s; /* after which the highest version is tried again */
	unsigned invoking_max, performing_max; /* dialogues */
	unsigned versions_max;		       /* peers of which the version is kept */
	unsigned recent_max; /* ids of dialogues gone, and messages, that are kept */
	unsigned reassembly_slots;
	unsigned ctr_idx; /* of the counter group */
};

extern const struct map_node_config map_node_config_default;

/* ---- what the user is told ---- */

enum map_end {
	MAP_END_RESULT,
	MAP_END_ERROR,	  /* ReturnError */
	MAP_END_REJECT,	  /* Reject of the peer, or a result that is not to be understood */
	MAP_END_REFUSED,  /* no version in common, or the dialogue is not wanted */
	MAP_END_U_ABORT,  /* by the peer's user */
	MAP_END_P_ABORT,  /* by the peer's TCAP, or ours: a message that is not to be understood */
	MAP_END_RETURNED, /* by SCCP */
	MAP_END_TIMEOUT,
	MAP_END_CLOSED,	  /* TC-END without an answer */
	MAP_END_EVICTED,  /* performing: aborted to make room */
	MAP_END_NOT_SENT, /* the network did not take a message of ours */
};

struct map_outcome {
	enum map_end end;
	enum map_operation operation;
	uint8_t version; /* of the dialogue */
	bool open; /* the dialogue goes on: map_node_invoke_next() or map_node_close() is due */
	/*
	 * Nothing proves that the peer has not performed the operation: only the user can decide
	 * whether to repeat it. Always false with RESULT, ERROR, REFUSED and RETURNED.
	 */
	bool uncertain;
	/* P_ABORT: enum tcap_p_abort; RETURNED: enum sccp_return_cause; REJECT: problem; U_ABORT: reason of
	   map-userAbort; REFUSED: reason of map-refuse, else diagnostic of the AARE */
	uint8_t cause;
	uint8_t problem_type;		 /* REJECT */
	const struct sccp_address *peer; /* that answered; NULL if nobody did */
	const struct map_result *result; /* RESULT; its views hold until the callback returns */
	const struct map_error *error;	 /* ERROR; likewise */
	const struct map_inform_service_centre *inform; /* that came with it, or NULL */
};

struct map_indication {
	const struct map_argument *argument; /* its views hold until the callback returns */
	const struct sccp_address *peer, *called;
	bool more; /* more messages of the peer will follow in this dialogue */
};

struct map_node_ops {
	/** Send one SCCP message to the called address in it. @return 0, -errno if it did not go */
	int (*tx)(void *data, const struct sccp_address *called, struct view message);
	/** How an operation of ours ended. Without outcome->open the handle is gone. */
	void (*outcome)(void *data, uint64_t handle, const struct map_outcome *outcome);
	/** A peer asks for an operation: map_node_answer() or map_node_answer_error() is due, now or later. */
	void (*indication)(void *data, uint64_t handle, const struct map_indication *indication);
	/** A dialogue is gone in which an answer, or the next message, of ours was due. */
	void (*ended)(void *data, uint64_t handle, const struct map_outcome *why);
	/** May that peer begin a dialogue? NULL: any may. Who may not is refused without a reason. */
	bool (*admits)(void *data, const struct sccp_address *peer);
	/** Random octets that nobody can guess; NULL for those of the system. */
	void (*random)(void *data, void *out, size_t octets);
};

/* ---- life ---- */

/** @return NULL if memory is out */
struct map_node *map_node_alloc(void *ctx, const struct map_node_config *config,
				const struct map_node_ops *ops, void *data);

/** Forget all dialogues and free. Nobody is told. */
void map_node_free(struct map_node *node);

/** One SCCP message from the network. */
void map_node_rx(struct map_node *node, struct view message);

/** Likewise, with the point code that the layer below names: it is where an answer goes to if the calling address
 *  is routed on its SSN and has none (Q.714 2.7.5.1). */
void map_node_rx_from(struct map_node *node, uint32_t opc, struct view message);

/** Dialogues begun by us, and by peers. */
unsigned map_node_invoking(const struct map_node *node);
unsigned map_node_performing(const struct map_node *node);

struct rate_ctr_group *map_node_ctrs(struct map_node *node);

/* ---- invoke ---- */

struct map_request {
	/* version: the highest to be tried, 0 for the highest there is. With moreMessagesToSend the dialogue
	   stays open if the peer agrees */
	struct map_argument argument;
	struct sccp_address called, calling;
	struct view destination_reference, origination_reference; /* of map-open; may be empty */
};

/**
 * Begin a dialogue. What the request points to need not outlive the call.
 * @return 0 and *handle, under which exactly one outcome follows;
 *         -EINVAL   not codable
 *         -ENOTSUP  no such operation, or a meaning that no version up to the highest allowed has
 *         -ENOBUFS  too many dialogues
 *         -ENOMEM, -EIO (the network did not take it)
 */
int map_node_invoke(struct map_node *node, const struct map_request *request, uint64_t *handle);

/**
 * The next message in a dialogue that is open; its outcome follows. The version is that of the dialogue.
 * @return 0, -ENOENT, -EBUSY (the one before has no outcome yet), -EINVAL, -ENOTSUP (another
 *         operation), -ENOMEM, -EIO (the dialogue is gone then)
 */
int map_node_invoke_next(struct map_node *node, uint64_t handle,
			 const struct map_argument *argument);

/** End a dialogue that is open. @return 0, -ENOENT, -EBUSY */
int map_node_close(struct map_node *node, uint64_t handle);

/* ---- perform ---- */

/**
 * Operation and version of the result are those of the dialogue, whatever stands in it.
 * @return 0, -ENOENT (no such dialogue, or no answer is due), -EINVAL (not codable: the answer is still due),
 *         -EIO (not sent, the dialogue is gone)
 */
int map_node_answer(struct map_node *node, uint64_t handle, const struct map_result *result);

/** As above. */
int map_node_answer_error(struct map_node *node, uint64_t handle, const struct map_error *error);

const char *map_end_name(enum map_end end); /* "result", "unknown" */
