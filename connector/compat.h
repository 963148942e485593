/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

/*
 * Include first. What differs between libosmocore 1.7 (Debian 12) and 1.11 (Debian 13), and
 * what either asks of a strict C11 compiler.
 */

/* linuxlist.h and hashtable.h say typeof, which -std=c11 does not know */
#ifndef typeof
#define typeof __typeof__
#endif

/* stats.h hides everything unless unix is defined, which -std=c11 takes away */
#ifndef unix
#define unix 1
#endif

/* DEFUN() gives every command four parameters, and few use them all */
#define COMPAT_DEFUN_BEGIN                                                                         \
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wunused-parameter\"")
#define COMPAT_DEFUN_END _Pragma("GCC diagnostic pop")
