/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/content.h"
#include "test.h"

#define SHOWN(v) (int)(v).len, (v).len ? (const char *)(v).p : ""
#define TEXT(lit)                                                                                                    \
	{                                                                                                            \
		(const uint8_t *)("" lit), sizeof(lit) - 1                                                           \
	}

static bool is_text(struct view v, const char *text)
{
	return view_eq(v, view_str(text ? text : ""));
}

/* A view of the same octets in an exact-size heap block; free() its p. */
static struct view copy_of(struct view v)
{
	uint8_t *block = malloc(v.len ? v.len : 1);

	if (v.len)
		memcpy(block, v.p, v.len);
	return (struct view){block, v.len};
}

/* ---- what a body is ---- */

#define CPIM(type)	 "From: <tel:+1>\r\nTo: <tel:+2>\r\nimdn.Message-ID: m1\r\n\r\nContent-Type: " type "\r\n"
#define CPIM_TEXT(text)	 CPIM("text/plain;charset=UTF-8") "\r\n" text
#define PART(type, body) "--b\r\nContent-Type: " type "\r\n\r\n" body "\r\n"
#define END		 "--b--\r\n"
#define MIXED		 "multipart/mixed;boundary=b"
#define LIST		 "<?xml version=\"1.0\"?>\r\n<resource-lists/>"
#define NEST(n, body)	 "--n" n "\r\nContent-Type: multipart/mixed;boundary=n" n "x\r\n\r\n" body "\r\n--n" n "--\r\n"

