/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Reading one MSRP frame, RFC 4975 7.3 and 9:
 *
 *   MSRP transaction METHOD        or  MSRP transaction 200 [comment]
 *   Name: value                        ..
 *   [empty line, body, CRLF]
 *   -------transaction$
 *
 * The end line is looked for at the end, because the frame is all of the input; one inside the body
 * would be the end of the frame for somebody else, so it is refused. A known header may come once.
 * Tolerated: headers in any order, a body without Content-Type, an empty line and nothing behind it.
 */

#include "msrp_frame_private.h"
#include "msrp_text.h"

enum { HEADERS_MAX = 8192 }; /* octets */

bool msrp_is_ident(struct view v)
{
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.p[i], letter = c | 0x20;
		bool alphanumeric = (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'z');

		if (!alphanumeric && (i == 0 || !memchr(".-+%=", c, 5)))
			return false;
	}
	return v.len >= MSRP_TRANSACTION_MIN && v.len <= MSRP_TRANSACTION_MAX;
}

bool msrp_is_method(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] < 'A' || v.p[i] > 'Z')
			return false;
	return v.len > 0;
}

bool msrp_is_message_id(struct view v)
{
	return text_visible(v, false) && v.len <= MSRP_MESSAGE_ID_MAX;
}

/* ---- first line ---- */

static int code_read(struct view v, unsigned *code)
{
	uint64_t x;

	if (v.len != 3 || text_number(v, &x) || x < 100)
		return -EBADMSG;
	*code = (unsigned)x;
	return 0;
}

static int start_read(struct view line, struct msrp_frame *f)
{
	struct view word;

	if (!text_clean(line) || !view_eq(text_until(&line, ' '), VIEW("MSRP")))
		return -EBADMSG;
	f->transaction = text_until(&line, ' ');
	word = text_until(&line, ' ');
	if (!msrp_is_ident(f->transaction))
		return -EBADMSG;
	if (code_read(word, &f->code) == 0) {
		f->method = MSRP_RESPONSE;
		f->comment = text_trim(line);
		return 0;
	}
	if (view_eq(word, VIEW("SEND")))
		f->method = MSRP_SEND;
	else if (view_eq(word, VIEW("REPORT")))
		f->method = MSRP_REPORT;
	else
		f->method = MSRP_OTHER;
	f->method_name = f->method == MSRP_OTHER ? word : VIEW("");
	return msrp_is_method(word) && line.len == 0 ? 0 : -EBADMSG;
}

/* ---- headers ---- */

static int to_path_read(struct msrp_frame *f, struct view value)
{
	f->to_path = value;
	return text_visible(value, true) ? 0 : -EBADMSG;
}

static int from_path_read(struct msrp_frame *f, struct view value)
{
	f->from_path = value;
	return text_visible(value, true) ? 0 : -EBADMSG;
}

static int message_id_read(struct msrp_frame *f, struct view value)
{
	f->message_id = value;
	return msrp_is_message_id(value) ? 0 : -EBADMSG;
}

static int success_report_read(struct msrp_frame *f, struct view value)
{
	f->success_report = view_ieq(value, VIEW("yes"));
	return f->success_report || view_ieq(value, VIEW("no")) ? 0 : -EBADMSG;
}

static int failure_report_read(struct msrp_frame *f, struct view value)
{
	if (view_ieq(value, VIEW("yes")))
		f->failure_report = MSRP_FAILURE_YES;
	else if (view_ieq(value, VIEW("no")))
		f->failure_report = MSRP_FAILURE_NO;
	else if (view_ieq(value, VIEW("partial")))
		f->failure_report = MSRP_FAILURE_PARTIAL;
	else
		return -EBADMSG;
	return 0;
}

static int number_or_unknown(struct view v, uint64_t *x)
{
	if (!view_eq(v, VIEW("*")))
		return text_number(v, x);
	*x = MSRP_UNKNOWN;
	return 0;
}

static int range_read(struct msrp_frame *f, struct view value)
{
	struct view first = text_until(&value, '-'), last = text_until(&value, '/');

	f->has_range = true;
	if (text_number(first, &f->range_first) || f->range_first == 0 ||
	    number_or_unknown(last, &f->range_last) || number_or_unknown(value, &f->range_total))
		return -EBADMSG;
	return 0;
}

/* Only namespace 000 is defined (RFC 4975 7.1.2); a code of another one means nothing to us. */
static int status_read(struct msrp_frame *f, struct view value)
{
	struct view space = text_until(&value, ' '), code = text_until(&value, ' ');
	unsigned x;

	if (space.len != 3 || code_read(code, &x))
		return -EBADMSG;
	f->status = view_eq(space, VIEW("000")) ? x : 0;
	return 0;
}

static int content_type_read(struct msrp_frame *f, struct view value)
{
	f->content_type = value;
	return value.len ? 0 : -EBADMSG;
}

