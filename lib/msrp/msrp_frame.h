/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * One MSRP frame (RFC 4975 9): request or response, headers, body, end line.
 */

enum msrp_method { MSRP_RESPONSE, MSRP_SEND, MSRP_REPORT, MSRP_OTHER };

enum msrp_failure_report { MSRP_FAILURE_YES, MSRP_FAILURE_NO, MSRP_FAILURE_PARTIAL };

enum { MSRP_TRANSACTION_MAX = 32, MSRP_MESSAGE_ID_MAX = 32 };

#define MSRP_UNKNOWN UINT64_MAX /* "*" in a Byte-Range */

struct msrp_frame {
	enum msrp_method method;
	unsigned code;			   /* MSRP_RESPONSE: 200.. */
	struct view comment;		   /* MSRP_RESPONSE, empty if absent */
	struct view method_name;	   /* MSRP_OTHER */
	struct view transaction;	   /* 4..MSRP_TRANSACTION_MAX octets */
	struct view to_path, from_path;	   /* whole values */
	struct view message_id;		   /* empty if absent */
	bool has_range;
	uint64_t range_first, range_last, range_total; /* octets from 1; last and total may be MSRP_UNKNOWN */
	bool success_report;		   /* Success-Report: yes */
	enum msrp_failure_report failure_report;
	unsigned status;		   /* REPORT: code of "Status: 000 200", 0 if absent */
	struct view content_type;	   /* empty if absent */
	bool has_body;			   /* an empty body differs from none */
	struct view body;
	char flag;			   /* '$' the last chunk, '+' more, '#' aborted */
};

/**
 * Decode exactly one frame; views point into in. Header names in any case, unknown ones ignored, a bare LF refused.
 * @return 0, -EBADMSG
 */
int msrp_frame_decode(struct view in, struct msrp_frame *out);

/**
 * Enough of a frame that msrp_frame_decode() refused to answer 400: method, transaction and both paths.
 * @return 0, -EBADMSG (nothing can be answered)
 */
int msrp_frame_decode_head(struct view in, struct msrp_frame *out);

/**
 * Append a frame. Absent values are left out; flag 0 counts as '$'. The caller sees to it that the body does not
 * contain the end line (transaction from 64 random bits: RFC 4975 7.1).
 * @return 0, -EINVAL (a value with CR or LF, no path), -ENOSPC (w->len unchanged)
 */
int msrp_frame_encode(struct wbuf *w, const struct msrp_frame *f);

/** The response to a request: paths turned round, To-Path only the first of its From-Path (RFC 4975 7.2). */
int msrp_response_encode(struct wbuf *w, const struct msrp_frame *request, unsigned code);

/** May code be sent for this request? Failure-Report no: never; partial: only if it is an error (RFC 4975 7.1.1). */
bool msrp_response_wanted(const struct msrp_frame *request, unsigned code);

/** "OK", "Forbidden" ..; "" for a code that RFC 4975 10 does not know. */
const char *msrp_reason(unsigned code);
