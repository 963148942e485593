/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Parameters: their defaults and the one place that checks them. */

#include <ctype.h>
#include <limits.h>
#include <strings.h>
#include <sys/un.h>
#include <time.h>

#include "core/str.h"
#include "core/async_task.h"
#include "core/dprint.h"

#include "../../lib/sms/address.h"
#include "../../lib/sms/gsm7.h"
#include "chat_number.h"
#include "ipsmgw.h"

struct ipsmgw_cfg ipsmgw_cfg = {
		.db_path = "/var/lib/ipsmgw/ipsmgw.db",
		.link_socket = "/run/ipsmgw/link.sock",
		.node = "ipsmgw",
		.domain = STR_STATIC_INIT("ipsmgw.invalid"),
		.sc_address = "",
		.answer = "durable",
		.answer_timeout_ms = 8000,
		.store_timeout_ms = 2000,
		.max_segments = 10,
		.max_queued_segments = 500000,
		.ref_bits = 8,
		.national_tables = "",
		.ft_http_text = "{name} {url}",
		.geo_text
		= "{label} https://www.openstreetmap.org/?mlat={lat}&mlon={lon}",
		.default_service = "cpm",
		.udp_max_octets = 1300,
		.chat_max_size = 8192,
		.pager_max = 1300,
		.accept_contact_suffix = STR_STATIC_INIT(";require;explicit"),
		.anonymity = "forbid",
		.anonymity_code = 403,
		.anonymous_originator = "Anonymous",
		.unregistered = "try",
		.validity_default_s = 86400,
		.retry_schedule_s = "1,5,30,60,300,900,1800,3600",
		.imdn_retry_s = "30,300,3600",
		.reply_window_s = 86400,
		.retry_window_s = 600,
		.repeat_window_s = 86400,
		.concat_timeout_s = 60,
		.concat_max_s = 600,
		.deliver_timeout_s = 50,
		.retention_message_s = 8 * 86400,
		.retention_conversation_s = 30 * 86400,
		.own_uri = "",
		.msrp_address = "",
		.msrp_tls_address = "",
		.msrp_tls_fingerprint = "",
		.chat_policy = "accept_at_once",
		.chat_number = "caller",
		.chat_numbers = "",
		.chat_unknown = "accept",
		.chat_late = "refuse",
		.chat_anonymous_name = "Someone",
		.chat_accept_s = 120,
		.chat_provisional_s = 60,
		.chat_msrp_s = 30,
		.chat_idle_s = 600,
		.msrp_unbound_s = 10,
		.chat_quarantine_s = 86400,
		.chat_replaced_s = 30,
		.chat_conference_events = -1,
		.chat_conference_interval_s = 60,
		.chat_notify_end = 1,
		.chat_bye_on_undeliverable = 1,
		.max_sessions = 10000,
		.max_sessions_per_b = 5,
		.retention_session_s = 86400,
};

/* clang-format off */
static const struct { const char *name; const int *value; int min, max; } ranges[] = {
	{"answer_timeout_ms", &ipsmgw_cfg.answer_timeout_ms, 100, 18000},
	{"udp_max_octets", &ipsmgw_cfg.udp_max_octets, 0, 65535},
	{"chat_max_size", &ipsmgw_cfg.chat_max_size, 512, 1 << 20},
	{"pager_max", &ipsmgw_cfg.pager_max, 0, 1 << 20},
	{"store_timeout_ms", &ipsmgw_cfg.store_timeout_ms, 10, 30000},
	{"max_segments", &ipsmgw_cfg.max_segments, 1, 255},
	{"max_queued_segments", &ipsmgw_cfg.max_queued_segments, 1, INT_MAX},
	{"imdn_force_negative", &ipsmgw_cfg.imdn_force_negative, 0, 1},
	{"imdn_plain_failed", &ipsmgw_cfg.imdn_plain_failed, 0, 1},
	{"imdn_st01_delivered", &ipsmgw_cfg.imdn_st01_delivered, 0, 1},
	{"transliterate", &ipsmgw_cfg.transliterate, 0, 1},
	{"validity_default_s", &ipsmgw_cfg.validity_default_s, 60, 63 * 7 * 86400},
	{"reply_window_s", &ipsmgw_cfg.reply_window_s, 0, INT_MAX},
	{"retry_window_s", &ipsmgw_cfg.retry_window_s, 32, 3600},
	{"repeat_window_s", &ipsmgw_cfg.repeat_window_s, 60, INT_MAX},
	{"concat_timeout_s", &ipsmgw_cfg.concat_timeout_s, 1, 86400},
	{"concat_max_s", &ipsmgw_cfg.concat_max_s, 1, 7 * 86400},
	{"deliver_timeout_s", &ipsmgw_cfg.deliver_timeout_s, 1, 300},
	{"mt_request_imdn", &ipsmgw_cfg.mt_request_imdn, 0, 1},
	{"mt_wait_imdn", &ipsmgw_cfg.mt_wait_imdn, 0, 1},
	{"retention_message_s", &ipsmgw_cfg.retention_message_s, 3600, INT_MAX},
	{"retention_conversation_s", &ipsmgw_cfg.retention_conversation_s, 3600, INT_MAX},
	{"chat_accept_s", &ipsmgw_cfg.chat_accept_s, 1, 3600},
	{"chat_provisional_s", &ipsmgw_cfg.chat_provisional_s, 1, 180},
	{"chat_msrp_s", &ipsmgw_cfg.chat_msrp_s, 1, 600},
	{"chat_idle_s", &ipsmgw_cfg.chat_idle_s, 0, 7 * 86400},
	{"msrp_unbound_s", &ipsmgw_cfg.msrp_unbound_s, 0, 3600},
	{"chat_quarantine_s", &ipsmgw_cfg.chat_quarantine_s, 0, 30 * 86400},
	{"chat_replaced_s", &ipsmgw_cfg.chat_replaced_s, 1, 600},
	{"chat_conference_events", &ipsmgw_cfg.chat_conference_events, -1, 1},
	{"chat_conference_interval_s", &ipsmgw_cfg.chat_conference_interval_s, 1, 86400},
	{"chat_notify_end", &ipsmgw_cfg.chat_notify_end, 0, 1},
	{"chat_bye_on_undeliverable", &ipsmgw_cfg.chat_bye_on_undeliverable, 0, 1},
	{"max_sessions", &ipsmgw_cfg.max_sessions, 1, 1000000},
	{"max_sessions_per_b", &ipsmgw_cfg.max_sessions_per_b, 1, 1000},
	{"retention_session_s", &ipsmgw_cfg.retention_session_s, 60, INT_MAX},
};
/* clang-format on */

