/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Octets -> SENDs of one chat session into the module's spool_msrp_in.c, several messages in chunks at a time, and
 * time going by. Each SEND is answered once, at once or after the commit; what is kept stays within its bounds and all
 * of it is given back. The connection, the texts and the database are made up here.
 *
 *   what(1) control(1) first(1) total(1) length(1) body(length)   for each chunk; what 0xf8 and above: time
 */

#include <stdlib.h>

#include "../../modules/ipsmgw/spool_msrp_in.c"

enum { MAX_SIZE = 2000, STEPS_MAX = 500 };

enum { NO_RANGE = 0x01, LAST_RIGHT = 0x02, HAS_TOTAL = 0x04, MORE = 0x08, ABORT = 0x10, NO_BODY = 0x20, OTHER_TYPE = 0x40 };

struct ipsmgw_cfg ipsmgw_cfg;
struct ipsmgw_counters ipsmgw_counters;

static struct {
	struct chat_session c;
	struct chat_media media;
	int64_t now_ms;
	unsigned answers, messages;
	uint8_t answer_next; /* what the message is answered with */
} run;

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- the rest of the module ---- */

int64_t ipsmgw_mono_ms(void)
{
	return run.now_ms;
}

uint64_t media_max_size(const struct chat_session *c)
{
	(void)c;
	return MAX_SIZE;
}

void chat_touch(struct chat_session *c)
{
	(void)c;
}

void media_answer(const struct chat_session *c, const struct msrp_frame *f, unsigned code)
{
	(void)c, (void)f;
	require(code == 200 || code == 400 || code == 403 || code == 413 || code == 415);
	run.answers++;
}

unsigned media_type_refused(struct view content_type)
{
	return view_eq(content_type, VIEW("image/gif")) ? 415 : 0;
}

void media_tell_unsupported(struct chat_session *c)
{
	(void)c;
}

unsigned media_message_in(struct chat_session *c, const struct msrp_frame *f, struct view content_type, struct view body)
{
	static const unsigned codes[] = {0, 0, 200, 400, 413, 403};
	unsigned code = codes[run.answer_next % 6];
	unsigned sum = 0;

	(void)c, (void)f;
	require(body.len <= MAX_SIZE && content_type.len < CHAT_TYPE_MAX);
	for (size_t i = 0; i < body.len; i++)
		sum += body.p[i];
	run.messages += sum != 1; /* all of it has been read */
	if (code == 0)
		run.answers++; /* later */
	return code;
}

/* ---- steps ---- */

static struct msrp_frame send_read(struct rbuf *r, uint8_t what, char message_id[3])
{
	uint8_t control = rbuf_u8(r), first = rbuf_u8(r), total = rbuf_u8(r);
	struct msrp_frame f = {.method = MSRP_SEND, .transaction = VIEW("t1t1"), .has_range = !(control & NO_RANGE),
			       .has_body = !(control & NO_BODY), .range_first = first, .range_last = MSRP_UNKNOWN,
			       .range_total = control & HAS_TOTAL ? total : MSRP_UNKNOWN,
			       .content_type = control & OTHER_TYPE ? VIEW("image/gif") : VIEW("message/cpim"),
			       .flag = control & ABORT ? '#' : control & MORE ? '+' : '$'};

	if (what & 0x40) {
		f.range_first = (uint64_t)first << 4 | 1;
		f.range_total = control & HAS_TOTAL ? (uint64_t)total << 4 : MSRP_UNKNOWN;
	}
	memcpy(message_id, "m0", 3);
	message_id[1] = (char)('0' + (what & 7));
	f.message_id = (what & 7) == 7 ? VIEW("") : view_str(message_id);
	f.body = rbuf_view(r, rbuf_u8(r));
	if (!f.has_body)
		f.body = VIEW("");
	if (control & LAST_RIGHT)
		f.range_last = f.range_first + f.body.len - 1;
	return f;
}

static void check(void)
{
	uint64_t octets = 0;
	unsigned n = 0;

	for (const struct chat_in *in = run.media.in; in; in = in->next) {
		octets += in->m.size;
		n++;
		require(in->m.size <= MAX_SIZE && !in->m.complete);
	}
	require(n == run.media.n_in && n <= CHAT_IN_MAX && octets == octets_held && octets <= CHAT_IN_OCTETS_MAX);
}

static void step(struct rbuf *r)
{
	uint8_t what = rbuf_u8(r);
	struct msrp_frame f;
	char message_id[3];

	if (what >= 0xf8) {
		run.now_ms += (int64_t)rbuf_u8(r) * 1000;
		media_in_expire(&run.media, run.now_ms);
		return;
	}
	f = send_read(r, what, message_id);
	run.answer_next = what >> 3;
	run.answers = 0;
	media_send_in(&run.c, &f);
	require(run.answers == 1);
	check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf r = rbuf_of((struct view){data, size});

	memset(&run, 0, sizeof(run));
	run.c.media = &run.media;
	run.c.s.a = "+491";
	for (int i = 0; i < STEPS_MAX && rbuf_left(&r); i++)
		step(&r);
	media_in_drop(&run.media);
	check();
	require(octets_held == 0);
	return 0;
}
