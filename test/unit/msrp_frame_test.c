/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/msrp/msrp_frame.h"
#include "codec.h"

#define GW    "msrp://192.0.2.20:2855/s7f3k2m9q1;tcp"
#define PEER  "msrp://198.51.100.7:9/FmnP3kQz81;tcp"
#define TO_GW "To-Path: " GW "\r\nFrom-Path: " PEER "\r\n"
#define TO_A  "To-Path: " PEER "\r\nFrom-Path: " GW "\r\n"

/* ---- wire examples, spec 11.6 ---- */

#define BIND	      "MSRP bind0001 SEND\r\n" TO_GW "-------bind0001$\r\n"
#define BIND_RESPONSE "MSRP bind0001 200 OK\r\n" TO_A "-------bind0001$\r\n"

#define A_TO_B_CPIM                                                                                                    \
	"From: <sip:anonymous@anonymous.invalid>\r\n"                                                                  \
	"To: <sip:anonymous@anonymous.invalid>\r\n"                                                                    \
	"NS: imdn <urn:ietf:params:imdn>\r\n"                                                                          \
	"imdn.Message-ID: Kq7rT2pW0aZx\r\n"                                                                            \
	"DateTime: 2026-03-14T09:31:02Z\r\n"                                                                           \
	"imdn.Disposition-Notification: positive-delivery, display\r\n"                                                \
	"\r\n"                                                                                                         \
	"Content-type: text/plain;charset=UTF-8\r\n"                                                                   \
	"Content-length: 5\r\n"                                                                                        \
	"\r\n"                                                                                                         \
	"Hello"

#define A_TO_B                                                                                                         \
	"MSRP RgGcYXJW SEND\r\n" TO_GW "Message-ID: ZNsPlykpMApIABRr\r\n"                                              \
	"Success-Report: no\r\n"                                                                                       \
	"Failure-Report: yes\r\n"                                                                                      \
	"Byte-Range: 1-303/303\r\n"                                                                                    \
	"Content-Type: message/cpim\r\n"                                                                               \
	"\r\n" A_TO_B_CPIM "\r\n-------RgGcYXJW$\r\n"

#define A_TO_B_RESPONSE "MSRP RgGcYXJW 200 OK\r\n" TO_A "-------RgGcYXJW$\r\n"

#define B_TO_A_CPIM                                                                                                    \
	"From: <tel:+15559870002>\r\n"                                                                                 \
	"To: <tel:+15551230001>\r\n"                                                                                   \
	"NS: imdn <urn:ietf:params:imdn>\r\n"                                                                          \
	"imdn.Message-ID: 2f1d7b0c-6a44-4d09-8a3b-1b7f9d5e6c30\r\n"                                                    \
	"DateTime: 2026-03-14T09:31:40Z\r\n"                                                                           \
	"\r\n"                                                                                                         \
	"Content-Type: text/plain;charset=UTF-8\r\n"                                                                   \
	"Content-Length: 8\r\n"                                                                                        \
	"\r\n"                                                                                                         \
	"Hi there"

#define B_TO_A                                                                                                         \
	"MSRP gw5e21aa SEND\r\n" TO_A "Message-ID: gw-0000017a\r\n"                                                    \
	"Success-Report: no\r\n"                                                                                       \
	"Failure-Report: yes\r\n"                                                                                      \
	"Byte-Range: 1-241/241\r\n"                                                                                    \
	"Content-Type: message/cpim\r\n"                                                                               \
	"\r\n" B_TO_A_CPIM "\r\n-------gw5e21aa$\r\n"

/* ---- decode ---- */

#define ID	   .transaction = VIEW("t001")
#define TO	   .to_path = VIEW(GW)
#define FROM	   .from_path = VIEW(PEER)
#define LAST	   .flag = '$'
#define F(...)	   {ID, TO, FROM, LAST, __VA_ARGS__}
#define SEND(more) "MSRP t001 SEND\r\n" TO_GW more "-------t001$\r\n"
#define RANGE(f, l, t) .has_range = true, .range_first = f, .range_last = l, .range_total = t
#define BODY(b)	   .has_body = true, .body = VIEW(b)
#define LONG_ID	   "0123456789abcdef0123456789abcdef"

