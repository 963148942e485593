/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "transfer.h"

/* Charsets that the system's iconv knows, one character at a time. For the files of lib/cpm only. */

enum { CHARSET_NAME_MAX = 40 };

struct charset_reader {
	void *iconv;
	char in[32]; /* read, but not converted */
	size_t n_in;
	bool in_ended, ended;
	uint8_t out[160];
	struct view ready; /* converted, in out */
};

/**
 * What was opened must be closed.
 * @return 0, -ENOTSUP (not known, or no name that a MIME charset can have), -ENOMEM
 */
int charset_open(struct charset_reader *r, struct view name);

/** @return 1 (one character), 0 (end), -EBADMSG (of transfer_next()), -EILSEQ */
int charset_next(struct charset_reader *r, struct transfer *t, uint32_t *cp);

void charset_close(struct charset_reader *r);
