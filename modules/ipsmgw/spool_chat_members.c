/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What B reads of the members of his group (spec 7.10): who joined and who left
 * in one SM, at most once in chat_conference_interval_s; and the names of those
 * who write.
 */

#include "chat_conference.h"
#include "ipsmgw.h"
#include "spool_chat_int.h"

enum { GATHER_MS = 2000 }; /* those who come together are told together */

void chat_conference_changed(struct chat_conference *f)
{
	int64_t interval_ms = ipsmgw_cfg.chat_conference_interval_s * 1000LL;
	int64_t soon_ms = ipsmgw_mono_ms() + GATHER_MS;

	if(f->tell_ms == INT64_MAX)
		f->tell_ms = f->told_ms + interval_ms > soon_ms
				? f->told_ms + interval_ms
				: soon_ms;
}

static int put_text(struct wbuf *w, const struct chat_session *c, bool joined)
{
	char names[1024];
	struct wbuf n = wbuf_of(names, sizeof(names) - 1);
	size_t mark = w->len;

	chat_members_names(c->conference->members, joined, &n);
	names[n.len] = '\0';
	if(n.err || !n.len)
		return 0;
	if(w->len)
		wbuf_u8(w, ' ');
	if(chat_text(w, joined ? CHAT_TEXT_JOIN : CHAT_TEXT_LEAVE, c->s.language,
			   &(struct chat_fields){
					   .name = names, .group = c->s.name, .num = c->s.number}))
		return -ENOSPC;
	if(mark && w->len == mark + 1)
		w->len = mark;
	return 0;
}

int chat_conference_tell(struct event *e, const struct chat_session *c)
{
	char text[4096];
	struct wbuf w = wbuf_of(text, sizeof(text));
	int64_t message_id;

	if(c->s.state != CHAT_ACTIVE || !c->conference || put_text(&w, c, true)
			|| put_text(&w, c, false) || !w.len)
		return 0;
	return chat_submit(e, c, wbuf_written(&w), NULL, &message_id) == -EIO ? -EIO
																		  : 0;
}

void chat_conference_told(struct chat_session *c)
{
	if(!c->conference)
		return;
	chat_members_told(c->conference->members);
	c->conference->told_ms = ipsmgw_mono_ms();
}

const char *chat_conference_name(const struct chat_session *c, struct view uri)
{
	return chat_members_name(
			c->conference ? c->conference->members : NULL, uri);
}
