/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Who wrote a message of a group (spec 7.10): the display name of the CPIM
 * From, else what the list of members says, else the number. */

#include "../../lib/cpm/phone.h"
#include "../../lib/util/utf8.h"
#include "chat_sender.h"
#include "chat_text.h"
#include "lib_util.h"

enum { NAME_MAX_OCTETS = 96 };

struct sender {
	char name[NAME_MAX_OCTETS];
};

/* Not cut: a name that does not fit is none. */
static bool set_name(struct sender *s, struct view name)
{
	while(name.len && name.p[0] == ' ')
		name = (struct view){name.p + 1, name.len - 1};
	while(name.len && name.p[name.len - 1] == ' ')
		name.len--;
	if(name.len == 0 || name.len >= sizeof(s->name) || !utf8_valid(name))
		return false;
	text_copy(s->name, sizeof(s->name), name);
	return true;
}

/* "Name" <uri> or Name <uri> (RFC 3862 3.2) */
static bool name_of_addr(struct sender *s, struct view addr)
{
	const uint8_t *bracket = addr.len ? memchr(addr.p, '<', addr.len) : NULL;
	uint8_t plain[NAME_MAX_OCTETS];
	struct wbuf w = wbuf_of(plain, sizeof(plain));
	size_t n = bracket ? (size_t)(bracket - addr.p) : 0;
	bool escaped = false;

	for(size_t i = 0; i < n; i++) {
		bool escape = !escaped && addr.p[i] == '\\';

		if(escaped || (!escape && addr.p[i] != '"'))
			wbuf_u8(&w, addr.p[i]);
		escaped = escape;
	}
	return !w.err && set_name(s, wbuf_written(&w));
}

static bool same_party(struct view x, struct view y)
{
	char a[PHONE_MAX], b[PHONE_MAX];

	return view_eq(x, y)
			|| (phone_from_uri(x, a) == 0 && phone_from_uri(y, b) == 0
					&& !strcmp(a, b));
}

static bool name_of_member(
		struct sender *s, const char *members, struct view uri)
{
	for(const char *at = members; at && *at;) {
		size_t line = strcspn(at, "\n"), n = strcspn(at, "\t\n");
		struct view name = {(const uint8_t *)at + n, line - n};

		if(name.len && same_party((struct view){(const uint8_t *)at, n}, uri))
			return set_name(s, (struct view){name.p + 1, name.len - 1});
		at += line + (at[line] == '\n');
	}
	return false;
}

static void find_name(
		struct sender *s, const struct chat_session *c, const struct content *t)
{
	struct view from = t->has_cpim ? t->cpim.from : (struct view){NULL, 0};
	struct view uri = cpim_uri(from);
	char number[PHONE_MAX];

	if(name_of_addr(s, from) || name_of_member(s, c->members, uri))
		return;
	if(phone_from_uri(uri, number) == 0 && set_name(s, view_str(number)))
		return;
	if(!set_name(s, view_str(c->s.name)))
		s->name[0] = '\0';
}

int chat_sender_text(struct wbuf *w, const struct chat_session *c,
		const struct content *t, struct view text)
{
	struct sender s;

	find_name(&s, c, t);
	return chat_text(w, CHAT_TEXT_GROUP_MESSAGE, c->s.language,
			&(struct chat_fields){.name = s.name,
					.group = c->s.name,
					.num = c->s.number,
					.text = text});
}
