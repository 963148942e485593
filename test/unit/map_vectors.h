/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "test.h"

/* Files of test/vectors: a vector a line, "name hex", lines with # left out. Run from the top of the project. */

enum { VECTOR_LINE_MAX = 4096 };

struct vector {
	char name[64], hex[VECTOR_LINE_MAX];
};

/** The next vector of f. @return false at the end */
static inline bool vector_next(FILE *f, struct vector *v)
{
	static char line[VECTOR_LINE_MAX + 64];

	while (fgets(line, sizeof(line), f))
		if (line[0] != '#' && sscanf(line, "%63s %4095s", v->name, v->hex) == 2)
			return true;
	return false;
}

static inline FILE *vectors_open(const char *path)
{
	FILE *f = fopen(path, "r");

	CHECK(f != NULL, "%s cannot be opened", path);
	return f;
}

/** The vector with that name. @return false, and a failed check, if there is none */
static inline bool vector_find(const char *path, const char *name, struct vector *v)
{
	FILE *f = vectors_open(path);
	bool found = false;

	while (f && !found && vector_next(f, v))
		found = strcmp(v->name, name) == 0;
	if (f)
		fclose(f);
	CHECK(found, "no vector %s", name);
	return found;
}
