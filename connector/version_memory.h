/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdint.h>

#include "../lib/map/sccp.h"

/*
 * Which version of an application context a peer speaks, where it is not the highest: else each message to it
 * would cost a refused dialogue. Bounded, the longest unused gives way; an entry ages, so that the
 * highest version is tried again in time.
 */
struct version_memory;

/** Freed with its talloc context. */
struct version_memory *version_memory_alloc(void *ctx, unsigned size, uint64_t age_ms);

/** @return the version, 0 if nothing is known */
uint8_t version_memory_find(struct version_memory *vm, const struct sccp_address *peer,
			    uint8_t context, uint64_t now_ms);

void version_memory_set(struct version_memory *vm, const struct sccp_address *peer, uint8_t context,
			uint8_t version, uint64_t now_ms);

void version_memory_forget(struct version_memory *vm, const struct sccp_address *peer,
			   uint8_t context);

unsigned version_memory_count(const struct version_memory *vm);
