/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * LD_PRELOAD for Kamailio in the benchmark: counts fsync() and fdatasync() into the first eight octets of the file
 * SYNC_COUNT, and makes each of them take SYNC_US microseconds at least, as on another disk.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint64_t none, *count = &none;
static uint64_t least_ns;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("SYNC_COUNT"), *us = getenv("SYNC_US");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p != MAP_FAILED)
		count = p;
	if (fd >= 0)
		close(fd);
	least_ns = us ? strtoull(us, NULL, 10) * 1000u : 0;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int counted(const char *name, int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
	uint64_t until = now_ns() + least_ns, now;
	int rc = real(fd);

	__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
	now = now_ns();
	if (now < until)
		nanosleep(&(struct timespec){.tv_nsec = (long)(until - now)}, NULL);
	return rc;
}

int fsync(int fd)
{
	return counted("fsync", fd);
}

int fdatasync(int fd)
{
	return counted("fdatasync", fd);
}
