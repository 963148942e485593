/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What A's clients can do (TS 29.311 6.1.2, spec 1.5 and 9.1): read out of a
 * third-party REGISTER or a reg-event NOTIFY, committed by the spool process,
 * and only then answered with 200. A is known by telephone numbers:
 * service-info, else To, and what the network says in P-Associated-URI; a
 * registration without one is not ours.
 */

#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"

#include "../../lib/cpm/impu.h"
#include "../../lib/cpm/register_body.h"
#include "../../lib/cpm/reginfo.h"
#include "digest.h"
#include "ipsmgw.h"
#include "ipsmgw_register.h"
#include "mailbox.h"
#include "result.h"
#include "sip_cpm.h"

enum {
	TEXT_MAX = 65536, /* XML_OCTETS_MAX: does for every document */
	KEY_MAX = 512,
	NUMBERS_MAX = 2 + REGISTER_ASSOCIATED_MAX,
	IDENTITIES_MAX = 1 + REGISTER_ASSOCIATED_MAX,
	EXPIRES_DEFAULT_S = 3600,   /* RFC 3261 10.2 */
	REGINFO_DEFAULT_S = 600000, /* TS 24.229 5.1.1.2 */
};

/* ---- answers ---- */

static int answer(sip_msg_t *msg, enum ipsmgw_rc rc, int code, const char *why)
{
	result.code = code;
	if(rc == IPSMGW_TAKEN)
		return rc;
	LM_NOTICE("%.*s %.*s refused with %d: %s\n", STR_FMT(&REQ_LINE(msg).method),
			msg->callid ? msg->callid->body.len : 0,
			msg->callid ? msg->callid->body.s : "", code, why);
	return rc;
}

static int unavailable(sip_msg_t *msg, const char *why)
{
	static char header[] = "Retry-After: 10\r\n";

	add_lump_rpl(msg, header, sizeof(header) - 1, LUMP_RPL_HDR);
	return answer(msg, IPSMGW_ERR_INTERNAL, 503, why);
}

static int bad_body(sip_msg_t *msg, int rc)
{
	if(rc == -ENOMEM || rc == -ENOSPC)
		return unavailable(msg, "no memory for the body");
	return answer(msg, IPSMGW_ERR_CONTENT, 400, "the body cannot be parsed");
}

/* ---- the record for the spool process: one block of shared memory ---- */

struct builder {
	struct post_registration *post;
	struct wbuf room;
	int64_t now_ms;
};

static int builder_begin(struct builder *b, unsigned n_changes)
{
	size_t changes = n_changes * sizeof(struct registration_change);
	size_t room = n_changes * (PHONE_MAX + KEY_MAX + 2) + STORE_SCSCF_MAX;

	b->now_ms = ipsmgw_now_ms();
	b->post = shm_malloc(sizeof(*b->post) + changes + room);
	if(!b->post) {
		SHM_MEM_ERROR;
		return -ENOMEM;
	}
	memset(b->post, 0, sizeof(*b->post));
	b->post->post.type = POST_REGISTRATION;
	b->post->version = -1;
	b->post->changes = (struct registration_change *)(b->post + 1);
	b->room = wbuf_of((char *)b->post->changes + changes, room);
	return 0;
}

static struct store_contact *add_change(
		struct builder *b, const char *a, enum store_learned from)
{
	struct registration_change *c = &b->post->changes[b->post->n_changes++];

	*c = (struct registration_change){
			.contact = {
					.a = post_text(&b->room, view_str(a)),
					.key = "",
					.scscf = "",
					.learned_from = from,
			}};
	return &c->contact;
}

static struct registration_change *add_clear(
		struct builder *b, const char *a, enum store_learned at_least)
{
	add_change(b, a, at_least);
	b->post->changes[b->post->n_changes - 1].clear = true;
	return &b->post->changes[b->post->n_changes - 1];
}

