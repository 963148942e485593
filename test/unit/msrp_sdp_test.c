/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/msrp/msrp_sdp.h"
#include "test.h"

/* ---- wire examples, spec 11.4, 11.5, 11.7 ---- */

static const char example_11_4[] = "v=0\r\n"
				   "o=- 3982145100 3982145100 IN IP4 198.51.100.7\r\n"
				   "s=-\r\n"
				   "c=IN IP4 198.51.100.7\r\n"
				   "t=0 0\r\n"
				   "m=message 9 TCP/MSRP *\r\n"
				   "a=accept-types:message/cpim application/im-iscomposing+xml\r\n"
				   "a=accept-wrapped-types:text/plain message/imdn+xml\r\n"
				   "a=setup:active\r\n"
				   "a=connection:new\r\n"
				   "a=path:msrp://198.51.100.7:9/FmnP3kQz81;tcp\r\n"
				   "a=msrp-cema\r\n"
				   "a=sendrecv\r\n";

static const char example_11_5[] = "v=0\r\n"
				   "o=- 3982145213 3982145213 IN IP4 192.0.2.20\r\n"
				   "s=-\r\n"
				   "c=IN IP4 192.0.2.20\r\n"
				   "t=0 0\r\n"
				   "m=message 2855 TCP/MSRP *\r\n"
				   "a=accept-types:message/cpim application/im-iscomposing+xml\r\n"
				   "a=accept-wrapped-types:text/plain message/imdn+xml\r\n"
				   "a=max-size:8192\r\n"
				   "a=setup:passive\r\n"
				   "a=connection:new\r\n"
				   "a=path:msrp://192.0.2.20:2855/s7f3k2m9q1;tcp\r\n"
				   "a=msrp-cema\r\n"
				   "a=sendrecv\r\n";

static const char example_11_7[] = "v=0\r\n"
				   "o=- 3982150001 3982150001 IN IP4 198.51.100.7\r\n"
				   "s=-\r\n"
				   "c=IN IP4 198.51.100.7\r\n"
				   "t=0 0\r\n"
				   "m=message 40000 TCP/MSRP *\r\n"
				   "a=sendonly\r\n"
				   "a=path:msrp://198.51.100.7:40000/Lm4Xq0PsT2wZ;tcp\r\n"
				   "a=setup:actpass\r\n"
				   "a=connection:new\r\n"
				   "a=accept-types:message/cpim\r\n"
				   "a=accept-wrapped-types:text/plain\r\n";

static const char tls_ip6[] = "v=0\r\n"
			      "o=- 1 18446744073709551615 IN IP6 2001:db8::1\r\n"
			      "s=-\r\n"
			      "c=IN IP6 2001:db8::1\r\n"
			      "t=0 0\r\n"
			      "m=message 65535 TCP/TLS/MSRP *\r\n"
			      "a=accept-types:message/cpim\r\n"
			      "a=max-size:18446744073709551614\r\n"
			      "a=setup:actpass\r\n"
			      "a=connection:new\r\n"
			      "a=path:msrps://[2001:db8::1]:65535/x;tcp\r\n"
			      "a=fingerprint:SHA-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB\r\n"
			      "a=recvonly\r\n";

static const char refusal[] = "v=0\r\n"
			      "o=- 1 2 IN IP4 192.0.2.20\r\n"
			      "s=-\r\n"
			      "c=IN IP4 192.0.2.20\r\n"
			      "t=0 0\r\n"
			      "m=message 0 TCP/MSRP *\r\n"
			      "a=inactive\r\n";

/* ---- decode ---- */

#define HEAD	"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define M	"m=message 9 TCP/MSRP *\r\n"
#define AUDIO	"m=audio 49170 RTP/AVP 0\r\n"
#define S(...)	{.address = VIEW("192.0.2.1"), .port = 9, __VA_ARGS__}
#define ALL	"message/cpim application/im-iscomposing+xml"
#define WRAPPED "text/plain message/imdn+xml"

