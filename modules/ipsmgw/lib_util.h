/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_LIB_UTIL_H
#define IPSMGW_LIB_UTIL_H

#include "../../lib/util/buf.h"
#include "core/str.h"

/* Where Kamailio's str meets lib's view. */

static inline struct view view_of(const str *s)
{
	return (struct view){
			(const uint8_t *)s->s, s->s && s->len > 0 ? (size_t)s->len : 0};
}

static inline str str_of(struct view v)
{
	return (str){(char *)v.p, (int)v.len};
}

/** A str for C text; unlike str_init() not only for literals. */
static inline str str_of_text(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}

/** Copy as C text, cut if it must be; control characters become '?' so that no
 * peer writes lines into our log. */
static inline void text_copy(char *to, size_t size, struct view v)
{
	size_t n = v.len < size ? v.len : size - 1;

	for(size_t i = 0; i < n; i++)
		to[i] = v.p[i] < 0x20 || v.p[i] == 0x7f ? '?' : (char)v.p[i];
	to[n] = '\0';
}

/** Arguments for "%.*s". */
#define VIEW_FMT(v) (int)(v).len, (const char *)(v).p

#endif
