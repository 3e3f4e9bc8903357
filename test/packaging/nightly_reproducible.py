# SPDX-License-Identifier: Apache-2.0
"""The same sources give the same package, byte by byte, wherever and whenever they are built. The second build is a
matter of minutes as long as the compiler cache has the first."""
import os
import shutil
import subprocess
import tempfile
import unittest

import debian_root
import packages

SOURCES = os.environ.get("SANDBASE_SOURCE_DIR", "")


def build(folder):
    """The sources built there. The package."""
    shutil.copytree(SOURCES, folder, symlinks=True,
                    ignore=lambda path, names: {"build", "data", ".git", "node_modules", "__pycache__"} & set(names))
    debian_root.run("cmake", "--preset", "release", "-DSANDBASE_TESTS=OFF", cwd=folder)
    debian_root.run("cmake", "--build", "--preset", "release", "--target", "sandbase-events", cwd=folder, timeout=5000)
    return packages.pack(os.path.join(folder, "build/release"), os.path.join(folder, "build/package"))


class Reproducible(unittest.TestCase):
    def test_two_builds(self):
        with tempfile.TemporaryDirectory(prefix="sandbase-here-") as here, \
                tempfile.TemporaryDirectory(prefix="sandbase-there-") as there:
            umask = os.umask(0o022)
            try:
                one = build(os.path.join(here, "sources"))
                os.umask(0o077)
                other = build(os.path.join(there, "deeper", "down"))
            finally:
                os.umask(umask)
            if subprocess.run(["cmp", one, other], check=False).returncode != 0:
                print(debian_root.run("diffoscope", one, other, check=False) if shutil.which("diffoscope") else
                      "diffoscope would tell where they differ", flush=True)
                self.fail("two builds of the same sources differ")
            # The cache may have given both what was compiled in one of them.
            files = packages.contents(one)
            for name in (here, there):
                self.assertNotIn(name.encode(), files, "the package tells where it was built")


if __name__ == "__main__":
    unittest.main(verbosity=2)
