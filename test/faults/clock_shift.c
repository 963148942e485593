/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Preloaded into a program under test: its wall clock is off by as many
 * seconds as the file CLOCK_SHIFT_FILE says (an int64_t, read at each call).
 * The monotonic clock stays as it is, as with a step of NTP or of date(1).
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t none;
static const volatile int64_t *shift_s = &none;
static int (*real_clock_gettime)(clockid_t id, struct timespec *t);

__attribute__((constructor)) static void clock_shift_setup(void)
{
	const char *path = getenv("CLOCK_SHIFT_FILE");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *page;

	*(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	if (fd < 0)
		return;
	page = mmap(NULL, sizeof(*shift_s), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (page != MAP_FAILED)
		shift_s = page;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc;

	if (!real_clock_gettime)
		clock_shift_setup();
	rc = real_clock_gettime(id, t);
	if (!rc && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		t->tv_sec += (time_t)*shift_s;
	return rc;
}

int gettimeofday(struct timeval *tv, void *tz)
{
	struct timespec t;

	(void)tz;
	clock_gettime(CLOCK_REALTIME, &t);
	tv->tv_sec = t.tv_sec;
	tv->tv_usec = t.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}