static void add_contact(struct builder *b, const char *a,
		const struct cpm_contact *c, int64_t expires_s, enum store_learned from)
{
	struct view key = c->instance.len ? c->instance : c->uri;
	struct store_contact *s;

	if(!key.len || key.len > KEY_MAX)
		return;
	s = add_change(b, a, from);
	s->key = post_text(&b->room, key);
	s->bits = c->capabilities;
	s->expires_ms = b->now_ms + expires_s * 1000;
}

static int commit(sip_msg_t *msg, struct builder *b)
{
	int rc = mailbox_call(&b->post->post, ipsmgw_cfg.store_timeout_ms, NULL, 0);

	if(rc == -ETIMEDOUT)
		return unavailable(
				msg, "the spool process does not answer in store_timeout_ms");
	if(rc)
		return unavailable(msg, "the database failed");
	counter_inc(ipsmgw_counters.registrations);
	return answer(msg, IPSMGW_TAKEN, 200, NULL);
}

/* ---- third-party REGISTER ---- */

struct third_party {
	char a[NUMBERS_MAX][PHONE_MAX]; /* the first is shown to the script */
	unsigned n_numbers;
	char impu[IDENTITIES_MAX][IMPU_MAX]; /* that are no numbers */
	unsigned n_identities;
	struct view scscf;
	int64_t expires_s;
	struct register_body body;
};

static bool number_of(struct view uri, char a[PHONE_MAX])
{
	return phone_from_uri(uri, a) == 0 && *a == '+';
}

/* It will stand in headers of ours: a SIP URI, short enough, and nothing in it
 * that ends one. */
static bool usable(struct view uri)
{
	if(uri.len >= STORE_SCSCF_MAX || uri.len < 6
			|| (!view_ieq((struct view){uri.p, 4}, VIEW("sip:"))
					&& !view_ieq((struct view){uri.p, 5}, VIEW("sips:"))))
		return false;
	for(size_t i = 0; i < uri.len; i++) {
		if(uri.p[i] <= ' ' || uri.p[i] == 0x7f || strchr("<>\"", uri.p[i]))
			return false;
	}
	return true;
}

/* The outer Contact is the S-CSCF's, as From is; A's own stand in the body. */
static void read_scscf(sip_msg_t *msg, struct third_party *t)
{
	struct cpm_contact c = {.expires_s = -1};

	t->expires_s = sip_expires(msg);
	if(msg->contact)
		cpm_contact_read(view_of(&msg->contact->body), &c);
	if(usable(c.uri))
		t->scscf = c.uri;
	else if(parse_from_header(msg) >= 0 && usable(view_of(&get_from(msg)->uri)))
		t->scscf = view_of(&get_from(msg)->uri);
	if(t->expires_s < 0)
		t->expires_s = c.expires_s < 0 ? EXPIRES_DEFAULT_S : c.expires_s;
}

/* A body of another kind, or none, says nothing; a broken one does not stop a
 * deregistration. */
static int read_body(sip_msg_t *msg, struct third_party *t)
{
	static uint8_t octets[TEXT_MAX];
	struct wbuf text = wbuf_of(octets, sizeof(octets));
	struct view type = sip_header(msg, "Content-Type", "c");
	struct view body = sip_body(msg);
	int rc;

	t->body.n_contacts = t->body.n_associated = 0;
	*t->body.msisdn = '\0';
	if(!type.len || !body.len)
		return 0;
	rc = register_body_read(type, body, &text, &t->body);
	return rc == -ENOTSUP || (rc && t->expires_s == 0) ? 0 : rc;
}

/* With the request in the body, expiry is what A asked for; the S-CSCF says
 * what it granted. */
static int64_t granted_s(const struct third_party *t, int64_t asked_s)
{
	return asked_s < 0 || asked_s > t->expires_s ? t->expires_s : asked_s;
}

static void add_registration(struct builder *b, const struct third_party *t,
		const char *a, const char *scscf)
{
	struct store_contact *self;

	if(t->expires_s == 0 || t->body.all_contacts)
		add_clear(b, a, STORE_LEARNED_REGISTER);
	if(t->expires_s == 0)
		return;
	self = add_change(b, a, STORE_LEARNED_REGISTER);
	self->scscf = scscf;
	self->expires_ms = b->now_ms + t->expires_s * 1000;
	for(unsigned i = 0; i < t->body.n_contacts; i++)
		add_contact(b, a, &t->body.contact[i],
				granted_s(t, t->body.contact[i].expires_s),
				STORE_LEARNED_REGISTER);
}

