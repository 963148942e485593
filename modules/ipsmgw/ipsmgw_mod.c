/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The module's face towards Kamailio: exports, parameters, start-up. What the
 * functions do stands in the files of their names. */

#include "core/dprint.h"
#include "core/kemi.h"
#include "core/mod_fix.h"
#include "core/script_cb.h"
#include "core/sr_module.h"

#include "authorise.h"
#include "chat_text.h"
#include "cpm_invite_notify.h"
#include "cpm_to_sms.h"
#include "ipsmgw.h"
#include "ipsmgw_register.h"
#include "ipsmgw_rpc.h"
#include "job.h"
#include "link_server.h"
#include "msrp_io.h"
#include "overload.h"
#include "result.h"
#include "sms_record.h"
#include "sms_to_cpm.h"
#include "spool.h"
#include "sip_answer.h"
#include "tm_api.h"
#include "underway.h"
#include "work.h"

MODULE_VERSION

struct tm_binds tmb;

/* ---- script functions: w_ unpacks, ki_ is KEMI's, the work is elsewhere ----
 */

static str *string_param(sip_msg_t *msg, char *p, str *out)
{
	if(!p)
		return NULL;
	if(fixup_get_svalue(msg, (gparam_t *)p, out) < 0) {
		LM_ERR("a parameter has no value\n");
		out->len = 0;
	}
	return out;
}

static int w_cpm_to_sms(sip_msg_t *msg, char *smsc, char *unused)
{
	str s = STR_NULL;

	(void)unused;
	return cpm_to_sms(msg, string_param(msg, smsc, &s));
}

static int w_sms_to_cpm(sip_msg_t *msg, char *uri, char *next_hop)
{
	str u = STR_NULL, n = STR_NULL;

	return sms_to_cpm(
			msg, string_param(msg, uri, &u), string_param(msg, next_hop, &n));
}

static int w_cpm_invite_notify(sip_msg_t *msg, char *smsc, char *unused)
{
	str s = STR_NULL;

	(void)unused;
	return cpm_invite_notify(msg, string_param(msg, smsc, &s));
}

static int w_cpm_session(sip_msg_t *msg, char *unused1, char *unused2)
{
	(void)unused1;
	(void)unused2;
	return cpm_session(msg);
}

static int w_ipsmgw_register(sip_msg_t *msg, char *unused1, char *unused2)
{
	(void)unused1;
	(void)unused2;
	return ipsmgw_register(msg);
}

/* ---- parameters that may be given several times ---- */

static int chat_text_set(modparam_t type, void *value)
{
	(void)type;
	if(chat_text_param(value) == 0)
		return 0;
	LM_ERR("parameter chat_text=%s: use [language:]name=text in UTF-8; the "
		   "names are in the module's README\n",
			(char *)value);
	return -1;
}

static int chat_words_set(modparam_t type, void *value)
{
	(void)type;
	if(chat_words_param(value) == 0)
		return 0;
	LM_ERR("parameter chat_words=%s: use [language:]name=WORD WORD .. with "
		   "accept, reject, end or help\n",
			(char *)value);
	return -1;
}

/* clang-format off */
static cmd_export_t cmds[] = {
	{"cpm_to_sms", (cmd_function)w_cpm_to_sms, 0, 0, 0, REQUEST_ROUTE},
	{"cpm_to_sms", (cmd_function)w_cpm_to_sms, 1, fixup_spve_null, fixup_free_spve_null, REQUEST_ROUTE},
	{"sms_to_cpm", (cmd_function)w_sms_to_cpm, 0, 0, 0, ANY_ROUTE},
	{"sms_to_cpm", (cmd_function)w_sms_to_cpm, 1, fixup_spve_null, fixup_free_spve_null, ANY_ROUTE},
	{"sms_to_cpm", (cmd_function)w_sms_to_cpm, 2, fixup_spve_spve, fixup_free_spve_spve, ANY_ROUTE},
	{"cpm_invite_notify", (cmd_function)w_cpm_invite_notify, 0, 0, 0, REQUEST_ROUTE},
	{"cpm_invite_notify", (cmd_function)w_cpm_invite_notify, 1, fixup_spve_null, fixup_free_spve_null, REQUEST_ROUTE},
	{"cpm_session", (cmd_function)w_cpm_session, 0, 0, 0, REQUEST_ROUTE},
	{"ipsmgw_register", (cmd_function)w_ipsmgw_register, 0, 0, 0, REQUEST_ROUTE},
	{0, 0, 0, 0, 0, 0}
};

