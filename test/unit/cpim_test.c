/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/cpim.h"
#include "test.h"

#define SHOWN(v) (int)(v).len, (v).len ? (const char *)(v).p : ""

static bool is_text(struct view v, const char *text)
{
	return view_eq(v, view_str(text ? text : ""));
}

/* ---- bodies of the wire examples, spec 11.1 to 11.3 ---- */

static const char example_11_1[] =
	"From: <tel:+15551230001>\r\n"
	"To: <tel:+15559870002>\r\n"
	"DateTime: 2026-03-14T09:26:53.000Z\r\n"
	"NS: cpm <http://www.openmobilealliance.org/cpm/>\r\n"
	"cpm.Payload-Type: text/plain\r\n"
	"NS: imdn <urn:ietf:params:imdn>\r\n"
	"imdn.Message-ID: 0a76cec9-c5f4-4f1d-a502-8518a57bf8be\r\n"
	"imdn.Disposition-Notification: positive-delivery, negative-delivery, display, interworking\r\n"
	"\r\n"
	"Content-Type: text/plain;charset=UTF-8\r\n"
	"Content-Transfer-Encoding: base64\r\n"
	"Content-Length: 16\r\n"
	"\r\n"
	"THVuY2ggYXQgMTI/";

static const char example_11_2[] = "From: <tel:+15559870002>\r\n"
				   "To: <tel:+15551230001>\r\n"
				   "NS: imdn <urn:ietf:params:imdn>\r\n"
				   "imdn.Message-ID: 7d0e6c1e-7c1b-4b3f-9a52-0d6d2f6a9b11\r\n"
				   "DateTime: 2026-03-14T10:15:30+01:00\r\n"
				   "imdn.Disposition-Notification: positive-delivery\r\n"
				   "\r\n"
				   "Content-Type: text/plain;charset=UTF-8\r\n"
				   "Content-Length: 12\r\n"
				   "\r\n"
				   "See you at 7";

#define IMDN_XML                                                                                                     \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"                                                             \
	"<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">\r\n"                                                           \
	"<message-id>0a76cec9-c5f4-4f1d-a502-8518a57bf8be</message-id>\r\n"                                          \
	"<datetime>2026-03-14T09:26:53Z</datetime>\r\n"                                                              \
	"<recipient-uri>tel:+15559870002</recipient-uri>\r\n"                                                        \
	"<delivery-notification><status><delivered/></status></delivery-notification>\r\n"                           \
	"</imdn>"

static const char example_11_3[] = "From: <tel:+15559870002>\r\n"
				   "To: <tel:+15551230001>\r\n"
				   "NS: imdn <urn:ietf:params:imdn>\r\n"
				   "imdn.Message-ID: 4c9bd7e3-55a0-4c38-8f0e-5b1e3a1f8a77\r\n"
				   "DateTime: 2026-03-14T09:26:59Z\r\n"
				   "\r\n"
				   "Content-Type: message/imdn+xml\r\n"
				   "Content-Disposition: notification\r\n"
				   "Content-Length: 324\r\n"
				   "\r\n" IMDN_XML;

/* ---- decode: each row of "CPIM parser requirements", spec 3.6, by name ---- */

#define FROM_TO "From: <tel:+1>\r\nTo: <tel:+2>\r\n"
#define DATE	"DateTime: 2026-03-14T09:26:53Z\r\n"
#define NS_ID	"NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m1\r\n"
#define HEAD	FROM_TO DATE NS_ID
#define TEXT	"Content-Type: text/plain\r\n"
#define A	"<tel:+1>"
#define B	"<tel:+2>"
#define D	"2026-03-14T09:26:53Z"
#define P	"text/plain"

