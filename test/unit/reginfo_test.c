/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/reginfo.h"
#include "../../lib/cpm/xml.h"
#include "test.h"

#define SHOWN(v) (int)(v).len, (v).len ? (const char *)(v).p : ""

enum { CANARY = 0xa5 };

static uint8_t buffer[2 * XML_OCTETS_MAX];

#define REF(s)	  "urn%3Aurn-7%3A3gpp-service.ims.icsi." s
#define OPEN(a)	  "<?xml version=\"1.0\"?>\n<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" " a ">\n"
#define FULL	  OPEN("version=\"3\" state=\"full\"")
#define REG(a)	  "\t<registration " a ">\n"
#define AOR	  REG("aor=\"sip:a@home\" id=\"0x7f\" state=\"active\"")
#define END_REG	  "\t</registration>\n"
#define CLOSE	  "</reginfo>\n"
#define CONTACT(a) "\t\t<contact " a ">\n"
#define NEW	  CONTACT("id=\"0x1\" state=\"active\" event=\"registered\" expires=\"3600\" q=\"0.500\"")
#define URI(u)	  "\t\t\t<uri>" u "</uri>\n"
#define PARAM(n, v) "\t\t\t<unknown-param name=\"" n "\">" v "</unknown-param>\n"
#define END	  "\t\t</contact>\n"
#define BODY(x)	  FULL AOR x END_REG CLOSE

#define MSG   CPM_CAPABILITY_CPM_MSG
#define LARGE CPM_CAPABILITY_CPM_LARGE
#define IM    CPM_CAPABILITY_IM
#define SMSIP CPM_CAPABILITY_SMSIP

/*
 * As Kamailio's S-CSCF writes it: the quotes in the text, the '+' in the name, brackets escaped, the expires
 * that was asked for as a parameter and the one that was granted as an attribute.
 */
static const char kamailio[] =
	OPEN("version=\"0\" state=\"full\"") REG("aor=\"sip:a@home\" id=\"0x7f1\" state=\"active\"") CONTACT(
		"id=\"0x7f2\" state=\"active\" event=\"registered\" expires=\"600\" q=\"0.500\"")
		URI("sip:a@192.0.2.1:5060;alias=192.0.2.1~5060~1") PARAM("+g.3gpp.smsip", "")
			PARAM("q", "\"0.5\"") PARAM("expires", "\"600000\"")
			PARAM("+g.3gpp.icsi-ref", "\"" REF("oma.cpm.msg") "," REF("oma.cpm.largemsg") "\"")
				PARAM("+sip.instance", "\"&lt;urn:gsma:imei:1-2-0&gt;\"") END END_REG REG(
					"aor=\"tel:+15551230001\" id=\"0x7f3\" state=\"active\"") END_REG CLOSE;

