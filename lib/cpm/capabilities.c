/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Feature tags of a registered contact (RFC 3840, TS 24.229 7.9, spec 1.2): lists of service URNs
 * in +g.3gpp.icsi-ref, compared as whole tokens, and tags that stand for themselves. A contact that
 * can do a group service is not thereby one that can do the service itself.
 */

#include "capabilities.h"
#include "cpim.h"
#include "field.h"

#define ICSI "urn:urn-7:3gpp-service.ims.icsi."

struct named_bit {
	const char *name; /* lower case, without '+' */
	enum cpm_capability bit;
};

static const struct named_bit services[] = {
	{ICSI "oma.cpm.msg", CPM_CAPABILITY_CPM_MSG},
	{ICSI "oma.cpm.largemsg", CPM_CAPABILITY_CPM_LARGE},
	{ICSI "oma.cpm.session", CPM_CAPABILITY_CPM_SESSION},
};

static const struct named_bit tags[] = {
	{"g.oma.sip-im", CPM_CAPABILITY_IM},
	{"g.oma.sip-im.large-message", CPM_CAPABILITY_IM_LARGE},
	{"g.3gpp.smsip", CPM_CAPABILITY_SMSIP},
	{"g.gsma.rcs.cpm.pager-large", CPM_CAPABILITY_CPM_PAGER_LARGE},
};

static struct view without(struct view v, uint8_t open, uint8_t close)
{
	v = field_trim(v);
	if (v.len == 0 || v.p[0] != open)
		return v;
	v = view_skip(v, 1);
	if (v.len && v.p[v.len - 1] == close)
		v.len--;
	return field_trim(v);
}

static void services_read(struct cpm_contact *c, struct view list)
{
	struct view urn;

	while (field_list_next(&list, ",;", &urn))
		for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
			if (field_token_is(without(urn, '<', '>'), services[i].name))
				c->capabilities |= services[i].bit;
}

/* RFC 3840 9: present, or with the value TRUE; FALSE and !TRUE say the opposite. */
static void tag_read(struct cpm_contact *c, struct view name, struct view value)
{
	if (view_ieq(value, VIEW("FALSE")) || (value.len && value.p[0] == '!'))
		return;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (view_ieq(name, view_str(tags[i].name)))
			c->capabilities |= tags[i].bit;
}

void cpm_contact_param(struct cpm_contact *c, struct view name, struct view value)
{
	name = field_trim(name);
	value = without(value, '"', '"');
	if (name.len && name.p[0] == '+')
		name = view_skip(name, 1);
	if (view_ieq(name, VIEW("g.3gpp.icsi-ref")))
		services_read(c, value);
	else if (view_ieq(name, VIEW("sip.instance")))
		c->instance = without(value, '<', '>');
	else if (view_ieq(name, VIEW("expires")))
		c->expires_s = field_number(value);
	else
		tag_read(c, name, value);
}

int cpm_contact_read(struct view member, struct cpm_contact *out)
{
	struct view address = VIEW(""), param;

	*out = (struct cpm_contact){.expires_s = -1};
	field_list_next(&member, ";", &address);
	out->uri = cpim_uri(address);
	while (field_list_next(&member, ";", &param)) {
		struct field f = field_param(param);

		cpm_contact_param(out, f.name, f.value);
	}
	return out->uri.len ? 0 : -EBADMSG;
}

unsigned cpm_capabilities_of_contact(struct view value)
{
	struct cpm_contact c;
	struct view member;
	unsigned bits = 0;

	while (field_list_next(&value, ",", &member))
		if (cpm_contact_read(member, &c) == 0)
			bits |= c.capabilities;
	return bits;
}
