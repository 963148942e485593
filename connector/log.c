/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Log categories of the connector. Lines go to stderr, where systemd collects them, unless the VTY says otherwise. */

#include "log.h"

static const struct log_info_cat log_categories[] = {
	[DMAIN] =
		{
			.name = "DMAIN",
			.description = "Start, configuration, stop",
			.color = OSMO_LOGCOLOR_NORMAL,
			.enabled = 1,
			.loglevel = LOGL_NOTICE,
		},
	[DLINK] =
		{
			.name = "DLINK",
			.description = "Link to the Kamailio module",
			.color = OSMO_LOGCOLOR_CYAN,
			.enabled = 1,
			.loglevel = LOGL_NOTICE,
		},
	[DSMPP] =
		{
			.name = "DSMPP",
			.description = "SMPP sessions",
			.color = OSMO_LOGCOLOR_GREEN,
			.enabled = 1,
			.loglevel = LOGL_NOTICE,
		},
	[DSM] =
		{
			.name = "DSM",
			.description = "Short messages, one outcome line each",
			.color = OSMO_LOGCOLOR_YELLOW,
			.enabled = 1,
			.loglevel = LOGL_INFO,
		},
	[DMAP] =
		{
			.name = "DMAP",
			.description = "MAP dialogues",
			.color = OSMO_LOGCOLOR_BLUE,
			.enabled = 1,
			.loglevel = LOGL_NOTICE,
		},
};

const struct log_info connector_log_info = {
	.cat = log_categories,
	.num_cat = sizeof(log_categories) / sizeof(log_categories[0]),
};

void log_text(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text && n + 1 < size; text++)
		out[n++] = *text > 0x20 && *text < 0x7f ? *text : '?';
	out[n] = '\0';
}
