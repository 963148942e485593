/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The settings of the node "map" that belong to home routing and to delivery without a service centre. */

#include "connector_vty.h"

#include <stdlib.h>

#include <osmocom/core/utils.h>

#include "map_stack.h"
#include "map_vty.h"

static struct map_config *map_config(void)
{
	return &connector_vty->map->config;
}

/* ---- what is on or off: a command and its "no" ---- */

static const struct map_flag {
	const char *name;
	size_t offset;
} map_flags[] = {
	{"home-routing", offsetof(struct map_config, home_routing)},
	{"registered-only", offsetof(struct map_config, registered_only)},
	{"relay-csps", offsetof(struct map_config, relay_csps)},
	{"report-delivery-status", offsetof(struct map_config, report)},
	{"ready-for-sm", offsetof(struct map_config, ready)},
	{"prefer-sgsn", offsetof(struct map_config, prefer_sgsn)},
};

#define MAP_FLAGS                                                                                  \
	"(home-routing|registered-only|relay-csps|report-delivery-status|ready-for-sm|prefer-"     \
	"sgsn)"
#define MAP_FLAGS_DOC                                                                              \
	"Answer sendRoutingInfoForSM for the HLR, and take the messages\n"                         \
	"Only for users who are registered; others are as if we were not there\n"                  \
	"What our user does not take goes to his MSC or SGSN\n"                                    \
	"Tell the HLR that a user was not reached, so that it alerts the service centre\n"         \
	"Tell the HLR when such a user is back\n"                                                  \
	"Deliver to the SGSN first, then to the MSC\n"

static bool *map_flag(const struct map_config *config, const struct map_flag *flag)
{
	return (bool *)((char *)config + flag->offset);
}

static int map_flag_set(const char *name, bool on)
{
	for (unsigned i = 0; i < ARRAY_SIZE(map_flags); i++)
		if (strcmp(map_flags[i].name, name) == 0)
			*map_flag(map_config(), &map_flags[i]) = on;
	return CMD_SUCCESS;
}

COMPAT_DEFUN_BEGIN

DEFUN(cfg_map_flag, cfg_map_flag_cmd, MAP_FLAGS, MAP_FLAGS_DOC)
{
	return map_flag_set(argv[0], true);
}

DEFUN(cfg_map_no_flag, cfg_map_no_flag_cmd, "no " MAP_FLAGS, NO_STR MAP_FLAGS_DOC)
{
	return map_flag_set(argv[0], false);
}

/* ---- numbers ---- */

DEFUN(cfg_map_plmn, cfg_map_plmn_cmd, "plmn DIGITS",
      "MCC and MNC that correlation ids begin with (default: those of the IMSI)\n"
      "5 or 6 digits\n")
{
	size_t len = strspn(argv[0], "0123456789");

	if (argv[0][len] || len < 5 || len >= sizeof(map_config()->plmn)) {
		vty_out(vty, "%% 5 or 6 digits%s", VTY_NEWLINE);
		return CMD_WARNING;
	}
	strcpy(map_config()->plmn, argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_map_no_plmn, cfg_map_no_plmn_cmd, "no plmn",
      NO_STR "Correlation ids begin with MCC and MNC of the IMSI\n")
{
	map_config()->plmn[0] = '\0';
	return CMD_SUCCESS;
}

DEFUN(cfg_map_correlation_time, cfg_map_correlation_time_cmd, "correlation-time <600-86400>",
      "How long a correlation id holds\n"
      "Seconds\n")
{
	map_config()->correlation_s = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_map_restart_time, cfg_map_restart_time_cmd, "restart-time <0-86400>",
      "How long after a start an unknown correlation id is refused for now, not for good\n"
      "Seconds (as long as correlation ids hold)\n")
{
	map_config()->restart_s = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_map_correlations, cfg_map_correlations_cmd, "correlations <1-10000000>",
      "Correlation ids in use at once\n"
      "Ids\n")
{
	map_config()->correlations_max = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

DEFUN(cfg_map_routing_info_time, cfg_map_routing_info_time_cmd, "routing-info-time <0-3600>",
      "How long the HLR's answer is used again (0: not at all)\n"
      "Seconds\n")
{
	map_config()->routing_info_s = (unsigned)atoi(argv[0]);
	return CMD_SUCCESS;
}

COMPAT_DEFUN_END

void map_roles_vty_write(struct vty *vty, const struct map_config *config)
{
	for (unsigned i = 0; i < ARRAY_SIZE(map_flags); i++)
		vty_out(vty, " %s%s%s", *map_flag(config, &map_flags[i]) ? "" : "no ",
			map_flags[i].name, VTY_NEWLINE);
	if (config->plmn[0])
		vty_out(vty, " plmn %s%s", config->plmn, VTY_NEWLINE);
	vty_out(vty, " correlation-time %u%s", config->correlation_s, VTY_NEWLINE);
	vty_out(vty, " restart-time %u%s", config->restart_s, VTY_NEWLINE);
	vty_out(vty, " correlations %u%s", config->correlations_max, VTY_NEWLINE);
	vty_out(vty, " routing-info-time %u%s", config->routing_info_s, VTY_NEWLINE);
}

void map_roles_vty_init(void)
{
	install_element(MAP_NODE, &cfg_map_flag_cmd);
	install_element(MAP_NODE, &cfg_map_no_flag_cmd);
	install_element(MAP_NODE, &cfg_map_plmn_cmd);
	install_element(MAP_NODE, &cfg_map_no_plmn_cmd);
	install_element(MAP_NODE, &cfg_map_correlation_time_cmd);
	install_element(MAP_NODE, &cfg_map_restart_time_cmd);
	install_element(MAP_NODE, &cfg_map_correlations_cmd);
	install_element(MAP_NODE, &cfg_map_routing_info_time_cmd);
}