/* Written once and read back to the very same octets; every prefix refused, every smaller output too. */
static const struct {
	const char *name, *wire;
	struct msrp_frame frame;
} exact_cases[] = {
	{"11.6, bind", BIND,
	 {.method = MSRP_SEND, .transaction = VIEW("bind0001"), .to_path = VIEW(GW), .from_path = VIEW(PEER), .flag = '$'}},
	{"11.6, answer to bind", BIND_RESPONSE,
	 {.method = MSRP_RESPONSE, .code = 200, .comment = VIEW("OK"), .transaction = VIEW("bind0001"), .to_path = VIEW(PEER),
	  .from_path = VIEW(GW), .flag = '$'}},
	{"11.6, A to B", A_TO_B,
	 {.method = MSRP_SEND, .transaction = VIEW("RgGcYXJW"), .to_path = VIEW(GW), .from_path = VIEW(PEER),
	  .message_id = VIEW("ZNsPlykpMApIABRr"), RANGE(1, 303, 303), .content_type = VIEW("message/cpim"),
	  BODY(A_TO_B_CPIM), .flag = '$'}},
	{"11.6, B to A", B_TO_A,
	 {.method = MSRP_SEND, .transaction = VIEW("gw5e21aa"), .to_path = VIEW(PEER), .from_path = VIEW(GW),
	  .message_id = VIEW("gw-0000017a"), RANGE(1, 241, 241), .content_type = VIEW("message/cpim"),
	  BODY(B_TO_A_CPIM), .flag = '$'}},
	{"REPORT",
	 "MSRP t001 REPORT\r\n" TO_GW "Message-ID: m1\r\nByte-Range: 1-7/7\r\nStatus: 000 200 OK\r\n-------t001$\r\n",
	 F(.method = MSRP_REPORT, .message_id = VIEW("m1"), RANGE(1, 7, 7), .status = 200)},
	{"REPORT with a code of its own", "MSRP t001 REPORT\r\n" TO_GW "Status: 000 499\r\n-------t001$\r\n",
	 F(.method = MSRP_REPORT, .status = 499)},
	{"other method", "MSRP t001 NICKNAME\r\n" TO_GW "-------t001$\r\n",
	 F(.method = MSRP_OTHER, .method_name = VIEW("NICKNAME"))},
	{"response without comment", "MSRP t001 481\r\n" TO_GW "-------t001$\r\n", F(.code = 481)},
	{"comment of several words", "MSRP t001 481 no such session\r\n" TO_GW "-------t001$\r\n",
	 F(.code = 481, .comment = VIEW("no such session"))},
	{"report headers",
	 SEND("Message-ID: m1\r\nSuccess-Report: yes\r\nFailure-Report: partial\r\n"),
	 F(.method = MSRP_SEND, .message_id = VIEW("m1"), .success_report = true, .failure_report = MSRP_FAILURE_PARTIAL)},
	{"Failure-Report without Message-ID", SEND("Failure-Report: no\r\n"),
	 F(.method = MSRP_SEND, .failure_report = MSRP_FAILURE_NO)},
	{"range open", SEND("Byte-Range: 1-*/*\r\nContent-Type: a/b\r\n\r\nx\r\n"),
	 F(.method = MSRP_SEND, RANGE(1, MSRP_UNKNOWN, MSRP_UNKNOWN), .content_type = VIEW("a/b"), BODY("x"))},
	{"last open", SEND("Byte-Range: 2049-*/4096\r\n"), F(.method = MSRP_SEND, RANGE(2049, MSRP_UNKNOWN, 4096))},
	{"total open", SEND("Byte-Range: 1-0/*\r\n"), F(.method = MSRP_SEND, RANGE(1, 0, MSRP_UNKNOWN))},
	{"greatest number", SEND("Byte-Range: 18446744073709551614-18446744073709551614/18446744073709551614\r\n"),
	 F(.method = MSRP_SEND, RANGE(UINT64_MAX - 1, UINT64_MAX - 1, UINT64_MAX - 1))},
	{"empty body", SEND("Content-Type: a/b\r\n\r\n\r\n"), F(.method = MSRP_SEND, .content_type = VIEW("a/b"), BODY(""))},
	{"body of a line end", SEND("Content-Type: a/b\r\n\r\n\r\n\r\n"),
	 F(.method = MSRP_SEND, .content_type = VIEW("a/b"), BODY("\r\n"))},
	{"body without Content-Type", SEND("\r\nx\r\n"), F(.method = MSRP_SEND, BODY("x"))},
	{"headers behind the empty line are body", SEND("Content-Type: a/b\r\n\r\nMessage-ID: m1\r\n\r\nx\r\n"),
	 F(.method = MSRP_SEND, .content_type = VIEW("a/b"), BODY("Message-ID: m1\r\n\r\nx"))},
	{"any octet may stand in a body", SEND("Content-Type: a/b\r\n\r\n\x01\n\r\x7f\xff\n\r\n"),
	 F(.method = MSRP_SEND, .content_type = VIEW("a/b"), BODY("\x01\n\r\x7f\xff\n"))},
	{"end line of another transaction in the body", SEND("Content-Type: a/b\r\n\r\n-------t002$\r\n-------T001$\r\n"),
	 F(.method = MSRP_SEND, .content_type = VIEW("a/b"), BODY("-------t002$\r\n-------T001$"))},
	{"end lines that are none in the body",
	 SEND("Content-Type: a/b\r\n\r\n-------t001*\r\n --------t001$\r\n-------t001$$\r\n-------t001\r\n"),
	 F(.method = MSRP_SEND, .content_type = VIEW("a/b"), BODY("-------t001*\r\n --------t001$\r\n-------t001$$\r\n-------t001"))},
	{"end line behind a bare LF in the body", SEND("Content-Type: a/b\r\n\r\nx\n-------t001$\r\ny\r\n"),
	 F(.method = MSRP_SEND, .content_type = VIEW("a/b"), BODY("x\n-------t001$\r\ny"))},
	{"more to come", "MSRP t001 SEND\r\n" TO_GW "-------t001+\r\n", {ID, TO, FROM, .method = MSRP_SEND, .flag = '+'}},
	{"aborted", "MSRP t001 SEND\r\n" TO_GW "-------t001#\r\n", {ID, TO, FROM, .method = MSRP_SEND, .flag = '#'}},
	{"longest transaction", "MSRP " LONG_ID " SEND\r\n" TO_GW "-------" LONG_ID "$\r\n",
	 {.method = MSRP_SEND, .transaction = VIEW(LONG_ID), .to_path = VIEW(GW), .from_path = VIEW(PEER), .flag = '$'}},
	{"all that RFC 4975 9 allows in a transaction", "MSRP 0.-+%= SEND\r\n" TO_GW "-------0.-+%=$\r\n",
	 {.method = MSRP_SEND, .transaction = VIEW("0.-+%="), .to_path = VIEW(GW), .from_path = VIEW(PEER), .flag = '$'}},
	{"longest Message-ID", SEND("Message-ID: " LONG_ID "\r\nSuccess-Report: no\r\nFailure-Report: yes\r\n"),
	 F(.method = MSRP_SEND, .message_id = VIEW(LONG_ID))},
	{"path over a relay", "MSRP t001 SEND\r\nTo-Path: " GW " " PEER "\r\nFrom-Path: " PEER "\r\n-------t001$\r\n",
	 {ID, FROM, LAST, .method = MSRP_SEND, .to_path = VIEW(GW " " PEER)}},
};

