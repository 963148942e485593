/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* $ipsmgw(name), by a table of names. */

#include "core/dprint.h"

#include "../../lib/sms/address.h"
#include "lib_util.h"
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
	NAME_ANONYMOUS,
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
	[RESULT_LEG] = "leg",
	[RESULT_ORIGINATOR] = "originator",
	[RESULT_LANGUAGE] = "language",
	[NAME_CODE] = "code",
	[NAME_REASON] = "reason",
	[NAME_SEGMENTS] = "segments",
	[NAME_CAUSE] = "cause",
	[NAME_MESSAGE] = "message",
	[NAME_REGISTERED] = "registered",
	[NAME_ANONYMOUS] = "anonymous",
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
		case NAME_ANONYMOUS:
			return pv_get_sintval(msg, param, res, result.anonymous);
		case NAME_MESSAGE:
			s.s = sint2strbuf(
					result.message_id, ut_buf_int2str, INT2STR_MAX_LEN, &s.len);
			return pv_get_strval(msg, param, res, &s);
		case NAME_REASON:
			s.s = *result.reason ? result.reason
								 : (char *)sip_reason(result.code);
			s.len = (int)strlen(s.s);
			return pv_get_strval(msg, param, res, &s);
		default:
			s = result.text[name];
			return s.len ? pv_get_strval(msg, param, res, &s)
						 : pv_get_null(msg, param, res);
	}
}

/* ---- what the script may set ---- */

static bool code_set(const pv_value_t *val)
{
	if(!val || !(val->flags & PV_VAL_INT) || val->ri < 100 || val->ri > 699)
		return false;
	result.code = (int)val->ri;
	return true;
}

static bool is_originator(struct view v)
{
	struct sms_address a;

	return sms_address_parse(&a, v) == 0 && a.text[0];
}

static bool is_one_line(struct view v)
{
	for(size_t i = 0; i < v.len; i++) {
		if(v.p[i] < ' ' || v.p[i] == 0x7f)
			return false;
	}
	return true;
}

/* clang-format off */
static const struct { int name, shown; char *text; size_t size; bool (*good)(struct view v); } settable[] = {
	{NAME_REASON, -1, result.reason, sizeof(result.reason), is_one_line},
	{RESULT_ORIGINATOR, RESULT_ORIGINATOR, result.originator, sizeof(result.originator), is_originator},
	{RESULT_ROUTE, RESULT_ROUTE, result.route, sizeof(result.route), is_one_line},
	{RESULT_LANGUAGE, RESULT_LANGUAGE, result.language, sizeof(result.language), is_one_line},
};
/* clang-format on */

/* "" and $null take back what was set. */
static bool text_set(int name, const pv_value_t *val)
{
	bool none = !val || val->flags & PV_VAL_NULL;
	size_t i = 0, n = sizeof(settable) / sizeof(settable[0]);
	struct view v = {NULL, 0};

	while(i < n && settable[i].name != name)
		i++;
	if(i == n || !result.authorising || (!none && !(val->flags & PV_VAL_STR)))
		return false;
	if(!none)
		v = view_of(&val->rs);
	if(v.len >= settable[i].size || (v.len && !settable[i].good(v)))
		return false;
	text_copy(settable[i].text, settable[i].size, v);
	if(settable[i].shown >= 0)
		result.text[settable[i].shown] = str_of_text(settable[i].text);
	return true;
}

int result_pv_set(sip_msg_t *msg, pv_param_t *param, int op, pv_value_t *val)
{
	int name = param->pvn.u.isname.name.n;

	(void)msg;
	(void)op;
	if(name == NAME_CODE ? code_set(val) : text_set(name, val))
		return 0;
	result.faulty = result.authorising;
	LM_ERR("$ipsmgw(%s) cannot be set %s\n", names[name],
			result.authorising ? "to this" : "here");
	return -1;
}
