/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Short message operations of MAP by application context, version and code (TS 29.002 17.1.6, 17.3.3, 17.5),
 * and their arguments and results by the tables of map_sm_*.c.
 */

#include "map_syntax.h"

enum { VERSION_MAX = 3 };

/* ---- which operation ---- */

/* The context of version 1 is a name for logs and tables only: there is no dialogue portion to carry it. */
static const struct coding {
	enum map_operation operation;
	uint8_t version, context;
	uint8_t code;
} codings[] = {
	{MAP_SRI_SM, 3, MAP_SHORT_MSG_GATEWAY, 45},
	{MAP_SRI_SM, 2, MAP_SHORT_MSG_GATEWAY, 45},
	{MAP_SRI_SM, 1, MAP_SHORT_MSG_GATEWAY, 45},
	{MAP_MO_FORWARD_SM, 3, MAP_SHORT_MSG_MO_RELAY, 46},
	{MAP_MO_FORWARD_SM, 2, MAP_SHORT_MSG_MO_RELAY, 46},
	{MAP_MO_FORWARD_SM, 1, MAP_SHORT_MSG_MO_RELAY, 46},
	{MAP_MT_FORWARD_SM, 3, MAP_SHORT_MSG_MT_RELAY, 44},
	{MAP_MT_FORWARD_SM, 2, MAP_SHORT_MSG_MT_RELAY, 46},
	{MAP_MT_FORWARD_SM, 1, MAP_SHORT_MSG_MO_RELAY, 46},
	{MAP_REPORT_SM_DELIVERY_STATUS, 3, MAP_SHORT_MSG_GATEWAY, 47},
	{MAP_REPORT_SM_DELIVERY_STATUS, 2, MAP_SHORT_MSG_GATEWAY, 47},
	{MAP_REPORT_SM_DELIVERY_STATUS, 1, MAP_SHORT_MSG_GATEWAY, 47},
	{MAP_INFORM_SERVICE_CENTRE, 3, MAP_SHORT_MSG_GATEWAY, 63},
	{MAP_INFORM_SERVICE_CENTRE, 2, MAP_SHORT_MSG_GATEWAY, 63},
	{MAP_ALERT_SERVICE_CENTRE, 2, MAP_SHORT_MSG_ALERT, 64},
	{MAP_ALERT_SERVICE_CENTRE, 1, MAP_SHORT_MSG_ALERT, 49},
	{MAP_READY_FOR_SM, 3, MAP_MWD_MNGT, 66},
	{MAP_READY_FOR_SM, 2, MAP_MWD_MNGT, 66},
	{MAP_READY_FOR_SM, 1, MAP_MWD_MNGT, 48},
	{MAP_ANY_TIME_MODIFICATION, 3, MAP_ANY_TIME_INFO_HANDLING, 65},
};

enum { CODINGS = sizeof(codings) / sizeof(codings[0]) };

enum map_operation map_operation_of(struct map_ac ac, int32_t code)
{
	for (size_t i = 0; i < CODINGS; i++)
		if (codings[i].code == code && codings[i].version == ac.version &&
		    (codings[i].context == ac.context || (!ac.context && ac.version == 1)))
			return codings[i].operation;
	return MAP_OPERATION_UNKNOWN;
}

static const struct coding *coding_of(enum map_operation operation, uint8_t version)
{
	for (size_t i = 0; i < CODINGS; i++)
		if (codings[i].operation == operation && codings[i].version == version)
			return &codings[i];
	return NULL;
}

int map_operation_coding(enum map_operation operation, uint8_t version, struct map_ac *ac,
			 int32_t *code)
{
	const struct coding *c = coding_of(operation, version);

	if (!c)
		return -ENOTSUP;
	*ac = (struct map_ac){c->context, c->version};
	*code = c->code;
	return 0;
}

uint8_t map_operation_version_max(enum map_operation operation)
{
	uint8_t version = VERSION_MAX;

	while (version && !coding_of(operation, version))
		version--;
	return version;
}

/* ---- arguments and results ---- */

