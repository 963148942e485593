/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <sched.h>

/* In place of Kamailio's, for tests of files of the module: between threads. */
typedef int gen_lock_t;

static inline void lock_init(gen_lock_t *lock)
{
	*lock = 0;
}

static inline void lock_get(gen_lock_t *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static inline void lock_release(gen_lock_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}
