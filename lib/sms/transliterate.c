/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What word processors and keyboards of telephones put in the place of plain characters, and
 * what it stands for. Only what loses no meaning: no accents (they tell words apart), no
 * letters of other scripts, no emoji.
 */

#include "transliterate.h"

#include "../util/utf8.h"

/* clang-format off */
static const struct {
	uint16_t first, last;
	const char *plain;
} substitutes[] = {
	{0x00a0, 0x00a0, " "},   /* no-break space */
	{0x00ab, 0x00ab, "\""},  /* left guillemet */
	{0x00bb, 0x00bb, "\""},  /* right guillemet */
	{0x2007, 0x2007, " "},   /* figure space, which does not break */
	{0x2010, 0x2015, "-"},   /* hyphens, figure dash, en, em dash, horizontal bar */
	{0x2018, 0x201b, "'"},   /* single quotes: left, right, low, reversed */
	{0x201c, 0x201f, "\""},  /* double quotes: left, right, low, reversed */
	{0x2026, 0x2026, "..."}, /* ellipsis */
	{0x202f, 0x202f, " "},   /* narrow no-break space */
	{0x2039, 0x203a, "'"},   /* single guillemets */
	{0x2212, 0x2212, "-"},   /* minus sign */
};
/* clang-format on */

static const char *plain_of(uint32_t cp)
{
	for (size_t i = 0; i < sizeof(substitutes) / sizeof(substitutes[0]); i++) {
		if (cp >= substitutes[i].first && cp <= substitutes[i].last)
			return substitutes[i].plain;
	}
	return NULL;
}

int transliterate(struct view utf8, struct wbuf *out)
{
	size_t mark = out->len;
	const char *plain;
	uint32_t cp;
	int rc;

	while ((rc = utf8_next(&utf8, &cp)) > 0) {
		plain = plain_of(cp);
		if (plain)
			wbuf_str(out, plain);
		else
			utf8_put(out, cp);
	}
	if (rc < 0)
		out->err = rc;
	return wbuf_end(out, mark);
}
