/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/conference_info.h"
#include "../../lib/cpm/xml.h"
#include "test.h"

#define SHOWN(v) (int)(v).len, (v).len ? (const char *)(v).p : ""

enum { CANARY = 0xa5 };

static uint8_t buffer[2 * XML_OCTETS_MAX];

#define OPEN(a)	    "<?xml version=\"1.0\"?>\n<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" " a ">\n"
#define FULL	    OPEN("entity=\"sip:group@focus\" state=\"full\" version=\"7\"")
#define USERS(a, x) "<users " a ">\n" x "</users>\n"
#define USER(a, x)  "<user " a ">" x "</user>\n"
#define ANN	    "entity=\"tel:+15551230001\""
#define TEXT(t)	    "<display-text>" t "</display-text>"
#define AT(s)	    "<endpoint entity=\"sip:ann@192.0.2.1\"><status>" s "</status></endpoint>"
#define GONE	    "<endpoint entity=\"sip:ann@192.0.2.1\" state=\"deleted\"/>"
#define CLOSE	    "</conference-info>\n"
#define ONE(a, x)   FULL USERS("", USER(a, x)) CLOSE

static const struct {
	const char *name, *document;
	enum conference_state state;
	int64_t version;
	bool has_users, users_whole;
	unsigned n;
	/* the last user */
	const char *entity, *display;
	enum conference_state user_state;
	enum conference_presence presence;
} cases[] = {
	{"connected", ONE(ANN, TEXT("Ann") AT("connected")), CONFERENCE_FULL, 7, true, true, 1, "tel:+15551230001",
	 "Ann", CONFERENCE_FULL, CONFERENCE_PRESENT},
	{"on hold", ONE(ANN, AT("on-hold")), CONFERENCE_FULL, 7, true, true, 1, "tel:+15551230001", "",
	 CONFERENCE_FULL, CONFERENCE_PRESENT},
	{"muted", ONE(ANN, AT(" muted-via-focus ")), CONFERENCE_FULL, 7, true, true, 1, "tel:+15551230001", "",
	 CONFERENCE_FULL, CONFERENCE_PRESENT},
	{"disconnected", ONE(ANN, AT("disconnected")), CONFERENCE_FULL, 7, true, true, 1, "tel:+15551230001", "",
	 CONFERENCE_FULL, CONFERENCE_ABSENT},
	{"invited only", ONE(ANN, AT("pending")), CONFERENCE_FULL, 7, true, true, 1, "tel:+15551230001", "",
	 CONFERENCE_FULL, CONFERENCE_ABSENT},
	{"a status that nobody knows", ONE(ANN, AT("on the roof")), CONFERENCE_FULL, 7, true, true, 1,
	 "tel:+15551230001", "", CONFERENCE_FULL, CONFERENCE_UNSAID},
	{"a status that is too long", ONE(ANN, AT("connected but only for the time being")), CONFERENCE_FULL, 7, true,
	 true, 1, "tel:+15551230001", "", CONFERENCE_FULL, CONFERENCE_UNSAID},
	{"no endpoint", ONE(ANN, TEXT("Ann")), CONFERENCE_FULL, 7, true, true, 1, "tel:+15551230001", "Ann",
	 CONFERENCE_FULL, CONFERENCE_UNSAID},
	{"one of two devices", ONE(ANN, AT("disconnected") AT("connected")), CONFERENCE_FULL, 7, true, true, 1,
	 "tel:+15551230001", "", CONFERENCE_FULL, CONFERENCE_PRESENT},
	{"two devices, both gone", ONE(ANN, AT("disconnected") GONE), CONFERENCE_FULL, 7, true, true, 1,
	 "tel:+15551230001", "", CONFERENCE_FULL, CONFERENCE_ABSENT},
	{"deleted", ONE(ANN " state=\"deleted\"", AT("connected")), CONFERENCE_FULL, 7, true, true, 1,
	 "tel:+15551230001", "", CONFERENCE_DELETED, CONFERENCE_ABSENT},
	{"partial user", ONE(ANN " state=\"partial\"", AT("connected")), CONFERENCE_FULL, 7, true, true, 1,
	 "tel:+15551230001", "", CONFERENCE_PARTIAL, CONFERENCE_PRESENT},
	{"display-text of an endpoint is not the user's",
	 ONE(ANN, "<endpoint><display-text>Phone</display-text></endpoint>" TEXT("Ann &amp; Co") TEXT("B")),
	 CONFERENCE_FULL, 7, true, true, 1, "tel:+15551230001", "Ann & Co", CONFERENCE_FULL, CONFERENCE_UNSAID},
	{"partial document",
	 OPEN("state=\"partial\" version=\"4294967295\"") USERS("state=\"partial\"", USER(ANN, AT("connected"))) CLOSE,
	 CONFERENCE_PARTIAL, 4294967295, true, false, 1, "tel:+15551230001", "", CONFERENCE_FULL, CONFERENCE_PRESENT},
	{"partial document, nothing said of its users", OPEN("state=\"partial\" version=\"2\"") USERS("", USER(ANN, "")) CLOSE,
	 CONFERENCE_PARTIAL, 2, true, false, 1, "tel:+15551230001", "", CONFERENCE_FULL, CONFERENCE_UNSAID},
	{"all users in a partial document", OPEN("state=\"partial\" version=\"2\"") USERS("state=\"full\"", "") CLOSE,
	 CONFERENCE_PARTIAL, 2, true, true, 0, "", "", CONFERENCE_FULL, CONFERENCE_UNSAID},
	{"the conference is over", OPEN("state=\"deleted\" version=\"9\"") CLOSE, CONFERENCE_DELETED, 9, false, false, 0,
	 "", "", CONFERENCE_FULL, CONFERENCE_UNSAID},
	{"no users", OPEN("version=\"x\"") "<conference-description/>" CLOSE, CONFERENCE_FULL, -1, false, false, 0, "",
	 "", CONFERENCE_FULL, CONFERENCE_UNSAID},
	{"a user without entity", FULL USERS("", USER(ANN, AT("connected")) USER("", TEXT("Nobody"))) CLOSE,
	 CONFERENCE_FULL, 7, true, true, 1, "tel:+15551230001", "", CONFERENCE_FULL, CONFERENCE_PRESENT},
	{"users twice", FULL USERS("", USER("entity=\"sip:b@h\"", "")) USERS("", USER(ANN, "")) CLOSE, CONFERENCE_FULL,
	 7, true, false, 2, "tel:+15551230001", "", CONFERENCE_FULL, CONFERENCE_UNSAID},
	{"prefix, elements of others",
	 "<c:conference-info xmlns:c=\"urn:ietf:params:xml:ns:conference-info\" version=\"0\" entity=\"sip:g\"><x/>"
	 "<c:conference-state><c:user-count>2</c:user-count></c:conference-state><c:users><y/><c:user entity=\" sip:a@h \">"
	 "<c:roles/><c:display-text> A </c:display-text><c:endpoint><z/><c:status>Connected</c:status></c:endpoint></c:user>"
	 "</c:users></c:conference-info>\n",
	 CONFERENCE_FULL, 0, true, true, 1, "sip:a@h", "A", CONFERENCE_FULL, CONFERENCE_PRESENT},
};