static sr_kemi_t kemi[] = {
	{str_init("ipsmgw"), str_init("cpm_to_sms"), SR_KEMIP_INT, cpm_to_sms,
		{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
	{str_init("ipsmgw"), str_init("sms_to_cpm"), SR_KEMIP_INT, sms_to_cpm,
		{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
	{str_init("ipsmgw"), str_init("cpm_invite_notify"), SR_KEMIP_INT, cpm_invite_notify,
		{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
	{str_init("ipsmgw"), str_init("cpm_session"), SR_KEMIP_INT, cpm_session,
		{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
	{str_init("ipsmgw"), str_init("ipsmgw_register"), SR_KEMIP_INT, ipsmgw_register,
		{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}},
	{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}
};

static param_export_t params[] = {
	{"db_path", PARAM_STRING, &ipsmgw_cfg.db_path},
	{"link_socket", PARAM_STRING, &ipsmgw_cfg.link_socket},
	{"node", PARAM_STRING, &ipsmgw_cfg.node},
	{"next_hop", PARAM_STR, &ipsmgw_cfg.next_hop},
	{"domain", PARAM_STR, &ipsmgw_cfg.domain},
	{"sc_address", PARAM_STRING, &ipsmgw_cfg.sc_address},
	{"answer", PARAM_STRING, &ipsmgw_cfg.answer},
	{"answer_timeout_ms", PARAM_INT, &ipsmgw_cfg.answer_timeout_ms},
	{"store_timeout_ms", PARAM_INT, &ipsmgw_cfg.store_timeout_ms},
	{"max_segments", PARAM_INT, &ipsmgw_cfg.max_segments},
	{"max_queued_segments", PARAM_INT, &ipsmgw_cfg.max_queued_segments},
	{"ref_bits", PARAM_INT, &ipsmgw_cfg.ref_bits},
	{"national_tables", PARAM_STRING, &ipsmgw_cfg.national_tables},
	{"ft_http_text", PARAM_STRING, &ipsmgw_cfg.ft_http_text},
	{"geo_text", PARAM_STRING, &ipsmgw_cfg.geo_text},
	{"transliterate", PARAM_INT, &ipsmgw_cfg.transliterate},
	{"default_service", PARAM_STRING, &ipsmgw_cfg.default_service},
	{"udp_max_octets", PARAM_INT, &ipsmgw_cfg.udp_max_octets},
	{"chat_max_size", PARAM_INT, &ipsmgw_cfg.chat_max_size},
	{"pager_max", PARAM_INT, &ipsmgw_cfg.pager_max},
	{"accept_contact_suffix", PARAM_STR, &ipsmgw_cfg.accept_contact_suffix},
	{"anonymity", PARAM_STRING, &ipsmgw_cfg.anonymity},
	{"anonymity_code", PARAM_INT, &ipsmgw_cfg.anonymity_code},
	{"anonymous_originator", PARAM_STRING, &ipsmgw_cfg.anonymous_originator},
	{"unregistered", PARAM_STRING, &ipsmgw_cfg.unregistered},
	{"validity_default_s", PARAM_INT, &ipsmgw_cfg.validity_default_s},
	{"retry_schedule_s", PARAM_STRING, &ipsmgw_cfg.retry_schedule_s},
	{"imdn_retry_s", PARAM_STRING, &ipsmgw_cfg.imdn_retry_s},
	{"imdn_force_negative", PARAM_INT, &ipsmgw_cfg.imdn_force_negative},
	{"imdn_plain_failed", PARAM_INT, &ipsmgw_cfg.imdn_plain_failed},
	{"imdn_st01_delivered", PARAM_INT, &ipsmgw_cfg.imdn_st01_delivered},
	{"reply_window_s", PARAM_INT, &ipsmgw_cfg.reply_window_s},
	{"retry_window_s", PARAM_INT, &ipsmgw_cfg.retry_window_s},
	{"repeat_window_s", PARAM_INT, &ipsmgw_cfg.repeat_window_s},
	{"concat_timeout_s", PARAM_INT, &ipsmgw_cfg.concat_timeout_s},
	{"concat_max_s", PARAM_INT, &ipsmgw_cfg.concat_max_s},
	{"deliver_timeout_s", PARAM_INT, &ipsmgw_cfg.deliver_timeout_s},
	{"mt_request_imdn", PARAM_INT, &ipsmgw_cfg.mt_request_imdn},
	{"mt_wait_imdn", PARAM_INT, &ipsmgw_cfg.mt_wait_imdn},
	{"retention_message_s", PARAM_INT, &ipsmgw_cfg.retention_message_s},
	{"retention_conversation_s", PARAM_INT, &ipsmgw_cfg.retention_conversation_s},
	{"event_callback", PARAM_STR, &ipsmgw_cfg.event_callback},
	{"own_uri", PARAM_STRING, &ipsmgw_cfg.own_uri},
	{"msrp_address", PARAM_STRING, &ipsmgw_cfg.msrp_address},
	{"msrp_tls_address", PARAM_STRING, &ipsmgw_cfg.msrp_tls_address},
	{"msrp_tls_fingerprint", PARAM_STRING, &ipsmgw_cfg.msrp_tls_fingerprint},
	{"chat_policy", PARAM_STRING, &ipsmgw_cfg.chat_policy},
	{"chat_number", PARAM_STRING, &ipsmgw_cfg.chat_number},
	{"chat_numbers", PARAM_STRING, &ipsmgw_cfg.chat_numbers},
	{"chat_unknown", PARAM_STRING, &ipsmgw_cfg.chat_unknown},
	{"chat_late", PARAM_STRING, &ipsmgw_cfg.chat_late},
	{"chat_anonymous_name", PARAM_STRING, &ipsmgw_cfg.chat_anonymous_name},
	{"chat_accept_s", PARAM_INT, &ipsmgw_cfg.chat_accept_s},
	{"chat_provisional_s", PARAM_INT, &ipsmgw_cfg.chat_provisional_s},
	{"chat_msrp_s", PARAM_INT, &ipsmgw_cfg.chat_msrp_s},
	{"chat_idle_s", PARAM_INT, &ipsmgw_cfg.chat_idle_s},
	{"msrp_unbound_s", PARAM_INT, &ipsmgw_cfg.msrp_unbound_s},
	{"chat_quarantine_s", PARAM_INT, &ipsmgw_cfg.chat_quarantine_s},
	{"chat_replaced_s", PARAM_INT, &ipsmgw_cfg.chat_replaced_s},
	{"chat_conference_events", PARAM_INT, &ipsmgw_cfg.chat_conference_events},
	{"chat_conference_interval_s", PARAM_INT, &ipsmgw_cfg.chat_conference_interval_s},
	{"chat_notify_end", PARAM_INT, &ipsmgw_cfg.chat_notify_end},
	{"chat_bye_on_undeliverable", PARAM_INT, &ipsmgw_cfg.chat_bye_on_undeliverable},
	{"max_sessions", PARAM_INT, &ipsmgw_cfg.max_sessions},
	{"max_sessions_per_b", PARAM_INT, &ipsmgw_cfg.max_sessions_per_b},
	{"retention_session_s", PARAM_INT, &ipsmgw_cfg.retention_session_s},
	{"chat_text", PARAM_STRING | PARAM_USE_FUNC, (void *)chat_text_set},
	{"chat_words", PARAM_STRING | PARAM_USE_FUNC, (void *)chat_words_set},
	{0, 0, 0}
};

static pv_export_t pvs[] = {
	{{"ipsmgw", sizeof("ipsmgw") - 1}, PVT_OTHER, result_pv_get, result_pv_set, result_pv_parse, 0, 0, 0},
	{{0, 0}, 0, 0, 0, 0, 0, 0, 0}
};
/* clang-format on */

/* ---- start-up ---- */

static int check_routes(void)
{
	if(ipsmgw_cfg.answer_submitted && !job_has_route(JOB_SUBMITTED)) {
		LM_ERR("answer=submitted needs event_route[ipsmgw:submitted] to send "
			   "the answer\n");
		return -1;
	}
	if(!job_has_route(JOB_SMS_RECEIVED))
		LM_WARN("no event_route[ipsmgw:sms-received]: short messages for CPM "
				"users are refused\n");
	return 0;
}

/* A database that cannot be opened must stop the start, not the spool process
 * later. */
static int check_store(void)
{
	struct store *s;
	char why[512];

	if(store_open(&s, ipsmgw_cfg.db_path, why, sizeof(why))) {
		LM_ERR("%s\n", why);
		return -1;
	}
	spool_resubmissions = store_resubmissions(s);
	spool_redeliveries = store_redeliveries(s);
	store_close(s);
	return 0;
}

/* What $ipsmgw() showed of the request before is gone with it. */
static int forget_result(sip_msg_t *msg, unsigned int flags, void *param)
{
	(void)msg;
	(void)flags;
	(void)param;
	result_clear();
	return 1;
}

static int mod_init(void)
{
	if(ipsmgw_cfg_check() || ipsmgw_stats_register() || check_store())
		return -1;
	authorise_init();
	if(load_tm_api(&tmb) < 0) {
		LM_ERR("load tm.so before ipsmgw.so\n");
		return -1;
	}
	if(ipsmgw_cfg.answer_direct && sip_answer_init()) {
		LM_ERR("answer=direct: load sl.so before ipsmgw.so\n");
		return -1;
	}
	if(work_init() || job_init() || check_routes() || mailbox_init()
			|| overload_init() || underway_init() || link_status_init()
			|| sms_record_init() || msrp_io_init())
		return -1;
	if(register_script_cb(forget_result, PRE_SCRIPT_CB | REQUEST_CB, 0) < 0)
		return -1;
	return spool_init();
}

static int child_init(int rank)
{
	return rank == PROC_MAIN ? spool_start() : 0;
}

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	(void)path;
	(void)dlflags;
	(void)p1;
	(void)p2;
	return sr_kemi_modules_add(kemi) < 0 ? -1 : 0;
}

/* clang-format off */
struct module_exports exports = {
	"ipsmgw",
	DEFAULT_DLFLAGS,
	cmds,
	params,
	ipsmgw_rpc,
	pvs,
	0, /* response function */
	mod_init,
	child_init,
	0, /* destroy function */
};
/* clang-format on */
