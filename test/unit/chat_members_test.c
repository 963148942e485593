/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: modules/ipsmgw/chat_members.c */

/* The members of a group: documents in, who joined and left since B was told out. */

#include "test.h"

#include "../../modules/ipsmgw/chat_members.h"

#define ANN  "tel:+15551230001"
#define BOB  "sip:+15551230002@ims.test;user=phone"
#define CARL "sip:carl@ims.test"

static const enum conference_state FULL = CONFERENCE_FULL, PART = CONFERENCE_PARTIAL, GONE = CONFERENCE_DELETED;
static const enum conference_presence HERE = CONFERENCE_PRESENT, AWAY = CONFERENCE_ABSENT, UNSAID = CONFERENCE_UNSAID;

static struct chat_members *fresh(const char *hidden, const char *list)
{
	return chat_members_new(&(struct chat_members_of){
		.b = "+15559870002",
		.b_uri = "sip:bea@ims.test",
		.hidden = hidden,
		.anonymous = "Someone",
		.list = list,
	});
}

static int document(struct chat_members *m, enum conference_state state, int64_t version, unsigned n, const struct conference_user *users)
{
	static struct conference_info info;

	info = (struct conference_info){
		.state = state, .version = version, .has_users = true, .users_whole = state == CONFERENCE_FULL, .n = n};
	memcpy(info.user, users, n * sizeof(*users));
	return chat_members_update(m, &info);
}

#define USER(uri, display, s, p) {.entity = VIEW(uri), .name = VIEW(display), .state = s, .presence = p}
#define DOCUMENT(m, state, version, ...)                                                                                \
	document(m, state, version, sizeof((struct conference_user[]){__VA_ARGS__}) / sizeof(struct conference_user),   \
		 (struct conference_user[]){__VA_ARGS__})

static void told(struct chat_members *m, const char *joined, const char *left, const char *what)
{
	char text[2][1024];

	for (int i = 0; i < 2; i++) {
		struct wbuf w = wbuf_of(text[i], sizeof(text[i]) - 1);

		chat_members_names(m, i == 0, &w);
		text[i][w.len] = '\0';
	}
	CHECK(!strcmp(text[0], joined) && !strcmp(text[1], left), "%s: joined '%s', left '%s'", what, text[0], text[1]);
	CHECK(chat_members_changed(m) == (*joined || *left), "%s: changed", what);
	chat_members_told(m);
	CHECK(!chat_members_changed(m), "%s: told", what);
}

static void test_coming_and_going(void)
{
	struct chat_members *m = fresh("", NULL);

	CHECK(DOCUMENT(m, FULL, 1, USER(ANN, "Ann", FULL, HERE), USER(CARL, "Carl", FULL, AWAY)) == 0, "first");
	told(m, "", "", "the first list is no news");
	CHECK(DOCUMENT(m, PART, 2, USER(BOB, "Bob", FULL, HERE), USER(CARL, "", PART, HERE)) == 0, "partial");
	told(m, "Bob, carl", "", "two joined");
	CHECK(DOCUMENT(m, PART, 3, USER(ANN, "", PART, AWAY)) == 0, "partial");
	told(m, "", "Ann", "one left");
	CHECK(DOCUMENT(m, PART, 4, USER("tel:+15551230002", "", GONE, AWAY), USER(ANN, "Ann", FULL, HERE)) == 0, "both");
	told(m, "Ann", "Bob", "the same number in another URI");
	CHECK(DOCUMENT(m, FULL, 5, USER(CARL, "Carl C.", FULL, UNSAID)) == 0, "full");
	told(m, "", "Ann", "whom a full list does not name has left");
	CHECK(!strcmp(chat_members_name(m, VIEW(CARL)), "Carl C."), "name: %s", chat_members_name(m, VIEW(CARL)));
	CHECK(!strcmp(chat_members_name(m, VIEW(ANN)), "") && !strcmp(chat_members_name(NULL, VIEW(ANN)), ""), "no name");
	chat_members_free(m);
}

static void test_no_news(void)
{
	struct chat_members *m = fresh("", NULL);

	DOCUMENT(m, FULL, 1, USER(ANN, "Ann", FULL, HERE));
	DOCUMENT(m, PART, 2, USER(BOB, "Bob", FULL, HERE));
	DOCUMENT(m, PART, 3, USER(BOB, "Bob", FULL, AWAY), USER(ANN, "Anna", PART, UNSAID));
	told(m, "", "", "came and went");
	CHECK(!strcmp(chat_members_name(m, VIEW(ANN)), "Anna"), "a new name");
	DOCUMENT(m, PART, 4, USER("tel:+15559870002", "Bea", FULL, HERE), USER("sip:bea@ims.test", "Bea", FULL, HERE));
	told(m, "", "", "B himself");
	DOCUMENT(m, PART, 5, USER(BOB, "Bob", PART, UNSAID));
	told(m, "", "", "a new name of somebody who is not there");
	chat_members_free(m);
}

