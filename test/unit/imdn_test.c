/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/imdn.h"
#include "../../lib/cpm/xml.h"
#include "test.h"

#define SHOWN(v) (int)(v).len, (v).len ? (const char *)(v).p : ""

enum { TEXT_SIZE = XML_OCTETS_MAX, CANARY = 0xa5 };

static uint8_t buffer[2 * TEXT_SIZE];

/* ---- the documents of spec 11.3 and 6.7 ---- */

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
#define OPEN	    DECLARATION "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">\r\n"
#define ID	    "0a76cec9-c5f4-4f1d-a502-8518a57bf8be"
#define DATE	    "2026-03-14T09:26:53Z"
#define B	    "tel:+15559870002"
#define HEAD	    "<message-id>" ID "</message-id>\r\n<datetime>" DATE "</datetime>\r\n"
#define TO	    "<recipient-uri>" B "</recipient-uri>\r\n"
#define NOTIFY(n, s) "<" n "-notification><status><" s "/></status></" n "-notification>\r\n"
#define CPMIMDN(s)                                                                                                     \
	"<cpmimdn:interworking-notification><cpmimdn:status><cpmimdn:" s "/></cpmimdn:status>"                         \
	"</cpmimdn:interworking-notification>\r\n"
#define OPEN_6_7                                                                                                       \
	DECLARATION "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\""                                                      \
		    " xmlns:cpmimdn=\"urn:oma:xml:cpm:imdn-extensions:1.0\">\r\n"                                      \
		    "<message-id>" ID "</message-id><datetime>" DATE "</datetime>\r\n"
#define CLOSE "</imdn>"

static const char document_11_3[] = OPEN HEAD TO NOTIFY("delivery", "delivered") CLOSE;
static const char document_6_7[] = OPEN_6_7 CPMIMDN("legacy-sms") CLOSE;

#define GIVEN(k, s) {VIEW(ID), VIEW(DATE), VIEW(B), VIEW(""), IMDN_KIND_##k, IMDN_STATUS_##s}

