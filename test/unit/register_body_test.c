/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/register_body.h"
#include "../../lib/cpm/xml.h"
#include "test.h"

#define SHOWN(v) (int)(v).len, (v).len ? (const char *)(v).p : ""

enum { CANARY = 0xa5 };

static uint8_t buffer[2 * XML_OCTETS_MAX];

#define MSG   CPM_CAPABILITY_CPM_MSG
#define LARGE CPM_CAPABILITY_CPM_LARGE
#define IM    CPM_CAPABILITY_IM
#define SMSIP CPM_CAPABILITY_SMSIP

#define SIP	"message/sip"
#define XML	"application/3gpp-ims+xml"
#define MIXED	"multipart/mixed;boundary=\"b\""
#define ICSI(l) "+g.3gpp.icsi-ref=\"" l "\""
#define REF(s)	"urn%3Aurn-7%3A3gpp-service.ims.icsi." s

#define REGISTER                                                                                                       \
	"REGISTER sip:home1.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"                         \
	"From: <sip:a@home1.example>;tag=1\r\nTo: <sip:a@home1.example>\r\nCall-ID: x\r\nCSeq: 2 REGISTER\r\n"
#define EXPIRES "Expires: 600000\r\n"
#define CONTACT "Contact: <sip:a@192.0.2.1>;" ICSI(REF("oma.cpm.msg") "," REF("oma.cpm.largemsg")) "\r\n"
#define END	"Content-Length: 0\r\n\r\n"
#define INFO(s)                                                                                                        \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<ims-3gpp version=\"1\"><service-info>" s                       \
	"</service-info></ims-3gpp>"
#define PART(type, body) "--b\r\nContent-Type: " type "\r\n\r\n" body "\r\n"
#define CLOSE		 "--b--\r\n"
#define A		 "sip:a@192.0.2.1"

