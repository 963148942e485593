/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Service identification, spec 1.1 to 1.4: service identifiers (URNs, TS 24.229 and OMA CPM) in
 * P-Asserted-Service and P-Preferred-Service, feature tags (RFC 3840) in Accept-Contact and
 * Contact. A header that says anything at all decides; those behind it are not asked.
 */

#include "field.h"
#include "service.h"

#define ICSI "urn:urn-7:3gpp-service.ims.icsi."
#define IARI "urn:urn-7:3gpp-application.ims.iari."

/*
 * In order of preference, for values that name more than one service. A service of the other
 * method ranks behind all of these: chat clients put pager tags into an INVITE.
 */
static const struct {
	const char *name; /* lower case; a feature tag if it begins with '+', else an URN */
	enum cpm_service by_method[2];
} known[] = {
	{"+g.gsma.rcs.isbot", {CPM_SERVICE_OTHER, CPM_SERVICE_OTHER}},
	{ICSI "oma.cpm.msg", {CPM_SERVICE_CPM_PAGER, CPM_SERVICE_CPM_PAGER}},
	{ICSI "oma.cpm.msg.group", {CPM_SERVICE_CPM_PAGER_GROUP, CPM_SERVICE_CPM_PAGER_GROUP}},
	{ICSI "oma.cpm.largemsg", {CPM_SERVICE_CPM_LARGE, CPM_SERVICE_CPM_LARGE}},
	{ICSI "oma.cpm.deferred", {CPM_SERVICE_CPM_PAGER, CPM_SERVICE_CPM_LARGE}},
	{"+g.oma.sip-im.large-message", {CPM_SERVICE_IM_LARGE, CPM_SERVICE_IM_LARGE}},
	{ICSI "oma.cpm.session", {CPM_SERVICE_CPM_CHAT, CPM_SERVICE_CPM_CHAT}},
	{ICSI "oma.cpm.session.group", {CPM_SERVICE_CPM_CHAT_GROUP, CPM_SERVICE_CPM_CHAT_GROUP}},
	{"+g.oma.sip-im", {CPM_SERVICE_IM_PAGER, CPM_SERVICE_IM_CHAT}},
	{IARI "rcse.im", {CPM_SERVICE_IM_CHAT, CPM_SERVICE_IM_CHAT}},
	{ICSI "oma.cpm.filetransfer", {CPM_SERVICE_FILE_TRANSFER, CPM_SERVICE_FILE_TRANSFER}},
};

enum { N_KNOWN = sizeof(known) / sizeof(known[0]), RANK_UNKNOWN = 2 * N_KNOWN, RANK_NONE };

struct search {
	enum service_method method;
	enum cpm_service found;
	unsigned rank; /* of what was found; the lowest wins */
};

static bool is_of_method(enum cpm_service s, enum service_method method)
{
	bool pager = s == CPM_SERVICE_CPM_PAGER || s == CPM_SERVICE_CPM_PAGER_GROUP ||
		     s == CPM_SERVICE_IM_PAGER;

	return s == CPM_SERVICE_OTHER || pager == (method == SERVICE_MESSAGE);
}

/* ---- one token ---- */

static void offer(struct search *s, enum cpm_service service, unsigned rank)
{
	if (rank >= s->rank)
		return;
	s->rank = rank;
	s->found = service;
}

static void token_read(struct search *s, struct view token)
{
	if (token.len == 0 || token.p[0] == '!') /* RFC 3840: not this one */
		return;
	for (unsigned i = 0; i < N_KNOWN; i++) {
		enum cpm_service service = known[i].by_method[s->method];

		if (!field_token_is(token, known[i].name))
			continue;
		offer(s, service, is_of_method(service, s->method) ? i : N_KNOWN + i);
		return;
	}
	if (token.p[0] != '+')
		offer(s, CPM_SERVICE_OTHER, RANK_UNKNOWN);
}

/* ---- one header ---- */

static void tag_read(struct search *s, struct view member)
{
	struct field tag = field_param(member);
	struct view urn;

	if (!view_ieq(tag.name, VIEW("+g.3gpp.icsi-ref")) &&
	    !view_ieq(tag.name, VIEW("+g.3gpp.iari-ref"))) {
		if (!view_ieq(tag.value, VIEW("FALSE")))
			token_read(s, tag.name);
		return;
	}
	while (field_list_next(&tag.value, ",;", &urn))
		token_read(s, urn);
}

static void header_read(struct search *s, const struct service_header *h)
{
	bool urns = h->kind == SERVICE_HDR_ASSERTED || h->kind == SERVICE_HDR_PREFERRED;
	struct view rest = h->value, member;

	while (field_list_next(&rest, ",;", &member)) {
		/* spec 1.2 rule 8: some write a tag where an URN belongs */
		if (member.len && member.p[0] == '+')
			tag_read(s, member);
		else if (urns)
			token_read(s, member);
	}
	/* Contact lists what the sender can do, so it says nothing about a service of the other method. */
	if (h->kind == SERVICE_HDR_CONTACT && s->rank >= N_KNOWN)
		*s = (struct search){.method = s->method, .rank = RANK_NONE};
}

enum cpm_service service_classify(enum service_method method, const struct service_header *h,
				  size_t n)
{
	for (int kind = SERVICE_HDR_ASSERTED; kind <= SERVICE_HDR_CONTACT; kind++) {
		struct search s = {.method = method, .rank = RANK_NONE};

		for (size_t i = 0; i < n; i++)
			if ((int)h[i].kind == kind)
				header_read(&s, &h[i]);
		if (s.found != CPM_SERVICE_NONE)
			return s.found;
	}
	return CPM_SERVICE_NONE;
}

/* ---- what we call it and what we write ---- */

#define TAG(service) "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi." service "\""

/* Towards A a message to a list is answered one to one: group pager gives the plain pager service. */
static const struct {
	const char *name, *asserted, *accept_contact;
} written[] = {
	[CPM_SERVICE_NONE] = {"none", "", ""},
	[CPM_SERVICE_CPM_PAGER] = {"cpm-pager", ICSI "oma.cpm.msg", TAG("oma.cpm.msg")},
	[CPM_SERVICE_CPM_PAGER_GROUP] = {"cpm-pager-group", ICSI "oma.cpm.msg", TAG("oma.cpm.msg")},
	[CPM_SERVICE_IM_PAGER] = {"im-pager", "", "*;+g.oma.sip-im"},
	[CPM_SERVICE_CPM_LARGE] = {"cpm-large", ICSI "oma.cpm.largemsg", TAG("oma.cpm.largemsg")},
	[CPM_SERVICE_IM_LARGE] = {"im-large", "", "*;+g.oma.sip-im.large-message"},
	[CPM_SERVICE_CPM_CHAT] = {"cpm-chat", ICSI "oma.cpm.session", TAG("oma.cpm.session")},
	[CPM_SERVICE_CPM_CHAT_GROUP] = {"cpm-chat-group", ICSI "oma.cpm.session.group",
					TAG("oma.cpm.session.group")},
	[CPM_SERVICE_IM_CHAT] = {"im-chat", "", "*;+g.oma.sip-im"},
	[CPM_SERVICE_FILE_TRANSFER] = {"file-transfer", "", ""},
	[CPM_SERVICE_OTHER] = {"other", "", ""},
};

const char *service_name(enum cpm_service s)
{
	return written[s].name;
}

const char *service_asserted(enum cpm_service s)
{
	return written[s].asserted;
}

const char *service_accept_contact(enum cpm_service s)
{
	return written[s].accept_contact;
}
