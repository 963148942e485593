/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Tags of dialogs (RFC 3261 19.3): at least 32 random bits; here 64, because
 * they also keep others from guessing a dialog. */

#include <stdio.h>
#include <sys/random.h>

#include "chat_tag.h"

static const char prefix[] = "gw-";

enum { PREFIX_LEN = sizeof(prefix) - 1 };

void chat_tag_new(char tag[CHAT_TAG_LEN + 1])
{
	uint64_t random = 0;

	while(getrandom(&random, sizeof(random), 0) != sizeof(random))
		;
	snprintf(tag, CHAT_TAG_LEN + 1, "%s%016llx", prefix,
			(unsigned long long)random);
}

bool chat_tag_ours(struct view tag)
{
	if(tag.len != CHAT_TAG_LEN || memcmp(tag.p, prefix, PREFIX_LEN))
		return false;
	for(size_t i = PREFIX_LEN; i < tag.len; i++) {
		if(!tag.p[i] || !strchr("0123456789abcdef", tag.p[i]))
			return false;
	}
	return true;
}