static const struct {
	const char *name, *in;
	struct msrp_sdp sdp;
	uint64_t session_id, version; /* 0: not what we would write */
} cases[] = {
	{"11.4", example_11_4,
	 {.address = VIEW("198.51.100.7"), .port = 9, .setup = MSRP_SETUP_ACTIVE, .path = VIEW("msrp://198.51.100.7:9/FmnP3kQz81;tcp"),
	  .accept_types = VIEW(ALL), .accept_wrapped_types = VIEW(WRAPPED), .cema = true}, 3982145100, 3982145100},
	{"11.5", example_11_5,
	 {.address = VIEW("192.0.2.20"), .port = 2855, .setup = MSRP_SETUP_PASSIVE, .path = VIEW("msrp://192.0.2.20:2855/s7f3k2m9q1;tcp"),
	  .accept_types = VIEW(ALL), .accept_wrapped_types = VIEW(WRAPPED), .max_size = 8192, .cema = true}, 3982145213, 3982145213},
	{"11.7", example_11_7,
	 {.address = VIEW("198.51.100.7"), .port = 40000, .setup = MSRP_SETUP_ACTPASS, .direction = MSRP_SENDONLY,
	  .path = VIEW("msrp://198.51.100.7:40000/Lm4Xq0PsT2wZ;tcp"), .accept_types = VIEW("message/cpim"),
	  .accept_wrapped_types = VIEW("text/plain")}, 0, 0},
	{"TLS and IPv6", tls_ip6,
	 {.tls = true, .address = VIEW("2001:db8::1"), .ip6 = true, .port = 65535, .setup = MSRP_SETUP_ACTPASS, .direction = MSRP_RECVONLY,
	  .path = VIEW("msrps://[2001:db8::1]:65535/x;tcp"), .accept_types = VIEW("message/cpim"), .max_size = UINT64_MAX - 1,
	  .fingerprint = VIEW("SHA-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB")}, 1, UINT64_MAX},
	{"refused stream", refusal, {.address = VIEW("192.0.2.20"), .direction = MSRP_INACTIVE}, 1, 2},

	{"nothing said", HEAD M, S(), 0, 0},
	{"LF line ends", "v=0\nc=IN IP4 192.0.2.1\nm=message 9 TCP/MSRP *\na=setup:active\na=path:x\n",
	 S(.setup = MSRP_SETUP_ACTIVE, .path = VIEW("x")), 0, 0},
	{"no line end at the end", HEAD M "a=path:x", S(.path = VIEW("x")), 0, 0},
	{"empty lines at the end", HEAD M "a=path:x\r\n\r\n\r\n", S(.path = VIEW("x")), 0, 0},
	{"empty values", "v=0\r\ns=\r\nc=IN IP4 192.0.2.1\r\n" M "a=\r\na=path:\r\n", S(), 0, 0},
	{"letter case", HEAD "m=MESSAGE 9 tcp/msrp *\r\na=SETUP:Active\r\na=Path:x\r\na=MSRP-CEMA\r\na=SendOnly\r\n",
	 S(.setup = MSRP_SETUP_ACTIVE, .path = VIEW("x"), .cema = true, .direction = MSRP_SENDONLY), 0, 0},
	{"blanks around values", HEAD M "a=accept-types: message/cpim \r\na=setup: passive\r\n",
	 S(.accept_types = VIEW("message/cpim"), .setup = MSRP_SETUP_PASSIVE), 0, 0},
	{"several blanks", HEAD "m=message  9  TCP/MSRP  *\r\n", S(), 0, 0},
	{"no format", HEAD "m=message 9 TCP/MSRP\r\n", S(), 0, 0},
	{"number of ports", HEAD "m=message 9/1 TCP/MSRP *\r\n", S(), 0, 0},
	{"wildcard", HEAD M "a=accept-types:*\r\n", S(.accept_types = VIEW("*")), 0, 0},
	{"typed wrong", HEAD M "a=accept-types:message/cpim application/im-iscomposing+xm\r\n",
	 S(.accept_types = VIEW("message/cpim application/im-iscomposing+xm")), 0, 0},
	{"path over a relay", HEAD M "a=path:msrp://a;tcp msrp://b:9/x;tcp\r\n", S(.path = VIEW("msrp://a;tcp msrp://b:9/x;tcp")), 0, 0},
	{"unknown attributes", HEAD M "a=chatroom\r\na=x:y\r\nb=AS:9\r\na=path:x\r\na=pathos:y\r\n", S(.path = VIEW("x")), 0, 0},
	{"the first of two counts", HEAD M "a=path:x\r\na=path:y\r\na=sendrecv\r\na=inactive\r\n", S(.path = VIEW("x")), 0, 0},
	{"setup holdconn", HEAD M "a=setup:holdconn\r\n", S(), 0, 0},
	{"max-size beyond any integer", HEAD M "a=max-size:99999999999999999999999\r\n", S(.max_size = UINT64_MAX), 0, 0},
	{"a file", HEAD M "a=file-selector:name:\"x\" size:7\r\n", S(.file_selector = true), 0, 0},
	{"a file not known", HEAD M "a=file-selector\r\n", S(.file_selector = true), 0, 0},
	{"c= of the stream counts", HEAD M "c=IN IP4 192.0.2.2\r\n", {.address = VIEW("192.0.2.2"), .port = 9}, 0, 0},
	{"c= of the stream only", "v=0\r\n" M "c=IN IP6 ::1\r\n", {.address = VIEW("::1"), .ip6 = true, .port = 9}, 0, 0},
	{"no c=", "v=0\r\n" M, {.port = 9}, 0, 0},
	{"host name", "v=0\r\nc=IN IP4 a.example\r\n" M, {.address = VIEW("a.example"), .port = 9}, 0, 0},
	{"TTL", "v=0\r\nc=IN IP4 192.0.2.1/127\r\n" M, S(), 0, 0},
	{"attributes of the session",
	 HEAD "a=setup:actpass\r\na=sendonly\r\na=fingerprint:f\r\na=path:no\r\na=msrp-cema\r\na=accept-types:no\r\na=max-size:7\r\n" M,
	 S(.setup = MSRP_SETUP_ACTPASS, .direction = MSRP_SENDONLY, .fingerprint = VIEW("f")), 0, 0},
	{"the stream before the session", HEAD "a=setup:actpass\r\na=sendonly\r\na=fingerprint:f\r\n" M "a=setup:active\r\na=sendrecv\r\na=fingerprint:g\r\n",
	 S(.setup = MSRP_SETUP_ACTIVE, .fingerprint = VIEW("g")), 0, 0},
	{"behind another stream", HEAD AUDIO "c=IN IP4 192.0.2.9\r\na=inactive\r\na=setup:active\r\na=path:no\r\n" M "a=path:x\r\n",
	 S(.path = VIEW("x")), 0, 0},
	{"in front of another stream", HEAD M "a=path:x\r\n" AUDIO "c=IN IP4 192.0.2.9\r\na=inactive\r\na=setup:active\r\n",
	 S(.path = VIEW("x")), 0, 0},
	{"the first of two streams", HEAD M "a=path:x\r\nm=message 10 TCP/MSRP *\r\na=path:y\r\na=msrp-cema\r\n", S(.path = VIEW("x")), 0, 0},
	{"behind a message stream of another kind", HEAD "m=message 10 TCP/WSS/MSRP *\r\na=path:y\r\n" M "a=path:x\r\n",
	 S(.path = VIEW("x")), 0, 0},
	{"m= of two words behind", HEAD M "m=message 9\r\n", S(), 0, 0},
	{"behind a stream over TLS", HEAD "m=image 10 TCP/TLS/MSRP *\r\n" M, S(), 0, 0},
};

