/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: modules/ipsmgw/spool_msrp.c modules/ipsmgw/spool_msrp_in.c modules/ipsmgw/spool_msrp_out.c */
/* sources: modules/ipsmgw/spool_msrp_text.c modules/ipsmgw/spool_msrp_sdp.c modules/ipsmgw/spool_msrp_unbound.c */
/* sources: modules/ipsmgw/chat_table.c modules/ipsmgw/chat_text.c modules/ipsmgw/sms_record.c modules/ipsmgw/sms_text.c */

/*
 * Octets -> steps of two chat sessions over MSRP in the spool process: frames of A on several connections, whole or
 * damaged, answers and reports, commits that end well or not, messages from the SMS side, connections lost, time. SIP,
 * Kamailio's TCP and the database are made up here. Held:
 *
 *   a SEND has one answer at most, and has it when all is committed and its connection is still there; no 200 for
 *   what could not be stored;
 *   what a session has taken for A comes to one end: an outcome, or the other way;
 *   chunks to A follow one another without a gap; in the end all memory is given back.
 */

#include <stdio.h>
#include <stdlib.h>

#include "core/mem/shm_mem.h"

#include "../../modules/ipsmgw/chat_job.h"
#include "../../modules/ipsmgw/chat_media.h"
#include "../../modules/ipsmgw/chat_sender.h"
#include "../../modules/ipsmgw/digest.h"
#include "../../modules/ipsmgw/ipsmgw.h"
#include "../../modules/ipsmgw/msrp_con.h"
#include "../../modules/ipsmgw/msrp_io.h"
#include "../../modules/ipsmgw/sms_record.h"
#include "ensure.h"

enum { STEPS_MAX = 400, SESSIONS = 2, CONNECTIONS = 3, POSTS = 256, ASKED = 512, MTS = 64, PATH = 128 };

struct ipsmgw_cfg ipsmgw_cfg;
struct ipsmgw_counters ipsmgw_counters;

/* A request of A that may be, or is to be, answered. */
struct asked {
	bool open, owed;
	int con_id;
	int64_t session_id;
};

/* The message to A that is under way in a session. */
struct outgoing {
	char message_id[MSRP_MESSAGE_ID_MAX + 1], transaction[MSRP_TRANSACTION_MAX + 1];
	uint64_t next; /* octet */
};

static struct {
	int64_t now_ms, ids[SESSIONS], last_id;
	uint64_t random;
	struct post_message *posts[POSTS];
	unsigned n_posts;
	struct asked asked[ASKED];
	unsigned n_asked;
	struct mt mts[MTS];	  /* message_id 0: none */
	int64_t late[MTS];	  /* their time was over before they came to an end */
	unsigned n_late;
	struct outgoing out[SESSIONS];
	char bind[SESSIONS][MSRP_TRANSACTION_MAX + 1];
	bool known[CONNECTIONS + 1], complained[CONNECTIONS + 1], read[CONNECTIONS + 1], bound[CONNECTIONS + 1];
	bool failing; /* what is done now could not be stored */
	bool damaged; /* some frame was: answers may name anything */
} run;

/* ---- the rest of the module ---- */

int64_t ipsmgw_mono_ms(void)
{
	return run.now_ms;
}

int64_t ipsmgw_now_ms(void)
{
	return run.now_ms;
}

int random_octets(void *p, size_t octets)
{
	for (size_t i = 0; i < octets; i++) {
		run.random = run.random * 6364136223846793005u + 1442695040888963407u;
		((uint8_t *)p)[i] = (uint8_t)(run.random >> 56);
	}
	return 0;
}

void digest(const struct view *parts, size_t n, uint8_t out[DIGEST_OCTETS])
{
	memset(out, 0, DIGEST_OCTETS);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < parts[i].len; k++)
			out[k % DIGEST_OCTETS] ^= parts[i].p[k];
}

int chat_sender_text(struct wbuf *w, const struct chat_session *c, const struct content *t, struct view text)
{
	(void)c, (void)t;
	wbuf_view(w, text);
	return wbuf_end(w, 0);
}

bool chat_sender_is_system(const struct chat_session *c, const struct content *t)
{
	(void)c, (void)t;
	return false;
}

void chat_touch(struct chat_session *c)
{
	ENSURE(c->s.id);
}

void chat_media_ready(struct chat_session *c)
{
	if (c->s.state == CHAT_OKSENT && c->acknowledged)
		c->s.state = CHAT_ACTIVE;
}

