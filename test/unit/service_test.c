/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/service.h"
#include "test.h"

#define URN(s)	   "urn:urn-7:3gpp-service.ims.icsi." s
#define REF(s)	   "urn%3Aurn-7%3A3gpp-service.ims.icsi." s
#define ICSI(list) "+g.3gpp.icsi-ref=\"" list "\""
#define MSG	   "oma.cpm.msg"
#define LARGE	   "oma.cpm.largemsg"
#define CHAT	   "oma.cpm.session"

/* "s:" P-Asserted-Service, "p:" P-Preferred-Service, "a:" Accept-Contact, "m:" Contact */
static const struct {
	const char *name;
	enum service_method method;
	const char *headers[4];
	enum cpm_service service;
} cases[] = {
	{"11.1", SERVICE_MESSAGE, {"s:" URN(MSG), "a:*;" ICSI(REF(MSG))}, CPM_SERVICE_CPM_PAGER},
	{"11.11", SERVICE_MESSAGE, {"a:*;+g.oma.sip-im"}, CPM_SERVICE_IM_PAGER},
	{"R-01", SERVICE_MESSAGE, {"a:*;+g.oma.sip-im", "s:" URN(MSG)}, CPM_SERVICE_CPM_PAGER},
	{"R-01, bot tag", SERVICE_MESSAGE, {"a:*;+g.gsma.rcs.isbot", "s:" URN(MSG)}, CPM_SERVICE_CPM_PAGER},
	{"R-02", SERVICE_MESSAGE, {"p:" URN(MSG)}, CPM_SERVICE_CPM_PAGER},
	{"R-05", SERVICE_INVITE, {"a:*;" ICSI(REF(MSG)), "s:" URN(CHAT)}, CPM_SERVICE_CPM_CHAT},
	{"R-05 with P-Preferred-Service",
	 SERVICE_INVITE,
	 {"p:" URN(CHAT), "a:*;" ICSI(REF(MSG))},
	 CPM_SERVICE_CPM_CHAT},
	{"R-06", SERVICE_INVITE, {"a:*;+g.oma.sip-im.large-message"}, CPM_SERVICE_IM_LARGE},
	{"R-06, both tags", SERVICE_INVITE, {"a:*;+g.oma.sip-im;+g.oma.sip-im.large-message"}, CPM_SERVICE_IM_LARGE},
	{"R-07", SERVICE_MESSAGE, {"s:" URN(MSG ".group")}, CPM_SERVICE_CPM_PAGER_GROUP},
	{"R-07, session", SERVICE_INVITE, {"a:*;" ICSI(REF(CHAT ".group"))}, CPM_SERVICE_CPM_CHAT_GROUP},
	{"R-07, longer", SERVICE_MESSAGE, {"s:" URN(MSG ".groups")}, CPM_SERVICE_OTHER},
	{"R-07, shorter", SERVICE_MESSAGE, {"s:" URN("oma.cpm.ms")}, CPM_SERVICE_OTHER},
	{"R-09", SERVICE_MESSAGE, {"a:*;audio", "a:*;+g.3gpp.smsip", "a:*;" ICSI(REF(MSG))}, CPM_SERVICE_CPM_PAGER},
	{"R-09 in one header",
	 SERVICE_MESSAGE,
	 {"a:*;audio;require, *;" ICSI(REF(MSG)) ";explicit"},
	 CPM_SERVICE_CPM_PAGER},
	{"R-10, comma", SERVICE_MESSAGE, {"a:*;" ICSI(REF("mmtel") "," REF(MSG))}, CPM_SERVICE_CPM_PAGER},
	{"R-10, semicolon", SERVICE_MESSAGE, {"a:*;" ICSI(REF("mmtel") "; " REF(MSG))}, CPM_SERVICE_CPM_PAGER},
	{"R-10, letter case",
	 SERVICE_MESSAGE,
	 {"a:*;+G.3GPP.ICSI-Ref=\"URN%3aurn-7%3A3GPP-Service.ims.icsi.OMA.cpm.msg\""},
	 CPM_SERVICE_CPM_PAGER},
	{"R-10, more is encoded",
	 SERVICE_MESSAGE,
	 {"a:*;" ICSI("urn%3Aurn%2D7%3A3gpp-service.ims.icsi.oma%2Ecpm%2emsg")},
	 CPM_SERVICE_CPM_PAGER},
	{"R-10, nothing is encoded", SERVICE_MESSAGE, {"a:*;" ICSI(URN(MSG))}, CPM_SERVICE_CPM_PAGER},
	{"decoded once only",
	 SERVICE_MESSAGE,
	 {"a:*;" ICSI("urn%253Aurn-7%253A3gpp-service.ims.icsi.oma.cpm.msg")},
	 CPM_SERVICE_OTHER},
	{"broken percent", SERVICE_MESSAGE, {"a:*;" ICSI(REF(MSG) "%2")}, CPM_SERVICE_OTHER},
	{"value without quotes",
	 SERVICE_MESSAGE,
	 {"a:*;+g.3gpp.icsi-ref=" REF(MSG) ";require"},
	 CPM_SERVICE_CPM_PAGER},
	{"quotes not closed", SERVICE_MESSAGE, {"a:*;+g.3gpp.icsi-ref=\"" REF(MSG)}, CPM_SERVICE_CPM_PAGER},
	{"require and explicit in either order",
	 SERVICE_MESSAGE,
	 {"a:*;explicit;require; " ICSI(REF(MSG))},
	 CPM_SERVICE_CPM_PAGER},
	{"tag where an URN belongs", SERVICE_MESSAGE, {"p:" ICSI(REF(MSG))}, CPM_SERVICE_CPM_PAGER},
	{"URN where a tag belongs", SERVICE_MESSAGE, {"a:" URN(MSG)}, CPM_SERVICE_NONE},
	{"several URNs asserted", SERVICE_MESSAGE, {"s:" URN("mmtel") ", " URN(MSG)}, CPM_SERVICE_CPM_PAGER},
	{"spaces around", SERVICE_MESSAGE, {"s:  " URN(MSG) " \r\n "}, CPM_SERVICE_CPM_PAGER},
	{"asserted but empty", SERVICE_MESSAGE, {"s:", "p: ,", "a:*;+g.oma.sip-im"}, CPM_SERVICE_IM_PAGER},
	{"asserted before preferred", SERVICE_MESSAGE, {"p:" URN(MSG), "s:" URN("mmtel")}, CPM_SERVICE_OTHER},
	{"preferred before Accept-Contact",
	 SERVICE_MESSAGE,
	 {"a:*;" ICSI(REF("mmtel")), "p:" URN(MSG)},
	 CPM_SERVICE_CPM_PAGER},

	{"deferred, MESSAGE", SERVICE_MESSAGE, {"s:" URN("oma.cpm.deferred")}, CPM_SERVICE_CPM_PAGER},
	{"deferred, INVITE", SERVICE_INVITE, {"s:" URN("oma.cpm.deferred")}, CPM_SERVICE_CPM_LARGE},
	{"large", SERVICE_INVITE, {"s:" URN(LARGE)}, CPM_SERVICE_CPM_LARGE},
	{"group chat", SERVICE_INVITE, {"s:" URN(CHAT ".group")}, CPM_SERVICE_CPM_CHAT_GROUP},
	{"file transfer", SERVICE_INVITE, {"s:" URN("oma.cpm.filetransfer")}, CPM_SERVICE_FILE_TRANSFER},
	{"system message", SERVICE_MESSAGE, {"s:" URN("oma.cpm.systemmsg")}, CPM_SERVICE_OTHER},
	{"telephony", SERVICE_MESSAGE, {"a:*;" ICSI(REF("mmtel"))}, CPM_SERVICE_OTHER},
	{"IM chat", SERVICE_INVITE, {"a:*;+g.oma.sip-im;explicit;require"}, CPM_SERVICE_IM_CHAT},
	{"RCS-e chat",
	 SERVICE_INVITE,
	 {"a:*;+g.3gpp.iari-ref=\"urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.x,"
	  "urn%3Aurn-7%3A3gpp-application.ims.iari.rcse.im\""},
	 CPM_SERVICE_IM_CHAT},
	{"pager message with a link",
	 SERVICE_MESSAGE,
	 {"a:*;+g.3gpp.iari-ref=\"urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.fthttp\";" ICSI(REF(MSG))},
	 CPM_SERVICE_CPM_PAGER},
	{"bot", SERVICE_MESSAGE, {"a:*;" ICSI(REF(MSG)) ";+g.gsma.rcs.isbot"}, CPM_SERVICE_OTHER},
	{"no bot", SERVICE_MESSAGE, {"a:*;" ICSI(REF(MSG)) ";+g.gsma.rcs.isbot=\"FALSE\""}, CPM_SERVICE_CPM_PAGER},
	{"not this one", SERVICE_MESSAGE, {"a:*;" ICSI("!" REF(MSG))}, CPM_SERVICE_NONE},
	{"pager and chat, MESSAGE", SERVICE_MESSAGE, {"a:*;" ICSI(REF(CHAT) "," REF(MSG))}, CPM_SERVICE_CPM_PAGER},
	{"pager and chat, INVITE", SERVICE_INVITE, {"a:*;" ICSI(REF(MSG) "," REF(CHAT))}, CPM_SERVICE_CPM_CHAT},
	{"CPM and IM", SERVICE_MESSAGE, {"a:*;+g.oma.sip-im", "a:*;" ICSI(REF(MSG))}, CPM_SERVICE_CPM_PAGER},
	{"chat tag on a MESSAGE", SERVICE_MESSAGE, {"a:*;" ICSI(REF(CHAT))}, CPM_SERVICE_CPM_CHAT},
	{"pager tag on an INVITE", SERVICE_INVITE, {"a:*;" ICSI(REF(MSG))}, CPM_SERVICE_CPM_PAGER},

	{"Contact, INVITE", SERVICE_INVITE, {"m:<sip:a@h;x=y>;" ICSI(REF(CHAT)) ";expires=1"}, CPM_SERVICE_CPM_CHAT},
	{"Contact with display name",
	 SERVICE_MESSAGE,
	 {"m:\"+g.oma.sip-im;\" <sip:a@h>;" ICSI(REF(MSG))},
	 CPM_SERVICE_CPM_PAGER},
	{"tag in the URI of Contact", SERVICE_MESSAGE, {"m:<sip:a@h;+g.oma.sip-im>"}, CPM_SERVICE_NONE},
	{"Contact of a phone that also chats",
	 SERVICE_MESSAGE,
	 {"m:<sip:a@h>;" ICSI(REF(CHAT) "," REF("mmtel"))},
	 CPM_SERVICE_NONE},
	{"two Contact, the second fits",
	 SERVICE_MESSAGE,
	 {"m:<sip:a@h>;" ICSI(REF("mmtel")), "m:<sip:a@h>;+g.oma.sip-im"},
	 CPM_SERVICE_IM_PAGER},
	{"Accept-Contact before Contact",
	 SERVICE_MESSAGE,
	 {"m:<sip:a@h>;" ICSI(REF(MSG)), "a:*;+g.oma.sip-im"},
	 CPM_SERVICE_IM_PAGER},
	{"nothing of a service",
	 SERVICE_MESSAGE,
	 {"a:*;audio;video", "m:<sip:a@h>;+sip.instance=\"<urn:x>\""},
	 CPM_SERVICE_NONE},
	{"no header", SERVICE_MESSAGE, {NULL}, CPM_SERVICE_NONE},
};