static const struct {
	const char *name, *content_type, *body;
	int rc;
	enum content_kind kind;
	bool has_cpim;
	const char *media_type, *payload, *charset, *transfer_encoding;
} cases[] = {
	{"no Content-Type", "", "hi", 0, CONTENT_TEXT, false, "text/plain", "hi", "", ""},
	{"11.11", "text/plain;charset=UTF-8", "Lunch at 12?", 0, CONTENT_TEXT, false, "text/plain", "Lunch at 12?",
	 "UTF-8", ""},
	{"quoted charset, spaces", " Text/Plain ; Charset = \"iso-8859-1\" ; x=y", "hi", 0, CONTENT_TEXT, false,
	 "Text/Plain", "hi", "iso-8859-1", ""},
	{"empty text", "text/plain", "", 0, CONTENT_TEXT, false, "text/plain", "", "", ""},
	{"CPIM of text", "message/cpim", CPIM_TEXT("hi"), 0, CONTENT_TEXT, true, "text/plain", "hi", "UTF-8", ""},
	{"CPIM of text, letter case and parameters", "Message/CPIM; charset=UTF-8", CPIM_TEXT("hi"), 0, CONTENT_TEXT,
	 true, "text/plain", "hi", "UTF-8", ""},
	{"R-39", "message/cpim", CPIM("text/plain") "Content-Transfer-Encoding: base64\r\n\r\naGk=", 0, CONTENT_TEXT,
	 true, "text/plain", "aGk=", "", "base64"},
	{"R-43 bare", "message/imdn+xml", "<imdn/>", 0, CONTENT_IMDN, false, "message/imdn+xml", "<imdn/>", "", ""},
	{"R-43 in CPIM", "message/cpim", CPIM("message/imdn+xml") "Content-Disposition: notification\r\n\r\n<imdn/>",
	 0, CONTENT_IMDN, true, "message/imdn+xml", "<imdn/>", "", ""},
	{"R-43 in CPIM, letter case and charset", "message/cpim",
	 CPIM("Message/IMDN+xml;charset=utf-8") "\r\n<imdn/>", 0, CONTENT_IMDN, true, "Message/IMDN+xml", "<imdn/>",
	 "utf-8", ""},
	{"R-43 in CPIM in multipart", MIXED, PART("message/cpim", CPIM("message/imdn+xml") "\r\n<imdn/>") END, 0,
	 CONTENT_IMDN, true, "message/imdn+xml", "<imdn/>", "", ""},
	{"R-42 bare", "application/im-iscomposing+xml", "<x/>", 0, CONTENT_COMPOSING, false,
	 "application/im-iscomposing+xml", "<x/>", "", ""},
	{"R-42 in CPIM", "message/cpim", CPIM("application/im-iscomposing+xml") "\r\n<x/>", 0, CONTENT_COMPOSING,
	 true, "application/im-iscomposing+xml", "<x/>", "", ""},
	{"SMS over IP", "application/vnd.3gpp.sms", "\x01", 0, CONTENT_SMS, false, "application/vnd.3gpp.sms", "\x01",
	 "", ""},
	{"HTML", "text/html", "<b>", 0, CONTENT_UNSUPPORTED, false, "text/html", "<b>", "", ""},
	{"link in CPIM", "message/cpim", CPIM("application/vnd.gsma.rcs-ft-http+xml") "\r\n<file/>", 0,
	 CONTENT_FT_HTTP, true, "application/vnd.gsma.rcs-ft-http+xml", "<file/>", "", ""},
	{"place in CPIM", "message/cpim", CPIM("Application/vnd.gsma.RCSpushlocation+xml; charset=utf-8") "\r\n<x/>",
	 0, CONTENT_GEO, true, "Application/vnd.gsma.RCSpushlocation+xml", "<x/>", "utf-8", ""},
	{"place, bare", "application/vnd.gsma.rcspushlocation+xml", "<x/>", 0, CONTENT_GEO, false,
	 "application/vnd.gsma.rcspushlocation+xml", "<x/>", "", ""},
	{"type that begins like ours", "text/plainer", "hi", 0, CONTENT_UNSUPPORTED, false, "text/plainer", "hi", "",
	 ""},
	{"type without subtype", "text", "hi", 0, CONTENT_UNSUPPORTED, false, "text", "hi", "", ""},
	{"no type in front of the parameter", ";charset=x", "hi", 0, CONTENT_UNSUPPORTED, false, "", "hi", "x", ""},

	{"one text part", MIXED, PART("text/plain", "hi") END, 0, CONTENT_TEXT, false, "text/plain", "hi", "", ""},
	{"one CPIM part", MIXED, PART("message/cpim", CPIM_TEXT("hi")) END, 0, CONTENT_TEXT, true, "text/plain", "hi",
	 "UTF-8", ""},
	{"recipient list and CPIM", MIXED,
	 PART("application/resource-lists+xml", LIST) PART("message/cpim", CPIM_TEXT("hi")) END, 0, CONTENT_TEXT,
	 true, "text/plain", "hi", "UTF-8", ""},
	{"CPIM and recipient list", MIXED,
	 PART("message/cpim", CPIM_TEXT("hi")) PART("application/resource-lists+xml", LIST) END, 0, CONTENT_TEXT,
	 true, "text/plain", "hi", "UTF-8", ""},
	{"recipient list and image", MIXED, PART("application/resource-lists+xml", LIST) PART("image/png", "x") END,
	 0, CONTENT_UNSUPPORTED, false, "image/png", "x", "", ""},
	{"recipient list alone", MIXED, PART("application/resource-lists+xml", "x") END, 0, CONTENT_UNSUPPORTED,
	 false, "application/resource-lists+xml", "x", "", ""},
	{"text and image", MIXED, PART("image/png", "x") PART("text/plain", "hi") END, 0, CONTENT_TEXT, false,
	 "text/plain", "hi", "", ""},
	{"link and image", MIXED, PART("application/vnd.gsma.rcs-ft-http+xml", "<x/>") PART("image/png", "x") END, 0,
	 CONTENT_FT_HTTP, false, "application/vnd.gsma.rcs-ft-http+xml", "<x/>", "", ""},
	{"link and text", MIXED, PART("application/vnd.gsma.rcs-ft-http+xml", "<x/>") PART("text/plain", "hi") END, 0,
	 CONTENT_TEXT, false, "text/plain", "hi", "", ""},
	{"text, link and place", MIXED,
	 PART("text/plain", "hi") PART("application/vnd.gsma.rcs-ft-http+xml", "<x/>")
		 PART("application/vnd.gsma.rcspushlocation+xml", "<y/>") END,
	 0, CONTENT_TEXT, false, "text/plain", "hi", "", ""},
	{"link and place", MIXED,
	 PART("application/vnd.gsma.rcs-ft-http+xml", "<x/>") PART("application/vnd.gsma.rcspushlocation+xml",
								   "<y/>") END,
	 0, CONTENT_UNSUPPORTED, false, "multipart/mixed",
	 PART("application/vnd.gsma.rcs-ft-http+xml", "<x/>") PART("application/vnd.gsma.rcspushlocation+xml",
								   "<y/>") END,
	 "", ""},
	{"two images", MIXED, PART("image/png", "x") PART("image/png", "y") END, 0, CONTENT_UNSUPPORTED, false,
	 "image/png", "x", "", ""},
	{"alternative of text and HTML", "multipart/alternative; boundary=b",
	 PART("text/plain", "hi") PART("text/html", "<b>") END, 0, CONTENT_TEXT, false, "text/plain", "hi", "", ""},
	{"alternative of two texts", "Multipart/Alternative; boundary=b",
	 PART("text/plain", "hi") PART("text/plain", "ho") END, 0, CONTENT_TEXT, false, "text/plain", "hi", "", ""},
	{"two texts that are not alternatives", MIXED, PART("text/plain", "hi") PART("text/plain", "ho") END, 0,
	 CONTENT_UNSUPPORTED, false, "multipart/mixed", PART("text/plain", "hi") PART("text/plain", "ho") END, "",
	 ""},
	{"quoted boundary", "multipart/mixed; boundary=\"a b:c\"", "--a b:c\r\n\r\nhi\r\n--a b:c--", 0, CONTENT_TEXT,
	 false, "text/plain", "hi", "", ""},
	{"preamble and epilogue", MIXED,
	 "not a part\r\n\r\n--bx\r\n" PART("text/plain", "hi") END "\r\n--b\r\n\r\nnot either", 0, CONTENT_TEXT,
	 false, "text/plain", "hi", "", ""},
	{"part without header", MIXED, "--b\r\n\r\nhi\r\n" END, 0, CONTENT_TEXT, false, "text/plain", "hi", "", ""},
	{"part with header only", MIXED, "--b\r\nContent-Type: text/plain\r\n\r\n" END, 0, CONTENT_TEXT, false,
	 "text/plain", "", "", ""},
	{"LF line ends", MIXED, "x\n--b\nContent-type: text/plain\n\nhi\n--b--\n", 0, CONTENT_TEXT, false,
	 "text/plain", "hi", "", ""},
	{"blanks behind the boundary", MIXED, "--b \t\r\n\r\nhi\r\n--b-- \r\n", 0, CONTENT_TEXT, false, "text/plain",
	 "hi", "", ""},
	{"boundary inside a line, and longer ones", MIXED, "--b\r\n\r\nhi --b\r\n--bb\r\n--b-\r\n--b--x\r\n--b--", 0,
	 CONTENT_TEXT, false, "text/plain", "hi --b\r\n--bb\r\n--b-\r\n--b--x", "", ""},
	{"text that ends in a line end of its own", MIXED, PART("text/plain", "hi\r\n") END, 0, CONTENT_TEXT, false,
	 "text/plain", "hi\r\n", "", ""},
	{"CPIM part with CRLF behind its Content-Length", MIXED,
	 PART("message/cpim", CPIM("text/plain") "Content-Length: 2\r\n\r\nhi\r\n") END, 0, CONTENT_TEXT, true,
	 "text/plain", "hi", "", ""},
	{"close delimiter missing", MIXED, "--b\r\n\r\nhi", 0, CONTENT_TEXT, false, "text/plain", "hi", "", ""},
	{"transfer encoding of a part", MIXED, "--b\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n" END, 0,
	 CONTENT_TEXT, false, "text/plain", "aGk=", "", "base64"},
	{"multipart in CPIM", "message/cpim", CPIM(MIXED) "\r\n" PART("text/plain", "hi") END, 0, CONTENT_TEXT, true,
	 "text/plain", "hi", "", ""},
	{"multipart three deep", "multipart/mixed;boundary=n", NEST("", NEST("x", "--nxx\r\n\r\nhi\r\n--nxx--")), 0,
	 CONTENT_TEXT, false, "text/plain", "hi", "", ""},
	{"wrapper in base64", "message/cpim", NULL, 0, CONTENT_UNSUPPORTED, false, "message/cpim", "", "", "base64"},

	{.name = "multipart four deep",
	 .content_type = "multipart/mixed;boundary=n",
	 .rc = -EBADMSG,
	 .body = NEST("", NEST("x", NEST("xx", "--nxxx\r\n\r\nhi\r\n--nxxx--")))},
	{.name = "no boundary parameter",
	 .content_type = "multipart/mixed",
	 .body = "--b\r\n\r\nhi\r\n--b--",
	 .rc = -EBADMSG},
	{.name = "empty boundary",
	 .content_type = "multipart/mixed;boundary=\"\"",
	 .body = "--\r\n\r\nhi\r\n----",
	 .rc = -EBADMSG},
	{.name = "boundary not in the body", .content_type = MIXED, .body = "hi", .rc = -EBADMSG},
	{.name = "multipart, empty body", .content_type = MIXED, .body = "", .rc = -EBADMSG},
	{.name = "multipart without part", .content_type = MIXED, .body = "--b--", .rc = -EBADMSG},
	{.name = "boundary and nothing", .content_type = MIXED, .body = "--b\r\n", .rc = -EBADMSG},
	{.name = "part header that is none", .content_type = MIXED, .body = "--b\r\nhi\r\n--b--", .rc = -EBADMSG},
	{.name = "CPIM that is none", .content_type = "message/cpim", .body = "hi", .rc = -EBADMSG},
	{.name = "CPIM part that is none",
	 .content_type = MIXED,
	 .body = PART("message/cpim", "hi") END,
	 .rc = -EBADMSG},
	{.name = "CPIM in CPIM",
	 .content_type = "message/cpim",
	 .body = CPIM("message/cpim") "\r\n" CPIM_TEXT("hi"),
	 .rc = -EBADMSG},
};

