/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The node "smsc NAME": the settings of one SMSC. Here is what all have in common; each protocol installs
 * commands of its own into the same node.
 */

#include "connector_vty.h"

#include <stdlib.h>

#include <osmocom/core/utils.h>

#include "esme.h"
#include "map_smsc.h"
#include "route.h"

static struct cmd_node smsc_node = {SMSC_NODE, "%s(config-smsc)# ", 1, NULL, NULL, ""};

struct smsc *smsc_vty_entered(struct vty *vty)
{
	struct smsc *smsc;

	llist_for_each_entry(smsc, &connector_vty->smscs, entry)
	{
		if (smsc == vty->index)
			return smsc;
	}
	vty_out(vty, "%% the SMSC has been deleted%s", VTY_NEWLINE);
	return NULL;
}

static struct smsc *smsc_alloc(const char *protocol, const char *name)
{
	struct map_smsc *map;
	struct esme *esme;

	if (strcmp(protocol, "map") == 0) {
		map = map_smsc_alloc(connector_vty, name);
		return map ? &map->smsc : NULL;
	}
	esme = esme_alloc(connector_vty, name);
	return esme ? &esme->smsc : NULL;
}

/* Another one by its name; what it has set so far is forgotten. */
static struct smsc *smsc_change(struct smsc *smsc, const char *protocol)
{
	char name[SMSC_NAME_SIZE];

	strcpy(name, smsc->name);
	smsc->ops->free(smsc);
	return smsc_alloc(protocol, name);
}

COMPAT_DEFUN_BEGIN

