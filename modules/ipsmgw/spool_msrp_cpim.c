/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* What A gets in a session: texts of B and notifications as message/cpim (spec
 * 5.5, 6.5, 7.7, 7.8). */

#include "../../lib/cpm/cpim.h"
#include "../../lib/sms/timestamp.h"
#include "cpm_body.h"
#include "ipsmgw.h"
#include "spool_chat.h"

enum { NOTIFICATION_MAX = 8192 };

static bool is_group(const struct chat_session *c)
{
	return c->s.kind == CHAT_KIND_GROUP;
}

/* In a group B is who the server knows, and all are meant (spec 7.10). */
static struct view from_b(const struct chat_session *c, char text[CPM_URI_MAX])
{
	return is_group(c) && strlen(c->s.local_uri) < CPM_URI_MAX - 2
			? cpm_bracketed(view_str(c->s.local_uri), text)
			: cpm_originator(view_str(c->s.b), text);
}

static struct view to_a(const struct chat_session *c, char text[CPM_URI_MAX])
{
	char tel[CPM_URI_MAX];

	return is_group(c)
			? VIEW("<sip:anonymous@anonymous.invalid>")
			: cpm_bracketed(cpm_tel_uri(view_str(c->s.a), tel), text);
}

int chat_cpim(struct wbuf *w, const struct chat_session *c, const char *imdn_id,
		const char *datetime, struct view text)
{
	char from[CPM_URI_MAX], to[CPM_URI_MAX];
	const struct cpim cpim = {
			.from = from_b(c, from),
			.to = to_a(c, to),
			.datetime = view_str(datetime),
			.message_id = view_str(imdn_id),
			.content_type = VIEW("text/plain;charset=UTF-8"),
			.payload = {text.p ? text.p : (const uint8_t *)"", text.len},
	};

	return cpim_encode(w, &cpim);
}

bool chat_take_notification(
		const struct mt *m, const struct store_notification *n)
{
	struct chat_session *c = n->session_id ? chat_by_id(n->session_id) : NULL;
	struct sms_time now = {.utc_s = ipsmgw_now_ms() / 1000};
	char from[CPM_URI_MAX], to[CPM_URI_MAX], datetime[RFC3339_MAX] = "";
	uint8_t octets[NOTIFICATION_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct cpm_notification body;

	if(!c)
		return false;
	sms_time_to_rfc3339(&now, datetime);
	body = (struct cpm_notification){
			.from = cpm_originator(view_str(n->b), from),
			.to = to_a(c, to),
			.imdn_id = view_str(n->imdn_id),
			.datetime = view_str(datetime),
			.about_id = view_str(n->message_imdn_id),
			.about_datetime = view_str(n->datetime),
			.imdn_route = n->imdn_route,
			.kind = n->kind,
			.status = n->status,
	};
	return cpm_notification_encode(&w, &body) == 0
			&& chat_media_notify(c, m->message_id, wbuf_written(&w));
}
