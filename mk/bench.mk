# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
#   make bench          what a message costs, and how many a second there can be; docs/performance.md
#   make bench-codecs   instructions of each codec for one message, by callgrind
#
# BENCH_SHORT=1: a few minutes instead of an hour; test/bench/messages.py --help tells the other variables.

BENCH_BIN := $(addprefix $(BUILD)/bench/,sip_load smpp_sink map_sink full_database sync_count.so)

$(BUILD)/bench/sip_load: test/bench/sip_load.c test/bench/load.c test/bench/load.h
$(BUILD)/bench/smpp_sink: test/bench/smpp_sink.c test/bench/load.c test/bench/load.h
$(BUILD)/bench/sip_load $(BUILD)/bench/smpp_sink:
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(CPPFLAGS) $(CFLAGS) -o $@ $(filter %.c,$^)

$(BUILD)/bench/map_sink: test/bench/map_sink.c test/bench/load.c $(LIB_C:%.c=$(BUILD)/%.o)
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(CPPFLAGS) $(CFLAGS) -o $@ $^ $(LIB_LIBS)

$(BUILD)/bench/sync_count.so: test/bench/sync_count.c
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $^ -ldl

.PHONY: bench
bench: all $(BENCH_BIN)
	$(PYTHON) test/bench/run.py --build $(BUILD)

$(BUILD)/bench/full_database: test/bench/full_database.c test/bench/load.h $(LIB_C:%.c=$(BUILD)/%.o)
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(CPPFLAGS) $(CFLAGS) -o $@ $(filter %.c %.o,$^) $(LIB_LIBS)

$(BUILD)/bench/codecs: test/bench/codecs.c $(LIB_C:%.c=$(BUILD)/%.o)
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(CPPFLAGS) $(CFLAGS) -o $@ $^ $(LIB_LIBS)

.PHONY: bench-codecs
bench-codecs: $(BUILD)/bench/codecs
	$(PYTHON) test/bench/codecs.py $(BUILD)