static const struct {
	enum map_operation operation;
	const char *name;
	const struct map_syntax *argument, *result; /* NULL: no element that is of use */
} operations[] = {
	{MAP_SRI_SM, "sendRoutingInfoForSM", &map_sri_sm_syntax, &map_sri_sm_result_syntax},
	{MAP_MO_FORWARD_SM, "mo-ForwardSM", &map_mo_forward_sm_syntax,
	 &map_forward_sm_result_syntax},
	{MAP_MT_FORWARD_SM, "mt-ForwardSM", &map_mt_forward_sm_syntax,
	 &map_forward_sm_result_syntax},
	{MAP_REPORT_SM_DELIVERY_STATUS, "reportSM-DeliveryStatus", &map_report_sm_syntax,
	 &map_report_sm_result_syntax},
	{MAP_INFORM_SERVICE_CENTRE, "informServiceCentre", &map_inform_sc_syntax, NULL},
	{MAP_ALERT_SERVICE_CENTRE, "alertServiceCentre", &map_alert_sc_syntax, NULL},
	{MAP_READY_FOR_SM, "readyForSM", &map_ready_for_sm_syntax, NULL},
	{MAP_ANY_TIME_MODIFICATION, "anyTimeModification", &map_any_time_mod_syntax,
	 &map_any_time_mod_result_syntax},
};

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

static const struct map_syntax no_elements;

static const struct map_syntax *argument_syntax(enum map_operation operation)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (operations[i].operation == operation)
			return operations[i].argument;
	return NULL;
}

static const struct map_syntax *result_syntax(enum map_operation operation)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (operations[i].operation == operation)
			return operations[i].result ? operations[i].result : &no_elements;
	return NULL;
}

/* Version 1 has one forwardSM: the service centre is the destination of what comes from a mobile, else its origin. */
static enum map_operation forward_sm_direction(const struct map_argument *a)
{
	if (a->forward_sm.sm_rp_da.type == MAP_RP_SERVICE_CENTRE)
		return MAP_MO_FORWARD_SM;
	if (a->forward_sm.sm_rp_oa.type == MAP_RP_SERVICE_CENTRE ||
	    a->forward_sm.sm_rp_da.type != MAP_RP_NONE)
		return MAP_MT_FORWARD_SM;
	return MAP_MO_FORWARD_SM;
}

static bool is_forward_sm(enum map_operation operation)
{
	return operation == MAP_MO_FORWARD_SM || operation == MAP_MT_FORWARD_SM;
}

int map_argument_decode(struct view in, struct map_argument *out)
{
	struct map_argument a = {.operation = out->operation, .version = out->version};
	const struct map_syntax *s = argument_syntax(a.operation);
	int err;

	*out = a;
	if (!coding_of(a.operation, a.version))
		return -ENOTSUP;
	if (!in.len)
		return -EBADMSG;
	err = map_syntax_decode(in, s, a.version, &out->sri_sm);
	if (!err && a.version == 1 && is_forward_sm(a.operation))
		out->operation = forward_sm_direction(out);
	return err;
}

int map_argument_encode(struct wbuf *w, const struct map_argument *a)
{
	if (!coding_of(a->operation, a->version))
		return -ENOTSUP;
	return map_syntax_encode(w, argument_syntax(a->operation), a->version, false, &a->sri_sm);
}

int map_result_decode(struct view in, struct map_result *out)
{
	struct map_result res = {.operation = out->operation, .version = out->version};

	*out = res;
	if (!coding_of(res.operation, res.version))
		return -ENOTSUP;
	return map_syntax_decode(in, result_syntax(res.operation), res.version, &out->sri_sm);
}

int map_result_encode(struct wbuf *w, const struct map_result *res)
{
	if (!coding_of(res->operation, res->version))
		return -ENOTSUP;
	return map_syntax_encode(w, result_syntax(res->operation), res->version, true,
				 &res->sri_sm);
}

const char *map_operation_name(enum map_operation operation)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (operations[i].operation == operation)
			return operations[i].name;
	return "unknown";
}
