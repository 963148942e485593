/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Reading the database outside the spool process. A WAL lets readers be beside
 * the writer: neither waits for the other. */

#include "core/dprint.h"

#include "../../lib/cpm/impu.h"
#include "ipsmgw.h"
#include "store_reader.h"

struct store *store_reader(char *why, size_t size)
{
	static struct store *store;

	if(!store && store_open_read(&store, ipsmgw_cfg.db_path, why, size))
		LM_ERR("%s\n", why);
	return store;
}

int store_reader_number(struct view uri, char a[PHONE_MAX])
{
	char impu[IMPU_MAX], why[256], number[STORE_NUMBER_MAX];
	struct store *s;
	int rc;

	if(impu_from_uri(uri, impu))
		return -ENOENT;
	s = store_reader(why, sizeof(why));
	if(!s)
		return -EIO;
	rc = store_read_identity(s, impu, ipsmgw_now_ms(), number);
	if(rc == -EIO)
		LM_ERR("%s: %s\n", ipsmgw_cfg.db_path, store_error(s));
	if(rc == 0)
		snprintf(a, PHONE_MAX, "%.*s", PHONE_MAX - 1, number);
	return rc;
}