static const struct {
	const char *name, *type, *body;
	int rc;
	const char *msisdn, *service_info;
	unsigned n_contacts;
	/* the last contact */
	const char *uri, *instance;
	unsigned capabilities;
	int64_t expires_s;
} cases[] = {
	{"a REGISTER", SIP, REGISTER EXPIRES CONTACT END, 0, "", "", 1, A, "", MSG | LARGE, 600000},
	{"Expires behind Contact", SIP, REGISTER CONTACT EXPIRES END, 0, "", "", 1, A, "", MSG | LARGE, 600000},
	{"expires of the contact wins", SIP, REGISTER EXPIRES "Contact: <" A ">;expires=60\r\n" END, 0, "", "", 1, A, "", 0, 60},
	{"no expires at all", SIP, REGISTER CONTACT END, 0, "", "", 1, A, "", MSG | LARGE, -1},
	{"deregistration", SIP, REGISTER "Expires: 0\r\n" CONTACT END, 0, "", "", 1, A, "", MSG | LARGE, 0},
	{"deregistration of one of two", SIP,
	 REGISTER EXPIRES "Contact: <sip:b@h>, <" A ">;expires=0\r\n" END, 0, "", "", 2, A, "", 0, 0},
	{"compact and odd names", SIP, REGISTER "EXPIRES:7\r\nM:<" A ">;+G.OMA.SIP-IM\r\n" END, 0, "", "", 1, A, "", IM, 7},
	{"folded", SIP, REGISTER EXPIRES "Contact: <" A ">\r\n ;+g.oma.sip-im\r\n\t;+g.3gpp.smsip\r\n" END, 0, "", "", 1, A, "",
	 IM | SMSIP, 600000},
	{"several header fields", SIP, REGISTER EXPIRES "Contact: <sip:b@h>\r\n" CONTACT END, 0, "", "", 2, A, "", MSG | LARGE,
	 600000},
	{"the same contact twice", SIP, REGISTER EXPIRES CONTACT "m: <" A ">;+g.oma.sip-im;+sip.instance=\"<urn:x:1>\"\r\n" END,
	 0, "", "", 1, A, "urn:x:1", MSG | LARGE | IM, 600000},
	{"instance", SIP, REGISTER EXPIRES "Contact: \"A\" <" A ">;+sip.instance=\"<urn:gsma:imei:1-2-0>\";reg-id=1\r\n" END, 0,
	 "", "", 1, A, "urn:gsma:imei:1-2-0", 0, 600000},
	{"a broken contact", SIP, REGISTER EXPIRES "Contact: <>;+g.oma.sip-im, <" A ">\r\n" END, 0, "", "", 1, A, "", 0, 600000},
	{"a line that is no header", SIP, REGISTER "what is this\r\n" EXPIRES " \r\n" CONTACT END, 0, "", "", 1, A, "",
	 MSG | LARGE, 600000},
	{"no empty line", SIP, REGISTER EXPIRES CONTACT, 0, "", "", 1, A, "", MSG | LARGE, 600000},
	{"contact in the body", SIP, REGISTER EXPIRES "\r\n" CONTACT, 0, "", "", 0, "", "", 0, 0},
	{"LF line ends", SIP, "\r\n\nREGISTER sip:h SIP/2.0\nExpires: 5\nContact: <" A ">\n\n", 0, "", "", 1, A, "", 0, 5},
	{"no contact", SIP, REGISTER END, 0, "", "", 0, "", "", 0, 0},
	{"the 200", SIP, "SIP/2.0 200 OK\r\nContact: <" A ">;expires=3600;+g.oma.sip-im\r\n" END, 0, "", "", 1, A, "", IM, 3600},
	{"a failure", SIP, "SIP/2.0 403 Forbidden\r\n" CONTACT END, -EBADMSG, "", "", 0, "", "", 0, 0},
	{"another request", SIP, "INVITE sip:a@h SIP/2.0\r\n" CONTACT END, -EBADMSG, "", "", 0, "", "", 0, 0},
	{"not SIP", SIP, "hi", -EBADMSG, "", "", 0, "", "", 0, 0},
	{"empty", SIP, "", -EBADMSG, "", "", 0, "", "", 0, 0},

	{"service-info of 9.1", XML, INFO("15551230001"), 0, "+15551230001", "15551230001", 0, "", "", 0, 0},
	{"with plus, blanks, letter case", "Application/3GPP-IMS+XML;charset=utf-8", INFO("\n +15551230001 "), 0,
	 "+15551230001", "+15551230001", 0, "", "", 0, 0},
	{"fifteen digits", XML, INFO("123456789012345"), 0, "+123456789012345", "123456789012345", 0, "", "", 0, 0},
	{"sixteen digits", XML, INFO("1234567890123456"), 0, "", "1234567890123456", 0, "", "", 0, 0},
	{"four digits", XML, INFO("1234"), 0, "", "1234", 0, "", "", 0, 0},
	{"plus alone", XML, INFO("+"), 0, "", "+", 0, "", "", 0, 0},
	{"opaque", XML, INFO("sms=1;a&amp;b"), 0, "", "sms=1;a&b", 0, "", "", 0, 0},
	{"CDATA", XML, INFO("<![CDATA[15551230001]]>"), 0, "+15551230001", "15551230001", 0, "", "", 0, 0},
	{"empty service-info", XML, INFO(""), 0, "", "", 0, "", "", 0, 0},
	{"no service-info", XML, "<ims-3gpp version=\"1\"><alternative-service/></ims-3gpp>", 0, "", "", 0, "", "", 0, 0},
	{"another document", XML, "<x><service-info>15551230001</service-info></x>", -EBADMSG, "", "", 0, "", "", 0, 0},
	{"not XML", XML, "15551230001", -EBADMSG, "", "", 0, "", "", 0, 0},
	{"DTD", XML, "<!DOCTYPE x><ims-3gpp><service-info>1</service-info></ims-3gpp>", -EBADMSG, "", "", 0, "", "", 0, 0},

	{"both", MIXED, PART(XML, INFO("15551230001")) PART(SIP, REGISTER EXPIRES CONTACT END) CLOSE, 0, "+15551230001",
	 "15551230001", 1, A, "", MSG | LARGE, 600000},
	{"both, the other order", MIXED, PART(SIP, REGISTER EXPIRES CONTACT END) PART(XML, INFO("15551230001")) CLOSE, 0,
	 "+15551230001", "15551230001", 1, A, "", MSG | LARGE, 600000},
	{"request and answer", MIXED,
	 PART(SIP, REGISTER EXPIRES CONTACT END)
		 PART(SIP, "SIP/2.0 200 OK\r\nContact: <sip:old@h>;expires=5, <" A ">;expires=3600\r\n" END) CLOSE,
	 0, "", "", 2, "sip:old@h", "", 0, 5},
	{"granted expiry", MIXED,
	 PART(SIP, REGISTER EXPIRES CONTACT END) PART(SIP, "SIP/2.0 200 OK\r\nContact: <" A ">;expires=3600\r\n" END) CLOSE,
	 0, "", "", 1, A, "", MSG | LARGE, 3600},
	{"granted expiry not said", MIXED,
	 PART(SIP, REGISTER EXPIRES CONTACT END) PART(SIP, "SIP/2.0 200 OK\r\nContact: <" A ">\r\n" END) CLOSE, 0, "", "", 1, A,
	 "", MSG | LARGE, 600000},
	{"a part of another type", MIXED, PART("text/plain", "hi") PART(SIP, REGISTER EXPIRES CONTACT END) CLOSE, 0, "", "", 1, A,
	 "", MSG | LARGE, 600000},
	{"one part is broken", MIXED, PART(XML, "<ims-3gpp>") PART(SIP, REGISTER EXPIRES CONTACT END) CLOSE, 0, "", "", 1, A, "",
	 MSG | LARGE, 600000},
	{"base64", MIXED,
	 "--b\r\nContent-Type: " XML "\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	 "PGltcy0zZ3BwPjxzZXJ2aWNlLWluZm8+MTU1NTEyMzAwMDE8L3NlcnZpY2UtaW5mbz48L2ltcy0zZ3BwPg==\r\n" CLOSE,
	 0, "+15551230001", "15551230001", 0, "", "", 0, 0},
	{"both parts are broken", MIXED, PART(XML, "<ims-3gpp>") PART(SIP, "hi") CLOSE, -EBADMSG, "", "", 0, "", "", 0, 0},
	{"parts of other types", MIXED, PART("text/plain", "hi") CLOSE, -ENOTSUP, "", "", 0, "", "", 0, 0},
	{"no part", MIXED, "hi", -EBADMSG, "", "", 0, "", "", 0, 0},
	{"multipart in multipart", MIXED, PART("multipart/mixed;boundary=c", "--c\r\n\r\n--c--") CLOSE, -ENOTSUP, "", "", 0, "",
	 "", 0, 0},
	{"another type", "text/plain", REGISTER, -ENOTSUP, "", "", 0, "", "", 0, 0},
	{"no type", "", REGISTER, -ENOTSUP, "", "", 0, "", "", 0, 0},
};

