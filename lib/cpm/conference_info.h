/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/* application/conference-info+xml (RFC 4575): who is in a group chat, as its focus tells (spec 7.10). */

enum { CONFERENCE_USERS_MAX = 128 };

/** Of the document, of its users and of each user (RFC 4575 4.1). */
enum conference_state {
	CONFERENCE_FULL,
	CONFERENCE_PARTIAL,
	CONFERENCE_DELETED,
};

enum conference_presence {
	CONFERENCE_UNSAID,  /* nothing about the user's endpoints */
	CONFERENCE_PRESENT, /* one of them is in the conference */
	CONFERENCE_ABSENT,  /* none of those that are named: left, or not there yet */
};

struct conference_user {
	struct view entity; /* URI, not empty */
	struct view name;   /* display-text, empty if absent */
	enum conference_state state;
	enum conference_presence presence; /* absent if state is deleted */
};

struct conference_info {
	enum conference_state state;
	int64_t version;  /* -1: not said */
	bool has_users;	  /* else the document is about other things */
	bool users_whole; /* users that are not named here are not there */
	unsigned n;
	struct conference_user user[CONFERENCE_USERS_MAX];
};

/**
 * A list with more users than fit here is not whole.
 * @param text  what the views of out point into is appended here; XML_OCTETS_MAX (65536) octets do for every
 *              document of ASCII; unchanged on failure
 * @return 0, -EBADMSG, -ENOSPC, -ENOMEM
 */
int conference_info_read(struct view in, struct wbuf *text, struct conference_info *out);
