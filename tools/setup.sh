#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# usage: setup.sh [run|test|fuzz]
#
# Installs the Debian packages that are missing for building and running (run), for the tests as
# well (test), and for the fuzzers (fuzz). Does nothing, and needs no rights and no network, when
# nothing is missing. No daemon is started by it.
set -euo pipefail

# build: compiler, headers, and what unpacks Kamailio's source package for its headers
run="gcc libc6-dev make pkg-config dpkg-dev xz-utils libsqlite3-dev libxml2-dev zlib1g-dev libosmocore-dev
libosmo-sigtran-dev libssl-dev"
# run: Kamailio itself; the demonstration and the test runner are python3, its SMSC is Net::SMPP
run="$run kamailio python3 perl libnet-smpp-perl"
# Kamailio looks TCP up in /etc/protocols
run="$run netbase"
# test: SIPp as client, tshark as judge of captures, gammu as judge of alphabets
test="kamailio-python3-modules sip-tester tshark python3-gammu sqlite3 procps iproute2"
# and a signal transfer point, and another one's ASN.1 for MAP
test="$test osmo-stp python3-pyasn1"
# and for MSRP over TLS
test="$test kamailio-tls-modules openssl"
# a second compiler and cppcheck, for what they find without running anything
test="$test clang cppcheck"
# test too, where the release has it: a SIP client that nobody here wrote (without it its test is skipped)
client="linphone-cli"
# and the reg event of an S-CSCF
client="$client kamailio-presence-modules"
# and user-mode Linux, which has the SCTP that the kernel here may lack
# (busybox-static would replace a busybox that is there)
sctp="user-mode-linux"
[ -x /usr/bin/busybox ] || sctp="$sctp busybox-static"
fuzz="clang"
optional=

case ${1:-run} in
run) wanted=$run ;;
test) wanted="$run $test" optional="$client $sctp" ;;
fuzz) wanted="$run $fuzz" ;;
*) echo "usage: $0 [run|test|fuzz]" >&2; exit 2 ;;
esac

not_installed() { # PACKAGE...
	local package status
	for package; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) || true
		[ "$status" = installed ] || printf ' %s' "$package"
	done
}

# shellcheck disable=SC2086
missing=$(not_installed $wanted)
# shellcheck disable=SC2086
absent=$(not_installed $optional)
[ -n "$missing$absent" ] || exit 0

if [ "$(id -u)" -ne 0 ] && [ -z "$missing" ]; then
	echo "setup: not root, so without$absent" >&2
	exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "setup: not root, and these packages are missing. Please run:" >&2
	echo "  sudo apt-get install --no-install-recommends$missing$absent" >&2
	exit 1
fi

# Debian starts a daemon as soon as its package is installed unless this file says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap 'rm -f "$policy"' EXIT
	printf '#!/bin/sh\nexit 101\n' > "$policy"
	chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt-get -q update
for package in $absent; do
	if [ -n "$(apt-cache -q madison "$package")" ]; then
		missing="$missing $package"
	else
		echo "setup: there is no $package here: without it"
	fi
done
[ -n "$missing" ] || exit 0
echo "setup: installing$missing"
# shellcheck disable=SC2086
apt-get -q install -y --no-install-recommends $missing
