/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/msrp/msrp_uri.h"
#include "test.h"

#define GW   "msrp://192.0.2.20:2855/s7f3k2m9q1;tcp"
#define PEER "msrp://198.51.100.7:9/FmnP3kQz81;tcp"

#define X16  "0123456789abcdef"
#define X127 X16 X16 X16 X16 X16 X16 X16 "0123456789abcde"

/* A string in a heap block of exactly its size, so that ASan sees every overrun; free() its p. */
static struct view exact(const char *text, size_t len)
{
	uint8_t *p = malloc(len ? len : 1);

	memcpy(p, text, len);
	return (struct view){p, len};
}

/* ---- decode ---- */

static const struct {
	const char *name, *in, *host, *session;
	unsigned port;
	bool tls;
} decode_cases[] = {
	{"11.6, ours", GW, "192.0.2.20", "s7f3k2m9q1", 2855, false},
	{"11.6, the client's", PEER, "198.51.100.7", "FmnP3kQz81", 9, false},
	{"RFC 4975 4", "msrp://alicepc.example.com:7777/iau39soe2843z;tcp", "alicepc.example.com", "iau39soe2843z", 7777,
	 false},
	{"TLS", "msrps://a.example:9/x;tcp", "a.example", "x", 9, true},
	{"letter case of scheme and transport", "MSRPS://A.example/x;TCP", "A.example", "x", MSRP_PORT, true},
	{"no port", "msrp://a.example/x;tcp", "a.example", "x", MSRP_PORT, false},
	{"empty port", "msrp://a.example:/x;tcp", "a.example", "x", MSRP_PORT, false},
	{"no session: a relay", "msrp://a.example:9;tcp", "a.example", "", 9, false},
	{"greatest port", "msrp://a:65535/x;tcp", "a", "x", 65535, false},
	{"least port", "msrp://a:0/x;tcp", "a", "x", 0, false},
	{"userinfo", "msrp://bob@a.example:9/x;tcp", "a.example", "x", 9, false},
	{"more parameters", "msrp://a:9/x;tcp;lr;y=z", "a", "x", 9, false},
	{"all that RFC 4975 9 allows in a session", "msrp://a:9/a-b.c_d~e+f=g/h;tcp", "a", "a-b.c_d~e+f=g/h", 9, false},
	{"IPv6", "msrp://[2001:db8::1]:9/x;tcp", "2001:db8::1", "x", 9, false},
	{"IPv6 without a port", "msrp://[::]/x;tcp", "::", "x", MSRP_PORT, false},
	{"IPv6 in full", "msrp://[1:2:3:4:5:6:7:8]:9/x;tcp", "1:2:3:4:5:6:7:8", "x", 9, false},
	{"IPv4 in IPv6", "msrp://[::ffff:192.0.2.20]:9/x;tcp", "::ffff:192.0.2.20", "x", 9, false},
	{"longest session", "msrp://a:9/" X127 "f;tcp", "a", X127 "f", 9, false},
};