static const struct {
	const char *name, *in;
	const char *from, *to, *datetime, *message_id, *content_type, *payload;
	unsigned imdn_request;
	const char *transfer_encoding;
} decode_cases[] = {
	{"11.1", example_11_1, "<tel:+15551230001>", "<tel:+15559870002>", "2026-03-14T09:26:53.000Z",
	 "0a76cec9-c5f4-4f1d-a502-8518a57bf8be", "text/plain;charset=UTF-8", "THVuY2ggYXQgMTI/",
	 IMDN_POSITIVE_DELIVERY | IMDN_NEGATIVE_DELIVERY | IMDN_DISPLAY | IMDN_INTERWORKING, "base64"},
	{"11.2", example_11_2, "<tel:+15559870002>", "<tel:+15551230001>", "2026-03-14T10:15:30+01:00",
	 "7d0e6c1e-7c1b-4b3f-9a52-0d6d2f6a9b11", "text/plain;charset=UTF-8", "See you at 7", IMDN_POSITIVE_DELIVERY,
	 ""},
	{"11.3", example_11_3, "<tel:+15559870002>", "<tel:+15551230001>", "2026-03-14T09:26:59Z",
	 "4c9bd7e3-55a0-4c38-8f0e-5b1e3a1f8a77", "message/imdn+xml", IMDN_XML, 0, ""},

	{"inner part in base64", HEAD "\r\n" TEXT "Content-Transfer-Encoding: base64\r\n\r\naGk=", A, B, D, "m1", P,
	 "aGk=", 0, "base64"},
	{"inner Content-Type missing, cpm.Payload-Type there", HEAD "cpm.Payload-Type: text/html\r\n\r\n\r\nhi", A, B,
	 D, "m1", "text/html", "hi", 0, ""},
	{"inner Content-Type and cpm.Payload-Type missing", HEAD "\r\nContent-Length: 2\r\n\r\nhi", A, B, D, "m1", P,
	 "hi", 0, ""},
	{"NS without a space",
	 FROM_TO DATE "NS: imdn<urn:ietf:params:imdn>\r\nimdn.Message-ID: m1\r\n\r\n" TEXT "\r\nhi", A, B, D, "m1", P,
	 "hi", 0, ""},
	{"NS without a space, other prefix",
	 FROM_TO DATE "NS: x<urn:ietf:params:imdn>\r\nx.Message-ID: m1\r\n\r\n" TEXT "\r\nhi", A, B, D, "m1", P, "hi",
	 0, ""},
	{"two spaces after the colon",
	 "From:  <tel:+1>\r\nTo:  <tel:+2>\r\nDateTime:  " D "\r\nNS:  imdn  <urn:ietf:params:imdn>\r\n"
	 "imdn.Message-ID:  m1\r\n\r\nContent-Type:  text/plain\r\n\r\nhi",
	 A, B, D, "m1", P, "hi", 0, ""},
	{"no space after the colon",
	 "From:<tel:+1>\r\nTo:<tel:+2>\r\nDateTime:" D "\r\nimdn.Message-ID:m1\r\n\r\n\r\nhi", A, B, D, "m1", P, "hi",
	 0, ""},
	{"header order free, NS behind its use, several NS",
	 "x.Message-ID: m1\r\nNS: cpm <http://www.openmobilealliance.org/cpm/>\r\n" DATE "To: <tel:+2>\r\n"
	 "NS: x <urn:ietf:params:imdn>\r\nNS: y <urn:other>\r\ny.Message-ID: no\r\nFrom: <tel:+1>\r\n"
	 "x.Disposition-Notification: display\r\n\r\n" TEXT "\r\nhi",
	 A, B, D, "m1", P, "hi", IMDN_DISPLAY, ""},
	{"odd letter case",
	 "FROM: <tel:+1>\r\nto: <tel:+2>\r\ndatetime: " D "\r\nns: imdn <URN:ietf:params:imdn>\r\n"
	 "IMDN.message-id: m1\r\nimdn.disposition-notification: DISPLAY\r\n\r\n"
	 "Content-type: text/plain\r\nContent-length: 2\r\n\r\nhi",
	 A, B, D, "m1", P, "hi", IMDN_DISPLAY, ""},
	{"Content-Length absent", HEAD "\r\n" TEXT "\r\nhi\r\n", A, B, D, "m1", P, "hi\r\n", 0, ""},
	{"Content-Length too small", HEAD "\r\n" TEXT "Content-Length: 3\r\n\r\nnaïf", A, B, D, "m1", P, "naïf", 0,
	 ""},
	{"Content-Length too big", HEAD "\r\n" TEXT "Content-Length: 99\r\n\r\nhi", A, B, D, "m1", P, "hi", 0, ""},
	{"Content-Length beyond any integer",
	 HEAD "\r\n" TEXT "Content-Length: 99999999999999999999999999999999\r\n\r\nhi", A, B, D, "m1", P, "hi", 0,
	 ""},
	{"Content-Length no number", HEAD "\r\n" TEXT "Content-Length: 2x\r\n\r\nhi\r\n", A, B, D, "m1", P, "hi\r\n",
	 0, ""},
	{"CRLF behind the announced payload", HEAD "\r\n" TEXT "Content-Length: 2\r\n\r\nhi\r\n", A, B, D, "m1", P,
	 "hi", 0, ""},
	{"LF behind the announced payload", HEAD "\r\n" TEXT "Content-Length: 2\r\n\r\nhi\n", A, B, D, "m1", P, "hi",
	 0, ""},
	{"two CRLF behind the announced payload", HEAD "\r\n" TEXT "Content-Length: 2\r\n\r\nhi\r\n\r\n", A, B, D,
	 "m1", P, "hi\r\n\r\n", 0, ""},
	{"CRLF inside the announced payload", HEAD "\r\n" TEXT "Content-Length: 4\r\n\r\nhi\r\n", A, B, D, "m1", P,
	 "hi\r\n", 0, ""},
	{"LF line ends",
	 "From: <tel:+1>\nTo: <tel:+2>\nDateTime: " D "\nNS: imdn <urn:ietf:params:imdn>\nimdn.Message-ID: m1\n\n"
	 "Content-Type: text/plain\nContent-Length: 5\n\nhi\nho",
	 A, B, D, "m1", P, "hi\nho", 0, ""},
	{"CRLF and LF mixed", "From: <tel:+1>\nTo: <tel:+2>\r\n" DATE NS_ID "\nContent-Type: text/plain\r\n\nhi", A,
	 B, D, "m1", P, "hi", 0, ""},
	{"name-addr with a display name",
	 "From: \"A: <b>\" <tel:+1>\r\nTo: Bob <tel:+2>\r\n" DATE NS_ID "\r\n" TEXT "\r\nhi", "\"A: <b>\" <tel:+1>",
	 "Bob <tel:+2>", D, "m1", P, "hi", 0, ""},
	{"bare URI", "From: tel:+1\r\nTo: sip:b@d;user=phone\r\n" DATE NS_ID "\r\n" TEXT "\r\nhi", "tel:+1",
	 "sip:b@d;user=phone", D, "m1", P, "hi", 0, ""},
	{"URI header component in From",
	 "From: <sip:u@d?Accept-Contact=+sip.instance%3D%22x%22>\r\nTo: <tel:+2>\r\n" DATE NS_ID "\r\n" TEXT "\r\nhi",
	 "<sip:u@d?Accept-Contact=+sip.instance%3D%22x%22>", B, D, "m1", P, "hi", 0, ""},
	{"prefix other than imdn",
	 FROM_TO DATE "NS: MyFeature <urn:ietf:params:imdn>\r\nMyFeature.Message-ID: m1\r\n"
		      "MyFeature.Disposition-Notification: positive-delivery,display\r\n\r\n" TEXT "\r\nhi",
	 A, B, D, "m1", P, "hi", IMDN_POSITIVE_DELIVERY | IMDN_DISPLAY, ""},
	{"imdn as the namespace of plain names",
	 FROM_TO DATE "NS: <urn:ietf:params:imdn>\r\nimdn-Message-ID: no\r\nMessage-ID: m1\r\n\r\n" TEXT "\r\nhi", A, B, D, "m1", P, "hi", 0,
	 ""},
	{"same NS line many times, other prefix last",
	 FROM_TO DATE NS_ID "NS: imdn <urn:ietf:params:imdn>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
			    "NS: imdn <urn:ietf:params:imdn>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
			    "NS: imdn <urn:ietf:params:imdn>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
			    "NS: z <urn:ietf:params:imdn>\r\nz.Disposition-Notification: display\r\n\r\n" TEXT
			    "\r\nhi",
	 A, B, D, "m1", P, "hi", IMDN_DISPLAY, ""},
	{"imdn prefix without NS", FROM_TO DATE "imdn.Message-ID: m1\r\n\r\n" TEXT "\r\nhi", A, B, D, "m1", P, "hi",
	 0, ""},
	{"prefix never bound", FROM_TO DATE "x.Message-ID: m1\r\n\r\n" TEXT "\r\nhi", A, B, D, "", P, "hi", 0, ""},
	{"name that only ends like ours",
	 FROM_TO DATE "imdnMessage-ID: m1\r\nx-imdn.Message-ID: m2\r\n\r\n" TEXT "\r\nhi", A, B, D, "", P, "hi", 0,
	 ""},
	{"unknown disposition tokens, no spaces, parameters",
	 HEAD "imdn.Disposition-Notification: display;x=1,foo ,, processing\r\n\r\n" TEXT "\r\nhi", A, B, D, "m1", P,
	 "hi", IMDN_DISPLAY | IMDN_PROCESSING, ""},
	{"disposition token that is a part of ours",
	 HEAD "imdn.Disposition-Notification: displa, displays\r\n\r\n\r\nhi", A, B, D, "m1", P, "hi", 0, ""},
	{"two disposition headers",
	 HEAD "imdn.Disposition-Notification: display\r\nimdn.Disposition-Notification: interworking\r\n\r\n\r\nhi",
	 A, B, D, "m1", P, "hi", IMDN_DISPLAY | IMDN_INTERWORKING, ""},
	{"several To, the first counts", FROM_TO "To: <tel:+3>\r\n" DATE NS_ID "\r\n" TEXT "\r\nhi", A, B, D, "m1", P,
	 "hi", 0, ""},
	{"empty MIME header", HEAD "\r\n\r\nhi", A, B, D, "m1", P, "hi", 0, ""},
	{"no MIME header at all", HEAD "\r\nhi there", A, B, D, "m1", P, "hi there", 0, ""},
	{"no MIME header, text with a colon and an empty line", HEAD "\r\nNote: milk\r\n\r\neggs", A, B, D, "m1", P,
	 "Note: milk\r\n\r\neggs", 0, ""},
	{"Content-Type among the message headers", HEAD "Content-Type: message/imdn+xml\r\n\r\n\r\n<imdn/>", A, B, D,
	 "m1", "message/imdn+xml", "<imdn/>", 0, ""},
	{"Content-Type in both places", HEAD "Content-Type: text/html\r\n\r\n" TEXT "\r\nhi", A, B, D, "m1", P, "hi",
	 0, ""},
	{"folded header", "From: Bob\r\n <tel:+1>\r\nTo:\r\n\t<tel:+2>\r\n" DATE NS_ID "\r\n" TEXT "\r\nhi",
	 "Bob\r\n <tel:+1>", B, D, "m1", P, "hi", 0, ""},
	{"payload with empty lines", HEAD "\r\n" TEXT "\r\n\r\nhi\r\n\r\nho", A, B, D, "m1", P, "\r\nhi\r\n\r\nho", 0,
	 ""},
	{"empty payload", HEAD "\r\n" TEXT "\r\n", A, B, D, "m1", P, "", 0, ""},
	{"empty payload, no empty line", HEAD "\r\n" TEXT, A, B, D, "m1", P, "", 0, ""},
	{"nothing behind the message headers", HEAD "\r\n", A, B, D, "m1", P, "", 0, ""},
	{"one header is enough", "Subject: x\r\n\r\n" TEXT "\r\nhi", "", "", "", "", P, "hi", 0, ""},
};

