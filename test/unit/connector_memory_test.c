/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/smpp_conn.c connector/esme_fsm.c connector/esme_deliver.c connector/esme.c connector/esme_submit.c */
/* sources: connector/smsc.c connector/smsc_queue.c connector/sm.c connector/answered.c connector/route.c connector/rate.c */
/* sources: connector/receipt_id.c connector/inbound.c connector/link_client.c connector/log.c connector/recent.c connector/comeback.c */

/*
 * Memory runs out at every allocation of the connector's own, one after the other, once or for good: it does not start, or
 * what it is given meanwhile is answered, once, and nothing is left. What is around it: test/fuzz/smpp_world.h.
 */

#include <dlfcn.h>

#include "test.h"

#include "../fuzz/smpp_world.h"

enum { ALLOCATIONS_MAX = 2000 };

static long left = -1; /* allocations that work; -1: all */
static bool for_good;

/* What libosmocore allocates for itself always works: it does not look (osmo_fsm_inst_alloc() of 1.7). */
static bool is_ours(const void *caller)
{
	Dl_info it, we;

	return dladdr(caller, &it) && dladdr((const void *)&left, &we) && it.dli_fbase == we.dli_fbase;
}

static bool fails(const void *caller)
{
	if (left < 0 || !is_ours(caller))
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	if (!for_good)
		left = -1;
	return true;
}

/* ---- in place of those of libtalloc ---- */

void *_talloc_zero(const void *ctx, size_t size, const char *name)
{
	static void *(*real)(const void *, size_t, const char *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "_talloc_zero");
	return fails(__builtin_return_address(0)) ? NULL : real(ctx, size, name);
}

void *talloc_named_const(const void *ctx, size_t size, const char *name)
{
	static void *(*real)(const void *, size_t, const char *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "talloc_named_const");
	return fails(__builtin_return_address(0)) ? NULL : real(ctx, size, name);
}

void *_talloc_realloc(const void *ctx, void *old, size_t size, const char *name)
{
	static void *(*real)(const void *, void *, size_t, const char *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "_talloc_realloc");
	return fails(__builtin_return_address(0)) ? NULL : real(ctx, old, size, name);
}

/* ---- cases ---- */

/* Texts, receipts and submissions, more than one at a time, some answered. */
static void traffic(void)
{
	uint8_t long_text[200] = {0};

	world_pass(2000);
	for (uint64_t ref = 1; ref < 7; ref++)
		world_data(ref, 0, 0, VIEW(""));
	world_smsc_delivers(world_socket(false, 0), 1, NULL, VIEW("hi"));
	world_smsc_delivers(world_socket(false, 0), 2, NULL, (struct view){long_text, sizeof(long_text)});
	world_smsc_delivers(world_socket(false, 0), 3, "1", VIEW(""));
	world_turn();
	world_smsc_answers(world_socket(false, 0), 0, ESME_ROK);
	world_smsc_answers(world_socket(false, 0), 1, ESME_RTHROTTLED);
	world_module_answers(0, 0);
	world_module_answers(1, RP_CAUSE_MEMORY_EXCEEDED);
	world_turn();
	world_pass(3000);
	world_check();
}

/* @return false if an allocation failed */
static bool run(long allocations, bool at_start)
{
	void *ctx = talloc_named_const(NULL, 0, "connector_memory_test");
	bool opened, failed;

	left = at_start ? allocations : -1;
	opened = world_open(ctx, false);
	if (!at_start)
		left = allocations;
	if (opened)
		traffic();
	failed = left <= 0 && allocations >= 0;
	left = -1;
	if (opened) {
		world_drain();
		world_close(ctx);
	}
	talloc_free(ctx);
	return !failed;
}

static void test_every(bool at_start, bool good)
{
	long n = 0;

	for_good = good;
	while (n < ALLOCATIONS_MAX && !run(n, at_start))
		n++;
	CHECK(n > 5 && n < ALLOCATIONS_MAX, "%ld allocations", n);
}

int main(void)
{
	world_start_once();
	CHECK(run(-1, true), "with memory");
	test_every(true, false);
	test_every(true, true);
	test_every(false, false);
	test_every(false, true);
	return test_end("connector_memory_test");
}
