/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The script's word on a request (spec 3.2 step 4, 3.3): its event route runs
 * on the request itself, in the middle of the function that takes it. What the
 * route leaves behind is judged here; when in doubt, nothing is sent.
 */

#include "core/action.h"
#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/kemi.h"
#include "core/route.h"

#include "../../lib/cpm/leg.h"
#include "authorise.h"
#include "ipsmgw.h"
#include "result.h"
#include "sip_cpm.h"

enum { FAULTY_SCRIPT = 500, REFUSAL_MIN = 300 };

static str route_name = str_init("ipsmgw:authorise");
static int route_number = -1;

void authorise_init(void)
{
	int rt = route_lookup(&event_rt, route_name.s);

	route_number = rt >= 0 && event_rt.rlist[rt] ? rt : -1;
}

/* @return -1 if the route is there and could not run */
static int run_route(sip_msg_t *msg)
{
	sr_kemi_eng_t *keng = sr_kemi_eng_get();
	int backup = get_route_type(), rc = 0;
	struct run_act_ctx ctx;

	set_route_type(EVENT_ROUTE);
	init_run_actions_ctx(&ctx);
	if(route_number >= 0)
		run_top_route(event_rt.rlist[route_number], msg, &ctx);
	else if(keng && ipsmgw_cfg.event_callback.len)
		rc = sr_kemi_route(keng, msg, EVENT_ROUTE, &ipsmgw_cfg.event_callback,
				&route_name);
	set_route_type(backup);
	return rc < 0 ? -1 : 0;
}

/* ---- what it left behind ---- */

static const char *digits_of(const char *number)
{
	return number + (*number == '+');
}

static bool discloses(const struct authorisation *a)
{
	return a->anonymous && !strcmp(digits_of(a->originator), digits_of(a->a));
}

static int code_of(const struct authorisation *a)
{
	if(result.faulty || (result.code && result.code < REFUSAL_MIN)) {
		LM_ERR("event_route[ipsmgw:authorise] set what cannot be: refused\n");
		return FAULTY_SCRIPT;
	}
	if(!result.code && discloses(a)) {
		LM_ERR("event_route[ipsmgw:authorise] would show the number of an "
			   "anonymous A: refused\n");
		return FAULTY_SCRIPT;
	}
	return result.code;
}

static void refusal_headers(sip_msg_t *msg, int code)
{
	char line[256];
	int n = 0;

	if(code == 403)
		n = snprintf(line, sizeof(line),
				"Warning: 399 %.*s \"127 Service not authorised\"\r\n",
				STR_FMT(&ipsmgw_cfg.domain));
	if(code == 503)
		n = snprintf(line, sizeof(line), "Retry-After: 10\r\n");
	if(n > 0 && n < (int)sizeof(line))
		add_lump_rpl(msg, line, n, LUMP_RPL_HDR);
}

static int judge(sip_msg_t *msg, struct authorisation *a)
{
	int code;

	memcpy(a->originator, result.originator, sizeof(a->originator));
	memcpy(a->smsc, result.route, sizeof(a->smsc));
	memcpy(a->language, result.language, sizeof(a->language));
	code = code_of(a);
	if(!code || code != result.code)
		result.reason[0] = '\0';
	result.code = code;
	refusal_headers(msg, code);
	return code;
}

static str leg_of(sip_msg_t *msg)
{
	enum cpm_leg leg = cpm_leg(sip_header(msg, "P-Served-User", NULL),
			sip_header(msg, "Route", NULL));

	return str_of_text(cpm_leg_name(leg));
}

int authorise(sip_msg_t *msg, struct authorisation *a)
{
	a->originator[0] = a->smsc[0] = a->language[0] = '\0';
	result.code = 0;
	result.anonymous = a->anonymous;
	result.text[RESULT_LEG] = leg_of(msg);
	result.authorising = true;
	if(run_route(msg)) {
		LM_ERR("event_callback failed for %.*s\n", STR_FMT(&route_name));
		result.faulty = true;
	}
	result.authorising = false;
	return judge(msg, a);
}
