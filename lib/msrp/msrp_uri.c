/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * MSRP URIs, RFC 4975 9:
 *
 *   msrp[s]:// [userinfo@] host [:port] [/session-id] ;tcp [;parameter]..
 *
 * Compared by RFC 4975 6.1: userinfo and parameters do not count, IPv6 addresses compare as
 * addresses, a port that is written never equals one that is not. With CEMA a middlebox may have
 * changed all but the session-id, so that alone counts (RFC 6714).
 */

#include "msrp_text.h"
#include "msrp_uri.h"

/* ---- IPv6 addresses, RFC 4291 2.2 ---- */

enum { IP6_GROUPS = 8 };

struct ip6 {
	uint16_t group[IP6_GROUPS];
};

static bool is_decimal(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static int hex_digit(uint8_t c)
{
	if (is_decimal(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One to four hexadecimal digits, or -1. */
static int group_take(struct view *in)
{
	int x = 0;
	size_t n = 0;

	for (; n < in->len && n < 4 && hex_digit(in->p[n]) >= 0; n++)
		x = x << 4 | hex_digit(in->p[n]);
	*in = text_skip(*in, n);
	return n ? x : -1;
}

/* Is all of it a dotted quad? */
static bool ip4_read(struct view in, uint32_t *address)
{
	uint64_t x;

	*address = 0;
	for (unsigned i = 0; i < 4; i++) {
		struct view octet = i < 3 ? text_until(&in, '.') : in;

		if (octet.len > 3 || text_number(octet, &x) || x > 255)
			return false;
		*address = *address << 8 | (uint32_t)x;
	}
	return true;
}

/* All groups but those that "::" stands for. @return how many, or -1; gap: where "::" was, or -1 */
static int groups_read(struct view in, struct ip6 *a, int *gap)
{
	int n = 0, x;
	uint32_t ip4;

	*gap = -1;
	if (text_starts(in, "::")) {
		*gap = 0;
		in = text_skip(in, 2);
	}
	while (in.len) {
		if (n <= IP6_GROUPS - 2 && ip4_read(in, &ip4)) {
			a->group[n] = (uint16_t)(ip4 >> 16);
			a->group[n + 1] = (uint16_t)ip4;
			return n + 2;
		}
		x = group_take(&in);
		if (x < 0 || n == IP6_GROUPS)
			return -1;
		a->group[n++] = (uint16_t)x;
		if (in.len == 0)
			break;
		if (in.p[0] != ':' || in.len == 1)
			return -1;
		in = text_skip(in, 1);
		if (in.p[0] != ':')
			continue;
		if (*gap >= 0)
			return -1;
		*gap = n;
		in = text_skip(in, 1);
	}
	return n;
}

static bool ip6_read(struct view in, struct ip6 *out)
{
	struct ip6 a = {{0}};
	int gap, n = groups_read(in, &a, &gap), behind;

	if (n < 0 || (gap < 0 ? n != IP6_GROUPS : n == IP6_GROUPS))
		return false;
	*out = a;
	if (gap < 0)
		return true;
	behind = n - gap;
	for (int i = gap; i < IP6_GROUPS; i++)
		out->group[i] = 0;
	for (int i = 0; i < behind; i++)
		out->group[IP6_GROUPS - behind + i] = a.group[gap + i];
	return true;
}

/* ---- decode ---- */

static bool is_name(struct view host)
{
	for (size_t i = 0; i < host.len; i++) {
		uint8_t c = host.p[i];

		if (!is_decimal(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    !strchr("-._~%", c))
			return false;
	}
	return host.len > 0;
}

static bool scheme_take(struct view *in, bool *tls)
{
	size_t n = strlen("msrp");

	if (!text_starts(*in, "msrp"))
		return false;
	*tls = in->len > n && (in->p[n] | 0x20) == 's';
	*in = text_skip(*in, n + *tls);
	if (!text_starts(*in, "://"))
		return false;
	*in = text_skip(*in, 3);
	return true;
}

/* [userinfo@] host [:port] off the front; port has no octet if there is none. */
static int authority_take(struct view *in, struct view *host, struct view *port)
{
	size_t n = 0;
	struct view rest;
	struct ip6 ip6;

	while (n < in->len && in->p[n] != '/' && in->p[n] != ';')
		n++;
	rest = (struct view){in->p, n};
	*in = text_skip(*in, n);
	while (rest.len && memchr(rest.p, '@', rest.len))
		text_until(&rest, '@');
	if (text_starts(rest, "[")) {
		rest = text_skip(rest, 1);
		if (!rest.len || !memchr(rest.p, ']', rest.len))
			return -EBADMSG;
		*host = text_until(&rest, ']');
		*port = text_skip(rest, text_starts(rest, ":"));
		return ip6_read(*host, &ip6) && (rest.len == 0 || rest.p[0] == ':') ? 0 : -EBADMSG;
	}
	*host = text_until(&rest, ':');
	*port = rest;
	return is_name(*host) ? 0 : -EBADMSG;
}

static int port_read(struct view text, unsigned *port)
{
	uint64_t x = MSRP_PORT;

	if (text.len && (text_number(text, &x) || x > UINT16_MAX))
		return -EBADMSG;
	*port = (unsigned)x;
	return 0;
}

static int session_take(struct view *in, struct view *session)
{
	size_t n = 1;

	*session = VIEW("");
	if (!text_starts(*in, "/"))
		return 0;
	while (n < in->len && in->p[n] != ';')
		n++;
	*session = (struct view){in->p + 1, n - 1};
	*in = text_skip(*in, n);
	return session->len && session->len <= MSRP_SESSION_MAX ? 0 : -EBADMSG;
}

static bool is_octet_of_uri(uint8_t c)
{
	return c > ' ' && c <= '~' && !strchr("\"<>", c);
}

int msrp_uri_decode(struct view in, struct msrp_uri *out)
{
	struct view port;

	*out = (struct msrp_uri){.whole = in};
	for (size_t i = 0; i < in.len; i++)
		if (!is_octet_of_uri(in.p[i]))
			return -EBADMSG;
	if (!scheme_take(&in, &out->tls) || authority_take(&in, &out->host, &port) ||
	    port_read(port, &out->port) || session_take(&in, &out->session))
		return -EBADMSG;
	if (!text_starts(in, ";"))
		return -EBADMSG;
	in = text_skip(in, 1);
	return view_ieq(text_until(&in, ';'), VIEW("tcp")) ? 0 : -EBADMSG;
}

/* ---- paths ---- */

int msrp_path_first(struct view path, struct msrp_uri *out)
{
	struct view word;

	text_word(&path, &word);
	return msrp_uri_decode(word, out);
}

int msrp_path_last(struct view path, struct msrp_uri *out)
{
	struct view word, last = VIEW("");

	while (text_word(&path, &word))
		last = word;
	return msrp_uri_decode(last, out);
}

/* ---- compare ---- */

static bool has_port(const struct msrp_uri *u)
{
	struct view in = u->whole, host, port;
	bool tls;

	return scheme_take(&in, &tls) && authority_take(&in, &host, &port) == 0 && port.len;
}

static bool host_equal(struct view a, struct view b)
{
	struct ip6 x, y;

	if (ip6_read(a, &x) && ip6_read(b, &y))
		return memcmp(&x, &y, sizeof(x)) == 0;
	return view_ieq(a, b);
}

bool msrp_uri_equal(const struct msrp_uri *a, const struct msrp_uri *b, bool cema)
{
	if (!view_eq(a->session, b->session))
		return false;
	if (cema)
		return a->session.len > 0;
	return a->tls == b->tls && a->port == b->port && has_port(a) == has_port(b) &&
	       host_equal(a->host, b->host);
}
