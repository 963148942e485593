/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What B reads of a chat session beside A's messages (spec 7.2): texts of the
 * gateway, and a first message that came inside the INVITE (spec 7.5). All are
 * ordinary messages CPM -> SMS from the session's number.
 */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "../../lib/cpm/service.h"
#include "ipsmgw.h"
#include "sms_record.h"
#include "spool_chat_int.h"

enum { TEXT_OCTETS = 4096, INVITE_SEGMENTS = 2 };

static void copy_origin(
		struct store_message_new *m, const struct chat_invite *from)
{
	m->imdn_id = from->imdn_id;
	m->imdn_request = from->imdn_id.len ? from->imdn_request : 0;
	m->datetime = from->datetime;
	m->imdn_route = from->imdn_route;
	m->instance = from->instance;
}

static int submit_plan(struct event *e, const struct chat_session *c,
		const struct segment_plan *plan, const struct chat_invite *from,
		int64_t *message_id)
{
	int valid_s = c->s.state == CHAT_WAIT ? ipsmgw_cfg.chat_accept_s
										  : ipsmgw_cfg.validity_default_s;
	struct store_message_added added;
	struct store_message_new m = {
			.a = *c->s.a ? c->s.a : c->s.number,
			.b = c->s.b,
			.oa = c->s.number,
			.session_id = c->s.id,
			.service = c->s.service,
			.conversation_id = view_str(c->s.conversation_id),
			.contribution_id = view_str(c->s.contribution_id),
			.smsc = c->s.smsc,
			.expires_ms = e->now_ms + valid_s * 1000LL,
	};
	struct post_message *p;
	int rc;

	if(from)
		copy_origin(&m, from);
	p = sms_record_new(&m, plan, INT64_MAX);
	if(!p)
		return -EINVAL;
	rc = store_message_add(spool_store, &p->m, e->now_ms, &added);
	shm_free(p);
	if(rc == 0) {
		*message_id = added.message_id;
		spool_out_due(e->now_ms);
	}
	return rc;
}

int chat_submit(struct event *e, const struct chat_session *c, struct view text,
		const struct chat_invite *from, int64_t *message_id)
{
	struct segment_plan plan;
	int rc = sms_record_plan(&plan, &text);

	if(rc == 0 && plan.total)
		rc = submit_plan(e, c, &plan, from, message_id);
	if(rc && rc != -EIO)
		LM_ERR("chat session %lld: a text for %s cannot be sent: %s\n",
				(long long)c->s.id, c->s.b, strerror(-rc));
	return rc;
}

/* What cannot be sent is no reason to undo the transaction. */
static int only_store_errors(int rc)
{
	return rc == -EIO ? rc : 0;
}

static int submit_template(struct event *e, const struct chat_session *c,
		enum chat_text_id id, const struct chat_fields *f, struct view more,
		const struct chat_invite *from, int64_t *message_id)
{
	char octets[TEXT_OCTETS];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if(chat_text(&w, id, c->s.language, f))
		return 0;
	if(w.len && more.len)
		wbuf_u8(&w, '\n');
	wbuf_view(&w, more);
	return only_store_errors(
			chat_submit(e, c, wbuf_written(&w), from, message_id));
}

int chat_tell(
		struct event *e, const struct chat_session *c, enum chat_text_id id)
{
	const struct chat_fields f
			= {.name = c->s.name, .group = c->s.name, .num = c->s.number};
	int64_t message_id;

	return submit_template(
			e, c, id, &f, (struct view){NULL, 0}, NULL, &message_id);
}

/* ---- the invitation ---- */

static const char *inviter(
		const struct chat_session *c, const struct chat_invite *in)
{
	if(in->anonymous || c->s.flags & CHAT_FLAG_ANONYMOUS)
		return ipsmgw_cfg.chat_anonymous_name;
	return *in->name ? in->name : c->s.a;
}

/* Do both fit into the SMs that an invitation may take? */
static bool fits(const struct chat_session *c, enum chat_text_id id,
		const struct chat_fields *f, struct view more)
{
	char octets[TEXT_OCTETS];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct segment_plan plan;
	struct view text;

	if(chat_text(&w, id, c->s.language, f))
		return false;
	wbuf_u8(&w, '\n');
	wbuf_view(&w, more);
	text = wbuf_written(&w);
	return !w.err && sms_record_plan(&plan, &text) == 0
			&& plan.total <= INVITE_SEGMENTS;
}

int chat_invite_text(
		struct event *e, const struct chat_session *c, const struct post_sip *p)
{
	const struct chat_invite *in = &p->invite;
	bool group = c->s.kind == CHAT_KIND_GROUP;
	enum chat_text_id id = group ? CHAT_TEXT_INVITE_GROUP : CHAT_TEXT_INVITE;
	const struct chat_fields f
			= {.name = inviter(c, in), .group = c->s.name, .num = c->s.number};
	bool with = in->text.len && fits(c, id, &f, in->text);

	e->chat.hold = in->text.len && !with;
	return submit_template(e, c, id, &f,
			with ? in->text : (struct view){NULL, 0}, with ? in : NULL,
			&e->chat.asked);
}

int chat_first_text(
		struct event *e, const struct chat_session *c, const struct post_sip *p)
{
	const struct chat_invite *in = &p->invite;
	const struct chat_fields f = {.name = inviter(c, in),
			.group = c->s.name,
			.num = c->s.number,
			.text = in->text};

	if(c->s.kind == CHAT_KIND_GROUP)
		return submit_template(e, c, CHAT_TEXT_GROUP_MESSAGE, &f,
				(struct view){NULL, 0}, in, &e->chat.first);
	return only_store_errors(chat_submit(e, c, in->text, in, &e->chat.first));
}
