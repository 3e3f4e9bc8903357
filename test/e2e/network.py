# SPDX-License-Identifier: Apache-2.0
"""A network for one node, which can be cut. Needs root, the programs ip (iproute2) and nft (nftables)."""
import os
import random
import shutil
import subprocess

from nodes import of_its_own

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Unavailable(Exception):
    """Why there is none here."""


class Namespace:
    """A network namespace joined to this one by a pair of veth: `outside` is this end's address, `inside` the other.
    It ends with this process, however that ends: nothing but a process of ours holds it."""

    def __init__(self):
        self.ip, self.nft = (shutil.which(name, path=PATH) for name in ("ip", "nft"))
        if os.getuid() != 0 or not self.ip or not self.nft:
            raise Unavailable("it takes root, iproute2 and nftables")
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=of_its_own)
        if self.holder.stdout.readline() != b"ready\n":
            raise Unavailable("unshare --net is not allowed")
        try:
            self._join()
        except subprocess.CalledProcessError as e:
            self.close()
            raise Unavailable(f"{' '.join(e.cmd)}: {e.stderr}") from None

    @property
    def prefix(self):
        """What a command stands behind, to run in there."""
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--"]

    def _join(self):
        network = f"10.231.{random.randrange(256)}."
        ours, theirs = f"sb{self.holder.pid}", "inner"
        self.outside, self.inside = network + "1", network + "2"
        self._run(self.ip, "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", str(self.holder.pid))
        self._run(self.ip, "address", "add", f"{self.outside}/30", "dev", ours)
        self._run(self.ip, "link", "set", ours, "up")
        for command in (("address", "add", f"{self.inside}/30", "dev", theirs), ("link", "set", theirs, "up"),
                        ("link", "set", "lo", "up")):
            self._run(*self.prefix, self.ip, *command)
        self.cut()  # so that it fails here if it cannot be
        self.heal()

    def cut(self, port=None):
        """From now on nothing passes, and nobody is told; with a `port`, nothing from and to that one."""
        what = [f"tcp {end} {port} drop" for end in ("dport", "sport")] if port else ["drop"]
        rules = "".join(f"add rule inet cut {way} {drop}\n" for way in ("in", "out") for drop in what)
        self._run(*self.prefix, self.nft, "-f", "-", stdin=f"""
            add table inet cut
            add chain inet cut in {{ type filter hook input priority 0; }}
            add chain inet cut out {{ type filter hook output priority 0; }}
            {rules}""")

    def heal(self):
        self._run(*self.prefix, self.nft, "delete table inet cut")

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()

    @staticmethod
    def _run(*command, stdin=""):
        subprocess.run(command, input=stdin, text=True, capture_output=True, timeout=20, check=True)
