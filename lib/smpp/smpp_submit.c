/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS-SUBMIT -> submit_sm.
 *
 *   TP-DA -> destination_addr      TP-VP -> validity_period      TP-SRR -> registered_delivery
 *   TP-PID -> protocol_id          TP-DCS -> data_coding         TP-RP, TP-UDHI -> esm_class
 *   TP-UD -> short_message: header as it is, or as sar_*; text one septet an octet
 *
 * TP-RD has no counterpart. Compressed text (TS 23.042) cannot be expressed and is refused.
 *
 * Where data_coding 0 is not GSM, a segment of a longer message that fits neither that alphabet
 * nor, as UCS-2, one short message cannot be cut again here. It goes out in GSM under the data_coding
 * that says so whatever the default is, class 1 (5.2.19, TS 23.038 4: 0xf1). So does text in
 * national language tables, which the header names.
 */

#include "smpp_sm_private.h"

#include "../sms/udh.h"

enum { CODING_GSM7_CLASS_1 = 0xf1, UNITS_MAX = 160 };

/* ---- user data ---- */

static uint8_t coding_of(uint8_t tp_dcs, const struct dcs *dcs)
{
	if (tp_dcs >= 0xc0)
		return tp_dcs;
	/* SMPP has the class in the 0xf. form only, and none for UCS-2 */
	if (dcs->alphabet == SMS_ALPHABET_UCS2)
		return DCS_UCS2;
	if (dcs->alphabet == SMS_ALPHABET_8BIT)
		return dcs->msg_class < 0 ? DCS_8BIT : (uint8_t)(0xf4 | dcs->msg_class);
	return dcs->msg_class < 0 ? DCS_GSM7 : (uint8_t)(0xf0 | dcs->msg_class);
}

static int header_put(const struct smpp_sm_config *cfg, const struct udh *udh, struct view ud,
		      struct wbuf *w, struct smpp_message *out)
{
	struct view header = {ud.p, udh->octets};

	if (cfg->long_messages != SMPP_LONG_SAR || !udh->concat.ref_bits) {
		wbuf_view(w, header);
	} else {
		out->has_sar = true;
		out->sar_msg_ref_num = udh->concat.ref;
		out->sar_total_segments = udh->concat.total;
		out->sar_segment_seqnum = udh->concat.part;
		wbuf_u8(w, 0);
		smpp_udh_other_elements(header, w);
		if (w->len == 1) /* UDHL alone */
			w->len = 0;
		else if (!w->err)
			w->p[0] = (uint8_t)(w->len - 1);
	}
	if (w->len)
		out->esm_class |= SMPP_ESM_UDHI;
	return w->err ? -EINVAL : 0;
}

static int text_put(const struct smpp_sm_config *cfg, const struct udh *udh, struct view units,
		    struct wbuf *w, struct smpp_message *out)
{
	uint32_t last_cp = cfg->default_alphabet == SMPP_DEFAULT_ASCII ? 0x7f : 0xff;
	size_t mark = w->len;

	if (out->data_coding == DCS_GSM7 && cfg->default_alphabet != SMPP_DEFAULT_GSM7 &&
	    !smpp_udh_national(udh)) {
		if (smpp_octets_from_septets(units, last_cp, w) == 0)
			return 0;
		out->data_coding = DCS_UCS2;
		if (smpp_ucs2_from_septets(units, w))
			return -EINVAL;
		if (!udh->concat.ref_bits || udh->octets + w->len - mark <= TP_UD_MAX)
			return 0;
		out->data_coding = CODING_GSM7_CLASS_1;
		w->len = mark;
	} else if (out->data_coding == DCS_GSM7 && cfg->default_alphabet != SMPP_DEFAULT_GSM7) {
		out->data_coding = CODING_GSM7_CLASS_1;
	}
	wbuf_view(w, units);
	return w->err ? -EINVAL : 0;
}

static int user_data_put(const struct smpp_sm_config *cfg, const struct tp_user_data *u,
			 uint8_t scratch[SMPP_SM_SCRATCH], struct smpp_message *out)
{
	struct dcs dcs = dcs_decode(u->tp_dcs);
	uint8_t octets[UNITS_MAX];
	struct wbuf units = wbuf_of(octets, sizeof(octets)), w = wbuf_of(scratch, SMPP_SM_SCRATCH);
	struct udh udh = {0};
	int rc;

	if (dcs.compressed || (u->tp_udhi && udh_decode(u->tp_ud, &udh)) || tp_ud_text(u, &units))
		return -EBADMSG;
	out->data_coding = coding_of(u->tp_dcs, &dcs);
	rc = header_put(cfg, &udh, u->tp_ud, &w, out);
	if (rc == 0)
		rc = text_put(cfg, &udh, wbuf_written(&units), &w, out);
	out->has_message_payload =
		(cfg->long_messages == SMPP_LONG_PAYLOAD && udh.concat.ref_bits) ||
		w.len > SMPP_SHORT_MESSAGE_MAX;
	if (out->has_message_payload)
		out->message_payload = wbuf_written(&w);
	else
		out->short_message = wbuf_written(&w);
	return rc;
}

/* ---- message ---- */

int smpp_submit_from_tpdu(const struct smpp_sm_config *cfg, struct view tpdu,
			  const struct sms_address *oa, uint16_t reference,
			  uint8_t scratch[SMPP_SM_SCRATCH], struct smpp_message *out)
{
	struct tpdu_submit s;

	*out = (struct smpp_message){0};
	if (tpdu_submit_decode(tpdu, &s))
		return -EBADMSG;
	if (!memchr(cfg->service_type, 0, sizeof(cfg->service_type)))
		return -EINVAL;
	memcpy(out->service_type, cfg->service_type, sizeof(out->service_type));
	if (smpp_address_from_sms(oa, &out->source_addr_ton, &out->source_addr_npi,
				  out->source_addr))
		return -EINVAL;
	if (smpp_address_from_sms(&s.tp_da, &out->dest_addr_ton, &out->dest_addr_npi,
				  out->destination_addr) ||
	    !out->destination_addr[0])
		return -EBADMSG;
	out->esm_class = s.tp_rp ? SMPP_ESM_REPLY_PATH : 0;
	out->protocol_id = s.u.tp_pid;
	smpp_validity_from_vp(s.tp_vpf, s.tp_vp, out->validity_period);
	out->registered_delivery = s.tp_srr;
	out->has_user_message_reference = reference != 0;
	out->user_message_reference = reference;
	return user_data_put(cfg, &s.u, scratch, out);
}
