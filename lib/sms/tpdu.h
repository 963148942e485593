/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "address.h"
#include "timestamp.h"

/*
 * TS 23.040 9.2.2: SMS TPDUs. Directions matter: the same TP-MTI means
 * DELIVER, SUBMIT-REPORT, STATUS-REPORT from the SC and SUBMIT, DELIVER-REPORT, COMMAND towards it.
 * Decoded TP-UD are views into the input; TP-UD is packed already, TP-UDL in septets if TP-DCS says
 * 7 bit, else in octets.
 */

enum tpdu_dir { TPDU_FROM_SC, TPDU_TO_SC };

enum tp_mti { TP_MTI_DELIVER = 0, TP_MTI_SUBMIT = 1, TP_MTI_STATUS_REPORT = 2 };

enum tp_vpf { TP_VPF_NONE = 0, TP_VPF_ENHANCED = 1, TP_VPF_RELATIVE = 2, TP_VPF_ABSOLUTE = 3 };

enum {
	TPDU_MAX = 176,        /* octets, any TPDU of ours */
	TPDU_SUBMIT_MAX = 164, /* with relative TP-VP */
	TP_UD_MAX = 140,
	TP_UD_UNITS_MAX = 310, /* 155 septets behind a header of one national table */
	TPDU_VP_MAX = 7,
};

struct tp_user_data {
	uint8_t tp_pid, tp_dcs;
	bool tp_udhi;
	uint8_t tp_udl;
	struct view tp_ud;
};

struct tpdu_submit {
	bool tp_rd, tp_rp, tp_srr;
	uint8_t tp_mr;
	struct sms_address tp_da;
	enum tp_vpf tp_vpf;
	uint8_t tp_vp[TPDU_VP_MAX]; /* relative: the first octet */
	struct tp_user_data u;
};

struct tpdu_deliver {
	bool tp_mms; /* true: more messages are waiting (the bit on the wire is 0) */
	bool tp_rp, tp_sri, tp_lp;
	struct sms_address tp_oa;
	struct sms_time tp_scts;
	struct tp_user_data u;
};

struct tpdu_status_report {
	bool tp_mms, tp_srq;
	uint8_t tp_mr;
	struct sms_address tp_ra;
	struct sms_time tp_scts, tp_dt;
	uint8_t tp_st;
};

/** SUBMIT-REPORT and DELIVER-REPORT, for RP-ACK (no TP-FCS) and RP-ERROR (TP-FCS). */
struct tpdu_report {
	bool is_error;
	uint8_t tp_fcs; /* if is_error */
	bool has_scts;  /* SUBMIT-REPORT always */
	struct sms_time tp_scts;
};

/** TP-MTI of a TPDU, -EBADMSG for an empty or reserved one. */
int tpdu_mti(struct view tpdu);

/** Encoders: 0, -EINVAL if TP-UDL does not fit TP-UD or an address is wrong, -ENOSPC (w->len unchanged). */
int tpdu_submit_encode(struct wbuf *w, const struct tpdu_submit *s);
int tpdu_deliver_encode(struct wbuf *w, const struct tpdu_deliver *d);
int tpdu_status_report_encode(struct wbuf *w, const struct tpdu_status_report *s);
int tpdu_submit_report_encode(struct wbuf *w, const struct tpdu_report *s);
int tpdu_deliver_report_encode(struct wbuf *w, const struct tpdu_report *s);

/** Decoders: 0, -EBADMSG. Octets that a later release may add behind optional fields of reports are ignored. */
int tpdu_submit_decode(struct view tpdu, struct tpdu_submit *s);
int tpdu_deliver_decode(struct view tpdu, struct tpdu_deliver *d);
int tpdu_status_report_decode(struct view tpdu, struct tpdu_status_report *s);
int tpdu_submit_report_decode(struct view tpdu, bool is_error, struct tpdu_report *s);
int tpdu_deliver_report_decode(struct view tpdu, bool is_error, struct tpdu_report *s);

/** Octets that tp_udl stands for under tp_dcs. */
size_t tp_ud_octets(uint8_t tp_dcs, uint8_t tp_udl);

/**
 * The text of one user data behind its header, undecoded: unpacked septets for GSM 7 bit (one an
 * octet), else octets as they are. Join the parts of a concatenated message, then tp_ud_to_utf8().
 * @return 0, -EBADMSG, -ENOSPC
 */
int tp_ud_text(const struct tp_user_data *u, struct wbuf *units);

/**
 * As tp_ud_text(), but units that need no header to be read: text in national language tables
 * (TS 23.038 6.2.1.2; UDH 0x24, 0x25) comes as UTF-16BE. What is stored or joined comes from here.
 *
 * @param tp_dcs  how to read units: u->tp_dcs, or of a text that was national UCS-2 in the same class.
 *                Message waiting is in u->tp_dcs only.
 * @param units   at most TP_UD_UNITS_MAX octets are written
 * @return 0, -EBADMSG, -ENOSPC
 */
int tp_ud_units(const struct tp_user_data *u, uint8_t *tp_dcs, struct wbuf *units);

/**
 * Units of tp_ud_text() as UTF-8 (default tables), or of tp_ud_units() and its tp_dcs.
 * @return 0, -ENOSPC, -ENOTSUP for 8-bit or compressed data
 */
int tp_ud_to_utf8(uint8_t tp_dcs, struct view units, struct wbuf *utf8);
