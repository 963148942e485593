/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Text to TPDUs (TS 23.040 9.2.2.2, spec 3.7) in one block of shared memory:
 * the post, its segments, then whatever is copied.
 */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "../../lib/cpm/cpm_id.h"
#include "../../lib/cpm/imdn.h"
#include "../../lib/cpm/instance.h"
#include "../../lib/sms/timestamp.h"
#include "../../lib/sms/tpdu.h"
#include "../../lib/sms/transliterate.h"
#include "digest.h"
#include "ipsmgw.h"
#include "sms_record.h"

enum { REFERENCES = 1 << 16, DATETIME_MAX = 64, ORIGINAL_TO_MAX = 256 };

/* Next reference for a hash of (A, B) and next TP-MR for a hash of A: random
 * start, one up each time. */
static uint16_t *references;

int sms_record_init(void)
{
	references = shm_malloc(REFERENCES * sizeof(*references));
	if(!references) {
		SHM_MEM_ERROR;
		return -1;
	}
	for(size_t at = 0; at < REFERENCES * sizeof(*references); at += 256) {
		if(random_octets((char *)references + at, 256))
			return -1;
	}
	return 0;
}

/* FNV-1a, the end of x included */
static uint16_t hash(const char *x, const char *y)
{
	uint32_t h = 2166136261u;

	do {
		h = (h ^ (uint8_t)*x) * 16777619u;
	} while(*x++);
	for(; *y; y++)
		h = (h ^ (uint8_t)*y) * 16777619u;
	return (uint16_t)(h >> 16 ^ h);
}

static uint16_t next_reference(const char *x, const char *y)
{
	return __atomic_fetch_add(&references[hash(x, y)], 1, __ATOMIC_RELAXED);
}

/* ---- the plan ---- */

int sms_record_plan(struct segment_plan *plan, struct view *text)
{
	static uint8_t plain_octets[SMS_TEXT_MAX];
	struct wbuf plain = wbuf_of(plain_octets, sizeof(plain_octets));
	unsigned bits = (unsigned)ipsmgw_cfg.ref_bits;
	uint32_t tables = ipsmgw_cfg.national_mask;
	struct segment_plan other;
	int rc = segment_plan_national(plan, *text, bits, tables);

	if(ipsmgw_cfg.transliterate && (rc == 0 || rc == -E2BIG)
			&& plan->alphabet == SMS_ALPHABET_UCS2
			&& transliterate(*text, &plain) == 0
			&& segment_plan_national(&other, wbuf_written(&plain), bits, tables)
					== 0
			&& other.alphabet == SMS_ALPHABET_GSM7) {
		*plan = other;
		*text = wbuf_written(&plain);
		rc = 0;
	}
	if(rc == 0 && plan->total > (unsigned)ipsmgw_cfg.max_segments)
		rc = -E2BIG;
	return rc;
}

/* ---- what CPIM says of notifications ---- */

static struct view join_route(const struct cpim *c, char *text, size_t size)
{
	struct wbuf w = wbuf_of(text, size);

	for(unsigned i = 0; i < c->n_imdn_record_route; i++) {
		if(i)
			wbuf_u8(&w, '\n');
		wbuf_view(&w, c->imdn_record_route[i]);
	}
	return w.err ? (struct view){NULL, 0} : wbuf_written(&w);
}

/* What XML and a notification can carry. */
static struct view original_to(const struct cpim *c)
{
	struct view uri = cpim_uri(c->imdn_original_to);

	for(size_t i = 0; i < uri.len; i++) {
		if(uri.p[i] > '~')
			uri.len = 0;
	}
	return uri.len <= ORIGINAL_TO_MAX ? uri : (struct view){NULL, 0};
}

void sms_record_cpim(struct store_message_new *m, const struct cpim *cpim,
		char route[SMS_ROUTE_TEXT_MAX])
{
	struct wbuf instance = wbuf_of(route, SMS_ROUTE_TEXT_MAX);
	struct sms_time sent;

	if(cpm_id_valid(cpim->message_id))
		m->imdn_id = cpim->message_id;
	m->imdn_request = cpim->imdn_request;
	if(cpim->datetime.len <= DATETIME_MAX
			&& sms_time_from_rfc3339(cpim->datetime, &sent) == 0)
		m->datetime = cpim->datetime;
	m->original_to = original_to(cpim);
	if(cpm_instance(cpim->from, &instance) == 0)
		m->instance = wbuf_written(&instance);
	m->imdn_route = join_route(
			cpim, route + instance.len, SMS_ROUTE_TEXT_MAX - instance.len);
}

