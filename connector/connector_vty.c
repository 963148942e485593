/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The configuration: the nodes "link" and "smsc NAME", and the routes. Every setting is written by
 * "write file". "show smsc" hides the password; "show running-config" is the text of the file and cannot:
 * keep the VTY on loopback, and the file readable for the connector alone.
 */

#include "connector_vty.h"

#include <stdlib.h>

#include <osmocom/core/utils.h>
#include <osmocom/vty/logging.h>
#include <osmocom/vty/misc.h>
#include <osmocom/vty/stats.h>

#include "link_client.h"
#include "map_vty.h"
#include "mtp.h"
#include "route.h"
#include "smsc.h"

struct connector *connector_vty;

static struct cmd_node link_node = {LINK_NODE, "%s(config-link)# ", 1, NULL, NULL, ""};
static struct cmd_node route_node = {ROUTE_NODE, "", 1, NULL, NULL, "route"};

int connector_vty_copy(struct vty *vty, char *to, size_t size, const char *word)
{
	if (strlen(word) >= size) {
		vty_out(vty, "%% at most %zu characters%s", size - 1, VTY_NEWLINE);
		return CMD_WARNING;
	}
	strcpy(to, word);
	return CMD_SUCCESS;
}

COMPAT_DEFUN_BEGIN

/* ---- link ---- */

DEFUN(cfg_link, cfg_link_cmd, "link", "Link to the Kamailio module\n")
{
	vty->node = LINK_NODE;
	vty->index = connector_vty->link;
	return CMD_SUCCESS;
}

DEFUN(cfg_link_socket, cfg_link_socket_cmd, "socket PATH",
      "Unix socket on which the module listens (its parameter link_socket)\n"
      "Path\n")
{
	if (link_client_set_socket(connector_vty->link, argv[0]) < 0) {
		vty_out(vty, "%% path too long%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	return CMD_SUCCESS;
}

DEFUN(cfg_link_window, cfg_link_window_cmd, "window <1-100000>",
      "Messages taken from the module without having answered them\n"
      "Messages\n")
{
	connector_vty->link->window = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_link_node, cfg_link_node_cmd, "node NAME",
      "How this connector calls itself towards the module\n"
      "Name\n")
{
	return connector_vty_copy(vty, connector_vty->node, sizeof(connector_vty->node), argv[0]);
}

static int config_write_link(struct vty *vty)
{
	vty_out(vty, "link%s", VTY_NEWLINE);
	vty_out(vty, " socket %s%s", connector_vty->link->socket_path, VTY_NEWLINE);
	vty_out(vty, " window %u%s", connector_vty->link->window, VTY_NEWLINE);
	vty_out(vty, " node %s%s", connector_vty->node, VTY_NEWLINE);
	return CMD_SUCCESS;
}

/* ---- routes ---- */

static int cfg_route(struct vty *vty, const char *prefix, bool share, int argc, const char *argv[])
{
	struct smsc *smsc[ROUTE_SMSC_MAX];

	if (argc > ROUTE_SMSC_MAX) {
		vty_out(vty, "%% at most %d SMSCs%s", ROUTE_SMSC_MAX, VTY_NEWLINE);
		return CMD_WARNING;
	}
	for (int i = 0; i < argc; i++) {
		smsc[i] = smsc_find(connector_vty, argv[i]);
		if (!smsc[i]) {
			vty_out(vty, "%% no SMSC %s%s", argv[i], VTY_NEWLINE);
			return CMD_WARNING;
		}
	}
	if (route_add(connector_vty, &connector_vty->routes, prefix, share, smsc, (unsigned)argc) <
	    0) {
		vty_out(vty, "%% a prefix is at most %d digits%s", ROUTE_PREFIX_SIZE - 1,
			VTY_NEWLINE);
		return CMD_WARNING;
	}
	return CMD_SUCCESS;
}

#define ROUTE_DOC "Which SMSC takes a message\n"
#define ROUTE_PREFIX_DOC                                                                           \
	"By the first digits of the destination; the longest prefix decides\n"                     \
	"Digits\n"
#define ROUTE_DEFAULT_DOC "All that no prefix matches\n"
#define ROUTE_HOW_DOC                                                                              \
	"The first of these that is up\n"                                                          \
	"Each of these that is up in turn\n"                                                       \
	"Names of SMSCs\n"

DEFUN(cfg_route_prefix, cfg_route_prefix_cmd, "route prefix PREFIX (smsc|share) .NAMES",
      ROUTE_DOC ROUTE_PREFIX_DOC ROUTE_HOW_DOC)
{
	return cfg_route(vty, argv[0], strcmp(argv[1], "share") == 0, argc - 2, argv + 2);
}

DEFUN(cfg_route_default, cfg_route_default_cmd, "route default (smsc|share) .NAMES",
      ROUTE_DOC ROUTE_DEFAULT_DOC ROUTE_HOW_DOC)
{
	return cfg_route(vty, "", strcmp(argv[0], "share") == 0, argc - 1, argv + 1);
}

DEFUN(cfg_no_route_prefix, cfg_no_route_prefix_cmd, "no route prefix PREFIX",
      NO_STR ROUTE_DOC ROUTE_PREFIX_DOC)
{
	return route_del(&connector_vty->routes, argv[0]) < 0 ? CMD_WARNING : CMD_SUCCESS;
}

DEFUN(cfg_no_route_default, cfg_no_route_default_cmd, "no route default",
      NO_STR ROUTE_DOC ROUTE_DEFAULT_DOC)
{
	return route_del(&connector_vty->routes, "") < 0 ? CMD_WARNING : CMD_SUCCESS;
}

COMPAT_DEFUN_END

static int config_write_route(struct vty *vty)
{
	const struct route *r;

	llist_for_each_entry(r, &connector_vty->routes, entry)
	{
		vty_out(vty, "route %s%s %s", r->prefix[0] ? "prefix " : "default", r->prefix,
			r->share ? "share" : "smsc");
		for (unsigned i = 0; i < r->n_smsc; i++)
			vty_out(vty, " %s", r->smsc[i]->name);
		vty_out(vty, "%s", VTY_NEWLINE);
	}
	return CMD_SUCCESS;
}

void connector_vty_init(struct connector *c, struct vty_app_info *info)
{
	connector_vty = c;
	info->go_parent_cb = mtp_vty_go_parent;
	vty_init(info);
	logging_vty_add_cmds();
	osmo_stats_vty_add_cmds();
	osmo_talloc_vty_add_cmds();
	osmo_fsm_vty_add_cmds();

	install_element(CONFIG_NODE, &cfg_link_cmd);
	install_node(&link_node, config_write_link);
	install_element(LINK_NODE, &cfg_link_socket_cmd);
	install_element(LINK_NODE, &cfg_link_window_cmd);
	install_element(LINK_NODE, &cfg_link_node_cmd);
	mtp_init(info->tall_ctx);
	map_vty_init();
	smsc_vty_init();
	install_node(&route_node, config_write_route);
	install_element(CONFIG_NODE, &cfg_route_prefix_cmd);
	install_element(CONFIG_NODE, &cfg_route_default_cmd);
	install_element(CONFIG_NODE, &cfg_no_route_prefix_cmd);
	install_element(CONFIG_NODE, &cfg_no_route_default_cmd);
	show_vty_init();
	show_map_vty_init();
}