/* Whose it is when nothing but an identity is asserted. */
static void add_identity(
		struct builder *b, const struct third_party *t, const char *impu)
{
	struct store_contact *c = add_change(b, t->a[0], STORE_LEARNED_REGISTER);

	c->expires_ms = b->now_ms + t->expires_s * 1000;
	b->post->changes[b->post->n_changes - 1].impu
			= post_text(&b->room, view_str(impu));
}

static void say_contact(sip_msg_t *msg, const struct third_party *t)
{
	char line[STORE_SCSCF_MAX + 64];
	int n = snprintf(line, sizeof(line), "Contact: <%.*s>;expires=%lld\r\n",
			VIEW_FMT(t->scscf), (long long)t->expires_s);

	if(t->expires_s && t->scscf.len)
		add_lump_rpl(msg, line, n, LUMP_RPL_HDR);
}

static void add_number(struct third_party *t, const char *a)
{
	for(unsigned i = 0; i < t->n_numbers; i++) {
		if(!strcmp(t->a[i], a))
			return;
	}
	if(t->n_numbers < NUMBERS_MAX)
		strcpy(t->a[t->n_numbers++], a);
}

static void read_identity(struct view uri, struct third_party *t)
{
	char a[PHONE_MAX];

	if(number_of(uri, a))
		add_number(t, a);
	else if(t->n_identities < IDENTITIES_MAX
			&& !impu_from_uri(uri, t->impu[t->n_identities]))
		t->n_identities++;
}

/* The implicit set registers together (TS 24.229 5.4.1.2): each number and each
 * identity of it is A. service-info is of A, whatever number To is. */
static void read_identities(sip_msg_t *msg, struct third_party *t)
{
	struct view to = view_of(&get_to(msg)->uri);
	char a[PHONE_MAX];

	if(*t->body.msisdn)
		add_number(t, t->body.msisdn);
	if(!*t->body.msisdn || !number_of(to, a))
		read_identity(to, t);
	for(hdr_field_t *h = msg->headers; h; h = h->next) {
		if(sip_header_is(h, "P-Associated-URI"))
			register_associated_add(view_of(&h->body), &t->body);
	}
	for(unsigned i = 0; i < t->body.n_associated; i++)
		read_identity(t->body.associated[i], t);
}

static int commit_register(sip_msg_t *msg, const struct third_party *t)
{
	struct builder b;
	const char *scscf;

	if(builder_begin(&b,
			   t->n_numbers * (2 + t->body.n_contacts) + t->n_identities))
		return unavailable(msg, "out of shared memory");
	scscf = post_text(&b.room, t->scscf);
	for(unsigned i = 0; i < t->n_numbers; i++)
		add_registration(&b, t, t->a[i], scscf);
	for(unsigned i = 0; i < t->n_identities; i++)
		add_identity(&b, t, t->impu[i]);
	return commit(msg, &b);
}

static int take_register(sip_msg_t *msg)
{
	static struct third_party t; /* $ipsmgw() shows parts of it afterwards */
	int rc;

	t = (struct third_party){.expires_s = -1};
	read_scscf(msg, &t);
	rc = read_body(msg, &t);
	if(rc)
		return bad_body(msg, rc);
	read_identities(msg, &t);
	if(t.n_numbers == 0)
		return answer(msg, IPSMGW_ERR_ADDRESS, 404,
				"no telephone number in service-info, To and P-Associated-URI");
	result.text[RESULT_FROM] = str_of_text(t.a[0]);
	rc = commit_register(msg, &t);
	if(rc == IPSMGW_TAKEN)
		say_contact(msg, &t);
	return rc;
}

/* ---- reg-event NOTIFY ---- */

static bool is_reg_event(sip_msg_t *msg)
{
	struct view event = sip_header(msg, "Event", "o");
	size_t n = 0;

	while(n < event.len && !strchr("; \t", event.p[n]))
		n++;
	return view_ieq((struct view){event.p, n}, VIEW("reg"));
}

