# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# Tests. Each prints "name: N passed, N failed"; tools/check_run.sh runs them all and adds up.

MINUTES ?= 2

UNIT := $(patsubst test/unit/%.c,%,$(wildcard test/unit/*_test.c))
FUZZ := $(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/fuzz_*.c))
UNIT_BIN := $(UNIT:%=$(BUILD)/asan/test/unit/%)
REPLAY_BIN := $(FUZZ:fuzz_%=$(BUILD)/asan/test/fuzz/replay_%)
ASAN_LIB_O := $(LIB_C:%.c=$(BUILD)/asan/%.o)

# ---- unit tests: all of lib with sanitisers, and what lines "sources: a.c b.c" of a test name ----

sources = $(shell sed -n 's|^/\* sources: \(.*\) \*/$$|\1|p' $(1))
objects = $(patsubst %.c,$(BUILD)/asan/%.o,$(call sources,$(1)))

$(BUILD)/asan/lib.a: $(ASAN_LIB_O)
	rm -f $@
	ar rcs $@ $^

$(BUILD)/asan/test/unit/xml_%: override CPPFLAGS += $(XML_CFLAGS)

links = $(if $(filter connector/%,$(call sources,$(1))),$$(CONNECTOR_LIBS)) $$(LIB_LIBS)

define unit_rule
$(BUILD)/asan/test/unit/$(1): $(BUILD)/asan/test/unit/$(1).o $(call objects,test/unit/$(1).c) $(BUILD)/asan/lib.a
	$$(CC) $$(ASAN) -o $$@ $$^ $(call links,test/unit/$(1).c)
endef
$(foreach t,$(UNIT),$(eval $(call unit_rule,$(t))))

# ---- fuzzers: the corpus replayed without clang, and the real thing ----

define fuzz_rule
$(BUILD)/asan/test/fuzz/replay_$(1:fuzz_%=%): $(BUILD)/asan/test/fuzz/$(1).o $(BUILD)/asan/test/fuzz/replay.o \
		$(call objects,test/fuzz/$(1).c) $(BUILD)/asan/lib.a
	$$(CC) $$(ASAN) -o $$@ $$^ $(call links,test/fuzz/$(1).c)

$(BUILD)/fuzz/$(1): $(BUILD)/fuzz/test/fuzz/$(1).o $(patsubst %.c,$(BUILD)/fuzz/%.o,$(call sources,test/fuzz/$(1).c)) \
		$(BUILD)/fuzz/lib.a
	clang -fsanitize=fuzzer $$(FUZZ_SANITIZE) -o $$@ $$^ $(call links,test/fuzz/$(1).c)
endef
$(foreach t,$(FUZZ),$(eval $(call fuzz_rule,$(t))))

# what files of the module want of Kamailio
$(BUILD)/asan/test/fuzz/replay_msrp_% $(BUILD)/fuzz/fuzz_msrp_% $(BUILD)/asan/test/unit/work_%: \
	override CPPFLAGS += -Itest/fuzz/kamailio

FUZZ_SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_LIB_O := $(LIB_C:%.c=$(BUILD)/fuzz/%.o)

$(BUILD)/fuzz/lib.a: $(FUZZ_LIB_O)
	rm -f $@
	ar rcs $@ $^

$(BUILD)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	clang -std=c11 $(CPPFLAGS) -MMD -MP -O1 -g -fsanitize=fuzzer-no-link $(FUZZ_SANITIZE) $(XML_CFLAGS) \
		$(if $(filter connector/%,$<),$(shell pkg-config --cflags $(CONNECTOR_PKGS))) -c -o $@ $<

# Two at a time, each so long; MINUTES may be a part of one, TARGETS="tpdu rp" takes only those.
TARGETS ?= $(FUZZ:fuzz_%=%)
JOBS ?= 2

.PHONY: fuzz fuzz-build
fuzz-build: $(TARGETS:%=$(BUILD)/fuzz/fuzz_%)

fuzz:
	tools/setup.sh fuzz
	$(MAKE) fuzz-build
	@$(PYTHON) tools/fuzz.py --build $(BUILD) --minutes $(MINUTES) --jobs $(JOBS) $(TARGETS)

# ---- a fixed number of mutated messages, the same for the same seed ----

MUTATIONS ?= 1000000
SEED ?= 1
MUTATE_BIN := $(BUILD)/asan/test/fuzz/mutate_map
MUTATE_VECTORS := test/vectors/map_tcap.txt test/vectors/map_more.txt

define mutate_rule
$(MUTATE_BIN): $(MUTATE_BIN).o $(call objects,test/fuzz/mutate_map.c) $(BUILD)/asan/lib.a
	$$(CC) $$(ASAN) -o $$@ $$^ $(call links,test/fuzz/mutate_map.c)
endef
$(eval $(call mutate_rule))

.PHONY: mutate-map
mutate-map: $(MUTATE_BIN)
	$< $(MUTATIONS) $(SEED) $(MUTATE_VECTORS)

# ---- loss of power at CUTS places of the write log, the same for the same seed ----

CUTS ?= 5000
POWER_BIN := $(BUILD)/asan/test/unit/store_power_test

.PHONY: power
power: $(POWER_BIN)
	$< -s $(SEED) -n $(CUTS)

# ---- the targets ----

.PHONY: check check-build unit replay check-headers check-deps check-style check-doc check-static

check-build: $(UNIT_BIN) $(REPLAY_BIN) $(MUTATE_BIN)

check: check-build $(BUILD)/kamailio.flags
	@tools/check_run.sh $(BUILD) check

unit: $(UNIT_BIN)
	@tools/check_run.sh $(BUILD) unit

replay: $(REPLAY_BIN)
	@tools/check_run.sh $(BUILD) replay

check-headers: $(BUILD)/kamailio.flags
	@tools/check_headers.sh $(BUILD)

check-deps:
	@$(PYTHON) tools/check_deps.py

check-style:
	@$(PYTHON) tools/check_style.py

check-doc:
	@$(PYTHON) tools/check_doc.py

check-static: $(BUILD)/kamailio.flags
	@tools/check_static.sh $(BUILD)

# What is missing is installed first; only then can the rest ask pkg-config and kamailio.
.PHONY: test test-asan test-installed test-asan-installed run setup

setup:
	tools/setup.sh run

run:
	@tools/setup.sh run
	@$(MAKE) -q all || echo "building into $(BUILD)/: about a minute"
	@$(MAKE) -s all
	@$(PYTHON) tools/run_demo.py $(if $(ONCE),--once) --build $(BUILD)

test:
	tools/setup.sh test
	$(MAKE) test-installed

test-installed: all check-build $(SANITISED)
	@tools/check_run.sh $(BUILD) test

test-asan:
	tools/setup.sh test
	$(MAKE) SANITIZE=1 test-asan-installed

test-asan-installed: all check-build
	@MODULE=$(BUILD)/asan/ipsmgw.so CONNECTOR=$(BUILD)/asan/ipsmgw-connector tools/check_run.sh $(BUILD) e2e

include mk/bench.mk

-include $(MUTATE_BIN).d $(UNIT_BIN:%=%.d) $(FUZZ:%=$(BUILD)/asan/test/fuzz/%.d) \
	$(FUZZ:%=$(BUILD)/fuzz/test/fuzz/%.d) $(FUZZ_LIB_O:.o=.d) $(CONNECTOR_C:%.c=$(BUILD)/fuzz/%.d)
