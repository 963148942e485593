/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What sip_load.c (A's side) and smpp_sink.c (the SMSC) share: the ledger, a file in memory with one entry for each
 * message, into which each side writes what it sees; the rate at which something is sent; commands line by line.
 *
 * A message is known by its number. It stands in its text as #012345678#, in each part of a long one, and gives its
 * A and its B, so that whoever receives it can tell a wrong one.
 */

enum { TAG_OCTETS = 11, PARTS_MAX = 8 };

struct ledger_entry {
	uint64_t begun_ns;    /* sent for the first time */
	uint64_t answered_ns; /* its final answer came; 0: none yet */
	uint64_t arrived_ns;  /* all of it, on the other side; 0: not yet */
	uint64_t told_ns;     /* the notification came */
	uint32_t branch;      /* of the MESSAGE that brought it to A: tells a retransmission from a second one */
	uint32_t told_branch; /* the same of the notification */
	uint32_t code;	      /* of the answer: SIP status or command_status */
	uint8_t parts;	      /* that arrived, a bit each */
	uint8_t again;	      /* parts that arrived once more */
	uint8_t told, resent;
};

struct ledger {
	struct ledger_entry *entry;
	uint32_t n;
};

/** The A and B of a message: those that follow each other are far apart. */
static inline uint32_t pair_of(uint32_t seq, uint32_t pairs)
{
	return (uint32_t)((uint64_t)seq * 2654435761u % pairs);
}

/** Map the file, whose size says how many entries there are. Ends the program if that fails. */
struct ledger ledger_open(const char *path);

/** @return the entry of the message whose tag stands in text, or NULL; *seq is its number */
struct ledger_entry *ledger_find(const struct ledger *l, const void *text, size_t len, uint32_t *seq);

/** A part of it came, of so many. */
void ledger_arrived(struct ledger_entry *e, unsigned part, unsigned total, uint64_t at_ns);

uint64_t now_ns(void); /* by the clock of the kernel's time stamps */

/* ---- a rate ---- */

struct pace {
	uint64_t start_ns, late_ns; /* late: the worst so far */
	double rate;		    /* a second */
	uint32_t next, end;	    /* numbers of messages */
	uint32_t first;
};

void pace_start(struct pace *p, double rate, uint32_t first, uint32_t count);

/** @return how many are to be sent now */
uint32_t pace_due(struct pace *p);

/** @return nanoseconds until the next one is to be sent, UINT64_MAX if there is none */
uint64_t pace_wait_ns(const struct pace *p);

/* ---- commands on the standard input, waiting ---- */

struct io {
	int fd;
	bool write; /* wait until it can be written, too */
	bool ready;
};

/** Wait until one of them is ready, or for ns. Standard input is watched beside them. @return whether a command waits */
bool wait_for_io(struct io *io, unsigned n, uint64_t ns);

/** @return the next line, NULL if it is not complete; the program ends with the standard input */
char *command_next(void);

/** Print to the standard error and end. */
void die(const char *what) __attribute__((noreturn));
