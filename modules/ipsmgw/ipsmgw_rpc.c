/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* kamcmd ipsmgw.*: read from the database; names are those of the columns. */

#include <stdlib.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/rpc_lookup.h"

#include "../../lib/util/utf8.h"
#include "chat_table.h"
#include "ipsmgw.h"
#include "ipsmgw_rpc.h"
#include "link_server.h"
#include "spool.h"
#include "store_reader.h"

enum {
	LIST_DEFAULT = 20,
	LIST_MAX = 500,
	TEXT_MAX = 1024,
	/* kamcmd reads 128 KiB, ctl takes 8 KiB a row */
	ANSWER_MAX = 96 * 1024,
	FIELD_EXTRA = 8 /* octets of a field besides name and value */
};

struct call {
	rpc_t *rpc;
	void *ctx;
	int offset;
	unsigned rows; /* that are in the answer */
	size_t octets; /* of them */
	bool full;     /* the rest was left out */
};

/* @return NULL after a fault */
static struct store *reader(struct call *c)
{
	char why[256];
	struct store *store = store_reader(why, sizeof(why));

	if(!store)
		c->rpc->fault(c->ctx, 500, "%s", why);
	return store;
}

/* @return NULL: no more rows */
static void *row(struct call *c)
{
	void *h = NULL;

	c->full = c->octets >= ANSWER_MAX;
	if(c->full)
		return NULL;
	c->rows++;
	if(c->rpc->add(c->ctx, "{", &h) < 0)
		c->rpc->fault(c->ctx, 500, "out of memory");
	return h;
}

/* Ids of peers are any octets; who reads an answer wants UTF-8. */
static const char *readable(const char *value)
{
	static char text[TEXT_MAX];

	if(!value || utf8_valid(view_str(value)))
		return value ? value : "";
	snprintf(text, sizeof(text), "%s", value);
	for(char *at = text; *at; at++) {
		if((unsigned char)*at >= 0x80)
			*at = '?';
	}
	return text;
}

static void add_text(
		struct call *c, void *h, const char *name, const char *value)
{
	const char *text = readable(value);

	c->octets += strlen(name) + strlen(text) + FIELD_EXTRA;
	c->rpc->struct_add(h, "s", name, text);
}

static void add_number(struct call *c, void *h, const char *name, int64_t value)
{
	c->octets += strlen(name) + 20 + FIELD_EXTRA;
	c->rpc->struct_printf(h, (char *)name, "%lld", (long long)value);
}

/* A number that may be absent but not be something else. @return false if it is
 */
static bool scan_number(struct call *c, int *value)
{
	char *text;

	return c->rpc->scan(c->ctx, "*d", value) > 0
			|| c->rpc->scan(c->ctx, "*s", &text) <= 0;
}

/* [limit [offset]] @return false after a fault */
static bool scan_range(struct call *c, int *limit)
{
	*limit = LIST_DEFAULT;
	if(scan_number(c, limit) && scan_number(c, &c->offset) && *limit >= 1
			&& *limit <= LIST_MAX && c->offset >= 0)
		return true;
	c->rpc->fault(c->ctx, 400, "limit is 1..%d, offset 0 or more", LIST_MAX);
	return false;
}

/* The rest of a list is at this offset. */
static void next_offset(struct call *c)
{
	void *h = NULL;

	if(c->rpc->add(c->ctx, "{", &h) < 0)
		c->rpc->fault(c->ctx, 500, "out of memory");
	else
		add_number(c, h, "next_offset", c->offset + (int64_t)c->rows);
}

static void finish(struct call *c, struct store *s, int rc, const char *what)
{
	if(rc == -ENOENT)
		c->rpc->fault(c->ctx, 404, "no such %s", what);
	else if(rc < 0)
		c->rpc->fault(c->ctx, 500, "%s", store_error(s));
	else if(c->full)
		next_offset(c);
}

/* ---- conversations ---- */

static void conversation_row(void *ctx, const struct store_conversation *r)
{
	struct call *c = ctx;
	void *h = row(c);

	if(!h)
		return;
	add_number(c, h, "id", r->id);
	add_text(c, h, "a", r->a);
	add_text(c, h, "b", r->b);
	add_text(c, h, "conversation_id", r->conversation_id);
	add_text(c, h, "contribution_id", r->contribution_id);
	add_text(c, h, "service", r->service);
	add_number(c, h, "created_ms", r->created_ms);
	add_number(c, h, "updated_ms", r->updated_ms);
}

static void conv_list(rpc_t *rpc, void *ctx)
{
	struct call c = {.rpc = rpc, .ctx = ctx};
	int limit;
	struct store *s = scan_range(&c, &limit) ? reader(&c) : NULL;

	if(s)
		finish(&c, s,
				store_read_conversations(s, (unsigned)limit, (unsigned)c.offset,
						conversation_row, &c),
				"conversation");
}