DEFUN(cfg_smsc, cfg_smsc_cmd, "smsc NAME",
      "Short message service centre\n"
      "Name, as in routes\n")
{
	struct smsc *smsc = smsc_find(connector_vty, argv[0]);

	if (!smsc && !osmo_identifier_valid(argv[0])) {
		vty_out(vty, "%% a name has letters, digits, - and _%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	if (!smsc)
		smsc = smsc_alloc("smpp", argv[0]);
	if (!smsc) {
		vty_out(vty, "%% name too long, or out of memory%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	vty->node = SMSC_NODE;
	vty->index = smsc;
	return CMD_SUCCESS;
}

DEFUN(cfg_no_smsc, cfg_no_smsc_cmd, "no smsc NAME",
      NO_STR "Short message service centre\n"
	     "Name\n")
{
	struct smsc *smsc = smsc_find(connector_vty, argv[0]);

	if (!smsc || route_uses(&connector_vty->routes, smsc)) {
		vty_out(vty, "%% %s%s", smsc ? "a route uses it" : "no such SMSC", VTY_NEWLINE);
		return CMD_WARNING;
	}
	smsc->ops->free(smsc);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_protocol, cfg_smsc_protocol_cmd, "protocol (smpp|map)",
      "Protocol spoken with the SMSC; comes before its other settings\n"
      "SMPP 3.4\n"
      "MAP over SIGTRAN\n")
{
	struct smsc *smsc = smsc_vty_entered(vty);

	if (!smsc)
		return CMD_WARNING;
	if (strcmp(smsc->ops->protocol, argv[0]) == 0)
		return CMD_SUCCESS;
	if (!smsc->shutdown || smsc->up || route_uses(&connector_vty->routes, smsc)) {
		vty_out(vty, "%% not of an SMSC that is in use%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	vty->index = smsc_change(smsc, argv[0]);
	return vty->index ? CMD_SUCCESS : CMD_WARNING;
}

DEFUN(cfg_smsc_window, cfg_smsc_window_cmd, "window <1-1000>",
      "Parts submitted without a response yet\n"
      "Parts\n")
{
	struct smsc *smsc = smsc_vty_entered(vty);

	if (!smsc)
		return CMD_WARNING;
	smsc->window = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_queue, cfg_smsc_queue_cmd, "queue <1-100000>",
      "Messages that may wait for window and throughput\n"
      "Messages\n")
{
	struct smsc *smsc = smsc_vty_entered(vty);

	if (!smsc)
		return CMD_WARNING;
	smsc->queue_max = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_throughput, cfg_smsc_throughput_cmd, "throughput <0-100000>",
      "Most parts a second (0: no limit)\n"
      "Parts a second\n")
{
	struct smsc *smsc = smsc_vty_entered(vty);

	if (!smsc)
		return CMD_WARNING;
	rate_init(&smsc->rate, (unsigned)atoi(argv[0]));
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_sc_address, cfg_smsc_sc_address_cmd, "sc-address NUMBER",
      "Address of the service centre, given to the module with what comes in\n"
      "E.g. +491710760000\n")
{
	struct smsc *smsc = smsc_vty_entered(vty);
	struct sms_address a;

	if (!smsc)
		return CMD_WARNING;
	if (sms_address_parse(&a, view_str(argv[0])) < 0 || a.ton == SMS_TON_ALPHANUMERIC) {
		vty_out(vty, "%% not a number%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	smsc->sc_address = a;
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_no_sc_address, cfg_smsc_no_sc_address_cmd, "no sc-address",
      NO_STR "Address of the service centre\n")
{
	struct smsc *smsc = smsc_vty_entered(vty);

	if (!smsc)
		return CMD_WARNING;
	smsc->sc_address = (struct sms_address){0};
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_shutdown, cfg_smsc_shutdown_cmd, "shutdown", "Stay away from it\n")
{
	struct smsc *smsc = smsc_vty_entered(vty);

	if (!smsc)
		return CMD_WARNING;
	smsc->shutdown = true;
	smsc->ops->stop(smsc);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_no_shutdown, cfg_smsc_no_shutdown_cmd, "no shutdown", NO_STR "Use it\n")
{
	struct smsc *smsc = smsc_vty_entered(vty);

	if (!smsc)
		return CMD_WARNING;
	smsc->shutdown = false;
	smsc->ops->start(smsc);
	return CMD_SUCCESS;
}

COMPAT_DEFUN_END

static struct cmd_element *const smsc_cmds[] = {
	&cfg_smsc_protocol_cmd,	  &cfg_smsc_window_cmd,	     &cfg_smsc_queue_cmd,
	&cfg_smsc_throughput_cmd, &cfg_smsc_sc_address_cmd,  &cfg_smsc_no_sc_address_cmd,
	&cfg_smsc_shutdown_cmd,	  &cfg_smsc_no_shutdown_cmd,
};

/* ---- write ---- */

void smsc_vty_write(struct vty *vty, const char *name, const char *value)
{
	if (value[0])
		vty_out(vty, " %s %s%s", name, value, VTY_NEWLINE);
}

static void write_smsc(struct vty *vty, const struct smsc *smsc)
{
	char sc_address[SMS_ADDRESS_TEXT_MAX + 1];

	sms_address_print(&smsc->sc_address, sc_address);
	vty_out(vty, "smsc %s%s", smsc->name, VTY_NEWLINE);
	smsc_vty_write(vty, "protocol", smsc->ops->protocol);
	smsc_vty_write(vty, "sc-address", sc_address);
	vty_out(vty, " window %u%s", smsc->window, VTY_NEWLINE);
	vty_out(vty, " queue %u%s", smsc->queue_max, VTY_NEWLINE);
	vty_out(vty, " throughput %u%s", smsc->rate.cap, VTY_NEWLINE);
	smsc->ops->write(vty, smsc);
	vty_out(vty, " %sshutdown%s", smsc->shutdown ? "" : "no ", VTY_NEWLINE);
}

static int config_write_smsc(struct vty *vty)
{
	const struct smsc *smsc;

	llist_for_each_entry(smsc, &connector_vty->smscs, entry) write_smsc(vty, smsc);
	return CMD_SUCCESS;
}

void smsc_vty_init(void)
{
	install_element(CONFIG_NODE, &cfg_smsc_cmd);
	install_element(CONFIG_NODE, &cfg_no_smsc_cmd);
	install_node(&smsc_node, config_write_smsc);
	for (size_t i = 0; i < ARRAY_SIZE(smsc_cmds); i++)
		install_element(SMSC_NODE, smsc_cmds[i]);
	esme_vty_init();
	map_smsc_vty_init();
}
