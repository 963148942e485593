/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Who wrote a message of a group (spec 7.10): the display name of the CPIM
 * From, else what the focus or the list of members says, else the number. */

#include "../../lib/cpm/phone.h"
#include "../../lib/util/utf8.h"
#include "chat_members.h"
#include "chat_sender.h"
#include "chat_text.h"
#include "ipsmgw.h"
#include "spool_chat_int.h"

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

/* What the focus says now, else what the INVITE said. */
static bool name_of_member(
		struct sender *s, const struct chat_session *c, struct view uri)
{
	const char *name = chat_conference_name(c, uri);
	struct view listed;

	if(*name)
		return set_name(s, view_str(name));
	return chat_members_listed(c->members, uri, &listed) && set_name(s, listed);
}

/* A who must stay unknown is so in a group, too (spec 3.4, 7.3). */
static bool is_hidden(const struct chat_session *c, const char *number)
{
	return c->s.flags & CHAT_FLAG_ANONYMOUS && !strcmp(c->s.a, number);
}

static void find_name(
		struct sender *s, const struct chat_session *c, const struct content *t)
{
	struct view from = t->has_cpim ? t->cpim.from : (struct view){NULL, 0};
	struct view uri = cpim_uri(from);
	char number[PHONE_MAX] = "";
	bool is_number = phone_from_uri(uri, number) == 0;

	if(is_number && is_hidden(c, number)) {
		set_name(s, view_str(ipsmgw_cfg.chat_anonymous_name));
		return;
	}
	if(name_of_addr(s, from) || name_of_member(s, c, uri))
		return;
	if(is_number && set_name(s, view_str(number)))
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

/* ---- the server itself ---- */

static struct view without_parameters(struct view uri)
{
	const uint8_t *end = uri.len ? memchr(uri.p, ';', uri.len) : NULL;

	return (struct view){uri.p, end ? (size_t)(end - uri.p) : uri.len};
}

/* Spec 7.10: what the server says is not what somebody says. It comes from the
 * focus itself, or is no content to be shown (RFC 5438 4.2.1.2). */
bool chat_sender_is_system(
		const struct chat_session *c, const struct content *t)
{
	struct view focus = view_str(c->s.remote_target);

	return c->s.kind == CHAT_KIND_GROUP && t->has_cpim
			&& (media_type_is(t->cpim.content_disposition, "notification")
					|| media_type_is(
							t->cpim.content_disposition, "system-notice")
					|| view_ieq(without_parameters(cpim_uri(t->cpim.from)),
							without_parameters(focus)));
}
