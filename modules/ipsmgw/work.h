/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_WORK_H
#define IPSMGW_WORK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What the spool process has the async workers do. Each is one block of shared
 * memory, which is freed when it is done.
 */

struct work {
	struct work *next;
	void (*run)(struct work *w);
	const char *name; /* for the log */
	unsigned lane;    /* work of one lane is done one after another, in order;
						 0: side by side with all other */
};

/** A lane for all that has this key. */
static inline unsigned work_lane(uint64_t key)
{
	return (unsigned)(key % 255) + 1;
}

int work_init(void); /* before fork */

/** Spool process: give it to the async workers, who begin with it after
 * work_flush() at the latest. Takes the work; if too much waits already, it is
 * dropped with a line in the log. */
void work_push(struct work *w);

/** Spool process: wake as many async workers as there is work for. */
void work_flush(void);

/** Spool process: @return true if what is pushed now is the workers' soon; if
 * not, they wake this process when it is */
bool work_room(void);

#endif
