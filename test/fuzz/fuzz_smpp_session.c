/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/smpp_conn.c connector/esme_fsm.c connector/esme_deliver.c connector/esme.c connector/esme_submit.c */
/* sources: connector/smsc.c connector/smsc_queue.c connector/sm.c connector/answered.c connector/route.c connector/rate.c */
/* sources: connector/receipt_id.c connector/inbound.c connector/link_client.c connector/log.c connector/recent.c connector/comeback.c */

/*
 * Octets -> steps of the connector's SMPP sessions between an SMSC and the module: what either says, right or wrong,
 * in pieces of any size; connections refused, lost, not read; time going by. What has to hold: smpp_world.h.
 */

#include "smpp_world.h"

enum { STEPS_MAX = 300 };

static const uint32_t statuses[] = {ESME_ROK, ESME_RTHROTTLED, ESME_RMSGQFUL, ESME_RSYSERR, ESME_RINVDSTADR,
				    ESME_RX_T_APPN, ESME_RSUBMITFAIL, 0x400};

static struct view some_octets(struct rbuf *r)
{
	size_t n = rbuf_u8(r);

	return rbuf_view(r, OSMO_MIN(n, rbuf_left(r)));
}

static void step_command(struct world_socket *s, uint8_t how, uint8_t seq)
{
	static const uint32_t commands[] = {SMPP_ENQUIRE_LINK, SMPP_UNBIND, SMPP_OUTBIND, SMPP_ALERT_NOTIFICATION,
					    SMPP_BIND_TRANSCEIVER, SMPP_SUBMIT_SM, 0x21, SMPP_GENERIC_NACK};
	uint8_t octets[SMPP_HEADER_OCTETS];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	wbuf_u32(&w, sizeof(octets));
	wbuf_u32(&w, commands[how & 7]);
	wbuf_u32(&w, statuses[seq >> 5]);
	wbuf_u32(&w, seq);
	world_put(s, wbuf_written(&w));
}

/* A response to what the connector has asked last, or to nothing. */
static void step_response(struct world_socket *s, uint8_t how)
{
	struct smpp_pdu pdu = {.command_status = statuses[how >> 5]};

	if (!s)
		return;
	switch (how & 3) {
	case 0:
		pdu.command_id = s->bind_id | SMPP_RESP;
		pdu.sequence_number = s->bind_seq;
		break;
	case 1:
		pdu.command_id = SMPP_ENQUIRE_LINK | SMPP_RESP;
		pdu.sequence_number = s->enquire_seq;
		break;
	case 2:
		pdu.command_id = SMPP_UNBIND | SMPP_RESP;
		pdu.sequence_number = s->unbind_seq;
		break;
	default:
		pdu.command_id = SMPP_GENERIC_NACK;
		pdu.sequence_number = s->n_submits ? s->submits[(s->n_submits - 1) % WORLD_DUE] : s->bind_seq;
		break;
	}
	world_answer_pdu(s, &pdu);
}

static void step_deliver(struct world_socket *s, struct rbuf *r)
{
	uint8_t how = rbuf_u8(r);
	char id[8];

	snprintf(id, sizeof(id), "%u", how >> 2);
	world_smsc_delivers(s, how & 0x1f, how & 0x80 ? id : NULL, some_octets(r));
}

/* Any body under a header that fits. */
static void step_pdu(struct world_socket *s, struct rbuf *r)
{
	uint8_t which = rbuf_u8(r), octets[SMPP_HEADER_OCTETS + UINT8_MAX];
	static const uint32_t commands[] = {SMPP_DELIVER_SM, SMPP_DATA_SM, SMPP_SUBMIT_SM | SMPP_RESP, SMPP_DELIVER_SM | SMPP_RESP};
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct view body = some_octets(r);

	wbuf_u32(&w, (uint32_t)(SMPP_HEADER_OCTETS + body.len));
	wbuf_u32(&w, commands[which & 3]);
	wbuf_u32(&w, 0);
	wbuf_u32(&w, s && s->n_submits ? s->submits[0] : which >> 2);
	wbuf_view(&w, body);
	world_put(s, wbuf_written(&w));
}

static void step_link(uint8_t how)
{
	struct link_frame f = {.type = LINK_HELLO, .version = LINK_VERSION, .store = how & 0x10 ? VIEW("b") : VIEW("a"),
			       .window = how >> 5};
	struct world_socket *link = world_socket(true, 0);

	switch (how & 3) {
	case 0: world_link_tx(&f); break;
	case 1: f.type = LINK_PING; world_link_tx(&f); break;
	case 2: f = (struct link_frame){.type = how & 4 ? LINK_ACK : LINK_USER, .ref = how, .da = VIEW("+49171")}; world_link_tx(&f); break;
	default:
		if (link)
			link->peer_closed = true;
	}
}

static void step_operator(uint8_t how)
{
	struct smsc *smsc = &world.esme->smsc;

	switch (how & 3) {
	case 0:
		smsc->shutdown = true;
		smsc->ops->stop(smsc);
		break;
	case 1:
		smsc->shutdown = false;
		smsc->ops->start(smsc);
		break;
	case 2: smsc->window = 1 + (how >> 4); break;
	default: smsc->rate.cap = how >> 4; break;
	}
}

static void step_fault(struct world_socket *s, uint8_t how)
{
	bool on = how & 0x80;

	switch (how & 7) {
	case 0: world.refuse = on; break;
	case 1: world.blocked = on; break;
	case 2: world.silent = on; break;
	case 3: world.no_bind = on; break;
	case 4: world.no_hello = on; break;
	case 5: world.chunk = on ? 1 + (how >> 3 & 0xf) : WORLD_BUFFER; break;
	default:
		if (s)
			s->peer_closed = true;
	}
}

static void step(struct rbuf *r)
{
	uint8_t what = rbuf_u8(r), how;
	struct world_socket *s = world_socket(false, what >> 7);

	switch (what & 0xf) {
	case 0:
	case 1:
		how = rbuf_u8(r);
		world_data(how, how & 0x10 ? LINK_FLAG_RESUBMIT : 0, how >> 5, VIEW(""));
		break;
	case 2: world_data(what >> 4, 0, 0, some_octets(r)); break;
	case 3:
	case 4:
		how = rbuf_u8(r);
		world_smsc_answers(s, how >> 3, statuses[how & 7]);
		break;
	case 5: world_module_answers(what >> 4, rbuf_u8(r)); break;
	case 6: world_module_answers(what >> 4, 0); break;
	case 7: step_deliver(s, r); break;
	case 8: step_pdu(s, r); break;
	case 9: how = rbuf_u8(r); step_command(s, how, rbuf_u8(r)); break;
	case 10: step_response(s, rbuf_u8(r)); break;
	case 11: world_pass(rbuf_u8(r) * (what & 0x10 ? 200u : 3u)); break;
	case 12: world_put(s, some_octets(r)); break;
	case 13: step_link(rbuf_u8(r)); break;
	case 14: step_operator(rbuf_u8(r)); break;
	default: step_fault(s, rbuf_u8(r)); break;
	}
	if (!(what & 0x40))
		world_turn();
	world_check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf r = rbuf_of((struct view){data, size});
	void *ctx = talloc_named_const(NULL, 0, "fuzz_smpp_session");

	ENSURE(world_open(ctx, rbuf_u8(&r) & 1));
	for (int i = 0; i < STEPS_MAX && rbuf_left(&r); i++)
		step(&r);
	world_drain();
	world_close(ctx);
	talloc_free(ctx);
	return 0;
}