static const struct {
	const char *name, *in;
	int rc;
} refused[] = {
	{"empty", "", -EBADMSG},
	{"empty lines", "\r\n\r\n", -EBADMSG},
	{"no version", "o=- 1 1 IN IP4 192.0.2.1\r\n" M, -EBADMSG},
	{"other version", "v=1\r\n" M, -EBADMSG},
	{"no stream", HEAD, -ENOENT},
	{"other streams", HEAD AUDIO "m=video 9 TCP/MSRP *\r\n", -ENOENT},
	{"other transport", HEAD "m=message 9 UDP/MSRP *\r\n", -ENOENT},
	{"no line of SDP", HEAD M "hello\r\n", -EBADMSG},
	{"one octet in a line", HEAD M "a\r\n", -EBADMSG},
	{"blank in front of a line", HEAD M " a=x\r\n", -EBADMSG},
	{"control character", HEAD M "a=path:\x01\r\n", -EBADMSG},
	{"bare CR", HEAD M "a=path:x\ra=path:y\r\n", -EBADMSG},
	{"control character in another stream", HEAD M AUDIO "a=\x01\r\n", -EBADMSG},
	{"m= of two words", HEAD "m=message 9\r\n", -EBADMSG},
	{"port no number", HEAD "m=message x TCP/MSRP *\r\n", -EBADMSG},
	{"port negative", HEAD "m=message -1 TCP/MSRP *\r\n", -EBADMSG},
	{"port too big", HEAD "m=message 65536 TCP/MSRP *\r\n", -EBADMSG},
	{"port beyond any integer", HEAD "m=message 99999999999999999999999 TCP/MSRP *\r\n", -EBADMSG},
	{"c= without an address", "v=0\r\nc=IN IP4\r\n" M, -EBADMSG},
	{"c= of another net", "v=0\r\nc=ATM NSAP 1\r\n" M, -EBADMSG},
	{"c= of another kind", "v=0\r\nc=IN IP5 1\r\n" M, -EBADMSG},
	{"c= with a slash only", "v=0\r\nc=IN IP4 /1\r\n" M, -EBADMSG},
	{"max-size empty", HEAD M "a=max-size:\r\n", -EBADMSG},
	{"max-size no number", HEAD M "a=max-size:8k\r\n", -EBADMSG},
};

