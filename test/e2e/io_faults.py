# SPDX-License-Identifier: Apache-2.0
"""Disk faults in the running binary, by the preloaded library shim/io_faults.cpp.

Environment: SANDBASE_IO_FAULTS, the path of the library; tests that need it are skipped without."""
import os
import unittest

import binary

FOR_EVER = 1 << 60
LIBRARY = os.environ.get("SANDBASE_IO_FAULTS", "")


class IoFaults:
    """Faults of the files of one store. Start its server with environment()."""

    def __init__(self, store):
        if not LIBRARY:
            raise unittest.SkipTest("SANDBASE_IO_FAULTS is not set")
        if binary.IS_SANITIZED:
            raise unittest.SkipTest("a sanitizer has to come first")
        self.control = os.path.join(store.directory, "io_faults")
        self.clear()

    def environment(self):
        return {"LD_PRELOAD": LIBRARY, "SANDBASE_IO_FAULTS_CONTROL": self.control}

    def set(self, call, name_end, error, first=1, count=FOR_EVER):
        """From now on the `first`th write, sync or truncation of a file of that name, and so many in all, fail."""
        self._write(f"{call} {name_end} {error} {first} {count}\n")

    def clear(self):
        self._write("")

    def _write(self, text):
        with open(self.control + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.replace(self.control + ".new", self.control)
