/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* What an SMS user reads of a MESSAGE: its text, or for a file by HTTP and a
 * place a line made by the operator's template. */

#include "../../lib/cpm/content_link.h"
#include "../../lib/cpm/xml.h"
#include "ipsmgw.h"
#include "sms_text.h"

struct field {
	const char *name;
	struct view value;
};

bool sms_text_kind(enum content_kind kind)
{
	return kind == CONTENT_TEXT
			|| (kind == CONTENT_FT_HTTP && *ipsmgw_cfg.ft_http_text)
			|| (kind == CONTENT_GEO && *ipsmgw_cfg.geo_text);
}

/* @return octets of "{name}" at p, 0 if no field has that name */
static size_t put_field(
		struct wbuf *w, const char *p, const struct field *f, size_t n)
{
	for(size_t i = 0; i < n; i++) {
		size_t len = strlen(f[i].name);

		if(!strncmp(p + 1, f[i].name, len) && p[1 + len] == '}') {
			wbuf_view(w, f[i].value);
			return len + 2;
		}
	}
	return 0;
}

/* Fields that are empty leave no space in front or behind. */
static int fill(
		struct wbuf *w, const char *template, const struct field *f, size_t n)
{
	size_t begin = w->len, len;

	for(const char *p = template; *p; p += len ? len : 1) {
		len = *p == '{' ? put_field(w, p, f, n) : 0;
		if(!len && (*p != ' ' || w->len > begin))
			wbuf_u8(w, (uint8_t)*p);
	}
	while(w->len > begin && w->p[w->len - 1] == ' ')
		w->len--;
	return w->err;
}

static int link_text(
		const struct content *c, struct view document, struct wbuf *utf8)
{
	static uint8_t words_octets[XML_OCTETS_MAX];
	struct wbuf words = wbuf_of(words_octets, sizeof(words_octets));
	struct ft_http file;
	struct geo place;
	int rc;

	if(c->kind == CONTENT_FT_HTTP) {
		rc = ft_http_decode(document, &words, &file);
		return rc ? rc
				  : fill(utf8, ipsmgw_cfg.ft_http_text,
						  (struct field[]){{"url", file.url},
								  {"name", file.file_name},
								  {"until", file.until}},
						  3);
	}
	rc = geo_decode(document, &words, &place);
	return rc ? rc
			  : fill(utf8, ipsmgw_cfg.geo_text,
					  (struct field[]){{"lat", place.latitude},
							  {"lon", place.longitude}, {"label", place.label}},
					  3);
}

int sms_text(const struct content *c, struct wbuf *utf8)
{
	static uint8_t document_octets[XML_OCTETS_MAX];
	struct wbuf document = wbuf_of(document_octets, sizeof(document_octets));
	int rc;

	if(c->kind == CONTENT_TEXT)
		return content_text(c, utf8);
	rc = transfer_decode(c->transfer_encoding, c->payload, &document);
	return rc ? rc : link_text(c, wbuf_written(&document), utf8);
}