/* ---- the record ---- */

struct builder {
	struct post_message *post;
	struct store_segment_new *segments;
	struct wbuf room;
};

static size_t octets_of(const char *text)
{
	return text ? strlen(text) + 1 : 1;
}

static size_t room_for(const struct store_message_new *m)
{
	const struct view *const views[] = {&m->conversation_id,
			&m->contribution_id, &m->in_reply_to, &m->imdn_id, &m->imdn_route,
			&m->instance, &m->original_to, &m->datetime};
	size_t octets = octets_of(m->a) + octets_of(m->b) + octets_of(m->oa)
			+ octets_of(m->service) + octets_of(m->smsc);

	for(size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		octets += views[i]->len + 1;
	return octets;
}

static int begin(struct builder *b, const struct store_message_new *m,
		unsigned n_segments)
{
	size_t segments = n_segments * sizeof(struct store_segment_new);
	size_t room = n_segments * TPDU_MAX + room_for(m);

	b->post = shm_malloc(sizeof(*b->post) + segments + room);
	if(!b->post) {
		SHM_MEM_ERROR;
		return -ENOMEM;
	}
	memset(b->post, 0, sizeof(*b->post));
	b->post->post.type = POST_MESSAGE;
	b->segments = (struct store_segment_new *)(b->post + 1);
	b->room = wbuf_of((char *)b->segments + segments, room);
	return 0;
}

static void copy_text(struct builder *b, const char **text)
{
	*text = post_text(&b->room, view_str(*text ? *text : ""));
}

static void copy_view(struct builder *b, struct view *v)
{
	v->p = (const uint8_t *)post_text(&b->room, *v);
}

static void copy_message(struct builder *b, const struct store_message_new *m)
{
	struct store_message_new *to = &b->post->m;

	*to = *m;
	copy_text(b, &to->a);
	copy_text(b, &to->b);
	copy_text(b, &to->oa);
	copy_text(b, &to->service);
	copy_text(b, &to->smsc);
	copy_view(b, &to->conversation_id);
	copy_view(b, &to->contribution_id);
	copy_view(b, &to->in_reply_to);
	copy_view(b, &to->imdn_id);
	copy_view(b, &to->imdn_route);
	copy_view(b, &to->instance);
	copy_view(b, &to->original_to);
	copy_view(b, &to->datetime);
	to->segments = b->segments;
}

static int fill_segments(
		struct builder *b, const struct segment_plan *plan, int64_t left_s)
{
	const struct store_message_new *m = &b->post->m;
	const char *oa = *m->oa ? m->oa : m->a;
	uint16_t ref = plan->total > 1 ? next_reference(oa, m->b) : 0;
	struct segment_iter it = {0};
	struct segment seg;
	struct tpdu_submit s = {
			.tp_srr = m->imdn_request
					& (IMDN_POSITIVE_DELIVERY | IMDN_NEGATIVE_DELIVERY),
			.tp_vpf = left_s == INT64_MAX ? TP_VPF_NONE : TP_VPF_RELATIVE,
			.tp_vp = {vp_relative_from_seconds(left_s)},
	};

	if(sms_address_parse(&s.tp_da, view_str(m->b)))
		return -EINVAL;
	for(unsigned i = 0; segment_next(plan, &it, ref, &seg); i++) {
		size_t mark = b->room.len;

		s.tp_mr = (uint8_t)next_reference(oa, "TP-MR");
		s.u = (struct tp_user_data){
				.tp_dcs = seg.tp_dcs,
				.tp_udhi = seg.tp_udhi,
				.tp_udl = seg.tp_udl,
				.tp_ud = {seg.tp_ud, seg.ud_octets},
		};
		if(tpdu_submit_encode(&b->room, &s))
			return -EINVAL;
		b->segments[i] = (struct store_segment_new){
				.tpdu = {b->room.p + mark, b->room.len - mark},
				.tp_mr = s.tp_mr,
		};
	}
	return b->room.err;
}

struct post_message *sms_record_new(const struct store_message_new *m,
		const struct segment_plan *plan, int64_t left_s)
{
	struct builder b;

	if(begin(&b, m, plan->total))
		return NULL;
	copy_message(&b, m);
	b.post->m.n_segments = plan->total;
	if(fill_segments(&b, plan, left_s) == 0)
		return b.post;
	LM_ERR("the segments of a text from %s to %s cannot be encoded\n", m->a,
			m->b);
	shm_free(b.post);
	return NULL;
}
