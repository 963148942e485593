# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# make faults: the fault campaign. SEED=n chooses the faults and the traffic, FAULTS=n how many, MINUTES=n ends it
# earlier, MAP=1 takes a mobile network (HLR, MSC, STP) instead of an SMSC. The report is BUILD/faults.md. Some of the
# faults need root (a disk of its own that can be filled).

FAULTS ?= 1000

.PHONY: faults
faults:
	tools/setup.sh test
	$(MAKE) all
	$(PYTHON) test/faults/run.py --build $(BUILD) --seed $(SEED) --faults $(FAULTS) \
		$(if $(filter command environment,$(firstword $(origin MINUTES))),--minutes $(MINUTES)) \
		$(if $(MAP),--map)