/* The caller frees what the views point into. */
static int read_copy(size_t i, size_t len, struct wbuf *text, struct register_body *out, uint8_t **block)
{
	*block = malloc(len ? len : 1);
	memcpy(*block, cases[i].body, len);
	return register_body_read(view_str(cases[i].type), (struct view){*block, len}, text, out);
}

static void check(size_t i, const struct register_body *b)
{
	const char *name = cases[i].name;
	const struct cpm_contact *c = &b->contact[b->n_contacts ? b->n_contacts - 1 : 0];

	CHECK(strcmp(b->msisdn, cases[i].msisdn) == 0, "%s: %s", name, b->msisdn);
	CHECK(view_eq(b->service_info, view_str(cases[i].service_info)), "%s: %.*s", name, SHOWN(b->service_info));
	CHECK(b->n_contacts == cases[i].n_contacts && !b->all_contacts, "%s: %u", name, b->n_contacts);
	CHECK(view_eq(c->uri, view_str(cases[i].uri)), "%s: %.*s", name, SHOWN(c->uri));
	CHECK(view_eq(c->instance, view_str(cases[i].instance)), "%s: %.*s", name, SHOWN(c->instance));
	CHECK(c->capabilities == cases[i].capabilities, "%s: %x", name, c->capabilities);
	CHECK(c->expires_s == cases[i].expires_s, "%s: %lld", name, (long long)c->expires_s);
}

static void test_read(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		struct register_body b;
		uint8_t *block;
		int rc = read_copy(i, strlen(cases[i].body), &text, &b, &block);

		CHECK(rc == cases[i].rc, "%s: %d", cases[i].name, rc);
		if (rc == 0)
			check(i, &b);
		else
			CHECK(text.len == 0 && !text.err, "%s", cases[i].name);
		free(block);
	}
}

/* Cut anywhere: nothing outside is read; XML cut short is refused. */
static void test_cuts(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t len = 0; len < strlen(cases[i].body); len++) {
			struct wbuf text = wbuf_of(buffer, sizeof(buffer));
			struct register_body b;
			uint8_t *block;
			int rc = read_copy(i, len, &text, &b, &block);

			CHECK(rc == 0 || rc == -EBADMSG || rc == -ENOTSUP, "%s, %zu octets: %d", cases[i].name, len, rc);
			CHECK(rc || strcmp(cases[i].type, XML), "%s: %zu octets are enough", cases[i].name, len);
			CHECK(rc == 0 || text.len == 0, "%s, %zu octets", cases[i].name, len);
			free(block);
		}
	}
}