static void test_versions(void)
{
	struct chat_members *m = fresh("", NULL);

	CHECK(DOCUMENT(m, PART, 1, USER(BOB, "Bob", FULL, HERE)) == -EAGAIN, "partial before full");
	DOCUMENT(m, FULL, 1, USER(ANN, "Ann", FULL, HERE));
	CHECK(DOCUMENT(m, PART, 3, USER(BOB, "Bob", FULL, HERE)) == -EAGAIN, "gap");
	told(m, "", "", "what follows a gap does not count");
	CHECK(DOCUMENT(m, PART, 1, USER(BOB, "Bob", FULL, HERE)) == 0, "old");
	told(m, "", "", "nor what is old");
	CHECK(DOCUMENT(m, FULL, 3, USER(ANN, "Ann", FULL, HERE), USER(BOB, "Bob", FULL, HERE)) == 0, "full");
	told(m, "Bob", "", "but the full list after it");
	CHECK(DOCUMENT(m, PART, -1, USER(BOB, "", GONE, AWAY)) == 0, "no version");
	told(m, "", "Bob", "a server that does not count");
	CHECK(chat_members_update(m, &(struct conference_info){.state = CONFERENCE_DELETED, .version = 4}) == 0, "deleted");
	told(m, "", "", "the end of the conference");
	chat_members_free(m);
}

static void test_first_list_may_come_later(void)
{
	struct chat_members *m = fresh("", NULL);

	CHECK(chat_members_update(m, &(struct conference_info){.state = CONFERENCE_FULL, .version = 1}) == 0, "no users");
	DOCUMENT(m, PART, 2, USER(ANN, "Ann", FULL, HERE));
	told(m, "", "", "the first list of members");
	chat_members_free(m);
}

static void test_names(void)
{
	struct chat_members *m = fresh("+15551230001", BOB "\tBobby\ntel:+15551230007\t\n" CARL "\n");
	struct view name;

	DOCUMENT(m, FULL, 1, USER("sip:x@y", "", FULL, HERE));
	DOCUMENT(m, PART, 2, USER(ANN, "Ann", FULL, HERE), USER("tel:+15551230002", "", FULL, HERE),
		 USER("tel:+15551230007", "", FULL, HERE), USER(CARL, "", FULL, HERE),
		 USER("sip:anonymous3@anonymous.invalid", "x", FULL, HERE), USER("sip:z@y", "Z\n\xff", FULL, HERE));
	CHECK(!strcmp(chat_members_name(m, VIEW(ANN)), "Someone"), "hidden");
	told(m, "Someone, Bobby, +15551230007, carl, Someone, Z ", "", "names");
	CHECK(chat_members_listed(BOB "\tBobby\n", VIEW("tel:+15551230002"), &name) && view_eq(name, VIEW("Bobby")),
	      "list");
	CHECK(!chat_members_listed(BOB "\t\n", VIEW(BOB), &name) && !chat_members_listed(NULL, VIEW(BOB), &name),
	      "no name in the list");
	chat_members_free(m);
}

/* Bounded, and B reads how many more there are. */
static void test_many(void)
{
	struct chat_members *m = fresh("", NULL);
	char uri[32], text[1024];
	struct wbuf w = wbuf_of(text, sizeof(text) - 1);

	DOCUMENT(m, FULL, 0, USER(ANN, "Ann", FULL, HERE));
	for (unsigned i = 0; i < 2 * CHAT_MEMBERS_MAX; i++) {
		snprintf(uri, sizeof(uri), "sip:member%u@h", i);
		document(m, CONFERENCE_PARTIAL, 1 + i, 1,
			 &(struct conference_user){.entity = view_str(uri), .presence = CONFERENCE_PRESENT});
	}
	chat_members_names(m, true, &w);
	text[w.len] = '\0';
	CHECK(!strncmp(text, "member0, member1, ", 18) && strstr(text, ", member13, +85"), "%s", text);
	memset(text, 'u', sizeof(text));
	document(m, CONFERENCE_PARTIAL, 1 + 2 * CHAT_MEMBERS_MAX, 1,
		 &(struct conference_user){.entity = {(uint8_t *)text, sizeof(text)}, .presence = CONFERENCE_PRESENT});
	chat_members_told(m);
	CHECK(!chat_members_changed(m), "told");
	chat_members_free(m);
	chat_members_free(NULL);
}

int main(void)
{
	test_coming_and_going();
	test_no_news();
	test_versions();
	test_first_list_may_come_later();
	test_names();
	test_many();
	return test_end("chat_members");
}
