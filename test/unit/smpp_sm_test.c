/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Causes (spec 3.10, 5.8) and addresses (spec 3.5) between SMPP and short messages. */

#include "smpp/smpp_sm.h"

#include "test.h"

static const struct {
	uint32_t command_status;
	enum smpp_verdict verdict;
	uint8_t rp_cause;
} statuses[] = {
	{0x00, SMPP_ACCEPTED, 0},	  {0x01, SMPP_PERMANENT, 95},  {0x02, SMPP_PERMANENT, 111},
	{0x03, SMPP_PERMANENT, 97},	  {0x04, SMPP_TEMPORARY, 41},  {0x05, SMPP_TEMPORARY, 41},
	{0x06, SMPP_PERMANENT, 38},	  {0x07, SMPP_PERMANENT, 38},  {0x08, SMPP_TEMPORARY, 38},
	{0x09, SMPP_TEMPORARY, 41},	  {0x0a, SMPP_PERMANENT, 28},  {0x0b, SMPP_PERMANENT, 21},
	{0x0c, SMPP_TEMPORARY, 41},	  {0x0d, SMPP_TEMPORARY, 1},   {0x0e, SMPP_TEMPORARY, 1},
	{0x0f, SMPP_TEMPORARY, 1},	  {0x14, SMPP_THROTTLED, 42},  {0x15, SMPP_PERMANENT, 69},
	{0x33, SMPP_PERMANENT, 38},	  {0x34, SMPP_PERMANENT, 38},  {0x40, SMPP_PERMANENT, 38},
	{0x43, SMPP_PERMANENT, 38},	  {0x45, SMPP_TEMPORARY, 38},  {0x46, SMPP_TEMPORARY, 41},
	{0x48, SMPP_PERMANENT, 28},	  {0x49, SMPP_PERMANENT, 28},  {0x4a, SMPP_TEMPORARY, 41},
	{0x50, SMPP_PERMANENT, 21},	  {0x51, SMPP_PERMANENT, 21},  {0x58, SMPP_THROTTLED, 42},
	{0x61, SMPP_PERMANENT, 38},	  {0x62, SMPP_PERMANENT, 38},  {0x64, SMPP_TEMPORARY, 27},
	{0x65, SMPP_PERMANENT, 27},	  {0x66, SMPP_PERMANENT, 8},   {0x88, SMPP_TEMPORARY, 41},
	{0xbf, SMPP_TEMPORARY, 41},	  {0xc0, SMPP_PERMANENT, 38},  {0xc1, SMPP_PERMANENT, 38},
	{0xc2, SMPP_PERMANENT, 38},	  {0xc3, SMPP_PERMANENT, 38},  {0xc4, SMPP_PERMANENT, 38},
	{0xc5, SMPP_TEMPORARY, 41},	  {0xfe, SMPP_PERMANENT, 27},  {0xff, SMPP_TEMPORARY, 38},
	{0x101, SMPP_PERMANENT, 8},	  {0x102, SMPP_TEMPORARY, 41}, {0x400, SMPP_TEMPORARY, 41},
	{0xffffffff, SMPP_TEMPORARY, 41},
};

static void test_statuses(void)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct smpp_cause c = smpp_cause_of_status(statuses[i].command_status);

		CHECK(c.verdict == statuses[i].verdict && c.rp_cause == statuses[i].rp_cause,
		      "%02x: %d, %u", statuses[i].command_status, c.verdict, c.rp_cause);
	}
	for (uint32_t status = 1; status < 0x500; status++) {
		struct smpp_cause c = smpp_cause_of_status(status);

		CHECK(c.verdict != SMPP_ACCEPTED && c.rp_cause, "%02x counts as success", status);
		CHECK(c.verdict != SMPP_PERMANENT || strcmp(smpp_status_name(status), "unknown"),
		      "%02x is permanent and has no name", status);
	}
}

static const struct {
	uint8_t rp_cause;
	uint32_t command_status;
} causes[] = {
	{0, 0x64},  {1, 0x64},	{21, 0x66},  {22, 0x14},  {27, 0x64},  {28, 0x64},  {38, 0x64},
	{41, 0x64}, {42, 0x14}, {47, 0x14},  {69, 0x65},  {88, 0x65}, {87, 0x64}, {94, 0x64},  {95, 0x65},  {96, 0x65},  {97, 0x65},
	{98, 0x65}, {99, 0x65}, {111, 0x65}, {112, 0x64}, {127, 0x64}, {255, 0x64},
};

static void test_causes(void)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		uint32_t status = smpp_status_of_cause(causes[i].rp_cause);

		CHECK(status == causes[i].command_status, "%u: %02x", causes[i].rp_cause, status);
	}
	for (unsigned cause = 0; cause < 256; cause++)
		CHECK(smpp_status_of_cause((uint8_t)cause) != ESME_ROK, "%u counts as success",
		      cause);
}

