/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Notifications of A's client about short messages (spec 6.8): matched by
 * imdn.Message-ID to what is on its way to A, in memory. A notification that
 * comes before A's response is kept until that is there; one that nobody waits
 * for is dropped, and none goes to B.
 */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "../../lib/cpm/imdn.h"
#include "../../lib/cpm/xml.h"
#include "ipsmgw.h"
#include "mt_imdn.h"
#include "rp_sip.h"

/* ---- in the SIP worker ---- */

static void post_imdn(const struct imdn *d, int code)
{
	struct post_sms_outcome *p = shm_malloc(sizeof(*p));

	if(!p) {
		SHM_MEM_ERROR;
		return;
	}
	memset(p, 0, sizeof(*p));
	p->post.type = POST_SMS_OUTCOME;
	p->sip_code = code;
	text_copy(p->imdn_id, sizeof(p->imdn_id), d->message_id);
	mailbox_send(&p->post);
}

void mt_imdn_received(const struct content *c)
{
	static uint8_t document_octets[XML_OCTETS_MAX], text_octets[XML_OCTETS_MAX];
	struct wbuf document = wbuf_of(document_octets, sizeof(document_octets));
	struct wbuf text = wbuf_of(text_octets, sizeof(text_octets));
	struct imdn d;
	int code;

	if(!ipsmgw_cfg.mt_wait_imdn)
		return;
	if(transfer_decode(c->transfer_encoding, c->payload, &document)
			|| imdn_decode(wbuf_written(&document), &text, &d)) {
		LM_NOTICE("a notification of A cannot be read\n");
		return;
	}
	code = sip_of_imdn(d.kind, d.status);
	if(code && d.message_id.len == STORE_UUID_LEN)
		post_imdn(&d, code);
}

/* ---- in the spool process ---- */

struct mt *mt_imdn_find(const char *imdn_id)
{
	struct mt *m = mt_first();

	while(m && strcmp(m->imdn_id, imdn_id))
		m = m->next;
	return m;
}

struct mt_imdn_turn mt_imdn_turn(
		const struct mt *m, const struct post_sms_outcome *p)
{
	struct mt_imdn_turn turn = {false, 0};
	bool by_imdn = *p->imdn_id;

	if(!m || m->told)
		turn.wait = by_imdn;
	else if(by_imdn && m->awaits_imdn)
		turn.code = p->sip_code;
	else if(by_imdn)
		turn.wait = true;
	else if(m->imdn_code)
		turn.code = m->imdn_code;
	else
		turn.wait = p->imdn_asked && verdict_of_sip(p->sip_code).rp_cause == 0;
	return turn;
}

void mt_imdn_wait(struct mt *m, const struct post_sms_outcome *p)
{
	if(m && *p->imdn_id)
		m->imdn_code = p->sip_code;
	else if(m)
		m->awaits_imdn = true;
}

int mt_imdn_timeout_code(const struct mt *m)
{
	if(m->imdn_code)
		return m->imdn_code;
	return m->awaits_imdn ? 200 : 408;
}