static const struct {
	const char *name;
	int (*read)(struct msrp_frame *f, struct view value);
} headers[] = {
	{"To-Path", to_path_read},
	{"From-Path", from_path_read},
	{"Message-ID", message_id_read},
	{"Success-Report", success_report_read},
	{"Failure-Report", failure_report_read},
	{"Byte-Range", range_read},
	{"Status", status_read},
	{"Content-Type", content_type_read},
};

static int header_read(struct msrp_frame *f, struct view line, unsigned *seen)
{
	struct view name = text_until(&line, ':');

	if (!text_visible(name, false) || !text_clean(line) || line.p == name.p + name.len)
		return -EBADMSG; /* the last: no colon */
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (!view_ieq(name, view_str(headers[i].name)))
			continue;
		if (*seen & 1u << i)
			return -EBADMSG;
		*seen |= 1u << i;
		return headers[i].read(f, text_trim(line));
	}
	return 0;
}

/* Up to and with the empty line, or all there is. @return 1 if there was an empty line, 0, -EBADMSG */
static int headers_read(struct view *in, struct msrp_frame *f)
{
	size_t before = in->len;
	unsigned seen = 0;
	struct view line;

	while (in->len) {
		if (!text_line(in, &line) || before - in->len > HEADERS_MAX ||
		    !text_cut_last(&line, '\r'))
			return -EBADMSG;
		if (line.len == 0)
			return 1;
		if (header_read(f, line, &seen))
			return -EBADMSG;
	}
	return 0;
}

/* ---- end line and body ---- */

/* Length of the end line that in begins with, CRLF included, or 0. */
static size_t end_line_length(struct view in, struct view transaction, char *flag)
{
	struct view rest = in;

	if (!text_starts(rest, MSRP_END_LINE))
		return 0;
	rest = text_skip(rest, strlen(MSRP_END_LINE));
	if (rest.len < transaction.len + 3 ||
	    !view_eq((struct view){rest.p, transaction.len}, transaction))
		return 0;
	rest = text_skip(rest, transaction.len);
	if (!memchr("$+#", rest.p[0], 3) || rest.p[1] != '\r' || rest.p[2] != '\n')
		return 0;
	*flag = (char)rest.p[0];
	return in.len - rest.len + 3;
}

/* Take the end line off the end. What is left then ends in the CRLF in front of it. */
static int end_cut(struct view *in, struct msrp_frame *f)
{
	size_t n = strlen(MSRP_END_LINE) + f->transaction.len + 3;

	if (in->len < n ||
	    end_line_length(text_skip(*in, in->len - n), f->transaction, &f->flag) != n)
		return -EBADMSG;
	in->len -= n;
	return 0;
}

/* Is one of these lines the end line? */
static bool has_end_line(struct view in, struct view transaction)
{
	bool begins = true; /* behind a CRLF */
	struct view line;
	char flag;

	do {
		if (begins && end_line_length(in, transaction, &flag))
			return true;
		if (!text_line(&in, &line))
			return false;
		begins = text_cut_last(&line, '\r');
	} while (in.len);
	return false;
}

static int body_read(struct view in, struct msrp_frame *f)
{
	if (in.len == 0)
		return 0;
	if (has_end_line(in, f->transaction))
		return -EBADMSG;
	f->has_body = text_cut_last(&in, '\n') && text_cut_last(&in, '\r');
	f->body = in;
	return f->has_body ? 0 : -EBADMSG;
}

int msrp_frame_decode(struct view in, struct msrp_frame *out)
{
	struct view line;
	int rc;

	*out = (struct msrp_frame){0};
	if (!text_line(&in, &line) || !text_cut_last(&line, '\r') || start_read(line, out) ||
	    end_cut(&in, out))
		return -EBADMSG;
	rc = headers_read(&in, out);
	if (rc < 0 || out->to_path.len == 0 || out->from_path.len == 0)
		return -EBADMSG;
	return rc ? body_read(in, out) : 0;
}

/* ---- a frame that is not one ---- */

/* The first of each counts; whoever says Failure-Report: no gets no answer to a bad frame either. */
static void head_line_read(struct msrp_frame *f, struct view line, unsigned *seen)
{
	struct msrp_frame probe = *f;

	if (header_read(&probe, line, seen) == 0)
		*f = probe;
}

int msrp_frame_decode_head(struct view in, struct msrp_frame *out)
{
	struct msrp_frame f = {0};
	unsigned seen = 0;
	struct view line;
	size_t before;

	*out = (struct msrp_frame){0};
	if (!text_line(&in, &line))
		return -EBADMSG;
	text_cut_last(&line, '\r');
	if (start_read(line, &f) || f.method == MSRP_RESPONSE)
		return -EBADMSG;
	before = in.len;
	while (text_line(&in, &line) && before - in.len <= HEADERS_MAX) {
		text_cut_last(&line, '\r');
		if (line.len == 0)
			break;
		head_line_read(&f, line, &seen);
	}
	*out = f;
	return f.to_path.len && f.from_path.len ? 0 : -EBADMSG;
}
