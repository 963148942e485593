/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The SIP work of chat sessions in async workers: answers to requests that
 * t_suspend() holds, and requests of ours through tm. What is to be done comes
 * complete from the spool process; what tm hears goes back to it as a post.
 */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_expires.h"
#include "core/parser/parse_rr.h"
#include "core/parser/parse_to.h"

#include "chat_job.h"
#include "chat_tag.h"
#include "ipsmgw.h"
#include "job.h"
#include "sip_dialog.h"
#include "sip_hold.h"
#include "sip_hop.h"
#include "tm_api.h"

enum { NOT_SENT = 503 };

/* Copy text behind a block of work, where at is; at moves on. */
static str keep(char **at, struct view v)
{
	str kept = {*at, (int)v.len};

	if(v.len)
		memcpy(*at, v.p, v.len);
	(*at)[v.len] = '\0';
	*at += v.len + 1;
	return kept;
}

static void *work_new(size_t size, void (*run)(struct work *), const char *name,
		uint64_t lane_key)
{
	struct work *w = shm_malloc(size);

	if(!w) {
		SHM_MEM_ERROR;
		LM_ERR("%s dropped\n", name);
		return NULL;
	}
	memset(w, 0, size);
	w->run = run;
	w->name = name;
	w->lane = work_lane(lane_key);
	return w;
}

/* ---- answers ---- */

struct reply_work {
	struct work work;
	struct chat_transaction transaction;
	int code;
	str reason, local_tag, headers, body;
};

/* Every answer above 100 has a To-tag. */
static void add_tag(struct cell *t, struct reply_work *r)
{
	static char tag[CHAT_TAG_LEN + 1];

	if(r->local_tag.len || get_to(t->uas.request)->tag_value.len)
		return;
	chat_tag_new(tag);
	r->local_tag = (str){tag, CHAT_TAG_LEN};
}

static void reply(struct cell *t, struct reply_work *r)
{
	if(t->uas.status >= 200) {
		LM_NOTICE("answer %d comes too late: %u was sent\n", r->code,
				t->uas.status);
		tmb.unref_cell(t);
		return;
	}
	add_tag(t, r);
	if(r->code >= 200)
		sip_hold_end(t);
	if(tmb.t_reply_with_body(t, (unsigned)r->code, &r->reason, &r->body,
			   &r->headers, &r->local_tag)
			< 0)
		LM_ERR("answer %d could not be sent\n", r->code);
}

static void run_reply(struct work *w)
{
	struct reply_work *r = (struct reply_work *)w;
	struct cell *t, *before = tmb.t_gett();

	if(tmb.t_lookup_ident(&t, r->transaction.index, r->transaction.label) < 0)
		LM_NOTICE("answer %d not sent: its transaction is gone\n", r->code);
	else
		reply(t, r);
	tmb.t_sett(before, T_BR_UNDEFINED);
}

void chat_job_reply(const struct chat_transaction *t, int code,
		const char *reason, const char *local_tag, struct view headers,
		struct view body)
{
	struct view texts[]
			= {view_str(reason), view_str(local_tag), headers, body};
	size_t size = sizeof(struct reply_work);
	struct reply_work *r;
	char *at;

	for(int i = 0; i < 4; i++)
		size += texts[i].len + 1;
	r = work_new(size, run_reply, "a SIP answer",
			(uint64_t)t->index * 31 + t->label);
	if(!r)
		return;
	at = (char *)(r + 1);
	r->transaction = *t;
	r->code = code;
	r->reason = keep(&at, texts[0]);
	r->local_tag = keep(&at, texts[1]);
	r->headers = keep(&at, texts[2]);
	r->body = keep(&at, texts[3]);
	work_push(&r->work);
}

/* ---- requests ---- */

struct request_work {
	struct work work;
	int64_t session_id;
	unsigned cseq;
	str method, call_id, local_tag, remote_tag, local_uri, remote_uri,
			remote_target, route_set, headers, body;
};

/* One that tm has stored is in shared memory, where no header must be hung in.
 */
static bool is_readable(const sip_msg_t *rpl)
{
	return rpl && rpl != FAKED_REPLY && !(rpl->msg_flags & FL_SHM_CLONE);
}

