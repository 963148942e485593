/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_STORE_READER_H
#define IPSMGW_STORE_READER_H

#include "../../lib/cpm/phone.h"
#include "../../lib/store/store.h"

/*
 * The database beside the spool process: each other process reads it through a
 * handle of its own, opened when it first needs one, that lives as long as the
 * process.
 */

/** @return NULL if it cannot be opened now: why says so, and the log */
struct store *store_reader(char *why, size_t size);

/** The number that A registered together with this public user identity.
 * @return 0; -ENOENT: no SIP URI, or not known; -EIO (logged) */
int store_reader_number(struct view uri, char a[PHONE_MAX]);

#endif
