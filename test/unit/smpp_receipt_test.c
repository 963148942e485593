/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Delivery receipts: spec 6.2, 6.3, and the forms that SMSCs give them. */

#include "smpp/smpp_receipt.h"

#include "test.h"

#define DATES " sub:001 dlvrd:001 submit date:2603141015 done date:2603141016 "

static const struct {
	const char *name, *text;
	const char *tlv_id; /* "" absent */
	int tlv_state;	    /* -1 absent */
	int rc;
	const char *id;
	uint8_t message_state, tp_st;
} receipts[] = {
	{"delivered", "id:0123456789" DATES "stat:DELIVRD err:000 text:Hello", "", -1, 0,
	 "0123456789", 2, 0x00},
	{"expired", "id:1" DATES "stat:EXPIRED err:001", "", -1, 0, "1", 3, 0x46},
	{"deleted", "id:1 stat:DELETED", "", -1, 0, "1", 4, 0x48},
	{"undeliverable", "id:1 stat:UNDELIV", "", -1, 0, "1", 5, 0x43},
	{"accepted", "id:1 stat:ACCEPTD", "", -1, 0, "1", 6, 0x01},
	{"unknown", "id:1 stat:UNKNOWN", "", -1, 0, "1", 7, 0x30},
	{"rejected", "id:1 stat:REJECTD", "", -1, 0, "1", 8, 0x42},
	{"en route", "id:1 stat:ENROUTE", "", -1, 0, "1", 1, 0x30},
	{"scheduled", "id:1 stat:SCHEDULED", "", -1, 0, "1", 0, 0x30},
	{"skipped", "id:1 stat:SKIPPED", "", -1, 0, "1", 9, 0x45},
	{"words in full", "id:1 stat:UNDELIVERABLE", "", -1, 0, "1", 5, 0x43},
	{"words in full", "id:1 stat:DELIVERED", "", -1, 0, "1", 2, 0x00},
	{"a word of its own", "id:1 stat:FAILED", "", -1, 0, "1", 5, 0x43},
	{"lower case, other order", "STAT:delivrd ID:aF09", "", -1, 0, "aF09", 2, 0x00},
	{"blank behind the key", "id: 77 stat: DELIVRD", "", -1, 0, "77", 2, 0x00},
	{"line ends", "id:77\r\nstat:DELIVRD\r\n", "", -1, 0, "77", 2, 0x00},
	{"no state", "id:77", "", -1, 0, "77", 7, 0x30},
	{"unheard-of state", "id:77 stat:PARKED", "", -1, 0, "77", 7, 0x30},
	{"TLVs win", "id:1 stat:DELIVRD", "abc", 5, 0, "abc", 5, 0x43},
	{"TLV id, state in the text", "id:1 stat:DELIVRD", "abc", -1, 0, "abc", 2, 0x00},
	{"id in the text, TLV state", "id:1 stat:DELIVRD", "", 8, 0, "1", 8, 0x42},
	{"TLVs alone", "", "abc", 2, 0, "abc", 2, 0x00},
	{"TLV state out of range", "", "abc", 200, 0, "abc", 7, 0x30},
	{"TLV state 9", "", "abc", 9, 0, "abc", 9, 0x45},
	{"TLV state 0", "", "abc", 0, 0, "abc", 0, 0x30},
	{"the user's text is not looked at", "stat:EXPIRED text:re id:9 stat:DELIVRD", "", -1,
	 -EBADMSG, "", 3, 0x46},
	{"the user's text is not looked at, id first", "id:5 err:0 Text:re stat:DELIVRD", "", -1, 0,
	 "5", 7, 0x30},
	{"msgid: is not id:", "msgid:9 id:5 laststat:EXPIRED stat:DELIVRD", "", -1, 0, "5", 2,
	 0x00},
	{"empty id", "id: sub:001 stat:DELIVRD", "", -1, -EBADMSG, "", 2, 0x00},
	{"id at the end", "stat:DELIVRD id:", "", -1, -EBADMSG, "", 2, 0x00},
	{"an id with a colon", "id:a:1 stat:DELIVRD", "", -1, 0, "a:1", 2, 0x00},
	{"nothing", "", "", -1, -EBADMSG, "", 7, 0x30},
	{"no receipt", "Hello there", "", -1, -EBADMSG, "", 7, 0x30},
	{"an id of 70 is cut",
	 "id:0123456789012345678901234567890123456789012345678901234567890123456789", "", -1, 0,
	 "0123456789012345678901234567890123456789012345678901234567890123", 7, 0x30},
};

