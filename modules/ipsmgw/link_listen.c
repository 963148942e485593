/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The Unix socket that the connector finds the module at. */

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "link_listen.h"

int link_listen(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	mode_t old;
	int rc;

	if(fd < 0)
		return -1;
	memcpy(sa.sun_path, path, strlen(path) + 1);
	unlink(path);
	old = umask(0117); /* owner and group */
	rc = bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	umask(old);
	if(rc || listen(fd, 4)) {
		close(fd);
		return -1;
	}
	return fd;
}
