/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: modules/ipsmgw/chat_text.c */

/* The gateway's own words (spec 7.2): templates, languages, and keywords that count only as the whole text. */

#include "test.h"

#include <errno.h>

#include "../../modules/ipsmgw/chat_text.h"

static const struct {
	const char *value;
	int want;
} text_params[] = {
	{"de:left=Du hast den Chat verlassen.", 0},
	{"DE:help={end} beendet: {unknown} {", 0},
	{"nomedia=", 0},
	{"nothing=x", -EINVAL},
	{"=x", -EINVAL},
	{"no equals", -EINVAL},
	{"left=\xff", -EINVAL},
	{"a-language-too-long:left=x", -EINVAL},
};

static const struct {
	const char *value;
	int want;
} word_params[] = {
	{"de:end=ENDE  schluss", 0},
	{"ru:accept=\xd0\x94\xd0\x90", 0}, /* DA in Cyrillic */
	{"de:end=", -EINVAL},
	{"de:end=  ", -EINVAL},
	{"=YES", -EINVAL},
	{"begin=YES", -EINVAL},
};

static const struct {
	enum chat_text_id id;
	const char *language, *want;
} texts[] = {
	{CHAT_TEXT_INVITE, "", "Ann B invites you to chat. Reply YES to join, NO to decline. Reply END at any time to leave."},
	{CHAT_TEXT_INVITE_GROUP, "", "Ann B invites you to group chat \"{end}\". Reply YES to join, NO to decline, END to leave."},
	{CHAT_TEXT_LEFT, "de", "Du hast den Chat verlassen."},
	{CHAT_TEXT_LEFT, "fr", "You left the chat."},
	{CHAT_TEXT_LEFT, NULL, "You left the chat."},
	{CHAT_TEXT_HELP, "de", "ENDE beendet: {unknown} {"},
	{CHAT_TEXT_STARTED, "de", "Ann B started a chat with you. Just reply to answer. Send ENDE to leave."},
	{CHAT_TEXT_NOMEDIA, "", ""},
	{CHAT_TEXT_GROUP_MESSAGE, "", "Ann B: line\nline {name}"},
};

static const struct {
	const char *text, *language;
	enum chat_word want;
} words[] = {
	{"YES", "", CHAT_WORD_ACCEPT},
	{" yes\r\n", "", CHAT_WORD_ACCEPT},
	{"\xc2\xa0Yes\xc2\xa0", "", CHAT_WORD_ACCEPT},
	{"1", "", CHAT_WORD_ACCEPT},
	{"yes please", "", CHAT_WORD_NONE},
	{"ye", "", CHAT_WORD_NONE},
	{"yess", "", CHAT_WORD_NONE},
	{"NO", "", CHAT_WORD_REJECT},
	{"end", "", CHAT_WORD_END},
	{"the end", "", CHAT_WORD_NONE},
	{"END STOP", "", CHAT_WORD_NONE},
	{"?", "", CHAT_WORD_HELP},
	{"", "", CHAT_WORD_NONE},
	{"  ", "", CHAT_WORD_NONE},
	{"ende", "de", CHAT_WORD_END},
	{"Schluss", "de", CHAT_WORD_END},
	{"end", "de", CHAT_WORD_NONE},
	{"yes", "de", CHAT_WORD_ACCEPT},
	{"\xd0\xb4\xd0\xb0", "ru", CHAT_WORD_ACCEPT},
	{"\xd0\xb4", "ru", CHAT_WORD_NONE},
	{"YES\xff", "", CHAT_WORD_NONE},
};

static void test_params(void)
{
	for (size_t i = 0; i < sizeof(text_params) / sizeof(text_params[0]); i++) {
		int rc = chat_text_param(text_params[i].value);

		CHECK(rc == text_params[i].want, "%s: %d", text_params[i].value, rc);
	}
	for (size_t i = 0; i < sizeof(word_params) / sizeof(word_params[0]); i++) {
		int rc = chat_words_param(word_params[i].value);

		CHECK(rc == word_params[i].want, "%s: %d", word_params[i].value, rc);
	}
}

static void test_texts(void)
{
	const struct chat_fields f = {
		.name = "Ann\nB", .group = "{end}", .num = "+1", .text = VIEW("line\nline {name}")};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t len = strlen(texts[i].want);
		char room[256];
		struct wbuf w = wbuf_of(room, sizeof(room)), small = wbuf_of(room, len ? len - 1 : 0);
		int rc = chat_text(&w, texts[i].id, texts[i].language, &f);

		CHECK(rc == 0 && view_eq(wbuf_written(&w), view_str(texts[i].want)), "%s: %d %.*s", texts[i].want,
		      rc, (int)w.len, room);
		rc = chat_text(&small, texts[i].id, texts[i].language, &f);
		CHECK(rc == (len ? -ENOSPC : 0) && small.len == 0, "%s in too little room", texts[i].want);
	}
}

static void test_words(void)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		enum chat_word got = chat_word(view_str(words[i].text), words[i].language);

		CHECK(got == words[i].want, "'%s' in '%s' is %d", words[i].text, words[i].language, got);
	}
}

int main(void)
{
	test_params();
	test_texts();
	test_words();
	return test_end("chat_text");
}