static void test_room(void)
{
	struct view body = view_str(INFO("15551230001"));
	struct view both = view_str(PART(SIP, REGISTER CONTACT END) PART(XML, INFO("15551230001")) CLOSE);
	struct register_body b;

	for (size_t size = 1; size <= 12; size++) {
		struct wbuf text = wbuf_of(buffer, size);
		int rc;

		memset(buffer, CANARY, 16);
		text.len = 1;
		rc = register_body_read(VIEW(XML), body, &text, &b);
		CHECK(rc == (size < 12 ? -ENOSPC : 0) && buffer[size] == CANARY && buffer[0] == CANARY && !text.err,
		      "room for %zu: %d", size - 1, rc);
		CHECK(text.len == (rc ? 1 : 12), "room for %zu: %zu", size - 1, text.len);
		text = wbuf_of(buffer, size - 1);
		rc = register_body_read(VIEW(MIXED), both, &text, &b);
		CHECK(rc == (size < 12 ? -ENOSPC : 0), "room for %zu in a multipart: %d", size - 1, rc);
	}
}

static void test_all_and_many(void)
{
	struct wbuf text = wbuf_of(buffer, sizeof(buffer)), w = wbuf_of(buffer, sizeof(buffer));
	struct register_body b;
	uint8_t many[4096];
	int rc = register_body_read(VIEW(SIP), view_str(REGISTER "Contact: *\r\nExpires: 0\r\n" END), &text, &b);

	CHECK(rc == 0 && b.all_contacts && b.n_contacts == 0, "%d %u", rc, b.n_contacts);

	w = wbuf_of(many, sizeof(many));
	wbuf_str(&w, REGISTER);
	for (char c = 'a'; c <= 'z'; c++) {
		wbuf_str(&w, "Contact: <sip:");
		wbuf_u8(&w, (uint8_t)c);
		wbuf_str(&w, "@h>\r\n");
	}
	rc = register_body_read(VIEW(SIP), wbuf_written(&w), &text, &b);
	CHECK(rc == 0 && b.n_contacts == REGISTER_CONTACTS_MAX, "%d %u", rc, b.n_contacts);
	CHECK(view_eq(b.contact[REGISTER_CONTACTS_MAX - 1].uri, VIEW("sip:p@h")), "the first 16");
}

/* ---- P-Associated-URI: the network's word only ---- */

#define OTHERS "P-Associated-URI: <tel:+15551230001>,\r\n \"A, the second\" <sip:+15551230002@h;user=phone>, <>\r\n"

static const struct {
	const char *name, *type, *body;
	unsigned n;
	const char *last;
} associations[] = {
	{"the 200", SIP, "SIP/2.0 200 OK\r\n" OTHERS CONTACT END, 2, "sip:+15551230002@h;user=phone"},
	{"in two header fields", SIP, "SIP/2.0 200 OK\r\n" OTHERS "p-associated-uri: <tel:+15551230003>\r\n" END, 3, "tel:+15551230003"},
	{"in A's own request", SIP, REGISTER OTHERS CONTACT END, 0, ""},
	{"request and answer", MIXED, PART(SIP, REGISTER OTHERS CONTACT END) PART(SIP, "SIP/2.0 200 OK\r\nP-Associated-URI: <tel:+1555>\r\n" END) CLOSE, 1, "tel:+1555"},
	{"none", SIP, "SIP/2.0 200 OK\r\n" CONTACT END, 0, ""},
};

static void test_associated(void)
{
	for (size_t i = 0; i < sizeof(associations) / sizeof(associations[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		struct register_body b;
		int rc = register_body_read(view_str(associations[i].type), view_str(associations[i].body), &text, &b);

		CHECK(rc == 0 && b.n_associated == associations[i].n, "%s: %d, %u", associations[i].name, rc, b.n_associated);
		if (rc == 0 && b.n_associated)
			CHECK(view_eq(b.associated[b.n_associated - 1], view_str(associations[i].last)), "%s: %.*s", associations[i].name,
			      SHOWN(b.associated[b.n_associated - 1]));
	}
}

static void test_many_associated(void)
{
	struct register_body b = {0};

	for (int i = 0; i < 3 * REGISTER_ASSOCIATED_MAX; i++)
		register_associated_add(VIEW("<tel:+15551230001>"), &b);
	CHECK(b.n_associated == REGISTER_ASSOCIATED_MAX, "%u", b.n_associated);
}

int main(void)
{
	test_read();
	test_cuts();
	test_room();
	test_all_and_many();
	test_associated();
	test_many_associated();
	return test_end("register_body");
}