static struct view exact(const char *text, size_t n)
{
	uint8_t *p = malloc(n ? n : 1);

	memcpy(p, text, n);
	return (struct view){p, n};
}

static void check_same(const char *name, const struct msrp_sdp *a, const struct msrp_sdp *b)
{
	CHECK(a->tls == b->tls && a->port == b->port, "%s: port %u", name, a->port);
	CHECK(a->ip6 == b->ip6 && view_eq(a->address, b->address), "%s: address %.*s", name, (int)a->address.len, a->address.p);
	CHECK(a->setup == b->setup, "%s: setup %d", name, a->setup);
	CHECK(a->direction == b->direction, "%s: direction %d", name, a->direction);
	CHECK(view_eq(a->path, b->path), "%s: path %.*s", name, (int)a->path.len, a->path.p);
	CHECK(view_eq(a->accept_types, b->accept_types), "%s: accept-types", name);
	CHECK(view_eq(a->accept_wrapped_types, b->accept_wrapped_types), "%s: accept-wrapped-types", name);
	CHECK(a->max_size == b->max_size, "%s: max-size %ju", name, (uintmax_t)a->max_size);
	CHECK(a->cema == b->cema && a->file_selector == b->file_selector, "%s: flags", name);
	CHECK(view_eq(a->fingerprint, b->fingerprint), "%s: fingerprint", name);
}

static void test_decode(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct view in = exact(cases[i].in, strlen(cases[i].in));
		struct msrp_sdp s;
		int rc = msrp_sdp_decode(in, &s);

		CHECK(rc == 0, "%s: %d", cases[i].name, rc);
		check_same(cases[i].name, &s, &cases[i].sdp);
		free((void *)in.p);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct view in = exact(refused[i].in, strlen(refused[i].in));
		struct msrp_sdp s;
		int rc = msrp_sdp_decode(in, &s);

		CHECK(rc == refused[i].rc, "%s: %d", refused[i].name, rc);
		free((void *)in.p);
	}
}

/* Behind a whole m= line a body may end anywhere; in front of its third word there is no stream. */
static void test_prefixes(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].in, *proto = strcasestr(text, "TCP/MSRP");

		if (!proto)
			proto = strcasestr(text, "TCP/TLS/MSRP");
		for (size_t n = 0; n < strlen(text); n++) {
			struct view in = exact(text, n);
			struct msrp_sdp s;
			int rc = msrp_sdp_decode(in, &s);

			CHECK(rc == 0 || rc == -ENOENT || rc == -EBADMSG, "%s: %d for %zu octets", cases[i].name, rc, n);
			CHECK(rc || n > (size_t)(proto - text), "%s: good for %zu octets", cases[i].name, n);
			free((void *)in.p);
		}
	}
}

/* ---- encode ---- */

enum { CANARY = 0xa5 };

