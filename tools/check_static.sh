#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# usage: check_static.sh BUILD_DIR
# What a second compiler and cppcheck find without running anything. Each file is one check with clang; all
# of them together one with cppcheck, whose false alarms are named with their reason in cppcheck.suppressions.
set -uo pipefail

build=$1
passed=0
failed=0
connector=$(pkg-config --cflags libosmocore libosmovty libosmo-sigtran)
xml=$(pkg-config --cflags libxml-2.0)

result() { # STATUS WHAT
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $2"
	fi
}

with_clang() { # FILE FLAGS...
	local file=$1
	shift
	clang -Wall -Wextra -Werror -D_GNU_SOURCE -I. -Ilib "$@" -fsyntax-only "$file"
	result $? "clang: $file"
}

if command -v clang > /dev/null; then
	# shellcheck disable=SC2086
	for file in lib/*/*.c connector/*.c; do
		with_clang "$file" -std=c11 $connector $xml
	done
	for file in test/fuzz/*.c; do
		with_clang "$file" -std=c11 $connector $xml -Itest/fuzz/kamailio
	done
	for file in modules/ipsmgw/*.c; do
		with_clang "$file" -std=gnu11 @"$build/kamailio.flags" -DMOD_NAME='"ipsmgw"' -fno-strict-aliasing
	done
else
	echo "check-static: clang is not installed: without it"
fi

# Of libosmocore's headers only the macros that are loops: without them nothing inside can be followed.
if command -v cppcheck > /dev/null; then
	macros=$(mktemp -d)
	mkdir -p "$macros/osmocom/core"
	includes=$(pkg-config --variable=includedir libosmocore)
	cp "$includes"/osmocom/core/{linuxlist,hashtable}.h "$macros/osmocom/core/"
	cppcheck -q --std=c11 --enable=warning,performance,portability --error-exitcode=1 --inline-suppr \
		--suppressions-list=tools/cppcheck.suppressions -I. -Ilib -I"$macros" -D_GNU_SOURCE -Dunix=1 \
		lib connector modules/ipsmgw
	result $? "cppcheck"
	rm -rf "$macros"
else
	echo "check-static: cppcheck is not installed: without it"
fi

echo "check-static: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
