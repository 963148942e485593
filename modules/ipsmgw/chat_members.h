/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_MEMBERS_H
#define IPSMGW_CHAT_MEMBERS_H

#include "../../lib/cpm/conference_info.h"

/*
 * Who is in a group chat, as its focus tells (RFC 4575, spec 7.10): names for
 * B's texts, and who came and went since B was told last. Memory is the
 * system's, at most CHAT_MEMBERS_MAX members of a few hundred octets.
 */

enum {
	CHAT_MEMBERS_MAX = 100,
	CHAT_MEMBER_URI_MAX = 160,
	CHAT_MEMBER_NAME_MAX = 96,
};

struct chat_members;

/** Identities that are not members like others; "" for none. */
struct chat_members_of {
	const char *b, *b_uri; /* B, who is not told about himself */
	const char *hidden;    /* number of one whose name B must not learn */
	const char *anonymous; /* the word for such a one */
	const char *list;      /* members of the INVITE: "uri\tname\n" each */
};

/** Copies nothing: the texts live as long as the table. @return NULL: no memory
 */
struct chat_members *chat_members_new(const struct chat_members_of *of);
void chat_members_free(struct chat_members *m); /* NULL is allowed */

/**
 * Take over what a document says. The first list of members is no news.
 * @return 0; -EAGAIN: a document before this one is missing, ask for all of it
 */
int chat_members_update(
		struct chat_members *m, const struct conference_info *info);

/** Has somebody come or gone since chat_members_told()? */
bool chat_members_changed(const struct chat_members *m);

/** Append the names of those who joined, or left, separated by commas; of many
 * the first ones and how many more. Nothing if there are none. */
void chat_members_names(
		const struct chat_members *m, bool joined, struct wbuf *w);

void chat_members_told(struct chat_members *m);

/** The name that the focus gives somebody, "" if none. m may be NULL. */
const char *chat_members_name(const struct chat_members *m, struct view uri);

/** The name in the list of the INVITE (NULL: no list). */
bool chat_members_listed(const char *list, struct view uri, struct view *name);

#endif
