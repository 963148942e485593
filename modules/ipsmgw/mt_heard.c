/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* A ring: what is older than HEARD_MAX acknowledgements is forgotten, and
 * counts as not heard. */

#include "ipsmgw.h"
#include "mt_heard.h"

enum {
	HEARD_MAX = 2048,
	SOON_MS = 5000 /* no SMSC gives up a deliver_sm before */
};

static struct heard {
	int64_t message_id;
	uint64_t generation, ref;
	uint32_t session;
	bool soon;
} ring[HEARD_MAX];

static unsigned next;

void mt_heard_add(const struct mt *m)
{
	for(unsigned i = 0; i < m->n_refs; i++) {
		const struct mt_ref *r = &m->refs[i];

		ring[next] = (struct heard){
				.message_id = m->message_id,
				.generation = r->generation,
				.ref = r->ref,
				.session = r->session,
				.soon = ipsmgw_mono_ms() - r->since_ms < SOON_MS,
		};
		next = (next + 1) % HEARD_MAX;
	}
}

/* From the newest on. */
static const struct heard *at(unsigned i)
{
	return &ring[(next + HEARD_MAX - 1 - i) % HEARD_MAX];
}

bool mt_heard(int64_t message_id, uint64_t generation, uint32_t session)
{
	for(unsigned i = 0; i < HEARD_MAX && at(i)->message_id; i++) {
		if(at(i)->message_id == message_id && at(i)->generation == generation
				&& at(i)->session == session)
			return at(i)->soon;
	}
	return false;
}

int64_t mt_heard_message(uint64_t generation, uint64_t ref)
{
	for(unsigned i = 0; i < HEARD_MAX && at(i)->message_id; i++) {
		if(at(i)->ref == ref && at(i)->generation == generation)
			return at(i)->message_id;
	}
	return 0;
}
