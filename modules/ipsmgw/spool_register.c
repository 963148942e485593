/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Registrations in the spool process: what ipsmgw_register() read is applied in
 * one transaction, all of it or nothing. */

#include "ipsmgw.h"
#include "spool_int.h"

static int change_apply(const struct registration_change *c, int64_t now_ms)
{
	if(c->clear)
		return store_registration_clear(
				spool_store, c->contact.a, c->contact.learned_from);
	return store_registration_set(spool_store, &c->contact, now_ms);
}

static int registration_apply(struct event *e)
{
	const struct post_registration *p = e->registration;
	int rc = 0;

	if(p->post.state == POST_ABANDONED) {
		e->result = -ECANCELED; /* 503 was said */
		return 0;
	}
	for(unsigned i = 0; rc == 0 && i < p->n_changes; i++)
		rc = change_apply(&p->changes[i], e->now_ms);
	return rc;
}

static void registration_after(struct event *e)
{
	mailbox_done(&e->registration->post, e->result);
}

static void registration_failed(struct event *e)
{
	mailbox_done(&e->registration->post, -EIO);
}

/* clang-format off */
const struct event_ops spool_register_ops[EV_TYPES] = {
	[EV_REGISTRATION] = {registration_apply, registration_after, registration_failed},
};
/* clang-format on */