/* ---- addresses ---- */

static const struct {
	const char *name;
	uint8_t ton, npi;
	const char *text;
	uint8_t want_ton, want_npi;
	const char *want;
} addresses[] = {
	{"international", 1, 1, "4917012345", 1, 1, "4917012345"},
	{"international with +", 1, 1, "+4917012345", 1, 1, "4917012345"},
	{"unknown with +", 0, 0, "+4917012345", 1, 1, "4917012345"},
	{"international, NPI unknown", 1, 0, "4917012345", 1, 1, "4917012345"},
	{"international, NPI out of range", 1, 0x21, "49", 1, 1, "49"},
	{"national", 2, 1, "017012345", 2, 1, "017012345"},
	{"national, private NPI", 2, 9, "017012345", 2, 9, "017012345"},
	{"short code", 0, 1, "12345", 0, 1, "12345"},
	{"network specific", 3, 0, "12345", 3, 1, "12345"},
	{"abbreviated", 6, 1, "12", 6, 1, "12"},
	{"reserved TON", 7, 1, "12345", 0, 1, "12345"},
	{"TON out of range", 0xff, 0xff, "12345", 0, 1, "12345"},
	{"service code", 0, 1, "*100#", 0, 1, "*100#"},
	{"20 digits", 1, 1, "12345678901234567890", 1, 1, "12345678901234567890"},
	{"21 digits", 1, 1, "123456789012345678901", 0, 0, ""},
	{"none", 0, 0, "", 0, 0, ""},
	{"none, alphanumeric", 5, 0, "", 0, 0, ""},
	{"name", 5, 0, "Bank", 5, 0, "Bank"},
	{"name of digits", 5, 0, "12345", 5, 0, "12345"},
	{"name with TON unknown", 0, 0, "Bank", 5, 0, "Bank"},
	{"letters that BCD has are a name, too", 0, 1, "abc", 5, 0, "abc"},
	{"name of 12", 5, 0, "ABCDEFGHIJKL", 5, 0, "ABCDEFGHIJK"},
	{"name with +", 5, 0, "+Bank", 5, 0, "+Bank"},
	{"+ alone", 0, 0, "+", 5, 0, "+"},
	{"name in Latin-1", 5, 0, "Caf\xe9", 5, 0, "Caf\xc3\xa9"},
	{"name in UTF-8", 5, 0, "Caf\xc3\xa9", 5, 0, "Caf\xc3\xa9"},
	{"euro takes two septets of eleven", 5, 0, "ABCDEFGHIJ\xe2\x82\xac", 5, 0, "ABCDEFGHIJ"},
	{"eleven septets", 5, 0, "ABCDEFGHI\xe2\x82\xac", 5, 0, "ABCDEFGHI\xe2\x82\xac"},
	{"a letter that GSM has not", 5, 0, "\xd0\x96uk", 5, 0, "?uk"},
	{"a control", 5, 0, "A\nB", 5, 0, "A?B"},
};

static void check_address(size_t i, const struct sms_address *a)
{
	uint8_t octets[TP_ADDRESS_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	CHECK(a->ton == addresses[i].want_ton && a->npi == addresses[i].want_npi &&
		      !strcmp(a->text, addresses[i].want),
	      "%s: %u %u \"%s\"", addresses[i].name, a->ton, a->npi, a->text);
	CHECK(tp_address_encode(&w, a) == 0, "%s: is no TP address", addresses[i].name);
}

static void test_addresses(void)
{
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct smpp_message m = {.source_addr_ton = addresses[i].ton,
					 .source_addr_npi = addresses[i].npi,
					 .dest_addr_ton = addresses[i].ton,
					 .dest_addr_npi = addresses[i].npi};
		struct sms_address source, destination;

		strcpy(m.source_addr, addresses[i].text);
		source = smpp_source(&m);
		check_address(i, &source);
		strcpy(m.destination_addr, addresses[i].text);
		destination = smpp_destination(&m);
		check_address(i, &destination);
	}
}

/* A source that is no address is refused, one that is absent is not. */
static void test_source_of_deliver(void)
{
	struct smpp_sm_config cfg = {0};
	struct smpp_message m = {.source_addr = "123456789012345678901"};
	struct wbuf none = wbuf_of(NULL, 0);
	struct smpp_deliver_iter it;

	CHECK(smpp_deliver_begin(&it, &cfg, &m, 1, &none) == -EBADMSG, "21 digits");
	m.source_addr[0] = '\0';
	CHECK(smpp_deliver_begin(&it, &cfg, &m, 1, &none) == 0, "no source");
}

int main(void)
{
	test_statuses();
	test_causes();
	test_addresses();
	test_source_of_deliver();
	return test_end("smpp_sm");
}