static const struct {
	const char *name;
	struct imdn imdn;
	const char *document;
} documents[] = {
	{"11.3", GIVEN(DELIVERY, DELIVERED), document_11_3},
	{"failed", GIVEN(DELIVERY, FAILED), OPEN HEAD TO NOTIFY("delivery", "failed") CLOSE},
	{"forbidden", GIVEN(DELIVERY, FORBIDDEN), OPEN HEAD TO NOTIFY("delivery", "forbidden") CLOSE},
	{"error", GIVEN(DELIVERY, ERROR), OPEN HEAD TO NOTIFY("delivery", "error") CLOSE},
	{"displayed", GIVEN(DISPLAY, DISPLAYED), OPEN HEAD TO NOTIFY("display", "displayed") CLOSE},
	{"processed", GIVEN(PROCESSING, PROCESSED), OPEN HEAD TO NOTIFY("processing", "processed") CLOSE},
	{"stored", GIVEN(PROCESSING, STORED), OPEN HEAD TO NOTIFY("processing", "stored") CLOSE},
	{"6.7",
	 {VIEW(ID), VIEW(DATE), VIEW(""), VIEW(""), IMDN_KIND_INTERWORKING, IMDN_STATUS_LEGACY_SMS},
	 document_6_7},
	{"6.7, legacy-mms, recipient", GIVEN(INTERWORKING, LEGACY_MMS), OPEN_6_7 TO CPMIMDN("legacy-mms") CLOSE},
	{"6.7, error", GIVEN(INTERWORKING, ERROR), OPEN_6_7 TO CPMIMDN("error") CLOSE},
	{"original-recipient-uri",
	 {VIEW(ID), VIEW(DATE), VIEW(B), VIEW("tel:+9"), IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	 OPEN HEAD TO "<original-recipient-uri>tel:+9</original-recipient-uri>\r\n" NOTIFY("delivery",
											   "delivered") CLOSE},
	{"no recipient-uri",
	 {VIEW(ID), VIEW(DATE), VIEW(""), VIEW(""), IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	 OPEN HEAD NOTIFY("delivery", "delivered") CLOSE},
	{"escaped",
	 {VIEW("a&b<c>\"d'&amp;]]>\xc3\xa9"), VIEW(DATE), VIEW("sip:b@h;a=<&>"), VIEW(""), IMDN_KIND_DELIVERY,
	  IMDN_STATUS_DELIVERED},
	 OPEN "<message-id>a&amp;b&lt;c&gt;\"d'&amp;amp;]]&gt;\xc3\xa9</message-id>\r\n<datetime>" DATE
	      "</datetime>\r\n<recipient-uri>sip:b@h;a=&lt;&amp;&gt;</recipient-uri>\r\n" NOTIFY("delivery",
												 "delivered") CLOSE},
};

static bool is_same(const struct imdn *a, const struct imdn *b)
{
	return view_eq(a->message_id, b->message_id) && view_eq(a->datetime, b->datetime) &&
	       view_eq(a->recipient_uri, b->recipient_uri) &&
	       view_eq(a->original_recipient_uri, b->original_recipient_uri) && a->kind == b->kind &&
	       a->status == b->status;
}

/* From an exact-size heap block, which is gone when the result is looked at. */
static int decode(struct view in, struct wbuf *text, struct imdn *out)
{
	uint8_t *block = malloc(in.len ? in.len : 1);
	int rc;

	memcpy(block, in.p, in.len);
	rc = imdn_decode((struct view){block, in.len}, text, out);
	free(block);
	return rc;
}

static void check_encode(const char *name, const struct imdn *d, struct view document)
{
	uint8_t out[1024];
	struct wbuf w = wbuf_of(out, sizeof(out));
	int rc = imdn_encode(&w, d);

	CHECK(rc == 0 && view_eq(wbuf_written(&w), document), "%s: %d %.*s", name, rc, SHOWN(wbuf_written(&w)));
	for (size_t size = 2; size < document.len + 2; size++) {
		memset(out, CANARY, sizeof(out));
		w = wbuf_of(out, size);
		w.len = 2;
		rc = imdn_encode(&w, d);
		CHECK(rc == -ENOSPC && w.len == 2 && !w.err && out[size] == CANARY && out[1] == CANARY,
		      "%s: room for %zu: %d", name, size - 2, rc);
	}
}

static void check_decode(const char *name, const struct imdn *d, struct view document)
{
	struct wbuf text = wbuf_of(buffer, TEXT_SIZE);
	struct imdn got;
	size_t need;
	int rc = decode(document, &text, &got);

	CHECK(rc == 0 && is_same(d, &got), "%s: %d, %.*s %s", name, rc, SHOWN(got.message_id),
	      imdn_status_name(got.status));
	need = text.len;
	for (size_t size = 1; size < need + 1; size++) {
		memset(buffer, CANARY, need + 2);
		text = wbuf_of(buffer, size);
		text.len = 1;
		rc = decode(document, &text, &got);
		CHECK(rc == -ENOSPC && text.len == 1 && !text.err && buffer[size] == CANARY && buffer[0] == CANARY,
		      "%s: room for %zu: %d", name, size - 1, rc);
	}
	for (size_t len = 0; len < document.len; len++) {
		text = wbuf_of(buffer, TEXT_SIZE);
		rc = decode((struct view){document.p, len}, &text, &got);
		CHECK(rc == -EBADMSG && text.len == 0, "%s: %zu of %zu octets: %d", name, len, document.len, rc);
	}
}

static void test_documents(void)
{
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct view document = view_str(documents[i].document);

		check_encode(documents[i].name, &documents[i].imdn, document);
		check_decode(documents[i].name, &documents[i].imdn, document);
	}
	CHECK(strlen(document_11_3) == 324, "%zu", strlen(document_11_3));
}

static void test_encode_refused(void)
{
	static const struct {
		const char *name;
		struct imdn imdn;
		int rc;
	} cases[] = {
		{"no message-id", {VIEW(""), VIEW(DATE), VIEW(B), VIEW(""), 0, IMDN_STATUS_DELIVERED}, -EINVAL},
		{"no datetime", {VIEW(ID), VIEW(""), VIEW(B), VIEW(""), 0, IMDN_STATUS_DELIVERED}, -EINVAL},
		{"no status", GIVEN(DELIVERY, NONE), -EINVAL},
		{"delivery displayed", GIVEN(DELIVERY, DISPLAYED), -EINVAL},
		{"display failed", GIVEN(DISPLAY, FAILED), -EINVAL},
		{"processing delivered", GIVEN(PROCESSING, DELIVERED), -EINVAL},
		{"interworking delivered", GIVEN(INTERWORKING, DELIVERED), -EINVAL},
		{"delivery as SMS", GIVEN(DELIVERY, LEGACY_SMS), -EINVAL},
		{"status out of range", {VIEW(ID), VIEW(DATE), VIEW(B), VIEW(""), 0, IMDN_STATUS_COUNT}, -EINVAL},
		{"kind out of range", {VIEW(ID), VIEW(DATE), VIEW(B), VIEW(""), 4, IMDN_STATUS_ERROR}, -EINVAL},
		{"control character", {VIEW("a\x01"), VIEW(DATE), VIEW(B), VIEW(""), 0, IMDN_STATUS_ERROR}, -EILSEQ},
		{"DEL", {VIEW("a\x7f"), VIEW(DATE), VIEW(B), VIEW(""), 0, IMDN_STATUS_ERROR}, -EILSEQ},
		{"NUL", {VIEW("a\0b"), VIEW(DATE), VIEW(B), VIEW(""), 0, IMDN_STATUS_ERROR}, -EILSEQ},
		{"line end", {VIEW(ID), VIEW("a\nb"), VIEW(B), VIEW(""), 0, IMDN_STATUS_ERROR}, -EILSEQ},
		{"not UTF-8", {VIEW(ID), VIEW(DATE), VIEW("caf\xe9"), VIEW(""), 0, IMDN_STATUS_ERROR}, -EILSEQ},
		{"U+FFFF", {VIEW(ID), VIEW(DATE), VIEW(B), VIEW("\xef\xbf\xbf"), 0, IMDN_STATUS_ERROR}, -EILSEQ},
	};
	struct wbuf w = wbuf_of(buffer, TEXT_SIZE);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = imdn_encode(&w, &cases[i].imdn);

		CHECK(rc == cases[i].rc && w.len == 0, "%s: %d", cases[i].name, rc);
	}
}

