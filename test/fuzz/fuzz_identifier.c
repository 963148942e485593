/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What names somebody or something in a header: telephone numbers, identities, instances, legs, contacts, ids, MSRP
 * URIs and paths, media types. Two lines of input are the two values that some of them take.
 */

#include <stdio.h>
#include <stdlib.h>

#include "../../lib/cpm/capabilities.h"
#include "../../lib/cpm/content.h"
#include "../../lib/cpm/cpm_id.h"
#include "../../lib/cpm/field.h"
#include "../../lib/cpm/impu.h"
#include "../../lib/cpm/instance.h"
#include "../../lib/cpm/leg.h"
#include "../../lib/cpm/phone.h"
#include "../../lib/msrp/msrp_uri.h"

enum { MEMBERS_MAX = 8192 };

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_inside(struct view part, struct view whole)
{
	require(part.len == 0 || (part.p >= whole.p && part.p + part.len <= whole.p + whole.len));
}

static void check_phone(struct view uri)
{
	char number[PHONE_MAX], again[PHONE_MAX], tel[PHONE_MAX + 4];
	int rc = phone_from_uri(uri, number);

	require(rc == 0 || rc == -ENOENT || rc == -EBADMSG);
	if (rc)
		return;
	require(strlen(number) < PHONE_MAX && strspn(number + (number[0] == '+'), "0123456789") > 0);
	require(number[(number[0] == '+') + strspn(number + (number[0] == '+'), "0123456789")] == '\0');
	require(phone_is_same(number, number));
	snprintf(tel, sizeof(tel), "tel:%s", number);
	require(number[0] != '+' || (phone_from_uri(view_str(tel), again) == 0 && !strcmp(number, again)));
}

static void check_impu(struct view uri)
{
	char id[IMPU_MAX], again[IMPU_MAX];
	int rc = impu_from_uri(uri, id);

	require(rc == 0 || rc == -ENOENT || rc == -ENOSPC);
	if (rc)
		return;
	require(strlen(id) < IMPU_MAX && strchr(id, '@') && !strncmp(id, "sip:", 4));
	require(impu_from_uri(view_str(id), again) == 0 && !strcmp(id, again));
}

static void check_instance(struct view name_addr)
{
	uint8_t octets[CPM_INSTANCE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	int rc = cpm_instance(name_addr, &w);

	require((rc == 0 && w.len) || ((rc == -ENOENT || rc == -ENOSPC) && !w.len));
	for (size_t i = 0; i < w.len; i++)
		require(octets[i] > ' ' && octets[i] <= '~' && !strchr("<>\"\\", octets[i]));
}

static void check_contact(struct view value)
{
	struct view list = value, member;
	struct cpm_contact c;
	unsigned all = cpm_capabilities_of_contact(value), n = 0;

	while (field_list_next(&list, ",", &member)) {
		require(++n < MEMBERS_MAX);
		require_inside(member, value);
		if (cpm_contact_read(member, &c))
			continue;
		require_inside(c.uri, member);
		require_inside(c.instance, member);
		require((c.capabilities & ~all) == 0);
	}
}

static void check_fields(struct view in)
{
	struct view left = in;
	struct field f;
	int rc;

	while ((rc = field_next(&left, &f)) == 1) {
		require_inside(f.name, in);
		require_inside(f.value, in);
		require(view_eq(field_trim(f.value), f.value) && f.name.len);
		require(field_number(f.value) >= -1);
	}
	require(rc == 0 || rc == -EAGAIN || rc == -EBADMSG);
}

static void check_media_type(struct view value)
{
	require_inside(media_type_param(value, "charset"), value);
	require_inside(media_type_param(value, "boundary"), value);
	require(!(media_type_is(value, "text/plain") && media_type_is(value, "message/cpim")));
}

static void check_msrp(struct view a, struct view b)
{
	struct msrp_uri first, last, one, two;
	bool is_one = msrp_uri_decode(a, &one) == 0, is_two = msrp_uri_decode(b, &two) == 0;

	if (is_one) {
		require_inside(one.host, a);
		require_inside(one.session, a);
		require(one.host.len && one.port <= UINT16_MAX && one.session.len <= MSRP_SESSION_MAX);
		require(msrp_uri_equal(&one, &one, false) && msrp_uri_equal(&one, &one, true) == (one.session.len > 0));
		require(msrp_path_first(a, &first) == 0 && msrp_path_last(a, &last) == 0);
	}
	if (is_one && is_two) {
		require(msrp_uri_equal(&one, &two, false) == msrp_uri_equal(&two, &one, false));
		require(msrp_uri_equal(&one, &two, true) == msrp_uri_equal(&two, &one, true));
	}
	msrp_path_first(a, &first);
	msrp_path_last(a, &last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *lf = size ? memchr(data, '\n', size) : NULL;
	struct view all = {data, size}, a = {data, lf ? (size_t)(lf - data) : size};
	struct view b = lf ? (struct view){lf + 1, size - a.len - 1} : VIEW("");
	enum cpm_leg leg = cpm_leg(a, b);

	require(leg == CPM_LEG_ORIG || leg == CPM_LEG_TERM);
	check_phone(a);
	check_impu(a);
	check_instance(a);
	check_contact(a);
	check_fields(all);
	check_media_type(a);
	check_msrp(a, b);
	require(!cpm_id_valid(a) || (a.len && a.len <= CPM_ID_MAX));
	return 0;
}
