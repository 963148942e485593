/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stdlib.h>

#include "store_int.h"

/*
 * What a change made of a message, without a second look at the row: an UPDATE has all its columns in
 * hand, and gives those of store_outcome to noted(), a function of ours in SQL (SQL_NOTED), whose value is its
 * first argument. RETURNING would do the same through a table that SQLite makes for it.
 */

enum {
	NOTED_ID = 1, /* behind the value */
	NOTED_STATE,
	NOTED_IMDN_REQUEST,
	NOTED_N_SEGMENTS,
	NOTED_CREATED_MS,
	NOTED_SESSION_ID,
	NOTED_CAUSE,
	NOTED_REF_BITS,
	NOTED_TEXTS,
	NOTED_ARGUMENTS = NOTED_TEXTS + STORE_NOTED_TEXTS,
};

static bool texts_note(struct store_noted *n, sqlite3_value **v)
{
	size_t size = 0, at = 0;

	for (int i = 0; i < STORE_NOTED_TEXTS; i++)
		size += (size_t)sqlite3_value_bytes(v[i]) + 1;
	if (size > n->size) {
		free(n->text);
		n->text = malloc(size);
		n->size = n->text ? size : 0;
	}
	for (int i = 0; n->text && i < STORE_NOTED_TEXTS; i++) {
		size_t len = (size_t)sqlite3_value_bytes(v[i]);

		if (len)
			memcpy(n->text + at, sqlite3_value_blob(v[i]), len); /* it need not end in NUL */
		n->text[at + len] = '\0';
		n->at[i] = n->text + at;
		at += len + 1;
	}
	return n->text;
}

static void noted(sqlite3_context *sql, int argc, sqlite3_value **v)
{
	struct store_noted *n = sqlite3_user_data(sql);

	(void)argc;
	if (!texts_note(n, v + NOTED_TEXTS)) {
		sqlite3_result_error_nomem(sql);
		return;
	}
	n->outcome = (struct store_outcome){
		.message_id = sqlite3_value_int64(v[NOTED_ID]),
		.state = (enum message_state)sqlite3_value_int(v[NOTED_STATE]),
		.imdn_request = (unsigned)sqlite3_value_int(v[NOTED_IMDN_REQUEST]),
		.n_segments = (unsigned)sqlite3_value_int(v[NOTED_N_SEGMENTS]),
		.created_ms = sqlite3_value_int64(v[NOTED_CREATED_MS]),
		.session_id = sqlite3_value_int64(v[NOTED_SESSION_ID]),
		.cause = (unsigned)sqlite3_value_int(v[NOTED_CAUSE]),
		.a = n->at[0],
		.b = n->at[1],
		.service = n->at[2],
		.conversation_id = n->at[3],
		.contribution_id = n->at[4],
		.imdn_id = n->at[5],
		.smsc = n->at[6],
		.smsc_id = n->at[7],
	};
	n->outcome.final = outcome_is_final(&n->outcome);
	n->concatenated = sqlite3_value_int(v[NOTED_REF_BITS]) > 0;
	sqlite3_result_value(sql, v[0]);
}

int noted_setup(struct store *s)
{
	int rc = sqlite3_create_function_v2(s->db, "noted", NOTED_ARGUMENTS, SQLITE_UTF8 | SQLITE_DIRECTONLY, &s->noted,
					    noted, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : store_failed(s, "noted()");
}

int outcome_change(struct query *q, struct store_outcome *out)
{
	int err = query_change(q);

	if (!err)
		*out = q->s->noted.outcome;
	return err;
}
