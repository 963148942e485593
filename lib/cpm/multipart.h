/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/* RFC 2046 5.1 multipart bodies, part by part. */

struct multipart {
	struct view rest; /* behind the last delimiter line that was read */
	struct view boundary;
	bool closed;
};

struct multipart_part {
	struct view content_type, transfer_encoding; /* "" if absent */
	struct view body;                            /* without the line end in front of the delimiter */
};

/** @return 0, -EBADMSG (no boundary parameter, or no delimiter in the body) */
int multipart_open(struct multipart *m, struct view content_type, struct view body);

/** @return 1 (a part), 0 (no more; a missing close delimiter ends the last part), -EBADMSG (broken part header) */
int multipart_next(struct multipart *m, struct multipart_part *part);
