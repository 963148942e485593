/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The two forms of the library; the older one is known by a header that the newer one lacks. */

#include "compat_ss7.h"

#include <osmocom/core/talloc.h>

#if __has_include(<osmocom/sigtran/xua_types.h>)

uint32_t compat_ss7_pc(const struct osmo_ss7_instance *inst)
{
	return inst->cfg.primary_pc;
}

uint8_t compat_ss7_network_indicator(const struct osmo_ss7_instance *inst)
{
	return inst->cfg.network_indicator;
}

struct osmo_ss7_user *compat_ss7_user_alloc(struct osmo_ss7_instance *inst, const char *name,
					    osmo_prim_cb cb, void *data)
{
	struct osmo_ss7_user *user = talloc_zero(inst, struct osmo_ss7_user);

	if (user)
		*user = (struct osmo_ss7_user){
			.inst = inst, .name = name, .prim_cb = cb, .priv = data};
	return user;
}

void compat_ss7_user_free(struct osmo_ss7_user *user)
{
	talloc_free(user);
}

#else

#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <osmocom/vty/buffer.h>
#include <osmocom/vty/command.h>
#include <osmocom/vty/vty.h>

uint32_t compat_ss7_pc(const struct osmo_ss7_instance *inst)
{
	return osmo_ss7_instance_get_primary_pc(inst);
}

/* ---- the network indicator: 2.1 tells it nowhere but in its part of the running configuration ---- */

static char *running_config(void)
{
	struct vty *vty = vty_new();
	vector words = cmd_make_strvec("show running-config");
	char *text = NULL;

	if (vty && words) {
		vty->node = ENABLE_NODE;
		cmd_execute_command(words, vty, NULL, 0);
		text = buffer_getstr(vty->obuf);
	}
	if (words)
		cmd_free_strvec(words);
	if (vty) {
		buffer_free(vty->obuf);
		talloc_free(vty);
	}
	return text;
}

static uint8_t indicator_of(const char *text, uint32_t instance)
{
	static const char *const NAMES[] = {"international", "spare", "national", "reserved"};
	static const char KEY[] = "network-indicator ";
	char head[32];
	const char *at;

	snprintf(head, sizeof(head), "cs7 instance %u", (unsigned)instance);
	at = strstr(text, head);
	at = at ? strstr(at, KEY) : NULL;
	for (uint8_t i = 0; at && i < ARRAY_SIZE(NAMES); i++)
		if (strncmp(at + strlen(KEY), NAMES[i], strlen(NAMES[i])) == 0)
			return i;
	return 0;
}

uint8_t compat_ss7_network_indicator(const struct osmo_ss7_instance *inst)
{
	char *text = running_config();
	uint8_t indicator = text ? indicator_of(text, osmo_ss7_instance_get_id(inst)) : 0;

	talloc_free(text);
	return indicator;
}

struct osmo_ss7_user *compat_ss7_user_alloc(struct osmo_ss7_instance *inst, const char *name,
					    osmo_prim_cb cb, void *data)
{
	struct osmo_ss7_user *user = osmo_ss7_user_create(inst, name);

	if (user) {
		osmo_ss7_user_set_prim_cb(user, cb);
		osmo_ss7_user_set_priv(user, data);
	}
	return user;
}

void compat_ss7_user_free(struct osmo_ss7_user *user)
{
	osmo_ss7_user_destroy(user);
}

#endif
