/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * URI header components (RFC 3261 19.1.1) of a CPIM From: of Accept-Contact=.. the value is
 * percent-decoded and read as a list of feature parameters (RFC 3841 9.2), in which +sip.instance
 * is "<URN>" (RFC 5626 4.1).
 */

#include "field.h"
#include "instance.h"

enum { VALUE_MAX = 512 };

/* What follows the '?' that begins the components; it stands behind the host. */
static struct view components_of(struct view name_addr)
{
	const uint8_t *open = name_addr.len ? memchr(name_addr.p, '<', name_addr.len) : NULL;
	struct view uri =
		open ? view_skip(name_addr, (size_t)(open - name_addr.p) + 1) : name_addr;
	const uint8_t *close = uri.len ? memchr(uri.p, '>', uri.len) : NULL;
	const uint8_t *at, *mark;

	if (close)
		uri.len = (size_t)(close - uri.p);
	at = uri.len ? memchr(uri.p, '@', uri.len) : NULL;
	if (at)
		uri = view_skip(uri, (size_t)(at - uri.p));
	mark = uri.len ? memchr(uri.p, '?', uri.len) : NULL;
	return mark ? view_skip(uri, (size_t)(mark - uri.p) + 1) : VIEW("");
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* @return false if what comes out is not printable ASCII */
static bool percent_decode(struct view v, struct wbuf *w)
{
	for (size_t i = 0; i < v.len; i++) {
		int c = v.p[i];

		if (c == '%') {
			int hi = i + 2 < v.len ? hex_digit(v.p[i + 1]) : -1;
			int lo = i + 2 < v.len ? hex_digit(v.p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			c = hi << 4 | lo;
			i += 2;
		}
		if (c < ' ' || c > '~')
			return false;
		wbuf_u8(w, (uint8_t)c);
	}
	return w->err == 0;
}

/* "<urn:..>" without its brackets; empty if it is anything else. */
static struct view urn_of(struct view value)
{
	if (value.len < 3 || value.p[0] != '<' || value.p[value.len - 1] != '>')
		return VIEW("");
	value = (struct view){value.p + 1, value.len - 2};
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] <= ' ' || strchr("\"\\<>", value.p[i]))
			return VIEW("");
	return value.len <= CPM_INSTANCE_MAX ? value : VIEW("");
}

static struct view instance_of(struct view accept_contact)
{
	struct view member;

	while (field_list_next(&accept_contact, ";", &member)) {
		struct field f = field_param(member);

		if (view_ieq(f.name, VIEW("+sip.instance")))
			return urn_of(f.value);
	}
	return VIEW("");
}

int cpm_instance(struct view name_addr, struct wbuf *w)
{
	struct view rest = components_of(name_addr), member;

	while (field_list_next(&rest, "&", &member)) {
		uint8_t octets[VALUE_MAX];
		struct wbuf value = wbuf_of(octets, sizeof(octets));
		struct field f = field_param(member);
		struct view urn;
		size_t mark = w->len;

		if (!field_token_is(f.name, "accept-contact") || !percent_decode(f.value, &value))
			continue;
		urn = instance_of(wbuf_written(&value));
		if (!urn.len)
			continue;
		wbuf_view(w, urn);
		return wbuf_end(w, mark);
	}
	return -ENOENT;
}
