#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# usage: kamailio_sdk.sh BUILD_DIR [KAMAILIO_SRC]
#
# Writes BUILD_DIR/kamailio.flags, the compiler flags of a module for the installed Kamailio.
# Debian packages no headers of Kamailio, so its source package of exactly the installed version is
# fetched with apt, through a sources list of our own under BUILD_DIR: the system's apt
# configuration is neither read nor changed. With KAMAILIO_SRC nothing is fetched.
set -euo pipefail

build=$(mkdir -p "$1" && cd "$1" && pwd)
tree=${2:-}

die() { echo "kamailio_sdk: $*" >&2; exit 1; }

# The URI the system itself fetches from, if it is a plain Debian mirror; else deb.debian.org.
mirror() { # DIRECTORY-NAME (debian or debian-security)
	local uri
	uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
		grep -v '^ *#' | grep -oE "https?://[^ ]+/$1/?( |\$)" | head -n 1 | tr -d ' ') || true
	echo "${uri:-http://deb.debian.org/$1}"
}

apt() {
	apt-get -qq -o Dir::Etc::SourceList="$build/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$build/apt/lists" -o Dir::Cache="$build/apt/cache" \
		-o APT::Sandbox::User=root "$@"
}

fetch() { # VERSION DIRECTORY
	local key=/usr/share/keyrings/debian-archive-keyring.gpg suite
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME:?}")
	mkdir -p "$build/apt/lists/partial" "$build/apt/cache/archives/partial"
	{
		echo "deb-src [signed-by=$key] $(mirror debian) $suite main"
		echo "deb-src [signed-by=$key] $(mirror debian-security) $suite-security main"
	} > "$build/apt/sources.list"
	echo "fetching the source of kamailio $1 for its headers"
	apt update || die "cannot read the source lists: $(cat "$build/apt/sources.list")"
	(cd "$build/apt" && apt source --download-only "kamailio=$1") || true
	# apt has checked what it fetched; upstream's signature is not needed, and some mirrors lack it
	sed -i '/\.orig\.tar\.[a-z0-9]*\.asc$/d' "$build"/apt/kamailio_"${1#*:}".dsc || true
	rm -rf "$2" "$2.part"
	dpkg-source -q --no-check -x "$build"/apt/kamailio_"${1#*:}".dsc "$2.part" ||
		die "no source package kamailio=$1: upgrade kamailio, or set KAMAILIO_SRC to a tree of that version"
	mv "$2.part" "$2"
}

command -v kamailio > /dev/null || die "kamailio is not installed (tools/setup.sh installs it)"
installed=$(kamailio -v | sed -n 's/^version: kamailio \([^ ]*\).*/\1/p')
if [ -z "$tree" ]; then
	package=$(dpkg-query -W -f '${source:Version}' kamailio) ||
		die "kamailio is not Debian's package: set KAMAILIO_SRC to the source tree of $installed"
	tree=$build/kamailio-$package
	[ -d "$tree/src" ] || fetch "$package" "$tree"
fi
tree=$(cd "$tree" && pwd)
[ -f "$tree/src/Makefile.defs" ] || die "$tree is not a source tree of Kamailio"

number() { sed -n "s/^$1 *= *\([0-9]*\).*/\1/p" "$tree/src/Makefile.defs" | head -n 1; }
found=$(number VERSION).$(number PATCHLEVEL).$(number SUBLEVEL)
[ "$found" = "$installed" ] ||
	die "$tree is Kamailio $found, installed is $installed: a module must be built against the same version"

[ -f "$tree/src/config.mak" ] || make -s -C "$tree" FLAVOUR=kamailio cfg > "$build/kamailio-cfg.log" 2>&1 ||
	die "make cfg failed in $tree: see $build/kamailio-cfg.log"
defines=$(sed -n 's/^C_DEFS= *//p' "$tree/src/config.mak")
[ -n "$defines" ] || die "no C_DEFS in $tree/src/config.mak"
want=$(kamailio -v | sed -n 's/^flags: //p')
case $want in # this one define stands among the flags of the compiler, not in C_DEFS
*TLS_PTHREAD_MUTEX_SHARED*) defines="$defines -DKSR_PTHREAD_MUTEX_SHARED" ;;
esac
echo "-isystem $tree/src -pthread $defines" > "$build/kamailio.flags.part"

# Kamailio refuses a module whose compile flags are not its own: say so now, not at its start.
got=$(printf '#include <stdio.h>\n#include "core/ver_defs.h"\nint main(void) { puts(SER_COMPILE_FLAGS); return 0; }\n' |
	"${CC:-cc}" @"$build/kamailio.flags.part" -x c -o "$build/kamailio-flags" - && "$build/kamailio-flags")
[ "${got#, }" = "$want" ] || die "compile flags differ: the module would have ${got#, }; kamailio has $want"
rm -f "$build/kamailio-flags"
mv "$build/kamailio.flags.part" "$build/kamailio.flags"
