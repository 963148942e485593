/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/cpm_id.h"
#include "test.h"

static const struct {
	const char *id;
	bool valid;
} cases[] = {
	/* forms seen on the wire, spec 2.1 */
	{"4f93f0fe-86d6-462c-9ba2-e4bc3d1cafcc", true},
	{"6b79b8bc937e4985b1dffd062b687bd7", true},
	{"1710887c7ca47dc2c1274c11673eb0df5a604fd3", true},
	{"ec1d9638-f7cd-1038-9be9-a9c315c70d3a", true},
	{"PH7qAIV8cgH5", true},
	{"1088", true},
	{"a+b/c=d_e-f", true},
	{"x", true},
	{"f81d4fae@host.example", true},
	{"", false},
	{" x", false},
	{"x ", false},
	{"a b", false},
	{"a\tb", false},
	{"a\r\nTo: b", false},
	{"a\"b", false},
	{"a,b", false},
	{"a;b", false},
	{"<a>", false},
	{"a>", false},
	{"a\x7f", false},
	{"\xc3\xa9", false},
};

static void test_valid(void)
{
	uint8_t *id = malloc(CPM_ID_MAX + 1);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(cpm_id_valid(view_str(cases[i].id)) == cases[i].valid, "'%s'", cases[i].id);
	CHECK(!cpm_id_valid((struct view){NULL, 0}), "absent");
	CHECK(!cpm_id_valid(VIEW("a\0b")), "NUL");

	memset(id, 'a', CPM_ID_MAX + 1);
	CHECK(cpm_id_valid((struct view){id, CPM_ID_MAX}), "longest");
	CHECK(!cpm_id_valid((struct view){id, CPM_ID_MAX + 1}), "one too long");
	free(id);
}

static const struct {
	uint8_t random[16];
	const char *id;
} uuids[] = {
	{{0}, "00000000-0000-4000-8000-000000000000"},
	{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	 "ffffffff-ffff-4fff-bfff-ffffffffffff"},
	{{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef},
	 "01234567-89ab-4def-8123-456789abcdef"},
};

static void test_uuid(void)
{
	for (size_t i = 0; i < sizeof(uuids) / sizeof(uuids[0]); i++) {
		char *out = malloc(CPM_UUID_LEN + 1); /* exact: one octet more would be seen */

		cpm_id_from_random(uuids[i].random, out);
		CHECK(strcmp(out, uuids[i].id) == 0, "%s", out);
		CHECK(strlen(out) == CPM_UUID_LEN && cpm_id_valid(view_str(out)), "%s", out);
		free(out);
	}
}

int main(void)
{
	test_valid();
	test_uuid();
	return test_end("cpm_id");
}
