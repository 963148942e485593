/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * A stored short message as a job for the script: parts joined before they are
 * decoded (a surrogate pair may straddle two), gaps marked, the time stamp
 * written as RFC 3339.
 */

#include "core/dprint.h"

#include "../../lib/cpm/capabilities.h"
#include "../../lib/cpm/service.h"
#include "../../lib/sms/tpdu.h"
#include "digest.h"
#include "ipsmgw.h"
#include "job.h"
#include "mt_job.h"
#include "spool_chat.h"

enum { UNITS_MAX = 255 * TP_UD_UNITS_MAX, TEXT_MAX = 2 * UNITS_MAX };

static struct joined {
	struct wbuf units, utf8;
	uint8_t tp_dcs;
	unsigned next_part;
	bool bad;
} joined;

static uint8_t units_octets[UNITS_MAX], utf8_octets[TEXT_MAX];

/* What mt_load() read stays until the store reads for another. */
static struct store_sms_message loaded;
static bool is_loaded;

static void decode_run(struct joined *j)
{
	if(tp_ud_to_utf8(j->tp_dcs, wbuf_written(&j->units), &j->utf8))
		j->bad = true;
	j->units.len = 0;
}

static void mark_missing(struct joined *j, unsigned up_to)
{
	char mark[40];

	for(; j->next_part < up_to; j->next_part++) {
		snprintf(mark, sizeof(mark), "[part %u missing]", j->next_part);
		wbuf_str(&j->utf8, mark);
	}
}

static void add_fragment(void *ctx, const struct store_fragment *f)
{
	struct joined *j = ctx;

	if(f->part != j->next_part || f->tp_dcs != j->tp_dcs)
		decode_run(j);
	mark_missing(j, f->part);
	j->tp_dcs = f->tp_dcs;
	wbuf_view(&j->units, f->units);
	j->next_part = f->part + 1;
}

static int read_message(int64_t message_id)
{
	int rc;

	joined = (struct joined){
			.units = wbuf_of(units_octets, sizeof(units_octets)),
			.utf8 = wbuf_of(utf8_octets, sizeof(utf8_octets)),
			.next_part = 1,
	};
	rc = store_sms_get(
			spool_store, message_id, &loaded, add_fragment, &joined);
	is_loaded = rc == 0;
	return rc;
}

static uint64_t pair_of(const char *a, const char *b)
{
	uint8_t key[DIGEST_OCTETS];
	uint64_t pair;

	digest((struct view[]){view_str(a), view_str(b)}, 2, key);
	memcpy(&pair, key, sizeof(pair));
	return pair;
}

void mt_is_notification(struct mt *m, const char *a, const char *b)
{
	/* B's messages do not wait for a client that ignores notifications */
	mt_set_a(m, a, pair_of(a, b) ^ 1);
	m->parts = 1;
}

static int load_notification(struct mt *m)
{
	struct store_notification n;
	int rc = store_notification_get(spool_store, -m->message_id, &n);

	if(rc)
		return rc;
	if(!mt_has_share(n.a, true))
		return -EBUSY;
	mt_is_notification(m, n.a, n.b);
	return 0;
}

int mt_load(struct mt *m)
{
	const struct store_sms_message *s = &loaded;
	int rc;

	is_loaded = false;
	if(m->parts)
		return 0;
	if(m->message_id < 0)
		return load_notification(m);
	rc = read_message(m->message_id);
	if(rc)
		return rc;
	mt_set_a(m, s->a, pair_of(s->a, s->b));
	snprintf(m->imdn_id, sizeof(m->imdn_id), "%s", s->imdn_id);
	m->parts = s->total;
	m->attempts = s->attempts;
	m->session_id = s->session_id;
	m->created_ms = s->created_ms;
	m->group = chat_is_group(m->session_id);
	if(m->session_id && !chat_by_id(m->session_id))
		is_loaded = false; /* the store was asked for that session */
	return 0;
}

/* ---- which service, which S-CSCF ---- */

static const char *service_of_bits(unsigned bits)
{
	if(bits & CPM_CAPABILITY_CPM_MSG)
		return service_name(CPM_SERVICE_CPM_PAGER);
	if(bits & CPM_CAPABILITY_IM)
		return service_name(CPM_SERVICE_IM_PAGER);
	return NULL;
}

static bool is_im(const char *service)
{
	if(!*service)
		return !strcmp(ipsmgw_cfg.default_service, "im");
	return !strcmp(service, service_name(CPM_SERVICE_IM_PAGER));
}

/*
 * TS 29.311 6.1.4.3, spec 1.6: what A registered, CPM before IM, else what A
 * used last. A notification is for the client that sent the message (spec 6.6)
 * as long as A has it. What was chosen after an answer of A stays.
 */
static struct view choose_service(
		struct mt *m, unsigned bits, const char *last, bool keep)
{
	const char *service;

	if(m->tries.service)
		bits = m->tries.service;
	service = service_of_bits(bits);
	if(!service || (keep && is_im(last) && bits & CPM_CAPABILITY_IM))
		service = last;
	m->tries.service
			= is_im(service) ? CPM_CAPABILITY_IM : CPM_CAPABILITY_CPM_MSG;
	return view_str(service);
}

