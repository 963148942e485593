/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Every TPDU decoder on the same octets. What one takes and its encoder takes too must come back
 * as the same octets for ever after, and its text must be readable within the promised sizes.
 */

#include "../unit/tpdu_dump.h"

static void read_text(const struct tp_user_data *u)
{
	uint8_t units[TP_UD_UNITS_MAX], text[3 * TP_UD_UNITS_MAX], tp_dcs;
	struct wbuf w = wbuf_of(units, 160), utf8 = wbuf_of(text, 3 * 160);

	if (tp_ud_text(u, &w) == -ENOSPC)
		abort();
	if (tp_ud_to_utf8(u->tp_dcs, wbuf_written(&w), &utf8) == -ENOSPC)
		abort();

	w = wbuf_of(units, sizeof(units));
	utf8 = wbuf_of(text, sizeof(text));
	if (tp_ud_units(u, &tp_dcs, &w) == -ENOSPC)
		abort();
	if (tp_ud_to_utf8(tp_dcs, wbuf_written(&w), &utf8) == -ENOSPC)
		abort();
}

static void check_stable(const struct codec *c, const union tpdu_any *first)
{
	uint8_t once[TPDU_MAX], twice[TPDU_MAX];
	struct wbuf a = wbuf_of(once, sizeof(once)), b = wbuf_of(twice, sizeof(twice));
	union tpdu_any second;
	int err = c->encode(&a, first);

	if (err == -EINVAL)
		return;
	if (err || c->decode(wbuf_written(&a), &second) || c->encode(&b, &second))
		abort();
	if (!view_eq(wbuf_written(&a), wbuf_written(&b)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct view in = {data, size};

	for (enum tpdu_kind kind = SUBMIT; kind < TPDU_KINDS; kind++) {
		union tpdu_any t;

		if (TPDU_CODEC[kind].decode(in, &t))
			continue;
		if (tpdu_mti(in) < 0)
			abort();
		check_stable(&TPDU_CODEC[kind], &t);
		if (kind == SUBMIT)
			read_text(&t.submit.u);
		if (kind == DELIVER)
			read_text(&t.deliver.u);
	}
	return 0;
}
