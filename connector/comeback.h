/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdint.h>

/*
 * When the module shall try again what cannot be taken now: one after another, at the pace at which they are
 * taken. However many wait for one SMSC, those that come back in vain do not cost what others need. Time is
 * a parameter.
 */
struct comeback {
	uint64_t last_us; /* when the last of them comes */
};

/** @param per_s  how many are taken a second; a slow pace is raised. @return milliseconds from now on, 1000 or more */
uint32_t comeback_ms(struct comeback *c, double per_s, uint64_t now_us);
