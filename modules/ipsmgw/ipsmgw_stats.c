/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Counters of group "ipsmgw": kamcmd stats.get_statistics ipsmgw: and
 * xhttp_prom show them. */

#include "ipsmgw.h"
#include "spool.h"

struct ipsmgw_counters ipsmgw_counters;

static counter_val_t sessions_open(counter_handle_t handle, void *param)
{
	(void)handle;
	(void)param;
	return spool_status ? (counter_val_t)spool_status->sessions : 0;
}

static counter_val_t sms_queued(counter_handle_t handle, void *param)
{
	(void)handle;
	(void)param;
	return spool_status ? (counter_val_t)spool_status->queued : 0;
}

/* clang-format off */
static counter_def_t counter_defs[] = {
	{&ipsmgw_counters.cpm_received, "cpm_received", 0, 0, 0, "MESSAGEs taken for an SMS user"},
	{&ipsmgw_counters.cpm_repeated, "cpm_repeated", 0, 0, 0, "MESSAGEs that a client sent again"},
	{&ipsmgw_counters.cpm_rejected, "cpm_rejected", 0, 0, 0, "MESSAGEs refused with an error"},
	{&ipsmgw_counters.cpm_absorbed, "cpm_absorbed", 0, 0, 0, "IMDN and is-composing answered 200 and not sent on"},
	{&ipsmgw_counters.cpm_shed, "cpm_shed", 0, 0, 0, "MESSAGEs and INVITEs refused with 503 for overload"},
	{&ipsmgw_counters.store_failed, "store_failed", 0, 0, 0, "database transactions that failed"},
	{&ipsmgw_counters.sms_queued, "sms_queued", 0, sms_queued, 0, "segments that wait in the database now"},
	{&ipsmgw_counters.sms_submitted, "sms_submitted", 0, 0, 0, "segments handed to the connector"},
	{&ipsmgw_counters.sms_accepted, "sms_accepted", 0, 0, 0, "segments accepted by an SMSC"},
	{&ipsmgw_counters.sms_failed, "sms_failed", 0, 0, 0, "messages refused for good"},
	{&ipsmgw_counters.sms_expired, "sms_expired", 0, 0, 0, "messages whose validity ended before an SMSC took them"},
	{&ipsmgw_counters.sms_retried, "sms_retried", 0, 0, 0, "segments queued again after a temporary error"},
	{&ipsmgw_counters.sms_resubmitted, "sms_resubmitted", 0, 0, 0,
		"segments submitted again though the first attempt may have arrived"},
	{&ipsmgw_counters.sms_received, "sms_received", 0, 0, 0, "short messages and parts from the SMS side"},
	{&ipsmgw_counters.sms_repeated, "sms_repeated", 0, 0, 0, "short messages that the SMS side delivered again"},
	{&ipsmgw_counters.sms_redelivered, "sms_redelivered", 0, 0, 0,
		"short messages offered to A though he may have them already"},
	{&ipsmgw_counters.sms_held, "sms_held", 0, 0, 0, "parts acknowledged and held for their message"},
	{&ipsmgw_counters.sms_refused, "sms_refused", 0, 0, 0, "short messages answered with an error"},
	{&ipsmgw_counters.cpm_sent, "cpm_sent", 0, 0, 0, "messages delivered to a CPM or IM client"},
	{&ipsmgw_counters.cpm_failed, "cpm_failed", 0, 0, 0, "messages that a CPM or IM client did not take"},
	{&ipsmgw_counters.imdn_sent, "imdn_sent", 0, 0, 0, "notifications that A took"},
	{&ipsmgw_counters.imdn_failed, "imdn_failed", 0, 0, 0, "attempts to notify A that failed"},
	{&ipsmgw_counters.reports_received, "reports_received", 0, 0, 0, "status reports matched to a message"},
	{&ipsmgw_counters.reports_unmatched, "reports_unmatched", 0, 0, 0, "status reports without a message, dropped"},
	{&ipsmgw_counters.registrations, "registrations", 0, 0, 0, "REGISTERs and NOTIFYs about A's clients, stored"},
	{&ipsmgw_counters.sessions_started, "sessions_started", 0, 0, 0,
		"chat sessions and large messages begun by an INVITE"},
	{&ipsmgw_counters.sessions_accepted, "sessions_accepted", 0, 0, 0, "of these, answered with 200"},
	{&ipsmgw_counters.sessions_rejected, "sessions_rejected", 0, 0, 0, "INVITEs answered with an error"},
	{&ipsmgw_counters.sessions_ended, "sessions_ended", 0, 0, 0, "sessions that are over"},
	{&ipsmgw_counters.sessions_open, "sessions_open", 0, sessions_open, 0, "sessions that are not closed now"},
	{0, 0, 0, 0, 0, 0}
};
/* clang-format on */

void ipsmgw_stats_last_life(void)
{
	counter_add(ipsmgw_counters.sms_resubmitted, (int)spool_resubmissions);
	counter_add(ipsmgw_counters.sms_redelivered, (int)spool_redeliveries);
}

int ipsmgw_stats_register(void)
{
	return counter_register_array("ipsmgw", counter_defs) < 0 ? -1 : 0;
}
