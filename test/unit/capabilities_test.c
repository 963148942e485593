/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/capabilities.h"
#include "test.h"

#define SHOWN(v) (int)(v).len, (v).len ? (const char *)(v).p : ""

#define MSG	    CPM_CAPABILITY_CPM_MSG
#define LARGE	    CPM_CAPABILITY_CPM_LARGE
#define SESSION	    CPM_CAPABILITY_CPM_SESSION
#define PAGER_LARGE CPM_CAPABILITY_CPM_PAGER_LARGE
#define IM	    CPM_CAPABILITY_IM
#define IM_LARGE    CPM_CAPABILITY_IM_LARGE
#define SMSIP	    CPM_CAPABILITY_SMSIP

#define REF(s)	   "urn%3Aurn-7%3A3gpp-service.ims.icsi." s
#define ICSI(list) "+g.3gpp.icsi-ref=\"" list "\""
#define C	   "<sip:a@192.0.2.1:5060;transport=tcp>;"
#define URI	   "sip:a@192.0.2.1:5060;transport=tcp"
#define IMEI	   "urn:gsma:imei:35209900-176148-0"

static const struct {
	const char *name, *member;
	int rc;
	const char *uri, *instance;
	unsigned capabilities;
	int64_t expires_s;
} cases[] = {
	{"a handset",
	 C "+sip.instance=\"<" IMEI ">\";q=1.0;" ICSI(REF("oma.cpm.msg") "," REF("oma.cpm.largemsg") "," REF("oma.cpm.session"))
	 ";+g.gsma.rcs.cpm.pager-large;+g.3gpp.smsip;expires=600000",
	 0, URI, IMEI, MSG | LARGE | SESSION | PAGER_LARGE | SMSIP, 600000},
	{"SIMPLE IM", C "+g.oma.sip-im;+g.oma.sip-im.large-message", 0, URI, "", IM | IM_LARGE, -1},
	{"SIMPLE IM without large messages", C "+g.oma.sip-im", 0, URI, "", IM, -1},
	{"large messages without the other", C "+g.oma.sip-im.large-message", 0, URI, "", IM_LARGE, -1},
	{"SMS over IP alone", C "+g.3gpp.smsip", 0, URI, "", SMSIP, -1},
	{"semicolons in the list", C ICSI(REF("mmtel") "; " REF("oma.cpm.msg") ";" REF("oma.cpm.session")), 0, URI,
	 "", MSG | SESSION, -1},
	{"letter case", C "+G.3GPP.ICSI-Ref=\"URN%3aurn-7%3A3GPP-Service.ims.icsi.OMA.CPM.Msg\";+G.OMA.SIP-IM", 0, URI,
	 "", MSG | IM, -1},
	{"nothing is encoded", C ICSI("urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"), 0, URI, "", MSG, -1},
	{"more is encoded", C ICSI("urn%3Aurn%2D7%3A3gpp-service.ims.icsi.oma%2Ecpm%2emsg"), 0, URI, "", MSG, -1},
	{"in brackets", C ICSI("<" REF("oma.cpm.msg") ">,<" REF("oma.cpm.largemsg") ">"), 0, URI, "", MSG | LARGE, -1},
	{"two lists", C ICSI(REF("oma.cpm.msg")) ";" ICSI(REF("oma.cpm.session")), 0, URI, "", MSG | SESSION, -1},
	{"without quotes", C "+g.3gpp.icsi-ref=" REF("oma.cpm.msg"), 0, URI, "", MSG, -1},
	{"group service only", C ICSI(REF("oma.cpm.msg.group") "," REF("oma.cpm.session.group")), 0, URI, "", 0, -1},
	{"names that begin like ours", C ICSI(REF("oma.cpm.msgs")) ";+g.oma.sip-imx;+g.3gpp.smsip-msisdn-less", 0, URI,
	 "", 0, -1},
	{"names that end like ours", C ICSI("x" REF("oma.cpm.msg")) ";+x.g.3gpp.smsip", 0, URI, "", 0, -1},
	{"another list", C "+g.3gpp.iari-ref=\"" REF("oma.cpm.msg") "\"", 0, URI, "", 0, -1},
	{"TRUE", C "+g.oma.sip-im=\"TRUE\";+g.3gpp.smsip=TRUE", 0, URI, "", IM | SMSIP, -1},
	{"FALSE", C "+g.oma.sip-im=\"FALSE\";+g.3gpp.smsip=false", 0, URI, "", 0, -1},
	{"negated", C "+g.oma.sip-im=\"!TRUE\";" ICSI("!" REF("oma.cpm.msg")), 0, URI, "", 0, -1},
	{"tag without plus", C "g.oma.sip-im", 0, URI, "", IM, -1},
	{"folded", C "\r\n +g.oma.sip-im;\r\n\t+g.3gpp.icsi-ref=\"" REF("oma.cpm.msg") ",\r\n " REF("oma.cpm.largemsg") "\"",
	 0, URI, "", IM | MSG | LARGE, -1},
	{"display name", "\"A; <x>, B\" <sip:a@h> ; +g.oma.sip-im ; expires = 0", 0, "sip:a@h", "", IM, 0},
	{"no brackets", "sip:a@h;+g.oma.sip-im;expires=60", 0, "sip:a@h", "", IM, 60},
	{"tel", "<tel:+15551230001>", 0, "tel:+15551230001", "", 0, -1},
	{"tag in the URI", "<sip:a@h;+g.oma.sip-im>", 0, "sip:a@h;+g.oma.sip-im", "", 0, -1},
	{"instance without brackets", C "+sip.instance=\"" IMEI "\"", 0, URI, IMEI, 0, -1},
	{"instance without quotes", C "+sip.instance=<" IMEI ">", 0, URI, IMEI, 0, -1},
	{"UUID", C "+SIP.Instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"", 0, URI,
	 "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF", 0, -1},
	{"expires is no number", C "expires=soon", 0, URI, "", 0, -1},
	{"expires beyond all", C "expires=99999999999999999999", 0, URI, "", 0, -1},
	{"expires in quotes", C "expires=\"7\"", 0, URI, "", 0, 7},
	{"quote not closed", C "+g.3gpp.icsi-ref=\"" REF("oma.cpm.msg"), 0, URI, "", MSG, -1},
	{"empty parameters", C ";;=;=x;+=;+", 0, URI, "", 0, -1},
	{"nothing", "", -EBADMSG, "", "", 0, -1},
	{"no URI", "<>;+g.oma.sip-im", -EBADMSG, "", "", IM, -1},
	{"bracket not closed", "<sip:a@h", -EBADMSG, "", "", 0, -1},
};

