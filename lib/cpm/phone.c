/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Telephone numbers in URIs: RFC 3966 (tel), RFC 3261 19.1.6 (user=phone), spec 3.5.
 * The URI is taken apart by hand because the rule is about what must not be read
 * as a number, which general URI parsers do not know.
 */

#include "phone.h"

enum { E164_MIN = 3, E164_MAX = 15, LOCAL_MAX = 20, SUBSCRIBER_DIGITS = 7 };

static bool starts_with(struct view v, const char *lower)
{
	size_t n = strlen(lower);

	return v.len >= n && view_ieq((struct view){v.p, n}, view_str(lower));
}

/* Up to, not including, the first octet of stops; the rest begins with that octet. */
static struct view cut(struct view v, const char *stops, struct view *rest)
{
	size_t n = 0;

	while (n < v.len && v.p[n] && !octet_in(v.p[n], stops))
		n++;
	*rest = (struct view){v.p + n, v.len - n};
	return (struct view){v.p, n};
}

/* Value of ;name=value among parameters that begin with ';'. */
static struct view param(struct view params, const char *name)
{
	while (params.len) {
		struct view one, value;

		params = (struct view){params.p + 1, params.len - 1};
		one = cut(params, ";?", &params);
		one = cut(one, "=", &value);
		if (view_ieq(one, view_str(name)) && value.len)
			return (struct view){value.p + 1, value.len - 1};
	}
	return (struct view){NULL, 0};
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undo %HH and drop visual separators. Anything that is no digit is -EBADMSG behind a '+', else -ENOENT. */
static int digits_of(struct view v, char *out, size_t out_size)
{
	size_t n = 0;

	for (size_t i = 0; i < v.len; i++) {
		int c = v.p[i];

		if (c == '%' && i + 2 < v.len) {
			int hi = hex_digit(v.p[i + 1]), lo = hex_digit(v.p[i + 2]);

			c = hi < 0 || lo < 0 ? '%' : hi << 4 | lo;
			i += 2;
		}
		if (c < '0' || c > '9') {
			if (octet_in((uint8_t)c, "-.() "))
				continue;
			if (c != '+' || n)
				return n && out[0] == '+' ? -EBADMSG : -ENOENT;
		}
		if (n + 1 >= out_size)
			return -EBADMSG;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return n ? 0 : -ENOENT;
}

static int international(const char *number, char out[PHONE_MAX])
{
	size_t n = strlen(number) - 1;

	if (n < E164_MIN || n > E164_MAX)
		return -EBADMSG;
	memcpy(out, number, n + 2);
	return 0;
}

static int local(const char *number, struct view context, char out[PHONE_MAX])
{
	char all[2 * PHONE_MAX];
	size_t n = strlen(number), c;

	if (n > LOCAL_MAX)
		return -EBADMSG;
	if (n <= PHONE_SHORT_CODE_MAX || !context.len || context.p[0] != '+') {
		memcpy(out, number, n + 1);
		return 0;
	}
	if (digits_of(context, all, PHONE_MAX))
		return -EBADMSG;
	c = strlen(all);
	memcpy(all + c, number, n + 1);
	return international(all, out);
}

static int number_of(struct view digits, struct view params, char out[PHONE_MAX])
{
	char number[PHONE_MAX + 8];
	int rc = digits_of(digits, number, sizeof(number));

	if (rc)
		return rc;
	return number[0] == '+' ? international(number, out) : local(number, param(params, "phone-context"), out);
}

int phone_from_uri(struct view uri, char out[PHONE_MAX])
{
	struct view rest, user, host, user_params;

	if (starts_with(uri, "tel:")) {
		user = cut((struct view){uri.p + 4, uri.len - 4}, ";?", &rest);
		return number_of(user, rest, out);
	}
	if (!starts_with(uri, "sip:") && !starts_with(uri, "sips:"))
		return -ENOENT;
	cut(uri, ":", &rest);
	user = cut((struct view){rest.p + 1, rest.len - 1}, "@", &host);
	if (!host.len)
		return -ENOENT;
	cut(host, ";?", &rest);
	user = cut(user, ";:", &user_params);
	if (!(user.len && user.p[0] == '+') && !starts_with(user, "%2b") &&
	    !view_ieq(param(rest, "user"), VIEW("phone")))
		return -ENOENT;
	return number_of(user, user_params.len && user_params.p[0] == ';' ? user_params : rest, out);
}

bool phone_is_same(const char *a, const char *b)
{
	size_t a_len, b_len, same = 0;

	a += *a == '+';
	b += *b == '+';
	a_len = strlen(a);
	b_len = strlen(b);
	while (same < a_len && same < b_len && a[a_len - same - 1] == b[b_len - same - 1])
		same++;
	return same >= SUBSCRIBER_DIGITS || (same && same == a_len && same == b_len);
}