static const struct {
	const char *name, *in;
} refused[] = {
	{"empty", ""},
	{"other scheme", "sip:a@b"},
	{"longer scheme", "msrpx://a:9/x;tcp"},
	{"no slashes", "msrp:a:9/x;tcp"},
	{"no host", "msrp://:9/x;tcp"},
	{"userinfo only", "msrp://bob@:9/x;tcp"},
	{"host with a comma", "msrp://a,b:9/x;tcp"},
	{"port no number", "msrp://a:9x/x;tcp"},
	{"negative port", "msrp://a:-9/x;tcp"},
	{"port too big", "msrp://a:65536/x;tcp"},
	{"port beyond any integer", "msrp://a:99999999999999999999999/x;tcp"},
	{"two ports", "msrp://a:9:9/x;tcp"},
	{"no transport", "msrp://a:9/x"},
	{"empty transport", "msrp://a:9/x;"},
	{"transport udp", "msrp://a:9/x;udp"},
	{"transport ws", "msrp://a:9/x;ws"},
	{"transport behind a parameter", "msrp://a:9/x;y;tcp"},
	{"empty session", "msrp://a:9/;tcp"},
	{"session too long", "msrp://a:9/" X127 "fg;tcp"},
	{"blank in front", " msrp://a:9/x;tcp"},
	{"blank in the session", "msrp://a:9/x y;tcp"},
	{"line end", "msrp://a:9/x;tcp\r\n"},
	{"quote", "msrp://a:9/x\";tcp"},
	{"bracket", "<msrp://a:9/x;tcp>"},
	{"octet above ASCII", "msrp://a:9/\xc3\xa9;tcp"},
	{"DEL", "msrp://a:9/\x7f;tcp"},
	{"IPv6 without brackets", "msrp://::1:9/x;tcp"},
	{"IPv6, bracket not closed", "msrp://[::1/x;tcp"},
	{"IPv6, octets behind the bracket", "msrp://[::1]9/x;tcp"},
	{"IPv6, seven groups", "msrp://[1:2:3:4:5:6:7]:9/x;tcp"},
	{"IPv6, nine groups", "msrp://[1:2:3:4:5:6:7:8:9]:9/x;tcp"},
	{"IPv6, eight groups and a gap", "msrp://[1:2:3:4::5:6:7:8]:9/x;tcp"},
	{"IPv6, two gaps", "msrp://[1::2::3]:9/x;tcp"},
	{"IPv6, colon at the end", "msrp://[1:2:3:4:5:6:7:]:9/x;tcp"},
	{"IPv6, one colon in front", "msrp://[:1:2:3:4:5:6:7]:9/x;tcp"},
	{"IPv6, five digits", "msrp://[::12345]:9/x;tcp"},
	{"IPv6, no digit", "msrp://[::g]:9/x;tcp"},
	{"IPv6, IPv4 too early", "msrp://[1:2:3:4:5:6:7:1.2.3.4]:9/x;tcp"},
	{"IPv6, IPv4 above 255", "msrp://[::1.2.3.256]:9/x;tcp"},
	{"IPv6, IPv4 of three", "msrp://[::1.2.3]:9/x;tcp"},
	{"IPv6, empty", "msrp://[]:9/x;tcp"},
};

static void test_decode(void)
{
	for (size_t i = 0; i < sizeof(decode_cases) / sizeof(decode_cases[0]); i++) {
		const char *name = decode_cases[i].name;
		struct view in = exact(decode_cases[i].in, strlen(decode_cases[i].in));
		struct msrp_uri u;
		int rc = msrp_uri_decode(in, &u);

		CHECK(rc == 0, "%s: %d", name, rc);
		CHECK(view_eq(u.host, view_str(decode_cases[i].host)), "%s: host %.*s", name, (int)u.host.len, u.host.p);
		CHECK(view_eq(u.session, view_str(decode_cases[i].session)), "%s: session", name);
		CHECK(u.port == decode_cases[i].port && u.tls == decode_cases[i].tls, "%s: port %u", name, u.port);
		CHECK(view_eq(u.whole, in), "%s: whole", name);
		free((void *)in.p);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct view in = exact(refused[i].in, strlen(refused[i].in));
		struct msrp_uri u;
		int rc = msrp_uri_decode(in, &u);

		CHECK(rc == -EBADMSG, "%s: %d", refused[i].name, rc);
		free((void *)in.p);
	}
}

/* A proper prefix has no transport; behind it stand parameters, which may be cut anywhere. */
static void test_prefixes(void)
{
	for (size_t i = 0; i < sizeof(decode_cases) / sizeof(decode_cases[0]); i++) {
		const char *text = decode_cases[i].in, *transport = strchr(text, ';');

		for (size_t n = 0; n < (size_t)(transport - text) + strlen(";tcp"); n++) {
			struct view in = exact(text, n);
			struct msrp_uri u;
			int rc = msrp_uri_decode(in, &u);

			CHECK(rc == -EBADMSG, "%s: %d for %zu octets", decode_cases[i].name, rc, n);
			free((void *)in.p);
		}
	}
}

/* ---- paths ---- */

static const struct {
	const char *name, *path, *first, *last; /* NULL: refused */
} path_cases[] = {
	{"one", GW, GW, GW},
	{"two", GW " " PEER, GW, PEER},
	{"three", GW " msrp://relay;tcp " PEER, GW, PEER},
	{"more blanks", "  " GW "  \t" PEER " ", GW, PEER},
	{"empty", "", NULL, NULL},
	{"blanks only", "  ", NULL, NULL},
	{"the first is none", "x " PEER, NULL, PEER},
	{"the last is none", GW " x", GW, NULL},
};