static void check_content(size_t i, const struct content *c)
{
	const char *name = cases[i].name;

	CHECK(c->kind == cases[i].kind, "%s: %d", name, c->kind);
	CHECK(c->has_cpim == cases[i].has_cpim, "%s", name);
	CHECK(!c->has_cpim || is_text(c->cpim.message_id, "m1"), "%s: %.*s", name, SHOWN(c->cpim.message_id));
	CHECK(is_text(c->media_type, cases[i].media_type), "%s: %.*s", name, SHOWN(c->media_type));
	CHECK(is_text(c->payload, cases[i].payload), "%s: %.*s", name, SHOWN(c->payload));
	CHECK(is_text(c->charset, cases[i].charset), "%s: %.*s", name, SHOWN(c->charset));
	CHECK(is_text(c->transfer_encoding, cases[i].transfer_encoding), "%s: %.*s", name,
	      SHOWN(c->transfer_encoding));
}

static void test_read(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct view type = copy_of(view_str(cases[i].content_type)), body = copy_of(view_str(cases[i].body));
		struct content c;
		int rc = content_read(type, view_str(cases[i].body ? "" : cases[i].transfer_encoding), body, &c);

		CHECK(rc == cases[i].rc, "%s: %d", cases[i].name, rc);
		if (rc == 0)
			check_content(i, &c);
		free((void *)type.p);
		free((void *)body.p);
	}
}

