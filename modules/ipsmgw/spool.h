/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SPOOL_H
#define IPSMGW_SPOOL_H

#include "mailbox.h"

/*
 * The spool process: sole owner of the database for writing and of the link.
 * Everything that wants to change the store is an event; the events that wait
 * are applied in one transaction, committed, and only then answered.
 */

int spool_init(void);  /* mod_init: shared memory, process slot */
int spool_start(void); /* child_init(PROC_MAIN): forks */

/** Depth of queues for RPC, in shared memory. */
struct spool_status {
	unsigned in_flight;  /* segments at the connector */
	unsigned queued;     /* segments in the database for the SMS side, about */
	unsigned delivering; /* messages at A's side */
	unsigned sessions;   /* chat sessions that are not closed */
	bool store_ok;
	int64_t started_ms;
	uint64_t commits, events;
};

extern struct spool_status *spool_status;

/** Of the last life: store_resubmissions() and store_redeliveries() of the first opening. Before spool_start(). */
extern int64_t spool_resubmissions, spool_redeliveries;

#endif
