/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* RP messages (TS 24.011 7.3). The octets are those of spec/interworking.md 8.3, 11.8-11.10. */

#include "../../lib/sms/rp.h"
#include "codec.h"

static int encode(struct wbuf *w, const void *m)
{
	return rp_encode(w, m);
}

static int decode(struct view in, void *m)
{
	return rp_decode(in, m);
}

static const struct codec RP = {encode, decode, sizeof(struct rp_message)};

#define SC "07 91 51 55 00 10 00 F0 "
#define SUBMIT "31 2A 0B 91 51 55 89 07 00 F2 00 00 A7 06 C8 34 48 F8 16 03"
#define DELIVER                                                                                    \
	"04 0B 91 51 55 89 07 00 F2 00 00 62 30 41 01 51 03 40 0C D3 72 19 94 7F D7 41 61 3A E8 06"
#define STATUS "06 2A 0B 91 51 55 89 07 00 F2 62 30 41 90 62 35 00 62 30 41 90 62 85 00 00"
#define SCTS "62 30 41 90 62 35 00"
#define FIRST(n) ((uint64_t)1 << (n)) /* the first n octets are a message of their own */

static const struct {
	const char *name, *hex;
	uint64_t good_prefixes;
	enum rp_type type;
	enum rp_dir dir;
	uint8_t rp_mr;
	const char *rp_oa, *rp_da;
	uint8_t rp_cause;
	int rp_diagnostic; /* -1: none */
	const char *rp_ud;
} VECTORS[] = {
	{"MO (11.8)", "00 2A 00 " SC "14 " SUBMIT, 0, RP_DATA, RP_MS_TO_NET, 42, "", "+15550001000", 0, -1,
	 SUBMIT},
	{"MT (11.9)", "01 11 " SC "00 1E " DELIVER, 0, RP_DATA, RP_NET_TO_MS, 17, "+15550001000", "", 0, -1,
	 DELIVER},
	{"status report (11.10)", "01 12 " SC "00 19 " STATUS, 0, RP_DATA, RP_NET_TO_MS, 18, "+15550001000",
	 "", 0, -1, STATUS},
	{"MO without SC address", "00 2A 00 00 14 " SUBMIT, 0, RP_DATA, RP_MS_TO_NET, 42, "", "", 0, -1, SUBMIT},
	{"MT without SC address", "01 2A 00 00 1E " DELIVER, 0, RP_DATA, RP_NET_TO_MS, 42, "", "", 0, -1,
	 DELIVER},
	{"ack from the network (11.8)", "03 2A 41 09 01 00 " SCTS, FIRST(2), RP_ACK, RP_NET_TO_MS, 42, "",
	 "", 0, -1, "01 00 " SCTS},
	{"ack from the mobile (11.9)", "02 11 41 02 00 00", FIRST(2), RP_ACK, RP_MS_TO_NET, 17, "", "", 0, -1,
	 "00 00"},
	{"ack without user data", "02 FF", 0, RP_ACK, RP_MS_TO_NET, 255, "", "", 0, -1, ""},
	{"error, congestion (11.8)", "05 2A 01 2A 41 0A 01 C0 00 " SCTS, FIRST(4), RP_ERROR, RP_NET_TO_MS, 42,
	 "", "", RP_CAUSE_CONGESTION, -1, "01 C0 00 " SCTS},
	{"error, memory (11.9)", "04 11 01 16 41 03 00 D3 00", FIRST(4), RP_ERROR, RP_MS_TO_NET, 17, "", "",
	 RP_CAUSE_MEMORY_EXCEEDED, -1, "00 D3 00"},
	{"error with diagnostic", "05 00 02 51 00", 0, RP_ERROR, RP_NET_TO_MS, 0, "", "",
	 RP_CAUSE_INVALID_REFERENCE, 0, ""},
	{"memory available (11.10)", "06 07", 0, RP_SMMA, RP_MS_TO_NET, 7, "", "", 0, -1, ""},
};

static void check_address(const char *name, const struct sms_address *a, const char *expected)
{
	char text[SMS_ADDRESS_TEXT_MAX + 1];

	sms_address_print(a, text);
	CHECK(!strcmp(text, expected), "%s: %s", name, text);
}

static void test_vectors(void)
{
	for (size_t i = 0; i < sizeof(VECTORS) / sizeof(VECTORS[0]); i++) {
		const char *name = VECTORS[i].name;
		struct rp_message m;
		size_t len;
		uint8_t *in = codec_check(name, &RP, VECTORS[i].hex, &m, VECTORS[i].good_prefixes);
		uint8_t *ud = test_hex(VECTORS[i].rp_ud, &len);

		CHECK(m.type == VECTORS[i].type && m.dir == VECTORS[i].dir, "%s: %d %d", name, m.type, m.dir);
		CHECK(m.rp_mr == VECTORS[i].rp_mr, "%s: %d", name, m.rp_mr);
		check_address(name, &m.rp_oa, VECTORS[i].rp_oa);
		check_address(name, &m.rp_da, VECTORS[i].rp_da);
		CHECK(m.rp_cause == VECTORS[i].rp_cause, "%s: cause %d", name, m.rp_cause);
		CHECK((m.has_diagnostic ? m.rp_diagnostic : -1) == VECTORS[i].rp_diagnostic, "%s", name);
		CHECK(view_eq(m.rp_ud, (struct view){ud, len}), "%s: user data", name);
		free(ud);
		free(in);
	}
}

