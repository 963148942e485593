/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* deliver_sm, data_sm -> SMS-DELIVER, one or several: spec 5.4, 5.9. */

#include "sms/dcs.h"
#include "sms/ucs2.h"
#include "sms/udh.h"
#include "smpp/smpp_sm.h"

#include "test.h"

enum { REF = 0x77, UNITS_MAX = 70000, PARTS_MAX = 255 };

static const struct sms_time now = {1773479730, 60}; /* 2026-03-14T10:15:30+01:00 */

static struct smpp_message message(uint8_t data_coding, struct view text, bool payload)
{
	struct smpp_message m = {.source_addr_ton = 1,
				 .source_addr_npi = 1,
				 .source_addr = "15559870002",
				 .data_coding = data_coding};

	m.has_message_payload = payload;
	*(payload ? &m.message_payload : &m.short_message) = text;
	return m;
}

/* ---- the walk: all TPDUs decoded, their text joined ---- */

struct walk {
	int rc; /* of smpp_deliver_begin() */
	unsigned parts;
	uint8_t tp_dcs;
	struct tpdu_deliver first;
	uint8_t header[PARTS_MAX][TP_UD_MAX];
	size_t header_octets[PARTS_MAX], units_of[PARTS_MAX];
	struct wbuf units;
	uint8_t octets[UNITS_MAX], first_tpdu[TPDU_MAX];
};

static void take_part(struct walk *k, const char *name, struct view tpdu)
{
	struct tpdu_deliver d;
	struct udh udh = {0};
	size_t before = k->units.len;

	CHECK(tpdu_deliver_decode(tpdu, &d) == 0, "%s: part %u", name, k->parts);
	CHECK(d.u.tp_ud.len <= TP_UD_MAX, "%s: %zu octets", name, d.u.tp_ud.len);
	CHECK(!d.u.tp_udhi || udh_decode(d.u.tp_ud, &udh) == 0, "%s: UDH", name);
	CHECK(tp_ud_text(&d.u, &k->units) == 0, "%s: text", name);
	CHECK(k->parts == 0 || d.u.tp_dcs == k->tp_dcs, "%s: TP-DCS changes", name);
	CHECK(d.tp_scts.utc_s == now.utc_s && d.tp_scts.zone_minutes == 60, "%s: SCTS", name);
	k->tp_dcs = d.u.tp_dcs;
	if (k->parts < PARTS_MAX) {
		if (udh.octets)
			memcpy(k->header[k->parts], d.u.tp_ud.p, udh.octets);
		k->header_octets[k->parts] = udh.octets;
		k->units_of[k->parts] = k->units.len - before;
	}
	if (k->parts++ == 0) {
		memcpy(k->first_tpdu, tpdu.p, tpdu.len);
		tpdu_deliver_decode((struct view){k->first_tpdu, tpdu.len}, &k->first);
	}
}

/* Every output that is too small must leave the walk where it is. */
static void next_too_small(struct smpp_deliver_iter *it, const char *name, size_t need)
{
	uint8_t out[TPDU_MAX];
	struct smpp_deliver_iter copy = *it;

	for (size_t size = 0; size < need; size++) {
		struct wbuf w = wbuf_of(out, size);
		int rc;

		memset(out, 0xa5, sizeof(out));
		rc = smpp_deliver_next(&copy, &now, &w);
		CHECK(rc == -ENOSPC && w.len == 0 && out[size] == 0xa5, "%s: %d for %zu of %zu",
		      name, rc, size, need);
		CHECK(copy.pos == it->pos && copy.part == it->part, "%s: moved", name);
	}
}