static const struct {
	const char *name, *document;
	bool full;
	int64_t version;
	unsigned n_registrations, n_contacts;
	/* the last contact */
	unsigned registration;
	bool active;
	const char *uri, *instance;
	unsigned capabilities;
	int64_t expires_s;
} cases[] = {
	{"Kamailio", kamailio, true, 0, 2, 1, 0, true, "sip:a@192.0.2.1:5060;alias=192.0.2.1~5060~1",
	 "urn:gsma:imei:1-2-0", MSG | LARGE | SMSIP, 600},
	{"names without plus, values without quotes",
	 BODY(NEW URI("sip:a@h") PARAM("g.3gpp.icsi-ref", REF("oma.cpm.msg")) PARAM("g.oma.sip-im", "TRUE")
		      PARAM("sip.instance", "&lt;urn:x:1&gt;") END),
	 true, 3, 1, 1, 0, true, "sip:a@h", "urn:x:1", MSG | IM, 3600},
	{"FALSE", BODY(NEW URI("sip:a@h") PARAM("+g.oma.sip-im", "\"FALSE\"") END), true, 3, 1, 1, 0, true, "sip:a@h",
	 "", 0, 3600},
	{"param in front of the URI", BODY(NEW PARAM("+g.oma.sip-im", "") URI("sip:a@h") END), true, 3, 1, 1, 0, true,
	 "sip:a@h", "", IM, 3600},
	{"URI in brackets, with parameters",
	 BODY(NEW URI("&lt;sip:a@h;transport=tcp&gt;;+g.oma.sip-im;expires=9") PARAM("+g.3gpp.smsip", "") END), true,
	 3, 1, 1, 0, true, "sip:a@h;transport=tcp", "", IM | SMSIP, 3600},
	{"quotes as entities", BODY(NEW URI("sip:a@h") PARAM("+g.3gpp.icsi-ref", "&quot;" REF("oma.cpm.msg") "&quot;") END),
	 true, 3, 1, 1, 0, true, "sip:a@h", "", MSG, 3600},
	{"partial", OPEN("state=\"partial\" version=\"4294967295\"") AOR NEW URI("sip:a@h") END END_REG CLOSE, false,
	 4294967295, 1, 1, 0, true, "sip:a@h", "", 0, 3600},
	{"no version, no state", OPEN("") AOR NEW URI("sip:a@h") END END_REG CLOSE, true, -1, 1, 1, 0, true,
	 "sip:a@h", "", 0, 3600},
	{"refreshed, no expires", BODY(CONTACT("state=\"active\" event=\"refreshed\"") URI("sip:a@h") END), true, 3, 1, 1, 0,
	 true, "sip:a@h", "", 0, -1},
	{"created", BODY(CONTACT("state=\"active\" event=\"created\"") URI("sip:a@h") END), true, 3, 1, 1, 0, true,
	 "sip:a@h", "", 0, -1},
	{"shortened", BODY(CONTACT("state=\"active\" event=\"shortened\" expires=\"5\"") URI("sip:a@h") END), true, 3, 1, 1,
	 0, true, "sip:a@h", "", 0, 5},
	{"expired", BODY(CONTACT("state=\"terminated\" event=\"expired\" expires=\"0\"") URI("sip:a@h") END), true, 3, 1, 1,
	 0, false, "sip:a@h", "", 0, 0},
	{"expired, but active", BODY(CONTACT("state=\"active\" event=\"expired\"") URI("sip:a@h") END), true, 3, 1, 1, 0,
	 false, "sip:a@h", "", 0, -1},
	{"unregistered", BODY(CONTACT("event=\"unregistered\"") URI("sip:a@h") END), true, 3, 1, 1, 0, false, "sip:a@h",
	 "", 0, -1},
	{"deactivated", BODY(CONTACT("event=\"deactivated\"") URI("sip:a@h") END), true, 3, 1, 1, 0, false, "sip:a@h",
	 "", 0, -1},
	{"probation", BODY(CONTACT("event=\"probation\"") URI("sip:a@h") END), true, 3, 1, 1, 0, false, "sip:a@h", "",
	 0, -1},
	{"rejected", BODY(CONTACT("event=\"Rejected\"") URI("sip:a@h") END), true, 3, 1, 1, 0, false, "sip:a@h", "", 0,
	 -1},
	{"terminated without an event", BODY(CONTACT("state=\"terminated\"") URI("sip:a@h") END), true, 3, 1, 1, 0,
	 false, "sip:a@h", "", 0, -1},
	{"registration terminated",
	 FULL REG("aor=\"sip:a@home\" state=\"terminated\"") NEW URI("sip:a@h") END END_REG CLOSE, true, 3, 1, 1, 0,
	 false, "sip:a@h", "", 0, 3600},
	{"two registrations, two contacts",
	 FULL AOR NEW URI("sip:a@h1") END END_REG AOR NEW URI("sip:a@h2") PARAM("+g.oma.sip-im", "") END END_REG CLOSE,
	 true, 3, 2, 2, 1, true, "sip:a@h2", "", IM, 3600},
	{"a contact without URI", BODY(NEW URI("sip:a@h") END NEW PARAM("+g.oma.sip-im", "") END), true, 3, 1, 1, 0,
	 true, "sip:a@h", "", 0, 3600},
	{"no contact", FULL REG("aor=\"sip:a@home\" state=\"init\"") END_REG CLOSE, true, 3, 1, 0, 0, false, "", "", 0,
	 0},
	{"no registration", FULL CLOSE, true, 3, 0, 0, 0, false, "", "", 0, 0},
	{"prefix, elements of others",
	 "<r:reginfo xmlns:r=\"urn:ietf:params:xml:ns:reginfo\" version=\"1\" state=\"full\"><x/><r:registration"
	 " aor=\"sip:a@home\" state=\"active\"><y/><r:contact state=\"active\" event=\"registered\"><r:display-name>A"
	 "</r:display-name><r:uri>sip:a@h</r:uri><r:unknown-param name=\"+g.oma.sip-im\"/></r:contact>"
	 "</r:registration></r:reginfo>",
	 true, 1, 1, 1, 0, true, "sip:a@h", "", IM, -1},
};

static int read_copy(const char *document, size_t len, struct wbuf *text, struct reginfo *out)
{
	uint8_t *block = malloc(len ? len : 1);
	int rc;

	memcpy(block, document, len);
	rc = reginfo_read((struct view){block, len}, text, out);
	free(block);
	return rc;
}

static void check_contact(size_t i, const struct reginfo_contact *c)
{
	const char *name = cases[i].name;

	CHECK(c->registration == cases[i].registration && c->active == cases[i].active, "%s: %u %d", name,
	      c->registration, c->active);
	CHECK(view_eq(c->contact.uri, view_str(cases[i].uri)), "%s: %.*s", name, SHOWN(c->contact.uri));
	CHECK(view_eq(c->contact.instance, view_str(cases[i].instance)), "%s: %.*s", name, SHOWN(c->contact.instance));
	CHECK(c->contact.capabilities == cases[i].capabilities, "%s: %x", name, c->contact.capabilities);
	CHECK(c->contact.expires_s == cases[i].expires_s, "%s: %lld", name, (long long)c->contact.expires_s);
}