/* Cut anywhere, a body is refused or gives a beginning of its text: nothing is read or made up beyond the cut. */
static void test_read_prefixes(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t whole = cases[i].body ? strlen(cases[i].body) : 0;

		for (size_t len = 0; len < whole; len++) {
			struct view body = copy_of((struct view){(const uint8_t *)cases[i].body, len});
			struct content c;
			int rc = content_read(view_str(cases[i].content_type), VIEW(""), body, &c);

			CHECK(rc == 0 || rc == -EBADMSG, "%s, %zu octets: %d", cases[i].name, len, rc);
			CHECK(rc || (c.payload.p >= body.p && c.payload.p + c.payload.len <= body.p + len),
			      "%s, %zu octets: payload outside", cases[i].name, len);
			free((void *)body.p);
		}
	}
}

/* ---- text ---- */

static const struct {
	const char *name, *charset, *encoding;
	struct view payload;
	int rc;
	struct view text;
} texts[] = {
	{"UTF-8 by default", "", "", TEXT("h\xc3\xa9llo \xf0\x9f\x98\x80"), 0, TEXT("h\xc3\xa9llo \xf0\x9f\x98\x80")},
	{"UTF-8 by name", "UTF-8", "8bit", TEXT("\xe2\x82\xac"), 0, TEXT("\xe2\x82\xac")},
	{"11.1", "UTF-8", "base64", TEXT("THVuY2ggYXQgMTI/"), 0, TEXT("Lunch at 12?")},
	{"base64 with a line end behind", "utf8", "Base64", TEXT("w6k=\r\n"), 0, TEXT("\xc3\xa9")},
	{"quoted-printable", "utf-8", "quoted-printable", TEXT("h=C3=A9=\r\nllo"), 0, TEXT("h\xc3\xa9llo")},
	{"empty", "", "", TEXT(""), 0, TEXT("")},
	{"line ends", "", "", TEXT("a\r\nb\rc\nd\r\r\n\ne\n\rf\r"), 0, TEXT("a\nb\nc\nd\n\n\ne\n\nf\n")},
	{"NUL, tab, form feed and backtick stay", "", "", TEXT("a\0b\tc\f`"), 0, TEXT("a\0b\tc\f`")},
	{"byte order mark", "utf-8", "", TEXT("\xef\xbb\xbfhi\xef\xbb\xbf"), 0, TEXT("hi\xef\xbb\xbf")},
	{"byte order mark behind ASCII", "", "", TEXT("hi\xef\xbb\xbf"), 0, TEXT("hi\xef\xbb\xbf")},
	{"byte order mark and LF", "", "", TEXT("\xef\xbb\xbf\n"), 0, TEXT("\n")},
	{"UTF-8, first octet missing", "", "", TEXT("a\xa9"), -EILSEQ, TEXT("")},
	{"UTF-8, broken off", "", "", TEXT("a\xe2\x82"), -EILSEQ, TEXT("")},
	{"UTF-8, overlong", "", "", TEXT("\xc0\xaf"), -EILSEQ, TEXT("")},
	{"UTF-8, surrogate", "", "", TEXT("\xed\xa0\x80"), -EILSEQ, TEXT("")},
	{"UTF-8, too high", "", "", TEXT("\xf4\x90\x80\x80"), -EILSEQ, TEXT("")},
	{"UTF-8, 0xFF", "", "", TEXT("\xff"), -EILSEQ, TEXT("")},
	{"Latin-1 that says nothing", "", "", TEXT("caf\xe9"), -EILSEQ, TEXT("")},
	{"ASCII", "US-ASCII", "7bit", TEXT("a~\x7f"), 0, TEXT("a~\x7f")},
	{"ASCII that is not", "us-ascii", "", TEXT("\xc3\xa9"), -EILSEQ, TEXT("")},
	{"Latin-1", "ISO-8859-1", "", TEXT("caf\xe9 \xa0\xff\r\n"), 0, TEXT("caf\xc3\xa9 \xc2\xa0\xc3\xbf\n")},
	{"Latin-1 in base64", "iso-8859-1", "base64", TEXT("6Q=="), 0, TEXT("\xc3\xa9")},
	{"UTF-16, big end first", "utf-16", "", TEXT("\xfe\xff\0h\0\r\0\n\x20\xac"), 0, TEXT("h\n\xe2\x82\xac")},
	{"UTF-16, little end first", "UTF-16", "", TEXT("\xff\xfeh\0\xac\x20"), 0, TEXT("h\xe2\x82\xac")},
	{"UTF-16, pair", "utf-16", "", TEXT("\xfe\xff\xd8\x3d\xde\x00"), 0, TEXT("\xf0\x9f\x98\x80")},
	{"UTF-16, highest", "utf-16", "", TEXT("\xff\xfe\xff\xdb\xff\xdf"), 0, TEXT("\xf4\x8f\xbf\xbf")},
	{"UTF-16, empty", "utf-16", "", TEXT(""), 0, TEXT("")},
	{"UTF-16, mark alone", "utf-16", "", TEXT("\xfe\xff"), 0, TEXT("")},
	{"UTF-16 in base64", "utf-16", "base64", TEXT("/v8AaA=="), 0, TEXT("h")},
	{"UTF-16 without mark", "utf-16", "", TEXT("\0h"), -ENOTSUP, TEXT("")},
	{"UTF-16, odd octet", "utf-16", "", TEXT("\xfe\xff\0h\0"), -EILSEQ, TEXT("")},
	{"UTF-16, single octet", "utf-16", "", TEXT("\xfe"), -EILSEQ, TEXT("")},
	{"UTF-16, high half alone", "utf-16", "", TEXT("\xfe\xff\xd8\x3d"), -EILSEQ, TEXT("")},
	{"UTF-16, high half and a letter", "utf-16", "", TEXT("\xfe\xff\xd8\x3d\0h"), -EILSEQ, TEXT("")},
	{"UTF-16, low half first", "utf-16", "", TEXT("\xfe\xff\xde\x00\xd8\x3d"), -EILSEQ, TEXT("")},
	{"windows-1252", "windows-1252", "", TEXT("\x80 \x93hi\x94\r\n"), 0,
	 TEXT("\xe2\x82\xac \xe2\x80\x9chi\xe2\x80\x9d\n")},
	{"windows-1252, a hole in it", "windows-1252", "", TEXT("a\x81"), -EILSEQ, TEXT("")},
	{"iso-8859-15", "ISO-8859-15", "8bit", TEXT("\xa4"), 0, TEXT("\xe2\x82\xac")},
	{"koi8-r in quoted-printable", "KOI8-R", "quoted-printable", TEXT("=F0=D2"), 0, TEXT("\xd0\x9f\xd1\x80")},
	{"gb18030", "gb18030", "", TEXT("\xc4\xe3\xba\xc3\x94\x39\xfc\x36"), 0,
	 TEXT("\xe4\xbd\xa0\xe5\xa5\xbd\xf0\x9f\x98\x80")},
	{"gb18030, broken off", "gb18030", "", TEXT("hi\x94\x39\xfc"), -EILSEQ, TEXT("")},
	{"big5", "big5", "", TEXT("\xa4\xa4"), 0, TEXT("\xe4\xb8\xad")},
	{"euc-kr", "euc-kr", "", TEXT("\xc7\xd1"), 0, TEXT("\xed\x95\x9c")},
	{"shift_jis", "Shift_JIS", "base64", TEXT("g2c="), 0, TEXT("\xe3\x83\x88")},
	{"iso-2022-jp", "iso-2022-jp", "7bit", TEXT("a\x1b$B%H\x1b(Bb\r"), 0, TEXT("a\xe3\x83\x88" "b\n")},
	{"iso-2022-jp, broken off", "iso-2022-jp", "", TEXT("a\x1b$B%"), -EILSEQ, TEXT("")},
	{"utf-16le with mark", "UTF-16LE", "", TEXT("\xff\xfeh\0\r\0\n\0"), 0, TEXT("h\n")},
	{"utf-16be, surrogate alone", "utf-16be", "", TEXT("\xd8\x3d\0h"), -EILSEQ, TEXT("")},
	{"utf-32be", "utf-32be", "", TEXT("\0\1\xf6\0"), 0, TEXT("\xf0\x9f\x98\x80")},
	{"iconv, empty text", "koi8-r", "", TEXT(""), 0, TEXT("")},
	{"iconv, base64 that is none", "koi8-r", "base64", TEXT("aGk!"), -EBADMSG, TEXT("")},
	{"a name that is quoted with blanks", " koi8-r ", "", TEXT("hi"), 0, TEXT("hi")},
	{"charset not known", "x-nobody-knows", "", TEXT("hi"), -ENOTSUP, TEXT("")},
	{"charset of 41 octets", "koi8-rkoi8-rkoi8-rkoi8-rkoi8-rkoi8-rkoi8r", "", TEXT("hi"), -ENOTSUP, TEXT("")},
	{"transliteration asked for", "koi8-r//TRANSLIT", "", TEXT("hi"), -ENOTSUP, TEXT("")},
	{"errors to be ignored", "utf-7//IGNORE", "", TEXT("hi"), -ENOTSUP, TEXT("")},
	{"a path", "../../tmp/x", "", TEXT("hi"), -ENOTSUP, TEXT("")},
	{"name with a line end", "koi8-r\n", "", TEXT("hi"), 0, TEXT("hi")},
	{"name with a line end inside", "koi8\n-r", "", TEXT("hi"), -ENOTSUP, TEXT("")},
	{"charset of the machine", "WCHAR_T", "", TEXT("hi  "), -ENOTSUP, TEXT("")},
	{"charset of the library", "INTERNAL", "", TEXT("hi  "), -ENOTSUP, TEXT("")},
	{"transfer encoding not known", "", "x-zip", TEXT("hi"), -ENOTSUP, TEXT("")},
	{"base64 that is none", "", "base64", TEXT("aGk!"), -EBADMSG, TEXT("")},
	{"base64 that breaks off in a unit", "utf-16", "base64", TEXT("/v8Aa"), -EBADMSG, TEXT("")},
};