static void check_no_space(const char *name, const struct msrp_sdp *s, uint64_t session_id, uint64_t version, size_t need)
{
	static uint8_t out[2048];

	for (size_t size = 2; size < need + 2; size++) {
		struct wbuf w = wbuf_of(out, size);
		bool clean = true;
		int rc;

		memset(out, CANARY, sizeof(out));
		w.len = 2; /* something stands there already */
		rc = msrp_sdp_encode(&w, s, session_id, version);
		for (size_t i = size; i < sizeof(out); i++)
			clean &= out[i] == CANARY;
		CHECK(rc == -ENOSPC && w.len == 2 && !w.err, "%s: %d for %zu of %zu octets", name, rc, size - 2, need);
		CHECK(clean && out[0] == CANARY && out[1] == CANARY, "%s: size %zu writes outside", name, size);
	}
}

static void test_encode(void)
{
	static uint8_t out[2048];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct msrp_sdp back;
		int rc;

		if (cases[i].sdp.address.len == 0 || cases[i].sdp.file_selector)
			continue;
		rc = msrp_sdp_encode(&w, &cases[i].sdp, cases[i].session_id, cases[i].version);
		CHECK(rc == 0, "%s: %d", cases[i].name, rc);
		CHECK(msrp_sdp_decode(wbuf_written(&w), &back) == 0, "%s", cases[i].name);
		check_same(cases[i].name, &back, &cases[i].sdp);
		if (cases[i].session_id)
			CHECK(view_eq(wbuf_written(&w), view_str(cases[i].in)), "%s: wrote\n%.*s", cases[i].name, (int)w.len, out);
		check_no_space(cases[i].name, &cases[i].sdp, cases[i].session_id, cases[i].version, w.len);
	}
}

static const struct {
	const char *name;
	struct msrp_sdp sdp;
} not_encoded[] = {
	{"no address", {.port = 9}},
	{"blank in the address", {.address = VIEW("192.0.2.1 x")}},
	{"LF in the address", {.address = VIEW("192.0.2.1\n")}},
	{"slash in the address", {.address = VIEW("192.0.2.1/1")}},
	{"port too big", {.address = VIEW("a"), .port = 65536}},
	{"LF in the path", S(.path = VIEW("x\na=sendonly"))},
	{"CR in accept-types", S(.accept_types = VIEW("x\r"))},
	{"LF in accept-wrapped-types", S(.accept_wrapped_types = VIEW("x\ny"))},
	{"LF in fingerprint", S(.fingerprint = VIEW("x\ny"))},
	{"setup unknown", S(.setup = MSRP_SETUP_ACTPASS + 1)},
	{"direction unknown", S(.direction = MSRP_INACTIVE + 1)},
};

static void test_not_encoded(void)
{
	static uint8_t out[2048];

	for (size_t i = 0; i < sizeof(not_encoded) / sizeof(not_encoded[0]); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out));
		int rc = msrp_sdp_encode(&w, &not_encoded[i].sdp, 1, 1);

		CHECK(rc == -EINVAL && w.len == 0, "%s: %d", not_encoded[i].name, rc);
	}
}

/* ---- lists of types ---- */

static const struct {
	const char *list, *type;
	bool accepted;
} accepts_cases[] = {
	{"message/cpim application/im-iscomposing+xml", "message/cpim", true},
	{"message/cpim application/im-iscomposing+xml", "application/im-iscomposing+xml", true},
	{"message/cpim application/im-iscomposing+xml", "text/plain", false},
	{"message/cpim application/im-iscomposing+xm", "application/im-iscomposing+xml", true},
	{"message/cpim application/im-iscomposing+xml", "application/im-iscomposing+xm", true},
	{"message/cpim application/im-iscomposing+x", "application/im-iscomposing+xml", false},
	{"*", "text/plain", true},
	{"message/cpim *", "text/plain", true},
	{"text/*", "text/plain", true},
	{"TEXT/*", "text/plain;charset=UTF-8", true},
	{"text/*", "text/", false},
	{"text/*", "texts/plain", false},
	{"text/*", "message/cpim", false},
	{"tex*", "text/plain", false},
	{"/*", "/plain", false},
	{"*/*", "text/plain", true},
	{"Text/Plain", "tEXT/pLAIN", true},
	{"text/plain", "text/plain;charset=UTF-8", true},
	{"text/plain", "text/plain ; charset=UTF-8", true},
	{"text/plain;charset=UTF-8 message/cpim", "text/plain", true},
	{"text/plain", "text/plainer", false},
	{"text/plainer", "text/plain", false},
	{"  \t message/cpim \t text/plain  ", "text/plain", true},
	{"", "text/plain", false},
	{"*", "", false},
	{"*", ";charset=UTF-8", false},
	{"; text/plain", "", false},
};

