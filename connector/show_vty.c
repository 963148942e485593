/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Show commands. No passwords here. */

#include "connector_vty.h"

#include <osmocom/vty/misc.h>

#include "clock.h"
#include "inbound.h"
#include "link_client.h"
#include "map_vty.h"
#include "route.h"
#include "sm.h"
#include "smsc.h"

static void show_one(struct vty *vty, const struct smsc *smsc)
{
	double limit = rate_limit(&smsc->rate);

	vty_out(vty, "smsc %s: %s for %llu s%s%s%s", smsc->name, smsc->up ? "up" : "down",
		(unsigned long long)((clock_us() - smsc->changed_us) / CLOCK_US_PER_S),
		smsc->up ? "" : ", ", smsc->up ? "" : smsc->why, VTY_NEWLINE);
	smsc->ops->show(vty, smsc);
	vty_out(vty, "  queue %u of %u, window %u, %.1f parts/s now, limit ", smsc->queued,
		smsc->queue_max, smsc->window, rate_measured(&smsc->rate, clock_us()));
	if (limit > 0)
		vty_out(vty, "%.1f parts/s%s%s", limit, smsc->rate.limit > 0 ? " (throttled)" : "",
			VTY_NEWLINE);
	else
		vty_out(vty, "none%s", VTY_NEWLINE);
}

COMPAT_DEFUN_BEGIN

DEFUN(show_smsc, show_smsc_cmd, "show smsc [NAME]",
      SHOW_STR "SMSCs and the sessions with them\n"
	       "One of them\n")
{
	const struct smsc *smsc;
	bool found = argc == 0;

	llist_for_each_entry(smsc, &connector_vty->smscs, entry)
	{
		if (argc > 0 && strcmp(smsc->name, argv[0]) != 0)
			continue;
		show_one(vty, smsc);
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

void show_counters(struct vty *vty, struct rate_ctr_group *ctrs)
{
	vty_out(vty, "  %s:%s", ctrs->desc->group_description, VTY_NEWLINE);
	vty_out_rate_ctr_group_fmt(vty, "   %-26n %10c (%S/s %M/m %H/h %D/d)  %d", ctrs);
}

DEFUN(show_statistics, show_statistics_cmd, "show statistics",
      SHOW_STR "Counters of the link, of all SMSCs and of MAP\n")
{
	const struct smsc *smsc;

	show_counters(vty, connector_vty->link->ctrs);
	llist_for_each_entry(smsc, &connector_vty->smscs, entry)
	{
		vty_out(vty, "smsc %s%s", smsc->name, VTY_NEWLINE);
		show_counters(vty, smsc->ctrs);
	}
	show_map_statistics(vty);
	return CMD_SUCCESS;
}

DEFUN(show_routes, show_routes_cmd, "show routes", SHOW_STR "Routes, the longest prefix first\n")
{
	const struct route *r;

	llist_for_each_entry(r, &connector_vty->routes, entry)
	{
		vty_out(vty, "%-*s %s", ROUTE_PREFIX_SIZE, r->prefix[0] ? r->prefix : "default",
			r->share ? "share" : "first");
		for (unsigned i = 0; i < r->n_smsc; i++)
			vty_out(vty, " %s(%s)", r->smsc[i]->name,
				smsc_is_up(r->smsc[i]) ? "up" : "down");
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
