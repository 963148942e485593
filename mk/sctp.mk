# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
#
# MAP over kernel SCTP, in a guest of user-mode Linux.

.PHONY: test-sctp
test-sctp:
	tools/setup.sh test
	$(MAKE) all
	$(PYTHON) test/sctp/run.py --build $(BUILD)
