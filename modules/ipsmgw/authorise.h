/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_AUTHORISE_H
#define IPSMGW_AUTHORISE_H

#include <stdbool.h>

#include "core/parser/msg_parser.h"

/*
 * event_route[ipsmgw:authorise]: the script decides whether A may send, and
 * whom B sees as the sender; the module enforces it (spec 3.2, 3.3). Nothing is
 * stored before.
 */

enum {
	AUTHORISE_ORIGINATOR_MAX = 46, /* sms_address_print() form, NUL included */
	AUTHORISE_ROUTE_MAX = 32,
	AUTHORISE_LANGUAGE_MAX = 16
};

struct authorisation {
	/* given */
	const char *a;  /* the number of A: who pays, and who is authorised */
	bool anonymous; /* A must not be shown to B: an originator that is a is
					   refused */

	/* the script's wishes, "" if it has none */
	char originator[AUTHORISE_ORIGINATOR_MAX]; /* what B sees */
	char smsc[AUTHORISE_ROUTE_MAX];
	char language[AUTHORISE_LANGUAGE_MAX]; /* of the gateway's own texts */
};

void authorise_init(void); /* before fork: finds the route */

/**
 * Run the route with the request itself, in the SIP worker that has it. What
 * $ipsmgw() shows of it is in result (result.h), filled before; $ipsmgw(leg)
 * and (anonymous) are set here. Without the route everybody may.
 *
 * @return 0; else the SIP code to refuse with, which is in result.code, too.
 * Headers for that answer are added to the request's reply. If the route sets
 * something that cannot be, the request is refused with 500.
 */
int authorise(sip_msg_t *msg, struct authorisation *a);

#endif
