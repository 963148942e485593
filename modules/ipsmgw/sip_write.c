/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Header fields of what we send, for MESSAGEs, INVITEs and answers alike. */

#include <time.h>

#include "sip_write.h"

void sip_write_header(struct wbuf *w, const char *name, struct view value)
{
	if(!value.len)
		return;
	wbuf_str(w, name);
	wbuf_str(w, ": ");
	wbuf_view(w, value);
	wbuf_str(w, "\r\n");
}

void sip_write_date(struct wbuf *w)
{
	char text[64];
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	sip_write_header(w, "Date", view_str(text));
}
