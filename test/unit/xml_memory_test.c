/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Memory runs out at every allocation that libxml2 makes for a document, one after the other: each reader says so
 * (-ENOMEM, never that the document is bad), gives back what it took, and reads the document when there is enough.
 */

#include "test.h"

#include <libxml/parser.h>
#include <libxml/xmlmemory.h>

#include "../../lib/cpm/conference_info.h"
#include "../../lib/cpm/content_link.h"
#include "../../lib/cpm/imdn.h"
#include "../../lib/cpm/register_body.h"
#include "../../lib/cpm/reginfo.h"
#include "../../lib/cpm/resource_list.h"

enum { ALLOCATIONS_MAX = 5000 };

static long left = -1; /* allocations that work; -1: all */
static long held;

static bool fails(void)
{
	if (left < 0)
		return false;
	return left == 0 || left-- == 0;
}

static void *memory_malloc(size_t size)
{
	void *p = fails() ? NULL : malloc(size);

	held += p != NULL;
	return p;
}

static void *memory_realloc(void *old, size_t size)
{
	void *p = fails() ? NULL : realloc(old, size);

	held += p && !old;
	return p;
}

static void memory_free(void *p)
{
	held -= p != NULL;
	free(p);
}

static char *memory_strdup(const char *s)
{
	char *p = memory_malloc(strlen(s) + 1);

	if (p)
		strcpy(p, s);
	return p;
}

/* ---- readers ---- */

static uint8_t text_octets[1 << 16];

static int read_imdn(struct view in, struct wbuf *text)
{
	struct imdn d;

	return imdn_decode(in, text, &d);
}

static int read_conference(struct view in, struct wbuf *text)
{
	static struct conference_info c;

	return conference_info_read(in, text, &c);
}

static int read_reginfo(struct view in, struct wbuf *text)
{
	static struct reginfo r;

	return reginfo_read(in, text, &r);
}

static int read_resource_list(struct view in, struct wbuf *text)
{
	static struct resource_list l;

	return resource_list_read(in, text, &l);
}

static int read_ft_http(struct view in, struct wbuf *text)
{
	struct ft_http f;

	return ft_http_decode(in, text, &f);
}

static int read_geo(struct view in, struct wbuf *text)
{
	struct geo g;

	return geo_decode(in, text, &g);
}

static const struct {
	const char *name, *document;
	int (*read)(struct view in, struct wbuf *text);
} cases[] = {
	{"imdn",
	 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>Ab1</message-id>"
	 "<datetime>2026-01-01T00:00:00Z</datetime><delivery-notification><status><delivered/></status>"
	 "</delivery-notification></imdn>",
	 read_imdn},
	{"conference-info",
	 "<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" entity=\"sip:c@h\" state=\"full\" version=\"1\">"
	 "<users><user entity=\"sip:a@h\" state=\"full\"><display-text>A &amp; B</display-text><endpoint entity=\"sip:a@1\">"
	 "<status>connected</status></endpoint></user></users></conference-info>",
	 read_conference},
	{"reginfo",
	 "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"0\" state=\"full\"><registration aor=\"sip:a@h\" id=\"r\" "
	 "state=\"active\"><contact id=\"c\" state=\"active\" event=\"registered\" expires=\"600\"><uri>sip:a@1.2.3.4</uri>"
	 "</contact></registration></reginfo>",
	 read_reginfo},
	{"resource-lists",
	 "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list><entry uri=\"sip:a@h\"/><entry uri=\"sip:b@h\"/>"
	 "</list></resource-lists>",
	 read_resource_list},
	{"ft-http",
	 "<file xmlns=\"urn:gsma:params:xml:ns:rcs:rcs:fthttp\"><file-info type=\"file\"><file-size>10</file-size>"
	 "<file-name>a.jpg</file-name><content-type>image/jpeg</content-type><data url=\"https://h/f\" "
	 "until=\"2026-01-02T00:00:00Z\"/></file-info></file>",
	 read_ft_http},
	{"geo",
	 "<rcsenvelope xmlns=\"urn:gsma:params:xml:ns:rcs:rcs:geolocation\" xmlns:gml=\"http://www.opengis.net/gml\" "
	 "entity=\"tel:+491\"><rcspushlocation id=\"a1\"><gml:Point><gml:pos>48.1 11.5</gml:pos></gml:Point></rcspushlocation>"
	 "</rcsenvelope>",
	 read_geo},
};

static int read_with(unsigned i, long allocations, long *leaked)
{
	struct wbuf text = wbuf_of(text_octets, sizeof(text_octets));
	long before = held;
	int rc;

	left = allocations;
	rc = cases[i].read(view_str(cases[i].document), &text);
	left = -1;
	xmlResetLastError(); /* a message of its own that libxml2 keeps until the next one */
	*leaked = held - before;
	return rc;
}

static void test_case(unsigned i)
{
	long n = 0, leaked;
	int rc = read_with(i, -1, &leaked); /* what libxml2 makes once is made */

	CHECK(rc == 0, "%s: %d", cases[i].name, rc);
	for (; n < ALLOCATIONS_MAX; n++) {
		rc = read_with(i, n, &leaked);
		CHECK(leaked == 0, "%s: allocation %ld fails, %ld left", cases[i].name, n, leaked);
		if (rc == 0)
			break;
		CHECK(rc == -ENOMEM, "%s: allocation %ld fails: %d", cases[i].name, n, rc);
	}
	CHECK(n > 5 && n < ALLOCATIONS_MAX, "%s: reads after %ld allocations", cases[i].name, n);
}

int main(void)
{
	CHECK(xmlMemSetup(memory_free, memory_malloc, memory_realloc, memory_strdup) == 0, "xmlMemSetup");
	xmlInitParser();
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_case(i);
	xmlCleanupParser();
	return test_end("xml_memory_test");
}