static struct walk *walk(const char *name, const struct smpp_sm_config *cfg,
			 const struct smpp_message *m)
{
	/* exactly what the header promises: two octets for each octet of text */
	size_t size = 2 * (m->has_message_payload ? m->message_payload.len : m->short_message.len);
	uint8_t *room = malloc(size ? size : 1), out[TPDU_MAX];
	struct wbuf scratch = wbuf_of(room, size), w;
	struct walk *k = calloc(1, sizeof(*k));
	struct smpp_deliver_iter it, before;
	int rc = 0;

	k->units = wbuf_of(k->octets, sizeof(k->octets));
	k->rc = smpp_deliver_begin(&it, cfg, m, REF, &scratch);
	while (k->rc == 0 && k->parts <= PARTS_MAX) {
		w = wbuf_of(out, sizeof(out));
		before = it;
		rc = smpp_deliver_next(&it, &now, &w);
		if (rc <= 0)
			break;
		if (k->parts < 2)
			next_too_small(&before, name, w.len);
		take_part(k, name, wbuf_written(&w));
	}
	CHECK(rc == 0, "%s: the walk ends with %d", name, rc);
	free(room);
	return k;
}

/* ---- one short_message ---- */

#define TEN   "30 31 32 33 34 35 36 37 38 39 "
#define FIFTY TEN TEN TEN TEN TEN
#define U10   "0030 0031 0032 0033 0034 0035 0036 0037 0038 0039 "

static const struct {
	const char *name;
	enum smpp_default_alphabet alphabet;
	uint8_t data_coding;
	const char *hex;
	uint8_t tp_dcs;
	const char *units;
} texts[] = {
	{"GSM is unpacked", 0, 0, "00 1b 65 05 48 69", 0x00, "00 1b 65 05 48 69"},
	{"160 characters", 0, 0, FIFTY FIFTY FIFTY TEN, 0x00, FIFTY FIFTY FIFTY TEN},
	{"empty", 0, 0, "", 0x00, ""},
	{"lone ESC at the end", 0, 0, "48 1b", 0x00, "48 1b"},
	{"e acute in Latin-1 amid GSM", 0, 0, "48 e9", 0x00, "48 05"},
	{"euro as Windows-1252 amid GSM", 0, 0, "48 80", 0x00, "48 1b 65"},
	{"an octet that GSM has not: all as UCS-2", 0, 0, "00 1b 65 ea 1b", 0x08,
	 "0040 20ac 00ea 0020"},
	{"ESC in front of such an octet", 0, 0, "1b e9 65", 0x00, "20 05 65"},
	{"Latin-1 by configuration", SMPP_DEFAULT_LATIN1, 0, "40 e9 5b", 0x00, "00 05 1b 3c"},
	{"Latin-1 with a letter that GSM has not", SMPP_DEFAULT_LATIN1, 0, "40 ea", 0x08,
	 "0040 00ea"},
	{"Latin-1, euro as Windows-1252", SMPP_DEFAULT_LATIN1, 0, "80", 0x00, "1b 65"},
	{"ASCII by configuration", SMPP_DEFAULT_ASCII, 0, "7b 40 24", 0x00, "1b 28 00 02"},
	{"ASCII by data_coding", 0, 1, "7b 40 60", 0x08, "007b 0040 0060"},
	{"Latin-1 by data_coding", 0, 3, "40 e9 5b", 0x00, "00 05 1b 3c"},
	{"Latin-1 tab", 0, 3, "61 09", 0x08, "0061 0009"},
	{"UCS-2 with NUL", 0, 8, "0041 0000 0042", 0x08, "0041 0000 0042"},
	{"UCS-2, surrogates", 0, 8, "d83d de00", 0x08, "d83d de00"},
	{"UCS-2, odd", 0, 8, "0041 00", 0x08, "0041 00"},
	{"binary 2", 0, 2, "00 ff 80", 0x04, "00 ff 80"},
	{"binary 4", SMPP_DEFAULT_LATIN1, 4, "00 ff 80", 0x04, "00 ff 80"},
	{"class 0 in the 0xf. form", SMPP_DEFAULT_LATIN1, 0xf0, "00", 0xf0, "00"},
	{"class 1 in the 0xf. form, a letter that GSM has not", 0, 0xf1, "00 ea", 0x19,
	 "0040 00ea"},
	{"class 2, 8-bit", 0, 0xf6, "ff", 0xf6, "ff"},
	{"class 0, UCS-2", 0, 0x18, "0041", 0x18, "0041"},
	{"message waiting, discard", 0, 0xc8, "41", 0xc8, "41"},
	{"message waiting, UCS-2", 0, 0xe0, "0041", 0xe0, "0041"},
	{"JIS reads as GSM", SMPP_DEFAULT_LATIN1, 5, "00 41", 0x00, "00 41"},
	{"0x20 is no compressed text", 0, 0x20, "00 41", 0x00, "00 41"},
	{"reserved 0xbf reads as GSM", 0, 0xbf, "00 41", 0x00, "00 41"},
};

