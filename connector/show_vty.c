/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Show commands. No passwords here. */

#include "connector_vty.h"

#include <arpa/inet.h>

#include <osmocom/vty/misc.h>

#include "clock.h"
#include "esme.h"
#include "inbound.h"
#include "link_client.h"
#include "route.h"
#include "sm.h"

static void show_address(struct vty *vty, const struct esme *esme)
{
	char text[INET6_ADDRSTRLEN] = "no remote-ip";
	const struct sockaddr_storage *ss = &esme->config.remote;

	if (ss->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)ss)->sin_addr, text, sizeof(text));
	if (ss->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)ss)->sin6_addr, text,
			  sizeof(text));
	vty_out(vty, "  SMPP to %s port %u, system-id %s, password %s%s", text, esme->config.port,
		esme->config.system_id[0] ? esme->config.system_id : "none",
		esme->config.password[0] ? "set" : "none", VTY_NEWLINE);
}

static void show_conn(struct vty *vty, const struct smpp_conn *conn)
{
	if (!conn)
		return;
	vty_out(vty, "  session %s: %s, %u submit_sm and %u deliver_sm without response%s",
		smpp_conn_role(conn), osmo_fsm_inst_state_name(conn->fi), conn->n_sent,
		conn->n_inbound, VTY_NEWLINE);
}

static void show_esme(struct vty *vty, const struct esme *esme)
{
	uint64_t now_us = clock_us();
	double limit = rate_limit(&esme->rate);

	vty_out(vty, "smsc %s: %s for %llu s%s%s%s", esme->name, esme->up ? "up" : "down",
		(unsigned long long)((now_us - esme->changed_us) / CLOCK_US_PER_S),
		esme->up ? "" : ", ", esme->up ? "" : esme->why, VTY_NEWLINE);
	show_address(vty, esme);
	show_conn(vty, esme->tx);
	show_conn(vty, esme->rx);
	vty_out(vty, "  queue %u of %u, window %u, %.1f parts/s now, limit ", esme->queued,
		esme->config.queue, esme->config.window, rate_measured(&esme->rate, now_us));
	if (limit > 0)
		vty_out(vty, "%.1f parts/s%s%s", limit, esme->rate.limit > 0 ? " (throttled)" : "",
			VTY_NEWLINE);
	else
		vty_out(vty, "none%s", VTY_NEWLINE);
}

COMPAT_DEFUN_BEGIN

DEFUN(show_smsc, show_smsc_cmd, "show smsc [NAME]",
      SHOW_STR "SMSCs and the sessions with them\n"
	       "One of them\n")
{
	const struct esme *esme;
	bool found = argc == 0;

	llist_for_each_entry(esme, &connector_vty->esmes, entry)
	{
		if (argc > 0 && strcmp(esme->name, argv[0]) != 0)
			continue;
		show_esme(vty, esme);
		found = true;
	}
	if (!found)
		vty_out(vty, "%% no such SMSC%s", VTY_NEWLINE);
	return found ? CMD_SUCCESS : CMD_WARNING;
}

DEFUN(show_link, show_link_cmd, "show link", SHOW_STR "Link to the Kamailio module\n")
{
	const struct link_client *link = connector_vty->link;

	vty_out(vty, "link %s: %s, store %s%s", link->socket_path, link->up ? "up" : "down",
		link->store[0] ? link->store : "not known yet", VTY_NEWLINE);
	vty_out(vty,
		"  messages in hand %u of %u, DATA sent and not answered %u of %u, answers "
		"remembered %u%s",
		sm_count(connector_vty), link->window, inbound_count(connector_vty),
		link->peer_window, sm_answered_count(connector_vty), VTY_NEWLINE);
	return CMD_SUCCESS;
}

DEFUN(show_statistics, show_statistics_cmd, "show statistics",
      SHOW_STR "Counters of the link and of all SMSCs\n")
{
	const struct esme *esme;

	vty_out_rate_ctr_group(vty, "  ", connector_vty->link->ctrs);
	llist_for_each_entry(esme, &connector_vty->esmes, entry)
	{
		vty_out(vty, "smsc %s%s", esme->name, VTY_NEWLINE);
		vty_out_rate_ctr_group(vty, "  ", esme->ctrs);
	}
	return CMD_SUCCESS;
}

DEFUN(show_routes, show_routes_cmd, "show routes", SHOW_STR "Routes, the longest prefix first\n")
{
	const struct route *r;

	llist_for_each_entry(r, &connector_vty->routes, entry)
	{
		vty_out(vty, "%-*s %s", ROUTE_PREFIX_SIZE, r->prefix[0] ? r->prefix : "default",
			r->share ? "share" : "first");
		for (unsigned i = 0; i < r->n_esme; i++)
			vty_out(vty, " %s(%s)", r->esme[i]->name,
				esme_is_up(r->esme[i]) ? "up" : "down");
		vty_out(vty, "%s", VTY_NEWLINE);
	}
	return CMD_SUCCESS;
}

COMPAT_DEFUN_END

void show_vty_init(void)
{
	install_element_ve(&show_smsc_cmd);
	install_element_ve(&show_link_cmd);
	install_element_ve(&show_statistics_cmd);
	install_element_ve(&show_routes_cmd);
}
