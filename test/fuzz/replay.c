/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Gives a fuzzer's corpus to the fuzzer's function once, without libFuzzer: each file of the
 * directory whole and cut off after each octet, always in a heap block of exactly that size. A bad
 * access ends the program (ASan, UBSan), and so does a broken invariant (abort).
 */

#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 65536
#define PREFIX_MAX 512 /* longer files are tried whole and at their first cuts only */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_exact(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int replay_file(const char *path)
{
	static uint8_t data[FILE_MAX];
	FILE *f = fopen(path, "rb");
	size_t size;

	if (!f)
		return -1;
	size = fread(data, 1, sizeof(data), f);
	fclose(f);

	for (size_t cut = 0; cut < size && cut <= PREFIX_MAX; cut++)
		replay_exact(data, cut);
	replay_exact(data, size);
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	unsigned passed = 0, failed = 0;
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	dir = argc == 2 ? opendir(argv[1]) : NULL;
	while (dir && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], e->d_name);
		if (replay_file(path) == 0)
			passed++;
		else
			failed++;
	}
	if (dir)
		closedir(dir);
	if (passed == 0)
		failed++; /* an empty corpus shows nothing */
	printf("%s: %u passed, %u failed\n", name, passed, failed);
	return failed != 0;
}
