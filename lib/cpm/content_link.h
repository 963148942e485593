/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * What an SMS user can be told of content that is no text (spec 3.6): where a file is, which place it is.
 * The input is the payload freed of its transfer encoding (transfer_decode()). The views of out point into
 * what is appended to text, which is unchanged on failure; XML_OCTETS_MAX (65536) octets do for every
 * document of ASCII.
 */

struct ft_http {
	struct view url;       /* http or https, visible ASCII only */
	struct view file_name; /* "" if it is not said, or if it holds a control character */
	struct view until;     /* RFC 3339; "" if it is not said */
};

/**
 * application/vnd.gsma.rcs-ft-http+xml: the file-info of type "file", not the thumbnail's.
 * @return 0, -EBADMSG (also without such a URL), -ENOSPC, -ENOMEM
 */
int ft_http_decode(struct view in, struct wbuf *text, struct ft_http *out);

struct geo {
	struct view latitude, longitude; /* decimal degrees as they stand: [+-]digits[.digits], in range */
	struct view label;               /* "" if there is none, or if it holds a control character */
};

/**
 * application/vnd.gsma.rcspushlocation+xml: the first gml:pos (EPSG::4326, latitude first).
 * @return 0, -EBADMSG (also without a position on earth), -ENOSPC, -ENOMEM
 */
int geo_decode(struct view in, struct wbuf *text, struct geo *out);