static int check_ranges(void)
{
	for(size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if(*ranges[i].value < ranges[i].min
				|| *ranges[i].value > ranges[i].max) {
			LM_ERR("parameter %s=%d is outside %d..%d\n", ranges[i].name,
					*ranges[i].value, ranges[i].min, ranges[i].max);
			return -1;
		}
	}
	return 0;
}

static int check_words(void)
{
	struct ipsmgw_cfg *c = &ipsmgw_cfg;

	c->answer_submitted = !strcmp(c->answer, "submitted");
	c->answer_direct = !strcmp(c->answer, "direct");
	c->unregistered_absent = !strcmp(c->unregistered, "absent");
	if(!c->answer_submitted && !c->answer_direct
			&& strcmp(c->answer, "durable")) {
		LM_ERR("parameter answer=%s: use direct, durable or submitted\n",
				c->answer);
		return -1;
	}
	if(!c->unregistered_absent && strcmp(c->unregistered, "try")) {
		LM_ERR("parameter unregistered=%s: use try or absent\n",
				c->unregistered);
		return -1;
	}
	if(strcmp(c->default_service, "cpm") && strcmp(c->default_service, "im")
			&& strcmp(c->default_service, "reject")) {
		LM_ERR("parameter default_service=%s: use cpm, im or reject\n",
				c->default_service);
		return -1;
	}
	if(c->ref_bits != 8 && c->ref_bits != 16) {
		LM_ERR("parameter ref_bits=%d: use 8 or 16\n", c->ref_bits);
		return -1;
	}
	return 0;
}

/* One of two words. @return 0, -1 after saying what is wrong */
static int choose(const char *name, const char *value, const char *no,
		const char *yes, bool *out)
{
	*out = !strcmp(value, yes);
	if(*out || !strcmp(value, no))
		return 0;
	LM_ERR("parameter %s=%s: use %s or %s\n", name, value, no, yes);
	return -1;
}

/* RFC 8122: a hash function, a space, and octets as in "48:4C:BD"; SHA-256 has
 * 32 of them */
static bool is_fingerprint(const char *text)
{
	const char *p = strchr(text, ' ');
	unsigned n = 0;

	if(!p || p == text)
		return false;
	for(; *p; p += 3, n++) {
		if(!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2])
				|| (p[3] && p[3] != ':'))
			return false;
	}
	return n == 32 || strncasecmp(text, "SHA-256 ", 8);
}

static int check_uri(const char *name, const char *text)
{
	if(!*text || !strncasecmp(text, "sip:", 4)
			|| !strncasecmp(text, "sips:", 5))
		return 0;
	LM_ERR("parameter %s=%s is no SIP URI\n", name, text);
	return -1;
}

static int check_chat(void)
{
	struct ipsmgw_cfg *c = &ipsmgw_cfg;

	if(choose("chat_policy", c->chat_policy, "accept_at_once", "check_first",
			   &c->chat_check_first)
			|| choose("chat_number", c->chat_number, "caller", "pool",
					&c->chat_pool)
			|| choose("chat_unknown", c->chat_unknown, "accept", "help",
					&c->chat_unknown_help)
			|| choose("chat_late", c->chat_late, "refuse", "pager",
					&c->chat_late_pager))
		return -1;
	if(check_uri("own_uri", c->own_uri))
		return -1;
	if(*c->msrp_tls_fingerprint && !is_fingerprint(c->msrp_tls_fingerprint)) {
		LM_ERR("parameter msrp_tls_fingerprint=%s: use the form "
			   "SHA-256 48:4C:BD:...\n",
				c->msrp_tls_fingerprint);
		return -1;
	}
	if(c->chat_pool && !*c->chat_numbers) {
		LM_ERR("parameter chat_number=pool needs chat_numbers\n");
		return -1;
	}
	return chat_number_init(c->chat_numbers);
}