/* for one who has no client that could take it, as if A had said so. */
static bool is_absent(struct mt *m, unsigned bits)
{
	if(!ipsmgw_cfg.unregistered_absent || m->tries.service
			|| bits & CPM_CAPABILITIES_PAGER)
		return false;
	m->outcome = 404;
	return true;
}

/* Nothing that is known of A, or a database that fails, only means to go on as
 * without. */
static bool look_up(const char *a, struct store_registration *r)
{
	return store_registration_get(spool_store, a, ipsmgw_now_ms(), r) == 0;
}

/* ---- the jobs ---- */

static struct job *make_notification(struct mt *m, bool *taken)
{
	struct store_notification n;
	char datetime[RFC3339_MAX] = "";
	struct sms_time t = {.utc_s = ipsmgw_now_ms() / 1000};
	struct store_registration r;
	bool registered;
	struct job *j;

	if(store_notification_get(spool_store, -m->message_id, &n))
		return NULL;
	*taken = !m->as_pager && chat_take_notification(m, &n);
	if(*taken)
		return NULL;
	registered = look_up(n.a, &r);
	if(is_absent(m, r.bits))
		return NULL;
	sms_time_to_rfc3339(&t, datetime);
	const struct view text[JOB_TEXTS] = {
			[JOB_A] = view_str(n.a),
			[JOB_B] = view_str(n.b),
			[JOB_SERVICE] = choose_service(m, r.bits, n.service, true),
			[JOB_SCSCF] = view_str(r.scscf),
			[JOB_CONVERSATION] = view_str(n.conversation_id),
			[JOB_CONTRIBUTION] = view_str(n.contribution_id),
			[JOB_IMDN_ID] = view_str(n.imdn_id),
			[JOB_DATETIME] = view_str(datetime),
			[JOB_ABOUT_ID] = view_str(n.message_imdn_id),
			[JOB_ABOUT_DATETIME] = view_str(n.datetime),
			[JOB_IMDN_ROUTE] = n.imdn_route,
			[JOB_INSTANCE] = n.instance,
			[JOB_ORIGINAL_TO] = n.original_to,
	};
	j = job_new(JOB_SMS_RECEIVED, text);
	if(!j)
		return NULL;
	j->message_id = m->message_id;
	j->registered = registered;
	j->is_notification = true;
	j->imdn_kind = n.kind;
	j->imdn_status = n.status;
	return j;
}

/* In its session, or as a large message. */
static bool take(struct mt *m, const struct store_sms_message *s,
		const struct store_registration *r)
{
	struct view text = wbuf_written(&joined.utf8);

	return chat_take_sms(m, s, text)
			|| (!m->as_pager && large_take_sms(m, s, text, r));
}

static struct job *make_job(struct mt *m, bool *taken)
{
	const struct store_sms_message *s = &loaded;
	char datetime[RFC3339_MAX] = "";
	struct store_registration r;
	struct sms_time t;
	bool registered;
	struct job *j;

	if(!is_loaded && read_message(m->message_id))
		return NULL;
	decode_run(&joined);
	mark_missing(&joined, s->total + 1);
	if(joined.bad || joined.units.err || joined.utf8.err)
		return NULL;
	registered = look_up(s->a, &r);
	*taken = take(m, s, &r);
	if(*taken || is_absent(m, r.bits))
		return NULL;
	t = (struct sms_time){
			.utc_s = s->scts_s, .zone_minutes = (int16_t)s->zone_minutes};
	sms_time_to_rfc3339(&t, datetime);
	const struct view text[JOB_TEXTS] = {
			[JOB_A] = view_str(s->a),
			[JOB_B] = view_str(s->b),
			[JOB_SERVICE] = choose_service(m, r.bits, s->service, false),
			[JOB_SCSCF] = view_str(r.scscf),
			[JOB_CONVERSATION] = view_str(s->conversation_id),
			[JOB_CONTRIBUTION] = view_str(s->contribution_id),
			[JOB_IN_REPLY_TO] = view_str(s->in_reply_to),
			[JOB_IMDN_ID] = view_str(s->imdn_id),
			[JOB_DATETIME] = view_str(datetime),
			[JOB_TEXT] = wbuf_written(&joined.utf8),
	};
	j = job_new(JOB_SMS_RECEIVED, text);
	if(j) {
		j->message_id = m->message_id;
		j->segments = s->total;
		j->registered = registered;
	}
	return j;
}

static void begin_attempt(struct mt *m)
{
	static uint16_t serial;

	m->running = true;
	m->came = false;
	m->tries.serial = ++serial;
	if(!m->tries.deadline_ms)
		m->tries.deadline_ms
				= ipsmgw_mono_ms() + ipsmgw_cfg.deliver_timeout_s * 1000LL;
}

void mt_start(struct mt *m)
{
	bool taken = false;
	struct job *j;

	begin_attempt(m);
	j = m->message_id < 0 ? make_notification(m, &taken) : make_job(m, &taken);
	if(j) {
		j->attempt = m->tries.serial;
		job_push(j);
		return;
	}
	if(taken || m->outcome)
		return;
	LM_ERR("message %lld cannot be given to the script\n",
			(long long)m->message_id);
	m->outcome = m->message_id > 0 && joined.bad ? 488 : 500;
}
