/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/recent.c connector/version_memory.c connector/map_ctr.c connector/map_node.c connector/log.c */
/* sources: connector/dialogue_answer.c connector/dialogue_fsm.c connector/dialogue_invoke.c connector/map_sccp.c */
/* sources: connector/dialogue_perform.c connector/dialogue_rx.c connector/dialogue_table.c */
/* sources: connector/dialogue_tx.c connector/dialogue_version.c connector/map_stack.c connector/map_call.c */
/* sources: connector/map_gt.c connector/map_peers.c connector/map_cause.c connector/map_smsc.c connector/map_submit.c */
/* sources: connector/map_report_id.c connector/map_deliver.c connector/map_deliver_tpdu.c connector/map_recipient.c */
/* sources: connector/map_recipient_ask.c connector/map_recipient_forward.c connector/map_report.c */
/* sources: connector/map_routing_info.c connector/map_delivery_status.c connector/map_home.c connector/map_query.c */
/* sources: connector/map_query_answer.c connector/map_waiting.c connector/map_receive.c connector/map_more.c */
/* sources: connector/map_relay.c connector/map_status.c connector/correlation.c connector/sm.c connector/answered.c */
/* sources: connector/smsc.c connector/smsc_queue.c connector/route.c connector/rate.c connector/comeback.c connector/inbound.c */

/*
 * Octets -> steps of all that the connector does over MAP, between a module and a network: messages of the module to
 * a service centre or to a node, messages and questions of others for our users, what either side answers, the
 * network's faults (map_world.h), the link lost, MAP down, settings, time. Held:
 *
 *   each DATA of the module has one answer, and success only as often as the network has answered with success;
 *   a message of the network is answered with success only as often as the module, or a node, has taken one;
 *   each operation of the peer has one outcome; in the end nothing is in hand, no timer, no memory.
 */

#include "map_world.h"

#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/select.h>
#include <osmocom/core/timer.h>

#include "../../connector/inbound.h"
#include "../../connector/link_client.h"
#include "../../connector/map_deliver.h"
#include "../../connector/map_home.h"
#include "../../connector/map_receive.h"
#include "../../connector/map_smsc.h"
#include "../../connector/mtp.h"
#include "../../connector/route.h"
#include "../../connector/sm.h"
#include "../../lib/sms/tpdu.h"

enum { STEPS_MAX = 300, REFS = 16, DUE = 16, IMSIS = 8, ASKED = 1, ASKED_BEFORE = 2 };

static struct {
	struct connector *c;
	struct map_stack *stack;
	struct map_smsc *submit, *deliver;
	bool mtp_up;
	uint8_t asked[REFS]; /* DATA of the module */
	uint64_t due[DUE], queries[DUE]; /* DATA and QUERY of the connector */
	bool waits[DUE];		 /* the DATA is not answered */
	unsigned n_due, n_queries;
	char imsis[IMSIS][MAP_IMSI_SIZE]; /* that an SRI-SM of the peer was answered with */
	unsigned n_imsis;
	unsigned acked;			       /* success to the module */
	unsigned taken, forwarded;	       /* success of the module; of the network */
	bool damaged;			       /* then it is not known what the network has said */
	char number[SMS_ADDRESS_TEXT_MAX + 1]; /* whom the last QUERY is about */
} run;

/* ---- the MTP ---- */

struct mtp {
	const struct mtp_ops *ops;
	void *data;
};

struct mtp *mtp_alloc(void *ctx, const struct mtp_ops *ops, void *data)
{
	struct mtp *mtp = talloc_zero(ctx, struct mtp);

	mtp->ops = ops;
	mtp->data = data;
	return mtp;
}

void mtp_free(struct mtp *mtp)
{
	talloc_free(mtp);
}

int mtp_start(struct mtp *mtp, unsigned instance)
{
	(void)mtp, (void)instance;
	return 0;
}

bool mtp_is_up(const struct mtp *mtp)
{
	return mtp && run.mtp_up;
}