static const struct {
	const char *name, *in;
} refused_cases[] = {
	{"nothing", ""},
	{"no header", "\r\n" TEXT "\r\nhi"},
	{"no header, text", "hi there\r\n\r\nhi"},
	{"no empty line behind the message headers", HEAD},
	{"line without a colon", "From: <tel:+1>\r\nTo <tel:+2>\r\n\r\n" TEXT "\r\nhi"},
	{"line without a name", "From: <tel:+1>\r\n: x\r\n\r\n" TEXT "\r\nhi"},
	{"name with a space inside", "From: <tel:+1>\r\nMy To: x\r\n\r\n" TEXT "\r\nhi"},
	{"continuation of nothing", " From: <tel:+1>\r\n\r\n" TEXT "\r\nhi"},
	{"lone CR as line end", "From: <tel:+1>\rTo: <tel:+2>\r\rhi"},
	{"MIME header that breaks off", HEAD "\r\nContent-Type: text/pl"},
	{"MIME header that runs into the text", HEAD "\r\n" TEXT "hi there\r\n"},
};

/* Decode from an exact-size heap block; the views of out stay in it until the caller frees it. */
static int decode_copy(const char *in, size_t len, uint8_t **block, struct cpim *out)
{
	*block = malloc(len ? len : 1);
	memcpy(*block, in, len);
	return cpim_decode((struct view){*block, len}, out);
}

