/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Reading message/cpim: RFC 3862, with the imdn headers of RFC 5438 and cpm.Payload-Type of OMA
 * CPM. NS lines may stand behind the headers that use them: if one binds a prefix that was not
 * known, the headers are read once more. Each rule that goes beyond the RFCs is one that a client
 * in the field needs (spec 3.6).
 */

#include "cpim.h"
#include "field.h"

/* ---- NS: which prefix means which namespace ---- */

enum namespace { NS_CORE, NS_IMDN, NS_CPM, NS_MIME };

enum { PREFIX_MAX = 8 };

static const struct {
	enum namespace ns;
	struct view uri;
} namespaces[] = {
	{NS_IMDN, VIEW_OF("urn:ietf:params:imdn")},
	{NS_CPM, VIEW_OF("http://www.openmobilealliance.org/cpm/")},
	{NS_CPM, VIEW_OF("http://www.openmobilealliance.org/cpm")},
};

struct prefixes {
	struct {
		struct view prefix;
		enum namespace ns;
	} at[PREFIX_MAX];
	unsigned n;
};

/* The usual prefixes hold without any NS line: some clients send none. */
static struct prefixes prefixes_default(void)
{
	return (struct prefixes){
		.at = {{VIEW("imdn"), NS_IMDN}, {VIEW("cpm"), NS_CPM}},
		.n = 2,
	};
}

static bool prefixes_has(const struct prefixes *p, struct view prefix, enum namespace ns)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->at[i].ns == ns && view_ieq(p->at[i].prefix, prefix))
			return true;
	return false;
}

/* RFC 3862 3.4: [prefix] "<" URI ">"; without a prefix it is the namespace of plain names. */
static void prefixes_add(struct prefixes *p, struct view value)
{
	const uint8_t *open = value.len ? memchr(value.p, '<', value.len) : NULL;
	struct view prefix, uri;

	if (!open || value.p[value.len - 1] != '>')
		return;
	prefix = field_trim((struct view){value.p, (size_t)(open - value.p)});
	uri = field_trim((struct view){open + 1, (size_t)(value.p + value.len - open) - 2});
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		if (p->n == PREFIX_MAX || !view_ieq(uri, namespaces[i].uri) ||
		    prefixes_has(p, prefix, namespaces[i].ns))
			continue;
		p->at[p->n].prefix = prefix;
		p->at[p->n++].ns = namespaces[i].ns;
	}
}

/* RFC 3862 3.4: [prefix "."] local; a local name has no dot. */
struct name {
	bool dotted;
	struct view prefix, local;
};

static struct name name_split(struct view whole)
{
	const uint8_t *dot = memrchr(whole.p, '.', whole.len);
	size_t n = dot ? (size_t)(dot - whole.p) : 0;

	return (struct name){dot, {whole.p, n}, view_skip(whole, dot ? n + 1 : 0)};
}

static bool name_is_of(const struct name *name, enum namespace ns, const struct prefixes *p)
{
	return ns == NS_CORE || ns == NS_MIME ? !name->dotted : prefixes_has(p, name->prefix, ns);
}

/* ---- headers ---- */

static const struct {
	struct view token;
	enum imdn_request bit;
} requests[] = {
	{VIEW_OF("positive-delivery"), IMDN_POSITIVE_DELIVERY},
	{VIEW_OF("negative-delivery"), IMDN_NEGATIVE_DELIVERY},
	{VIEW_OF("display"), IMDN_DISPLAY},
	{VIEW_OF("processing"), IMDN_PROCESSING},
	{VIEW_OF("interworking"), IMDN_INTERWORKING},
};

static void request_read(struct cpim *c, struct view value)
{
	struct view member, token;

	while (field_list_next(&value, ",", &member)) {
		if (!field_list_next(&member, ";", &token)) /* RFC 5438 6.3 allows parameters */
			continue;
		for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
			if (view_ieq(token, requests[i].token))
				c->imdn_request |= requests[i].bit;
	}
}

/* One that a notification could not carry would cost A the notification. */
static void record_route_read(struct cpim *c, struct view value)
{
	if (value.len && field_is_value(value) && c->n_imdn_record_route < IMDN_ROUTE_MAX)
		c->imdn_record_route[c->n_imdn_record_route++] = value;
}

static void route_read(struct cpim *c, struct view value)
{
	if (value.len && c->n_imdn_route < IMDN_ROUTE_MAX)
		c->imdn_route[c->n_imdn_route++] = value;
}

#define VALUE_AT(member) .at = offsetof(struct cpim, member)

static const struct {
	enum namespace ns;
	struct view name;
	size_t at; /* of a view in struct cpim; the first value wins */
	void (*read)(struct cpim *c, struct view value);
} headers[] = {
	{NS_CORE, VIEW_OF("From"), VALUE_AT(from)},
	{NS_CORE, VIEW_OF("To"), VALUE_AT(to)},
	{NS_CORE, VIEW_OF("DateTime"), VALUE_AT(datetime)},
	{NS_IMDN, VIEW_OF("Message-ID"), VALUE_AT(message_id)},
	{NS_IMDN, VIEW_OF("Original-To"), VALUE_AT(imdn_original_to)},
	{NS_IMDN, VIEW_OF("Disposition-Notification"), .read = request_read},
	{NS_IMDN, VIEW_OF("IMDN-Record-Route"), .read = record_route_read},
	{NS_IMDN, VIEW_OF("IMDN-Route"), .read = route_read},
	{NS_CPM, VIEW_OF("Payload-Type"), VALUE_AT(payload_type)},
	{NS_MIME, VIEW_OF("Content-Type"), VALUE_AT(content_type)},
	{NS_MIME, VIEW_OF("Content-Transfer-Encoding"), VALUE_AT(transfer_encoding)},
	{NS_MIME, VIEW_OF("Content-Disposition"), VALUE_AT(content_disposition)},
};

