/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* SCCP management messages: Q.713 5. */

#include "map/sccp_management.h"

#include "test.h"

static const struct {
	const char *name, *hex;
	struct sccp_management m;
} cases[] = {
	{"SST of MSC at 0.23.1", "03 08 b9 00 00", {SCCP_SUBSYSTEM_TEST, 8, 185, 0, 0}},
	{"SSA of HLR", "01 06 b9 00 00", {SCCP_SUBSYSTEM_ALLOWED, 6, 185, 0, 0}},
	{"SSP, highest point code", "02 95 ff 3f 01", {SCCP_SUBSYSTEM_PROHIBITED, 149, 0x3fff, 1, 0}},
	{"SOR", "04 08 01 02 02", {SCCP_SUBSYSTEM_OUT_OF_SERVICE_REQUEST, 8, 0x201, 2, 0}},
	{"SOG", "05 08 01 02 03", {SCCP_SUBSYSTEM_OUT_OF_SERVICE_GRANT, 8, 0x201, 3, 0}},
	{"SSC", "06 01 b9 00 00 08", {SCCP_SUBSYSTEM_CONGESTED, 1, 185, 0, 8}},
};

static const struct {
	const char *name, *hex;
	int rc;
} bad[] = {
	{"empty", "", -EBADMSG},
	{"type 0", "00 08 b9 00 00", -ENOTSUP},
	{"type 7", "07 08 b9 00 00", -ENOTSUP},
	{"an octet too many", "03 08 b9 00 00 00", -EBADMSG},
	{"SSC without its level", "06 01 b9 00 00", -EBADMSG},
};

static bool same(const struct sccp_management *a, const struct sccp_management *b)
{
	return a->type == b->type && a->ssn == b->ssn && a->pc == b->pc && a->multiplicity == b->multiplicity &&
	       a->congestion == b->congestion;
}

static void check_decode(const char *name, struct view in, const struct sccp_management *want)
{
	struct sccp_management got;

	CHECK(sccp_management_decode(in, &got) == 0 && same(&got, want), "%s", name);
	for (size_t n = 0; n < in.len; n++) {
		uint8_t *prefix = malloc(n ? n : 1);

		memcpy(prefix, in.p, n);
		CHECK(sccp_management_decode((struct view){prefix, n}, &got) == -EBADMSG, "%s: prefix %zu", name, n);
		free(prefix);
	}
}

static void check_encode(const char *name, struct view want, const struct sccp_management *m)
{
	uint8_t out[16];

	for (size_t size = 0; size <= want.len; size++) {
		struct wbuf w = wbuf_of(out, size);
		int rc;

		out[size] = 0xaa;
		rc = sccp_management_encode(&w, m);
		if (size < want.len)
			CHECK(rc == -ENOSPC && w.len == 0 && out[size] == 0xaa, "%s: size %zu", name, size);
		else
			CHECK(rc == 0 && view_eq(wbuf_written(&w), want), "%s", name);
	}
}

static void test_bounds(void)
{
	static const struct sccp_management wrong[] = {
		{0, 8, 185, 0, 0}, {7, 8, 185, 0, 0}, {SCCP_SUBSYSTEM_TEST, 8, 0x4000, 0, 0},
		{SCCP_SUBSYSTEM_TEST, 8, 185, 4, 0}, {SCCP_SUBSYSTEM_CONGESTED, 8, 185, 0, 16},
	};
	struct sccp_management got;
	uint8_t *in, out[16];
	size_t len;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out));

		CHECK(sccp_management_encode(&w, &wrong[i]) == -EINVAL && w.len == 0, "wrong %zu", i);
	}
	in = test_hex("03 08 ff ff ff", &len); /* spare bits */
	CHECK(sccp_management_decode((struct view){in, len}, &got) == 0 && got.pc == 0x3fff && got.multiplicity == 3, "spare bits");
	free(in);
}

int main(void)
{
	size_t len;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *in = test_hex(cases[i].hex, &len);

		check_decode(cases[i].name, (struct view){in, len}, &cases[i].m);
		check_encode(cases[i].name, (struct view){in, len}, &cases[i].m);
		free(in);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *in = test_hex(bad[i].hex, &len);
		struct sccp_management got;

		CHECK(sccp_management_decode((struct view){in, len}, &got) == bad[i].rc, "%s", bad[i].name);
		free(in);
	}
	test_bounds();
	return test_end("sccp_management");
}
