/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The parts that generator and sink of the benchmark have in common: load.h. */

#include "load.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FDS_MAX = 64, LINE_MAX_OCTETS = 512 };

void die(const char *what)
{
	perror(what);
	exit(1);
}

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- ledger ---- */

struct ledger ledger_open(const char *path)
{
	struct ledger l = {0};
	struct stat st;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		die(path);
	l.n = (uint32_t)((size_t)st.st_size / sizeof(struct ledger_entry));
	l.entry = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (l.entry == MAP_FAILED)
		die(path);
	close(fd);
	return l;
}

static bool tag_read(const uint8_t *p, uint32_t *seq)
{
	uint32_t n = 0;

	if (p[0] != '#' || p[TAG_OCTETS - 1] != '#')
		return false;
	for (int i = 1; i < TAG_OCTETS - 1; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		n = n * 10 + (p[i] - '0');
	}
	*seq = n;
	return true;
}

struct ledger_entry *ledger_find(const struct ledger *l, const void *text, size_t len, uint32_t *seq)
{
	const uint8_t *p = text, *end = p + len;

	while ((p = memchr(p, '#', (size_t)(end - p))) && end - p >= TAG_OCTETS) {
		if (tag_read(p, seq))
			return *seq < l->n ? &l->entry[*seq] : NULL;
		p++;
	}
	return NULL;
}

void ledger_arrived(struct ledger_entry *e, unsigned part, unsigned total, uint64_t at_ns)
{
	unsigned bit = 1u << ((part - 1) % PARTS_MAX), all = (1u << total) - 1;

	if (e->parts & bit)
		e->again++;
	e->parts |= (uint8_t)bit;
	if (e->parts == all && !e->arrived_ns)
		e->arrived_ns = at_ns;
}

/* ---- pace ---- */

void pace_start(struct pace *p, double rate, uint32_t first, uint32_t count)
{
	*p = (struct pace){.start_ns = now_ns(), .rate = rate, .first = first, .next = first, .end = first + count};
}

static uint64_t due_ns(const struct pace *p, uint32_t seq)
{
	return p->start_ns + (uint64_t)((double)(seq - p->first) * 1e9 / p->rate);
}

uint32_t pace_due(struct pace *p)
{
	uint64_t now = now_ns(), late;
	uint32_t due;

	if (p->next == p->end || due_ns(p, p->next) > now)
		return 0;
	late = now - due_ns(p, p->next);
	if (late > p->late_ns)
		p->late_ns = late;
	due = (uint32_t)((double)(now - p->start_ns) * p->rate / 1e9) + 1 - (p->next - p->first);
	return due < p->end - p->next ? due : p->end - p->next;
}

uint64_t pace_wait_ns(const struct pace *p)
{
	uint64_t now = now_ns(), due;

	if (p->next == p->end)
		return UINT64_MAX;
	due = due_ns(p, p->next);
	return due > now ? due - now : 0;
}

/* ---- waiting, commands ---- */

bool wait_for_io(struct io *io, unsigned n, uint64_t ns)
{
	struct pollfd p[FDS_MAX + 1] = {{.fd = STDIN_FILENO, .events = POLLIN}};
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};

	for (unsigned i = 0; i < n; i++)
		p[i + 1] = (struct pollfd){.fd = io[i].fd, .events = (short)(POLLIN | (io[i].write ? POLLOUT : 0))};
	if (ppoll(p, n + 1, ns == UINT64_MAX ? NULL : &t, NULL) < 0)
		die("ppoll");
	for (unsigned i = 0; i < n; i++)
		io[i].ready = p[i + 1].revents;
	return p[0].revents;
}

char *command_next(void)
{
	static char line[LINE_MAX_OCTETS];
	static size_t len;
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	while (poll(&p, 1, 0) > 0) {
		ssize_t n = read(STDIN_FILENO, line + len, 1);

		if (n <= 0 || len == sizeof(line) - 1)
			exit(0);
		if (line[len] != '\n') {
			len++;
			continue;
		}
		line[len] = '\0';
		len = 0;
		return line;
	}
	return NULL;
}
