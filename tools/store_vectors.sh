#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
# Makes test/vectors/store_vN.db.gz and its WAL: a database as the program of the commit that ended each
# schema version leaves it when it is killed. Needs the history; the files are in the repository. With a new
# schema version the one before it gets its line in LIST, here and in test/unit/store_vector.h.
set -e
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# name, commit, schema version, further flags; 4_early is version 4 as it was for an hour
while read -r name commit schema flags; do
	mkdir -p "$work/$name"
	git -C "$top" archive "$commit" lib test/unit | tar x -C "$work/$name"
	# shellcheck disable=SC2086
	(cd "$work/$name" && cc -std=c11 -D_GNU_SOURCE -DSCHEMA="$schema" $flags -I. -o fill \
		"$top/test/vectors/store_fill.c" lib/store/*.c lib/util/*.c -lsqlite3 -lpthread)
	"$work/$name/fill" "$work/$name/store.db"
	for tail in "" -wal; do
		gzip -9nc "$work/$name/store.db$tail" >"$top/test/vectors/store_v$name.db$tail.gz"
	done
done <<LIST
1 ec1ddd2 1
2 959d5a2 2
3 417819f 3
4_early bf23c02 4
4 09c2525 4 -DIDENTITY
5 6ff040d 5 -DIDENTITY
6 bad5cad 6 -DIDENTITY
LIST
