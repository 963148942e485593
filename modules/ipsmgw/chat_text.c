/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The gateway's own words (spec 7.2): a set of templates and keywords for each
 * language, filled before fork and read only after it. What a language does not
 * have it takes from the default one.
 */

#include <stdlib.h>
#include <strings.h>

#include "../../lib/util/utf8.h"
#include "chat_text.h"

enum { LANGUAGE_MAX = 16, WORDS = CHAT_WORD_HELP + 1 };

struct language {
	char name[LANGUAGE_MAX];
	const char *texts[CHAT_TEXTS];
	const char *words[WORDS]; /* separated by blanks; the first one is shown */
	struct language *next;
};

/* clang-format off */
static struct language fallback = {
	.texts = {
		[CHAT_TEXT_INVITE] = "{name} invites you to chat. Reply {accept} to join, {reject} to decline. "
			"Reply {end} at any time to leave.",
		[CHAT_TEXT_INVITE_GROUP] = "{name} invites you to group chat \"{group}\". Reply {accept} to join, "
			"{reject} to decline, {end} to leave.",
		[CHAT_TEXT_STARTED] = "{name} started a chat with you. Just reply to answer. Send {end} to leave.",
		[CHAT_TEXT_ENDED] = "The chat with {name} has ended.",
		[CHAT_TEXT_LEFT] = "You left the chat.",
		[CHAT_TEXT_CANCELLED] = "{name} withdrew the invitation.",
		[CHAT_TEXT_LATE] = "This invitation is no longer valid.",
		[CHAT_TEXT_HELP] = "Reply with text to answer. {end} leaves the chat.",
		[CHAT_TEXT_NOMEDIA] = "[{name} sent content that cannot be shown as SMS]",
		[CHAT_TEXT_JOIN] = "{name} joined.",
		[CHAT_TEXT_LEAVE] = "{name} left.",
		[CHAT_TEXT_NOSESSION] = "There is no chat on this number.",
		[CHAT_TEXT_FAIL] = "Your message could not be delivered.",
		[CHAT_TEXT_GROUP_MESSAGE] = "{name}: {text}",
	},
	.words = {
		[CHAT_WORD_ACCEPT] = "YES Y OK 1",
		[CHAT_WORD_REJECT] = "NO N 2",
		[CHAT_WORD_END] = "END STOP BYE 3",
		[CHAT_WORD_HELP] = "HELP ?",
	},
};

static const char *const text_names[CHAT_TEXTS] = {
	[CHAT_TEXT_INVITE] = "invite",
	[CHAT_TEXT_INVITE_GROUP] = "invite_group",
	[CHAT_TEXT_STARTED] = "started",
	[CHAT_TEXT_ENDED] = "ended",
	[CHAT_TEXT_LEFT] = "left",
	[CHAT_TEXT_CANCELLED] = "cancelled",
	[CHAT_TEXT_LATE] = "late",
	[CHAT_TEXT_HELP] = "help",
	[CHAT_TEXT_NOMEDIA] = "nomedia",
	[CHAT_TEXT_JOIN] = "join",
	[CHAT_TEXT_LEAVE] = "leave",
	[CHAT_TEXT_NOSESSION] = "nosession",
	[CHAT_TEXT_FAIL] = "fail",
	[CHAT_TEXT_GROUP_MESSAGE] = "group_message",
};

static const char *const word_names[WORDS] = {
	"", [CHAT_WORD_ACCEPT] = "accept", [CHAT_WORD_REJECT] = "reject",
	[CHAT_WORD_END] = "end", [CHAT_WORD_HELP] = "help",
};
/* clang-format on */

static struct language *find(struct view name)
{
	struct language *l = fallback.next;

	while(l && !view_ieq(view_str(l->name), name))
		l = l->next;
	return l && name.len ? l : &fallback;
}

static const char *template_of(const struct language *l, enum chat_text_id id)
{
	return l->texts[id] ? l->texts[id] : fallback.texts[id];
}

static const char *words_of(const struct language *l, enum chat_word word)
{
	return l->words[word] ? l->words[word] : fallback.words[word];
}

/* ---- the text ---- */

/* What others chose becomes part of one line. */
static void put_clean(struct wbuf *w, struct view v)
{
	for(size_t i = 0; i < v.len; i++)
		wbuf_u8(w, v.p[i] < 0x20 || v.p[i] == 0x7f ? ' ' : v.p[i]);
}

static struct view first_word(const char *words)
{
	return (struct view){(const uint8_t *)words, strcspn(words, " ")};
}

/* @return false if there is no such field: then it stands as it is */
static bool put_field(struct wbuf *w, struct view field,
		const struct language *l, const struct chat_fields *f)
{
	if(view_eq(field, VIEW("name")))
		put_clean(w, view_str(f->name));
	else if(view_eq(field, VIEW("group")))
		put_clean(w, view_str(f->group));
	else if(view_eq(field, VIEW("num")))
		put_clean(w, view_str(f->num));
	else if(view_eq(field, VIEW("text")))
		wbuf_view(w, f->text);
	else {
		for(unsigned i = CHAT_WORD_ACCEPT; i < WORDS; i++) {
			if(view_eq(field, view_str(word_names[i]))) {
				wbuf_view(w, first_word(words_of(l, i)));
				return true;
			}
		}
		return false;
	}
	return true;
}

int chat_text(struct wbuf *utf8, enum chat_text_id id, const char *language,
		const struct chat_fields *f)
{
	const struct language *l = find(view_str(language));
	const char *p = template_of(l, id);
	size_t mark = utf8->len;

	while(*p) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		struct view field
				= {(const uint8_t *)p + 1, end ? (size_t)(end - p) - 1 : 0};

		if(end && put_field(utf8, field, l, f))
			p = end + 1;
		else
			wbuf_u8(utf8, (uint8_t)*p++);
	}
	return wbuf_end(utf8, mark);
}