static void test_accepts(void)
{
	for (size_t i = 0; i < sizeof(accepts_cases) / sizeof(accepts_cases[0]); i++) {
		struct view list = exact(accepts_cases[i].list, strlen(accepts_cases[i].list));
		struct view type = exact(accepts_cases[i].type, strlen(accepts_cases[i].type));

		CHECK(msrp_sdp_accepts(list, type) == accepts_cases[i].accepted, "%s in %s", accepts_cases[i].type, accepts_cases[i].list);
		free((void *)list.p);
		free((void *)type.p);
	}
}

/* ---- answers ---- */

static void test_answers(void)
{
	CHECK(msrp_setup_answer(MSRP_SETUP_ACTIVE) == MSRP_SETUP_PASSIVE, "active");
	CHECK(msrp_setup_answer(MSRP_SETUP_ACTPASS) == MSRP_SETUP_PASSIVE, "actpass");
	CHECK(msrp_setup_answer(MSRP_SETUP_PASSIVE) == MSRP_SETUP_ACTIVE, "passive");
	CHECK(msrp_setup_answer(MSRP_SETUP_ABSENT) == MSRP_SETUP_PASSIVE, "absent: the offerer is active");
	CHECK(msrp_direction_answer(MSRP_SENDRECV) == MSRP_SENDRECV, "sendrecv");
	CHECK(msrp_direction_answer(MSRP_SENDONLY) == MSRP_RECVONLY, "sendonly");
	CHECK(msrp_direction_answer(MSRP_RECVONLY) == MSRP_SENDONLY, "recvonly");
	CHECK(msrp_direction_answer(MSRP_INACTIVE) == MSRP_INACTIVE, "inactive");
}

static const struct {
	const char *name, *path, *address;
	bool cema;
	unsigned port;
	int err;
	const char *host;
	unsigned to_port;
} PEERS[] = {
	{"path", "msrp://192.0.2.1:2855/a;tcp", "198.51.100.1", false, 9, 0, "192.0.2.1", 2855},
	{"first of the path", "msrp://h1:1/a;tcp msrp://h2:2/b;tcp", "198.51.100.1", false, 9, 0, "h1", 1},
	{"IPv6", "msrp://[2001:db8::1]:7/a;tcp", "", false, 9, 0, "2001:db8::1", 7},
	{"default port", "msrp://192.0.2.1/a;tcp", "", false, 9, 0, "192.0.2.1", MSRP_PORT},
	{"CEMA", "msrp://h1:1/a;tcp", "198.51.100.1", true, 7000, 0, "198.51.100.1", 7000},
	{"CEMA, refused stream", "msrp://h1:1/a;tcp", "198.51.100.1", true, 0, 0, "h1", 1},
	{"CEMA without c=", "msrp://h1:1/a;tcp", "", true, 7000, -EBADMSG, "", 0},
	{"no path", "", "198.51.100.1", true, 7000, -EBADMSG, "", 0},
	{"no URI", "msrp:h1", "198.51.100.1", false, 7000, -EBADMSG, "", 0},
};

static void test_peer(void)
{
	for (size_t i = 0; i < sizeof(PEERS) / sizeof(PEERS[0]); i++) {
		struct msrp_sdp s = {.path = view_str(PEERS[i].path),
				     .address = view_str(PEERS[i].address),
				     .cema = PEERS[i].cema,
				     .port = PEERS[i].port};
		struct msrp_uri uri;
		int err = msrp_sdp_peer(&s, &uri);

		CHECK(err == PEERS[i].err, "%s: %d", PEERS[i].name, err);
		if (!err)
			CHECK(view_eq(uri.host, view_str(PEERS[i].host)) && uri.port == PEERS[i].to_port,
			      "%s: port %u", PEERS[i].name, uri.port);
	}
}

int main(void)
{
	test_peer();
	test_decode();
	test_prefixes();
	test_encode();
	test_not_encoded();
	test_accepts();
	test_answers();
	return test_end("msrp_sdp");
}
