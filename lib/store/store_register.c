/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stdio.h>

#include "store_int.h"

/*
 * What A's clients registered (spec 1.5, 9.2): a row for each contact, and one with the empty key
 * that says only that A is registered and at which S-CSCF. A row counts until its own time is over.
 * Kamailio's S-CSCF never writes SIMPLE IM tags into a reg-event NOTIFY, so what a NOTIFY says adds to
 * what a REGISTER said and takes nothing away.
 */

static int contact_remove(struct store *s, const struct store_contact *c)
{
	struct query q = query_of(s, STMT_REGISTRATION_REMOVE);

	query_text(&q, c->a);
	query_text(&q, c->key);
	return query_done(&q);
}

int store_registration_set(struct store *s, const struct store_contact *c, int64_t now_ms)
{
	struct query q = query_of(s, STMT_REGISTRATION_SET);
	int err = store_writing(s);

	if (err)
		return err;
	if (!*c->a)
		return -EINVAL;
	if (c->expires_ms <= now_ms)
		return contact_remove(s, c);
	query_text(&q, c->a);
	query_text(&q, c->key);
	query_int(&q, c->bits);
	query_int(&q, c->expires_ms);
	query_text(&q, c->scscf);
	query_int(&q, c->learned_from);
	query_int(&q, now_ms);
	return query_done(&q);
}

int store_registration_clear(struct store *s, const char *a, enum store_learned at_least)
{
	struct query q = query_of(s, STMT_REGISTRATION_CLEAR);
	int err = store_writing(s);

	if (err)
		return err;
	query_text(&q, a);
	query_int(&q, at_least);
	return query_done(&q);
}

int store_registration_stale(struct store *s, const char *a, unsigned service, unsigned group)
{
	struct query q = query_of(s, STMT_REGISTRATION_STALE);
	int err = store_writing(s);

	if (err)
		return err;
	query_text(&q, a);
	query_int(&q, service);
	query_int(&q, group);
	return query_done(&q);
}

static void row_add(struct query *q, struct store_registration *out, int64_t *newest_ms)
{
	unsigned bits = (unsigned)column_int(q);
	const char *scscf = column_text(q);
	int64_t updated_ms = column_int(q);

	out->bits |= bits;
	if (!*scscf || updated_ms < *newest_ms)
		return;
	*newest_ms = updated_ms;
	snprintf(out->scscf, sizeof(out->scscf), "%s", scscf);
}

int store_registration_get(struct store *s, const char *a, int64_t now_ms,
			   struct store_registration *out)
{
	struct query q = query_of(s, STMT_REGISTRATION_GET);
	int64_t newest_ms = 0;
	int rows = 0, rc;

	*out = (struct store_registration){0};
	query_text(&q, a);
	query_int(&q, now_ms);
	for (; (rc = query_row(&q)) > 0; rows++)
		row_add(&q, out, &newest_ms);
	if (rc < 0)
		return rc;
	return rows ? 0 : -ENOENT;
}

int store_registrations_purge(struct store *s, int64_t now_ms, unsigned limit)
{
	return rows_purge(s, STMT_REGISTRATIONS_PURGE, now_ms, limit);
}
