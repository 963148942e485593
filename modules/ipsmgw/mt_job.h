/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MT_JOB_H
#define IPSMGW_MT_JOB_H

#include "mt_table.h"

/** Before each mt_start(). Fill pair, parts, attempts from the store, once.
 * @return 0, -ENOENT, -EIO */
int mt_load(struct mt *m);

/** The same for a notification to A about a message to B, without asking the
 * store. */
void mt_is_notification(struct mt *m, const char *a, const char *b);

/** Join the text and give the message to its chat session, to a session of its
 * own if it is large, or to event_route[ipsmgw:sms-received]. A text that
 * cannot be read is an outcome at once. */
void mt_start(struct mt *m);

#endif