static void check_units(const char *name, const struct walk *k, const char *hex)
{
	size_t len;
	uint8_t *want = test_hex(hex, &len);

	CHECK(view_eq(wbuf_written(&k->units), (struct view){want, len}), "%s: text", name);
	if (!view_eq(wbuf_written(&k->units), (struct view){want, len})) {
		test_print_hex("expected", want, len);
		test_print_hex("got", k->octets, k->units.len);
	}
	free(want);
}

static void test_texts(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (int payload = 0; payload < 2; payload++) {
			struct smpp_sm_config cfg = {.default_alphabet = texts[i].alphabet};
			size_t len;
			uint8_t *in = test_hex(texts[i].hex, &len);
			struct smpp_message m =
				message(texts[i].data_coding, (struct view){in, len}, payload);
			struct walk *k = walk(texts[i].name, &cfg, &m);

			CHECK(k->rc == 0 && k->parts == 1, "%s: %d, %u parts", texts[i].name, k->rc,
			      k->parts);
			CHECK(k->tp_dcs == texts[i].tp_dcs, "%s: TP-DCS %02x", texts[i].name,
			      k->tp_dcs);
			CHECK(!k->first.u.tp_udhi && !k->first.tp_mms, "%s: flags", texts[i].name);
			check_units(texts[i].name, k, texts[i].units);
			free(k);
			free(in);
		}
}

/* ---- headers and sar_* ---- */

static const struct {
	const char *name;
	uint8_t esm_class, data_coding;
	const char *hex;
	uint16_t ref;
	uint8_t total, seqnum; /* sar_*, if total */
	int rc;
	unsigned parts;
	const char *header; /* of the first part */
	size_t units;
} headers[] = {
	{"UDH of 6 and 153 septets", 0x40, 0, "05 00 03 a4 02 01" FIFTY FIFTY FIFTY "41 42 43", 0,
	 0, 0, 0, 1, "05 00 03 a4 02 01", 153},
	{"UDH of 7 and 152 septets", 0x40, 0, "06 08 04 01 a4 02 01" FIFTY FIFTY FIFTY "41 42", 0,
	 0, 0, 0, 1, "06 08 04 01 a4 02 01", 152},
	{"UDH and UCS-2", 0x40, 8, "05 00 03 a4 02 02 0416", 0, 0, 0, 0, 1, "05 00 03 a4 02 02", 2},
	{"UDH alone", 0x40, 0, "05 00 03 a4 02 02", 0, 0, 0, 0, 1, "05 00 03 a4 02 02", 0},
	{"empty UDH", 0x40, 0, "00 41", 0, 0, 0, 0, 1, "00", 1},
	{"ports, 8-bit", 0x40, 4, "06 05 04 0b 84 23 f0 01 02", 0, 0, 0, 0, 1,
	 "06 05 04 0b 84 23 f0", 2},
	{"UDH and a Latin-1 letter", 0x40, 3, "05 00 03 a4 02 02 e9 40", 0, 0, 0, 0, 1,
	 "05 00 03 a4 02 02", 2},
	{"sar_*", 0, 0, FIFTY FIFTY FIFTY "41 42 43", 0xa4, 2, 1, 0, 1, "05 00 03 a4 02 01", 153},
	{"sar_*, second", 0, 8, "0416", 0xa4, 2, 2, 0, 1, "05 00 03 a4 02 02", 2},
	{"sar_* with a reference over 8 bits", 0, 0, FIFTY FIFTY FIFTY "41 42 43", 0x12a4, 2, 1, 0,
	 1, "05 00 03 a4 02 01", 153},
	{"sar_*, one of one", 0, 0, "41", 0xa4, 1, 1, 0, 1, "", 1},
	{"sar_*, empty part", 0, 0, "", 0xa4, 3, 2, 0, 1, "05 00 03 a4 03 02", 0},
	{"sar_* and other elements", 0x40, 0, "03 24 01 01 41", 0xa4, 2, 1, 0, 1,
	 "08 00 03 a4 02 01 24 01 01", 1},
	{"sar_* and a concatenation element: that stands", 0x40, 0, "05 00 03 11 03 02 41", 0xa4, 2,
	 1, 0, 1, "05 00 03 11 03 02", 1},
	{"sar_segment_seqnum 0", 0, 0, "41", 0xa4, 2, 0, -EBADMSG, 0, "", 0},
	{"sar_segment_seqnum above the total", 0, 0, "41", 0xa4, 2, 3, -EBADMSG, 0, "", 0},
	{"sar_* part that is too long: a message of its own", 0, 0, FIFTY FIFTY FIFTY TEN, 0xa4, 2,
	 1, 0, 1, "", 160},
	{"UDH with 154 septets: likewise", 0x40, 0,
	 "05 00 03 a4 02 01" FIFTY FIFTY FIFTY "41424344", 0, 0, 0, 0, 2, "05 00 03 77 02 01", 154},
	{"UDH of 7 with 153 septets: likewise, other elements stay", 0x40, 0,
	 "09 24 01 01 08 04 01 a4 02 01" FIFTY FIFTY FIFTY "414243", 0, 0, 0, 0, 2,
	 "08 00 03 77 02 01 24 01 01", 153},
	{"UDH over the end", 0x40, 0, "05 00 03 a4 02", 0, 0, 0, -EBADMSG, 0, "", 0},
	{"UDH without an octet", 0x40, 0, "", 0, 0, 0, -EBADMSG, 0, "", 0},
	{"an element over the end of the UDH", 0x40, 0, "04 00 03 a4 02 01", 0, 0, 0, -EBADMSG, 0,
	 "", 0},
};

