# SPDX-License-Identifier: Apache-2.0
"""A Debian in a folder with its own systemd as process 1, in a container on this machine's network."""
import os
import shutil
import signal
import subprocess
import tempfile

import debian_root
from binary import poll


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


class Booted:
    def __init__(self, root):
        if not shutil.which("systemd-nspawn"):
            debian_root.unfit("systemd-nspawn is not installed: ./dev setup nightly")
        self.console = tempfile.TemporaryFile()
        self.container = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--directory", root.path, "--register=no", "--keep-unit", "--boot"],
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=subprocess.STDOUT)
        try:
            self.first = poll(self._first, 60.0, "process 1 of the container")
            poll(self._is_up, 180.0, "systemd in the container")
        except AssertionError as error:
            self.close()
            debian_root.unfit(f"no systemd boots in a container here: {error}")

    def _first(self):
        return next((int(pid) for pid in os.listdir("/proc")
                     if pid.isdigit() and parent_of(pid) == self.container.pid), None)

    def _is_up(self):
        return self.run("systemctl", "is-active", "basic.target", check=False).strip() == "active"

    def run(self, *command, **options):
        return debian_root.run("nsenter", "--target", str(self.first), "--mount", "--uts", "--ipc", "--pid", "--cgroup",
                               "--root", "--wd", "--", *command, **options)

    def show(self, unit, name):
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def pid_here(self, pid):
        """Of a process of the container: the number that it has outside."""
        for here in filter(str.isdigit, os.listdir("/proc")):
            if parent_of(here) != self.first:
                continue
            with open(f"/proc/{here}/status", encoding="utf-8") as file:
                if next(line.split()[-1] for line in file if line.startswith("NSpid:")) == pid:
                    return int(here)
        raise AssertionError(f"the container has no process {pid}")

    def close(self):
        if self.container.poll() is None:
            self.container.send_signal(signal.SIGTERM)  # to nspawn: an orderly end
            try:
                self.container.wait(30)
            except subprocess.TimeoutExpired:
                self.container.kill()
                self.container.wait()
        self.console.close()