static void header_read(struct cpim *c, const struct prefixes *p, const struct field *f)
{
	struct name name = name_split(f->name);

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct view *at = (struct view *)(void *)((char *)c + headers[i].at);

		if (!view_ieq(name.local, headers[i].name) || !name_is_of(&name, headers[i].ns, p))
			continue;
		if (headers[i].read)
			headers[i].read(c, f->value);
		else if (at->len == 0)
			*at = f->value;
		return;
	}
}

/* ---- payload ---- */

/* The octets count, not the number; but a line end behind the announced payload is not part of it. */
static struct view payload_trim(struct view payload, struct view content_length)
{
	size_t n = 0;
	struct view tail;

	for (size_t i = 0; i < content_length.len; i++) {
		uint8_t c = content_length.p[i];

		if (c < '0' || c > '9' || n > payload.len)
			return payload;
		n = n * 10 + (c - '0');
	}
	if (content_length.len == 0 || n > payload.len)
		return payload;
	tail = view_skip(payload, n);
	if (view_eq(tail, VIEW("\r\n")) || view_eq(tail, VIEW("\n")))
		payload.len = n;
	return payload;
}

/*
 * A MIME header in front of the payload, possibly an empty one; without any line of MIME it is none,
 * and the payload begins at once, as some clients write it. -EBADMSG: one that breaks off.
 */
static int mime_read(struct view in, const struct prefixes *p, struct cpim *out)
{
	bool is_mime = field_starts(in, "Content-"), any = false;
	struct view rest = in, content_length = VIEW("");
	struct cpim mime = {0};
	struct field f;
	int rc;

	while ((rc = field_next(&rest, &f)) == 1) {
		is_mime = is_mime || field_starts(f.name, "Content-");
		any = true;
		header_read(&mime, p, &f);
		if (content_length.len == 0 && view_ieq(f.name, VIEW("Content-Length")))
			content_length = f.value;
	}
	if (rc == -EBADMSG && is_mime)
		return rc;
	if (!is_mime && (rc || any)) {
		out->payload = in;
		return 0;
	}
	if (mime.content_type.len || mime.transfer_encoding.len || mime.content_disposition.len) {
		/* what stood among the message headers by mistake gives way */
		out->content_type = mime.content_type;
		out->transfer_encoding = mime.transfer_encoding;
		out->content_disposition = mime.content_disposition;
	}
	out->payload = payload_trim(rest, content_length);
	return 0;
}

/* ---- message headers ---- */

/* All of them; NS lines are added to p. */
static int headers_read(struct view *in, struct prefixes *p, struct cpim *out)
{
	bool any = false;
	struct field f;
	int rc;

	*out = (struct cpim){0};
	while ((rc = field_next(in, &f)) == 1) {
		if (view_ieq(f.name, VIEW("NS")))
			prefixes_add(p, f.value);
		else
			header_read(out, p, &f);
		any = true;
	}
	return rc || !any ? -EBADMSG : 0;
}

int cpim_decode(struct view in, struct cpim *out)
{
	struct prefixes prefixes = prefixes_default();
	unsigned known = prefixes.n;
	struct view rest = in;
	int rc = headers_read(&rest, &prefixes, out);

	if (rc == 0 && prefixes.n > known) {
		rest = in;
		rc = headers_read(&rest, &prefixes, out);
	}
	if (rc == 0)
		rc = mime_read(rest, &prefixes, out);
	if (rc == 0 && out->content_type.len == 0)
		out->content_type = out->payload_type.len ? out->payload_type : VIEW("text/plain");
	return rc;
}

/* ---- addresses ---- */

/* What follows the last white space: a display name without brackets around the URI is left out. */
static struct view last_word(struct view v)
{
	size_t n = v.len;

	while (n && v.p[n - 1] > ' ')
		n--;
	return view_skip(v, n);
}

/* Header components begin at a '?' behind the host; in front of the '@' it may be part of the user. */
static struct view without_headers(struct view uri)
{
	const uint8_t *at = uri.len ? memchr(uri.p, '@', uri.len) : NULL;
	size_t n = at ? (size_t)(at - uri.p) : 0;

	while (n < uri.len && uri.p[n] != '?')
		n++;
	return (struct view){uri.p, n};
}

/* Nothing may leave here that would end or quote a header value. */
static bool is_uri(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] <= ' ' || v.p[i] == 0x7f || strchr("\"<>", v.p[i]))
			return false;
	return true;
}

struct view cpim_uri(struct view name_addr)
{
	struct view rest = name_addr, uri = VIEW("");
	const uint8_t *close;

	field_list_next(&rest, "<", &uri); /* the display name, quotes respected, or all there is */
	if (name_addr.len > rest.len && name_addr.p[name_addr.len - rest.len - 1] == '<') {
		close = rest.len ? memchr(rest.p, '>', rest.len) : NULL;
		rest.len = close ? (size_t)(close - rest.p) : 0;
		uri = field_trim(rest);
	} else {
		uri = last_word(uri);
	}
	return is_uri(uri) ? without_headers(uri) : VIEW("");
}
