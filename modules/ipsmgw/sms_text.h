/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SMS_TEXT_H
#define IPSMGW_SMS_TEXT_H

#include "../../lib/cpm/content.h"

/** Content that becomes a text for the SMS user, by the parameters ft_http_text
 * and geo_text too. */
bool sms_text_kind(enum content_kind kind);

/**
 * The text: as it was written, or a link to a file or a place made by template
 * (spec 3.6).
 * @return 0, -EBADMSG, -EILSEQ, -ENOTSUP (charset or encoding), -ENOSPC,
 * -ENOMEM
 */
int sms_text(const struct content *c, struct wbuf *utf8);

#endif
