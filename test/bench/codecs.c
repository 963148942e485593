/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * One usual message through each codec, and through the store: under callgrind the instructions of each are counted
 * and dumped under its name (codecs.py); by itself it only runs.
 *
 *   codecs DATABASE
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "cpm/content.h"
#include "cpm/cpim.h"
#include "cpm/imdn.h"
#include "cpm/imdn_status.h"
#include "link/link_frame.h"
#include "map/map_sm.h"
#include "map/tcap.h"
#include "msrp/msrp_frame.h"
#include "sms/rp.h"
#include "sms/segment.h"
#include "sms/timestamp.h"
#include "sms/tpdu.h"
#include "smpp/smpp_pdu.h"
#include "smpp/smpp_sm.h"
#include "store/store.h"

enum { ROUNDS = 200, BATCH = 16 };

static const char cpim_text[] = "From: <tel:+15550000001>\r\nTo: <tel:+16660000001>\r\nDateTime: 2026-03-14T09:26:53.000Z\r\n"
				"NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: load-000000001-5f3e9a10\r\n"
				"imdn.Disposition-Notification: positive-delivery, negative-delivery\r\n"
				"NS: cpm <http://www.openmobilealliance.org/cpm/>\r\ncpm.Payload-Type: text/plain\r\n\r\n"
				"Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 62\r\n\r\n"
				"#000000001# Lunch at 12? The usual place, and bring Joe along.";
static const char short_text[] = "#000000001# Lunch at 12? The usual place, and bring Joe along.";
static const char emoji_text[] = "#000000001# Lunch at 12? \xf0\x9f\x8d\x95 The usual place, bring Joe along.";

static uint8_t octets[65536], scratch[SMPP_SM_SCRATCH], tpdu_octets[TPDU_MAX], pdu_octets[1024], frame_octets[LINK_FRAME_MAX];
static uint8_t msrp_octets[4096], imdn_octets[4096], tcap_octets[1024];
static char long_text[440];
static struct view tpdu, pdu, frame, msrp, imdn, tcap;
static struct smpp_message message;

static void must(int rc)
{
	if (rc < 0)
		abort();
}

static struct wbuf fresh(void)
{
	return wbuf_of(octets, sizeof(octets));
}

static struct sms_address number(const char *text)
{
	struct sms_address a;

	must(sms_address_parse(&a, view_str(text)));
	return a;
}

/* ---- CPM ---- */

static void cpim_in(void)
{
	struct cpim c;

	must(cpim_decode(view_str(cpim_text), &c));
}

static struct imdn imdn_of(void)
{
	return (struct imdn){
		.message_id = VIEW("load-000000001-5f3e9a10"),
		.datetime = VIEW("2026-03-14T09:26:53.000Z"),
		.recipient_uri = VIEW("tel:+16660000001"),
		.kind = IMDN_KIND_DELIVERY,
		.status = IMDN_STATUS_DELIVERED,
	};
}

static void imdn_out(void)
{
	struct imdn d = imdn_of();
	struct wbuf w = wbuf_of(imdn_octets, sizeof(imdn_octets));

	must(imdn_encode(&w, &d));
	imdn = wbuf_written(&w);
}

static void imdn_in(void)
{
	struct wbuf w = fresh();
	struct imdn d;

	must(imdn_decode(imdn, &w, &d));
}

/* ---- SMS ---- */

static void segments(const char *text)
{
	struct segment_plan plan;
	struct segment_iter it = {0};
	struct segment seg;

	must(segment_plan(&plan, view_str(text), 8));
	while (segment_next(&plan, &it, 7, &seg))
		;
}

static void segments_short(void)
{
	segments(short_text);
}

static void segments_emoji(void)
{
	segments(emoji_text);
}

static void segments_long(void)
{
	segments(long_text);
}

static void tpdu_out(void)
{
	struct segment_plan plan;
	struct segment_iter it = {0};
	static struct segment seg;
	struct tpdu_submit s = {.tp_srr = true, .tp_mr = 7, .tp_da = number("+16660000001")};
	struct wbuf w = wbuf_of(tpdu_octets, sizeof(tpdu_octets));

	if (!seg.total) {
		must(segment_plan(&plan, view_str(short_text), 8));
		must(segment_next(&plan, &it, 7, &seg));
	}
	s.u = (struct tp_user_data){.tp_dcs = seg.tp_dcs, .tp_udl = seg.tp_udl, .tp_ud = {seg.tp_ud, seg.ud_octets}};
	must(tpdu_submit_encode(&w, &s));
	tpdu = wbuf_written(&w);
}

static void tpdu_in(void)
{
	struct tpdu_submit s;

	must(tpdu_submit_decode(tpdu, &s));
}

/* ---- SMPP ---- */

static void submit_sm_from_tpdu(void)
{
	static const struct smpp_sm_config cfg;
	struct sms_address oa = number("+15550000001");

	must(smpp_submit_from_tpdu(&cfg, tpdu, &oa, 1, scratch, &message));
}