static int read_copy(const char *document, size_t len, struct wbuf *text, struct conference_info *out)
{
	uint8_t *block = malloc(len ? len : 1);
	int rc;

	memcpy(block, document, len);
	rc = conference_info_read((struct view){block, len}, text, out);
	free(block);
	return rc;
}

static void check_user(size_t i, const struct conference_user *u)
{
	const char *name = cases[i].name;

	CHECK(view_eq(u->entity, view_str(cases[i].entity)), "%s: %.*s", name, SHOWN(u->entity));
	CHECK(view_eq(u->name, view_str(cases[i].display)), "%s: %.*s", name, SHOWN(u->name));
	CHECK(u->state == cases[i].user_state && u->presence == cases[i].presence, "%s: %d %d", name, u->state,
	      u->presence);
}

/* The last octet of each document is white space. */
static void check_cuts(size_t i)
{
	struct conference_info c;

	for (size_t len = 0; len + 1 < strlen(cases[i].document); len++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		int rc = read_copy(cases[i].document, len, &text, &c);

		CHECK(rc == -EBADMSG && text.len == 0, "%s: %zu octets: %d", cases[i].name, len, rc);
	}
}

static void test_read(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		struct conference_info c;
		int rc = read_copy(cases[i].document, strlen(cases[i].document), &text, &c);

		CHECK(rc == 0 && c.state == cases[i].state && c.version == cases[i].version, "%s: %d %d %lld",
		      cases[i].name, rc, c.state, (long long)c.version);
		CHECK(c.has_users == cases[i].has_users && c.users_whole == cases[i].users_whole && c.n == cases[i].n,
		      "%s: %d %d %u", cases[i].name, c.has_users, c.users_whole, c.n);
		if (rc == 0 && c.n)
			check_user(i, &c.user[c.n - 1]);
		check_cuts(i);
	}
}

/* Room that is needed while reading may be more than what the result fills. */
static void test_room(void)
{
	static const char document[] = ONE(ANN, TEXT("Ann") AT("connected"));
	struct conference_info c;
	size_t need = 0;
	int rc = -ENOSPC;

	while (rc == -ENOSPC && need < sizeof(document)) {
		struct wbuf text = wbuf_of(buffer, ++need);

		memset(buffer, CANARY, need + 1);
		text.len = 1;
		rc = read_copy(document, strlen(document), &text, &c);
		CHECK(buffer[need] == CANARY && buffer[0] == CANARY, "room for %zu: writes outside", need);
		CHECK(rc == 0 || (text.len == 1 && !text.err), "room for %zu: %zu", need, text.len);
	}
	CHECK(rc == 0 && need > 18, "%d %zu", rc, need);
}

static const struct {
	const char *name, *document;
} refused[] = {
	{"nothing", ""},
	{"text", "full"},
	{"another root", "<reginfo version=\"1\"/>"},
	{"not closed", FULL},
	{"DTD", "<!DOCTYPE conference-info [<!ENTITY e \"x\">]><conference-info version=\"&e;\"/>"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		struct conference_info c;
		int rc = read_copy(refused[i].document, strlen(refused[i].document), &text, &c);

		CHECK(rc == -EBADMSG && text.len == 0, "%s: %d", refused[i].name, rc);
	}
}

static void test_many(void)
{
	for (unsigned n = CONFERENCE_USERS_MAX; n <= CONFERENCE_USERS_MAX + 1; n++) {
		static uint8_t document[XML_OCTETS_MAX];
		struct wbuf w = wbuf_of(document, sizeof(document));
		struct wbuf text = wbuf_of(buffer, sizeof(buffer));
		struct conference_info c;
		int rc;

		wbuf_str(&w, FULL "<users>");
		for (unsigned i = 0; i < n; i++)
			wbuf_str(&w, USER(ANN, AT("connected")));
		wbuf_str(&w, "</users>" CLOSE);
		rc = conference_info_read(wbuf_written(&w), &text, &c);
		CHECK(rc == 0 && c.n == CONFERENCE_USERS_MAX && c.users_whole == (n == CONFERENCE_USERS_MAX),
		      "%u users: %d %u %d", n, rc, c.n, c.users_whole);
	}
}

int main(void)
{
	test_read();
	test_room();
	test_refused();
	test_many();
	return test_end("conference_info");
}
