# SPDX-License-Identifier: Apache-2.0
"""The Debian package of a folder that was built, and what is in one."""
import os
import subprocess

from debian_root import run

EPOCH = "1700000000"  # a moment that is not now


def pack(build, into, version=None):
    """Of what stands in `build`. The package's path."""
    changed = ("-D", "CPACK_PACKAGE_VERSION=" + version) if version else ()
    run("cpack", "--config", os.path.join(build, "CPackConfig.cmake"), "-B", into, *changed,
        env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH})
    found = [name for name in os.listdir(into) if name.endswith(".deb")]
    if len(found) != 1:
        raise AssertionError(f"cpack made {found}")
    return os.path.join(into, found[0])


def contents(package):
    """All its files as one uncompressed archive."""
    return subprocess.run(["dpkg", "--fsys-tarfile", package], stdout=subprocess.PIPE, check=True).stdout
