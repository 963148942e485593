#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# usage: check_headers.sh BUILD_DIR
# Each header must compile alone, included first in an otherwise empty file.
set -uo pipefail

build=$1
passed=0
failed=0

alone() { # HEADER FLAGS...
	local header=$1
	shift
	if echo "#include \"$header\"" |
		"${CC:-cc}" -Wall -Wextra -Werror -D_GNU_SOURCE -I. -Ilib "$@" -fsyntax-only -x c -; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $header does not compile alone"
	fi
}

for header in lib/*/*.h; do
	alone "$header" -std=c11
done
for header in connector/*.h; do
	[ ! -f "$header" ] || alone "$header" -std=c11 $(pkg-config --cflags libosmocore libosmovty)
done
for header in modules/ipsmgw/*.h; do
	[ ! -f "$header" ] || alone "$header" -std=gnu11 @"$build/kamailio.flags" -DMOD_NAME='"ipsmgw"'
done

echo "check-headers: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