void chat_do(int64_t session_id, enum chat_action action, unsigned cause)
{
	struct chat_session *c = chat_by_id(session_id);

	(void)cause;
	if (c && (action == CHAT_DO_LOST || action == CHAT_DO_COMPLETE))
		c->s.state = CHAT_ENDING;
}

void mailbox_done(struct post *p, int rc)
{
	(void)p, (void)rc;
}

struct mt *mt_find(int64_t message_id)
{
	for (int i = 0; i < MTS; i++)
		if (message_id && run.mts[i].message_id == message_id)
			return &run.mts[i];
	return NULL;
}

/* Nobody has it twice: what has come to its end is not in the table any more. */
static void mt_end(int64_t message_id)
{
	struct mt *m = mt_find(message_id);
	unsigned i = 0;

	if (m) {
		m->message_id = 0;
		return;
	}
	while (i < MTS && run.late[i] != message_id)
		i++;
	ENSURE(i < MTS);
	run.late[i] = 0;
}

static void step_time_is_over(int64_t message_id)
{
	if (!mt_find(message_id))
		return;
	mt_end(message_id);
	run.late[run.n_late++ % MTS] = message_id;
}

void mt_again_as_pager(struct mt *m)
{
	mt_end(m->message_id);
}

void spool_post(struct post *p)
{
	if (p->type == POST_SMS_OUTCOME) {
		mt_end(((struct post_sms_outcome *)p)->message_id);
		free(p);
		return;
	}
	ENSURE(p->type == POST_MESSAGE && run.n_posts < POSTS);
	run.posts[run.n_posts++] = (struct post_message *)p;
}

const struct msrp_listen *msrp_io_listen(bool tls)
{
	static const struct msrp_listen ours = {.host = "192.0.2.9", .port = 2855, .fingerprint = ""};

	return tls ? NULL : &ours;
}

bool msrp_con_known(int con_id)
{
	return run.known[con_id];
}

bool msrp_con_complain(int con_id)
{
	bool first = !run.complained[con_id];

	run.complained[con_id] = true;
	return first;
}

bool msrp_con_is_unbound(int con_id)
{
	return run.known[con_id] && !run.bound[con_id];
}

void msrp_con_bind(int con_id)
{
	run.bound[con_id] = true;
}

bool msrp_con_read(int con_id)
{
	bool first = !run.read[con_id];

	run.read[con_id] = true;
	return first && msrp_con_is_unbound(con_id);
}

/* ---- what A gets ---- */

/* They may be answered yet, but need not. */
static void forgive(int con_id, int64_t session_id)
{
	for (unsigned i = 0; i < run.n_asked; i++)
		if (run.asked[i].con_id == con_id || run.asked[i].session_id == session_id)
			run.asked[i].owed = false;
}

void chat_job_msrp_close(int con_id, bool tell)
{
	(void)tell;
	ENSURE(con_id > 0 && con_id <= CONNECTIONS);
	run.known[con_id] = run.bound[con_id] = run.read[con_id] = false;
	forgive(con_id, -1);
}

static void heard_response(const struct msrp_frame *f)
{
	unsigned n = 0;
	bool ours = f->transaction.len == 6 && f->transaction.p[0] == 't' &&
		    sscanf((const char *)f->transaction.p + 1, "%5u", &n) == 1 && n < run.n_asked;

	ENSURE(f->code != 200 || !run.failing);
	if (!ours || !run.asked[n].open) {
		ENSURE(run.damaged);
		return;
	}
	run.asked[n].open = run.asked[n].owed = false;
}

static unsigned place_of(int64_t session_id)
{
	unsigned k = 0;

	while (k < SESSIONS && run.ids[k] != session_id)
		k++;
	return k;
}

static void keep(char *to, size_t size, struct view v)
{
	snprintf(to, size, "%.*s", (int)v.len, (const char *)v.p);
}

static void heard_send(int64_t session_id, const struct msrp_to *to, const struct msrp_frame *f)
{
	unsigned k = place_of(session_id);
	struct outgoing *o = &run.out[k];

	ENSURE(k < SESSIONS);
	if (!f->has_body) {
		keep(run.bind[k], sizeof(run.bind[k]), f->transaction);
		return;
	}
	ENSURE(to->con_id && f->body.len && f->body.len <= CHAT_CHUNK_MAX);
	if (f->range_first == 1)
		keep(o->message_id, sizeof(o->message_id), f->message_id);
	else
		ENSURE(view_eq(f->message_id, view_str(o->message_id)) && f->range_first == o->next);
	o->next = f->range_first + f->body.len;
	ENSURE((f->flag == '$') == (o->next == f->range_total + 1));
	keep(o->transaction, sizeof(o->transaction), f->transaction);
}