/* One "x:value" as a header whose value stands in an exact-size block; returns the block. */
static uint8_t *header_of(const char *text, struct service_header *h)
{
	size_t len = strlen(text) - 2;
	uint8_t *block = malloc(len ? len : 1);

	memcpy(block, text + 2, len);
	h->kind = text[0] == 's'   ? SERVICE_HDR_ASSERTED
		  : text[0] == 'p' ? SERVICE_HDR_PREFERRED
		  : text[0] == 'a' ? SERVICE_HDR_ACCEPT_CONTACT
				   : SERVICE_HDR_CONTACT;
	h->value = (struct view){block, len};
	return block;
}

static void test_classify(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct service_header h[4];
		uint8_t *blocks[4];
		enum cpm_service got;
		size_t n = 0;

		for (; n < 4 && cases[i].headers[n]; n++)
			blocks[n] = header_of(cases[i].headers[n], &h[n]);
		got = service_classify(cases[i].method, h, n);
		CHECK(got == cases[i].service, "%s: %s", cases[i].name, service_name(got));
		while (n--)
			free(blocks[n]);
	}
}

/* A value that breaks off must never be taken for a service that its whole does not name. */
static void test_prefixes(void)
{
	const char *whole = "*;" ICSI(REF(MSG ".group")) ";require";

	for (size_t len = 0; len <= strlen(whole); len++) {
		uint8_t *block = malloc(len ? len : 1);
		struct service_header h = {SERVICE_HDR_ACCEPT_CONTACT, {block, len}};
		enum cpm_service got;
		bool msg = len == strlen("*;+g.3gpp.icsi-ref=\"" REF(MSG));
		bool group = len >= strlen("*;+g.3gpp.icsi-ref=\"" REF(MSG ".group"));
		bool none = len <= strlen("*;+g.3gpp.icsi-ref=\"");

		memcpy(block, whole, len);
		got = service_classify(SERVICE_MESSAGE, &h, 1);
		CHECK(got == (none    ? CPM_SERVICE_NONE
			      : msg   ? CPM_SERVICE_CPM_PAGER
			      : group ? CPM_SERVICE_CPM_PAGER_GROUP
				      : CPM_SERVICE_OTHER),
		      "%zu octets: %s", len, service_name(got));
		free(block);
	}
}

