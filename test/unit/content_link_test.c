/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/content_link.h"
#include "../../lib/cpm/xml.h"
#include "test.h"

#define SHOWN(v) (int)(v).len, (v).len ? (const char *)(v).p : ""

enum { CANARY = 0xa5 };

static uint8_t buffer[XML_OCTETS_MAX];

static bool is_text(struct view v, const char *text)
{
	return view_eq(v, view_str(text));
}

/* Both documents give up to three texts; so one loop serves both. */
struct found {
	struct view text[3];
};

static int ft_http_read(struct view in, struct wbuf *text, struct found *out)
{
	struct ft_http f;
	int rc = ft_http_decode(in, text, &f);

	*out = (struct found){{f.url, f.file_name, f.until}};
	return rc;
}

static int geo_read(struct view in, struct wbuf *text, struct found *out)
{
	struct geo g;
	int rc = geo_decode(in, text, &g);

	*out = (struct found){{g.latitude, g.longitude, g.label}};
	return rc;
}

/* ---- file transfer by HTTP ---- */

#define FILE_OPEN "<?xml version=\"1.0\" encoding=\"UTF-8\"?><file xmlns=\"urn:gsma:params:xml:ns:rcs:rcs:fthttp\">"
#define THUMBNAIL                                                                                                      \
	"<file-info type=\"thumbnail\"><file-size>1</file-size><content-type>image/png</content-type>"                \
	"<data url=\"https://ftcontent.example/t\" until=\"2026-04-01T00:00:00Z\"/></file-info>"
#define FILE_INFO(name, url)                                                                                           \
	"<file-info type=\"file\"><file-size>2048</file-size>" name "<content-type>image/jpeg</content-type>"          \
	"<data url=\"" url "\" until=\"2026-04-02T00:00:00Z\"/></file-info>"
#define NAME(n) "<file-name>" n "</file-name>"
#define UNTIL	"2026-04-02T00:00:00Z"

/* ---- geolocation push ---- */

#define ENVELOPE                                                                                                       \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?><rcsenvelope xmlns=\"urn:gsma:params:xml:ns:rcs:rcs:geolocation\""  \
	" xmlns:gp=\"urn:ietf:params:xml:ns:pidf:geopriv10\" xmlns:gml=\"http://www.opengis.net/gml\""                 \
	" xmlns:gs=\"http://www.opengis.net/pidflo/1.0\" entity=\"tel:+15551230001\">"
#define CIRCLE(pos)                                                                                                    \
	"<gp:geopriv><gp:location-info><gs:Circle srsName=\"urn:ogc:def:crs:EPSG::4326\"><gml:pos>" pos                \
	"</gml:pos><gs:radius uom=\"urn:ogc:def:uom:EPSG::9001\">10</gs:radius></gs:Circle></gp:location-info>"        \
	"</gp:geopriv>"
#define PUSH(label, pos) ENVELOPE "<rcspushlocation id=\"a1\" " label ">" CIRCLE(pos) "</rcspushlocation></rcsenvelope>"