void chat_job_msrp(int64_t session_id, const struct msrp_to *to, struct view frame)
{
	struct msrp_frame f;

	ENSURE(msrp_frame_decode(frame, &f) == 0 && (to->con_id ? to->con_id <= CONNECTIONS : to->port));
	if (f.method == MSRP_RESPONSE)
		heard_response(&f);
	else if (f.method == MSRP_SEND)
		heard_send(session_id, to, &f);
}

/* ---- what A sends ---- */

static void rx(int con_id, const uint8_t *octets, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct post_msrp p = {.con_id = con_id, .frame = {exact, len}};
	struct event e = {.type = EV_MSRP, .msrp = &p};

	if (len)
		memcpy(exact, octets, len);
	run.known[con_id] = true;
	spool_msrp_ops[EV_MSRP].after(&e);
	free(exact);
}

static struct chat_session *session(uint8_t how)
{
	return chat_by_id(run.ids[how & 1]);
}

static void own_path(const struct chat_session *c, char path[PATH])
{
	snprintf(path, PATH, "msrp://192.0.2.9:2855/%s;tcp", c ? c->msrp_id : "nobody");
}

static struct view some_octets(struct rbuf *r)
{
	size_t n = rbuf_u8(r);

	return rbuf_view(r, n < rbuf_left(r) ? n : rbuf_left(r));
}

#define CPIM_HEAD                                                                                                      \
	"From: <tel:+1>\r\nTo: <tel:+2>\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk324j\r\n"            \
	"DateTime: 2026-11-22T10:00:00Z\r\nimdn.Disposition-Notification: positive-delivery, interworking\r\n\r\n"

static struct view some_body(uint8_t how, struct rbuf *r, struct view *type)
{
	static const char *const bodies[] = {
		CPIM_HEAD "Content-Type: text/plain;charset=UTF-8\r\n\r\nhello, this is a text of some length",
		CPIM_HEAD "Content-Type: application/im-iscomposing+xml\r\n\r\n<isComposing/>",
		CPIM_HEAD "Content-Type: image/gif\r\n\r\nGIF89a",
		CPIM_HEAD "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=",
	};
	static const char *const types[] = {"message/cpim", "text/plain", "image/gif", "message/imdn+xml"};

	*type = view_str(types[how >> 3 & 3]);
	return how & 0x04 ? some_octets(r) : view_str(bodies[how & 3]);
}

static struct msrp_frame some_send(struct rbuf *r, char id[3])
{
	uint8_t how = rbuf_u8(r), control = rbuf_u8(r), at;
	struct msrp_frame f = {.method = MSRP_SEND, .has_body = !(control & 0x20), .has_range = !(control & 0x40),
			       .range_first = 1, .failure_report = (enum msrp_failure_report)(how >> 5 & 1),
			       .success_report = how & 0x40, .flag = '$'};
	struct view whole = some_body(how, r, &f.content_type);

	memcpy(id, "m0", 3);
	id[1] = (char)('0' + (control & 3));
	f.message_id = view_str(id);
	f.body = f.has_body ? whole : VIEW("");
	f.range_total = whole.len;
	if (control & 4 && whole.len) { /* one of two chunks */
		at = rbuf_u8(r) % (whole.len + 1);
		f.body = control & 8 ? (struct view){whole.p + at, whole.len - at} : (struct view){whole.p, at};
		f.range_first = control & 8 ? at + 1u : 1;
		f.flag = control & 8 ? '$' : control & 0x10 ? '#' : '+';
	}
	f.range_last = control & 0x80 ? MSRP_UNKNOWN : f.range_first + f.body.len - 1;
	return f;
}

static void step_send(uint8_t what, struct rbuf *r, bool damage)
{
	const struct chat_session *c = session(what >> 4);
	int con_id = 1 + (what >> 5) % CONNECTIONS;
	char path[PATH], transaction[16], id[3];
	uint8_t octets[4096];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct msrp_frame f = some_send(r, id);

	own_path(c, path);
	snprintf(transaction, sizeof(transaction), "t%05u", run.n_asked);
	f.transaction = view_str(transaction);
	f.to_path = view_str(path);
	f.from_path = VIEW("msrp://192.0.2.1:7654/peer;tcp");
	if (run.n_asked == ASKED || run.n_posts == POSTS || msrp_frame_encode(&w, &f))
		return;
	if (damage) {
		run.damaged = true;
		octets[rbuf_u8(r) * 3u % w.len] ^= rbuf_u8(r);
	}
	run.asked[run.n_asked++] =
		(struct asked){true, !damage && f.failure_report == MSRP_FAILURE_YES, con_id, c ? c->s.id : 0};
	rx(con_id, octets, w.len);
}

