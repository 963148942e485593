/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Show commands of the MAP node. What is below it is shown by the library: "show cs7 instance". */

#include "connector_vty.h"

#include <osmocom/vty/misc.h>

#include "clock.h"
#include "dialogue.h"
#include "map_deliver.h"
#include "map_home.h"
#include "map_receive.h"
#include "map_vty.h"
#include "mtp.h"

enum { SHOW_DIALOGUES_MAX = 100 };

static void show_node(struct vty *vty, const struct map_stack *stack)
{
	const struct map_config *config = &stack->config;

	vty_out(vty, "  address +%s, cs7 instance %u, point code %s%s", config->address.text,
		config->cs7_instance, mtp_pc_name(config->cs7_instance, mtp_pc(stack->mtp)),
		VTY_NEWLINE);
	vty_out(vty, "  version %u, message-max %zu, %s%s", config->node.version_max,
		config->node.message_max, config->node.segment ? "xudt" : "empty-begin",
		VTY_NEWLINE);
	vty_out(vty, "  dialogues: %u of ours, %u of peers, at most %u each%s",
		map_node_invoking(stack->node), map_node_performing(stack->node),
		config->node.invoking_max, VTY_NEWLINE);
}

static void show_home(struct vty *vty, const struct map_stack *stack)
{
	struct map_home_show h = map_home_show(stack);

	if (stack->config.home_routing)
		vty_out(vty,
			"  home routing: %u correlation ids, %u IMSIs, %u queries, "
			"%u messages in hand, %u users waited for%s",
			h.ids, h.imsis, h.queries, map_receive_count(stack), h.waiting,
			VTY_NEWLINE);
}

static void show_deliver(struct vty *vty, const struct map_stack *stack)
{
	struct map_deliver_counts n = map_deliver_counts(stack);

	if (map_deliver_configured(stack))
		vty_out(vty,
			"  delivery: %u messages for %u recipients in hand, %u reports, "
			"routing information of %u recipients%s",
			n.messages, n.recipients, n.reports, n.routing_infos, VTY_NEWLINE);
}

static const char *why_down(const struct map_stack *stack)
{
	if (stack->config.shutdown)
		return "shut down";
	return stack->started ? "no application server is active" : "not started";
}

/* ---- dialogues ---- */

static void show_dialogue(struct vty *vty, const struct dialogue *d)
{
	vty_out(vty, "%-10llu %s %-6s %-24s v%u %-32s %llu s%s", (unsigned long long)d->handle,
		d->performing ? "peer's" : "ours  ", osmo_fsm_inst_state_name(d->fi),
		map_operation_name(d->operation), d->version, d->remote.digits,
		(unsigned long long)((clock_ms() - d->begun_ms) / 1000), VTY_NEWLINE);
}

static unsigned show_dialogues(struct vty *vty, const struct llist_head *list, unsigned shown)
{
	const struct dialogue *d;

	llist_for_each_entry(d, list, entry)
	{
		if (shown == SHOW_DIALOGUES_MAX)
			break;
		show_dialogue(vty, d);
		shown++;
	}
	return shown;
}

COMPAT_DEFUN_BEGIN

DEFUN(show_map, show_map_cmd, "show map", SHOW_STR "The MAP node\n")
{
	const struct map_stack *stack = connector_vty->map;

	if (!stack->config.present) {
		vty_out(vty, "map: not configured%s", VTY_NEWLINE);
		return CMD_SUCCESS;
	}
	vty_out(vty, "map: %s for %llu s%s%s%s", stack->up ? "up" : "down",
		(unsigned long long)((clock_us() - stack->changed_us) / CLOCK_US_PER_S),
		stack->up ? "" : ", ", stack->up ? "" : why_down(stack), VTY_NEWLINE);
	if (stack->node)
		show_node(vty, stack);
	show_home(vty, stack);
	show_deliver(vty, stack);
	return CMD_SUCCESS;
}

DEFUN(show_map_dialogues, show_map_dialogues_cmd, "show map dialogues",
      SHOW_STR "The MAP node\n"
	       "Its open dialogues, the oldest first\n")
{
	const struct map_node *node = connector_vty->map->node;
	unsigned shown, all;

	if (!node)
		return CMD_SUCCESS;
	shown = show_dialogues(vty, &node->dialogues.invoking, 0);
	shown = show_dialogues(vty, &node->dialogues.serving, shown);
	shown = show_dialogues(vty, &node->dialogues.idle, shown);
	all = map_node_invoking(node) + map_node_performing(node);
	if (all > shown)
		vty_out(vty, "and %u more%s", all - shown, VTY_NEWLINE);
	return CMD_SUCCESS;
}

COMPAT_DEFUN_END

void show_map_statistics(struct vty *vty)
{
	struct map_stack *stack = connector_vty->map;

	if (!stack->node)
		return;
	vty_out(vty, "map%s", VTY_NEWLINE);
	show_counters(vty, mtp_ctrs(stack->mtp));
	show_counters(vty, map_node_ctrs(stack->node));
	if (map_home_show(stack).ctrs)
		show_counters(vty, map_home_show(stack).ctrs);
}

void show_map_vty_init(void)
{
	install_element_ve(&show_map_cmd);
	install_element_ve(&show_map_dialogues_cmd);
}
