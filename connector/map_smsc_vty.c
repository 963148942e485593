/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* What is MAP's own in the node "smsc NAME" and in "show smsc". All of it counts from the next message on. */

#include "map_smsc.h"

#include <stdlib.h>

#include "connector_vty.h"

/* @return NULL if it speaks something else, or is gone; that has been said */
static struct map_smsc *map_smsc_entered(struct vty *vty)
{
	struct smsc *smsc = smsc_vty_entered(vty);
	struct map_smsc *map = smsc ? map_smsc_of(smsc) : NULL;

	if (smsc && !map)
		vty_out(vty, "%% only with protocol map%s", VTY_NEWLINE);
	return map;
}

COMPAT_DEFUN_BEGIN

DEFUN(cfg_smsc_role, cfg_smsc_role_cmd, "role (submit|deliver)",
      "What messages are given to\n"
      "A service centre\n"
      "The node that serves the recipient: there is no service centre\n")
{
	struct map_smsc *map = map_smsc_entered(vty);
	enum map_role role = argv[0][0] == 'd' ? MAP_ROLE_DELIVER : MAP_ROLE_SUBMIT;

	if (!map)
		return CMD_WARNING;
	if (!map_smsc_role(role) || (map->out && map->config.role != role)) {
		vty_out(vty, "%% not now: messages wait for their answers%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	map->config.role = role;
	return CMD_SUCCESS;
}

#define GT_DOC                                                                                     \
	"Global title that messages are sent to, where it is not the address of the service "      \
	"centre\n"

DEFUN(cfg_smsc_gt, cfg_smsc_gt_cmd, "gt NUMBER",
      GT_DOC "International number, e.g. +491710760001\n")
{
	struct map_smsc *map = map_smsc_entered(vty);
	struct sms_address a;

	if (!map)
		return CMD_WARNING;
	if (sms_address_parse(&a, view_str(argv[0])) < 0 || a.ton != SMS_TON_INTERNATIONAL) {
		vty_out(vty, "%% an international number begins with +%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	map->config.gt = a;
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_no_gt, cfg_smsc_no_gt_cmd, "no gt", NO_STR GT_DOC)
{
	struct map_smsc *map = map_smsc_entered(vty);

	if (!map)
		return CMD_WARNING;
	map->config.gt = (struct sms_address){0};
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_ssn, cfg_smsc_ssn_cmd, "ssn <2-254>",
      "Subsystem number of the service centre's MSC (8 is usual)\n"
      "Subsystem number\n")
{
	struct map_smsc *map = map_smsc_entered(vty);

	if (!map)
		return CMD_WARNING;
	map->config.ssn = (uint8_t)atoi(argv[0]);
	return CMD_SUCCESS;
}

#define VERSION_DOC "Highest version of MAP to try; what a peer lacks is found out without it\n"

DEFUN(cfg_smsc_version, cfg_smsc_version_cmd, "version <1-3>", VERSION_DOC "Version\n")
{
	struct map_smsc *map = map_smsc_entered(vty);

	if (!map)
		return CMD_WARNING;
	map->config.version_max = (uint8_t)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_smsc_no_version, cfg_smsc_no_version_cmd, "no version", NO_STR VERSION_DOC)
{
	struct map_smsc *map = map_smsc_entered(vty);

	if (!map)
		return CMD_WARNING;
	map->config.version_max = 0;
	return CMD_SUCCESS;
}

COMPAT_DEFUN_END

void map_smsc_vty_init(void)
{
	install_element(SMSC_NODE, &cfg_smsc_role_cmd);
	install_element(SMSC_NODE, &cfg_smsc_gt_cmd);
	install_element(SMSC_NODE, &cfg_smsc_no_gt_cmd);
	install_element(SMSC_NODE, &cfg_smsc_ssn_cmd);
	install_element(SMSC_NODE, &cfg_smsc_version_cmd);
	install_element(SMSC_NODE, &cfg_smsc_no_version_cmd);
}

void map_smsc_write(struct vty *vty, const struct smsc *smsc)
{
	const struct map_smsc_config *c = &container_of(smsc, struct map_smsc, smsc)->config;
	char gt[SMS_ADDRESS_TEXT_MAX + 1];

	sms_address_print(&c->gt, gt);
	smsc_vty_write(vty, "role", map_smsc_role(c->role)->name);
	smsc_vty_write(vty, "gt", gt);
	vty_out(vty, " ssn %u%s", c->ssn, VTY_NEWLINE);
	if (c->version_max)
		vty_out(vty, " version %u%s", c->version_max, VTY_NEWLINE);
}

void map_smsc_show(struct vty *vty, const struct smsc *smsc)
{
	const struct map_smsc *map = container_of(smsc, struct map_smsc, smsc);
	char gt[SMS_ADDRESS_TEXT_MAX + 1], sc_address[SMS_ADDRESS_TEXT_MAX + 1];

	sms_address_print(&map->config.gt, gt);
	sms_address_print(&smsc->sc_address, sc_address);
	vty_out(vty, "  MAP, role %s", map_smsc_role(map->config.role)->name);
	if (map->config.role == MAP_ROLE_SUBMIT)
		vty_out(vty, ", service centre %s%s%s",
			sc_address[0] ? sc_address : "as the module says", gt[0] ? " at " : "", gt);
	vty_out(vty, ", %u messages without an answer%s", map->out, VTY_NEWLINE);
}
