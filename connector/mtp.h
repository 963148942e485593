/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../lib/util/buf.h"

/*
 * SCCP's place above the message transfer part (Q.701): the MTP user SAP of libosmo-sigtran for service
 * indicator 3, over whatever "cs7 instance" configures below it (M3UA over SCTP or TCP, IPA). What differs
 * between the releases of that library stands in compat_ss7.h.
 */
struct mtp;
struct rate_ctr_group;
struct vty;

struct mtp_ops {
	/** The user data of one MTP-TRANSFER indication, never from within mtp_tx(); the view holds until the call
	 *  returns. */
	void (*rx)(void *data, uint32_t opc, struct view message);
	/** Traffic can flow, or cannot any more. */
	void (*changed)(void *data, bool up);
};

/** What must come before any other call, once, after vty_init(): the library, and its VTY (nodes "cs7 instance"
 *  and below). */
void mtp_init(void *ctx);

/** For vty_app_info.go_parent_cb: on leaving its nodes the library takes them into use. */
int mtp_vty_go_parent(struct vty *vty);

/** @return NULL if memory is out */
struct mtp *mtp_alloc(void *ctx, const struct mtp_ops *ops, void *data);
void mtp_free(struct mtp *mtp);

/** Become the user of that instance, after the configuration is read.
 * @return 0, -ENOENT (no such instance), -EINVAL (it has no point code), -EBUSY (it has such a user), -ENOMEM */
int mtp_start(struct mtp *mtp, unsigned instance);

/** At least one application server of the instance is active. */
bool mtp_is_up(const struct mtp *mtp);

/** MTP-TRANSFER request.
 * @param sls  the same for messages that must stay in order
 * @return 0, -ENOTCONN, -ELOOP (that is our own point code), -ENOMEM, -EIO (no route, or not taken) */
int mtp_tx(struct mtp *mtp, uint32_t dpc, uint8_t sls, struct view message);

/** Point codes in the format of the instance, e.g. "0.23.1". @return 0, -EINVAL */
int mtp_pc_parse(unsigned instance, const char *text, uint32_t *pc);
const char *mtp_pc_name(unsigned instance, uint32_t pc); /* static buffer */

/** Our own one; only after mtp_start() returned 0. */
uint32_t mtp_pc(const struct mtp *mtp);

/** What went through, for show commands. */
struct rate_ctr_group *mtp_ctrs(struct mtp *mtp);
