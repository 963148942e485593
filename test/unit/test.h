/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A test is a table of cases, one loop, and these. main() ends with: return test_end("gsm7"); */

static unsigned test_passed, test_failed;

/** Count one check; a failing one is printed with its place and the words that follow. */
#define CHECK(cond, ...)                                                                                               \
	do {                                                                                                           \
		if (cond) {                                                                                            \
			test_passed++;                                                                                 \
		} else {                                                                                               \
			test_failed++;                                                                                 \
			printf("FAIL %s:%d: %s: ", __FILE__, __LINE__, #cond);                                         \
			printf(__VA_ARGS__);                                                                           \
			putchar('\n');                                                                                 \
		}                                                                                                      \
	} while (0)

/** Octets of "06 2A 0b" in an exact-size heap block (so that ASan sees every overrun); free() it. */
static inline uint8_t *test_hex(const char *hex, size_t *len)
{
	uint8_t *out = malloc(strlen(hex) / 2 + 1), *shrunk;
	unsigned x;
	int n;

	*len = 0;
	for (; sscanf(hex, " %2x%n", &x, &n) == 1; hex += n)
		out[(*len)++] = (uint8_t)x;
	shrunk = realloc(out, *len ? *len : 1);
	return shrunk ? shrunk : out;
}

static inline void test_print_hex(const char *name, const void *p, size_t len)
{
	printf("  %s:", name);
	for (size_t i = 0; i < len; i++)
		printf(" %02x", ((const uint8_t *)p)[i]);
	putchar('\n');
}

static inline int test_end(const char *name)
{
	printf("%s: %u passed, %u failed\n", name, test_passed, test_failed);
	return test_failed || !test_passed;
}