/* What we would write in another way. */
static const struct {
	const char *name, *wire;
	struct msrp_frame frame;
} tolerated[] = {
	{"letter case, blanks, order of headers",
	 "MSRP t001 SEND\r\nfailure-report:NO\r\nFROM-PATH:   " PEER " \r\nto-path:\t" GW "\r\n-------t001$\r\n",
	 F(.method = MSRP_SEND, .failure_report = MSRP_FAILURE_NO)},
	{"unknown headers", SEND("X-Y: z\r\nUse-Nickname: \"\xc3\xa9\"\r\nEmpty:\r\n"), F(.method = MSRP_SEND)},
	{"an unknown header twice", SEND("X: 1\r\nX: 2\r\n"), F(.method = MSRP_SEND)},
	{"empty line and nothing behind it", SEND("\r\n"), F(.method = MSRP_SEND)},
	{"Status in another namespace", "MSRP t001 REPORT\r\n" TO_GW "Status: 001 200\r\n-------t001$\r\n",
	 F(.method = MSRP_REPORT)},
	{"leading zeros", SEND("Byte-Range: 001-007/00000000000000000000007\r\n"), F(.method = MSRP_SEND, RANGE(1, 7, 7))},
};

static const struct {
	const char *name, *wire;
} refused[] = {
	{"empty", ""},
	{"nothing but an end line", "-------t001$\r\n"},
	{"other protocol", "MSRQ t001 SEND\r\n" TO_GW "-------t001$\r\n"},
	{"protocol in lower case", "msrp t001 SEND\r\n" TO_GW "-------t001$\r\n"},
	{"two blanks", "MSRP  t001 SEND\r\n" TO_GW "-------t001$\r\n"},
	{"transaction too short", "MSRP t01 SEND\r\n" TO_GW "-------t01$\r\n"},
	{"transaction too long", "MSRP " LONG_ID "x SEND\r\n" TO_GW "-------" LONG_ID "x$\r\n"},
	{"transaction with a bad octet", "MSRP t0_1 SEND\r\n" TO_GW "-------t0_1$\r\n"},
	{"transaction begins with a dash", "MSRP -001 SEND\r\n" TO_GW "--------001$\r\n"},
	{"no method", "MSRP t001\r\n" TO_GW "-------t001$\r\n"},
	{"empty method", "MSRP t001 \r\n" TO_GW "-------t001$\r\n"},
	{"method in lower case", "MSRP t001 send\r\n" TO_GW "-------t001$\r\n"},
	{"words behind the method", "MSRP t001 SEND x\r\n" TO_GW "-------t001$\r\n"},
	{"code of two digits", "MSRP t001 20\r\n" TO_GW "-------t001$\r\n"},
	{"code of four digits", "MSRP t001 2000\r\n" TO_GW "-------t001$\r\n"},
	{"code below 100", "MSRP t001 099\r\n" TO_GW "-------t001$\r\n"},
	{"control character in the comment", "MSRP t001 200 O\x01K\r\n" TO_GW "-------t001$\r\n"},
	{"no To-Path", "MSRP t001 SEND\r\nFrom-Path: " PEER "\r\n-------t001$\r\n"},
	{"no From-Path", "MSRP t001 SEND\r\nTo-Path: " GW "\r\n-------t001$\r\n"},
	{"empty To-Path", "MSRP t001 SEND\r\nTo-Path: \r\nFrom-Path: " PEER "\r\n-------t001$\r\n"},
	{"paths behind the empty line", "MSRP t001 SEND\r\n\r\n" TO_GW "-------t001$\r\n"},
	{"octet above ASCII in a path", "MSRP t001 SEND\r\nTo-Path: \xc3\xa9\r\nFrom-Path: " PEER "\r\n-------t001$\r\n"},
	{"To-Path twice", SEND("To-Path: " GW "\r\n")},
	{"Byte-Range twice", SEND("Byte-Range: 1-1/1\r\nByte-Range: 1-2/2\r\n")},
	{"no colon", SEND("Message-ID m1\r\n")},
	{"no name", SEND(": m1\r\n")},
	{"blank in the name", SEND("Message-ID : m1\r\n")},
	{"folded header", SEND("X: 1\r\n 2\r\n")},
	{"control character in an unknown header", SEND("X: \x01\r\n")},
	{"empty Message-ID", SEND("Message-ID:\r\n")},
	{"Message-ID too long", SEND("Message-ID: " LONG_ID "x\r\n")},
	{"Message-ID of two words", SEND("Message-ID: m 1\r\n")},
	{"Success-Report no word", SEND("Success-Report: 1\r\n")},
	{"Failure-Report no word", SEND("Failure-Report: maybe\r\n")},
	{"Byte-Range from 0", SEND("Byte-Range: 0-1/1\r\n")},
	{"Byte-Range from anywhere", SEND("Byte-Range: *-1/1\r\n")},
	{"Byte-Range without total", SEND("Byte-Range: 1-1\r\n")},
	{"Byte-Range without last", SEND("Byte-Range: 1/1\r\n")},
	{"Byte-Range with empty numbers", SEND("Byte-Range: -/\r\n")},
	{"Byte-Range no number", SEND("Byte-Range: 1-x/1\r\n")},
	{"Byte-Range with a sign", SEND("Byte-Range: 1-+1/1\r\n")},
	{"Byte-Range with words behind", SEND("Byte-Range: 1-1/1 \tx\r\n")},
	{"Byte-Range as great as unknown", SEND("Byte-Range: 1-1/18446744073709551615\r\n")},
	{"Byte-Range one above any integer", SEND("Byte-Range: 1-1/18446744073709551616\r\n")},
	{"Byte-Range far above any integer", SEND("Byte-Range: 99999999999999999999999-1/1\r\n")},
	{"Status without a code", SEND("Status: 000\r\n")},
	{"Status with a namespace of two", SEND("Status: 00 200\r\n")},
	{"Status no code", SEND("Status: 000 2x0\r\n")},
	{"empty Content-Type", SEND("Content-Type:\r\n")},
	{"LF line ends", "MSRP t001 SEND\nTo-Path: " GW "\nFrom-Path: " PEER "\n-------t001$\n"},
	{"bare LF behind the first line", "MSRP t001 SEND\n" TO_GW "-------t001$\r\n"},
	{"bare LF in the headers", SEND("X: 1\nY: 2\r\n")},
	{"bare CR in the headers", SEND("X: 1\rY: 2\r\n")},
	{"bare LF in front of the end line", SEND("X: 1\n")},
	{"body without its line end", SEND("Content-Type: a/b\r\n\r\nx")},
	{"body with a bare LF in front of the end line", SEND("Content-Type: a/b\r\n\r\nx\n")},
	{"body of one octet that is no line end", SEND("Content-Type: a/b\r\n\r\n\n")},
	{"end line of another transaction", "MSRP t001 SEND\r\n" TO_GW "-------t002$\r\n"},
	{"end line in another letter case", "MSRP t001 SEND\r\n" TO_GW "-------T001$\r\n"},
	{"end line of a longer transaction", "MSRP t001 SEND\r\n" TO_GW "-------xt001$\r\n"},
	{"end line with six dashes", "MSRP t001 SEND\r\n" TO_GW "------t001$\r\n"},
	{"end line with eight dashes", "MSRP t001 SEND\r\n" TO_GW "--------t001$\r\n"},
	{"end line without a flag", "MSRP t001 SEND\r\n" TO_GW "-------t001\r\n"},
	{"end line with an unknown flag", "MSRP t001 SEND\r\n" TO_GW "-------t001*\r\n"},
	{"end line with LF only", "MSRP t001 SEND\r\n" TO_GW "-------t001$\n"},
	{"octets behind the end line", "MSRP t001 SEND\r\n" TO_GW "-------t001$\r\nx"},
	{"two frames", SEND("") SEND("")},
	{"end line in the body", SEND("Content-Type: a/b\r\n\r\nx\r\n-------t001+\r\ny\r\n")},
	{"end line at the beginning of the body", SEND("Content-Type: a/b\r\n\r\n-------t001$\r\ny\r\n")},
	{"end line twice", SEND("Content-Type: a/b\r\n\r\nx\r\n-------t001$\r\n")},
	{"end line among the headers", SEND("-------t001$\r\n")},
};