static void test_header(size_t i)
{
	struct smpp_sm_config cfg = {0};
	const char *name = headers[i].name;
	size_t len, header_octets;
	uint8_t *in = test_hex(headers[i].hex, &len),
		*header = test_hex(headers[i].header, &header_octets);
	struct smpp_message m = message(headers[i].data_coding, (struct view){in, len}, false);
	struct walk *k;

	m.esm_class = headers[i].esm_class;
	m.has_sar = headers[i].total;
	m.sar_msg_ref_num = headers[i].ref;
	m.sar_total_segments = headers[i].total;
	m.sar_segment_seqnum = headers[i].seqnum;
	k = walk(name, &cfg, &m);
	CHECK(k->rc == headers[i].rc, "%s: %d", name, k->rc);
	CHECK(k->parts == headers[i].parts, "%s: %u parts", name, k->parts);
	CHECK(view_eq((struct view){k->header[0], k->header_octets[0]},
		      (struct view){header, header_octets}),
	      "%s: header", name);
	CHECK(k->units.len == headers[i].units, "%s: %zu units", name, k->units.len);
	free(k);
	free(in);
	free(header);
}

/* ---- message_payload of many parts ---- */

static const struct {
	const char *name;
	uint8_t data_coding;
	const char *pattern; /* repeated */
	size_t octets;	     /* of message_payload */
	int rc;
	unsigned parts;
	uint8_t tp_dcs;
} longs[] = {
	{"161 septets", 0, "41", 161, 0, 2, 0x00},
	{"306 septets", 0, "41", 306, 0, 2, 0x00},
	{"307 septets", 0, "41", 307, 0, 3, 0x00},
	{"ESC pairs: 152 of 153 in a part", 0, "1b 65", 304, 0, 2, 0x00},
	{"ESC pairs, one more", 0, "1b 65", 306, 0, 3, 0x00},
	{"ESC ESC", 0, "1b", 306, 0, 3, 0x00},
	{"ESC pairs behind a letter", 0, "41 1b 65 1b 65", 400, 0, 3, 0x00},
	{"UCS-2, 71", 8, "0416", 142, 0, 2, 0x08},
	{"UCS-2, 134", 8, "0416", 268, 0, 2, 0x08},
	{"UCS-2, 135", 8, "0416", 270, 0, 3, 0x08},
	{"surrogate pairs: 66 of 67 in a part", 8, "d83d de00", 264, 0, 2, 0x08},
	{"surrogate pairs, one more", 8, "d83d de00", 268, 0, 3, 0x08},
	{"UCS-2, odd", 8, "0416", 1001, 0, 8, 0x08},
	{"binary", 4, "80", 268, 0, 2, 0x04},
	{"Latin-1, GSM has all of it", 3, "e9", 400, 0, 3, 0x00},
	{"Latin-1, GSM has not", 3, "ea", 400, 0, 6, 0x08},
	{"1024 octets and more", 0, "41", 1500, 0, 10, 0x00},
	{"255 parts", 0, "41", 255 * 153, 0, 255, 0x00},
	{"256 parts", 0, "41", 255 * 153 + 1, -ENOTSUP, 0, 0x00},
	{"as long as it gets", 0, "41", 65535, -ENOTSUP, 0, 0x00},
	{"as long as it gets, UCS-2", 8, "0416", 65535, -ENOTSUP, 0, 0x00},
};

