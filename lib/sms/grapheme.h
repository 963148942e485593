/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Grapheme clusters: what a reader takes for one character (Unicode UAX 29, clause 3.1.1). */

/** What has been seen of the text; zero it to begin. */
struct grapheme {
	uint8_t last;	/* class of the last character */
	bool picture;	/* an emoji and its marks came last */
	bool half_flag; /* a regional indicator without its partner came last */
};

/** Feed the characters of a text in their order. @return true if a cluster begins with cp */
bool grapheme_begins(struct grapheme *g, uint32_t cp);