enum form { SHORT_MESSAGE, PAYLOAD, UCS2, WITH_UDH, FORMS };

/* The text of a receipt in one of the places and codings it occurs in, in an exact-size block. */
static uint8_t *put_text(struct smpp_message *m, enum form form, const char *text)
{
	size_t len = strlen(text), step = form == UCS2 ? 2 : 1, skip = form == WITH_UDH ? 6 : 0;
	size_t size = len * step + skip;
	uint8_t *p = calloc(1, size ? size : 1);

	for (size_t i = 0; i < len; i++)
		p[skip + i * step + step - 1] = (uint8_t)text[i];
	if (form == WITH_UDH) {
		memcpy(p, "\x05\x00\x03\xa4\x02\x01", 6);
		m->esm_class |= SMPP_ESM_UDHI;
	}
	m->data_coding = form == UCS2 ? 8 : 0;
	m->has_message_payload = form == PAYLOAD;
	*(form == PAYLOAD ? &m->message_payload : &m->short_message) = (struct view){p, size};
	return p;
}

static void test_receipt(size_t i, enum form form)
{
	struct smpp_message m = {.esm_class = SMPP_ESM_RECEIPT};
	uint8_t *p = put_text(&m, form, receipts[i].text);
	const char *name = receipts[i].name;
	struct smpp_receipt r;
	int rc;

	strcpy(m.receipted_message_id, receipts[i].tlv_id);
	m.has_message_state = receipts[i].tlv_state >= 0;
	m.message_state = m.has_message_state ? (uint8_t)receipts[i].tlv_state : 0;
	CHECK(smpp_is_receipt(&m), "%s", name);
	rc = smpp_receipt_decode(&m, &r);
	CHECK(rc == receipts[i].rc, "%s, form %d: %d", name, form, rc);
	CHECK(!strcmp(r.message_id, receipts[i].id), "%s, form %d: id %s", name, form,
	      r.message_id);
	CHECK(r.message_state == receipts[i].message_state && r.tp_st == receipts[i].tp_st,
	      "%s, form %d: state %u, TP-ST %02x", name, form, r.message_state, r.tp_st);
	free(p);
}

/* ---- which messages are receipts ---- */

static const struct {
	uint8_t esm_class;
	bool is_receipt;
} classes[] = {
	{0x00, false}, {0x03, false}, {0x04, true},  {0x07, true},  {0x44, true},  {0x84, true},
	{0x20, true},  {0x08, false}, {0x10, false}, {0x18, false}, {0x40, false}, {0x24, true},
};

static void test_classes(void)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		struct smpp_message m = {.esm_class = classes[i].esm_class};

		CHECK(smpp_is_receipt(&m) == classes[i].is_receipt, "%02x", classes[i].esm_class);
	}
}

/* ---- ids ---- */

static const struct {
	const char *id, *normal;
} ids[] = {
	{"", ""},
	{"0", "0"},
	{"0000", "0"},
	{"00012", "12"},
	{"1200", "1200"},
	{"0aBCdeF", "abcdef"},
	{"93748FA6-0001", "93748fa6-0001"},
	{"0123456789012345678901234567890123456789012345678901234567890123",
	 "123456789012345678901234567890123456789012345678901234567890123"},
};

static void test_ids(void)
{
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char *out = malloc(SMPP_MESSAGE_ID_MAX);

		smpp_message_id_normalise(ids[i].id, out);
		CHECK(!strcmp(out, ids[i].normal), "%s: %s", ids[i].id, out);
		free(out);
	}
}

int main(void)
{
	for (size_t i = 0; i < sizeof(receipts) / sizeof(receipts[0]); i++)
		for (enum form form = 0; form < FORMS; form++)
			test_receipt(i, form);
	test_classes();
	test_ids();
	return test_end("smpp_receipt");
}
