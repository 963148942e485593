# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A disk of 4 MiB that can be filled: a tmpfs, which needs root."""

import contextlib
import os
import pathlib
import subprocess
import tempfile

from harness import Skip


@contextlib.contextmanager
def small_disk():
    if os.geteuid() != 0:
        raise Skip("a small tmpfs needs root")
    where = pathlib.Path(tempfile.mkdtemp(prefix="ipsmgw-full-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(where)], capture_output=True, check=False).returncode:
        raise Skip("mount of a tmpfs is not allowed here")
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", str(where)], check=False)
        where.rmdir()


def fill_up(path):
    with open(path, "wb", buffering=0) as filler:
        for size in (65536, 4096, 512):
            while True:
                try:
                    filler.write(b"x" * size)
                except OSError:
                    break
