/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

/* In place of Kamailio's, for a test of files of the module: the test is the workers. */
typedef struct async_task {
	void (*exec)(void *param);
	void *param;
} async_task_t;

int async_task_push(async_task_t *task);
int async_task_workers_get(void);
