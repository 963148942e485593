/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The settings of the node "map" for home routing, for delivery without a service centre, and who may ask us. */

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

/* ---- who may ask us ---- */

static const struct map_peer_operation {
	const char *name;
	uint32_t bit;
} map_peer_operations[] = {
	{"routing-info", MAP_NODE_SERVES(MAP_SRI_SM)},
	{"messages", MAP_NODE_SERVES(MAP_MT_FORWARD_SM)},
	{"alerts", MAP_NODE_SERVES(MAP_ALERT_SERVICE_CENTRE)},
};

#define PEER_DOC                                                                                   \
	"Who may ask us for something\n"                                                           \
	"Nodes whose global title begins so, and nobody else (default: everybody)\n"               \
	"First digits of an international number\n"

static int map_peer_allow(struct vty *vty, const char *prefix, uint32_t operations)
{
	int rc = map_peers_allow(&map_config()->peers, prefix, operations);

	if (rc < 0)
		vty_out(vty, "%% %s%s",
			rc == -ENOSPC ? "too many prefixes" : "a prefix is 1 to 20 digits",
			VTY_NEWLINE);
	return rc < 0 ? CMD_WARNING : CMD_SUCCESS;
}

DEFUN(cfg_map_peer, cfg_map_peer_cmd, "peer allow PREFIX", PEER_DOC)
{
	return map_peer_allow(vty, argv[0], MAP_PEER_ALL);
}

DEFUN(cfg_map_peer_for, cfg_map_peer_for_cmd,
      "peer allow PREFIX for (routing-info|messages|alerts)",
      PEER_DOC "Only for\n"
	       "sendRoutingInfoForSM\n"
	       "MT-ForwardSM\n"
	       "alertServiceCentre\n")
{
	uint32_t bit = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(map_peer_operations); i++)
		if (strcmp(map_peer_operations[i].name, argv[1]) == 0)
			bit = map_peer_operations[i].bit;
	return map_peer_allow(vty, argv[0], bit);
}

DEFUN(cfg_map_no_peer, cfg_map_no_peer_cmd, "no peer allow PREFIX", NO_STR PEER_DOC)
{
	return map_peers_forget(&map_config()->peers, argv[0]) < 0 ? CMD_WARNING : CMD_SUCCESS;
}

COMPAT_DEFUN_END

static void write_peer(struct vty *vty, const struct map_peer_rule *rule)
{
	if (rule->operations == MAP_PEER_ALL) {
		vty_out(vty, " peer allow %s%s", rule->prefix, VTY_NEWLINE);
		return;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(map_peer_operations); i++)
		if (rule->operations & map_peer_operations[i].bit)
			vty_out(vty, " peer allow %s for %s%s", rule->prefix,
				map_peer_operations[i].name, VTY_NEWLINE);
}

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
	for (unsigned i = 0; i < config->peers.count; i++)
		write_peer(vty, &config->peers.rules[i]);
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
	install_element(MAP_NODE, &cfg_map_peer_cmd);
	install_element(MAP_NODE, &cfg_map_peer_for_cmd);
	install_element(MAP_NODE, &cfg_map_no_peer_cmd);
}