static void check_numbering(const char *name, const struct walk *k)
{
	for (unsigned i = 0; i < k->parts && i < PARTS_MAX; i++) {
		struct udh udh = {0};
		struct view text = {k->octets, 0};

		CHECK(udh_decode((struct view){k->header[i], k->header_octets[i]}, &udh) == 0,
		      "%s: UDH of part %u", name, i);
		CHECK(udh.concat.ref == REF && udh.concat.total == k->parts &&
			      udh.concat.part == i + 1,
		      "%s: part %u of %u", name, udh.concat.part, udh.concat.total);
		for (unsigned j = 0; j <= i; j++)
			text.len += k->units_of[j];
		CHECK(k->units_of[i] > 0, "%s: part %u is empty", name, i);
		if (k->tp_dcs == DCS_UCS2 && i + 1 < k->parts)
			CHECK(text.len % 2 == 0 && (text.p[text.len - 2] & 0xfc) != 0xd8,
			      "%s: pair cut behind part %u", name, i);
	}
}

static void test_long(size_t i)
{
	struct smpp_sm_config cfg = {0};
	const char *name = longs[i].name;
	size_t n;
	uint8_t *pattern = test_hex(longs[i].pattern, &n), *text = malloc(longs[i].octets);
	struct smpp_message m;
	struct walk *k;

	for (size_t j = 0; j < longs[i].octets; j++)
		text[j] = pattern[j % n];
	m = message(longs[i].data_coding, (struct view){text, longs[i].octets}, true);
	k = walk(name, &cfg, &m);
	CHECK(k->rc == longs[i].rc && k->parts == longs[i].parts, "%s: %d, %u parts", name, k->rc,
	      k->parts);
	if (k->rc == 0) {
		CHECK(k->tp_dcs == longs[i].tp_dcs, "%s: TP-DCS %02x", name, k->tp_dcs);
		CHECK(k->first.tp_mms, "%s: more are waiting", name);
		check_numbering(name, k);
		if (longs[i].data_coding != 3)
			CHECK(view_eq(wbuf_written(&k->units),
				      (struct view){text, longs[i].octets}),
			      "%s: text", name);
	}
	free(k);
	free(text);
	free(pattern);
}

/* Each length of header against each length of text at the edges; national tables are in each part. */
static void test_header_lengths(void)
{
	struct smpp_sm_config cfg = {0};

	for (size_t udhl = 0; udhl < 140; udhl += udhl < 20 ? 1 : 17)
		for (size_t septets = 0; septets < 340; septets += septets < 130 ? 43 : 1) {
			uint8_t text[512] = {0};
			struct smpp_message m;
			struct walk *k;
			size_t room = (size_t)(139 - udhl) * 8 / 7;

			if (udhl == 1)
				continue; /* no element has one octet */
			text[0] = (uint8_t)udhl;
			if (udhl) {
				text[1] = 0x70;
				text[2] = (uint8_t)(udhl - 2);
			}
			memset(text + udhl + 1, 'a', septets);
			m = message(0, (struct view){text, udhl + 1 + septets}, true);
			m.esm_class = SMPP_ESM_UDHI;
			k = walk("header lengths", &cfg, &m);
			if (k->rc == 0) {
				CHECK(k->units.len == septets, "%zu and %zu: %zu", udhl, septets,
				      k->units.len);
				CHECK((k->parts == 1) == (septets <= room), "%zu and %zu: %u parts",
				      udhl, septets, k->parts);
			} else {
				CHECK(udhl > 110 && septets > room, "%zu and %zu: %d", udhl,
				      septets, k->rc);
			}
			free(k);
		}
}