static void smpp_out(void)
{
	static struct smpp_pdu p = {.command_id = SMPP_SUBMIT_SM, .sequence_number = 1};
	struct wbuf w = wbuf_of(pdu_octets, sizeof(pdu_octets));

	p.message = message;
	must(smpp_pdu_encode(&w, &p));
	pdu = wbuf_written(&w);
}

static void smpp_in(void)
{
	struct smpp_pdu p;

	must(smpp_pdu_decode(pdu, &p));
}

/* ---- link ---- */

static void link_out(void)
{
	uint8_t rp_octets[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(frame_octets, sizeof(frame_octets)), r = wbuf_of(rp_octets, sizeof(rp_octets));
	struct rp_message rp = {.type = RP_DATA, .dir = RP_MS_TO_NET, .rp_mr = 7, .rp_ud = tpdu};
	struct link_frame f = {.type = LINK_DATA, .ref = 4711, .oa = VIEW("+15550000001"), .validity_s = 86400};

	must(rp_encode(&r, &rp));
	f.rp = wbuf_written(&r);
	must(link_frame_encode(&w, &f));
	frame = wbuf_written(&w);
}

static void link_in(void)
{
	struct rp_message rp;
	struct link_frame f;

	must(link_frame_decode(frame, &f));
	must(rp_decode(f.rp, &rp));
}

/* ---- MSRP ---- */

static void msrp_out(void)
{
	struct wbuf w = wbuf_of(msrp_octets, sizeof(msrp_octets));
	struct msrp_frame f = {
		.method = MSRP_SEND,
		.transaction = VIEW("a786hjs2fd3k"),
		.to_path = VIEW("msrp://192.0.2.1:5060/kjhd37s2s20w2a3k4m;tcp"),
		.from_path = VIEW("msrp://192.0.2.7:9/9di4eae923wzd7fk2j5h;tcp"),
		.message_id = VIEW("87652491x"),
		.has_range = true,
		.range_first = 1,
		.range_last = sizeof(cpim_text) - 1,
		.range_total = sizeof(cpim_text) - 1,
		.content_type = VIEW("message/cpim"),
		.has_body = true,
		.body = view_str(cpim_text),
		.flag = '$',
	};

	must(msrp_frame_encode(&w, &f));
	msrp = wbuf_written(&w);
}

static void msrp_in(void)
{
	struct msrp_frame f;

	must(msrp_frame_decode(msrp, &f));
}

/* ---- MAP: MO-ForwardSM in a BEGIN ---- */

static void map_out(void)
{
	static struct tcap_message m;
	uint8_t parameter[MAP_PARAMETER_MAX];
	struct wbuf p = wbuf_of(parameter, sizeof(parameter)), w = wbuf_of(tcap_octets, sizeof(tcap_octets));
	struct map_argument a = {.operation = MAP_MO_FORWARD_SM, .version = 3};
	int32_t code;

	a.forward_sm.sm_rp_da = (struct map_rp_address){.type = MAP_RP_SERVICE_CENTRE, .address = number("+491710760000")};
	a.forward_sm.sm_rp_oa = (struct map_rp_address){.type = MAP_RP_MSISDN, .address = number("+15550000001")};
	a.forward_sm.sm_rp_ui = tpdu;
	must(map_argument_encode(&p, &a));
	m = (struct tcap_message){
		.type = TCAP_BEGIN, .otid = {.len = 4, .octets = {1, 2, 3, 4}}, .dialogue = {.apdu = TCAP_AARQ}, .component_count = 1};
	must(map_operation_coding(a.operation, a.version, &m.dialogue.ac, &code));
	m.components[0] = (struct tcap_component){
		.type = TCAP_INVOKE, .has_invoke_id = true, .invoke_id = 1, .has_code = true, .code = code, .parameter = wbuf_written(&p)};
	must(tcap_encode(&w, &m));
	tcap = wbuf_written(&w);
}

static void map_in(void)
{
	static struct tcap_message m;

	must(tcap_decode(tcap, &m));
}

/* ---- store: a batch, so one call is of BATCH messages ---- */

static struct store *store;
static int64_t now_ms = 1767225600000, segment_ids[BATCH], sms_ids[BATCH];

static void store_add(void)
{
	static unsigned n;

	must(store_begin(store));
	for (int i = 0; i < BATCH; i++, n++) {
		struct store_segment_new segment = {tpdu, 7};
		struct store_message_added added;
		char a[16], b[16];
		struct store_message_new m = {
			.a = a, .b = b, .oa = "", .smsc = "", .service = "cpm-pager", .n_segments = 1, .segments = &segment, .send_now = true,
			.conversation_id = VIEW("f81d4fae-7dec-11d0-a765-00a0c0000001"), .imdn_id = VIEW("load-000000001-5f3e9a10"),
			.contribution_id = VIEW("01234567-89ab-cdef-0123-400000000100"), .datetime = VIEW("2026-03-14T09:26:53.000Z"),
			.retry_window_ms = 600000, .expires_ms = now_ms + 86400000,
		};
		uint64_t key = n * 0x9e3779b97f4a7c15u;

		snprintf(a, sizeof(a), "+1555%07u", n * 2654435761u % 5000);
		snprintf(b, sizeof(b), "+1666%07u", n * 2654435761u % 5000);
		memcpy(m.retry_key, &key, sizeof(key));
		must(store_message_add(store, &m, now_ms++, &added));
		segment_ids[i] = added.first_segment_id;
	}
	must(store_commit(store));
}

static void store_accepted(void)
{
	must(store_begin(store));
	for (int i = 0; i < BATCH; i++) {
		struct store_outcome o;
		char id[20];

		snprintf(id, sizeof(id), "%lld", (long long)segment_ids[i]);
		must(store_segment_accepted(store, segment_ids[i], "test", id, now_ms++, &o));
	}
	must(store_commit(store));
}

static bool none_in_flight(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx;
	(void)message_id;
	(void)separate;
	return false;
}

static void store_sms(void)
{
	static unsigned n;

	must(store_begin(store));
	for (int i = 0; i < BATCH; i++, n++) {
		struct store_sms_added added;
		char a[16], b[16];
		struct store_sms_new m = {.a = a, .b = b, .units = view_str(short_text), .total = 1, .part = 1,
					  .reply_window_ms = 86400000, .repeat_window_ms = 86400000};
		uint64_t key = n * 0x9e3779b97f4a7c15u + 1;

		snprintf(a, sizeof(a), "+1555%07u", n * 2654435761u % 5000);
		snprintf(b, sizeof(b), "+1666%07u", n * 2654435761u % 5000);
		memcpy(m.key, &key, sizeof(key));
		for (int k = 0; k < 3; k++)
			snprintf(m.fresh_ids[k], sizeof(m.fresh_ids[k]), "01234567-89ab-cdef-0123-%d%011u", k, n);
		must(store_sms_add(store, &m, now_ms++, none_in_flight, NULL, &added));
		sms_ids[i] = added.message_id;
	}
	must(store_commit(store));
}

static void store_sms_taken(void)
{
	must(store_begin(store));
	for (int i = 0; i < BATCH; i++) {
		struct store_outcome o;

		must(store_sms_delivered(store, sms_ids[i], false, now_ms++, &o));
	}
	must(store_commit(store));
}

/* ---- all of them ---- */

/* Later ones use what earlier ones wrote. */
static const struct item {
	const char *name;
	void (*run)(void);
	unsigned messages; /* that one call is */
	const struct item *before; /* runs before each call, not counted */
} items[] = {
	{"cpim decode", cpim_in, 1, NULL},
	{"imdn encode", imdn_out, 1, NULL},
	{"imdn decode", imdn_in, 1, NULL},
	{"segments, 62 GSM characters", segments_short, 1, NULL},
	{"segments, 63 with an emoji", segments_emoji, 1, NULL},
	{"segments, 430 GSM characters", segments_long, 1, NULL},
	{"tpdu submit encode", tpdu_out, 1, NULL},
	{"tpdu submit decode", tpdu_in, 1, NULL},
	{"submit_sm from tpdu", submit_sm_from_tpdu, 1, NULL},
	{"submit_sm encode", smpp_out, 1, NULL},
	{"submit_sm decode", smpp_in, 1, NULL},
	{"link and rp encode", link_out, 1, NULL},
	{"link and rp decode", link_in, 1, NULL},
	{"msrp frame encode", msrp_out, 1, NULL},
	{"msrp frame decode", msrp_in, 1, NULL},
	{"tcap and map mo-forwardSM encode", map_out, 1, NULL},
	{"tcap decode", map_in, 1, NULL},
	{"store message", store_add, BATCH, NULL},
	{"store accepted", store_accepted, BATCH, &items[17]},
	{"store sms", store_sms, BATCH, NULL},
	{"store sms delivered", store_sms_taken, BATCH, &items[19]},
};

static void measure(const struct item *item)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/%u", item->name, ROUNDS * item->messages);
	if (item->before)
		item->before->run();
	item->run();
	CALLGRIND_ZERO_STATS;
	for (int i = 0; i < ROUNDS; i++) {
		if (item->before)
			item->before->run();
		CALLGRIND_TOGGLE_COLLECT;
		item->run();
		CALLGRIND_TOGGLE_COLLECT;
	}
	CALLGRIND_DUMP_STATS_AT(name);
}

int main(int argc, char **argv)
{
	char why[256];

	if (argc != 2)
		return 2;
	for (size_t i = 0; i + 1 < sizeof(long_text); i++)
		long_text[i] = short_text[i % (sizeof(short_text) - 1)];
	if (store_open(&store, argv[1], why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		measure(&items[i]);
	store_close(store);
	return 0;
}
