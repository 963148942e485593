/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Reading the message stream of an SDP body: RFC 4975 8, with setup of RFC 6135, msrp-cema of RFC
 * 6714 and fingerprint of RFC 4572. The lines of the stream count before those of the session, and
 * of the latter only what RFC 4566 and RFC 4145 allow there; of two in the same place the first.
 * Lines end in CRLF or LF, the last may have no end.
 */

#include "msrp_sdp.h"
#include "msrp_text.h"

/* ---- lines ---- */

/* Take a line, empty ones left out. @return 1, 0 at the end, -EBADMSG */
static int line_next(struct view *in, struct view *line)
{
	do {
		if (in->len == 0)
			return 0;
		if (!text_line(in, line))
			*line = text_until(in, '\n');
		text_cut_last(line, '\r');
	} while (line->len == 0);
	return line->len >= 2 && line->p[1] == '=' && text_clean(*line) ? 1 : -EBADMSG;
}

/* ---- the m= line ---- */

static int port_read(struct view v, unsigned *port)
{
	uint64_t x;

	if (text_number(text_until(&v, '/'), &x) || x > UINT16_MAX)
		return -EBADMSG;
	*port = (unsigned)x;
	return 0;
}

/* @return 1 if it is a message stream, 0 another one, -EBADMSG */
static int media_read(struct view value, struct msrp_sdp *out)
{
	struct view media, port, proto;

	if (!text_word(&value, &media) || !text_word(&value, &port) || !text_word(&value, &proto))
		return -EBADMSG;
	out->tls = view_ieq(proto, VIEW("TCP/TLS/MSRP"));
	if (!view_ieq(media, VIEW("message")) || !(out->tls || view_ieq(proto, VIEW("TCP/MSRP"))))
		return 0;
	return port_read(port, &out->port) ? -EBADMSG : 1;
}

/* Sort the lines: those of the session, and those of the first message stream. */
static int sections_find(struct view in, struct view *session, struct view *stream,
			 struct msrp_sdp *out)
{
	struct view *section = session, line, before = in;
	bool found = false;
	int rc;

	*session = *stream = (struct view){in.p, 0};
	for (; (rc = line_next(&in, &line)) == 1; before = in) {
		if (line.p[0] != 'm') {
			if (section)
				section->len += before.len - in.len;
			continue;
		}
		section = NULL;
		rc = found ? 0 : media_read(text_skip(line, 2), out);
		if (rc < 0)
			return rc;
		if (rc == 0)
			continue;
		found = true;
		section = stream;
		*stream = (struct view){in.p, 0};
	}
	if (rc)
		return rc;
	return found ? 0 : -ENOENT;
}

/* ---- attributes ---- */

/* Of each kind the first one counts. */
enum kind {
	KIND_ADDRESS,
	KIND_SETUP,
	KIND_DIRECTION,
	KIND_PATH,
	KIND_ACCEPT_TYPES,
	KIND_ACCEPT_WRAPPED_TYPES,
	KIND_MAX_SIZE,
	KIND_CEMA,
	KIND_FILE_SELECTOR,
	KIND_FINGERPRINT,
};

struct attribute {
	struct view name, value;
};

static int view_read(const struct attribute *a, void *at)
{
	*(struct view *)at = a->value;
	return 0;
}

static int flag_read(const struct attribute *a, void *at)
{
	(void)a;
	*(bool *)at = true;
	return 0;
}

/* More than there are numbers is no limit. */
static int size_read(const struct attribute *a, void *at)
{
	uint64_t x;

	for (size_t i = 0; i < a->value.len; i++)
		if (a->value.p[i] < '0' || a->value.p[i] > '9')
			return -EBADMSG;
	*(uint64_t *)at = text_number(a->value, &x) ? UINT64_MAX : x;
	return a->value.len ? 0 : -EBADMSG;
}

/* Other values, holdconn for one, count as if there were none. */
static int setup_read(const struct attribute *a, void *at)
{
	enum msrp_setup *setup = at;

	if (view_ieq(a->value, VIEW("active")))
		*setup = MSRP_SETUP_ACTIVE;
	else if (view_ieq(a->value, VIEW("passive")))
		*setup = MSRP_SETUP_PASSIVE;
	else if (view_ieq(a->value, VIEW("actpass")))
		*setup = MSRP_SETUP_ACTPASS;
	return 0;
}

static int direction_read(const struct attribute *a, void *at)
{
	enum msrp_direction *direction = at;

	if (view_ieq(a->name, VIEW("sendonly")))
		*direction = MSRP_SENDONLY;
	else if (view_ieq(a->name, VIEW("recvonly")))
		*direction = MSRP_RECVONLY;
	else if (view_ieq(a->name, VIEW("inactive")))
		*direction = MSRP_INACTIVE;
	return 0;
}

#define AT(member) offsetof(struct msrp_sdp, member)

