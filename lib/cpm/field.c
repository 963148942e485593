/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * "name: value" lines and what stands in them: RFC 3862 2.2 (CPIM), RFC 2045 (MIME),
 * RFC 3261 7.3.1 (SIP). Bare LF is taken for a line end because clients write it; a lone
 * CR is not, it stays in the value. Folded lines are legal in MIME and tolerated in CPIM.
 */

#include "field.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_space(uint8_t c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

static struct view trim_front(struct view v)
{
	while (v.len && is_space(v.p[0]))
		v = view_skip(v, 1);
	return v;
}

struct view field_trim(struct view v)
{
	v = trim_front(v);
	while (v.len && is_space(v.p[v.len - 1]))
		v.len--;
	return v;
}

bool field_is_value(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if ((v.p[i] < ' ' && v.p[i] != '\t') || v.p[i] == 0x7f)
			return false;
	return true;
}

bool field_starts(struct view v, const char *prefix)
{
	size_t n = strlen(prefix);

	return v.len >= n && view_ieq((struct view){v.p, n}, view_str(prefix));
}

/* ---- lines ---- */

/* Octets up to and with the LF, 0 if there is none. */
static size_t line_length(struct view in)
{
	const uint8_t *lf = in.len ? memchr(in.p, '\n', in.len) : NULL;

	return lf ? (size_t)(lf - in.p) + 1 : 0;
}

/* The same for a line of n octets and the lines that begin with white space behind it. */
static size_t folded_length(struct view in, size_t n)
{
	size_t more = n;

	while (more && n < in.len && is_blank(in.p[n])) {
		more = line_length(view_skip(in, n));
		n += more;
	}
	return more ? n : 0;
}

static size_t name_length(struct view line)
{
	size_t n = 0;

	while (n < line.len && line.p[n] > ' ' && line.p[n] <= '~' && line.p[n] != ':')
		n++;
	return n;
}

static int field_read(struct view line, struct field *out)
{
	struct view name = trim_front(line);
	size_t n = name_length(name);
	struct view rest = trim_front(view_skip(name, n));

	if (is_blank(line.p[0]) || !n || !rest.len || rest.p[0] != ':')
		return -EBADMSG;
	out->name = (struct view){name.p, n};
	out->value = field_trim(view_skip(rest, 1));
	return 1;
}

int field_next(struct view *in, struct field *out)
{
	size_t n;
	int rc;

	if (in->len == 0)
		return -EAGAIN;
	n = line_length(*in);
	if (n == 1 || (n == 2 && in->p[0] == '\r')) {
		*in = view_skip(*in, n);
		return 0;
	}
	n = folded_length(*in, n);
	if (n == 0)
		return -EBADMSG;
	rc = field_read((struct view){in->p, n}, out);
	if (rc == 1)
		*in = view_skip(*in, n);
	return rc;
}

/* ---- lists and parameters ---- */

/* Octets of a quoted string, both quotes included; all there is if it is not closed. */
static size_t quoted_length(struct view in)
{
	size_t n = 1;

	while (n < in.len && in.p[n] != '"')
		n += in.p[n] == '\\' && n + 1 < in.len ? 2 : 1;
	return n < in.len ? n + 1 : in.len;
}

bool field_list_next(struct view *list, const char *separators, struct view *member)
{
	size_t n = 0;
	bool bracket = false;

	if (list->len == 0)
		return false;
	while (n < list->len) {
		uint8_t c = list->p[n];

		if (c > '>') {
			n++;
			continue;
		}
		if (!bracket && octet_in(c, separators))
			break;
		if (c == '<' || c == '>')
			bracket = c == '<';
		n += c == '"' ? quoted_length(view_skip(*list, n)) : 1;
	}
	*member = field_trim((struct view){list->p, n});
	*list = view_skip(*list, n < list->len ? n + 1 : n);
	return true;
}

static struct view unquote(struct view v)
{
	size_t n;

	if (v.len == 0 || v.p[0] != '"')
		return v;
	n = quoted_length(v);
	if (n > 1 && v.p[n - 1] == '"')
		n--;
	return (struct view){v.p + 1, n - 1};
}

struct field field_param(struct view member)
{
	const uint8_t *equals = member.len ? memchr(member.p, '=', member.len) : NULL;
	size_t n = equals ? (size_t)(equals - member.p) : member.len;

	return (struct field){
		.name = field_trim((struct view){member.p, n}),
		.value = equals ? unquote(field_trim(view_skip(member, n + 1))) : VIEW(""),
	};
}

/* ---- tokens ---- */

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The first octet, percent-decoded, in lower case. */
static uint8_t octet_take(struct view *v)
{
	uint8_t c = v->p[0];
	size_t n = 1;

	if (c == '%' && v->len > 2 && hex_digit(v->p[1]) >= 0 && hex_digit(v->p[2]) >= 0) {
		c = (uint8_t)(hex_digit(v->p[1]) << 4 | hex_digit(v->p[2]));
		n = 3;
	}
	*v = view_skip(*v, n);
	return octet_lower(c);
}

bool field_token_is(struct view token, const char *name)
{
	for (; *name; name++) {
		if (token.len && token.p[0] == (uint8_t)*name) /* which is no '%' */
			token = view_skip(token, 1);
		else if (token.len == 0 || octet_take(&token) != (uint8_t)*name)
			return false;
	}
	return token.len == 0;
}

int64_t field_number(struct view v)
{
	int64_t x = 0;

	if (v.len == 0 || v.len > 10)
		return -1;
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return -1;
		x = x * 10 + (v.p[i] - '0');
	}
	return x;
}
