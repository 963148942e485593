/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Writing MSRP frames, RFC 4975 9: To-Path and From-Path first, Content-Type last. A SEND with a
 * Message-ID says what reports it wants even where that is the default, as clients do (spec 11.6);
 * elsewhere the two headers stand only if they are not the default.
 */

#include "msrp_frame_private.h"
#include "msrp_text.h"

static const struct {
	unsigned code;
	const char *reason;
} reasons[] = {
	{200, "OK"},
	{400, "Bad Request"},
	{403, "Forbidden"},
	{408, "Request Timeout"},
	{413, "Stop Sending Message"},
	{415, "Unsupported Media Type"},
	{423, "Parameter Out Of Bounds"},
	{481, "Session Does Not Exist"},
	{501, "Method Not Implemented"},
	{506, "Session Already In Use"},
};

const char *msrp_reason(unsigned code)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == code)
			return reasons[i].reason;
	return "";
}

/* ---- what may be written ---- */

static bool is_code(unsigned code)
{
	return code >= 100 && code <= 999;
}

static bool is_start(const struct msrp_frame *f)
{
	if (!msrp_is_ident(f->transaction))
		return false;
	if (f->method == MSRP_RESPONSE)
		return is_code(f->code) && text_clean(f->comment);
	return f->method != MSRP_OTHER || msrp_is_method(f->method_name);
}

static bool is_range(const struct msrp_frame *f)
{
	return !f->has_range || (f->range_first > 0 && f->range_first != MSRP_UNKNOWN);
}

static bool is_frame(const struct msrp_frame *f)
{
	return is_start(f) && text_visible(f->to_path, true) && text_visible(f->from_path, true) &&
	       (f->message_id.len == 0 || msrp_is_message_id(f->message_id)) && is_range(f) &&
	       f->failure_report <= MSRP_FAILURE_PARTIAL &&
	       (f->status == 0 || is_code(f->status)) && text_clean(f->content_type) &&
	       (f->flag == 0 || memchr("$+#", f->flag, 3));
}

/* ---- writing ---- */

static void header_put(struct wbuf *w, const char *name, struct view value)
{
	if (value.len == 0)
		return;
	wbuf_str(w, name);
	wbuf_str(w, ": ");
	wbuf_view(w, value);
	wbuf_str(w, "\r\n");
}

static void code_put(struct wbuf *w, unsigned code, struct view comment)
{
	text_put_number(w, code);
	if (comment.len)
		wbuf_str(w, " ");
	wbuf_view(w, comment);
}

static void start_put(struct wbuf *w, const struct msrp_frame *f)
{
	wbuf_str(w, "MSRP ");
	wbuf_view(w, f->transaction);
	wbuf_str(w, " ");
	if (f->method == MSRP_RESPONSE)
		code_put(w, f->code, f->comment);
	else if (f->method == MSRP_OTHER)
		wbuf_view(w, f->method_name);
	else
		wbuf_str(w, f->method == MSRP_SEND ? "SEND" : "REPORT");
	wbuf_str(w, "\r\n");
}

static void reports_put(struct wbuf *w, const struct msrp_frame *f)
{
	static const char *const failure[] = {
		[MSRP_FAILURE_YES] = "yes",
		[MSRP_FAILURE_NO] = "no",
		[MSRP_FAILURE_PARTIAL] = "partial",
	};
	bool all = f->method == MSRP_SEND && f->message_id.len;

	if (all || f->success_report)
		header_put(w, "Success-Report", view_str(f->success_report ? "yes" : "no"));
	if (all || f->failure_report != MSRP_FAILURE_YES)
		header_put(w, "Failure-Report", view_str(failure[f->failure_report]));
}

static void number_or_unknown_put(struct wbuf *w, uint64_t x)
{
	if (x == MSRP_UNKNOWN)
		wbuf_str(w, "*");
	else
		text_put_number(w, x);
}

static void range_put(struct wbuf *w, const struct msrp_frame *f)
{
	if (!f->has_range)
		return;
	wbuf_str(w, "Byte-Range: ");
	text_put_number(w, f->range_first);
	wbuf_str(w, "-");
	number_or_unknown_put(w, f->range_last);
	wbuf_str(w, "/");
	number_or_unknown_put(w, f->range_total);
	wbuf_str(w, "\r\n");
}

static void status_put(struct wbuf *w, unsigned status)
{
	if (status == 0)
		return;
	wbuf_str(w, "Status: 000 ");
	code_put(w, status, view_str(msrp_reason(status)));
	wbuf_str(w, "\r\n");
}

static void body_put(struct wbuf *w, const struct msrp_frame *f)
{
	if (!f->has_body)
		return;
	wbuf_str(w, "\r\n");
	wbuf_view(w, f->body);
	wbuf_str(w, "\r\n");
}

int msrp_frame_encode(struct wbuf *w, const struct msrp_frame *f)
{
	size_t mark = w->len;

	if (!is_frame(f))
		return -EINVAL;
	start_put(w, f);
	header_put(w, "To-Path", f->to_path);
	header_put(w, "From-Path", f->from_path);
	header_put(w, "Message-ID", f->message_id);
	reports_put(w, f);
	range_put(w, f);
	status_put(w, f->status);
	header_put(w, "Content-Type", f->content_type);
	body_put(w, f);
	wbuf_str(w, MSRP_END_LINE);
	wbuf_view(w, f->transaction);
	wbuf_u8(w, f->flag ? (uint8_t)f->flag : '$');
	wbuf_str(w, "\r\n");
	return wbuf_end(w, mark);
}

/* ---- responses ---- */

int msrp_response_encode(struct wbuf *w, const struct msrp_frame *request, unsigned code)
{
	struct view to = request->from_path, from = request->to_path;
	struct msrp_frame f = {
		.method = MSRP_RESPONSE,
		.code = code,
		.comment = view_str(msrp_reason(code)),
		.transaction = request->transaction,
	};

	if (request->method == MSRP_RESPONSE)
		return -EINVAL;
	text_word(&to, &f.to_path);
	text_word(&from, &f.from_path);
	return msrp_frame_encode(w, &f);
}

bool msrp_response_wanted(const struct msrp_frame *request, unsigned code)
{
	if (request->method == MSRP_RESPONSE || request->method == MSRP_REPORT)
		return false; /* RFC 4975 7.2: a REPORT is never answered */
	if (request->failure_report == MSRP_FAILURE_PARTIAL)
		return code / 100 != 2;
	return request->failure_report == MSRP_FAILURE_YES;
}