static const struct {
	const char *name;
	int (*read)(struct view in, struct wbuf *text, struct found *out);
	const char *document;
	int rc;
	const char *text[3];
} cases[] = {
	{"file", ft_http_read, FILE_OPEN FILE_INFO(NAME("a.jpg"), "https://ft.example/a?x=1&amp;y=2") "</file>", 0,
	 {"https://ft.example/a?x=1&y=2", "a.jpg", UNTIL}},
	{"thumbnail and file", ft_http_read, FILE_OPEN THUMBNAIL FILE_INFO(NAME("a.jpg"), "http://h/") "</file>", 0,
	 {"http://h/", "a.jpg", UNTIL}},
	{"file and thumbnail", ft_http_read, FILE_OPEN FILE_INFO(NAME("a.jpg"), "HTTPS://h/") THUMBNAIL "</file>", 0,
	 {"HTTPS://h/", "a.jpg", UNTIL}},
	{"no name", ft_http_read, FILE_OPEN FILE_INFO("", "http://h/") "</file>", 0, {"http://h/", "", UNTIL}},
	{"name with blanks and letters", ft_http_read, FILE_OPEN FILE_INFO(NAME("caf\xc3\xa9 1.jpg"), "http://h/") "</file>",
	 0, {"http://h/", "caf\xc3\xa9 1.jpg", UNTIL}},
	{"name with a line end", ft_http_read, FILE_OPEN FILE_INFO(NAME("a\nb"), "http://h/") "</file>", 0,
	 {"http://h/", "", UNTIL}},
	{"thumbnail alone", ft_http_read, FILE_OPEN THUMBNAIL "</file>", -EBADMSG, {0}},
	{"no data", ft_http_read, FILE_OPEN "<file-info type=\"file\"/></file>", -EBADMSG, {0}},
	{"script for a URL", ft_http_read, FILE_OPEN FILE_INFO("", "javascript:alert(1)") "</file>", -EBADMSG, {0}},
	{"scheme alone", ft_http_read, FILE_OPEN FILE_INFO("", "https://") "</file>", -EBADMSG, {0}},
	{"blank in the URL", ft_http_read, FILE_OPEN FILE_INFO("", "https://h/a b") "</file>", -EBADMSG, {0}},
	{"line end in the URL", ft_http_read, FILE_OPEN FILE_INFO("", "https://h/a&#10;b") "</file>", -EBADMSG, {0}},
	{"letters in the URL", ft_http_read, FILE_OPEN FILE_INFO("", "https://h/\xc3\xa9") "</file>", -EBADMSG, {0}},
	{"no XML", ft_http_read, "https://h/a", -EBADMSG, {0}},
	{"DTD", ft_http_read, "<!DOCTYPE file><file>" FILE_INFO("", "http://h/") "</file>", -EBADMSG, {0}},

	{"place", geo_read, PUSH("label=\"meeting &amp; eating\"", "26.1181289 -80.1283921"), 0,
	 {"26.1181289", "-80.1283921", "meeting & eating"}},
	{"no label", geo_read, PUSH("", "26 +80"), 0, {"26", "+80", ""}},
	{"white space", geo_read, PUSH("", "\r\n  26.5\t\n80.5 \n"), 0, {"26.5", "80.5", ""}},
	{"with altitude", geo_read, PUSH("", "26.5 80.5 100"), 0, {"26.5", "80.5", ""}},
	{"point without prefix", geo_read, "<rcsenvelope><Point><pos>1.0 2.0</pos></Point></rcsenvelope>", 0,
	 {"1.0", "2.0", ""}},
	{"two places, the first", geo_read, ENVELOPE "<rcspushlocation>" CIRCLE("1 2") CIRCLE("3 4") "</rcspushlocation></rcsenvelope>",
	 0, {"1", "2", ""}},
	{"poles", geo_read, PUSH("", "-90.000 180.0"), 0, {"-90.000", "180.0", ""}},
	{"beyond the pole", geo_read, PUSH("", "90.001 0"), -EBADMSG, {0}},
	{"beyond the date line", geo_read, PUSH("", "0 -181"), -EBADMSG, {0}},
	{"one number", geo_read, PUSH("", "26.5"), -EBADMSG, {0}},
	{"no number", geo_read, PUSH("", "26.5 east"), -EBADMSG, {0}},
	{"point without digits", geo_read, PUSH("", "26. 80."), -EBADMSG, {0}},
	{"exponent", geo_read, PUSH("", "1e1 2"), -EBADMSG, {0}},
	{"sign alone", geo_read, PUSH("", "- 2"), -EBADMSG, {0}},
	{"a link in it", geo_read, PUSH("", "1&amp;q=2 3"), -EBADMSG, {0}},
	{"more digits than an integer holds", geo_read, PUSH("", "4294967297 1"), -EBADMSG, {0}},
	{"no position", geo_read, ENVELOPE "<rcspushlocation/></rcsenvelope>", -EBADMSG, {0}},
	{"file for a place", geo_read, FILE_OPEN FILE_INFO("", "http://h/") "</file>", -EBADMSG, {0}},
};

static int read_copy(size_t i, size_t len, struct wbuf *text, struct found *out)
{
	uint8_t *block = malloc(len ? len : 1);
	int rc;

	memcpy(block, cases[i].document, len);
	rc = cases[i].read((struct view){block, len}, text, out);
	free(block);
	return rc;
}

static void check_room_and_cuts(size_t i, size_t need)
{
	size_t whole = strlen(cases[i].document);
	struct found f;

	for (size_t size = 0; size < need; size++) {
		struct wbuf text = wbuf_of(buffer, size);
		int rc;

		memset(buffer, CANARY, need + 1);
		rc = read_copy(i, whole, &text, &f);
		CHECK(rc == -ENOSPC && text.len == 0 && !text.err && buffer[size] == CANARY, "%s: room for %zu: %d",
		      cases[i].name, size, rc);
	}
	for (size_t len = 0; len < whole; len++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		int rc = read_copy(i, len, &text, &f);

		CHECK(rc == -EBADMSG && text.len == 0, "%s: %zu of %zu octets: %d", cases[i].name, len, whole, rc);
	}
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		struct found f;
		int rc = read_copy(i, strlen(cases[i].document), &text, &f);

		CHECK(rc == cases[i].rc, "%s: %d", cases[i].name, rc);
		if (rc) {
			CHECK(text.len == 0 && !text.err, "%s", cases[i].name);
			continue;
		}
		for (int t = 0; t < 3; t++)
			CHECK(is_text(f.text[t], cases[i].text[t]), "%s: %.*s", cases[i].name, SHOWN(f.text[t]));
		check_room_and_cuts(i, text.len);
	}
	return test_end("content_link");
}
