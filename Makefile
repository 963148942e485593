# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
#   make            build/ipsmgw.so and build/ipsmgw-connector
#   make run        install what is missing, build, show one conversation (ONCE=1: then stop)
#   make test       install what is missing, build, run every test
#   make check      the tests that need no server: a few minutes
#   make install    DESTDIR, PREFIX, KAMAILIO_MODULES honoured; make uninstall takes it away
#   make fuzz       MINUTES=n each fuzzer (clang); make test-asan: all end to end with sanitisers
#   make faults     SEED=n FAULTS=1000 MINUTES=n: break everything under load, audit that nothing is lost
#   make mutate-map MUTATIONS=1000000 SEED=1 damaged TCAP messages, with sanitisers
#   make power CUTS=5000 SEED=1 loss of power at any write of the database
#
# BUILD=dir builds elsewhere; SANITIZE=1 builds module and connector with ASan and UBSan in BUILD/asan;
# KAMAILIO_SRC=tree uses that source of Kamailio for its headers instead of fetching it.

BUILD ?= build
PREFIX ?= /usr
PYTHON ?= /usr/bin/python3

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

WARN = -Wall -Wextra -Werror
HARDEN = -D_FORTIFY_SOURCE=2 -fstack-protector-strong
ASAN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS ?= -O2 -g
override CPPFLAGS += -D_GNU_SOURCE -I. -Ilib
COMPILE = $(CC) -std=c11 $(WARN) $(CPPFLAGS) -MMD -MP
CONNECTOR_PKGS = libosmocore libosmovty libosmo-sigtran openssl
CONNECTOR_LIBS = $(shell pkg-config --libs $(CONNECTOR_PKGS))
XML_CFLAGS = $(shell pkg-config --cflags libxml-2.0)
LIB_LIBS = -lsqlite3 -lxml2
MODULE_LIBS = $(LIB_LIBS) -lz -pthread

# ---- what is built from what ----

LIB_C := $(wildcard lib/*/*.c)
MODULE_C := $(wildcard modules/ipsmgw/*.c $(foreach d,util sms cpm msrp link store,lib/$(d)/*.c))
CONNECTOR_C := $(wildcard connector/*.c $(foreach d,util sms smpp map link,lib/$(d)/*.c))

MODULE_O := $(MODULE_C:%.c=$(BUILD)/%.o)
CONNECTOR_O := $(CONNECTOR_C:%.c=$(BUILD)/%.o)
ASAN_CONNECTOR_O := $(CONNECTOR_C:%.c=$(BUILD)/asan/%.o)
ASAN_MODULE_O := $(MODULE_C:%.c=$(BUILD)/asan/so/%.o) $(BUILD)/asan/so/test/sanitise/kamailio_memory.o

SANITISED := $(BUILD)/asan/ipsmgw.so $(BUILD)/asan/ipsmgw-connector

.PHONY: all clean
ifeq ($(SANITIZE),1)
all: $(SANITISED)
else
all: $(BUILD)/ipsmgw.so $(BUILD)/ipsmgw-connector
endif

# All symbols but Kamailio's entry points stay local, so that no name meets one of the core's.
$(BUILD)/ipsmgw.so: $(MODULE_O) mk/module.map
	$(CC) -shared -Wl,-z,relro -Wl,--version-script=mk/module.map $(LDFLAGS) -o $@ $(MODULE_O) $(MODULE_LIBS)

$(BUILD)/ipsmgw-connector: $(CONNECTOR_O)
	$(CC) -pie -Wl,-z,relro -Wl,-z,now $(LDFLAGS) -o $@ $^ $(CONNECTOR_LIBS)

$(BUILD)/asan/ipsmgw-connector: $(ASAN_CONNECTOR_O)
	$(CC) $(ASAN) $(LDFLAGS) -o $@ $^ $(CONNECTOR_LIBS)

$(BUILD)/asan/ipsmgw.so: $(ASAN_MODULE_O) mk/module.map
	$(CC) $(ASAN) -shared -Wl,--version-script=mk/module.map $(LDFLAGS) -o $@ $(ASAN_MODULE_O) $(MODULE_LIBS)

# ---- objects: of two matching rules make takes the longer directory ----

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) $(HARDEN) $(CFLAGS) -fPIC -c -o $@ $<

$(BUILD)/lib/cpm/%.o: lib/cpm/%.c
	@mkdir -p $(@D)
	$(COMPILE) $(HARDEN) $(CFLAGS) -fPIC $(XML_CFLAGS) -c -o $@ $<

$(BUILD)/connector/%.o: connector/%.c
	@mkdir -p $(@D)
	$(COMPILE) $(HARDEN) $(CFLAGS) -fPIC $(shell pkg-config --cflags $(CONNECTOR_PKGS)) -c -o $@ $<

$(BUILD)/modules/%.o: modules/%.c $(BUILD)/kamailio.flags
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(WARN) $(CPPFLAGS) -MMD -MP @$(BUILD)/kamailio.flags -DMOD_NAME='"ipsmgw"' \
		-fno-strict-aliasing -fstack-protector-strong $(CFLAGS) -fPIC -c -o $@ $<

$(BUILD)/asan/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) -O1 -g $(ASAN) -DSTORE_TEST -c -o $@ $<

$(BUILD)/asan/lib/cpm/%.o: lib/cpm/%.c
	@mkdir -p $(@D)
	$(COMPILE) -O1 -g $(ASAN) $(XML_CFLAGS) -c -o $@ $<

$(BUILD)/asan/connector/%.o: connector/%.c
	@mkdir -p $(@D)
	$(COMPILE) -O1 -g $(ASAN) $(shell pkg-config --cflags $(CONNECTOR_PKGS)) -c -o $@ $<

$(BUILD)/asan/so/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) -O1 -g $(ASAN) -fPIC $(XML_CFLAGS) -c -o $@ $<

ASAN_KAMAILIO = $(CC) -std=gnu11 $(WARN) $(CPPFLAGS) -MMD -MP @$(BUILD)/kamailio.flags -DMOD_NAME='"ipsmgw"' \
	-fno-strict-aliasing -O1 -g $(ASAN) -fPIC

$(BUILD)/asan/so/modules/%.o: modules/%.c $(BUILD)/kamailio.flags
	@mkdir -p $(@D)
	$(ASAN_KAMAILIO) -c -o $@ $<

$(BUILD)/asan/so/test/%.o: test/%.c $(BUILD)/kamailio.flags
	@mkdir -p $(@D)
	$(ASAN_KAMAILIO) -c -o $@ $<

# ---- Kamailio's headers and defines, of exactly the installed version ----

$(BUILD)/kamailio.flags: mk/kamailio_sdk.sh
	@mkdir -p $(BUILD)
	mk/kamailio_sdk.sh $(BUILD) $(KAMAILIO_SRC)

clean:
	rm -rf $(addprefix $(BUILD)/,lib modules connector asan fuzz ipsmgw.so ipsmgw-connector)

include mk/check.mk
include mk/install.mk
include mk/sctp.mk
include mk/faults.mk

-include $(MODULE_O:.o=.d) $(CONNECTOR_O:.o=.d) $(ASAN_CONNECTOR_O:.o=.d) $(ASAN_MODULE_O:.o=.d) \
	$(LIB_C:%.c=$(BUILD)/asan/%.d)
