# SPDX-License-Identifier: Apache-2.0
"""A Debian 12 in a folder, to install packages in. Made once by debootstrap, from the mirror that this machine's apt
has, in the build folder; each test gets a copy. Needs root and, the first time and for a package's dependencies, the
network.
"""
import os
import shutil
import subprocess
import tempfile
import unittest

BUILD = os.environ.get("SANDBASE_BUILD_DIR", "")
RELEASE = "bookworm"
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "--no-install-recommends")


def unfit(why):
    """Nothing can be said here. Where a build machine runs it, it has to be."""
    if os.environ.get("CI"):
        raise AssertionError(why)
    raise unittest.SkipTest(why)


def run(*command, timeout=900, check=True, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=timeout, check=False, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} exited {done.returncode}:\n{done.stdout}")
    return done.stdout


def mirror():
    listed = run("apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)", "Created-By: Packages")
    for line in listed.splitlines():
        codename, component, uri = line.split(" ", 2)
        if (codename, component) == (RELEASE, "main"):
            return uri
    return unfit(f"apt knows no mirror of {RELEASE}: apt-get update, or another Debian")


def base():
    """With systemd, which only the tests need."""
    if os.geteuid() != 0:
        unfit("only root can make a Debian in a folder")
    if not shutil.which("debootstrap"):
        unfit("debootstrap is not installed: ./dev setup nightly")
    made = os.path.join(BUILD, "debian-root")
    if not os.path.isdir(made):
        new = made + ".new"
        shutil.rmtree(new, ignore_errors=True)
        try:
            run("debootstrap", "--variant=minbase", "--include=systemd", RELEASE, new, mirror(), timeout=1800)
        except AssertionError as error:
            unfit(f"no Debian could be made, is there a network? {str(error)[-2000:]}")
        os.rename(new, made)
    return made


class DebianRoot:
    """A fresh copy; goes with close()."""

    def __init__(self):
        origin = base()
        self.folder = tempfile.mkdtemp(prefix="debian-", dir=BUILD)
        self.path = os.path.join(self.folder, "root")
        run("cp", "--archive", "--reflink=auto", origin, self.path)
        self.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 0\n", 0o755)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def at(self, path):
        return os.path.join(self.path, path.lstrip("/"))

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        with open(self.at(path), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.at(path), mode)

    def read(self, path):
        with open(self.at(path), encoding="utf-8") as file:
            return file.read()

    def exists(self, path):
        return os.path.lexists(self.at(path))

    def command(self, *command):
        """It in there, with a /proc that goes with it: the process that starts it becomes it."""
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', self.path, *command]

    def run(self, *command, **options):
        return run(*self.command(*command), **options)

    def install(self, package):
        """By apt, which also gets what it depends on. The output."""
        shutil.copy(package, self.at("/tmp"))
        return self.run(*APT, "install", "/tmp/" + os.path.basename(package))