int mtp_tx(struct mtp *mtp, uint32_t dpc, uint8_t sls, struct view message)
{
	(void)mtp, (void)dpc, (void)sls;
	return run.mtp_up ? fuzz_tx(NULL, NULL, message) : -ENOTCONN;
}

const char *mtp_pc_name(unsigned instance, uint32_t pc)
{
	(void)instance, (void)pc;
	return "1";
}

ssize_t getrandom(void *out, size_t octets, unsigned flags)
{
	(void)flags;
	fuzz_random(NULL, out, octets);
	return (ssize_t)octets;
}

/* ---- the module ---- */

void link_client_answer(struct link_client *link, const struct sm_answer *a)
{
	if (!link->up)
		return;
	ENSURE(a->ref < REFS && run.asked[a->ref]);
	run.asked[a->ref] = 0;
	if (!a->rp_cause && !(a->flags & LINK_FLAG_REPEATED))
		run.acked++;
	ENSURE(run.acked <= run.forwarded || run.damaged);
}

int link_client_data(struct link_client *link, struct link_frame *f)
{
	uint8_t octets[LINK_FRAME_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if (!link->up)
		return -ENOTCONN;
	f->type = LINK_DATA;
	if (link_frame_encode(&w, f))
		return -EINVAL;
	run.waits[run.n_due % DUE] = true;
	run.due[run.n_due++ % DUE] = f->ref;
	return 0;
}

int link_client_query(struct link_client *link, uint64_t ref, const char *da)
{
	if (!link->up)
		return -ENOTCONN;
	run.queries[run.n_queries++ % DUE] = ref;
	snprintf(run.number, sizeof(run.number), "%s", da);
	return 0;
}

void link_client_alert(struct link_client *link, const char *da)
{
	ENSURE(link && da[0]);
}

void link_client_state(struct link_client *link, const struct smsc *smsc)
{
	(void)link, (void)smsc;
}

void link_client_unheard(struct link_client *link, uint64_t ref)
{
	ENSURE(link && ref);
}

void link_client_count(struct link_client *link, enum link_ctr ctr)
{
	(void)link, (void)ctr;
}

void map_smsc_show(struct vty *vty, const struct smsc *smsc)
{
	(void)vty, (void)smsc;
}

void map_smsc_write(struct vty *vty, const struct smsc *smsc)
{
	(void)vty, (void)smsc;
}

static struct sms_address number(uint8_t which)
{
	struct sms_address a = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164};

	snprintf(a.text, sizeof(a.text), "4917%u", which);
	return a;
}

static struct view some_octets(struct rbuf *r)
{
	size_t n = rbuf_u8(r);

	return rbuf_view(r, OSMO_MIN(n, rbuf_left(r)));
}

static struct tp_user_data some_text(uint8_t how)
{
	static const uint8_t octets[TP_UD_MAX];
	struct tp_user_data u = {.tp_dcs = 4, .tp_udl = how & 0x40 ? TP_UD_MAX : 1};

	u.tp_ud = (struct view){octets, u.tp_udl};
	return u;
}

static void step_sm(uint8_t how, struct rbuf *r)
{
	struct tpdu_submit submit = {.tp_da = number(how >> 4 & 3), .u = some_text(how)};
	struct rp_message rp = {.type = RP_DATA, .dir = RP_MS_TO_NET, .rp_mr = how, .rp_da = number(50)};
	uint8_t tpdu[TPDU_MAX], octets[RP_MESSAGE_MAX];
	struct wbuf t = wbuf_of(tpdu, sizeof(tpdu)), w = wbuf_of(octets, sizeof(octets));
	uint8_t more = rbuf_u8(r), ref = how % REFS;
	struct link_frame f = {.type = LINK_DATA, .ref = ref, .flags = more & 1 ? LINK_FLAG_RESUBMIT : 0,
			       .oa = VIEW("+491701"), .validity_s = more >> 5, .smsc = more & 2 ? VIEW("submit") : VIEW("deliver")};

	if (!run.c->link->up || run.asked[ref] == ASKED)
		return;
	if (more & 4) {
		submit.tp_vpf = TP_VPF_RELATIVE;
		submit.tp_vp[0] = more;
	}
	ENSURE(tpdu_submit_encode(&t, &submit) == 0);
	rp.rp_ud = more & 8 ? some_octets(r) : wbuf_written(&t);
	if (rp_encode(&w, &rp))
		return;
	f.rp = wbuf_written(&w);
	run.asked[ref] = ASKED;
	sm_start(run.c, &f);
}