static void test_decode(void)
{
	for (size_t i = 0; i < sizeof(decode_cases) / sizeof(decode_cases[0]); i++) {
		const char *name = decode_cases[i].name;
		struct cpim c;
		uint8_t *block;
		int rc = decode_copy(decode_cases[i].in, strlen(decode_cases[i].in), &block, &c);

		CHECK(rc == 0, "%s: %d", name, rc);
		if (rc == 0) {
			CHECK(is_text(c.from, decode_cases[i].from), "%s: %.*s", name, SHOWN(c.from));
			CHECK(is_text(c.to, decode_cases[i].to), "%s: %.*s", name, SHOWN(c.to));
			CHECK(is_text(c.datetime, decode_cases[i].datetime), "%s: %.*s", name, SHOWN(c.datetime));
			CHECK(is_text(c.message_id, decode_cases[i].message_id), "%s: %.*s", name,
			      SHOWN(c.message_id));
			CHECK(is_text(c.content_type, decode_cases[i].content_type), "%s: %.*s", name,
			      SHOWN(c.content_type));
			CHECK(is_text(c.payload, decode_cases[i].payload), "%s: %.*s", name, SHOWN(c.payload));
			CHECK(c.imdn_request == decode_cases[i].imdn_request, "%s: %x", name, c.imdn_request);
			CHECK(is_text(c.transfer_encoding, decode_cases[i].transfer_encoding), "%s: %.*s", name,
			      SHOWN(c.transfer_encoding));
		}
		free(block);
	}
}

