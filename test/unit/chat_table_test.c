/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: modules/ipsmgw/chat_table.c */

/* The table of chat sessions: found by dialog, number, MSRP id, connection and id, and by nothing else. */

#include "test.h"

#include "../../modules/ipsmgw/chat_table.h"

#define SDP                                                                                                            \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n"          \
	"a=accept-types:message/cpim\r\na=path:msrp://192.0.2.1:9/abc;tcp\r\n"

static struct chat_session *add(int64_t id, const char *call_id, const char *b, const char *number)
{
	struct store_session s = {
		.id = id,
		.state = CHAT_OKSENT,
		.a = "+15551230001",
		.b = b,
		.number = number,
		.call_id = call_id,
		.local_tag = "l",
		.remote_tag = "r",
	};

	return chat_add(&s);
}

static void test_lookups(void)
{
	struct chat_session *one = add(1, "c1", "+49", "+1"), *two = add(2, "c2", "+49", "+2"),
			    *three = add(3, "c3", "+50", "+1");

	CHECK(one && two && three, "added");
	CHECK(chat_count() == 3 && chat_count_of("+49") == 2 && chat_count_of("+51") == 0, "counted");
	CHECK(chat_by_id(2) == two && !chat_by_id(4), "by id");
	CHECK(chat_by_number("+49", "+1") == one && chat_by_number("+50", "+1") == three, "by number");
	CHECK(!chat_by_number("+50", "+2") && !chat_by_number("+4", "9+1"), "by no number");
	CHECK(chat_by_dialog("c3", "l", "r") == three, "by dialog");
	CHECK(!chat_by_dialog("c3", "x", "r") && !chat_by_dialog("c3", "l", "x"), "other tags");
	CHECK(!chat_by_dialog("c3", "", "r"), "no INVITE waits");
	three->has_transaction = true;
	CHECK(chat_by_dialog("c3", "", "r") == three && !chat_by_dialog("c3", "", "x"), "CANCEL");
	CHECK(strlen(one->msrp_id) == CHAT_MSRP_ID_LEN && strcmp(one->msrp_id, two->msrp_id), "MSRP id");
	CHECK(chat_by_msrp(view_str(two->msrp_id)) == two && !chat_by_msrp(VIEW("x")), "by MSRP id");
	chat_set_connection(two, 7);
	CHECK(chat_by_connection(7) == two && !chat_by_connection(8) && !chat_by_connection(0), "connection");
	CHECK(!*one->s.route_set && !*one->s.name, "absent texts are empty");
	chat_remove(two);
	CHECK(chat_count() == 2 && !chat_by_id(2) && !chat_by_number("+49", "+2"), "removed");
	chat_remove(one);
	chat_remove(three);
	CHECK(!chat_first() && chat_count() == 0, "empty again");
}

static void test_ending(void)
{
	struct chat_session *old = add(1, "c1", "+49", "+1"), *new = add(2, "c2", "+49", "+1"), *c;

	CHECK(chat_by_number("+49", "+1") == new, "the newer one");
	new->s.state = CHAT_ENDING;
	CHECK(chat_by_number("+49", "+1") == old && chat_count_of("+49") == 1, "ENDING is not written to");
	c = chat_of_b("+49", NULL);
	CHECK(c == new && chat_of_b("+49", c) == old && !chat_of_b("+49", old), "but it is there");
	chat_remove(old);
	CHECK(!chat_by_number("+49", "+1"), "gone");
	chat_remove(new);
	old = add(3, "c3", "+49", "+1");
	new = add(4, "c4", "+49", "+1");
	new->s.kind = CHAT_KIND_LARGE_OUT;
	CHECK(chat_by_number("+49", "+1") == old, "B does not write to a large message");
	chat_remove(old);
	CHECK(!chat_by_number("+49", "+1"), "nor if there is nothing else");
	chat_remove(new);
}

static void test_texts(void)
{
	char number[] = "+1";
	struct chat_session *c = add(1, "c1", "+49", number);
	int rc;

	number[1] = '2';
	CHECK(!strcmp(c->s.number, "+1"), "a copy");
	rc = chat_set_text(c, &c->s.call_id, "c9");
	CHECK(rc == 0 && chat_by_dialog("c9", "l", "r") == c && !chat_by_dialog("c1", "l", "r"), "moved");
	rc = chat_set_text(c, &c->s.b, "+48");
	CHECK(rc == 0 && chat_by_number("+48", "+1") == c && !chat_by_number("+49", "+1"), "moved");
	rc = chat_set_text(c, &c->s.b, "");
	CHECK(rc == 0 && chat_by_number("", "+1") == c, "made empty");
	CHECK(chat_set_sdp(c, VIEW("nonsense")) < 0 && !c->sdp_text, "no SDP");
	CHECK(chat_set_sdp(c, VIEW(SDP)) == 0 && c->sdp.port == 9, "SDP read");
	CHECK(chat_set_sdp(c, VIEW("v=0\r\n")) < 0 && c->sdp.port == 9 && c->sdp_text, "bad SDP changes nothing");
	chat_remove(c);
}

static void test_many(void)
{
	enum { MANY = 20000 };
	static struct chat_session *all[MANY];
	unsigned wrong = 0, n = 0;

	for (int i = 0; i < MANY; i++) {
		char call_id[32], b[32];

		snprintf(call_id, sizeof(call_id), "call-%d", i);
		snprintf(b, sizeof(b), "+49%d", i / 5);
		all[i] = add(i + 1, call_id, b, i % 2 ? "+1" : "+2");
	}
	for (int i = 0; i < MANY; i++) {
		char call_id[32];

		snprintf(call_id, sizeof(call_id), "call-%d", i);
		wrong += chat_by_id(i + 1) != all[i] || chat_by_dialog(call_id, "l", "r") != all[i]
			 || chat_by_msrp(view_str(all[i]->msrp_id)) != all[i];
	}
	for (struct chat_session *c = chat_first(); c; c = c->next)
		n++;
	CHECK(wrong == 0 && n == MANY && chat_count_of("+491") == 5, "%u of %u wrong", wrong, n);
	for (int i = 0; i < MANY; i += 2)
		chat_remove(all[i]);
	for (int i = 1; i < MANY; i += 2)
		chat_remove(all[i]);
	CHECK(!chat_first() && chat_count() == 0, "empty again");
}

int main(void)
{
	test_lookups();
	test_ending();
	test_texts();
	test_many();
	return test_end("chat_table");
}