static void step_raw(uint8_t how, struct view octets)
{
	run.damaged = true;
	rx(1 + how % CONNECTIONS, octets.p, octets.len);
}

/* An answer to what was sent to A last, or to the empty SEND that binds a connection; or a report. */
static void step_answer(uint8_t what, uint8_t how)
{
	static const unsigned codes[] = {200, 200, 200, 413, 415, 408, 481, 506};
	const struct chat_session *c = session(what >> 4);
	const struct outgoing *o = &run.out[what >> 4 & 1];
	const char *transaction = how & 0x08 ? run.bind[what >> 4 & 1] : o->transaction;
	struct msrp_frame f = {.method = how & 0x10 ? MSRP_REPORT : MSRP_RESPONSE, .code = codes[how & 7],
			       .status = codes[how & 7], .message_id = view_str(o->message_id)};
	char path[PATH];
	uint8_t octets[1024];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	own_path(c, path);
	f.transaction = f.method == MSRP_REPORT ? VIEW("r1r1") : view_str(transaction);
	f.to_path = view_str(path);
	f.from_path = VIEW("msrp://192.0.2.1:7654/peer;tcp");
	run.damaged = run.damaged || f.method == MSRP_REPORT; /* one that has no session is answered */
	if (msrp_frame_encode(&w, &f) == 0)
		rx(c && c->con_id && !(how & 0x40) ? c->con_id : 1 + (how >> 5) % CONNECTIONS, octets, w.len);
}

/* ---- the other sides ---- */

static void commit(unsigned which, int rc)
{
	struct post_message *p = run.posts[which];

	run.posts[which] = run.posts[--run.n_posts];
	p->added.message_id = rc ? 0 : ++run.last_id;
	ENSURE(p->m.n_segments && strlen(p->m.a) && strlen(p->m.b) && strlen(p->m.service) <= 3);
	run.failing = rc && rc != -EEXIST;
	if (p->done)
		p->done(p, rc);
	run.failing = false;
	free(p);
}

static void step_message(uint8_t what, struct rbuf *r)
{
	static const uint8_t large[6000];
	struct chat_session *c = session(what >> 4);
	uint8_t how = rbuf_u8(r);
	struct view cpim = how & 1 ? (struct view){large, sizeof(large)}
				   : VIEW(CPIM_HEAD "Content-Type: text/plain\r\n\r\nfrom B");
	struct mt *m = run.mts;

	while (m->message_id && m < run.mts + MTS - 1)
		m++;
	if (!c || m->message_id)
		return;
	*m = (struct mt){.message_id = how & 2 ? -++run.last_id : ++run.last_id, .parts = how >> 3 & 3, .group = how & 4};
	if (how & 2 ? !chat_media_notify(c, m->message_id, cpim) : !chat_media_send(c, m->message_id, cpim))
		m->message_id = 0;
}

static void step_closed(uint8_t con_id, uint8_t session_at)
{
	struct post_msrp_closed p = {.con_id = con_id, .session_id = run.ids[session_at & 1]};
	struct event e = {.type = EV_MSRP_CLOSED, .closed = &p};

	if (con_id) {
		run.known[con_id] = run.bound[con_id] = run.read[con_id] = false;
		forgive(con_id, -1);
	}
	spool_msrp_ops[EV_MSRP_CLOSED].after(&e);
}

