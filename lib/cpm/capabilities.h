/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/* What a contact can do, by the feature tags that it registered (spec 1.1, 1.2, 1.5). */

enum cpm_capability {
	CPM_CAPABILITY_CPM_MSG = 1 << 0,
	CPM_CAPABILITY_CPM_LARGE = 1 << 1,
	CPM_CAPABILITY_CPM_SESSION = 1 << 2,
	CPM_CAPABILITY_CPM_PAGER_LARGE = 1 << 3, /* over-size messages in a MESSAGE, too */
	CPM_CAPABILITY_IM = 1 << 4,
	CPM_CAPABILITY_IM_LARGE = 1 << 5,
	CPM_CAPABILITY_SMSIP = 1 << 6,
};

/** All that comes and goes with a service, which has the bit of its pager messages. */
enum {
	CPM_CAPABILITIES_CPM = CPM_CAPABILITY_CPM_MSG | CPM_CAPABILITY_CPM_LARGE |
			       CPM_CAPABILITY_CPM_SESSION | CPM_CAPABILITY_CPM_PAGER_LARGE,
	CPM_CAPABILITIES_IM = CPM_CAPABILITY_IM | CPM_CAPABILITY_IM_LARGE,
	CPM_CAPABILITIES_PAGER = CPM_CAPABILITY_CPM_MSG | CPM_CAPABILITY_IM,
};

struct cpm_contact {
	struct view uri;
	struct view instance;  /* of +sip.instance, without quotes and brackets: urn:gsma:imei:.. */
	unsigned capabilities; /* bits of enum cpm_capability */
	int64_t expires_s;     /* 0: gone; -1: not said */
};

/**
 * One member of a Contact header field: [name] <uri> or a bare URI, with parameters.
 * @return 0, -EBADMSG (no URI); the views of out point into member
 */
int cpm_contact_read(struct view member, struct cpm_contact *out);

/** The bits of all members of a Contact header field; unknown parameters and a broken member give none. */
unsigned cpm_capabilities_of_contact(struct view value);

/**
 * Take one contact parameter into c: name with or without its '+', value with or without quotes around it.
 * For the files of lib/cpm only.
 */
void cpm_contact_param(struct cpm_contact *c, struct view name, struct view value);