static int encode(struct wbuf *w, const void *value)
{
	return msrp_frame_encode(w, value);
}

static int decode(struct view in, void *value)
{
	return msrp_frame_decode(in, value);
}

static const struct codec codec = {encode, decode, sizeof(struct msrp_frame)};

static void check_same(const char *name, const struct msrp_frame *a, const struct msrp_frame *b)
{
	CHECK(a->method == b->method && a->code == b->code, "%s: method %d, code %u", name, a->method, a->code);
	CHECK(view_eq(a->comment, b->comment), "%s: comment", name);
	CHECK(view_eq(a->method_name, b->method_name), "%s: method name", name);
	CHECK(view_eq(a->transaction, b->transaction), "%s: transaction", name);
	CHECK(view_eq(a->to_path, b->to_path), "%s: To-Path", name);
	CHECK(view_eq(a->from_path, b->from_path), "%s: From-Path", name);
	CHECK(view_eq(a->message_id, b->message_id), "%s: Message-ID", name);
	CHECK(a->has_range == b->has_range && a->range_first == b->range_first && a->range_last == b->range_last &&
		      a->range_total == b->range_total, "%s: Byte-Range", name);
	CHECK(a->success_report == b->success_report && a->failure_report == b->failure_report, "%s: reports", name);
	CHECK(a->status == b->status, "%s: Status %u", name, a->status);
	CHECK(view_eq(a->content_type, b->content_type), "%s: Content-Type", name);
	CHECK(a->has_body == b->has_body && view_eq(a->body, b->body), "%s: body", name);
	CHECK(a->flag == b->flag, "%s: flag %c", name, a->flag);
}

