/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The node "map". Addresses, routes and what is above the dialogues count at once; cs7-instance from the next
 * start of the connector on; the rest when the node is shut down and brought up while no dialogue is open.
 */

#include "connector_vty.h"

#include <stdlib.h>

#include <osmocom/core/utils.h>

#include "map_stack.h"
#include "map_vty.h"
#include "mtp.h"

static struct cmd_node map_node = {MAP_NODE, "%s(config-map)# ", 1, NULL, NULL, ""};

static struct map_config *map_config(void)
{
	return &connector_vty->map->config;
}

static int map_number(struct vty *vty, struct sms_address *to, const char *text)
{
	struct sms_address a;

	if (sms_address_parse(&a, view_str(text)) || a.ton != SMS_TON_INTERNATIONAL) {
		vty_out(vty, "%% an international number begins with +%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	*to = a;
	return CMD_SUCCESS;
}

COMPAT_DEFUN_BEGIN

DEFUN(cfg_map, cfg_map_cmd, "map", "MAP over SIGTRAN\n")
{
	map_config()->present = true;
	vty->node = MAP_NODE;
	return CMD_SUCCESS;
}

/* ---- addresses ---- */

DEFUN(cfg_map_cs7, cfg_map_cs7_cmd, "cs7-instance <0-15>",
      "The cs7 instance below\n"
      "Its number\n")
{
	map_config()->cs7_instance = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_map_address, cfg_map_address_cmd, "address NUMBER",
      "Our own global title, and the service centre address that we name\n"
      "International number, e.g. +491710760200\n")
{
	return map_number(vty, &map_config()->address, argv[0]);
}

DEFUN(cfg_map_tt, cfg_map_tt_cmd, "translation-type <0-255>",
      "Of global titles that we send\n"
      "Translation type\n")
{
	map_config()->tt = (uint8_t)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_map_hlr, cfg_map_hlr_cmd, "hlr address NUMBER",
      "Home location register (HSS)\n"
      "Its global title, for all subscribers\n"
      "International number\n")
{
	return map_number(vty, &map_config()->hlr, argv[0]);
}

DEFUN(cfg_map_no_hlr, cfg_map_no_hlr_cmd, "no hlr address",
      NO_STR "Home location register (HSS)\n"
	     "It is addressed by the number of the subscriber\n")
{
	map_config()->hlr.text[0] = '\0';
	return CMD_SUCCESS;
}

/* ---- global title routes ---- */

#define GT_ROUTE_DOC   "Which node a global title is sent to\n"
#define GT_DEFAULT_DOC "All that no prefix matches\n"
#define GT_PREFIX_DOC                                                                              \
	"By the first digits of the global title; the longest prefix decides\n"                    \
	"Digits\n"
#define GT_PC_DOC                                                                                  \
	"The node\n"                                                                               \
	"Its point code\n"

static int map_route(struct vty *vty, const char *prefix, const char *pc_text)
{
	uint32_t pc;
	int rc;

	if (mtp_pc_parse(map_config()->cs7_instance, pc_text, &pc) < 0) {
		vty_out(vty, "%% not a point code: %s%s", pc_text, VTY_NEWLINE);
		return CMD_WARNING;
	}
	rc = map_stack_route_add(map_config(), prefix, pc);
	if (rc < 0)
		vty_out(vty, "%% %s%s",
			rc == -ENOSPC ? "too many routes" : "a prefix is at most 20 digits",
			VTY_NEWLINE);
	return rc < 0 ? CMD_WARNING : CMD_SUCCESS;
}

DEFUN(cfg_map_route_gt, cfg_map_route_gt_cmd, "route gt PREFIX pc POINT_CODE",
      GT_ROUTE_DOC GT_PREFIX_DOC GT_PC_DOC)
{
	return map_route(vty, argv[0], argv[1]);
}

DEFUN(cfg_map_route_default, cfg_map_route_default_cmd, "route default pc POINT_CODE",
      GT_ROUTE_DOC GT_DEFAULT_DOC GT_PC_DOC)
{
	return map_route(vty, "", argv[0]);
}

DEFUN(cfg_map_no_route_gt, cfg_map_no_route_gt_cmd, "no route gt PREFIX",
      NO_STR GT_ROUTE_DOC GT_PREFIX_DOC)
{
	return map_stack_route_del(map_config(), argv[0]) < 0 ? CMD_WARNING : CMD_SUCCESS;
}

DEFUN(cfg_map_no_route_default, cfg_map_no_route_default_cmd, "no route default",
      NO_STR GT_ROUTE_DOC GT_DEFAULT_DOC)
{
	return map_stack_route_del(map_config(), "") < 0 ? CMD_WARNING : CMD_SUCCESS;
}

/* ---- SCCP, TCAP ---- */

DEFUN(cfg_map_message_max, cfg_map_message_max_cmd, "message-max <128-512>",
      "Longest SCCP message that the network carries in one piece\n"
      "Octets (268: all that an MTP2 link takes)\n")
{
	map_config()->node.message_max = (size_t)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_map_segmentation, cfg_map_segmentation_cmd, "segmentation (empty-begin|xudt)",
      "What is done with an operation too long for one message\n"
      "It follows in TC-CONTINUE behind a TC-BEGIN without it\n"
      "It is sent in segments (XUDT)\n")
{
	map_config()->node.segment = argv[0][0] == 'x';
	return CMD_SUCCESS;
}

DEFUN(cfg_map_version, cfg_map_version_cmd, "version <1-3>",
      "The highest MAP version that is spoken\n"
      "Version\n")
{
	map_config()->node.version_max = (uint8_t)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_map_dialogues, cfg_map_dialogues_cmd, "dialogues <1-100000>",
      "Dialogues open at once, of ours and of peers each\n"
      "Dialogues\n")
{
	map_config()->node.invoking_max = map_config()->node.performing_max =
		(unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

/* ---- timers ---- */

static const struct map_timer {
	const char *name;
	size_t offset;
} map_timers[] = {
	{"short", offsetof(struct map_config, node.short_s)},
	{"medium", offsetof(struct map_config, node.medium_s)},
	{"long", offsetof(struct map_config, node.long_s)},
	{"idle", offsetof(struct map_config, node.idle_s)},
	{"guard", offsetof(struct map_config, node.guard_s)},
};

static unsigned *map_timer(const struct map_timer *t)
{
	return (unsigned *)((char *)map_config() + t->offset);
}

DEFUN(cfg_map_timer, cfg_map_timer_cmd, "timer (short|medium|long|idle|guard) <1-86400>",
      "Timers of dialogues\n"
      "Answer to reports and alerts\n"
      "Answer to questions for routing information\n"
      "Answer to short messages\n"
      "A dialogue that is open and in which nothing is asked\n"
      "Longest life of a dialogue\n"
      "Seconds\n")
{
	for (unsigned i = 0; i < ARRAY_SIZE(map_timers); i++)
		if (strcmp(map_timers[i].name, argv[0]) == 0)
			*map_timer(&map_timers[i]) = (unsigned)atoi(argv[1]);
	return CMD_SUCCESS;
}

/* ---- shutdown ---- */

DEFUN(cfg_map_shutdown, cfg_map_shutdown_cmd, "shutdown",
      "Invoke nothing, and refuse what peers invoke\n")
{
	map_config()->shutdown = true;
	map_stack_update(connector_vty->map);
	return CMD_SUCCESS;
}

DEFUN(cfg_map_no_shutdown, cfg_map_no_shutdown_cmd, "no shutdown", NO_STR "Into service\n")
{
	map_config()->shutdown = false;
	if (connector_vty->running && map_stack_start(connector_vty->map) < 0) {
		vty_out(vty, "%% not started: the log says why%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	return CMD_SUCCESS;
}

COMPAT_DEFUN_END

/* ---- write ---- */

static void write_number(struct vty *vty, const char *key, const struct sms_address *a)
{
	if (a->text[0])
		vty_out(vty, " %s +%s%s", key, a->text, VTY_NEWLINE);
}

static void write_routes(struct vty *vty, const struct map_config *config)
{
	for (unsigned i = 0; i < config->n_routes; i++)
		vty_out(vty, " route %s%s pc %s%s", config->routes[i].prefix[0] ? "gt " : "default",
			config->routes[i].prefix,
			mtp_pc_name(config->cs7_instance, config->routes[i].pc), VTY_NEWLINE);
}

static int config_write_map(struct vty *vty)
{
	const struct map_config *config = map_config();

	if (!config->present)
		return CMD_SUCCESS;
	vty_out(vty, "map%s cs7-instance %u%s", VTY_NEWLINE, config->cs7_instance, VTY_NEWLINE);
	write_number(vty, "address", &config->address);
	vty_out(vty, " translation-type %u%s", config->tt, VTY_NEWLINE);
	write_number(vty, "hlr address", &config->hlr);
	write_routes(vty, config);
	vty_out(vty, " message-max %zu%s", config->node.message_max, VTY_NEWLINE);
	vty_out(vty, " segmentation %s%s", config->node.segment ? "xudt" : "empty-begin",
		VTY_NEWLINE);
	vty_out(vty, " version %u%s", config->node.version_max, VTY_NEWLINE);
	vty_out(vty, " dialogues %u%s", config->node.invoking_max, VTY_NEWLINE);
	for (unsigned i = 0; i < ARRAY_SIZE(map_timers); i++)
		vty_out(vty, " timer %s %u%s", map_timers[i].name, *map_timer(&map_timers[i]),
			VTY_NEWLINE);
	map_roles_vty_write(vty, config);
	vty_out(vty, " %sshutdown%s", config->shutdown ? "" : "no ", VTY_NEWLINE);
	return CMD_SUCCESS;
}

static void install_settings(void)
{
	install_element(MAP_NODE, &cfg_map_cs7_cmd);
	install_element(MAP_NODE, &cfg_map_address_cmd);
	install_element(MAP_NODE, &cfg_map_tt_cmd);
	install_element(MAP_NODE, &cfg_map_hlr_cmd);
	install_element(MAP_NODE, &cfg_map_no_hlr_cmd);
	install_element(MAP_NODE, &cfg_map_route_gt_cmd);
	install_element(MAP_NODE, &cfg_map_route_default_cmd);
	install_element(MAP_NODE, &cfg_map_no_route_gt_cmd);
	install_element(MAP_NODE, &cfg_map_no_route_default_cmd);
	install_element(MAP_NODE, &cfg_map_message_max_cmd);
	install_element(MAP_NODE, &cfg_map_segmentation_cmd);
	install_element(MAP_NODE, &cfg_map_version_cmd);
	install_element(MAP_NODE, &cfg_map_dialogues_cmd);
	install_element(MAP_NODE, &cfg_map_timer_cmd);
	install_element(MAP_NODE, &cfg_map_shutdown_cmd);
	install_element(MAP_NODE, &cfg_map_no_shutdown_cmd);
}

void map_vty_init(void)
{
	install_node(&map_node, config_write_map);
	install_element(CONFIG_NODE, &cfg_map_cmd);
	install_settings();
	map_roles_vty_init();
}
