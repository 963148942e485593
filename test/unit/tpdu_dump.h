/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../../lib/sms/tpdu.h"
#include "codec.h"

/* All TPDU codecs behind one face, and a decoded TPDU as one line of text. */

enum tpdu_kind {
	SUBMIT,
	DELIVER,
	STATUS_REPORT,
	SUBMIT_REPORT,
	SUBMIT_ERROR,
	DELIVER_REPORT,
	DELIVER_ERROR,
	TPDU_KINDS
};

union tpdu_any {
	struct tpdu_submit submit;
	struct tpdu_deliver deliver;
	struct tpdu_status_report status_report;
	struct tpdu_report report;
};

/* ---- codecs ---- */

#define TPDU_PAIR(name, encoder, decoder)                                                          \
	static inline int name##_encode(struct wbuf *w, const void *v)                             \
	{                                                                                          \
		return encoder(w, v);                                                              \
	}                                                                                          \
	static inline int name##_decode(struct view in, void *v)                                   \
	{                                                                                          \
		return decoder;                                                                    \
	}

TPDU_PAIR(any_submit, tpdu_submit_encode, tpdu_submit_decode(in, v))
TPDU_PAIR(any_deliver, tpdu_deliver_encode, tpdu_deliver_decode(in, v))
TPDU_PAIR(any_status, tpdu_status_report_encode, tpdu_status_report_decode(in, v))
TPDU_PAIR(any_submit_report, tpdu_submit_report_encode, tpdu_submit_report_decode(in, false, v))
TPDU_PAIR(any_submit_error, tpdu_submit_report_encode, tpdu_submit_report_decode(in, true, v))
TPDU_PAIR(any_deliver_report, tpdu_deliver_report_encode, tpdu_deliver_report_decode(in, false, v))
TPDU_PAIR(any_deliver_error, tpdu_deliver_report_encode, tpdu_deliver_report_decode(in, true, v))

static const struct codec TPDU_CODEC[TPDU_KINDS] = {
	[SUBMIT] = {any_submit_encode, any_submit_decode, sizeof(union tpdu_any)},
	[DELIVER] = {any_deliver_encode, any_deliver_decode, sizeof(union tpdu_any)},
	[STATUS_REPORT] = {any_status_encode, any_status_decode, sizeof(union tpdu_any)},
	[SUBMIT_REPORT] = {any_submit_report_encode, any_submit_report_decode, sizeof(union tpdu_any)},
	[SUBMIT_ERROR] = {any_submit_error_encode, any_submit_error_decode, sizeof(union tpdu_any)},
	[DELIVER_REPORT] = {any_deliver_report_encode, any_deliver_report_decode, sizeof(union tpdu_any)},
	[DELIVER_ERROR] = {any_deliver_error_encode, any_deliver_error_decode, sizeof(union tpdu_any)},
};

/* ---- dump: "flag flag name=value ..", what is absent or zero left out where that is plain ---- */

static inline void dump_word(FILE *f, const char *word)
{
	fprintf(f, "%s%s", ftell(f) ? " " : "", word);
}

static inline void dump_flag(FILE *f, bool set, const char *name)
{
	if (set)
		dump_word(f, name);
}

static inline void dump_hex(FILE *f, const char *name, struct view v)
{
	dump_word(f, name);
	for (size_t i = 0; i < v.len; i++)
		fprintf(f, "%02x", v.p[i]);
}

static inline void dump_octet(FILE *f, const char *name, uint8_t octet)
{
	dump_hex(f, name, (struct view){&octet, 1});
}

static inline void dump_address(FILE *f, const char *name, const struct sms_address *a)
{
	char text[SMS_ADDRESS_TEXT_MAX + 1];

	sms_address_print(a, text);
	dump_word(f, name);
	fputs(text, f);
}

static inline void dump_time(FILE *f, const char *name, const struct sms_time *t)
{
	char text[RFC3339_MAX] = "?";

	sms_time_to_rfc3339(t, text);
	dump_word(f, name);
	fputs(text, f);
}

static inline void dump_user_data(FILE *f, const struct tp_user_data *u)
{
	uint8_t units[160], text[512];
	struct wbuf w = wbuf_of(units, sizeof(units)), utf8 = wbuf_of(text, sizeof(text));

	if (u->tp_pid)
		dump_octet(f, "pid=", u->tp_pid);
	dump_octet(f, "dcs=", u->tp_dcs);
	dump_word(f, "udl=");
	fprintf(f, "%d", u->tp_udl);
	if (tp_ud_text(u, &w) || tp_ud_to_utf8(u->tp_dcs, wbuf_written(&w), &utf8)) {
		dump_hex(f, "ud=", u->tp_ud);
		return;
	}
	dump_word(f, "text=");
	fprintf(f, "%.*s", (int)utf8.len, (const char *)text);
}

static inline void dump_submit(FILE *f, const struct tpdu_submit *s)
{
	static const uint8_t VP_OCTETS[] = {0, 7, 1, 7};

	dump_flag(f, s->tp_rd, "rd");
	dump_flag(f, s->tp_rp, "rp");
	dump_flag(f, s->tp_srr, "srr");
	dump_flag(f, s->u.tp_udhi, "udhi");
	dump_word(f, "mr=");
	fprintf(f, "%d", s->tp_mr);
	dump_address(f, "da=", &s->tp_da);
	if (s->tp_vpf)
		dump_hex(f, "vp=", (struct view){s->tp_vp, VP_OCTETS[s->tp_vpf]});
	dump_user_data(f, &s->u);
}

static inline void dump_deliver(FILE *f, const struct tpdu_deliver *d)
{
	dump_flag(f, d->tp_mms, "mms");
	dump_flag(f, d->tp_rp, "rp");
	dump_flag(f, d->tp_sri, "sri");
	dump_flag(f, d->tp_lp, "lp");
	dump_flag(f, d->u.tp_udhi, "udhi");
	dump_address(f, "oa=", &d->tp_oa);
	dump_time(f, "scts=", &d->tp_scts);
	dump_user_data(f, &d->u);
}

static inline void dump_status_report(FILE *f, const struct tpdu_status_report *s)
{
	dump_flag(f, s->tp_mms, "mms");
	dump_flag(f, s->tp_srq, "srq");
	dump_word(f, "mr=");
	fprintf(f, "%d", s->tp_mr);
	dump_address(f, "ra=", &s->tp_ra);
	dump_time(f, "scts=", &s->tp_scts);
	dump_time(f, "dt=", &s->tp_dt);
	dump_octet(f, "st=", s->tp_st);
}

static inline void dump_report(FILE *f, const struct tpdu_report *s)
{
	if (s->is_error)
		dump_octet(f, "fcs=", s->tp_fcs);
	if (s->has_scts)
		dump_time(f, "scts=", &s->tp_scts);
}

static inline void tpdu_dump(enum tpdu_kind kind, const union tpdu_any *t, char *out, size_t size)
{
	FILE *f = fmemopen(out, size, "w");

	out[0] = '\0';
	if (!f)
		return;
	if (kind == SUBMIT)
		dump_submit(f, &t->submit);
	else if (kind == DELIVER)
		dump_deliver(f, &t->deliver);
	else if (kind == STATUS_REPORT)
		dump_status_report(f, &t->status_report);
	else
		dump_report(f, &t->report);
	fclose(f);
}
