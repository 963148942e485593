/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/receipt_id.c */

/* Message ids in receipts, brought to the form of submit_sm_resp (pitfalls: hex in one place, decimal in the other). */

#include "test.h"

#include "../../connector/receipt_id.h"
#include "../../connector/compat.h"

#include <osmocom/core/talloc.h>

static const struct {
	enum receipt_id_form form;
	const char *id, *want;
} cases[] = {
	{RECEIPT_ID_STRING, "1a2b", "1a2b"},
	{RECEIPT_ID_STRING, "", ""},
	{RECEIPT_ID_STRING, "a-b-c", "a-b-c"},
	{RECEIPT_ID_HEX, "1f", "31"},
	{RECEIPT_ID_HEX, "0", "0"},
	{RECEIPT_ID_HEX, "ffffffffffffffff", "18446744073709551615"},
	{RECEIPT_ID_HEX, "10000000000000000", "10000000000000000"}, /* does not fit: as it came */
	{RECEIPT_ID_HEX, "xyz", "xyz"},
	{RECEIPT_ID_HEX, "", ""},
	{RECEIPT_ID_DEC, "31", "1f"},
	{RECEIPT_ID_DEC, "1f", "1f"},
	{RECEIPT_ID_DEC, "18446744073709551615", "ffffffffffffffff"},
	{RECEIPT_ID_DEC, "18446744073709551616", "18446744073709551616"},
	{RECEIPT_ID_DEC, "-1", "-1"},
	{RECEIPT_ID_DEC, " 1", " 1"},
};

static const char b[] = "16660001234";

static void accepted(struct receipt_ids *ids, const char *id)
{
	receipt_ids_add(ids, id, b);
}

static const char *convert(struct receipt_ids *ids, enum receipt_id_form form, const char *id)
{
	static struct receipt_id out;

	receipt_id_convert(ids, form, id, b, &out);
	return out.id;
}

/* "id", "id other" or "id other other" */
static const char *guess(struct receipt_ids *ids, enum receipt_id_form form, const char *id)
{
	static char text[3 * SMPP_MESSAGE_ID_MAX];
	struct receipt_id out;

	receipt_id_convert(ids, form, id, b, &out);
	snprintf(text, sizeof(text), "%s%s%s%s%s", out.id, *out.others[0] ? " " : "", out.others[0],
		 *out.others[1] ? " " : "", out.others[1]);
	return text;
}

static void check_guess(struct receipt_ids *ids, enum receipt_id_form form, const char *id,
			const char *want)
{
	CHECK(strcmp(guess(ids, form, id), want) == 0, "%s %s: %s", receipt_id_form_name(form), id,
	      guess(ids, form, id));
}

static void test_forms(struct receipt_ids *ids)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(strcmp(convert(ids, cases[i].form, cases[i].id), cases[i].want) == 0,
		      "%s %s: %s", receipt_id_form_name(cases[i].form), cases[i].id,
		      convert(ids, cases[i].form, cases[i].id));
}

static void test_auto_string(void *ctx)
{
	struct receipt_ids *ids = receipt_ids_alloc(ctx);

	CHECK(strcmp(convert(ids, RECEIPT_ID_AUTO, "123456"), "123456") == 0, "nothing learned");
	accepted(ids, "7b1");
	CHECK(strcmp(convert(ids, RECEIPT_ID_AUTO, "7b1"), "7b1") == 0, "the same form");
	CHECK(strcmp(convert(ids, RECEIPT_ID_AUTO, "999"), "999") == 0, "unknown id");
}

static void test_auto_dec(void *ctx)
{
	struct receipt_ids *ids = receipt_ids_alloc(ctx);

	accepted(ids, "1e240");
	CHECK(strcmp(convert(ids, RECEIPT_ID_AUTO, "123456"), "1e240") == 0, "decimal in the receipt");
	CHECK(strcmp(convert(ids, RECEIPT_ID_AUTO, "255"), "ff") == 0, "and learned from it");
}

static void test_auto_hex(void *ctx)
{
	struct receipt_ids *ids = receipt_ids_alloc(ctx);

	accepted(ids, "123456");
	CHECK(strcmp(convert(ids, RECEIPT_ID_AUTO, "1e240"), "123456") == 0, "hexadecimal in the receipt");
	CHECK(strcmp(convert(ids, RECEIPT_ID_AUTO, "ff"), "255") == 0, "and learned from it");
}

/* "10" may be 10, or a in hexadecimal: with both accepted nothing is learned */
static void test_auto_ambiguous(void *ctx)
{
	struct receipt_ids *ids = receipt_ids_alloc(ctx);

	accepted(ids, "10");
	accepted(ids, "a");
	CHECK(strcmp(convert(ids, RECEIPT_ID_AUTO, "10"), "10") == 0, "as it came");
	CHECK(strcmp(convert(ids, RECEIPT_ID_AUTO, "255"), "255") == 0, "nothing learned");
}

