/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_CONFERENCE_H
#define IPSMGW_CHAT_CONFERENCE_H

#include "chat_members.h"
#include "chat_tag.h"

/* The subscription to the conference event of one group chat. Private to
 * spool_chat_conference.c, which has the dialog, and spool_chat_members.c,
 * which tells B. */

struct chat_conference {
	struct chat_members *members;
	char call_id[40];
	char local_tag[CHAT_TAG_LEN + 1];
	char *focus;                                  /* To and first target */
	char *remote_tag, *remote_target, *route_set; /* NULL: not known yet */
	unsigned local_cseq, remote_cseq, failures;
	bool over; /* no more of it in this session */
	bool ask;  /* for the full state, when the answer that is due is there */
	/* all in ipsmgw_mono_ms(), INT64_MAX for never */
	int64_t answer_ms;  /* a SUBSCRIBE waits for its answer until then, 0 */
	int64_t refresh_ms; /* the next SUBSCRIBE, in this dialog or a new one */
	int64_t ask_ms;     /* not before */
	int64_t tell_ms, told_ms;
};

/** Somebody joined or left: when is B to be told? */
void chat_conference_changed(struct chat_conference *f);

#endif
