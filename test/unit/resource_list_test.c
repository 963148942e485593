/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/resource_list.h"
#include "../../lib/cpm/xml.h"
#include "test.h"

#define SHOWN(v) (int)(v).len, (v).len ? (const char *)(v).p : ""

enum { CANARY = 0xa5 };

static uint8_t buffer[2 * XML_OCTETS_MAX];

#define OPEN                                                                                                           \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\""  \
	" xmlns:cp=\"urn:ietf:params:xml:ns:copycontrol\">"
#define LIST(x)	 OPEN "<list>" x "</list></resource-lists>\n"
#define TO	 " cp:copyControl=\"to\""
#define ENTRY(u) "<entry uri=\"" u "\"" TO "/>\n"

static const struct {
	const char *name, *document;
	unsigned n;
	/* the last entry */
	const char *uri, *display_name, *session_replaces;
} cases[] = {
	{"one", LIST(ENTRY("tel:+15559870002")), 1, "tel:+15559870002", "", ""},
	{"two", LIST(ENTRY("tel:+15559870002") ENTRY("sip:bob@h;user=phone")), 2, "sip:bob@h;user=phone", "", ""},
	{"display name", LIST("<entry uri=\" tel:+1 \"><display-name xml:lang=\"en\"> Bob\tB\n&amp; C\xc3\xa9 </display-name></entry>"),
	 1, "tel:+1", "Bob B & C\xc3\xa9", ""},
	{"no copyControl", LIST("<entry uri=\"tel:+1\"/>"), 1, "tel:+1", "", ""},
	{"bcc is hidden", LIST(ENTRY("tel:+1") "<entry uri=\"tel:+2\" cp:copyControl=\"bcc\"/>"), 1, "tel:+1", "", ""},
	{"anonymized is hidden", LIST(ENTRY("tel:+1") "<entry uri=\"tel:+2\" cp:anonymize=\"true\"/>"), 1, "tel:+1", "", ""},
	{"cc", LIST("<entry uri=\"tel:+1\" cp:copyControl=\"cc\" cp:anonymize=\"false\"/>"), 1, "tel:+1", "", ""},
	{"replaced session", LIST(ENTRY("tel:+15559870002?Session-Replaces=d5e4121a")), 1, "tel:+15559870002", "", "d5e4121a"},
	{"among other headers, escaped, any case",
	 LIST(ENTRY("sip:b@h?Subject=x&amp;session-replaces=a%2Fb%3d%zz%4&amp;Accept-Contact=*")), 1, "sip:b@h", "", "a/b=%zz%4"},
	{"without a value", LIST(ENTRY("sip:b@h?Session-Replaces")), 1, "sip:b@h", "", ""},
	{"empty headers", LIST(ENTRY("sip:b@h?")), 1, "sip:b@h", "", ""},
	{"lists in a list", OPEN "<list><list><entry uri=\"tel:+1\"/></list></list><list><entry uri=\"tel:+2\"/></list></resource-lists>\n",
	 2, "tel:+2", "", ""},
	{"no uri", LIST(ENTRY("tel:+1") "<entry/><entry uri=\"\"/><entry uri=\"?Session-Replaces=x\"/>"), 1, "tel:+1", "", ""},
	{"uri with a blank", LIST(ENTRY("tel:+1") ENTRY("tel:+2 3")), 1, "tel:+1", "", ""},
	{"uri with a line end", LIST(ENTRY("tel:+1") ENTRY("tel:+2&#10;3")), 1, "tel:+1", "", ""},
	{"no entry", LIST(""), 0, "", "", ""},
	{"prefix, elements of others",
	 "<r:resource-lists xmlns:r=\"urn:ietf:params:xml:ns:resource-lists\"><r:list><x/><r:entry uri=\"tel:+1\"><y/>"
	 "<r:display-name>A</r:display-name></r:entry></r:list></r:resource-lists>\n",
	 1, "tel:+1", "A", ""},
};

