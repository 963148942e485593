/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "capabilities.h"
#include "phone.h"

/*
 * The body of a third-party REGISTER (TS 24.229 5.4.1.7, spec 1.5 and 9.1): A's own REGISTER or the answer
 * to it as message/sip, service-info as application/3gpp-ims+xml, or multipart/mixed of these.
 */

enum { REGISTER_CONTACTS_MAX = 16, REGISTER_ASSOCIATED_MAX = 8 };

struct register_body {
	bool all_contacts;         /* "Contact: *" */
	struct view service_info;  /* text of the element; "" if there is none */
	char msisdn[PHONE_MAX];    /* '+' and digits if service-info is a number, else "" */
	unsigned n_contacts;       /* those beyond REGISTER_CONTACTS_MAX are left out */
	struct cpm_contact contact[REGISTER_CONTACTS_MAX]; /* expires_s: of the contact, else Expires, else -1 */
	unsigned n_associated;     /* of the answer; those beyond REGISTER_ASSOCIATED_MAX are left out */
	struct view associated[REGISTER_ASSOCIATED_MAX]; /* URIs */
};

/** Add the URIs of a P-Associated-URI header field (RFC 7315 4.1). */
void register_associated_add(struct view value, struct register_body *out);

/**
 * @param text  texts that cannot stay where they are in body are appended here; out's views point into body
 *              and text; unchanged on failure
 * @return 0 (also if only some parts could be read), -EBADMSG, -ENOTSUP (none of the three types), -ENOSPC, -ENOMEM
 */
int register_body_read(struct view content_type, struct view body, struct wbuf *text, struct register_body *out);
