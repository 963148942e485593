/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * Which messaging service a request asks for (spec 1.4): P-Asserted-Service, else P-Preferred-Service,
 * else Accept-Contact, else Contact.
 */

enum cpm_service {
	CPM_SERVICE_NONE, /* nothing said: the caller's default applies */
	CPM_SERVICE_CPM_PAGER,
	CPM_SERVICE_CPM_PAGER_GROUP,
	CPM_SERVICE_IM_PAGER,
	CPM_SERVICE_CPM_LARGE,
	CPM_SERVICE_IM_LARGE,
	CPM_SERVICE_CPM_CHAT,
	CPM_SERVICE_CPM_CHAT_GROUP,
	CPM_SERVICE_IM_CHAT,
	CPM_SERVICE_FILE_TRANSFER,
	CPM_SERVICE_OTHER, /* a service, but none of ours (system message, bot, ...) */
};

enum service_method { SERVICE_MESSAGE, SERVICE_INVITE };

/** One header field; kind says which of the four it is. Give all of them in the order of the request. */
struct service_header {
	enum { SERVICE_HDR_ASSERTED, SERVICE_HDR_PREFERRED, SERVICE_HDR_ACCEPT_CONTACT, SERVICE_HDR_CONTACT } kind;
	struct view value;
};

/**
 * Whole tokens only, percent-decoded, case ignored; several headers, several URNs in one value
 * (',' or ';' inside the quotes). cpm.deferred is pager or large by the method.
 */
enum cpm_service service_classify(enum service_method method, const struct service_header *h, size_t n);

const char *service_name(enum cpm_service s); /* "cpm-pager", "im-pager", ... as in the store and $ipsmgw(service) */

/* Headers towards A (spec 1.6); "" where the service has none. */
const char *service_asserted(enum cpm_service s);       /* urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg */
const char *service_accept_contact(enum cpm_service s); /* *;+g.3gpp.icsi-ref="urn%3A..." without suffix */