static void test_text(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct view payload = copy_of(texts[i].payload), text = texts[i].text, got;
		struct content c = {.payload = payload};
		uint8_t out[64] = "ab";
		struct wbuf w = wbuf_of(out, sizeof(out));
		int rc;

		c.charset = view_str(texts[i].charset);
		c.transfer_encoding = view_str(texts[i].encoding);
		w.len = 2; /* appended to what is there */
		rc = content_text(&c, &w);
		got = (struct view){out + 2, w.len - 2};
		CHECK(rc == texts[i].rc && view_eq(got, text) && !w.err, "%s: %d %.*s", texts[i].name, rc,
		      SHOWN(got));
		for (size_t size = 0; size < text.len; size++) {
			memset(out, 0xa5, sizeof(out));
			w = wbuf_of(out, size);
			rc = content_text(&c, &w);
			CHECK(rc == -ENOSPC && w.len == 0 && !w.err && out[size] == 0xa5, "%s: room for %zu: %d",
			      texts[i].name, size, rc);
		}
		free((void *)payload.p);
	}
}

/* Longer than all buffers between, with characters across their borders. */
static void test_text_long(void)
{
	enum { CHARACTERS = 3000 };
	static uint8_t gb[1 + 4 * CHARACTERS], expected[1 + 4 * CHARACTERS], out[1 + 4 * CHARACTERS];
	struct content c = {.payload = {gb, sizeof(gb)}, .charset = VIEW("gb18030")};
	struct wbuf w = wbuf_of(out, sizeof(out));

	gb[0] = expected[0] = 'a';
	for (size_t i = 0; i < CHARACTERS; i++) {
		memcpy(gb + 1 + 4 * i, "\x94\x39\xfc\x36", 4);
		memcpy(expected + 1 + 4 * i, "\xf0\x9f\x98\x80", 4);
	}
	CHECK(content_text(&c, &w) == 0 && w.len == sizeof(out) && !memcmp(out, expected, sizeof(out)), "%zu", w.len);
	w = wbuf_of(out, sizeof(out) - 1);
	CHECK(content_text(&c, &w) == -ENOSPC && w.len == 0, "%zu", w.len);
}