/* ---- other fields ---- */

static void test_fields(void)
{
	struct smpp_sm_config cfg = {0};
	struct smpp_message m = message(0, VIEW("Hi"), false);
	struct walk *k;

	m.protocol_id = 0x7f;
	m.esm_class = SMPP_ESM_REPLY_PATH;
	m.registered_delivery = 1;
	m.has_more_messages = true;
	m.more_messages_to_send = 1;
	strcpy(m.validity_period, "000001000000000R");
	strcpy(m.schedule_delivery_time, "260314101530004+");
	k = walk("fields", &cfg, &m);
	CHECK(k->parts == 1, "%d", k->rc);
	CHECK(k->first.u.tp_pid == 0x7f && k->first.tp_rp && k->first.tp_sri && k->first.tp_mms,
	      "flags");
	CHECK(k->first.tp_oa.ton == 1 && !strcmp(k->first.tp_oa.text, "15559870002"), "TP-OA");
	free(k);
}

static void test_no_text(void)
{
	struct smpp_sm_config cfg = {0};
	struct smpp_message m = message(0, (struct view){NULL, 0}, false);
	struct walk *k = walk("no text", &cfg, &m);

	CHECK(k->rc == 0 && k->parts == 1 && k->units.len == 0, "%d, %u parts", k->rc, k->parts);
	free(k);
}

static void test_payload_wins(void)
{
	struct smpp_sm_config cfg = {0};
	struct smpp_message m = message(0, VIEW("payload"), true);
	struct walk *k;

	m.short_message = VIEW("short");
	k = walk("both", &cfg, &m);
	CHECK(view_eq(wbuf_written(&k->units), VIEW("payload")), "both");
	free(k);
	m.message_payload.len = 0;
	k = walk("empty payload", &cfg, &m);
	CHECK(view_eq(wbuf_written(&k->units), VIEW("short")), "empty payload");
	free(k);
}

static void test_no_room(void)
{
	static uint8_t room[400];
	struct smpp_sm_config cfg = {.default_alphabet = SMPP_DEFAULT_LATIN1};
	struct smpp_message m = message(0, VIEW("abcd\xea"), false);
	struct smpp_deliver_iter it;

	for (size_t size = 0; size < 10; size++) {
		struct wbuf scratch = wbuf_of(room, size);

		memset(room, 0xa5, sizeof(room));
		CHECK(smpp_deliver_begin(&it, &cfg, &m, REF, &scratch) == -ENOSPC, "%zu", size);
		CHECK(room[size] == 0xa5 && scratch.len == 0, "%zu: writes outside", size);
	}
}

static void test_bad_time(void)
{
	struct smpp_sm_config cfg = {0};
	struct smpp_message m = message(0, VIEW("Hi"), false);
	struct wbuf none = wbuf_of(NULL, 0);
	struct smpp_deliver_iter it;
	uint8_t out[TPDU_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));

	CHECK(smpp_deliver_begin(&it, &cfg, &m, REF, &none) == 0, "no scratch needed");
	CHECK(smpp_deliver_next(&it, &(struct sms_time){0, 0}, &w) == -EINVAL, "1970");
}

int main(void)
{
	test_texts();
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		test_header(i);
	for (size_t i = 0; i < sizeof(longs) / sizeof(longs[0]); i++)
		test_long(i);
	test_header_lengths();
	test_fields();
	test_no_text();
	test_payload_wins();
	test_no_room();
	test_bad_time();
	return test_end("smpp_deliver");
}