static struct view exact(const char *text)
{
	size_t n = strlen(text);
	uint8_t *p = malloc(n ? n : 1);

	memcpy(p, text, n);
	return (struct view){p, n};
}

static void test_exact(void)
{
	static uint8_t out[CODEC_OUT_MAX];

	for (size_t i = 0; i < sizeof(exact_cases) / sizeof(exact_cases[0]); i++) {
		const char *name = exact_cases[i].name;
		struct view in = exact(exact_cases[i].wire);
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct msrp_frame f;
		int rc = msrp_frame_decode(in, &f);

		CHECK(rc == 0, "%s: decode gives %d", name, rc);
		check_same(name, &f, &exact_cases[i].frame);
		rc = msrp_frame_encode(&w, &exact_cases[i].frame);
		CHECK(rc == 0 && view_eq(wbuf_written(&w), in), "%s: %d, wrote\n%.*s", name, rc, (int)w.len, out);
		codec_check_prefixes(name, &codec, in.p, in.len, 0);
		codec_check_no_space(name, &codec, &f, in.len);
		free((void *)in.p);
	}
}

static void test_tolerated(void)
{
	for (size_t i = 0; i < sizeof(tolerated) / sizeof(tolerated[0]); i++) {
		struct view in = exact(tolerated[i].wire);
		struct msrp_frame f;
		int rc = msrp_frame_decode(in, &f);

		CHECK(rc == 0, "%s: %d", tolerated[i].name, rc);
		check_same(tolerated[i].name, &f, &tolerated[i].frame);
		free((void *)in.p);
	}
}

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct view in = exact(refused[i].wire);
		struct msrp_frame f;
		int rc = msrp_frame_decode(in, &f);

		CHECK(rc == -EBADMSG, "%s: %d", refused[i].name, rc);
		free((void *)in.p);
	}
}

