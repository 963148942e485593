# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# make install DESTDIR=... PREFIX=... SYSCONFDIR=... KAMAILIO_MODULES=...
# The connector's configuration in SYSCONFDIR is never overwritten, nor taken away once changed.

SYSCONFDIR ?= /etc
SBINDIR ?= $(PREFIX)/sbin
DOCDIR ?= $(PREFIX)/share/doc/ipsmgw
UNITDIR ?= $(PREFIX)/lib/systemd/system
ifeq ($(KAMAILIO_MODULES),)
KAMAILIO_MODULES = $(patsubst %/tm.so,%,$(shell dpkg -L kamailio | grep '/modules/tm\.so$$'))
endif

EXAMPLES := $(wildcard cfg/*.cfg)
CONFIG = $(DESTDIR)$(SYSCONFDIR)/ipsmgw/ipsmgw-connector.cfg
UNIT = $(DESTDIR)$(UNITDIR)/ipsmgw-connector.service
DROP_IN = $(DESTDIR)$(UNITDIR)/kamailio.service.d/ipsmgw.conf

.PHONY: install uninstall
install: all
	@[ -n "$(KAMAILIO_MODULES)" ] || \
		{ echo "install: set KAMAILIO_MODULES to Kamailio's module directory"; exit 1; }
	install -D -m 644 $(BUILD)/ipsmgw.so $(DESTDIR)$(KAMAILIO_MODULES)/ipsmgw.so
	install -D -m 755 $(BUILD)/ipsmgw-connector $(DESTDIR)$(SBINDIR)/ipsmgw-connector
	install -D -m 644 -t $(DESTDIR)$(DOCDIR) README.md LICENSE
	install -D -m 644 -t $(DESTDIR)$(DOCDIR)/docs $(wildcard docs/*.md)
	install -D -m 644 -t $(DESTDIR)$(DOCDIR)/modules/ipsmgw modules/ipsmgw/README.md
	install -D -m 644 -t $(DESTDIR)$(DOCDIR)/examples $(EXAMPLES)
	install -d $(dir $(UNIT)) $(dir $(DROP_IN)) $(dir $(CONFIG))
	sed 's|@SBINDIR@|$(SBINDIR)|; s|@SYSCONFDIR@|$(SYSCONFDIR)|; s|@DOCDIR@|$(DOCDIR)|' \
		systemd/ipsmgw-connector.service > $(UNIT)
	install -m 644 systemd/kamailio.service.d/ipsmgw.conf $(DROP_IN)
	@[ -e $(CONFIG) ] || mk/install_config.sh cfg/ipsmgw-connector.cfg $(CONFIG)

uninstall:
	rm -f $(DESTDIR)$(KAMAILIO_MODULES)/ipsmgw.so $(DESTDIR)$(SBINDIR)/ipsmgw-connector $(UNIT) $(DROP_IN)
	rm -rf $(DESTDIR)$(DOCDIR)
	@cmp -s cfg/ipsmgw-connector.cfg $(CONFIG) && rm -f $(CONFIG) || true
	@[ ! -e $(CONFIG) ] || echo "uninstall: $(CONFIG) was changed and stays"
	@rmdir --ignore-fail-on-non-empty $(wildcard $(dir $(CONFIG)) $(dir $(DROP_IN)))
