/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* $ipsmgw(name), by a table of names. */

#include "core/dprint.h"

#include "result.h"
#include "rp_sip.h"

struct result result;

enum {
	NAME_CODE = RESULT_TEXTS,
	NAME_REASON,
	NAME_SEGMENTS,
	NAME_CAUSE,
	NAME_MESSAGE,
	NAME_REGISTERED,
	NAMES
};

/* clang-format off */
static const char *const names[NAMES] = {
	[RESULT_CONVERSATION] = "conversation",
	[RESULT_CONTRIBUTION] = "contribution",
	[RESULT_IN_REPLY_TO] = "inreplyto",
	[RESULT_IMDN] = "imdn",
	[RESULT_FROM] = "from",
	[RESULT_TO] = "to",
	[RESULT_TEXT] = "text",
	[RESULT_ALPHABET] = "alphabet",
	[RESULT_SERVICE] = "service",
	[RESULT_ROUTE] = "route",
	[RESULT_SCSCF] = "scscf",
	[RESULT_KIND] = "kind",
	[NAME_CODE] = "code",
	[NAME_REASON] = "reason",
	[NAME_SEGMENTS] = "segments",
	[NAME_CAUSE] = "cause",
	[NAME_MESSAGE] = "message",
	[NAME_REGISTERED] = "registered",
};
/* clang-format on */

void result_clear(void)
{
	memset(&result, 0, sizeof(result));
}

int result_pv_parse(pv_spec_t *sp, str *in)
{
	for(int i = 0; i < NAMES; i++) {
		if((int)strlen(names[i]) == in->len
				&& !memcmp(names[i], in->s, in->len)) {
			sp->pvp.pvn.type = PV_NAME_INTSTR;
			sp->pvp.pvn.u.isname.type = 0;
			sp->pvp.pvn.u.isname.name.n = i;
			return 0;
		}
	}
	LM_ERR("no $ipsmgw(%.*s)\n", STR_FMT(in));
	return -1;
}

int result_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	int name = param->pvn.u.isname.name.n;
	str s;

	switch(name) {
		case NAME_CODE:
			return pv_get_sintval(msg, param, res, result.code);
		case NAME_SEGMENTS:
			return pv_get_sintval(msg, param, res, (int)result.segments);
		case NAME_CAUSE:
			return pv_get_sintval(msg, param, res, (int)result.cause);
		case NAME_REGISTERED:
			return pv_get_sintval(msg, param, res, result.registered);
		case NAME_MESSAGE:
			s.s = sint2strbuf(
					result.message_id, ut_buf_int2str, INT2STR_MAX_LEN, &s.len);
			return pv_get_strval(msg, param, res, &s);
		case NAME_REASON:
			s.s = (char *)sip_reason(result.code);
			s.len = (int)strlen(s.s);
			return pv_get_strval(msg, param, res, &s);
		default:
			s = result.text[name];
			return s.len ? pv_get_strval(msg, param, res, &s)
						 : pv_get_null(msg, param, res);
	}
}

/* Only $ipsmgw(code) can be written: in event_route[ipsmgw:sms-received] it is
 * the answer if the message goes nowhere. */
int result_pv_set(sip_msg_t *msg, pv_param_t *param, int op, pv_value_t *val)
{
	(void)msg;
	(void)op;
	if(param->pvn.u.isname.name.n != NAME_CODE || !val
			|| !(val->flags & PV_VAL_INT) || val->ri < 100 || val->ri > 699) {
		LM_ERR("only $ipsmgw(code) can be set, to a SIP status code\n");
		return -1;
	}
	result.code = (int)val->ri;
	return 0;
}