/* A header section of exactly n octets, behind the first line. */
static int decode_headers_of(size_t n)
{
	static const char start[] = "MSRP t001 SEND\r\n", paths[] = TO_GW, end[] = "-------t001$\r\n";
	char *wire = malloc(n + sizeof(start) + sizeof(end)), *at = wire;
	struct msrp_frame f;
	int rc;

	at = stpcpy(stpcpy(at, start), paths);
	n -= strlen(paths);
	memset(at, 'x', n);
	at[1] = ':';
	memcpy(at + n - 2, "\r\n", 2);
	at = stpcpy(at + n, end);
	rc = msrp_frame_decode((struct view){(uint8_t *)wire, (size_t)(at - wire)}, &f);
	free(wire);
	return rc;
}

static void test_header_section_is_bounded(void)
{
	CHECK(decode_headers_of(8192) == 0, "8192 octets");
	CHECK(decode_headers_of(8193) == -EBADMSG, "8193 octets");
	CHECK(decode_headers_of(100000) == -EBADMSG, "100000 octets");
}

static void test_nul(void)
{
	struct msrp_frame f;

	CHECK(msrp_frame_decode(VIEW(SEND("X: \0\r\n")), &f) == -EBADMSG, "in a header");
	CHECK(msrp_frame_decode(VIEW("MSRP t001 SEND\r\nTo-Path: a\0b\r\nFrom-Path: c\r\n-------t001$\r\n"), &f) == -EBADMSG,
	      "in a path");
	CHECK(msrp_frame_decode(VIEW(SEND("\r\na\0b\r\n")), &f) == 0 && f.body.len == 3, "in the body");
}

/* ---- encode ---- */

static const struct {
	const char *name;
	struct msrp_frame frame;
} not_encoded[] = {
	{"no path", {.method = MSRP_SEND, .transaction = VIEW("t001")}},
	{"no From-Path", {.method = MSRP_SEND, .transaction = VIEW("t001"), .to_path = VIEW(GW)}},
	{"no transaction", {TO, FROM, LAST, .method = MSRP_SEND, .transaction = VIEW("")}},
	{"transaction too short", {TO, FROM, LAST, .method = MSRP_SEND, .transaction = VIEW("abc")}},
	{"transaction too long", {TO, FROM, LAST, .method = MSRP_SEND, .transaction = VIEW(LONG_ID "x")}},
	{"CR in a path", {ID, FROM, LAST, .method = MSRP_SEND, .to_path = VIEW("a\rb")}},
	{"LF in a path", {ID, TO, LAST, .method = MSRP_SEND, .from_path = VIEW("a\nb")}},
	{"LF in the Message-ID", F(.method = MSRP_SEND, .message_id = VIEW("a\nb"))},
	{"Message-ID too long", F(.method = MSRP_SEND, .message_id = VIEW(LONG_ID "x"))},
	{"CR in the Content-Type", F(.method = MSRP_SEND, .content_type = VIEW("a/b\rc"))},
	{"LF in the comment", F(.code = 200, .comment = VIEW("O\nK"))},
	{"no method name", F(.method = MSRP_OTHER)},
	{"LF in the method name", F(.method = MSRP_OTHER, .method_name = VIEW("A\nB"))},
	{"code 0", F(.code = 0)},
	{"code 1000", F(.code = 1000)},
	{"status 99", F(.method = MSRP_REPORT, .status = 99)},
	{"range from 0", F(.method = MSRP_SEND, RANGE(0, 1, 1))},
	{"range from anywhere", F(.method = MSRP_SEND, RANGE(MSRP_UNKNOWN, 1, 1))},
	{"unknown flag", {ID, TO, FROM, .method = MSRP_SEND, .flag = '*'}},
};