static void test_decode_refused(void)
{
	for (size_t i = 0; i < sizeof(refused_cases) / sizeof(refused_cases[0]); i++) {
		struct cpim c;
		uint8_t *block;
		int rc = decode_copy(refused_cases[i].in, strlen(refused_cases[i].in), &block, &c);

		CHECK(rc == -EBADMSG, "%s: %d", refused_cases[i].name, rc);
		free(block);
	}
}

static void test_decode_routes(void)
{
	static const char in[] = HEAD "imdn.IMDN-Record-Route: <sip:1>\r\nimdn.IMDN-Record-Route: <sip:2>\r\n"
				      "imdn.Original-To: <tel:+9>\r\nimdn.IMDN-Record-Route:\r\n"
				      "imdn.IMDN-Record-Route: <sip:\x01>\r\nimdn.IMDN-Record-Route: \"a\r\n b\" <sip:x>\r\n"
				      "imdn.IMDN-Record-Route: <sip:3>\r\nimdn.IMDN-Record-Route: <sip:4>\r\n"
				      "imdn.IMDN-Record-Route: <sip:5>\r\nimdn.IMDN-Route: <sip:6>\r\n\r\n"
				      "Content-Disposition: notification\r\n\r\nhi";
	struct cpim c;
	int rc = cpim_decode(view_str(in), &c);

	CHECK(rc == 0 && c.n_imdn_record_route == IMDN_ROUTE_MAX, "%d %u", rc, c.n_imdn_record_route);
	CHECK(is_text(c.imdn_record_route[0], "<sip:1>"), "first");
	CHECK(c.n_imdn_route == 1 && is_text(c.imdn_route[0], "<sip:6>"), "the way of a notification");
	CHECK(is_text(c.imdn_record_route[3], "<sip:4>"), "those that are empty, folded or not printable do not count");
	CHECK(is_text(c.imdn_original_to, "<tel:+9>"), "%.*s", SHOWN(c.imdn_original_to));
	CHECK(is_text(c.content_disposition, "notification"), "%.*s", SHOWN(c.content_disposition));
}

