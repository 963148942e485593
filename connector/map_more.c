/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Several short messages in one dialogue: from the second on, sm-RP-DA and sm-RP-OA may say noSM-RP-DA and
 * noSM-RP-OA (TS 29.002 7.6.8.1, 7.6.8.2) and mean those of the first. Bounded; the oldest gives way.
 */

#include "map_receive_int.h"

#include <osmocom/core/talloc.h>

static struct map_more *more_find(const struct map_receive *receive, uint64_t handle)
{
	struct map_more *more;

	hash_for_each_possible(receive->more_by_handle, more, by_handle, handle)
	{
		if (more->handle == handle)
			return more;
	}
	return NULL;
}

static void more_free(struct map_receive *receive, struct map_more *more)
{
	hash_del(&more->by_handle);
	llist_del(&more->entry);
	receive->n_more--;
	talloc_free(more);
}

void map_more_free_all(struct map_receive *receive)
{
	while (!llist_empty(&receive->more))
		more_free(receive, llist_first_entry(&receive->more, struct map_more, entry));
}

static void more_add(struct map_receive *receive, uint64_t handle, const char *imsi,
		     const struct sms_address *sc_address)
{
	struct map_more *more = more_find(receive, handle);

	if (!more && receive->n_more >= MORE_MAX)
		more_free(receive, llist_first_entry(&receive->more, struct map_more, entry));
	if (!more) {
		more = talloc_zero(receive, struct map_more);
		if (!more)
			return;
		more->handle = handle;
		hash_add(receive->more_by_handle, &more->by_handle, handle);
		llist_add_tail(&more->entry, &receive->more);
		receive->n_more++;
	}
	strcpy(more->imsi, imsi);
	more->sc_address = *sc_address;
}

bool map_more_resolve(struct map_receive *receive, uint64_t handle, const struct map_indication *i,
		      char imsi[MAP_IMSI_SIZE], struct sms_address *sc_address)
{
	const struct map_forward_sm *f = &i->argument->forward_sm;
	struct map_more *more = more_find(receive, handle);

	imsi[0] = '\0';
	*sc_address = (struct sms_address){0};
	if (f->sm_rp_da.type == MAP_RP_IMSI)
		strcpy(imsi, f->sm_rp_da.imsi);
	else if (f->sm_rp_da.type == MAP_RP_NONE && more)
		strcpy(imsi, more->imsi);
	if (f->sm_rp_oa.type == MAP_RP_SERVICE_CENTRE)
		*sc_address = f->sm_rp_oa.address;
	else if (f->sm_rp_oa.type == MAP_RP_NONE && more)
		*sc_address = more->sc_address;
	if (i->more)
		more_add(receive, handle, imsi, sc_address);
	else if (more)
		more_free(receive, more);
	return *imsi;
}
