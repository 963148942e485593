/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The database has times of the wall clock. When that is set, what waits moves
 * with it, in the first transaction behind the step: no event goes by the new
 * clock while the database has times of the old one. The monotonic clock tells
 * a step, and across a restart what the writer before us has noted of it.
 */

#include <fcntl.h>
#include <unistd.h>

#include "core/dprint.h"

#include "../../lib/store/store_clock.h"
#include "ipsmgw.h"
#include "mt_table.h"
#include "spool_int.h"

enum {
	STEP_MS = 2000, /* a clock that moves by more was set */
	DRIFT_MS = 500, /* small steps: noted anew, nothing is moved */
};

static struct store_clock noted;
static int64_t offset_ms; /* wall clock - monotonic clock */
static int64_t step_ms;   /* the times in the database do not have it yet */

static int64_t offset_now_ms(void)
{
	return ipsmgw_now_ms() - ipsmgw_mono_ms();
}

static void note(void)
{
	noted.offset_ms = offset_ms;
	if(store_clock_write(spool_store, &noted))
		LM_WARN("%s.lock cannot be written\n", ipsmgw_cfg.db_path);
}

/* Empty if the system does not tell: then every start is one after a boot. */
static void boot_read(char boot[STORE_BOOT_LEN + 1])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if(fd >= 0 && read(fd, boot, STORE_BOOT_LEN) != STORE_BOOT_LEN)
		boot[0] = '\0';
	if(fd >= 0)
		close(fd);
}

void spool_clock_start(void)
{
	boot_read(noted.boot);
	noted.origin_ms = noted.offset_ms = offset_now_ms();
	store_clock_read(spool_store, &noted); /* it may have been set meanwhile */
	store_clock_shifted(spool_store, noted.offset_ms - noted.origin_ms,
			ipsmgw_mono_ms() + noted.offset_ms);
	offset_ms = noted.offset_ms;
	note();
}

/* Those that A has at the moment; in the database they move with the rest. */
static void move_on_their_way(int64_t by_ms)
{
	for(struct mt *m = mt_first(); m; m = m->next)
		m->created_ms += by_ms;
}

void spool_clock_watch(int64_t now_ms)
{
	int64_t offset = now_ms - ipsmgw_mono_ms(), step = offset - offset_ms;

	offset_ms = offset;
	if(step > STEP_MS || step < -STEP_MS) {
		step_ms += step;
		move_on_their_way(step);
		store_clock_shifted(spool_store, offset - noted.origin_ms, now_ms);
		spool_out_hurry();
		deliver_due_at(0);
		LM_NOTICE("the clock was set by %lld s\n", (long long)step / 1000);
	} else if(!step_ms && llabs(offset - noted.offset_ms) > DRIFT_MS) {
		noted.origin_ms += offset - noted.offset_ms; /* it was not set */
		note();
	}
}

int spool_clock_begin(void)
{
	return step_ms ? store_sms_clock_stepped(spool_store, step_ms) : 0;
}

void spool_clock_committed(void)
{
	if(step_ms)
		note();
	step_ms = 0;
}
