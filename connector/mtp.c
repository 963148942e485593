/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The MTP user SAP for SCCP on libosmo-sigtran. Whether traffic can flow is asked of the library twice a
 * second: an application server goes down in more ways than the SAP tells.
 */

#include "mtp.h"

#include "compat_ss7.h"

#include <osmocom/core/fsm.h>
#include <osmocom/core/msgb.h>
#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/stats.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/sigtran/protocol/mtp.h>

#include "log.h"

enum {
	MTP_POLL_US = 500000,
	MTP_HEADROOM = 512, /* for what the layers below put in front */
};

enum mtp_ctr {
	MTP_CTR_RX,
	MTP_CTR_RX_DROPPED,
	MTP_CTR_TX,
	MTP_CTR_TX_FAILED,
	MTP_CTR_UP,
};

static const struct rate_ctr_desc mtp_ctr_desc[] = {
	[MTP_CTR_RX] = {"transfer:rx", "Messages received"},
	[MTP_CTR_RX_DROPPED] = {"transfer:dropped", "Messages received that were empty"},
	[MTP_CTR_TX] = {"transfer:tx", "Messages sent"},
	[MTP_CTR_TX_FAILED] = {"transfer:failed", "Messages that were not taken"},
	[MTP_CTR_UP] = {"up", "Times that the network came within reach"},
};

static const struct rate_ctr_group_desc mtp_ctrg_desc = {
	.group_name_prefix = "mtp",
	.group_description = "Message transfer part",
	.class_id = OSMO_STATS_CLASS_GLOBAL,
	.num_ctr = ARRAY_SIZE(mtp_ctr_desc),
	.ctr_desc = mtp_ctr_desc,
};

struct mtp {
	const struct mtp_ops *ops;
	void *data;
	struct osmo_ss7_instance *inst; /* NULL until started */
	struct osmo_ss7_user *user;
	uint32_t pc;
	uint8_t sio;
	bool up;
	bool sending;
	struct osmo_timer_list poll;
	struct rate_ctr_group *ctrs;
};

void mtp_init(void *ctx)
{
	osmo_ss7_init();
	osmo_ss7_vty_init_sg(ctx); /* only that one has route tables, and several ways need them */
}

int mtp_vty_go_parent(struct vty *vty)
{
	return osmo_ss7_vty_go_parent(vty);
}

/* ---- up and down ---- */

/* Which application servers there are stands in the list of their state machines: one release has no other. */
static bool any_as_is_active(struct osmo_ss7_instance *inst)
{
	const struct osmo_fsm *fsm = osmo_fsm_find_by_name("XUA_AS");
	const struct osmo_fsm_inst *fi;

	if (!fsm)
		return false;
	llist_for_each_entry(fi, &fsm->instances, list)
	{
		const struct osmo_ss7_as *as =
			fi->id ? osmo_ss7_as_find_by_name(inst, fi->id) : NULL;

		if (as && osmo_ss7_as_active(as))
			return true;
	}
	return false;
}

static void look(struct mtp *mtp)
{
	bool up = any_as_is_active(mtp->inst);

	if (up == mtp->up)
		return;
	mtp->up = up;
	if (up)
		rate_ctr_inc2(mtp->ctrs, MTP_CTR_UP);
	mtp->ops->changed(mtp->data, up);
}

static void poll_cb(void *data)
{
	struct mtp *mtp = data;

	look(mtp);
	osmo_timer_schedule(&mtp->poll, 0, MTP_POLL_US);
}

bool mtp_is_up(const struct mtp *mtp)
{
	return mtp->up;
}

/* ---- receive ---- */

/* The library has looked at the service indicator: only what is for SCCP comes here. */
static void rx_transfer(struct mtp *mtp, const struct osmo_mtp_prim *prim, struct msgb *msg)
{
	if (!msgb_l2(msg) || !msgb_l2len(msg) || mtp->sending) {
		rate_ctr_inc2(mtp->ctrs, MTP_CTR_RX_DROPPED);
		return;
	}
	rate_ctr_inc2(mtp->ctrs, MTP_CTR_RX);
	if (!mtp->up)
		look(mtp);
	mtp->ops->rx(mtp->data, prim->u.transfer.opc, (struct view){msgb_l2(msg), msgb_l2len(msg)});
}

/* That a destination pauses (DUNA) the library tells its own SCCP alone: what is lost there ends by a timer. */
static int prim_cb(struct osmo_prim_hdr *oph, void *data)
{
	if (OSMO_PRIM_HDR(oph) == OSMO_PRIM(OSMO_MTP_PRIM_TRANSFER, PRIM_OP_INDICATION))
		rx_transfer(data, (const struct osmo_mtp_prim *)oph, oph->msg);
	msgb_free(oph->msg);
	return 0;
}