/* ---- what clients write, spec 6.4 ---- */

#define X "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">"
#define M "<message-id>m1</message-id>"

static const struct {
	const char *name, *document;
	const char *message_id, *datetime, *recipient_uri;
	enum imdn_kind kind;
	enum imdn_status status;
} tolerated[] = {
	{"failed in a processing notification", X M NOTIFY("processing", "failed") CLOSE, "m1", "", "",
	 IMDN_KIND_PROCESSING, IMDN_STATUS_FAILED},
	{"forbidden in a processing notification", X M NOTIFY("processing", "forbidden") CLOSE, "m1", "", "",
	 IMDN_KIND_PROCESSING, IMDN_STATUS_FORBIDDEN},
	{"no declaration, datetime of the event", X M "<datetime>2026-03-14T10:26:53.123+01:00</datetime>" NOTIFY(
							 "delivery", "delivered") CLOSE,
	 "m1", "2026-03-14T10:26:53.123+01:00", "", IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	{"no namespace", "<imdn>" M NOTIFY("display", "displayed") CLOSE, "m1", "", "", IMDN_KIND_DISPLAY,
	 IMDN_STATUS_DISPLAYED},
	{"another namespace", "<imdn xmlns=\"urn:x\">" M NOTIFY("display", "displayed") CLOSE, "m1", "", "",
	 IMDN_KIND_DISPLAY, IMDN_STATUS_DISPLAYED},
	{"prefix for all",
	 "<i:imdn xmlns:i=\"urn:ietf:params:xml:ns:imdn\"><i:message-id>m1</i:message-id><i:delivery-notification>"
	 "<i:status><i:delivered/></i:status></i:delivery-notification></i:imdn>",
	 "m1", "", "", IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	{"prefix that is bound to nothing", X M CPMIMDN("legacy-sms") CLOSE, "m1", "", "", IMDN_KIND_INTERWORKING,
	 IMDN_STATUS_LEGACY_SMS},
	{"status element missing", X M "<delivery-notification><delivered/></delivery-notification>" CLOSE, "m1", "",
	 "", IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	{"notification element missing", X M "<status><displayed/></status>" CLOSE, "m1", "", "", IMDN_KIND_DISPLAY,
	 IMDN_STATUS_DISPLAYED},
	{"status alone", X M "<stored/>" CLOSE, "m1", "", "", IMDN_KIND_PROCESSING, IMDN_STATUS_STORED},
	{"status not empty", X M "<delivery-notification><status><delivered>x</delivered></status>"
				 "</delivery-notification>" CLOSE,
	 "m1", "", "", IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	{"order of elements", X NOTIFY("delivery", "delivered") "<recipient-uri>tel:+1</recipient-uri>" M CLOSE, "m1",
	 "", "tel:+1", IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	{"letter case", "<IMDN><Message-ID>m1</Message-ID><Delivery-Notification><Status><Delivered/></Status>"
			"</Delivery-Notification></IMDN>",
	 "m1", "", "", IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	{"white space, comments, CDATA",
	 "\r\n " X "\n <message-id>\n  <!-- c --><![CDATA[m1]]>\n </message-id>\n" NOTIFY("delivery",
											      "delivered") CLOSE
	 "\r\n\r\n",
	 "m1", "", "", IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	{"characters of XML", X "<message-id>a&amp;b&#x41;&lt;</message-id>" NOTIFY("delivery", "delivered") CLOSE,
	 "a&bA<", "", "", IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
	{"elements of others", X M "<subject>delivered</subject><x:y xmlns:x=\"urn:x\"><x:z/></x:y>" NOTIFY(
				       "delivery", "failed") CLOSE,
	 "m1", "", "", IMDN_KIND_DELIVERY, IMDN_STATUS_FAILED},
	{"two of each, the first counts",
	 X M "<message-id>m2</message-id>" NOTIFY("delivery", "failed") NOTIFY("display", "displayed") CLOSE, "m1",
	 "", "", IMDN_KIND_DELIVERY, IMDN_STATUS_FAILED},
	{"an empty notification in front", X M "<delivery-notification/>" NOTIFY("display", "displayed") CLOSE, "m1",
	 "", "", IMDN_KIND_DISPLAY, IMDN_STATUS_DISPLAYED},
	{"iso-8859-1",
	 "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" X "<message-id>\xe9</message-id>" NOTIFY("delivery",
												       "delivered")
		 CLOSE,
	 "\xc3\xa9", "", "", IMDN_KIND_DELIVERY, IMDN_STATUS_DELIVERED},
};

static bool is_text(struct view v, const char *text)
{
	return view_eq(v, view_str(text));
}

static void test_tolerated(void)
{
	for (size_t i = 0; i < sizeof(tolerated) / sizeof(tolerated[0]); i++) {
		struct wbuf text = wbuf_of(buffer, TEXT_SIZE);
		struct imdn d;
		int rc = decode(view_str(tolerated[i].document), &text, &d);

		CHECK(rc == 0, "%s: %d", tolerated[i].name, rc);
		CHECK(d.kind == tolerated[i].kind && d.status == tolerated[i].status, "%s: %d %s", tolerated[i].name,
		      d.kind, imdn_status_name(d.status));
		CHECK(is_text(d.message_id, tolerated[i].message_id) && is_text(d.datetime, tolerated[i].datetime) &&
			      is_text(d.recipient_uri, tolerated[i].recipient_uri),
		      "%s: %.*s", tolerated[i].name, SHOWN(d.message_id));
	}
}

#define GOOD X M NOTIFY("delivery", "delivered") CLOSE

static const struct {
	const char *name, *document;
} refused[] = {
	{"nothing", ""},
	{"white space", " \r\n"},
	{"text", "delivered"},
	{"no message-id", X NOTIFY("delivery", "delivered") CLOSE},
	{"empty message-id", X "<message-id> </message-id>" NOTIFY("delivery", "delivered") CLOSE},
	{"no status", X M "<delivery-notification><status/></delivery-notification>" CLOSE},
	{"unknown status", X M NOTIFY("delivery", "vaporised") CLOSE},
	{"status name that only begins like ours", X M NOTIFY("delivery", "failed-x") CLOSE},
	{"none is no status on the wire", X M NOTIFY("delivery", "none") CLOSE},
	{"another root", "<reginfo>" M NOTIFY("delivery", "delivered") "</reginfo>"},
	{"two roots", GOOD GOOD},
	{"text behind", GOOD "x"},
	{"not closed", X M NOTIFY("delivery", "delivered")},
	{"NUL inside", X "<message-id>a&#0;</message-id>" NOTIFY("delivery", "delivered") CLOSE},
	{"not UTF-8", X "<message-id>\xe9</message-id>" NOTIFY("delivery", "delivered") CLOSE},
	{"DTD", "<!DOCTYPE imdn>" GOOD},
	{"DTD behind the declaration", DECLARATION "<!DOCTYPE imdn []>" GOOD},
	{"entity of its own", "<!DOCTYPE imdn [<!ENTITY e \"m1\">]>" X "<message-id>&e;</message-id>" NOTIFY(
				      "delivery", "delivered") CLOSE},
	{"entity that is a file", "<!DOCTYPE imdn [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" X
				  "<message-id>&e;</message-id>" NOTIFY("delivery", "delivered") CLOSE},
	{"external DTD", "<!DOCTYPE imdn SYSTEM \"http://127.0.0.1:1/x.dtd\">" GOOD},
	{"entity that nobody declared", X "<message-id>&e;</message-id>" NOTIFY("delivery", "delivered") CLOSE},
	{"entities that grow", "<!DOCTYPE imdn [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
			       "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>" X
			       "<message-id x=\"&c;\">&c;</message-id>" NOTIFY("delivery", "delivered") CLOSE},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct wbuf text = wbuf_of(buffer, TEXT_SIZE);
		struct imdn d;
		int rc = decode(view_str(refused[i].document), &text, &d);

		CHECK(rc == -EBADMSG && text.len == 0, "%s: %d", refused[i].name, rc);
	}
}

/* The bound stands in front of the parser; a document may nest as deep as that allows without harm. */
static void test_size(void)
{
	static uint8_t document[XML_OCTETS_MAX + 1];
	struct view whole = {document, XML_OCTETS_MAX};
	size_t len = strlen(GOOD);
	struct wbuf text = wbuf_of(buffer, TEXT_SIZE);
	struct imdn d;

	memset(document, ' ', sizeof(document));
	memcpy(document, GOOD, len);
	CHECK(decode(whole, &text, &d) == 0, "%zu octets", whole.len);
	whole.len++;
	CHECK(decode(whole, &text, &d) == -EBADMSG, "%zu octets", whole.len);
	for (size_t i = 0; i + 3 <= XML_OCTETS_MAX; i += 3)
		memcpy(document + i, "<a>", 3);
	whole.len = XML_OCTETS_MAX;
	CHECK(decode(whole, &text, &d) == -EBADMSG, "deep");
}

/* ---- the CPIM around it ---- */

#define CPIM_HEAD                                                                                                      \
	"From: <tel:+15559870002>\r\n"                                                                                 \
	"To: <tel:+15551230001>\r\n"                                                                                   \
	"NS: imdn <urn:ietf:params:imdn>\r\n"                                                                          \
	"imdn.Message-ID: 4c9bd7e3-55a0-4c38-8f0e-5b1e3a1f8a77\r\n"                                                    \
	"DateTime: 2026-03-14T09:26:59Z\r\n"
#define CPIM_MIME                                                                                                      \
	"\r\n"                                                                                                         \
	"Content-Type: message/imdn+xml\r\n"                                                                           \
	"Content-Disposition: notification\r\n"                                                                        \
	"Content-Length: 324\r\n"                                                                                      \
	"\r\n" OPEN HEAD TO NOTIFY("delivery", "delivered") CLOSE

static const struct imdn_envelope envelope_11_3 = {
	.from = VIEW("<tel:+15559870002>"),
	.to = VIEW("<tel:+15551230001>"),
	.message_id = VIEW("4c9bd7e3-55a0-4c38-8f0e-5b1e3a1f8a77"),
	.datetime = VIEW("2026-03-14T09:26:59Z"),
};

static void check_cpim(const char *name, const struct imdn_envelope *e, const char *expected)
{
	uint8_t out[1024];
	struct wbuf w = wbuf_of(out, sizeof(out));
	int rc = imdn_cpim_encode(&w, e, view_str(document_11_3));

	CHECK(rc == 0 && is_text(wbuf_written(&w), expected), "%s: %d %.*s", name, rc, SHOWN(wbuf_written(&w)));
	for (size_t size = 0; size < strlen(expected); size++) {
		memset(out, CANARY, sizeof(out));
		w = wbuf_of(out, size);
		rc = imdn_cpim_encode(&w, e, view_str(document_11_3));
		CHECK(rc == -ENOSPC && w.len == 0 && out[size] == CANARY, "%s: room for %zu: %d", name, size, rc);
	}
}

static void test_cpim(void)
{
	struct imdn_envelope e = envelope_11_3;
	struct wbuf w = wbuf_of(buffer, TEXT_SIZE);
	struct cpim c;

	CHECK(strlen(CPIM_HEAD CPIM_MIME) == 586, "%zu", strlen(CPIM_HEAD CPIM_MIME));
	check_cpim("11.3", &e, CPIM_HEAD CPIM_MIME);
	e.imdn_route[0] = VIEW("<sip:r1;lr>");
	e.imdn_route[1] = VIEW("<sip:r2;lr>");
	e.n_imdn_route = 2;
	check_cpim("with IMDN-Route", &e,
		   CPIM_HEAD "imdn.IMDN-Route: <sip:r1;lr>\r\nimdn.IMDN-Route: <sip:r2;lr>\r\n" CPIM_MIME);

	CHECK(imdn_cpim_encode(&w, &e, view_str(document_11_3)) == 0, "with IMDN-Route");
	CHECK(cpim_decode(wbuf_written(&w), &c) == 0 && c.n_imdn_route == 2 && c.n_imdn_record_route == 0 &&
		      view_eq(c.imdn_route[0], e.imdn_route[0]) && view_eq(c.imdn_route[1], e.imdn_route[1]),
	      "read back");
	CHECK(c.imdn_request == 0 && is_text(c.content_disposition, "notification"), "asks for nothing");

	w.len = 0;
	e.n_imdn_route = IMDN_ROUTE_MAX + 1;
	CHECK(imdn_cpim_encode(&w, &e, view_str(document_11_3)) == -EINVAL && w.len == 0, "too many routes");
	e = envelope_11_3;
	e.message_id = VIEW("x\r\nTo: <tel:+666>");
	CHECK(imdn_cpim_encode(&w, &e, view_str(document_11_3)) == -EINVAL && w.len == 0, "line end in the id");
	e = envelope_11_3;
	e.from = VIEW("");
	CHECK(imdn_cpim_encode(&w, &e, view_str(document_11_3)) == -EINVAL && w.len == 0, "no From");
}

int main(void)
{
	test_documents();
	test_encode_refused();
	test_tolerated();
	test_refused();
	test_size();
	test_cpim();
	return test_end("imdn");
}
