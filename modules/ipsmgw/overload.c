/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Three queues tell that there is more than can be done: what waits in the
 * database for the SMS side, what waits for the spool process, and what waits
 * in the UDP socket for a worker. A long wait makes clients retransmit, which
 * makes it longer; a 503 (RFC 3261 21.5.4) costs a fraction of a message.
 */

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "core/dprint.h"
#include "core/ip_addr.h"
#include "core/mem/shm_mem.h"

#include "ipsmgw.h"
#include "mailbox.h"
#include "overload.h"
#include "spool.h"

enum {
	POSTS_MAX = 2000,
	WAIT_LONG_MS = 400,
	POSTS_FEW = 64, /* so many are no queue, however old */
	SOCKET_LONG = 50, /* percent of the socket's memory: it is overloaded if that lasts, .. */
	SOCKET_SHORT = 25, /* .. until it stays below that */
	SOCKET_LASTS_MS = 200,
	SOCKET_CALM_MS = 1000,
	SOCKET_LOOK_MS = 5, /* a worker has one UDP socket and asks that often */
	SAID_EVERY_MS = 10000,
};

static struct overload {
	int64_t long_ms; /* since then the socket has too much; 0: it has not */
	int64_t busy_ms; /* it was above SOCKET_SHORT */
	int64_t said_ms;
	unsigned shed; /* since then */
} * shared;

int overload_init(void)
{
	shared = shm_malloc(sizeof(*shared));
	if(!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	return 0;
}

/* ---- the socket ---- */

static unsigned socket_percent(const sip_msg_t *msg)
{
	uint32_t mem[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(mem);

	if(!msg->rcv.bind_address
			|| getsockopt(msg->rcv.bind_address->socket, SOL_SOCKET, SO_MEMINFO,
					mem, &len)
			|| !mem[SK_MEMINFO_RCVBUF])
		return 0;
	return (unsigned)(mem[SK_MEMINFO_RMEM_ALLOC] * 100ull
					  / mem[SK_MEMINFO_RCVBUF]);
}

/* A burst is no overload: the queue must have been long for a while. Workers
 * may overwrite each other's times: they differ little. */
static bool socket_is_long(const sip_msg_t *msg, int64_t now_ms)
{
	unsigned percent = socket_percent(msg);

	if(percent < SOCKET_SHORT)
		return false;
	if(now_ms - shared->busy_ms > SOCKET_CALM_MS)
		shared->long_ms = 0;
	shared->busy_ms = now_ms;
	if(!shared->long_ms && percent >= SOCKET_LONG)
		shared->long_ms = now_ms;
	return shared->long_ms && now_ms - shared->long_ms >= SOCKET_LASTS_MS;
}

static bool socket_overloaded(const sip_msg_t *msg)
{
	static int64_t looked_ms;
	static bool overloaded;
	int64_t now_ms;

	if(msg->rcv.proto != PROTO_UDP)
		return false;
	now_ms = ipsmgw_mono_ms();
	if(now_ms - looked_ms >= SOCKET_LOOK_MS) {
		looked_ms = now_ms;
		overloaded = socket_is_long(msg, now_ms);
	}
	return overloaded;
}

/* ---- the spool process ---- */

/* Below T1 (RFC 3261 17.1.1.1): what is taken is answered before the client
 * sends it again. */
static int wait_limit_ms(void)
{
	return ipsmgw_cfg.store_timeout_ms < WAIT_LONG_MS
				   ? ipsmgw_cfg.store_timeout_ms
				   : WAIT_LONG_MS;
}

static bool spool_overloaded(void)
{
	int waiting = mailbox_waiting(), limit_ms = wait_limit_ms();

	return waiting >= POSTS_MAX
		   || (waiting >= POSTS_FEW
				   && (mailbox_wait_ms() > limit_ms
						   || mailbox_silent_ms() > limit_ms));
}

/* ---- all ---- */

static const char *queued(void)
{
	return spool_status->queued >= (unsigned)ipsmgw_cfg.max_queued_segments
				   ? "max_queued_segments wait for the SMS side"
				   : NULL;
}

static const char *reason(const sip_msg_t *msg)
{
	const char *why = queued();

	if(why)
		return why;
	if(spool_overloaded())
		return "the spool process is behind";
	return socket_overloaded(msg) ? "the workers are behind" : NULL;
}

static void say(const char *why)
{
	int64_t now_ms = ipsmgw_mono_ms(), said_ms = shared->said_ms;

	__atomic_add_fetch(&shared->shed, 1, __ATOMIC_RELAXED);
	if((said_ms && now_ms - said_ms < SAID_EVERY_MS)
			|| !__atomic_compare_exchange_n(&shared->said_ms, &said_ms, now_ms,
					false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	LM_WARN("overload: %s; %u requests refused with 503 since the last line\n",
			why, __atomic_exchange_n(&shared->shed, 0, __ATOMIC_RELAXED));
}

static const char *shed(const char *why)
{
	if(why) {
		counter_inc(ipsmgw_counters.cpm_shed);
		say(why);
	}
	return why;
}

const char *overload(const sip_msg_t *msg)
{
	return shed(reason(msg));
}

const char *overload_queued(void)
{
	return shed(queued());
}