/* A prefix is refused until the empty line behind the message headers is in, and from there on inside a MIME header. */
static void test_decode_prefixes(void)
{
	static const char *const in[] = {example_11_1, example_11_2, example_11_3};

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		size_t headers = (size_t)(strstr(in[i], "\r\n\r\n") - in[i]) + 4;
		size_t payload = (size_t)(strstr(in[i] + headers, "\r\n\r\n") - in[i]) + 4;

		for (size_t len = 0; len < strlen(in[i]); len++) {
			bool line_end = len && in[i][len - 1] == '\n';
			bool in_name = len < headers + strlen("Content-");
			struct cpim c;
			uint8_t *block;
			int rc = decode_copy(in[i], len, &block, &c);

			if (len < headers)
				CHECK(rc == -EBADMSG, "example %zu, %zu octets: %d", i, len, rc);
			else if (len < payload && !line_end && !in_name)
				CHECK(rc == -EBADMSG, "example %zu, %zu octets: %d", i, len, rc);
			else
				CHECK(rc == 0, "example %zu, %zu octets: %d", i, len, rc);
			free(block);
		}
	}
}

/* ---- encode ---- */

static const struct cpim message_11_2 = {
	.from = VIEW("<tel:+15559870002>"),
	.to = VIEW("<tel:+15551230001>"),
	.datetime = VIEW("2026-03-14T10:15:30+01:00"),
	.message_id = VIEW("7d0e6c1e-7c1b-4b3f-9a52-0d6d2f6a9b11"),
	.imdn_request = IMDN_POSITIVE_DELIVERY,
	.content_type = VIEW("text/plain;charset=UTF-8"),
	.payload = VIEW("See you at 7"),
};

static const struct cpim message_11_3 = {
	.from = VIEW("<tel:+15559870002>"),
	.to = VIEW("<tel:+15551230001>"),
	.datetime = VIEW("2026-03-14T09:26:59Z"),
	.message_id = VIEW("4c9bd7e3-55a0-4c38-8f0e-5b1e3a1f8a77"),
	.content_type = VIEW("message/imdn+xml"),
	.content_disposition = VIEW("notification"),
	.payload = VIEW(IMDN_XML),
};