/* The numbers among the addresses of record: tel and sip of an implicit set may
 * name the same one. One is active if any of its addresses is. */
struct number {
	char a[PHONE_MAX];
	bool active;
};

static unsigned numbers_of(
		const struct reginfo *r, struct number out[REGINFO_REGISTRATIONS_MAX])
{
	unsigned n = 0, k;

	for(unsigned i = 0; i < r->n_registrations; i++) {
		if(!number_of(r->registration[i].aor, out[n].a))
			continue;
		for(k = 0; strcmp(out[k].a, out[n].a); k++)
			;
		if(k == n)
			out[n++].active = false;
		out[k].active = out[k].active || r->registration[i].active;
	}
	return n;
}

/* The addresses in one document are of one implicit set (RFC 3680 4), so all
 * its contacts count for each number, wherever the S-CSCF wrote them. */
static void add_reginfo(
		struct builder *b, const struct reginfo *r, const struct number *g)
{
	if(!g->active)
		add_clear(b, g->a, STORE_LEARNED_REGISTER);
	else if(!r->full || !r->truncated)
		add_clear(b, g->a, STORE_LEARNED_NOTIFY)->if_gap = !r->full;
	for(unsigned i = 0; g->active && i < r->n_contacts; i++) {
		const struct cpm_contact *c = &r->contact[i].contact;
		int64_t expires_s = c->expires_s < 0 ? REGINFO_DEFAULT_S : c->expires_s;

		add_contact(b, g->a, c, r->contact[i].active ? expires_s : 0,
				STORE_LEARNED_NOTIFY);
	}
}

/* Documents are counted in a subscription (RFC 3680 5.2): the dialog, as the
 * notifier names it. */
static uint64_t subscription_of(sip_msg_t *msg)
{
	uint8_t key[DIGEST_OCTETS];
	uint64_t n;

	if(parse_from_header(msg) < 0)
		return 0;
	digest((struct view[]){view_of(&msg->callid->body),
				   view_of(&get_from(msg)->tag_value)},
			2, key);
	memcpy(&n, key, sizeof(n));
	return n;
}

static int take_notify(sip_msg_t *msg)
{
	static uint8_t octets[TEXT_MAX];
	static struct reginfo r;
	struct wbuf text = wbuf_of(octets, sizeof(octets));
	struct view body = sip_body(msg);
	struct number numbers[REGINFO_REGISTRATIONS_MAX];
	unsigned n;
	struct builder b;
	int rc;

	if(!is_reg_event(msg))
		return answer(msg, IPSMGW_ERR_CONTENT, 489, "not the reg event");
	if(!body.len) /* RFC 6665 4.1.3: nothing to say */
		return answer(msg, IPSMGW_TAKEN, 200, NULL);
	rc = reginfo_read(body, &text, &r);
	if(rc)
		return bad_body(msg, rc);
	n = numbers_of(&r, numbers);
	if(n == 0)
		return answer(msg, IPSMGW_ERR_ADDRESS, 404,
				"no address of record is a telephone number");
	if(builder_begin(&b, n * (1 + r.n_contacts)))
		return unavailable(msg, "out of shared memory");
	b.post->subscription = subscription_of(msg);
	b.post->version = r.version;
	b.post->partial = !r.full;
	for(unsigned i = 0; i < n; i++)
		add_reginfo(&b, &r, &numbers[i]);
	return commit(msg, &b);
}

/* ---- the function ---- */

int ipsmgw_register(sip_msg_t *msg)
{
	result_clear();
	if(parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->to || !msg->callid)
		return answer(
				msg, IPSMGW_ERR_CONTENT, 400, "the request cannot be parsed");
	if(msg->REQ_METHOD == METHOD_REGISTER)
		return take_register(msg);
	if(msg->REQ_METHOD == METHOD_NOTIFY)
		return take_notify(msg);
	return answer(msg, IPSMGW_ERR_CONTENT, 405, "neither REGISTER nor NOTIFY");
}