static const struct {
	const char *name, *hex;
} REFUSED[] = {
	{"type 7: memory available from the network", "07 2A"},
	{"data from the mobile with RP-OA", "00 2A " SC SC "14 " SUBMIT},
	{"data from the network with RP-DA", "01 2A " SC SC "14 " SUBMIT},
	{"data without user data", "00 2A 00 " SC "00"},
	{"data shorter than it says", "00 2A 00 " SC "15 " SUBMIT},
	{"address of 12 octets", "00 2A 00 0C 91 21 43 65 87 09 21 43 65 87 09 F1 14 " SUBMIT},
	{"empty cause", "05 2A 00"},
	{"cause of three octets", "05 2A 03 2A 00 00"},
	{"user data shorter than it says", "02 11 41 03 00 00"},
	{"element without length", "02 11 41"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
		codec_check_refused(REFUSED[i].name, &RP, REFUSED[i].hex);
}

/* The reference of a message that is wrong behind it is there for the answer. */
static void test_reference_of_refused(void)
{
	static const uint8_t octets[] = {0x01, 0x2a, 0x05};
	struct rp_message m;

	CHECK(rp_decode((struct view){octets, 3}, &m) == -EBADMSG, "cut in RP-OA");
	CHECK(m.rp_mr == 0x2a && m.dir == RP_NET_TO_MS, "mr %d dir %d", m.rp_mr, m.dir);
}

/* Unknown elements are skipped, of a repeated one the first counts, spare bits are not looked at. */
static const struct {
	const char *name, *hex, *rp_ud;
} LENIENT[] = {
	{"unknown element with length", "03 2A 42 02 AA BB 41 02 01 00", "01 00"},
	{"unknown element of one octet", "03 2A D1 41 02 01 00", "01 00"},
	{"two user data", "03 2A 41 02 01 00 41 02 FF FF", "01 00"},
	{"empty user data", "03 2A 41 00", ""},
	{"element behind data", "00 2A 00 " SC "14 " SUBMIT " 41 02 FF FF", SUBMIT},
	{"spare bits", "F8 2A 00 " SC "14 " SUBMIT, SUBMIT},
	{"cause with its extension bit", "05 2A 01 AA", ""},
};

static void test_lenient(void)
{
	for (size_t i = 0; i < sizeof(LENIENT) / sizeof(LENIENT[0]); i++) {
		struct rp_message m;
		size_t len, ud_len;
		uint8_t *in = test_hex(LENIENT[i].hex, &len), *ud = test_hex(LENIENT[i].rp_ud, &ud_len);
		int err = rp_decode((struct view){in, len}, &m);

		CHECK(err == 0, "%s: %d", LENIENT[i].name, err);
		CHECK(view_eq(m.rp_ud, (struct view){ud, ud_len}), "%s", LENIENT[i].name);
		CHECK(m.rp_cause == (m.type == RP_ERROR ? RP_CAUSE_CONGESTION : 0), "%s", LENIENT[i].name);
		free(in);
		free(ud);
	}
}

static void test_unencodable(void)
{
	static const uint8_t ud[233];
	const struct rp_message mo = {.type = RP_DATA, .rp_da = {1, 1, "1"}, .rp_ud = {ud, 232}};
	struct rp_message bad[8];
	uint8_t out[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));

	for (size_t i = 0; i < 8; i++)
		bad[i] = mo;
	bad[0].rp_ud.len = 233;
	bad[1].rp_ud.len = 0;
	bad[2].rp_oa = mo.rp_da;
	bad[3].dir = RP_NET_TO_MS;
	bad[4].rp_da = (struct sms_address){5, 0, "name"};
	bad[5] = (struct rp_message){.type = RP_SMMA, .dir = RP_NET_TO_MS};
	bad[6] = (struct rp_message){.type = RP_ERROR, .rp_cause = 128};
	bad[7] = (struct rp_message){.type = (enum rp_type)4};
	CHECK(rp_encode(&w, &mo) == 0, "the longest");
	w.len = 0;
	for (size_t i = 0; i < 8; i++)
		CHECK(rp_encode(&w, &bad[i]) == -EINVAL && !w.len, "case %zu", i);
}

static void test_longest(void)
{
	static const uint8_t ud[232];
	const struct sms_address sc = {1, 1, "12345678901234567890"};
	struct rp_message m = {.type = RP_DATA, .rp_mr = 1, .rp_da = sc, .rp_ud = {ud, 232}};
	uint8_t out[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));

	CHECK(rp_encode(&w, &m) == 0, "from the mobile: %zu octets", w.len);
	m.dir = RP_NET_TO_MS;
	m.rp_oa = sc;
	m.rp_da.text[0] = '\0';
	w.len = 0;
	CHECK(rp_encode(&w, &m) == 0, "from the network: %zu octets", w.len);
}

static void test_names(void)
{
	static const uint8_t KNOWN[] = {1,  8,	10, 21, 22, 27, 28, 29, 30, 38, 41,  42,
					47, 50, 57, 69, 81, 88, 95, 96, 97, 98, 99, 111, 127};

	for (int cause = 0; cause < 256; cause++) {
		bool known = memchr(KNOWN, cause, sizeof(KNOWN));

		CHECK(!strcmp(rp_cause_name((uint8_t)cause), "unspecified") == !known, "cause %d: %s", cause,
		      rp_cause_name((uint8_t)cause));
	}
	CHECK(!strcmp(rp_cause_name(RP_CAUSE_CONGESTION), "congestion"), "cause 42");
}

int main(void)
{
	test_vectors();
	test_refused();
	test_reference_of_refused();
	test_lenient();
	test_unencodable();
	test_longest();
	test_names();
	return test_end("rp");
}