static void conv_get(rpc_t *rpc, void *ctx)
{
	struct call c = {.rpc = rpc, .ctx = ctx};
	char *a, *b;
	struct store *s;

	if(rpc->scan(ctx, "ss", &a, &b) < 2) {
		rpc->fault(ctx, 400,
				"two numbers, the CPM user's and the SMS user's; in kamcmd "
				"s:+15551230001 s:+15559870002");
		return;
	}
	s = reader(&c);
	if(s)
		finish(&c, s, store_read_conversation(s, a, b, conversation_row, &c),
				"conversation");
}

/* ---- messages ---- */

static void message_row(void *ctx, const struct store_message *r)
{
	struct call *c = ctx;
	void *h = row(c);

	if(!h)
		return;
	add_number(c, h, "id", r->id);
	add_text(c, h, "direction", r->direction == STORE_OUT ? "out" : "in");
	add_text(c, h, "state", message_state_name(r->state));
	add_text(c, h, "a", r->a);
	add_text(c, h, "b", r->b);
	add_text(c, h, "service", r->service);
	add_text(c, h, "conversation_id", r->conversation_id);
	add_text(c, h, "contribution_id", r->contribution_id);
	add_text(c, h, "in_reply_to", r->in_reply_to);
	add_text(c, h, "imdn_id", r->imdn_id);
	add_text(c, h, "smsc", r->smsc);
	add_text(c, h, "smsc_id", r->smsc_id);
	add_number(c, h, "imdn_request", r->imdn_request);
	add_number(c, h, "segments", r->segments);
	add_number(c, h, "attempts", r->attempts);
	add_number(c, h, "cause", r->cause);
	add_number(c, h, "created_ms", r->created_ms);
	add_number(c, h, "updated_ms", r->updated_ms);
	add_number(c, h, "next_attempt_ms", r->next_attempt_ms);
}

static void msg_list(rpc_t *rpc, void *ctx)
{
	struct call c = {.rpc = rpc, .ctx = ctx};
	int limit;
	struct store *s = scan_range(&c, &limit) ? reader(&c) : NULL;

	if(s)
		finish(&c, s,
				store_read_messages(s, (unsigned)limit, (unsigned)c.offset,
						message_row, &c),
				"message");
}

static void msg_get(rpc_t *rpc, void *ctx)
{
	struct call c = {.rpc = rpc, .ctx = ctx};
	char *text, *end;
	int64_t id;
	struct store *s;

	/* more than an integer of kamcmd holds */
	if(rpc->scan(ctx, ".s", &text) < 1 || (id = strtoll(text, &end, 10)) <= 0
			|| *end) {
		rpc->fault(ctx, 400,
				"the message's id, a number above 0; in kamcmd s:3000000000 "
				"if it is above 2147483647");
		return;
	}
	s = reader(&c);
	if(s)
		finish(&c, s, store_read_message(s, id, message_row, &c), "message");
}

/* ---- chat sessions ---- */

static void session_row(void *ctx, const struct store_session *r)
{
	struct call *c = ctx;
	void *h = row(c);

	if(!h)
		return;
	add_number(c, h, "id", r->id);
	add_text(c, h, "kind", chat_kind_name(r->kind));
	add_text(c, h, "state", chat_state_name(r->state));
	add_text(c, h, "a", r->a);
	add_text(c, h, "b", r->b);
	add_text(c, h, "number", r->number);
	add_text(c, h, "name", r->name);
	add_text(c, h, "service", r->service);
	add_text(c, h, "conversation_id", r->conversation_id);
	add_text(c, h, "contribution_id", r->contribution_id);
	add_text(c, h, "call_id", r->call_id);
	add_number(c, h, "created_ms", r->created_ms);
	add_number(c, h, "updated_ms", r->updated_ms);
}

static void session_list(rpc_t *rpc, void *ctx)
{
	struct call c = {.rpc = rpc, .ctx = ctx};
	int limit;
	struct store *s = scan_range(&c, &limit) ? reader(&c) : NULL;

	if(s)
		finish(&c, s,
				store_read_sessions(s, (unsigned)limit, (unsigned)c.offset,
						session_row, &c),
				"session");
}

static void session_end(rpc_t *rpc, void *ctx)
{
	struct post_session_end *p;
	int id = 0, rc;

	if(rpc->scan(ctx, "d", &id) < 1 || id <= 0) {
		rpc->fault(ctx, 400, "the session's id, a number above 0");
		return;
	}
	p = shm_malloc(sizeof(*p));
	if(!p) {
		rpc->fault(ctx, 500, "out of shared memory");
		return;
	}
	memset(p, 0, sizeof(*p));
	p->post.type = POST_SESSION_END;
	p->session_id = id;
	rc = mailbox_call(&p->post, ipsmgw_cfg.store_timeout_ms, NULL, 0);
	if(rc == -ENOENT)
		rpc->fault(ctx, 404, "no such open session");
	else if(rc)
		rpc->fault(ctx, 500, "the spool process does not answer");
}