static void check_encoded(const char *name, const struct cpim *c, const char *expected, size_t sip_length)
{
	uint8_t out[1024];
	struct wbuf w = wbuf_of(out, sizeof(out));
	int rc = cpim_encode(&w, c);

	CHECK(rc == 0, "%s: %d", name, rc);
	CHECK(is_text(wbuf_written(&w), expected), "%s: %.*s", name, SHOWN(wbuf_written(&w)));
	CHECK(w.len == sip_length, "%s: %zu octets", name, w.len);

	for (size_t size = 0; size < strlen(expected); size++) {
		memset(out, 0xa5, sizeof(out));
		w = wbuf_of(out, size);
		rc = cpim_encode(&w, c);
		CHECK(rc == -ENOSPC && w.len == 0 && out[size] == 0xa5, "%s: room for %zu: %d", name, size, rc);
	}
}

static void test_encode_refused(void)
{
	static const size_t needed[] = {
		offsetof(struct cpim, from),	     offsetof(struct cpim, to),
		offsetof(struct cpim, datetime),     offsetof(struct cpim, message_id),
		offsetof(struct cpim, content_type),
	};
	static const size_t all[] = {
		offsetof(struct cpim, from),
		offsetof(struct cpim, to),
		offsetof(struct cpim, datetime),
		offsetof(struct cpim, message_id),
		offsetof(struct cpim, content_type),
		offsetof(struct cpim, transfer_encoding),
		offsetof(struct cpim, payload_type),
		offsetof(struct cpim, content_disposition),
		offsetof(struct cpim, imdn_original_to),
	};
	uint8_t out[1024];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct cpim c;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		c = message_11_2;
		*(struct view *)(void *)((char *)&c + needed[i]) = VIEW("");
		CHECK(cpim_encode(&w, &c) == -EINVAL && w.len == 0, "without member %zu", i);
	}
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		c = message_11_2;
		*(struct view *)(void *)((char *)&c + all[i]) = VIEW("x\r\nTo: <tel:+666>");
		CHECK(cpim_encode(&w, &c) == -EINVAL && w.len == 0, "line end in member %zu", i);
	}
	c = message_11_2;
	c.payload = (struct view){NULL, 0};
	CHECK(cpim_encode(&w, &c) == -EINVAL, "no payload");
	c = message_11_2;
	c.imdn_record_route[0] = VIEW("<sip:a>\nX: y");
	c.n_imdn_record_route = 1;
	CHECK(cpim_encode(&w, &c) == -EINVAL, "line end in a route");
	c.imdn_record_route[0] = VIEW("<sip:a>");
	c.n_imdn_record_route = IMDN_ROUTE_MAX + 1;
	CHECK(cpim_encode(&w, &c) == -EINVAL, "too many record routes");
	c = message_11_2;
	c.imdn_route[0] = VIEW("<sip:a>\nX: y");
	c.n_imdn_route = 1;
	CHECK(cpim_encode(&w, &c) == -EINVAL, "line end in a route");
	c.imdn_route[0] = VIEW("<sip:a>");
	c.n_imdn_route = IMDN_ROUTE_MAX + 1;
	CHECK(cpim_encode(&w, &c) == -EINVAL, "too many routes");
}

static bool is_same(const struct cpim *a, const struct cpim *b)
{
	if (a->n_imdn_record_route != b->n_imdn_record_route || a->imdn_request != b->imdn_request ||
	    a->n_imdn_route != b->n_imdn_route)
		return false;
	for (unsigned i = 0; i < a->n_imdn_route; i++)
		if (!view_eq(a->imdn_route[i], b->imdn_route[i]))
			return false;
	for (unsigned i = 0; i < a->n_imdn_record_route; i++)
		if (!view_eq(a->imdn_record_route[i], b->imdn_record_route[i]))
			return false;
	return view_eq(a->from, b->from) && view_eq(a->to, b->to) && view_eq(a->datetime, b->datetime) &&
	       view_eq(a->message_id, b->message_id) && view_eq(a->imdn_original_to, b->imdn_original_to) &&
	       view_eq(a->payload_type, b->payload_type) && view_eq(a->content_type, b->content_type) &&
	       view_eq(a->transfer_encoding, b->transfer_encoding) &&
	       view_eq(a->content_disposition, b->content_disposition) && view_eq(a->payload, b->payload);
}

