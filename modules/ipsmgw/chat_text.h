/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_TEXT_H
#define IPSMGW_CHAT_TEXT_H

#include "../../lib/util/buf.h"

/*
 * What the gateway itself says to SMS users, and the words it takes from them
 * (spec 7.2): parameters, in any number of languages.
 */

enum chat_text_id {
	CHAT_TEXT_INVITE,
	CHAT_TEXT_INVITE_GROUP,
	CHAT_TEXT_STARTED,
	CHAT_TEXT_ENDED,
	CHAT_TEXT_LEFT,
	CHAT_TEXT_CANCELLED,
	CHAT_TEXT_LATE,
	CHAT_TEXT_HELP,
	CHAT_TEXT_NOMEDIA,
	CHAT_TEXT_JOIN,
	CHAT_TEXT_LEAVE,
	CHAT_TEXT_NOSESSION,
	CHAT_TEXT_FAIL,
	CHAT_TEXT_GROUP_MESSAGE, /* "{name}: {text}" */
	CHAT_TEXTS
};

enum chat_word {
	CHAT_WORD_NONE,
	CHAT_WORD_ACCEPT,
	CHAT_WORD_REJECT,
	CHAT_WORD_END,
	CHAT_WORD_HELP
};

struct chat_fields {
	const char *name, *group, *num;
	struct view text;
};

/** The text in language ("" the default one; an unknown one counts as ""), with
 * {name} {group} {num} {text} and the keywords {accept} {reject} {end} {help}
 * put in. An empty template gives an empty text: nothing is sent.
 * @return 0, -ENOSPC */
int chat_text(struct wbuf *utf8, enum chat_text_id id, const char *language,
		const struct chat_fields *f);

/** Is the whole text (white space around it aside, ignoring case) one of the
 * keywords in that language? */
enum chat_word chat_word(struct view utf8, const char *language);

/** modparam("ipsmgw", "chat_text", "[language:]id=template") and "chat_words",
 * "[language:]accept=YES Y OK 1"; called for each before fork. @return 0;
 * -EINVAL: no such id, not UTF-8, no words; -ENOMEM */
int chat_text_param(const char *value);
int chat_words_param(const char *value);

#endif