static void test_text_of_other_kinds(void)
{
	uint8_t out[8];

	for (int kind = CONTENT_IMDN; kind <= CONTENT_UNSUPPORTED; kind++) {
		struct content c = {.kind = (enum content_kind)kind, .payload = VIEW("hi")};
		struct wbuf w = wbuf_of(out, sizeof(out));

		CHECK(content_text(&c, &w) == -ENOTSUP && w.len == 0, "kind %d", kind);
	}
}

/* ---- media types ---- */

static const struct {
	const char *value, *name, *found;
} params[] = {
	{"text/plain;charset=UTF-8", "charset", "UTF-8"},
	{"text/plain ; a=b ; CHARSET = \"x;y\"", "charset", "x;y"},
	{"text/plain;\r\n charset=utf-8", "charset", "utf-8"},
	{"text/plain;charset=a;charset=b", "charset", "a"},
	{"text/plain;xcharset=a;charset2=b", "charset", ""},
	{"text/plain;a=\"charset=x\";charset=y", "charset", "y"},
	{"text/plain;charset", "charset", ""},
	{"text/plain;charset=\"a", "charset", "a"},
	{"text/plain;charset=\"", "charset", ""},
	{"text/plain;=a;charset=b", "charset", "b"},
	{"charset=a", "charset", ""},
	{";;;", "charset", ""},
	{"", "charset", ""},
};

static void test_media_type(void)
{
	CHECK(media_type_is(VIEW("text/plain"), "text/plain"), "plain");
	CHECK(media_type_is(VIEW(" TEXT/Plain ;x=y"), "text/plain"), "letter case, blanks, parameters");
	CHECK(!media_type_is(VIEW("text/plainx"), "text/plain"), "longer");
	CHECK(!media_type_is(VIEW("text/plai"), "text/plain"), "shorter");
	CHECK(!media_type_is(VIEW("x;text/plain"), "text/plain"), "a parameter");
	CHECK(!media_type_is(VIEW(""), "text/plain"), "empty");
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		struct view value = copy_of(view_str(params[i].value));
		struct view found = media_type_param(value, params[i].name);

		CHECK(is_text(found, params[i].found), "%s: %.*s", params[i].value, SHOWN(found));
		free((void *)value.p);
	}
}

int main(void)
{
	test_read();
	test_read_prefixes();
	test_text();
	test_text_long();
	test_text_of_other_kinds();
	test_media_type();
	return test_end("content");
}
