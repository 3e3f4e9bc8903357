# SPDX-License-Identifier: Apache-2.0
"""The unit under systemd itself: all that it forbids leaves the service working, and the watchdog starts one again that
hangs."""
import os
import re
import sys
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))

import booted  # noqa: E402
import client  # noqa: E402
import debian_root  # noqa: E402
import frozen  # noqa: E402
import packages  # noqa: E402
from binary import poll  # noqa: E402

UNIT = "sandbase-events.service"
DROP_IN = """[Service]
WatchdogSec=6
Environment=SANDBASE_HTTP_LISTEN=127.0.0.1:0 SANDBASE_ADMIN_LISTEN=127.0.0.1:0 SANDBASE_ACTORS_THREADS=2
LoadCredential=cluster.secret:/etc/sandbase-events/cluster.secret
Environment=SANDBASE_CLUSTER_SECRET_FILE=%d/cluster.secret SANDBASE_CLUSTER_LISTEN=127.0.0.1:0
"""


class UnderSystemd(unittest.TestCase):
    def setUp(self):
        self.root = debian_root.DebianRoot()
        self.addCleanup(self.root.close)
        package = packages.pack(debian_root.BUILD, os.path.join(self.root.folder, "package"))
        self.root.write(f"/etc/systemd/system/{UNIT}.d/test.conf", DROP_IN)
        self.root.write("/etc/sandbase-events/cluster.secret", "s" * 40 + "\n", 0o600)
        self.system = booted.Booted(self.root)
        self.addCleanup(self.system.close)
        self.root.write("/opt/sandbase-events.deb", "")
        with open(package, "rb") as source, open(self.root.at("/opt/sandbase-events.deb"), "wb") as target:
            target.write(source.read())
        self.system.run(*debian_root.APT, "install", "/opt/sandbase-events.deb")

    def serving(self):
        """Its address, as systemd was told it. Installing has returned when it serves."""
        self.assertEqual(self.system.show(UNIT, "ActiveState"), "active", self.journal())
        status = self.system.show(UNIT, "StatusText")
        return types.SimpleNamespace(url=re.fullmatch(r"serving at (http://[\d.:]+)", status).group(1))

    def journal(self):
        return self.system.run("journalctl", "--no-pager", "--unit", UNIT)

    def main_pid(self):
        return self.system.pid_here(self.system.show(UNIT, "MainPID"))

    def confined(self):
        with open(f"/proc/{self.main_pid()}/status", encoding="utf-8") as file:
            fields = dict(line.split(":", 1) for line in file)
        return {name: fields[name].strip() for name in ("CapEff", "NoNewPrivs", "Seccomp")}

    def test_it(self):
        server = self.serving()
        self.assertEqual(self.confined(), {"CapEff": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2"})
        made = self.system.run("runuser", "-u", "sandbase-events", "--", "sandbase-events", "keys", "create", "--role",
                               "runtime", "--workspace", "default", "--name", "packaged", "--config",
                               "/etc/sandbase-events.toml")
        key = re.search(r"sk-sb-\S+", made).group()
        with client.Api(server, key) as api:
            session = api.create()
            for _ in range(20):
                api.sent(session, [client.user_message("kept")] * 50)
            before = api.stream(session).content

        with frozen.frozen(frozen.threads(self.main_pid(), "caf.multiplexer")):
            poll(lambda: "Watchdog timeout" in self.journal(), 60.0, "the watchdog")
        poll(lambda: self.system.show(UNIT, "NRestarts") == "1" and
             self.system.show(UNIT, "ActiveState") == "active", 60.0, "another start")
        with client.Api(self.serving(), key) as api:
            self.assertEqual(api.stream(session).content, before)

        self.system.run("systemctl", "stop", UNIT)
        self.assertEqual((self.system.show(UNIT, "Result"), self.system.show(UNIT, "ExecMainStatus")), ("success", "0"))
        self.system.run("dpkg", "--remove", "sandbase-events")
        self.assertEqual(self.system.show(UNIT, "LoadState"), "masked")


if __name__ == "__main__":
    unittest.main(verbosity=2)