static void test_not_encoded(void)
{
	static uint8_t out[CODEC_OUT_MAX];

	for (size_t i = 0; i < sizeof(not_encoded) / sizeof(not_encoded[0]); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out));
		int rc = msrp_frame_encode(&w, &not_encoded[i].frame);

		CHECK(rc == -EINVAL && w.len == 0, "%s: %d, %zu octets", not_encoded[i].name, rc, w.len);
	}
}

static void test_flag_absent(void)
{
	static uint8_t out[CODEC_OUT_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct msrp_frame f = {ID, TO, FROM, .method = MSRP_SEND, .flag = 0};

	CHECK(msrp_frame_encode(&w, &f) == 0 && view_eq(wbuf_written(&w), VIEW(SEND(""))), "wrote\n%.*s", (int)w.len, out);
}

/* ---- responses ---- */

static const struct {
	const char *name, *request;
	unsigned code;
	const char *response; /* NULL: -EINVAL */
} response_cases[] = {
	{"11.6, bind", BIND, 200, BIND_RESPONSE},
	{"11.6, A to B", A_TO_B, 200, A_TO_B_RESPONSE},
	{"error", BIND, 481, "MSRP bind0001 481 Session Does Not Exist\r\n" TO_A "-------bind0001$\r\n"},
	{"unknown code", BIND, 499, "MSRP bind0001 499\r\n" TO_A "-------bind0001$\r\n"},
	{"first URI of each path only",
	 "MSRP t001 SEND\r\nTo-Path: " GW " msrp://x;tcp\r\nFrom-Path: " PEER " msrp://y;tcp\r\n-------t001+\r\n", 413,
	 "MSRP t001 413 Stop Sending Message\r\n" TO_A "-------t001$\r\n"},
	{"to a response", BIND_RESPONSE, 200, NULL},
	{"code too small", BIND, 20, NULL},
	{"code too big", BIND, 2000, NULL},
};

static void test_responses(void)
{
	static uint8_t out[CODEC_OUT_MAX];

	for (size_t i = 0; i < sizeof(response_cases) / sizeof(response_cases[0]); i++) {
		const char *name = response_cases[i].name, *expected = response_cases[i].response;
		struct view in = exact(response_cases[i].request);
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct msrp_frame f;
		int rc;

		CHECK(msrp_frame_decode(in, &f) == 0, "%s", name);
		rc = msrp_response_encode(&w, &f, response_cases[i].code);
		CHECK(rc == (expected ? 0 : -EINVAL), "%s: %d", name, rc);
		CHECK(view_eq(wbuf_written(&w), view_str(expected ? expected : "")), "%s: wrote\n%.*s", name, (int)w.len, out);
		for (size_t n = 0; expected && n < strlen(expected); n++) {
			w = wbuf_of(out, n);
			CHECK(msrp_response_encode(&w, &f, response_cases[i].code) == -ENOSPC && w.len == 0, "%s: %zu", name, n);
		}
		free((void *)in.p);
	}
}

static void test_response_wanted(void)
{
	static const struct {
		enum msrp_method method;
		enum msrp_failure_report failure_report;
		bool success, failure;
	} cases[] = {
		{MSRP_SEND, MSRP_FAILURE_YES, true, true},	 {MSRP_SEND, MSRP_FAILURE_NO, false, false},
		{MSRP_SEND, MSRP_FAILURE_PARTIAL, false, true},	 {MSRP_OTHER, MSRP_FAILURE_YES, true, true},
		{MSRP_REPORT, MSRP_FAILURE_YES, false, false},	 {MSRP_RESPONSE, MSRP_FAILURE_YES, false, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct msrp_frame f = {.method = cases[i].method, .failure_report = cases[i].failure_report};

		CHECK(msrp_response_wanted(&f, 200) == cases[i].success, "case %zu, 200", i);
		CHECK(msrp_response_wanted(&f, 400) == cases[i].failure, "case %zu, 400", i);
		CHECK(msrp_response_wanted(&f, 506) == cases[i].failure, "case %zu, 506", i);
	}
}

static void test_reasons(void)
{
	static const unsigned codes[] = {200, 400, 403, 408, 413, 415, 423, 481, 501, 506};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		CHECK(*msrp_reason(codes[i]), "%u", codes[i]);
	CHECK(strcmp(msrp_reason(200), "OK") == 0 && strcmp(msrp_reason(403), "Forbidden") == 0, "the words");
	CHECK(!*msrp_reason(0) && !*msrp_reason(404), "unknown codes");
}

/* ---- a frame that is not one ---- */

static const struct {
	const char *name, *wire;
	int rc;
	enum msrp_failure_report failure_report;
} head_cases[] = {
	{"bad Byte-Range", SEND("Byte-Range: x\r\n"), 0, MSRP_FAILURE_YES},
	{"bad header in front of the paths", "MSRP t001 SEND\r\nByte-Range\r\n" TO_GW "-------t001$\r\n", 0, MSRP_FAILURE_YES},
	{"body breaks off", "MSRP t001 SEND\r\n" TO_GW "Content-Type: a/b\r\n\r\nx", 0, MSRP_FAILURE_YES},
	{"unknown flag", "MSRP t001 SEND\r\n" TO_GW "-------t001*\r\n", 0, MSRP_FAILURE_YES},
	{"LF line ends", "MSRP t001 SEND\nTo-Path: " GW "\nFrom-Path: " PEER "\n-------t001$\n", 0, MSRP_FAILURE_YES},
	{"Failure-Report is known", SEND("Failure-Report: no\r\nByte-Range: x\r\n"), 0, MSRP_FAILURE_NO},
	{"Failure-Report is bad", SEND("Failure-Report: x\r\n"), 0, MSRP_FAILURE_YES},
	{"To-Path twice", SEND("To-Path: msrp://x;tcp\r\n"), 0, MSRP_FAILURE_YES},
	{"To-Path missing", "MSRP t001 SEND\r\nFrom-Path: " PEER "\r\n-------t001$\r\n", -EBADMSG, 0},
	{"To-Path broken off", "MSRP t001 SEND\r\nFrom-Path: " PEER "\r\nTo-Path: msrp://x", -EBADMSG, 0},
	{"To-Path bad", "MSRP t001 SEND\r\nTo-Path: \x01\r\nFrom-Path: " PEER "\r\n-------t001$\r\n", -EBADMSG, 0},
	{"paths in the body", "MSRP t001 SEND\r\n\r\n" TO_GW "-------t001$\r\n", -EBADMSG, 0},
	{"bad transaction", "MSRP t SEND\r\n" TO_GW "-------t$\r\n", -EBADMSG, 0},
	{"no frame", "SEND\r\n" TO_GW, -EBADMSG, 0},
	{"response", "MSRP t001 200 OK\r\n" TO_GW "Byte-Range: x\r\n-------t001$\r\n", -EBADMSG, 0},
	{"empty", "", -EBADMSG, 0},
};

static void test_head(void)
{
	static uint8_t out[CODEC_OUT_MAX];

	for (size_t i = 0; i < sizeof(head_cases) / sizeof(head_cases[0]); i++) {
		const char *name = head_cases[i].name;
		struct view in = exact(head_cases[i].wire);
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct msrp_frame f;
		int rc = msrp_frame_decode_head(in, &f);

		CHECK(rc == head_cases[i].rc, "%s: %d", name, rc);
		CHECK(msrp_frame_decode(in, &f) == -EBADMSG, "%s: is good", name);
		if (rc == 0 && msrp_frame_decode_head(in, &f) == 0) {
			CHECK(f.failure_report == head_cases[i].failure_report, "%s", name);
			CHECK(msrp_response_encode(&w, &f, 400) == 0 &&
				      view_eq(wbuf_written(&w), VIEW("MSRP t001 400 Bad Request\r\n" TO_A "-------t001$\r\n")),
			      "%s: wrote\n%.*s", name, (int)w.len, out);
		}
		free((void *)in.p);
	}
}

static void test_head_prefixes(void)
{
	static const char wire[] = SEND("Content-Type: a/b\r\n\r\nx\r\n");
	const size_t paths = strlen("MSRP t001 SEND\r\n" TO_GW);

	for (size_t n = 0; n < sizeof(wire) - 1; n++) {
		uint8_t *p = malloc(n ? n : 1);
		struct msrp_frame f;
		int rc;

		memcpy(p, wire, n);
		rc = msrp_frame_decode_head((struct view){p, n}, &f);
		CHECK(rc == (n < paths ? -EBADMSG : 0), "%d for the first %zu octets", rc, n);
		free(p);
	}
}

int main(void)
{
	test_exact();
	test_tolerated();
	test_refused();
	test_header_section_is_bounded();
	test_nul();
	test_not_encoded();
	test_flag_absent();
	test_responses();
	test_response_wanted();
	test_reasons();
	test_head();
	test_head_prefixes();
	return test_end("msrp_frame");
}