static int answer_fields(struct post_sip *p, struct wbuf *w, sip_msg_t *rpl)
{
	if(parse_headers(rpl, HDR_EOH_F, 0) < 0)
		return -EBADMSG;
	if(sip_post_dialog(p, w, rpl))
		return -EBADMSG;
	p->sdp = sip_post_view(w, sip_sdp(rpl));
	if(rpl->expires && parse_expires(rpl->expires) == 0)
		p->expires_s = ((exp_body_t *)rpl->expires->parsed)->val;
	return sip_route_set(&p->route_set, w, rpl);
}

static void post_response(
		int64_t session_id, struct view method, int code, sip_msg_t *rpl)
{
	struct wbuf w;
	struct post_sip *p = sip_post_new(CHAT_RESPONSE,
			method.len + 1 + (rpl ? 2 * sip_post_room(rpl) : 0), &w);

	if(!p)
		return;
	p->session_id = session_id;
	p->method = post_text(&w, method);
	p->code = code;
	if(rpl && answer_fields(p, &w, rpl)) {
		LM_NOTICE("answer %d to our %.*s cannot be read\n", code,
				VIEW_FMT(method));
		p->code = code < 300 ? 500 : code;
	}
	sip_post_send(p, &w);
}

/* tm: the final response, 408 if none came; may run in any process */
static void completed(struct cell *t, int type, struct tmcb_params *ps)
{
	(void)type;
	post_response((int64_t)(intptr_t)*ps->param, view_of(&t->method), ps->code,
			is_readable(ps->rpl) ? ps->rpl : NULL);
}

static int send_in_dialog(struct request_work *r, dlg_t *d)
{
	uac_req_t req;

	d->id.call_id = r->call_id;
	d->id.loc_tag = r->local_tag;
	d->id.rem_tag = r->remote_tag;
	d->loc_seq.value = r->cseq - 1; /* tm counts before it sends */
	d->loc_seq.is_set = 1;
	d->loc_uri = r->local_uri;
	d->rem_uri = r->remote_uri;
	d->rem_target = r->remote_target;
	d->state = DLG_CONFIRMED;
	set_uac_req(&req, &r->method, &r->headers, &r->body, d,
			TMCB_LOCAL_COMPLETED, completed, (void *)(intptr_t)r->session_id);
	return tmb.t_request_within(&req);
}

static void run_request(struct work *w)
{
	struct request_work *r = (struct request_work *)w;
	size_t octets = r->headers.len + r->body.len;
	char hop[SIP_HOP_MAX];
	dlg_t d = {0};
	str route = r->route_set;
	int rc = 0;

	if(route.len) {
		route = str_of(sip_hop(view_of(&route), octets, hop));
		rc = parse_rr_body(route.s, route.len, &d.route_set);
	} else {
		d.dst_uri = str_of(sip_hop(view_of(&r->remote_target), octets, hop));
	}
	if(rc < 0 || send_in_dialog(r, &d) <= 0) {
		LM_ERR("tm did not take %.*s for %.*s\n", STR_FMT(&r->method),
				STR_FMT(&r->remote_target));
		post_response(r->session_id, view_of(&r->method), NOT_SENT, NULL);
	}
	if(d.route_set)
		free_rr(&d.route_set);
}

void chat_job_request(const struct chat_request *c)
{
	const char *const texts[]
			= {c->method, c->call_id, c->local_tag, c->remote_tag, c->local_uri,
					c->remote_uri, c->remote_target, c->route_set};
	size_t size
			= sizeof(struct request_work) + c->headers.len + c->body.len + 2;
	struct request_work *r;
	char *at;

	for(size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		size += strlen(texts[i]) + 1;
	r = work_new(size, run_request, "a SIP request", (uint64_t)c->session_id);
	if(!r)
		return;
	at = (char *)(r + 1);
	r->session_id = c->session_id;
	r->cseq = c->cseq;
	r->method = keep(&at, view_str(c->method));
	r->call_id = keep(&at, view_str(c->call_id));
	r->local_tag = keep(&at, view_str(c->local_tag));
	r->remote_tag = keep(&at, view_str(c->remote_tag));
	r->local_uri = keep(&at, view_str(c->local_uri));
	r->remote_uri = keep(&at, view_str(c->remote_uri));
	r->remote_target = keep(&at, view_str(c->remote_target));
	r->route_set = keep(&at, view_str(c->route_set));
	r->headers = keep(&at, c->headers);
	r->body = keep(&at, c->body);
	work_push(&r->work);
}