static const struct {
	enum cpm_service service;
	const char *name, *asserted, *accept_contact;
} written[] = {
	{CPM_SERVICE_CPM_PAGER, "cpm-pager", URN(MSG), "*;" ICSI(REF(MSG))},
	{CPM_SERVICE_CPM_LARGE, "cpm-large", URN(LARGE), "*;" ICSI(REF(LARGE))},
	{CPM_SERVICE_CPM_CHAT, "cpm-chat", URN(CHAT), "*;" ICSI(REF(CHAT))},
	{CPM_SERVICE_CPM_PAGER_GROUP, "cpm-pager-group", URN(MSG), "*;" ICSI(REF(MSG))},
	{CPM_SERVICE_CPM_CHAT_GROUP, "cpm-chat-group", URN(CHAT ".group"), "*;" ICSI(REF(CHAT ".group"))},
	{CPM_SERVICE_IM_PAGER, "im-pager", "", "*;+g.oma.sip-im"},
	{CPM_SERVICE_IM_LARGE, "im-large", "", "*;+g.oma.sip-im.large-message"},
	{CPM_SERVICE_IM_CHAT, "im-chat", "", "*;+g.oma.sip-im"},
	{CPM_SERVICE_FILE_TRANSFER, "file-transfer", "", ""},
	{CPM_SERVICE_OTHER, "other", "", ""},
	{CPM_SERVICE_NONE, "none", "", ""},
};

static void test_written(void)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		enum cpm_service s = written[i].service;

		CHECK(strcmp(service_name(s), written[i].name) == 0, "%s", service_name(s));
		CHECK(strcmp(service_asserted(s), written[i].asserted) == 0, "%s", written[i].name);
		CHECK(strcmp(service_accept_contact(s), written[i].accept_contact) == 0, "%s", written[i].name);
	}
}

int main(void)
{
	test_classify();
	test_prefixes();
	test_written();
	return test_end("service");
}