static const struct {
	const char *name;
	enum kind kind;
	bool session; /* may stand in front of the streams */
	size_t at;
	int (*read)(const struct attribute *a, void *at);
} attributes[] = {
	{"setup", KIND_SETUP, true, AT(setup), setup_read},
	{"sendrecv", KIND_DIRECTION, true, AT(direction), direction_read},
	{"sendonly", KIND_DIRECTION, true, AT(direction), direction_read},
	{"recvonly", KIND_DIRECTION, true, AT(direction), direction_read},
	{"inactive", KIND_DIRECTION, true, AT(direction), direction_read},
	{"fingerprint", KIND_FINGERPRINT, true, AT(fingerprint), view_read},
	{"path", KIND_PATH, false, AT(path), view_read},
	{"accept-types", KIND_ACCEPT_TYPES, false, AT(accept_types), view_read},
	{"accept-wrapped-types", KIND_ACCEPT_WRAPPED_TYPES, false, AT(accept_wrapped_types),
	 view_read},
	{"max-size", KIND_MAX_SIZE, false, AT(max_size), size_read},
	{"msrp-cema", KIND_CEMA, false, AT(cema), flag_read},
	{"file-selector", KIND_FILE_SELECTOR, false, AT(file_selector), flag_read},
};

static bool first_of(enum kind kind, unsigned *seen)
{
	bool first = !(*seen & 1u << kind);

	*seen |= 1u << kind;
	return first;
}

static int attribute_read(struct view line, bool session, struct msrp_sdp *out, unsigned *seen)
{
	struct attribute a = {.name = text_until(&line, ':')};

	a.value = text_trim(line);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (!view_ieq(a.name, view_str(attributes[i].name)))
			continue;
		if ((session && !attributes[i].session) || !first_of(attributes[i].kind, seen))
			return 0;
		return attributes[i].read(&a, (char *)out + attributes[i].at);
	}
	return 0;
}

/* "IN IP4 192.0.2.20"; what follows a slash is for multicast (RFC 4566 5.7). */
static int address_read(struct view value, struct msrp_sdp *out)
{
	struct view net, type, address;

	if (!text_word(&value, &net) || !text_word(&value, &type) || !text_word(&value, &address))
		return -EBADMSG;
	out->ip6 = view_ieq(type, VIEW("IP6"));
	out->address = text_until(&address, '/');
	if (!view_ieq(net, VIEW("IN")) || !(out->ip6 || view_ieq(type, VIEW("IP4"))))
		return -EBADMSG;
	return text_visible(out->address, false) ? 0 : -EBADMSG;
}

static int section_read(struct view in, bool session, struct msrp_sdp *out, unsigned *seen)
{
	struct view line;
	int rc = 0;

	while (rc == 0 && line_next(&in, &line) == 1) {
		struct view value = text_skip(line, 2);

		if (line.p[0] == 'a')
			rc = attribute_read(value, session, out, seen);
		else if (line.p[0] == 'c' && first_of(KIND_ADDRESS, seen))
			rc = address_read(value, out);
	}
	return rc;
}

int msrp_sdp_decode(struct view in, struct msrp_sdp *out)
{
	struct view session, stream, rest = in, line;
	unsigned seen = 0;
	int rc;

	*out = (struct msrp_sdp){0};
	if (line_next(&rest, &line) != 1 || !view_eq(line, VIEW("v=0")))
		return -EBADMSG;
	rc = sections_find(in, &session, &stream, out);
	if (rc)
		return rc;
	if (section_read(stream, false, out, &seen))
		return -EBADMSG;
	return section_read(session, true, out, &seen);
}

/* ---- lists of types ---- */

/* Names that clients write for others (spec 7.6). */
static const struct {
	const char *written, *meant;
} typos[] = {
	{"application/im-iscomposing+xm", "application/im-iscomposing+xml"},
};

/* Without parameters, and what was meant. */
static struct view type_of(struct view v)
{
	struct view type = text_trim(text_until(&v, ';'));

	for (size_t i = 0; i < sizeof(typos) / sizeof(typos[0]); i++)
		if (view_ieq(type, view_str(typos[i].written)))
			return view_str(typos[i].meant);
	return type;
}

static bool type_matches(struct view entry, struct view type)
{
	size_t n = entry.len;

	if (view_eq(entry, VIEW("*")) || view_eq(entry, VIEW("*/*")) || view_ieq(entry, type))
		return true;
	if (n < 3 || entry.p[n - 2] != '/' || entry.p[n - 1] != '*' || type.len < n)
		return false;
	return view_ieq((struct view){entry.p, n - 1}, (struct view){type.p, n - 1});
}

bool msrp_sdp_accepts(struct view list, struct view type)
{
	struct view word;

	type = type_of(type);
	while (type.len && text_word(&list, &word))
		if (type_matches(type_of(word), type))
			return true;
	return false;
}

int msrp_sdp_peer(const struct msrp_sdp *s, struct msrp_uri *out)
{
	if (msrp_path_first(s->path, out))
		return -EBADMSG;
	if (s->cema && s->port) {
		out->host = s->address;
		out->port = s->port;
	}
	return out->host.len ? 0 : -EBADMSG;
}