static int check_anonymity(void)
{
	struct ipsmgw_cfg *c = &ipsmgw_cfg;
	struct sms_address a;

	c->forbid_anonymous = !strcmp(c->anonymity, "forbid");
	c->allow_anonymous = !strcmp(c->anonymity, "allow");
	c->anonymous_pool = !strcmp(c->anonymous_originator, "pool");
	if(!c->forbid_anonymous && !c->allow_anonymous
			&& strcmp(c->anonymity, "ignore")) {
		LM_ERR("parameter anonymity=%s: use forbid, allow or ignore\n",
				c->anonymity);
		return -1;
	}
	if(c->anonymity_code != 403 && c->anonymity_code != 433) {
		LM_ERR("parameter anonymity_code=%d: use 403 or 433\n",
				c->anonymity_code);
		return -1;
	}
	if(c->anonymous_pool && !*c->chat_numbers) {
		LM_ERR("parameter anonymous_originator=pool needs chat_numbers\n");
		return -1;
	}
	if(sms_address_parse(&a, view_str(c->anonymous_originator))) {
		LM_ERR("parameter anonymous_originator=%s: use a number or up to 11 "
			   "characters of the GSM alphabet\n",
				c->anonymous_originator);
		return -1;
	}
	return 0;
}

static int check_addresses(void)
{
	struct sms_address sc;
	const char *sc_address = ipsmgw_cfg.sc_address;

	if(ipsmgw_cfg.next_hop.len && check_uri("next_hop", ipsmgw_cfg.next_hop.s))
		return -1;
	if(*sc_address
			&& (sms_address_parse(&sc, view_str(sc_address))
					|| sc.ton != SMS_TON_INTERNATIONAL)) {
		LM_ERR("parameter sc_address=%s is not +digits\n", sc_address);
		return -1;
	}
	if(strlen(ipsmgw_cfg.link_socket)
			>= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		LM_ERR("parameter link_socket=%s is too long for a socket path\n",
				ipsmgw_cfg.link_socket);
		return -1;
	}
	return 0;
}

/* "1,5,30" into ms[]. @return how many, -1 after saying what is wrong with the
 * parameter */
static int schedule(
		const char *name, const char *text, int ms[IPSMGW_RETRY_STEPS])
{
	const char *p = text;
	char *end;

	for(int n = 0; n < IPSMGW_RETRY_STEPS; p = end + 1) {
		long s = strtol(p, &end, 10);

		if(end == p || s < 1 || s > 86400 || (*end && *end != ','))
			break;
		ms[n++] = (int)s * 1000;
		if(!*end)
			return n;
	}
	LM_ERR("parameter %s=%s: use up to %d values of 1..86400 seconds, "
		   "separated by commas\n",
			name, text, IPSMGW_RETRY_STEPS);
	return -1;
}

static int check_schedules(void)
{
	struct ipsmgw_cfg *c = &ipsmgw_cfg;

	c->retry_steps
			= schedule("retry_schedule_s", c->retry_schedule_s, c->retry_ms);
	c->imdn_retry_steps
			= schedule("imdn_retry_s", c->imdn_retry_s, c->imdn_retry_ms);
	c->imdn = (struct imdn_status_options){
			.st01_delivered = c->imdn_st01_delivered,
			.plain_failed = c->imdn_plain_failed,
	};
	return c->retry_steps < 0 || c->imdn_retry_steps < 0 ? -1 : 0;
}

/* "turkish,spanish" into a mask */
static int check_languages(void)
{
	const char *p = ipsmgw_cfg.national_tables;

	while(*p) {
		size_t n = strcspn(p, ",");
		unsigned nli = GSM7_TURKISH;

		while(nli <= GSM7_URDU
				&& (strlen(gsm7_nli_name(nli)) != n
						|| strncasecmp(gsm7_nli_name(nli), p, n)))
			nli++;
		if(nli > GSM7_URDU) {
			LM_ERR("parameter national_tables: no language %.*s\n", (int)n, p);
			return -1;
		}
		ipsmgw_cfg.national_mask |= 1u << nli;
		p += n + (p[n] == ',');
	}
	return 0;
}

int ipsmgw_cfg_check(void)
{
	if(check_ranges() || check_words() || check_anonymity() || check_addresses() || check_schedules()
			|| check_languages() || check_chat())
		return -1;
	if(async_task_workers_get() <= 0) {
		LM_ERR("no async workers: add async_workers=4 to kamailio.cfg\n");
		return -1;
	}
	return 0;
}

int ipsmgw_retry_ms(unsigned attempts)
{
	unsigned last = (unsigned)ipsmgw_cfg.retry_steps - 1;

	return ipsmgw_cfg.retry_ms[attempts < last ? attempts : last];
}

static int64_t clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t ipsmgw_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t ipsmgw_mono_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}