static void check(size_t i, const struct cpm_contact *c)
{
	const char *name = cases[i].name;

	CHECK(view_eq(c->uri, view_str(cases[i].uri)), "%s: %.*s", name, SHOWN(c->uri));
	CHECK(view_eq(c->instance, view_str(cases[i].instance)), "%s: %.*s", name, SHOWN(c->instance));
	CHECK(c->capabilities == cases[i].capabilities, "%s: %x", name, c->capabilities);
	CHECK(c->expires_s == cases[i].expires_s, "%s: %lld", name, (long long)c->expires_s);
}

static void test_contact(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t whole = strlen(cases[i].member);

		for (size_t len = 0; len <= whole; len++) { /* cut anywhere, nothing outside is read */
			uint8_t *block = malloc(len ? len : 1);
			struct cpm_contact c;
			int rc;

			memcpy(block, cases[i].member, len);
			rc = cpm_contact_read((struct view){block, len}, &c);
			CHECK(rc == 0 || rc == -EBADMSG, "%s: %d", cases[i].name, rc);
			if (len == whole) {
				CHECK(rc == cases[i].rc, "%s: %d", cases[i].name, rc);
				check(i, &c);
			}
			free(block);
		}
	}
}

static const struct {
	const char *name, *value;
	unsigned capabilities;
} values[] = {
	{"two contacts", "<sip:a@h>;+g.oma.sip-im, <sip:b@h>;+g.3gpp.smsip", IM | SMSIP},
	{"comma in quotes", "<sip:a@h>;" ICSI(REF("oma.cpm.msg") "," REF("oma.cpm.largemsg")) ",<sip:b@h>", MSG | LARGE},
	{"a broken one", "<>;+g.oma.sip-im, <sip:b@h>;+g.3gpp.smsip", SMSIP},
	{"all", "*", 0},
	{"nothing", "", 0},
};

int main(void)
{
	test_contact();
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		unsigned bits = cpm_capabilities_of_contact(view_str(values[i].value));

		CHECK(bits == values[i].capabilities, "%s: %x", values[i].name, bits);
	}
	return test_end("capabilities");
}