/* Nothing was accepted since the start: whatever it may be. Once learned, and when told, there is no doubt. */
static void test_others(void *ctx)
{
	struct receipt_ids *ids = receipt_ids_alloc(ctx);

	check_guess(ids, RECEIPT_ID_AUTO, "10", "10 16 a");
	check_guess(ids, RECEIPT_ID_AUTO, "1f", "1f 31");
	check_guess(ids, RECEIPT_ID_AUTO, "7", "7");
	check_guess(ids, RECEIPT_ID_AUTO, "a-b", "a-b");
	check_guess(ids, RECEIPT_ID_AUTO, "18446744073709551615", "18446744073709551615 ffffffffffffffff");
	check_guess(ids, RECEIPT_ID_AUTO, "99999999999999999999", "99999999999999999999");
	check_guess(ids, RECEIPT_ID_STRING, "10", "10");
	check_guess(ids, RECEIPT_ID_HEX, "10", "16");
	check_guess(ids, RECEIPT_ID_DEC, "10", "a");
	accepted(ids, "10");
	accepted(ids, "a");
	check_guess(ids, RECEIPT_ID_AUTO, "10", "10 16 a");
	accepted(ids, "7b1");
	check_guess(ids, RECEIPT_ID_AUTO, "7b1", "7b1");
	check_guess(ids, RECEIPT_ID_AUTO, "99", "99 153 63");
}

/* Numbers that count up: what one is in another form is another's, whose recipient is another one. */
static void test_auto_of_another(void *ctx)
{
	struct receipt_ids *ids = receipt_ids_alloc(ctx);

	receipt_ids_add(ids, "16", "+16669999999");
	check_guess(ids, RECEIPT_ID_AUTO, "10", "10 16 a");
	receipt_ids_add(ids, "16", "0660001234");
	check_guess(ids, RECEIPT_ID_AUTO, "10", "16");
}

/* Those of a queue that is long come when their ids are forgotten, and the same recipient's next message has that id in another form. */
static void test_auto_stays_with_what_it_has_seen(void *ctx)
{
	struct receipt_ids *ids = receipt_ids_alloc(ctx);

	accepted(ids, "a1");
	accepted(ids, "a2");
	accepted(ids, "16");
	check_guess(ids, RECEIPT_ID_AUTO, "a1", "a1");
	check_guess(ids, RECEIPT_ID_AUTO, "a2", "a2");
	check_guess(ids, RECEIPT_ID_AUTO, "10", "10 16 a");
	check_guess(ids, RECEIPT_ID_AUTO, "10", "16");
}

/* @return true if the module finds the message: its id is the first of those whose recipient is the receipt's */
static bool is_found(const struct receipt_id *out, unsigned n)
{
	const char *forms[] = {out->id, out->others[0], out->others[1]};
	char id[16];

	snprintf(id, sizeof(id), "%x", n);
	for (int i = 0; i < 3; i++)
		if (strcmp(forms[i], id) == 0)
			return true;
	return false;
}

/* Receipts that come when so many more were accepted, each of another recipient. */
static void test_auto_late(void *ctx, unsigned lag)
{
	struct receipt_ids *ids = receipt_ids_alloc(ctx);
	unsigned lost = 0, sure = 0;

	for (unsigned i = 1; i < 60000 + lag; i++) {
		struct receipt_id out;
		char id[16], recipient[16];

		snprintf(id, sizeof(id), "%x", i);
		snprintf(recipient, sizeof(recipient), "1666%07u", i);
		receipt_ids_add(ids, id, recipient);
		if (i <= lag)
			continue;
		snprintf(id, sizeof(id), "%x", i - lag);
		snprintf(recipient, sizeof(recipient), "+1666%07u", i - lag);
		receipt_id_convert(ids, RECEIPT_ID_AUTO, id, recipient, &out);
		lost += !is_found(&out, i - lag);
		sure += !*out.others[0];
	}
	CHECK(lost == 0, "lag %u: %u receipts lost", lag, lost);
	CHECK(lag > 1000 || sure > 50000, "lag %u: %u for sure", lag, sure);
	talloc_free(ids);
}

int main(void)
{
	void *ctx = talloc_named_const(NULL, 1, "receipt_id_test");

	test_forms(receipt_ids_alloc(ctx));
	test_auto_string(ctx);
	test_auto_dec(ctx);
	test_auto_hex(ctx);
	test_auto_ambiguous(ctx);
	test_others(ctx);
	test_auto_of_another(ctx);
	test_auto_stays_with_what_it_has_seen(ctx);
	test_auto_late(ctx, 0);
	test_auto_late(ctx, 1000);
	test_auto_late(ctx, 20000);
	talloc_free(ctx);
	return test_end("receipt_id");
}
