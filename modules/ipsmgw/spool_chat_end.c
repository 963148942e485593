/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * How chat sessions are accepted by B and how they end (spec 7.4, 7.9): a table
 * of endings says what A and B hear. The number stays B's for a while.
 */

#include "core/dprint.h"

#include "ipsmgw.h"
#include "spool_chat_int.h"

#define NO_TEXT CHAT_TEXTS

struct ending {
	const char *name;       /* for the log */
	int code;               /* to an INVITE that waits; 0: by RP-Cause */
	enum chat_text_id text; /* to B */
	int cause;              /* Reason of our BYE, 0: none */
	bool late;              /* an accept keyword comes too late now */
};

/* clang-format off */
static const struct ending waiting[CHAT_ACTIONS] = {
	[CHAT_DO_REJECT] = {"declined", 603, NO_TEXT, 0, false},
	[CHAT_DO_END] = {"declined", 603, NO_TEXT, 0, false},
	[CHAT_DO_EXPIRE] = {"unanswered", 480, NO_TEXT, 0, true},
	[CHAT_DO_FAIL] = {"undeliverable", 0, NO_TEXT, 0, false},
	[CHAT_DO_CANCEL] = {"cancelled", 487, CHAT_TEXT_CANCELLED, 0, true},
	[CHAT_DO_GONE] = {"cancelled", 487, CHAT_TEXT_CANCELLED, 0, true},
	[CHAT_DO_CLOSE] = {"closed", 480, CHAT_TEXT_CANCELLED, 0, true},
};

static const struct ending running[CHAT_ACTIONS] = {
	[CHAT_DO_END] = {"left", 0, CHAT_TEXT_LEFT, 200, false},
	[CHAT_DO_EXPIRE] = {"expired", 0, CHAT_TEXT_ENDED, 480, false},
	[CHAT_DO_LOST] = {"lost", 0, CHAT_TEXT_ENDED, 0, false},
	[CHAT_DO_FAIL] = {"undeliverable", 0, NO_TEXT, 0, false},
	[CHAT_DO_CLOSE] = {"closed", 0, CHAT_TEXT_ENDED, 0, false},
	[CHAT_DO_REPLACE] = {"replaced", 0, NO_TEXT, 0, false},
	[CHAT_DO_COMPLETE] = {"complete", 0, NO_TEXT, 0, false},
	[CHAT_DO_GONE] = {"ended", 0, CHAT_TEXT_ENDED, 0, false},
	[CHAT_DO_CLOSED] = {"unanswered", 0, NO_TEXT, 0, false},
};

static const struct ending ended = {"ended", 0, NO_TEXT, 0, false};
/* clang-format on */

/* What the action means in the session's state; NULL: nothing. */
static const struct ending *ending_of(
		const struct chat_session *c, enum chat_action action)
{
	bool over = action == CHAT_DO_EXPIRE || action == CHAT_DO_GONE
			|| action == CHAT_DO_CLOSED;
	const struct ending *end;

	switch(c->s.state) {
		case CHAT_WAIT:
			end = &waiting[action];
			break;
		case CHAT_ENDING:
			return over ? &ended : NULL;
		case CHAT_OKSENT:
		case CHAT_ACTIVE:
			end = action == CHAT_DO_CLOSED ? &waiting[CHAT_DO_ACCEPT]
										   : &running[action];
			break;
		default:
			end = &running[action];
			break;
	}
	return end->name ? end : NULL;
}

/* ---- ending ---- */

static bool wants_text(const struct chat_session *c, enum chat_action action,
		const struct ending *end)
{
	if(end->text == NO_TEXT || c->s.kind > CHAT_KIND_GROUP)
		return false;
	if(c->s.state == CHAT_WAIT)
		return c->has_transaction; /* else a new process clears up */
	return action != CHAT_DO_GONE || ipsmgw_cfg.chat_notify_end;
}

int chat_end_apply(struct event *e, enum chat_action action)
{
	struct chat_session *c = e->chat.c;
	const struct ending *end = ending_of(c, action);
	bool bye = action != CHAT_DO_GONE
			&& (c->s.state == CHAT_OKSENT || c->s.state == CHAT_ACTIVE);
	struct store_session s = c->s;
	int rc;

	if(!end)
		return 0;
	s.state = bye ? CHAT_ENDING : CHAT_CLOSED;
	s.local_cseq += bye;
	rc = store_session_put(spool_store, &s, e->now_ms);
	if(rc == 0 && c->s.state != CHAT_ENDING)
		rc = chat_number_keep(e, c, end->late);
	if(rc == 0 && wants_text(c, action, end))
		rc = chat_tell(e, c, end->text);
	e->chat.kind = bye ? CHAT_STEP_ENDING : CHAT_STEP_CLOSED;
	e->chat.code = end->code ? end->code : sip_of_submit_cause(c->cause);
	e->chat.cause = end->cause;
	e->chat.name = end->name;
	return rc;
}

static void end_log(const struct chat_session *c, const struct chat_step *step)
{
	if(c->s.state == CHAT_ENDING)
		return;
	counter_inc(ipsmgw_counters.sessions_ended);
	LM_INFO("chat session=%lld conv=%s from=%s to=%s number=%s result=%s\n",
			(long long)c->s.id, c->s.conversation_id, c->s.a, c->s.b,
			c->s.number, step->name);
}

static void say_bye(struct chat_session *c, int cause)
{
	c->s.state = CHAT_ENDING;
	c->s.local_cseq++;
	c->idle_deadline_ms = c->refresh_deadline_ms = c->replaced_deadline_ms
			= INT64_MAX;
	c->state_deadline_ms = ipsmgw_mono_ms() + CHAT_ACK_MS;
	if(c->media)
		chat_media_free(c);
	chat_tx_bye(c, cause);
}

void chat_end_after(struct event *e)
{
	struct chat_session *c = e->chat.c;

	end_log(c, &e->chat);
	chat_conference_end(c);
	if(c->has_transaction) {
		chat_tx_answer(&c->transaction, e->chat.code, c->s.local_tag);
		counter_inc(ipsmgw_counters.sessions_rejected);
	}
	if(e->chat.kind == CHAT_STEP_ENDING)
		say_bye(c, e->chat.cause);
	else
		chat_drop(c);
}

/* ---- B accepts ---- */

int chat_accept_apply(struct event *e)
{
	struct chat_session *c = e->chat.c;
	struct store_session s = c->s;
	int rc;

	if(s.state != CHAT_WAIT)
		return 0;
	s.state = CHAT_OKSENT;
	s.flags |= CHAT_FLAG_ANSWERED;
	rc = store_session_put(spool_store, &s, e->now_ms);
	if(rc == 0 && c->held)
		rc = chat_first_text(e, c, c->held);
	e->chat.kind = CHAT_STEP_ACCEPT;
	return rc;
}

void chat_accept_after(struct event *e)
{
	struct chat_session *c = e->chat.c;

	c->s.flags |= CHAT_FLAG_ANSWERED;
	if(c->held) {
		c->first_message_id = e->chat.first;
		mailbox_done(&c->held->post, 0);
		c->held = NULL;
	}
	chat_accepted(c);
}