/* ---- link and statistics ---- */

static void link_list(rpc_t *rpc, void *ctx)
{
	struct call c = {.rpc = rpc, .ctx = ctx};
	struct link_smsc copy[LINK_SMSC_MAX];
	unsigned n;

	lock_get(&link_status->lock);
	n = link_status->n_smsc;
	memcpy(copy, link_status->smsc, sizeof(copy));
	lock_release(&link_status->lock);
	for(unsigned i = 0; i < n; i++) {
		void *h = row(&c);

		if(!h)
			return;
		add_text(&c, h, "smsc", copy[i].name);
		add_text(&c, h, "state", copy[i].up ? "up" : "down");
		add_number(&c, h, "window", copy[i].window);
		add_text(&c, h, "reason", copy[i].reason);
		add_number(&c, h, "changed_ms", copy[i].changed_ms);
	}
}

static const struct {
	const char *name;
	const counter_handle_t *handle;
} stats_rows[] = {
		{"cpm_received", &ipsmgw_counters.cpm_received},
		{"cpm_repeated", &ipsmgw_counters.cpm_repeated},
		{"cpm_rejected", &ipsmgw_counters.cpm_rejected},
		{"sms_accepted", &ipsmgw_counters.sms_accepted},
		{"sms_failed", &ipsmgw_counters.sms_failed},
		{"sms_expired", &ipsmgw_counters.sms_expired},
		{"sms_retried", &ipsmgw_counters.sms_retried},
		{"sms_resubmitted", &ipsmgw_counters.sms_resubmitted},
		{"sms_received", &ipsmgw_counters.sms_received},
		{"sms_redelivered", &ipsmgw_counters.sms_redelivered},
		{"cpm_sent", &ipsmgw_counters.cpm_sent},
		{"cpm_failed", &ipsmgw_counters.cpm_failed},
		{"sessions_started", &ipsmgw_counters.sessions_started},
		{"sessions_open", &ipsmgw_counters.sessions_open},
		{"store_failed", &ipsmgw_counters.store_failed},
};

static void stats(rpc_t *rpc, void *ctx)
{
	struct call c = {.rpc = rpc, .ctx = ctx};
	struct store_depth depth = {0};
	struct store *s = reader(&c);
	void *h;

	if(!s)
		return;
	if(store_read_depth(s, &depth)) {
		rpc->fault(ctx, 500, "%s", store_error(s));
		return;
	}
	h = row(&c);
	if(!h)
		return;
	add_text(&c, h, "connector", link_status->connected ? "connected" : "away");
	add_text(&c, h, "database", spool_status->store_ok ? "ok" : "failing");
	add_number(&c, h, "uptime_s",
			(ipsmgw_now_ms() - spool_status->started_ms) / 1000);
	add_number(&c, h, "segments_waiting", (int64_t)depth.segments_waiting);
	add_number(&c, h, "segments_in_flight", spool_status->in_flight);
	add_number(
			&c, h, "messages_assembling", (int64_t)depth.messages_assembling);
	add_number(&c, h, "messages_delivering", spool_status->delivering);
	add_number(&c, h, "commits", (int64_t)spool_status->commits);
	add_number(&c, h, "events", (int64_t)spool_status->events);
	for(size_t i = 0; i < sizeof(stats_rows) / sizeof(stats_rows[0]); i++)
		add_number(&c, h, stats_rows[i].name,
				counter_get_val(*stats_rows[i].handle));
}

/* clang-format off */
static const char *doc_stats[] = {"State of the gateway: connector, database, queues, counters", 0};
static const char *doc_conv_list[] = {"Conversations, newest first: [limit [offset]]", 0};
static const char *doc_conv_get[] = {"The conversation of a CPM user and an SMS user: a b", 0};
static const char *doc_msg_list[] = {"Messages, newest first: [limit [offset]]", 0};
static const char *doc_msg_get[] = {"One message: id", 0};
static const char *doc_session_list[] = {"Chat sessions, newest first: [limit [offset]]", 0};
static const char *doc_session_end[] = {"End a chat session: id", 0};
static const char *doc_link_list[] = {"SMSCs as the connector reports them", 0};

rpc_export_t ipsmgw_rpc[] = {
	{"ipsmgw.stats", stats, doc_stats, 0},
	{"ipsmgw.conv_list", conv_list, doc_conv_list, RET_ARRAY},
	{"ipsmgw.conv_get", conv_get, doc_conv_get, 0},
	{"ipsmgw.msg_list", msg_list, doc_msg_list, RET_ARRAY},
	{"ipsmgw.msg_get", msg_get, doc_msg_get, 0},
	{"ipsmgw.session_list", session_list, doc_session_list, RET_ARRAY},
	{"ipsmgw.session_end", session_end, doc_session_end, 0},
	{"ipsmgw.link_list", link_list, doc_link_list, RET_ARRAY},
	{0, 0, 0, 0}
};
/* clang-format on */
