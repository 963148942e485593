#!/usr/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# First process of the user-mode Linux guest of run.py. The guest boots on the host's own files, read-only; /mnt is the
# one directory of the host that it may write to. Loads kernel SCTP, runs the tests, keeps their logs, powers off.
# From the kernel's command line: SCTP_DIR (what /mnt is), SCTP_BUILD, SCTP_ROOT (of the project), SCTP_LIMIT (seconds).

b=/usr/bin/busybox
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/run TMPDIR=/run LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 BUILD="$SCTP_BUILD"

off() {
	$b sync
	$b poweroff -f
	echo o > /proc/sysrq-trigger
	$b sleep 60
}

$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t tmpfs -o mode=1777 tmp /run
$b mount -t hostfs -o "$SCTP_DIR" none /mnt || off
exec > /mnt/guest.log 2>&1 < /dev/null
echo booted > /mnt/booted

modules=/usr/lib/uml/modules/$($b uname -r)/kernel
for module in lib/crc-ccitt net/ipv6/ipv6 net/ipv4/udp_tunnel net/ipv6/ip6_udp_tunnel crypto/hmac net/sctp/sctp; do
	$b insmod "$modules/$module.ko"
done
$b ip link set lo up

$b timeout -s KILL "$SCTP_LIMIT" /usr/bin/python3 "$SCTP_ROOT/test/sctp/guest.py" > /mnt/outcome.part 2>&1
echo "status $?" >> /mnt/outcome.part
$b cp -r /run/sctp.pcapng /run/ipsmgw-e2e-* /mnt/
$b mv /mnt/outcome.part /mnt/outcome
off