/* ---- send ---- */

static struct msgb *transfer_request(const struct mtp *mtp, uint32_t dpc, uint8_t sls,
				     struct view message)
{
	struct msgb *msg = msgb_alloc_headroom(MTP_HEADROOM + message.len, MTP_HEADROOM, "mtp");
	struct osmo_mtp_prim *prim;

	if (!msg)
		return NULL;
	msg->l2h = msgb_put(msg, message.len);
	memcpy(msg->l2h, message.p, message.len);
	prim = (struct osmo_mtp_prim *)msgb_push(msg, sizeof(*prim));
	*prim = (struct osmo_mtp_prim){
		.u.transfer = {.opc = mtp->pc, .dpc = dpc, .sls = sls & 0xf, .sio = mtp->sio}};
	osmo_prim_init(&prim->oph, MTP_SAP_USER, OSMO_MTP_PRIM_TRANSFER, PRIM_OP_REQUEST, msg);
	return msg;
}

static int tx(struct mtp *mtp, uint32_t dpc, uint8_t sls, struct view message)
{
	struct msgb *msg;
	int rc;

	if (!mtp->up)
		return -ENOTCONN;
	if (osmo_ss7_pc_is_local(mtp->inst, dpc))
		return -ELOOP;
	msg = transfer_request(mtp, dpc, sls, message);
	if (!msg)
		return -ENOMEM;
	mtp->sending = true;
	rc = osmo_ss7_user_mtp_xfer_req(mtp->inst, (struct osmo_mtp_prim *)msg->data);
	mtp->sending = false;
	return rc < 0 ? -EIO : 0;
}

int mtp_tx(struct mtp *mtp, uint32_t dpc, uint8_t sls, struct view message)
{
	int rc = tx(mtp, dpc, sls, message);

	rate_ctr_inc2(mtp->ctrs, rc < 0 ? MTP_CTR_TX_FAILED : MTP_CTR_TX);
	return rc;
}

/* ---- life ---- */

struct mtp *mtp_alloc(void *ctx, const struct mtp_ops *ops, void *data)
{
	struct mtp *mtp = talloc_zero(ctx, struct mtp);

	if (!mtp)
		return NULL;
	mtp->ops = ops;
	mtp->data = data;
	osmo_timer_setup(&mtp->poll, poll_cb, mtp);
	mtp->ctrs = rate_ctr_group_alloc(mtp, &mtp_ctrg_desc, 0);
	if (!mtp->ctrs) {
		talloc_free(mtp);
		return NULL;
	}
	return mtp;
}

void mtp_free(struct mtp *mtp)
{
	osmo_timer_del(&mtp->poll);
	if (mtp->user) {
		osmo_ss7_user_unregister(mtp->inst, MTP_SI_SCCP, mtp->user);
		compat_ss7_user_free(mtp->user);
	}
	rate_ctr_group_free(mtp->ctrs);
	talloc_free(mtp);
}

int mtp_start(struct mtp *mtp, unsigned instance)
{
	struct osmo_ss7_instance *inst = osmo_ss7_instance_find(instance);

	if (!inst)
		return -ENOENT;
	mtp->pc = compat_ss7_pc(inst);
	if (!osmo_ss7_pc_is_valid(mtp->pc))
		return -EINVAL;
	mtp->sio = MTP_SIO(MTP_SI_SCCP, compat_ss7_network_indicator(inst));
	mtp->user = compat_ss7_user_alloc(inst, "ipsmgw", prim_cb, mtp);
	if (!mtp->user)
		return -ENOMEM;
	if (osmo_ss7_user_register(inst, MTP_SI_SCCP, mtp->user) < 0) {
		compat_ss7_user_free(mtp->user);
		mtp->user = NULL;
		return -EBUSY;
	}
	mtp->inst = inst;
	poll_cb(mtp);
	return 0;
}

/* ---- point codes ---- */

int mtp_pc_parse(unsigned instance, const char *text, uint32_t *pc)
{
	int rc = osmo_ss7_pointcode_parse(osmo_ss7_instance_find(instance), text);

	if (rc < 0)
		return -EINVAL;
	*pc = (uint32_t)rc;
	return 0;
}

const char *mtp_pc_name(unsigned instance, uint32_t pc)
{
	return osmo_ss7_pointcode_print(osmo_ss7_instance_find(instance), pc);
}

uint32_t mtp_pc(const struct mtp *mtp)
{
	return mtp->pc;
}

struct rate_ctr_group *mtp_ctrs(struct mtp *mtp)
{
	return mtp->ctrs;
}
