/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_LINK_LISTEN_H
#define IPSMGW_LINK_LISTEN_H

/** A stream socket for owner and group at path; what is there is removed. @return its descriptor, -1 and errno */
int link_listen(const char *path);

#endif