/* ---- keywords ---- */

/* clang-format off */
static const struct { uint32_t first, last, step; int add; } letters[] = {
	{'A', 'Z', 1, 32},
	{0xc0, 0xd6, 1, 32}, {0xd8, 0xde, 1, 32},       /* Latin-1 */
	{0x100, 0x136, 2, 1}, {0x139, 0x147, 2, 1},     /* Latin Extended-A */
	{0x14a, 0x176, 2, 1}, {0x178, 0x178, 1, 0xff - 0x178}, {0x179, 0x17d, 2, 1},
	{0x386, 0x386, 1, 38}, {0x388, 0x38a, 1, 37}, {0x38c, 0x38c, 1, 64}, {0x38e, 0x38f, 1, 63},
	{0x391, 0x3a1, 1, 32}, {0x3a3, 0x3ab, 1, 32}, {0x3c2, 0x3c2, 1, 1}, /* Greek */
	{0x400, 0x40f, 1, 80}, {0x410, 0x42f, 1, 32}, {0x460, 0x480, 2, 1},  /* Cyrillic */
	{0x48a, 0x4be, 2, 1}, {0x4d0, 0x52e, 2, 1},
	{0x531, 0x556, 1, 48},                          /* Armenian */
};
/* clang-format on */

/* In lower case. */
static uint32_t fold(uint32_t cp)
{
	for(size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if(cp >= letters[i].first && cp <= letters[i].last
				&& (cp - letters[i].first) % letters[i].step == 0)
			return (uint32_t)((int)cp + letters[i].add);
	}
	return cp;
}

static bool same_word(struct view a, struct view b)
{
	uint32_t x, y;

	while(a.len && b.len) {
		if(utf8_next(&a, &x) != 1 || utf8_next(&b, &y) != 1
				|| fold(x) != fold(y))
			return false;
	}
	return !a.len && !b.len;
}

static bool is_space(uint32_t cp)
{
	return cp == ' ' || (cp >= 9 && cp <= 13) || cp == 0xa0 || cp == 0x3000
			|| (cp >= 0x2000 && cp <= 0x200b) || cp == 0xfeff;
}

static struct view trim(struct view text)
{
	struct view rest = text, out = {text.p, 0};
	bool begun = false;
	uint32_t cp;

	while(utf8_next(&rest, &cp) == 1) {
		if(is_space(cp)) {
			if(!begun)
				out.p = rest.p;
			continue;
		}
		begun = true;
		out.len = (size_t)(rest.p - out.p);
	}
	return rest.len ? text : out;
}

static bool is_one_of(struct view text, const char *words)
{
	while(*words) {
		struct view word = first_word(words);

		if(word.len && same_word(text, word))
			return true;
		words += word.len + (words[word.len] == ' ');
	}
	return false;
}

enum chat_word chat_word(struct view utf8, const char *language)
{
	const struct language *l = find(view_str(language));
	struct view text = trim(utf8);
	unsigned word = CHAT_WORD_ACCEPT;

	if(!text.len)
		return CHAT_WORD_NONE;
	while(word < WORDS && !is_one_of(text, words_of(l, word)))
		word++;
	return word < WORDS ? (enum chat_word)word : CHAT_WORD_NONE;
}

/* ---- parameters ---- */

/* "[language:]name=rest" */
struct setting {
	struct view language, name;
	const char *rest;
};

static int setting_read(const char *value, struct setting *s)
{
	const char *equals = strchr(value, '=');
	const char *colon
			= equals ? memchr(value, ':', (size_t)(equals - value)) : NULL;
	const char *name = colon ? colon + 1 : value;

	if(!equals || !utf8_valid(view_str(value)))
		return -EINVAL;
	s->language = (struct view){
			(const uint8_t *)value, colon ? (size_t)(colon - value) : 0};
	s->name = (struct view){(const uint8_t *)name, (size_t)(equals - name)};
	s->rest = equals + 1;
	return s->language.len < LANGUAGE_MAX ? 0 : -EINVAL;
}

static struct language *find_or_add(struct view name)
{
	struct language *l = find(name);

	if(l != &fallback || !name.len)
		return l;
	l = calloc(1, sizeof(*l));
	if(!l)
		return NULL;
	memcpy(l->name, name.p, name.len);
	l->next = fallback.next;
	fallback.next = l;
	return l;
}

static int index_of(const char *const *names, unsigned n, struct view name)
{
	for(unsigned i = 0; i < n; i++) {
		if(name.len && view_eq(view_str(names[i]), name))
			return (int)i;
	}
	return -1;
}

/* The default texts are literals and one that is set twice stays behind:
 * nothing is freed. */
static int put(const char **to, const char *text)
{
	const char *copy = strdup(text);

	if(!copy)
		return -ENOMEM;
	*to = copy;
	return 0;
}

int chat_text_param(const char *value)
{
	struct setting s;
	struct language *l;
	int i;

	if(setting_read(value, &s))
		return -EINVAL;
	i = index_of(text_names, CHAT_TEXTS, s.name);
	if(i < 0)
		return -EINVAL;
	l = find_or_add(s.language);
	return l ? put(&l->texts[i], s.rest) : -ENOMEM;
}

int chat_words_param(const char *value)
{
	struct setting s;
	struct language *l;
	int i;

	if(setting_read(value, &s))
		return -EINVAL;
	i = index_of(word_names, WORDS, s.name);
	s.rest += strspn(s.rest, " ");
	if(i < 0 || !*s.rest)
		return -EINVAL;
	l = find_or_add(s.language);
	return l ? put(&l->words[i], s.rest) : -ENOMEM;
}