/* The last octet of each document is white space. */
static void check_cuts(size_t i)
{
	struct reginfo r;

	for (size_t len = 0; len + 1 < strlen(cases[i].document); len++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		int rc = read_copy(cases[i].document, len, &text, &r);

		CHECK(rc == -EBADMSG && text.len == 0, "%s: %zu octets: %d", cases[i].name, len, rc);
	}
}

static void test_read(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		struct reginfo r;
		int rc = read_copy(cases[i].document, strlen(cases[i].document), &text, &r);

		CHECK(rc == 0 && r.full == cases[i].full && r.version == cases[i].version && !r.truncated,
		      "%s: %d %d %lld", cases[i].name, rc, r.full, (long long)r.version);
		CHECK(r.n_registrations == cases[i].n_registrations && r.n_contacts == cases[i].n_contacts,
		      "%s: %u %u", cases[i].name, r.n_registrations, r.n_contacts);
		CHECK(r.n_registrations == 0 || view_eq(r.registration[0].aor, VIEW("sip:a@home")), "%s: %.*s",
		      cases[i].name, SHOWN(r.registration[0].aor));
		if (rc == 0 && r.n_contacts)
			check_contact(i, &r.contact[r.n_contacts - 1]);
		check_cuts(i);
	}
}

static void test_registrations(void)
{
	static const char init[] = FULL REG("aor=\"sip:a@home\" state=\"init\"") END_REG CLOSE;
	struct wbuf text = wbuf_of(buffer, sizeof(buffer));
	struct reginfo r;

	CHECK(read_copy(kamailio, strlen(kamailio), &text, &r) == 0, "Kamailio");
	CHECK(r.registration[0].active && r.registration[1].active &&
		      view_eq(r.registration[1].aor, VIEW("tel:+15551230001")),
	      "%.*s", SHOWN(r.registration[1].aor));
	text.len = 0;
	CHECK(read_copy(init, strlen(init), &text, &r) == 0 && r.n_registrations == 1 && !r.registration[0].active,
	      "init is not active");
}

/* Room that is needed while reading may be more than what the result fills. */
static void test_room(void)
{
	size_t need = 0;
	struct reginfo r;
	int rc = -ENOSPC;

	while (rc == -ENOSPC && need < strlen(kamailio)) {
		struct wbuf text = wbuf_of(buffer, ++need);

		memset(buffer, CANARY, need + 1);
		text.len = 1;
		rc = read_copy(kamailio, strlen(kamailio), &text, &r);
		CHECK(buffer[need] == CANARY && buffer[0] == CANARY, "room for %zu: writes outside", need);
		CHECK(rc == 0 || (text.len == 1 && !text.err), "room for %zu: %zu", need, text.len);
	}
	CHECK(rc == 0 && need > 80, "%d %zu", rc, need);
}

static const struct {
	const char *name, *document;
} refused[] = {
	{"nothing", ""},
	{"text", "full"},
	{"another root", "<imdn/>"},
	{"not closed", FULL AOR},
	{"DTD", "<!DOCTYPE reginfo [<!ENTITY e \"x\">]><reginfo version=\"&e;\"/>"},
	{"entity that is a file", "<!DOCTYPE reginfo [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><reginfo>&e;</reginfo>"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		struct reginfo r;
		int rc = read_copy(refused[i].document, strlen(refused[i].document), &text, &r);

		CHECK(rc == -EBADMSG && text.len == 0, "%s: %d", refused[i].name, rc);
	}
}

/* n times one piece between two others */
static struct view repeated(const char *before, const char *piece, unsigned n, const char *behind)
{
	static uint8_t document[XML_OCTETS_MAX];
	struct wbuf w = wbuf_of(document, sizeof(document));

	wbuf_str(&w, before);
	for (unsigned i = 0; i < n; i++)
		wbuf_str(&w, piece);
	wbuf_str(&w, behind);
	return wbuf_written(&w);
}

static void test_many(void)
{
	static const struct {
		const char *name, *before, *piece, *behind;
		unsigned n, n_registrations, n_contacts;
		bool truncated;
	} many[] = {
		{"contacts", FULL AOR, NEW URI("sip:a@h") END, END_REG CLOSE, 32, 1, 32, false},
		{"contacts", FULL AOR, NEW URI("sip:a@h") END, END_REG CLOSE, 33, 1, 32, true},
		{"registrations", FULL, AOR NEW URI("sip:a@h") END END_REG, CLOSE, 8, 8, 8, false},
		{"registrations", FULL, AOR NEW URI("sip:a@h") END END_REG, CLOSE, 9, 8, 8, true},
	};

	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		struct reginfo r;
		int rc = reginfo_read(repeated(many[i].before, many[i].piece, many[i].n, many[i].behind), &text, &r);

		CHECK(rc == 0 && r.n_registrations == many[i].n_registrations && r.n_contacts == many[i].n_contacts &&
			      r.truncated == many[i].truncated,
		      "%u %s: %d %u %u", many[i].n, many[i].name, rc, r.n_registrations, r.n_contacts);
	}
}

int main(void)
{
	test_read();
	test_registrations();
	test_room();
	test_refused();
	test_many();
	return test_end("reginfo");
}
