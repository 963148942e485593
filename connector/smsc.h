/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "connector.h"

#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/timer.h>

#include "../lib/sms/address.h"
#include "answered.h"
#include "comeback.h"
#include "rate.h"

/*
 * An SMSC as the rest of the connector sees it, whatever is spoken with it: something that messages
 * are routed to, that is up or down, and has a queue (smsc_queue.c). struct esme and struct map_smsc begin
 * with one.
 */

enum { SMSC_WINDOW_DEFAULT = 100, SMSC_QUEUE_DEFAULT = 2000 };

struct sm;
struct smsc;
struct vty;

struct smsc_ops {
	const char *protocol; /* as in the configuration: "smpp", "map" */
	const struct rate_ctr_group_desc *ctrs;
	unsigned ctr_queue_full, ctr_temporary; /* among these */
	int log_category;
	void (*start)(struct smsc *smsc); /* unless shut down or not configured */
	void (*stop)(struct smsc *smsc);  /* close; as it goes down, what waits is flushed */
	bool (*is_idle)(const struct smsc *smsc);      /* all is closed */
	bool (*has_sent)(const struct smsc *smsc);     /* something waits for its answer */
	bool (*takes_any_sc)(const struct smsc *smsc); /* what names an SC address instead of it */
	bool (*may_send)(const struct smsc *smsc);     /* there is room in the window */
	/**
	 * Send a message that is in no list: sm_accepted(), sm_delivered() or sm_failed() follows, now or later.
	 * @return false: there was no room, it stays in the queue
	 */
	bool (*send)(struct smsc *smsc, struct sm *sm);
	void (*flush)(
		struct smsc *smsc); /* NULL, or give back what has left the queue and is not sent */
	const char *(*status_name)(uint32_t status);		 /* of struct sm_answer */
	void (*show)(struct vty *vty, const struct smsc *smsc);	 /* the lines below the first */
	void (*write)(struct vty *vty, const struct smsc *smsc); /* what is its protocol's own */
	void (*free)(struct smsc *smsc); /* answer for all that it holds; smsc_exit() included */
};

struct smsc {
	struct llist_head entry; /* struct connector.smscs */
	const struct smsc_ops *ops;
	struct connector *c;
	char name[SMSC_NAME_SIZE];
	struct sms_address sc_address; /* RP-OA of what comes from it; on MAP where it is sent to */
	unsigned window;	       /* parts out without an answer; told to the module */
	unsigned queue_max;	       /* messages that may wait */
	bool shutdown;
	bool up;
	uint64_t changed_us; /* since when it is up or down */
	char why[64];	     /* it is down */
	char why_told[64];   /* to the module */
	struct rate_ctr_group *ctrs;
	struct llist_head queue; /* struct sm.entry, in order of arrival */
	unsigned queued;
	unsigned held; /* messages in its queue or out */
	struct comeback comeback; /* of those that found no room */
	bool was_full;		  /* since the module was last told that there is room */
	uint64_t room_told_us;
	bool pumping;
	struct rate rate;
	struct osmo_timer_list
		pump; /* when the rate lets the next part go; at the latest each second */
};

/** Fill in what is common and put it into the list. @return 0, -EINVAL (name too long), -ENOMEM */
int smsc_init(struct smsc *smsc, struct connector *c, const struct smsc_ops *ops, const char *name);

/** Flush, and take it out of the list; what smsc_init() has allocated is freed. Also after it failed. */
void smsc_exit(struct smsc *smsc);

void smsc_count(struct smsc *smsc, unsigned ctr);

struct smsc *smsc_find(struct connector *c, const char *name);

/**
 * One that is up and has that SC address, whatever it speaks; else one that takes a message for any; else NULL.
 * @param any  there is one, up or down
 */
struct smsc *smsc_find_sc(struct connector *c, const struct sms_address *sc_address, bool *any);

/** Up or down: log, tell the module, send or flush what waits. */
void smsc_set_up(struct smsc *smsc, bool up);

bool smsc_is_up(const struct smsc *smsc);

/**
 * Of what the link may have in hand, one SMSC among several holds as much at most as is free: however many are
 * slow, there is room left for another.
 */
bool smsc_has_share(const struct smsc *smsc);

/** An SMSC that was full is not any more: tell the module, now and then. */
void smsc_tell_room(struct smsc *smsc);

/* ---- the queue (smsc_queue.c) ---- */

/** Take a message into the queue, or fail it if the queue is full. */
void smsc_enqueue(struct smsc *smsc, struct sm *sm);

/** Back to its place: it goes when it may. */
void smsc_queue_insert(struct smsc *smsc, struct sm *sm);

/** Send what window and rate let go now. */
void smsc_pump(struct smsc *smsc);

/** Everything that is not sent finds another SMSC or goes back to the module. */
void smsc_queue_flush(struct smsc *smsc);