static void test_round_trip(void)
{
	static const char *const payloads[] = {"",
					       "a",
					       "\r\n",
					       "hi\r\n",
					       "hi\n",
					       "a\r\n\r\nb",
					       "Content-Type: x\r\n\r\ny",
					       "From: <tel:+3>\r\n\r\n",
					       "h\xc3\xa9llo \xf0\x9f\x98\x80"};
	struct cpim c = message_11_2, back;
	uint8_t out[1024];

	c.imdn_request = 0x1f;
	c.imdn_original_to = VIEW("<tel:+9>");
	c.imdn_record_route[0] = VIEW("<sip:r1;lr>");
	c.imdn_record_route[1] = VIEW("<sip:r2;lr>");
	c.imdn_route[0] = VIEW("<sip:r3;lr>");
	c.imdn_route[1] = VIEW("<sip:r4;lr>");
	c.n_imdn_route = 2;
	c.n_imdn_record_route = 2;
	c.payload_type = VIEW("text/plain");
	c.transfer_encoding = VIEW("8bit");
	c.content_disposition = VIEW("render");
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out));

		c.payload = view_str(payloads[i]);
		CHECK(cpim_encode(&w, &c) == 0, "payload %zu", i);
		CHECK(cpim_decode(wbuf_written(&w), &back) == 0 && is_same(&c, &back), "payload %zu", i);
	}
}

/* ---- addresses ---- */

static const struct {
	const char *in, *uri;
} uri_cases[] = {
	{"<tel:+15551230001>", "tel:+15551230001"},
	{"tel:+15551230001", "tel:+15551230001"},
	{" tel:+15551230001 ", "tel:+15551230001"},
	{"Bob <sip:b@d>", "sip:b@d"},
	{"\"Bob\" <sip:b@d;user=phone>;tag=1", "sip:b@d;user=phone"},
	{"\"B <x> \\\" <y>\" <sip:b@d>", "sip:b@d"},
	{"Bob tel:+1", "tel:+1"},
	{"Bob\r\n <tel:+1>", "tel:+1"},
	{"sip:b@d;user=phone", "sip:b@d;user=phone"},
	{"< sip:b@d >", "sip:b@d"},
	{"<sip:u@d?Accept-Contact=+sip.instance%3D%22%3Curn:gsma:imei:1%3E%22%3Brequire>", "sip:u@d"},
	{"sip:u@d?x=y", "sip:u@d"},
	{"<tel:+1?x=y>", "tel:+1"},
	{"<sip:u?v@d?x=y>", "sip:u?v@d"},
	{"<sip:anonymous@anonymous.invalid>", "sip:anonymous@anonymous.invalid"},
	{"<tel:+1>, <tel:+2>", "tel:+1"},
	{"", ""},
	{"<>", ""},
	{"<", ""},
	{"Bob <", ""},
	{"<tel:+1", ""},
	{"<tel:+1 tel:+2>", ""},
	{"<tel:+1\r\nX: y>", ""},
	{"\"Bob <tel:+1>", ""},
};

static void test_uri(void)
{
	for (size_t i = 0; i < sizeof(uri_cases) / sizeof(uri_cases[0]); i++) {
		struct view uri = cpim_uri(view_str(uri_cases[i].in));

		CHECK(is_text(uri, uri_cases[i].uri), "%s: %.*s", uri_cases[i].in, SHOWN(uri));
	}
	CHECK(cpim_uri((struct view){NULL, 0}).len == 0, "no value");
}

int main(void)
{
	test_decode();
	test_decode_refused();
	test_decode_routes();
	test_decode_prefixes();
	check_encoded("11.2", &message_11_2, example_11_2, 301);
	check_encoded("11.3", &message_11_3, example_11_3, 586);
	CHECK(strlen(example_11_1) == 461, "%zu", strlen(example_11_1));
	test_encode_refused();
	test_round_trip();
	test_uri();
	return test_end("cpim");
}
