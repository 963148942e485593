/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_H
#define IPSMGW_H

#include "core/counters.h"
#include "core/str.h"
#include "../../lib/cpm/imdn_status.h"
#include "lib_util.h"

/** What the script functions answer; 0 is never among them, it would end the
 * script. */
enum ipsmgw_rc {
	IPSMGW_TAKEN = 1,
	IPSMGW_ERR_INTERNAL = -1, /* ours: store, memory, timeout */
	IPSMGW_ERR_CONTENT = -2,  /* malformed, or not ours to carry */
	IPSMGW_ERR_ADDRESS = -3,  /* originator or recipient is no number */
	IPSMGW_ERR_REFUSED = -4,  /* policy */
	IPSMGW_ERR_LOOP = -5,     /* our own MESSAGE has come back */
};

enum { IPSMGW_RETRY_STEPS = 16 };

/** In MESSAGEs to A, with our node's name: it may come back through A's initial
 * filter criteria (spec 5.5). */
#define IPSMGW_LOOP_HEADER "X-IWF"

/** The module's parameters; times in the unit of the name. Filled before fork,
 * read only after it. */
struct ipsmgw_cfg {
	char *db_path;
	char *link_socket;
	char *node;   /* our name towards the connector and in logs */
	str next_hop; /* where MESSAGEs to A go if the script names nothing */
	str domain; /* host part of URIs for originators that are no E.164 number */
	char *sc_address; /* RP-DA of what we submit, international */
	char *answer;     /* "direct", "durable" or "submitted" */
	int answer_timeout_ms;
	int store_timeout_ms;
	int max_segments;
	int max_queued_segments;
	int ref_bits;
	char *national_tables; /* names separated by commas */
	int transliterate;
	char *ft_http_text, *geo_text; /* templates; "" refuses such content */
	char *default_service;         /* "cpm", "im", "reject" */
	int udp_max_octets;
	str accept_contact_suffix;
	char *anonymity;    /* "forbid", "allow" or "ignore" */
	int anonymity_code; /* what forbid answers */
	char *anonymous_originator; /* what allow shows; "pool": of chat_numbers */
	char *unregistered; /* "try" or "absent" */
	int validity_default_s;
	char *retry_schedule_s;
	char *imdn_retry_s;
	int imdn_force_negative; /* failures are told even if A did not ask */
	int imdn_plain_failed;   /* every failure is "failed" */
	int imdn_st01_delivered; /* TP-ST 01 counts as delivered */
	int reply_window_s;
	int retry_window_s;
	int repeat_window_s;
	int concat_timeout_s;
	int concat_max_s;
	int deliver_timeout_s;
	int mt_request_imdn; /* messages for A ask for delivery notifications */
	int mt_wait_imdn;    /* .. and the SMS side waits for them */
	int retention_message_s;
	int retention_conversation_s;
	str event_callback; /* KEMI */
	/* chat sessions (spec 7.2) */
	char *own_uri;      /* SIP URI in our Contact; "": the first socket */
	char *msrp_address, *msrp_tls_address; /* host[:port]; "": first socket */
	char *msrp_tls_fingerprint; /* "": no chat sessions over TLS */
	char *chat_policy;  /* "accept_at_once" or "check_first" */
	char *chat_number;  /* "caller" or "pool" */
	char *chat_numbers; /* of the pool: "+1555000-+1555099,+1555200" */
	char *chat_unknown; /* what B writes instead of a keyword: "accept", "help" */
	char *chat_late; /* what B writes after the end: "refuse", "pager" */
	char *chat_anonymous_name;
	int chat_accept_s, chat_provisional_s, chat_msrp_s, chat_idle_s;
	int msrp_unbound_s;
	int chat_quarantine_s, chat_replaced_s;
	int chat_conference_events; /* -1: if there are texts for them */
	int chat_conference_interval_s;
	int chat_max_size; /* octets of one message over MSRP */
	int pager_max;     /* octets of a MESSAGE, above it a large message */
	int chat_notify_end, chat_bye_on_undeliverable;
	int max_sessions, max_sessions_per_b;
	int retention_session_s;

	/* derived by ipsmgw_cfg_check() */
	bool answer_submitted, answer_direct;
	bool forbid_anonymous, allow_anonymous, anonymous_pool;
	bool unregistered_absent;
	uint32_t national_mask; /* 1u << enum gsm7_nli */
	int retry_ms[IPSMGW_RETRY_STEPS];
	int retry_steps;
	int imdn_retry_ms[IPSMGW_RETRY_STEPS];
	int imdn_retry_steps;
	struct imdn_status_options imdn;
	bool chat_check_first, chat_pool, chat_unknown_help, chat_late_pager;
};

extern struct ipsmgw_cfg ipsmgw_cfg;

/** Derive what is derived and refuse what cannot work, with one line that names
 * the parameter. @return 0, -1 */
int ipsmgw_cfg_check(void);

/** Delay before attempt number `attempts` + 1; the last step of the schedule
 * repeats. */
int ipsmgw_retry_ms(unsigned attempts);

struct ipsmgw_counters {
	counter_handle_t cpm_received, cpm_repeated, cpm_rejected, cpm_absorbed,
			cpm_shed, store_failed;
	counter_handle_t sms_queued, sms_submitted, sms_accepted, sms_failed, sms_expired,
			sms_retried, sms_resubmitted;
	counter_handle_t sms_received, sms_repeated, sms_redelivered, sms_held,
			sms_refused;
	counter_handle_t cpm_sent, cpm_failed, imdn_sent, imdn_failed;
	counter_handle_t reports_received, reports_unmatched;
	counter_handle_t registrations;
	counter_handle_t sessions_started, sessions_accepted, sessions_rejected,
			sessions_ended, sessions_open;
};

extern struct ipsmgw_counters ipsmgw_counters;

int ipsmgw_stats_register(void);

/** In the spool process: count what the last life of it left open. */
void ipsmgw_stats_last_life(void);

/** Milliseconds since 1970: for what is stored or shown. */
int64_t ipsmgw_now_ms(void);

/** Milliseconds that no clock step changes: for time limits in memory. */
int64_t ipsmgw_mono_ms(void);

#endif