static void check_path(const char *name, int rc, const struct msrp_uri *u, const char *expected)
{
	CHECK(rc == (expected ? 0 : -EBADMSG), "%s: %d", name, rc);
	if (expected && rc == 0)
		CHECK(view_eq(u->whole, view_str(expected)), "%s: %.*s", name, (int)u->whole.len, u->whole.p);
}

static void test_paths(void)
{
	for (size_t i = 0; i < sizeof(path_cases) / sizeof(path_cases[0]); i++) {
		struct view in = exact(path_cases[i].path, strlen(path_cases[i].path));
		struct msrp_uri u;
		int rc = msrp_path_first(in, &u);

		check_path(path_cases[i].name, rc, &u, path_cases[i].first);
		rc = msrp_path_last(in, &u);
		check_path(path_cases[i].name, rc, &u, path_cases[i].last);
		free((void *)in.p);
	}
}

/* ---- compare ---- */

static const struct {
	const char *name, *a, *b;
	bool equal, equal_with_cema;
} equal_cases[] = {
	{"the same", GW, GW, true, true},
	{"letter case of scheme, host, transport", "msrp://A.example:9/x;tcp", "MSRP://a.EXAMPLE:9/x;TCP", true, true},
	{"letter case of the session", "msrp://a:9/x;tcp", "msrp://a:9/X;tcp", false, false},
	{"longer session", "msrp://a:9/x;tcp", "msrp://a:9/xx;tcp", false, false},
	{"session and none", "msrp://a:9/x;tcp", "msrp://a:9;tcp", false, false},
	{"no session", "msrp://a:9;tcp", "msrp://a:9;tcp", true, false},
	{"other host", "msrp://a:9/x;tcp", "msrp://b:9/x;tcp", false, true},
	{"other port", "msrp://a:9/x;tcp", "msrp://a:10/x;tcp", false, true},
	{"default port written and not", "msrp://a:2855/x;tcp", "msrp://a/x;tcp", false, true},
	{"no port in both", "msrp://a/x;tcp", "msrp://a/x;tcp", true, true},
	{"other scheme", "msrp://a:9/x;tcp", "msrps://a:9/x;tcp", false, true},
	{"userinfo and parameters do not count", "msrp://u@a:9/x;tcp;y", "msrp://a:9/x;tcp", true, true},
	{"IPv6 written differently", "msrp://[2001:db8::1]:9/x;tcp", "msrp://[2001:0DB8:0:0:0:0:0:1]:9/x;tcp", true,
	 true},
	{"IPv6, gap in the middle", "msrp://[1:2::7:8]:9/x;tcp", "msrp://[1:2:0:0:0:0:7:8]:9/x;tcp", true, true},
	{"IPv6, gap at the end", "msrp://[1::]:9/x;tcp", "msrp://[1:0:0:0:0:0:0:0]:9/x;tcp", true, true},
	{"IPv6 with IPv4", "msrp://[::ffff:192.0.2.20]:9/x;tcp", "msrp://[::ffff:c000:214]:9/x;tcp", true, true},
	{"other IPv6", "msrp://[2001:db8::1]:9/x;tcp", "msrp://[2001:db8::2]:9/x;tcp", false, true},
	{"IPv6 without a port", "msrp://[::1]/x;tcp", "msrp://[::1]:2855/x;tcp", false, true},
};

static void test_equal(void)
{
	for (size_t i = 0; i < sizeof(equal_cases) / sizeof(equal_cases[0]); i++) {
		const char *name = equal_cases[i].name;
		struct msrp_uri a, b;

		CHECK(msrp_uri_decode(view_str(equal_cases[i].a), &a) == 0, "%s", name);
		CHECK(msrp_uri_decode(view_str(equal_cases[i].b), &b) == 0, "%s", name);
		CHECK(msrp_uri_equal(&a, &b, false) == equal_cases[i].equal, "%s", name);
		CHECK(msrp_uri_equal(&b, &a, false) == equal_cases[i].equal, "%s", name);
		CHECK(msrp_uri_equal(&a, &b, true) == equal_cases[i].equal_with_cema, "%s, CEMA", name);
	}
}

int main(void)
{
	test_decode();
	test_prefixes();
	test_paths();
	test_equal();
	return test_end("msrp_uri");
}