static int read_copy(const char *document, size_t len, struct wbuf *text, struct resource_list *out)
{
	uint8_t *block = malloc(len ? len : 1);
	int rc;

	memcpy(block, document, len);
	rc = resource_list_read((struct view){block, len}, text, out);
	free(block);
	return rc;
}

static void check_entry(size_t i, const struct resource_entry *e)
{
	CHECK(view_eq(e->uri, view_str(cases[i].uri)), "%s: %.*s", cases[i].name, SHOWN(e->uri));
	CHECK(view_eq(e->name, view_str(cases[i].display_name)), "%s: %.*s", cases[i].name, SHOWN(e->name));
	CHECK(view_eq(e->session_replaces, view_str(cases[i].session_replaces)), "%s: %.*s", cases[i].name,
	      SHOWN(e->session_replaces));
}

/* The last octet of each document may be white space. */
static void check_cuts(size_t i)
{
	static struct resource_list l;

	for (size_t len = 0; len + 2 < strlen(cases[i].document); len++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		int rc = read_copy(cases[i].document, len, &text, &l);

		CHECK(rc == -EBADMSG && text.len == 0, "%s: %zu octets: %d", cases[i].name, len, rc);
	}
}

static void test_read(void)
{
	static struct resource_list l;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		int rc = read_copy(cases[i].document, strlen(cases[i].document), &text, &l);

		CHECK(rc == 0 && l.n == cases[i].n && !l.truncated, "%s: %d %u", cases[i].name, rc, l.n);
		if (rc == 0 && l.n)
			check_entry(i, &l.entry[l.n - 1]);
		check_cuts(i);
	}
}

/* Room that is needed while reading may be more than what the result fills. */
static void test_room(void)
{
	static const char document[] = LIST(ENTRY("tel:+15559870002?Session-Replaces=d5e4121a"));
	static struct resource_list l;
	size_t need = 0;
	int rc = -ENOSPC;

	while (rc == -ENOSPC && need < strlen(document)) {
		struct wbuf text = wbuf_of(buffer, ++need);

		memset(buffer, CANARY, need + 1);
		text.len = 1;
		rc = read_copy(document, strlen(document), &text, &l);
		CHECK(buffer[need] == CANARY && buffer[0] == CANARY, "room for %zu: writes outside", need);
		CHECK(rc == 0 || (text.len == 1 && !text.err), "room for %zu: %zu", need, text.len);
	}
	CHECK(rc == 0 && need > 40, "%d %zu", rc, need);
}

static void test_many(void)
{
	static uint8_t document[XML_OCTETS_MAX];
	static struct resource_list l;

	for (unsigned n = RESOURCE_ENTRIES_MAX; n <= RESOURCE_ENTRIES_MAX + 1; n++) {
		struct wbuf w = wbuf_of(document, sizeof(document)), text = wbuf_of(buffer, sizeof(buffer));
		int rc;

		wbuf_str(&w, OPEN "<list>");
		for (unsigned i = 0; i < n; i++)
			wbuf_str(&w, ENTRY("tel:+15559870002"));
		wbuf_str(&w, "</list></resource-lists>");
		rc = resource_list_read(wbuf_written(&w), &text, &l);
		CHECK(rc == 0 && l.n == RESOURCE_ENTRIES_MAX && l.truncated == (n > RESOURCE_ENTRIES_MAX), "%u: %d %u", n, rc,
		      l.n);
	}
}

static const char *const refused[] = {
	"",
	"tel:+1",
	"<list/>",
	OPEN "<list>",
	"<!DOCTYPE resource-lists [<!ENTITY e \"tel:+1\">]><resource-lists><list><entry uri=\"&e;\"/></list></resource-lists>",
};

static void test_refused(void)
{
	static struct resource_list l;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		int rc = read_copy(refused[i], strlen(refused[i]), &text, &l);

		CHECK(rc == -EBADMSG && text.len == 0, "%s: %d", refused[i], rc);
	}
}

int main(void)
{
	test_read();
	test_room();
	test_many();
	test_refused();
	return test_end("resource_list");
}
