/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Bounded, sticky reader and writer: read or write all fields in a column and
 * ask once, with rbuf_end() or wbuf_end(), whether all of it fitted. After the
 * first failure reads answer 0 and writes do nothing. All integers are big endian.
 */

/** Octets that belong to somebody else; never terminated. */
struct view {
	const uint8_t *p;
	size_t len; /* octets */
};

/** A view of a string literal. */
#define VIEW(lit) ((struct view)VIEW_OF(lit))

/** The same as an initialiser, for tables. */
#define VIEW_OF(lit)                                                                               \
	{                                                                                          \
		(const uint8_t *)("" lit), sizeof(lit) - 1                                         \
	}

static inline struct view view_str(const char *s)
{
	return (struct view){(const uint8_t *)s, s ? strlen(s) : 0};
}

/** v without its first n octets; n is at most v.len. */
static inline struct view view_skip(struct view v, size_t n)
{
	return n ? (struct view){v.p + n, v.len - n} : v;
}

static inline bool view_eq(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/** Is c one of the characters of set? NUL is in none. */
static inline bool octet_in(uint8_t c, const char *set)
{
	while (*set && c != (uint8_t)*set)
		set++;
	return *set;
}

static inline uint8_t octet_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/** Compare octets, ASCII letters in any case. */
static inline bool view_ieq(struct view a, struct view b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (a.p[i] != b.p[i] && octet_lower(a.p[i]) != octet_lower(b.p[i]))
			return false;
	return true;
}

/* ---- reader ---- */

struct rbuf {
	const uint8_t *p;
	size_t len; /* octets in p */
	size_t pos; /* octets read */
	int err;    /* 0 or -EBADMSG, sticky */
};

static inline struct rbuf rbuf_of(struct view v)
{
	return (struct rbuf){.p = v.p, .len = v.len};
}

static inline size_t rbuf_left(const struct rbuf *r)
{
	return r->err ? 0 : r->len - r->pos;
}

/** Take n octets as a view into the input; an empty view when fewer are left. */
static inline struct view rbuf_view(struct rbuf *r, size_t n)
{
	struct view v = {NULL, 0};

	if (r->err || n > r->len - r->pos) {
		r->err = -EBADMSG;
		return v;
	}
	v.p = r->p + r->pos;
	v.len = n;
	r->pos += n;
	return v;
}

static inline struct view rbuf_rest(struct rbuf *r)
{
	return rbuf_view(r, rbuf_left(r));
}

static inline uint64_t rbuf_uint(struct rbuf *r, size_t octets)
{
	struct view v = rbuf_view(r, octets);
	uint64_t x = 0;

	for (size_t i = 0; i < v.len; i++)
		x = x << 8 | v.p[i];
	return x;
}

static inline uint8_t rbuf_u8(struct rbuf *r)
{
	return (uint8_t)rbuf_uint(r, 1);
}

static inline uint16_t rbuf_u16(struct rbuf *r)
{
	return (uint16_t)rbuf_uint(r, 2);
}

static inline uint32_t rbuf_u32(struct rbuf *r)
{
	return (uint32_t)rbuf_uint(r, 4);
}

static inline uint64_t rbuf_u64(struct rbuf *r)
{
	return rbuf_uint(r, 8);
}

/** Say that what was read is wrong; sticky. */
static inline void rbuf_fail(struct rbuf *r)
{
	r->err = -EBADMSG;
}

/** @return 0 if everything was read and nothing is left over, else -EBADMSG */
static inline int rbuf_end(const struct rbuf *r)
{
	return r->err || r->pos != r->len ? -EBADMSG : 0;
}

/* ---- writer ---- */

struct wbuf {
	uint8_t *p;
	size_t size; /* octets that fit */
	size_t len;  /* octets written */
	int err;     /* 0 or -ENOSPC, sticky */
};

static inline struct wbuf wbuf_of(void *p, size_t size)
{
	return (struct wbuf){.p = (uint8_t *)p, .size = size};
}

/** Reserve n octets; NULL when they do not fit. */
static inline uint8_t *wbuf_room(struct wbuf *w, size_t n)
{
	uint8_t *at;

	if (w->err || n > w->size - w->len) {
		w->err = -ENOSPC;
		return NULL;
	}
	at = w->p + w->len;
	w->len += n;
	return at;
}

static inline void wbuf_put(struct wbuf *w, const void *p, size_t n)
{
	uint8_t *at = wbuf_room(w, n);

	if (at && n)
		memcpy(at, p, n);
}

static inline void wbuf_uint(struct wbuf *w, uint64_t x, size_t octets)
{
	uint8_t *at = wbuf_room(w, octets);

	for (size_t i = octets; at && i-- > 0; x >>= 8)
		at[i] = (uint8_t)x;
}

static inline void wbuf_u8(struct wbuf *w, uint8_t x)
{
	wbuf_uint(w, x, 1);
}

static inline void wbuf_u16(struct wbuf *w, uint16_t x)
{
	wbuf_uint(w, x, 2);
}

static inline void wbuf_u32(struct wbuf *w, uint32_t x)
{
	wbuf_uint(w, x, 4);
}

static inline void wbuf_u64(struct wbuf *w, uint64_t x)
{
	wbuf_uint(w, x, 8);
}

static inline void wbuf_view(struct wbuf *w, struct view v)
{
	wbuf_put(w, v.p, v.len);
}

static inline void wbuf_str(struct wbuf *w, const char *s)
{
	wbuf_put(w, s, strlen(s));
}

/** What has been written so far. */
static inline struct view wbuf_written(const struct wbuf *w)
{
	return (struct view){w->p, w->len};
}

/**
 * Close an encoder: on failure take back what it wrote.
 * @param mark w->len when the encoder began
 * @return 0, or -ENOSPC with w->len == mark and the error cleared
 */
static inline int wbuf_end(struct wbuf *w, size_t mark)
{
	int err = w->err;

	if (err) {
		w->len = mark;
		w->err = 0;
	}
	return err;
}
