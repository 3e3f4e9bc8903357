# SPDX-License-Identifier: Apache-2.0
"""The Debian package in a Debian of its own: installed, served, upgraded, removed and purged."""
import os
import re
import shlex
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))

import binary  # noqa: E402
import client  # noqa: E402
import debian_root  # noqa: E402
import notified  # noqa: E402
import packages  # noqa: E402

WANTED = "/etc/systemd/system/multi-user.target.wants/sandbase-events.service"
UNIT = "/usr/lib/systemd/system/sandbase-events.service"
CONFIGURATION = "/etc/sandbase-events.toml"
STATE = "/var/lib/sandbase-events"
USER = "sandbase-events"


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = debian_root.DebianRoot()
        cls.addClassCleanup(cls.root.close)
        cls.old, cls.new = (packages.pack(debian_root.BUILD, os.path.join(cls.root.folder, name), version)
                            for name, version in (("old", "0.0.1"), ("new", None)))

    def unit(self, key):
        """The last value that the unit has for it."""
        return re.findall(rf"^{key}=(.*)$", self.root.read(UNIT), re.M)[-1]

    def as_service(self, *command):
        return self.root.command("setpriv", "--reuid", USER, "--regid", USER, "--init-groups", "--no-new-privs",
                                 "env", "-C", self.unit("WorkingDirectory"), *command)

    def key(self):
        out = debian_root.run(*self.as_service("sandbase-events", "keys", "create", "--role", "runtime", "--workspace",
                                               "default", "--name", "packaged", "--config", CONFIGURATION))
        return re.search(r"sk-sb-\S+", out).group()

    def serve(self):
        """What the unit starts, until READY has come."""
        supervisor = notified.Supervisor(self.root.at("/run/notify"))
        self.addCleanup(supervisor.close)
        self.assertEqual(self.unit("User"), USER)
        seconds = int(self.unit("WatchdogSec"))
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **supervisor.environment(seconds)}
        env["NOTIFY_SOCKET"] = "/run/notify"
        server = binary.Server(self.as_service(*shlex.split(self.unit("ExecStart"))), env)
        self.addCleanup(lambda: server.kill() if server.running() else None)
        supervisor.wait_for("READY", timeout=60.0)
        supervisor.wait_for("WATCHDOG", timeout=60.0)
        return server.wait_until_listening(), supervisor

    def stop(self, server, supervisor):
        server.terminate()
        supervisor.wait_for("STOPPING")
        self.assertEqual(server.wait(10.0), 0, server.log())
        os.unlink(self.root.at("/run/notify"))

    def assert_a_config_of_defaults(self):
        text = self.root.read(CONFIGURATION)
        set_options = [line for line in text.splitlines() if line and line[0] not in "#["]
        self.assertEqual(set_options, [f'url = "sqlite:{STATE}/sandbase.db"'])
        with open(os.path.join(os.environ["SANDBASE_SOURCE_DIR"], "config/sandbase-events.example.toml"),
                  encoding="utf-8") as file:
            for line in file.read().splitlines():
                if re.match(r"[a-z]", line):
                    self.assertIn(f"\n# {line}\n", text)

    def test_its_life(self):
        root = self.root
        self.assertIn("Setting up sandbase-events (0.0.1)", root.install(self.old))
        self.assert_a_config_of_defaults()
        stat = os.stat(root.at(STATE))
        self.assertEqual((oct(stat.st_mode & 0o7777), stat.st_uid == 0), ("0o750", False))
        self.assertTrue(root.exists(WANTED), "not enabled")
        root.run("systemd-analyze", "verify", "sandbase-events.service")

        changed = re.sub(r'# (listen = "127\.0\.0\.1:)\d+"', r'\g<1>0"', root.read(CONFIGURATION))
        self.assertEqual(changed.count("127.0.0.1:0"), 2)
        root.write(CONFIGURATION, changed)
        key = self.key()
        server, supervisor = self.serve()
        with client.Api(server, key) as api:
            session = api.create()
            sent = api.sent(session, [client.user_message("kept")])
            before = api.stream(session).content
        self.assertIn(sent[0]["id"].encode(), before)
        self.stop(server, supervisor)

        upgraded = root.install(self.new)
        self.assertRegex(upgraded, r"sandbase-events \(\d.*\) over \(0\.0\.1\)")
        self.assertEqual(root.read(CONFIGURATION), changed)
        server, supervisor = self.serve()
        with client.Api(server, key) as api:
            self.assertEqual(api.stream(session).content, before)
            api.sent(session, [client.user_message("more")])
        self.stop(server, supervisor)

        root.run("dpkg", "--remove", "sandbase-events")
        for path, stays in ((UNIT, False), ("/usr/bin/sandbase-events", False), (CONFIGURATION, True),
                            (STATE + "/sandbase.db", True)):
            self.assertEqual(root.exists(path), stays, path)
        root.run("dpkg", "--purge", "sandbase-events")
        self.assertFalse(root.exists(CONFIGURATION))
        self.assertTrue(root.exists(STATE + "/sandbase.db"), "nobody has asked for that")
        self.assertFalse(root.exists(WANTED))

        root.install(self.new)
        selection = "sandbase-events sandbase-events/purge-data boolean true"
        root.run("sh", "-c", f"echo '{selection}' | debconf-set-selections")
        root.run("dpkg", "--purge", "sandbase-events")
        self.assertFalse(root.exists(STATE), "it was asked for")

    def test_what_it_says_of_itself(self):
        """No finding of lintian, but that there are no manual pages as long as the program prints none."""
        found = debian_root.run("lintian", "--fail-on", "none", self.new)
        others = [line for line in found.splitlines() if re.match("[EW]:", line) and "no-manual-page" not in line]
        self.assertEqual(others, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
