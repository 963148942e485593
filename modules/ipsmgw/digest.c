/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Keys that recognise a repeated message (MD5 out of Kamailio's core: a
 * fingerprint, not a secret), and random octets for ids. */

#include <sys/random.h>

#include "core/crypto/md5.h"
#include "core/globals.h"
#include "core/pt.h"

#include "digest.h"

void digest(const struct view *parts, size_t n, uint8_t out[DIGEST_OCTETS])
{
	MD5_CTX ctx;

	MD5Init(&ctx);
	for(size_t i = 0; i < n; i++) {
		uint32_t len = (uint32_t)parts[i].len;

		U_MD5Update(&ctx, (const unsigned char *)&len, sizeof(len));
		if(len)
			U_MD5Update(&ctx, parts[i].p, len);
	}
	U_MD5Final(out, &ctx);
}

/* One call of the kernel for many ids. */
int random_octets(void *p, size_t octets)
{
	static uint8_t pool[1024];
	static size_t left;
	static int owner;

	if(octets > sizeof(pool))
		return -EINVAL;
	if(owner != my_pid() || left < octets) {
		left = 0;
		if(getrandom(pool, sizeof(pool), 0) != (ssize_t)sizeof(pool))
			return -EIO;
		left = sizeof(pool);
		owner = my_pid();
	}
	left -= octets;
	memcpy(p, pool + left, octets);
	return 0;
}
