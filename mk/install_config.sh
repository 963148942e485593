#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# usage: install_config.sh FROM TO
# Installs a configuration that holds passwords: for root and the group kamailio only.
set -e
install -D -m 640 "$1" "$2"
if [ "$(id -u)" -eq 0 ] && getent group kamailio > /dev/null; then
	chgrp kamailio "$2"
fi
