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

/** Arguments for "%.*s". */
#define VIEW_FMT(v) (int)(v).len, (const char *)(v).p

#endif