static void step_module_answers(uint8_t which, uint8_t cause)
{
	struct rp_message rp = {.type = RP_ERROR, .dir = RP_MS_TO_NET, .rp_cause = cause & 0x7f};
	static const uint32_t statuses[] = {0, 404, 480, 415, 503, 486, 0, 600};
	uint8_t octets[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct link_frame f = {.type = cause & 0x80 || !cause ? LINK_ACK : LINK_ERROR, .status = statuses[which >> 2 & 7]};
	unsigned at = run.n_due ? which % OSMO_MIN(run.n_due, (unsigned)DUE) : 0;

	if (!run.n_due || !run.c->link->up)
		return;
	f.ref = run.due[at];
	if (f.type == LINK_ERROR && rp_encode(&w, &rp) == 0)
		f.rp = wbuf_written(&w);
	run.taken += f.type == LINK_ACK && run.waits[at];
	run.waits[at] = false;
	inbound_answered(run.c, &f);
}

static void step_user(uint8_t how)
{
	struct sms_address a = number(how >> 3 & 3);
	char text[SMS_ADDRESS_TEXT_MAX + 1];
	unsigned n = OSMO_MIN(run.n_queries, (unsigned)DUE);

	if (!run.c->link->up || !run.c->link->user)
		return;
	sms_address_print(&a, text);
	if (how & 1 || !n)
		run.c->link->user(run.stack, 0, text, how & 2);
	else
		run.c->link->user(run.stack, run.queries[(run.n_queries - 1 - (how >> 5) % n) % DUE], run.number, how & 2);
}

static void step_link(bool up)
{
	if (!up)
		inbound_link_lost(run.c);
	if (!up)
		memset(run.waits, 0, sizeof(run.waits));
	for (unsigned i = 0; !up && i < REFS; i++)
		run.asked[i] = run.asked[i] ? ASKED_BEFORE : 0;
	run.c->link->up = up;
}

/* ---- the peer ---- */

static void some_location(struct map_result *result, uint8_t how)
{
	struct map_location_info *l = &result->sri_sm.location;

	strcpy(result->sri_sm.imsi, how & 1 ? "262012345678901" : "26201");
	l->present = true;
	l->network_node_number = how & 2 ? run.stack->config.address : number(60);
	l->gprs_node_indicator = how & 4;
	if (how & 8) {
		l->additional_number.type = MAP_NUMBER_SGSN;
		l->additional_number.address = number(61);
	}
}

static struct map_error some_error(uint8_t how)
{
	static const int32_t codes[] = {1, 5, 6, 9, 11, 13, 27, 31, 32, 33, 34, 35, 36, 72, 6, 32};
	struct map_error e = {.code = codes[how & 15], .version = 3};

	if (e.code == MAP_ERROR_ABSENT_SUBSCRIBER_SM)
		e.absent_subscriber_sm.diagnostic = (struct map_value){how & 0x10, how >> 5};
	if (e.code == MAP_ERROR_SM_DELIVERY_FAILURE)
		e.sm_delivery_failure.cause = (struct map_value){true, how >> 5};
	return e;
}

/* 0 and 0x80 to 0xff: with success */
static void peer_answers(uint64_t handle, uint8_t how)
{
	struct dialogue *d = dialogue_by_handle(sides[1].node, handle);
	struct map_result result = {0};
	struct map_error error = some_error(how);

	if (d && d->operation == MAP_SRI_SM)
		some_location(&result, how & 0xf);
	/* a service centre may say by an error that it has the message */
	run.forwarded += d && (d->operation == MAP_MO_FORWARD_SM || (d->operation == MAP_MT_FORWARD_SM && (!how || how & 0x80)));
	if (how && !(how & 0x80))
		map_node_answer_error(sides[1].node, handle, &error);
	else
		map_node_answer(sides[1].node, handle, &result);
}

static void peer_indication(void *data, uint64_t handle, const struct map_indication *i)
{
	struct side *s = data;

	ENSURE(i->argument->operation != MAP_OPERATION_UNKNOWN);
	s->due = handle;
	if (s->answers)
		peer_answers(handle, 0x81);
}

static void peer_outcome(void *data, uint64_t handle, const struct map_outcome *o)
{
	struct side *s = data;

	ENSURE(++s->outcomes <= s->invoked);
	if (o->open)
		s->open = handle;
	if (o->end == MAP_END_RESULT && o->operation == MAP_SRI_SM)
		strcpy(run.imsis[run.n_imsis++ % IMSIS], o->result->sri_sm.imsi);
}

static void peer_ended(void *data, uint64_t handle, const struct map_outcome *why)
{
	struct side *s = data;

	(void)why;
	if (handle == s->open)
		s->open = 0;
}

static void some_tpdu(struct wbuf *w, uint8_t how, struct rbuf *r)
{
	struct tpdu_deliver deliver = {.tp_oa = number(40), .tp_mms = how & 0x10, .u = some_text(how)};
	struct tpdu_status_report report = {.tp_mr = how, .tp_ra = number(0)};

	deliver.tp_scts = report.tp_scts = report.tp_dt = (struct sms_time){.utc_s = 1767225600 + (how & 7)};
	if (how & 0x20)
		wbuf_view(w, some_octets(r));
	else if (how & 8 ? tpdu_status_report_encode(w, &report) : tpdu_deliver_encode(w, &deliver))
		wbuf_u8(w, 0);
}

static void peer_forward(struct map_argument *a, uint8_t how, struct wbuf *w, struct rbuf *r)
{
	struct map_forward_sm *f = &a->forward_sm;
	unsigned n = OSMO_MIN(run.n_imsis, (unsigned)IMSIS);

	a->operation = MAP_MT_FORWARD_SM;
	f->sm_rp_da = (struct map_rp_address){.type = MAP_RP_IMSI};
	strcpy(f->sm_rp_da.imsi, n ? run.imsis[how % n] : "262012345678901");
	f->sm_rp_oa = (struct map_rp_address){.type = MAP_RP_SERVICE_CENTRE, .address = number(50 + (how >> 6 & 1))};
	some_tpdu(w, rbuf_u8(r), r);
	f->sm_rp_ui = wbuf_written(w);
	f->more_messages_to_send = how & 0x20;
	f->sms_over_ip_only_indicator = how & 0x10;
}

static void step_peer_asks(uint8_t how, struct rbuf *r)
{
	uint8_t octets[MAP_SM_RP_UI_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct map_request request = {.called = sides[0].address, .calling = sides[1].address};
	struct map_argument *a = &request.argument;
	uint64_t handle;

	a->version = how >> 2 & 3;
	if ((how & 3) < 2) {
		a->operation = MAP_SRI_SM;
		a->sri_sm.msisdn = number(how >> 4 & 3);
		a->sri_sm.service_centre_address = number(50);
		a->sri_sm.sm_delivery_not_intended.present = how & 0x40;
		a->sri_sm.gprs_support_indicator = how & 0x80;
		a->sri_sm.sm_rp_mti = (struct map_value){how & 1, 1};
	} else if ((how & 3) == 2) {
		peer_forward(a, rbuf_u8(r), &w, r);
	} else {
		a->operation = MAP_ALERT_SERVICE_CENTRE;
		a->alert_service_centre.msisdn = number(how >> 4 & 3);
		a->alert_service_centre.service_centre_address = how & 0x80 ? number(50) : run.stack->config.address;
	}
	sides[1].invoked++;
	if (map_node_invoke(sides[1].node, &request, &handle))
		sides[1].invoked--;
}

static void step_peer_goes_on(uint8_t how, struct rbuf *r)
{
	uint8_t octets[MAP_SM_RP_UI_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct map_argument a = {0};
	uint64_t open = sides[1].open;

	sides[1].open = 0;
	if (how & 0x80) {
		map_node_close(sides[1].node, open);
		return;
	}
	peer_forward(&a, how, &w, r);
	if (how & 1)
		a.forward_sm.sm_rp_da.type = a.forward_sm.sm_rp_oa.type = MAP_RP_NONE;
	sides[1].invoked++;
	if (map_node_invoke_next(sides[1].node, open, &a))
		sides[1].invoked--;
}

/* ---- the rest ---- */

static void turn(void)
{
	for (int i = 0; i < 4; i++) {
		osmo_timers_prepare();
		osmo_timers_update();
	}
}

static void step_operator(uint8_t how)
{
	struct map_smsc *map = how & 0x40 ? run.submit : run.deliver;
	struct map_config *config = &run.stack->config;
	bool on = how & 0x80;

	switch (how & 15) {
	case 0: config->registered_only = on; break;
	case 1: config->relay_csps = on; break;
	case 2: config->report = on; break;
	case 3: config->ready = on; break;
	case 4: config->prefer_sgsn = on; break;
	case 5: config->home_routing = on; break;
	case 6: config->routing_info_s = on ? 60 : 0; break;
	case 7:
		map->smsc.shutdown = on;
		on ? map->smsc.ops->stop(&map->smsc) : map->smsc.ops->start(&map->smsc);
		break;
	case 8: map->smsc.window = 1 + (how >> 4 & 3); break;
	case 9: map->config.role = on ? MAP_ROLE_SUBMIT : MAP_ROLE_DELIVER; break;
	case 10: sm_store_changed(run.c); memset(run.asked, 0, sizeof(run.asked)); break;
	case 11: map->config.version_max = how >> 4 & 3; break;
	case 12: config->node.segment = on; break;
	case 13: config->plmn[0] = on ? '2' : 0; break;
	case 14: step_link(on); break;
	default:
		run.mtp_up = on;
		map_stack_update(run.stack);
	}
}

static void step(struct rbuf *r)
{
	uint8_t what = rbuf_u8(r), how;

	switch (what & 0xf) {
	case 0: how = rbuf_u8(r); step_sm(how, r); break;
	case 1: peer_answers(sides[1].due, rbuf_u8(r)); break;
	case 2: how = rbuf_u8(r); step_peer_asks(how, r); break;
	case 3: how = rbuf_u8(r); step_module_answers(how, rbuf_u8(r)); break;
	case 4: step_user(rbuf_u8(r)); break;
	case 5: pass(rbuf_u8(r)); break;
	case 6: step_peer_goes_on(rbuf_u8(r), r); break;
	case 7: step_operator(rbuf_u8(r)); break;
	case 8: run.damaged = true; step_made_up(&sides[0], &sides[1], r); break;
	case 9: step_return(what >> 4); break;
	case 10: queued -= queued > 0; break;
	case 11: sides[1].answers = what & 0x10; break;
	default: run.damaged = run.damaged || what & 0x10; step_deliver(r, what >> 4); break;
	}
	turn();
}

/* ---- beginning and end ---- */

static void small(struct map_node_config *config)
{
	config->invoking_max = config->performing_max = 8;
	config->recent_max = 32;
	config->versions_max = 2;
	config->reassembly_slots = 2;
}

static void open_peer(void *ctx)
{
	static const struct map_node_ops ops = {.tx = fuzz_tx, .outcome = peer_outcome, .indication = peer_indication,
						.ended = peer_ended, .random = fuzz_random};
	struct map_node_config config = map_node_config_default;

	config.served = UINT32_MAX;
	config.ctr_idx = 1;
	small(&config);
	sides[1] = (struct side){.answers = true, .address = {.has_ssn = true, .ssn = 8, .gti = SCCP_GTI_TT_NP_ES_NAI,
							      .np = 1, .nai = 4, .digits = "4960"}};
	sides[1].node = map_node_alloc(ctx, &config, &ops, &sides[1]);
}

static struct map_smsc *open_smsc(const char *name, enum map_role role)
{
	struct map_smsc *map = map_smsc_alloc(run.c, name);

	map->config.role = role;
	map->smsc.window = 4;
	map->smsc.queue_max = 8;
	map->smsc.shutdown = false;
	map->smsc.sc_address = number(50);
	map->smsc.ops->start(&map->smsc);
	return map;
}

static void open_connector(void *ctx)
{
	struct connector *c = run.c = talloc_zero(ctx, struct connector);
	struct map_config *config;

	INIT_LLIST_HEAD(&c->smscs);
	INIT_LLIST_HEAD(&c->routes);
	c->link = talloc_zero(c, struct link_client);
	c->link->up = run.mtp_up = true;
	c->link->window = 8;
	c->link->peer_window = 4;
	c->sms = sm_table_alloc(c);
	c->inbound = inbound_table_alloc(c);
	c->map = run.stack = map_stack_alloc(c);
	c->running = true;
	config = &run.stack->config;
	config->present = config->home_routing = true;
	config->address = number(99);
	config->hlr = number(98);
	config->correlations_max = 16;
	small(&config->node);
	strcpy(config->plmn, "26201");
	ENSURE(map_stack_route_add(config, "", 2) == 0);
	run.submit = open_smsc("submit", MAP_ROLE_SUBMIT);
	run.deliver = open_smsc("deliver", MAP_ROLE_DELIVER);
	ENSURE(route_add(c, &c->routes, "", false, (struct smsc *[]){&run.submit->smsc}, 1) == 0);
	ENSURE(map_stack_start(run.stack) == 0);
	sides[0] = (struct side){.node = run.stack->node, .address = map_stack_own(run.stack, SCCP_SSN_MSC)};
}

static uint64_t counted(const struct map_home_show *home, enum map_home_ctr ctr)
{
	return rate_ctr_group_get_ctr(home->ctrs, ctr)->current;
}

/* Everything works again and nobody answers. */
static void drain(void)
{
	struct map_home_show home;

	queued = QUEUE;
	step_link(true);
	for (int i = 0; i < 40; i++) {
		pass(60);
		turn();
	}
	for (unsigned i = 0; i < REFS; i++)
		ENSURE(run.asked[i] != ASKED);
	home = map_home_show(run.stack);
	ENSURE(sm_count(run.c) == 0 && inbound_count(run.c) == 0 && map_receive_count(run.stack) == 0);
	ENSURE(home.queries == 0 && map_deliver_counts(run.stack).recipients == 0);
	ENSURE(map_deliver_counts(run.stack).messages == 0 && map_deliver_counts(run.stack).reports == 0);
	ENSURE(run.submit->out == 0 && run.deliver->out == 0 && map_stack_is_idle(run.stack));
	ENSURE(sides[1].outcomes == sides[1].invoked);
	if (home.ctrs && !run.damaged)
		ENSURE(counted(&home, MAP_HOME_CTR_SM_ACCEPTED) <=
		       run.taken + run.forwarded + counted(&home, MAP_HOME_CTR_SM_REPEATED));
}

static void close_all(void *ctx)
{
	run.submit->smsc.ops->free(&run.submit->smsc);
	run.deliver->smsc.ops->free(&run.deliver->smsc);
	map_stack_free(run.stack);
	map_node_free(sides[1].node);
	talloc_free(run.c);
	osmo_timers_prepare();
	ENSURE(osmo_timers_nearest_ms() == -1);
	ENSURE(talloc_total_blocks(ctx) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf r = rbuf_of((struct view){data, size});
	void *ctx = talloc_named_const(NULL, 0, "fuzz_map_roles");

	start_once();
	memset(&run, 0, sizeof(run));
	seed = 4711;
	queued = 0;
	srandom(4711);
	open_connector(ctx);
	open_peer(ctx);
	for (int i = 0; i < STEPS_MAX && rbuf_left(&r); i++)
		step(&r);
	drain();
	close_all(ctx);
	talloc_free(ctx);
	return 0;
}
