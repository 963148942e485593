/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: modules/ipsmgw/mt_table.c */

/* Messages and notifications on their way to A: found by id, in order, one of a pair at a time, each kind in places of its own. */

#include <stdio.h>
#include <stdlib.h>

#include "modules/ipsmgw/mt_table.h"
#include "test.h"

static void empty(void)
{
	while (mt_first())
		mt_remove(mt_first());
	CHECK(mt_count() == 0 && mt_room() == MT_MESSAGES && mt_room_notifications() == MT_NOTIFICATIONS, "empty");
}

static struct mt *add(int64_t id, const char *a, uint64_t pair)
{
	struct mt *m = mt_add(id);

	mt_set_a(m, a, pair);
	return m;
}

/* The ids of the list, in order */
static const char *ids(void)
{
	static char text[256];
	size_t n = 0;

	text[0] = '\0';
	for (const struct mt *m = mt_first(); m; m = m->next)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%lld ", (long long)m->message_id);
	return text;
}

static void test_order(void)
{
	for (int i = 1; i <= 5; i++)
		mt_add(i * 1024); /* all in one bucket */
	mt_remove(mt_find(3 * 1024));
	CHECK(!strcmp(ids(), "1024 2048 4096 5120 "), "%s", ids());
	mt_remove(mt_find(1024));
	mt_remove(mt_find(5 * 1024));
	mt_add(-7);
	CHECK(!strcmp(ids(), "2048 4096 -7 "), "%s", ids());
	CHECK(!mt_find(1024) && !mt_find(7) && mt_find(-7) && mt_find(2048), "who is there");
	empty();
}

static void test_pairs(void)
{
	struct mt *one, *other, *same, *late;

	late = mt_add(1); /* not yet known whose it is */
	one = add(2, "+1555", 9);
	other = add(3, "+1555", 8);
	same = add(4, "+1555", 9);
	CHECK(!mt_must_wait(one) && !mt_must_wait(other) && mt_must_wait(same), "the second of a pair");
	mt_set_a(late, "+1555", 9);
	CHECK(!mt_must_wait(late) && mt_must_wait(one), "order of arrival, not of knowledge");
	late->awaits_imdn = true;
	CHECK(!mt_must_wait(one) && mt_must_wait(same), "A's side has it");
	mt_remove(one);
	CHECK(!mt_must_wait(same), "its turn");
	empty();
}

static void test_kinds(void)
{
	for (int i = 1; i <= MT_NOTIFICATIONS; i++)
		CHECK(mt_add(-i), "notification %d", i);
	CHECK(!mt_add(-MT_NOTIFICATIONS - 1) && mt_room_notifications() == 0, "one too many");
	for (int i = 1; i <= MT_MESSAGES; i++)
		CHECK(mt_add(i), "message %d", i);
	CHECK(!mt_add(MT_MESSAGES + 1) && mt_room() == 0 && mt_count() == MT_MAX, "one too many");
	mt_remove(mt_find(-5));
	CHECK(!mt_add(MT_MESSAGES + 1), "no message in its place");
	CHECK(mt_add(-5), "but another notification");
	empty();
}

/* One A never has more than is left for others, and what is of the other kind does not count. */
static void test_share(void)
{
	for (int i = 1; i <= MT_WINDOW / 2; i++) {
		CHECK(mt_has_share("+1555", false), "message %d", i);
		add(i, "+1555", (uint64_t)i);
	}
	CHECK(!mt_has_share("+1555", false) && mt_has_share("+1556", false), "half of the window");
	for (int i = 1; i <= MT_NOTIFICATIONS / 2; i++) {
		CHECK(mt_has_share("+1555", true), "notification %d", i);
		add(-i, "+1555", (uint64_t)i);
	}
	CHECK(!mt_has_share("+1555", true) && mt_has_share("+1556", true), "half of the places");
	mt_remove(mt_find(-1));
	CHECK(mt_has_share("+1555", true) && !mt_has_share("+1555", false), "one is free");
	empty();
	for (int i = 1; i < MT_NOTIFICATIONS; i++)
		add(-i, "+1556", (uint64_t)i);
	CHECK(!mt_has_share("+1556", true) && mt_has_share("+1555", true), "a few for each");
	empty();
}

/* Whatever comes and goes, what is there is found. */
static void test_many(void)
{
	static bool there[4096];
	unsigned n = 0;

	for (int i = 0; i < 200000; i++) {
		int id = rand() % 4095 + 1;

		if (there[id]) {
			mt_remove(mt_find(id));
		} else if (mt_room()) {
			char a[16];

			snprintf(a, sizeof(a), "+%d", id % 100);
			add(id, a, (uint64_t)id);
		} else {
			continue;
		}
		there[id] = !there[id];
		n += there[id] ? 1 : -1;
	}
	for (int id = 1; id < 4096; id++)
		CHECK(!mt_find(id) == !there[id], "id %d", id);
	CHECK(mt_count() == n, "%u of %u", mt_count(), n);
	empty();
}

int main(void)
{
	test_order();
	test_pairs();
	test_kinds();
	test_share();
	test_many();
	return test_end("mt_table");
}