static void session_begin(unsigned k, uint8_t how)
{
	static const char *const sdps[] = {
		"v=0\r\nc=IN IP4 192.0.2.1\r\nm=message 7654 TCP/MSRP *\r\na=accept-types:message/cpim text/plain\r\n"
		"a=setup:active\r\na=path:msrp://192.0.2.1:7654/peer;tcp\r\n",
		"v=0\r\nc=IN IP4 192.0.2.1\r\nm=message 7654 TCP/MSRP *\r\na=accept-types:text/plain\r\na=max-size:200\r\n"
		"a=setup:passive\r\na=path:msrp://192.0.2.1:7654/peer;tcp\r\n",
		"v=0\r\nc=IN IP4 192.0.2.1\r\nm=message 7654 TCP/MSRP *\r\na=accept-types:message/cpim\r\n"
		"a=accept-wrapped-types:text/plain\r\na=setup:actpass\r\na=msrp-cema\r\na=path:msrp://192.0.2.1:7654/peer;tcp\r\n",
		"v=0\r\nc=IN IP4 192.0.2.1\r\nm=message 7654 TCP/MSRP *\r\na=accept-types:*\r\na=recvonly\r\n"
		"a=path:msrp://192.0.2.1:7654/peer;tcp\r\n",
	};
	const struct store_session s = {.id = ++run.last_id, .kind = 1 + (how >> 2 & 3), .a = "+4917", .b = "+4916",
					.number = "+4917", .service = "cpm", .conversation_id = "c", .contribution_id = "d",
					.state = how & 0x10 ? CHAT_INVITING : CHAT_OKSENT};
	struct chat_session *c = chat_add(&s);

	ENSURE(c && chat_set_sdp(c, view_str(sdps[how & 3])) == 0);
	c->acknowledged = how & 0x20;
	run.ids[k] = s.id;
	memset(&run.out[k], 0, sizeof(run.out[k]));
	run.bind[k][0] = '\0';
}

static void session_end(unsigned k)
{
	struct chat_session *c = chat_by_id(run.ids[k]);

	forgive(-1, run.ids[k]);
	chat_media_free(c);
	chat_remove(c);
}

static void step_session(uint8_t what, uint8_t how)
{
	struct chat_session *c = session(what >> 4);

	switch (how & 3) {
	case 0:
		session_end(what >> 4 & 1);
		session_begin(what >> 4 & 1, how >> 2);
		break;
	case 1:
		c->acknowledged = true;
		if (c->s.state == CHAT_INVITING)
			c->s.state = CHAT_OKSENT;
		chat_media_open(c);
		break;
	case 2: c->s.state = CHAT_ENDING; break;
	default: chat_media_failed(c, how >> 2, 480); break;
	}
}

static void step(struct rbuf *r)
{
	uint8_t what = rbuf_u8(r), how;

	switch (what & 0xf) {
	case 0:
	case 1:
	case 2: step_send(what, r, false); break;
	case 3: step_send(what, r, true); break;
	case 4:
	case 5: step_answer(what, rbuf_u8(r)); break;
	case 6:
	case 7:
		how = rbuf_u8(r);
		if (run.n_posts)
			commit(how % run.n_posts, how & 0x80 ? -EIO : how & 0x40 ? -EEXIST : 0);
		break;
	case 8:
	case 9: step_message(what, r); break;
	case 10: step_closed((uint8_t)((what >> 5) % (CONNECTIONS + 1)), what >> 4); break;
	case 11:
		run.now_ms += rbuf_u8(r) * 500;
		spool_msrp_tick();
		break;
	case 12: step_session(what, rbuf_u8(r)); break;
	case 13: step_time_is_over(run.last_id - (what >> 4)); break;
	default: step_raw(what >> 4, some_octets(r)); break;
	}
	for (unsigned k = 0; k < SESSIONS; k++)
		if (!session((uint8_t)k)->con_id) /* A did not answer: the connection is no longer used for it */
			forgive(-1, run.ids[k]);
}

static void finish(void)
{
	while (run.n_posts)
		commit(0, 0);
	for (unsigned i = 0; i < run.n_asked; i++)
		ENSURE(!run.asked[i].owed);
	for (unsigned k = 0; k < SESSIONS; k++)
		session_end(k);
	for (int i = 0; i < MTS; i++)
		ENSURE(!run.mts[i].message_id);
	while (run.n_posts)
		commit(0, -EIO);
	run.now_ms += 1000000;
	spool_msrp_tick();
	ENSURE(chat_count() == 0);
}

static void start_once(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	ipsmgw_cfg.chat_max_size = 4000;
	ipsmgw_cfg.max_segments = 10;
	ipsmgw_cfg.ref_bits = 8;
	ipsmgw_cfg.validity_default_s = 100;
	ipsmgw_cfg.msrp_unbound_s = 30;
	ipsmgw_cfg.ft_http_text = ipsmgw_cfg.geo_text = "";
	ENSURE(sms_record_init() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf r = rbuf_of((struct view){data, size});

	start_once();
	memset(&run, 0, sizeof(run));
	run.last_id = 100;
	session_begin(0, rbuf_u8(&r));
	session_begin(1, rbuf_u8(&r));
	for (int i = 0; i < STEPS_MAX && rbuf_left(&r); i++)
		step(&r);
	finish();
	return 0;
}
