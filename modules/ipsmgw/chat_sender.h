/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_SENDER_H
#define IPSMGW_CHAT_SENDER_H

#include "../../lib/cpm/content.h"
#include "chat_table.h"

/** A text of a group with the name of who wrote it, by the template
 * CHAT_TEXT_GROUP_MESSAGE: B sees one number for all. @return 0, -ENOSPC */
int chat_sender_text(struct wbuf *w, const struct chat_session *c,
		const struct content *t, struct view text);

/** A word of the server of a group, not of somebody in it: no text for B. */
bool chat_sender_is_system(
		const struct chat_session *c, const struct content *t);

#endif
