/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <fcntl.h>

#include "../../lib/store/store_clock.h"
#include "store_fixture.h"

/* What a writer notes of its clock, and what the next one makes of it. */

#define BOOT "0123abcd-0123-4567-89ab-0123456789ab"
#define LATER_BOOT "0123abcd-0123-4567-89ab-0123456789ac"

static const struct {
	const char *name;
	const char *boot; /* of the reader */
	int64_t origin_ms, offset_ms;
	bool same, set; /* in all it was set by as much as before */
} cases[] = {
	{"the next process", BOOT, 1795377174000, 1795477174001, true, true},
	{"a clock that was set back before 1970", BOOT, 0, -100000000, true, true},
	{"the widest", BOOT, 1 - INT64_MAX / 4, INT64_MAX / 4 - 1, true, true},
	{"no time", BOOT, 1, INT64_MAX / 4, false, false},
	{"nor this", BOOT, INT64_MIN, 1, false, false},
	{"after a boot", LATER_BOOT, 1, 3600002, false, true},
	{"the system does not tell", "", 1, 3600002, false, true},
};

static void test_note(size_t i)
{
	struct store_clock c = {BOOT, cases[i].origin_ms, cases[i].offset_ms}, next = {.origin_ms = 7, .offset_ms = 8};
	bool same = cases[i].same;
	struct fixture f;

	fixture_start(&f);
	fixture_open(&f);
	strcpy(next.boot, cases[i].boot);
	CHECK(!store_clock_read(f.s, &next), "%s: of a new file", cases[i].name);
	CHECK(!store_clock_write(f.s, &(struct store_clock){BOOT, INT64_MIN, INT64_MIN}), "%s", cases[i].name);
	CHECK(!store_clock_write(f.s, &c), "%s", cases[i].name);
	fixture_reopen(&f);
	CHECK(store_clock_read(f.s, &next) == same, "%s", cases[i].name);
	CHECK(next.origin_ms == (same ? c.origin_ms : cases[i].set ? 8 - (c.offset_ms - c.origin_ms) : 7), "%s: origin %lld",
	      cases[i].name, (long long)next.origin_ms);
	CHECK(next.offset_ms == (same ? c.offset_ms : 8), "%s: offset %lld", cases[i].name, (long long)next.offset_ms);
	fixture_end(&f);
}

/** Every shorter file, and what is no line of ours. */
static void test_damaged(const char *text, size_t len)
{
	struct store_clock c = {BOOT, 7, 8};
	struct fixture f;
	char name[128];
	int fd;

	fixture_start(&f);
	fixture_open(&f);
	snprintf(name, sizeof(name), "%s.lock", f.path);
	fd = open(name, O_WRONLY | O_TRUNC);
	CHECK(fd >= 0 && write(fd, text, len) == (ssize_t)len, "%s", name);
	close(fd);
	CHECK(!store_clock_read(f.s, &c) && c.origin_ms == 7 && c.offset_ms == 8, "read: %.*s", (int)len, text);
	fixture_end(&f);
}

int main(void)
{
	static const char line[] = BOOT "                   12                   34\n", junk[300] = BOOT " x";

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_note(i);
	for (size_t len = 0; len < sizeof(line) - 1; len++)
		test_damaged(line, len);
	test_damaged(junk, sizeof(junk));
	test_damaged(junk + 100, 200);
	return test_end("store_clock");
}
