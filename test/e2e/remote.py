# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line as a client share: a server, and commands that the environment tells of it."""
import os
import subprocess

import harness
import terminal

#: Text that a terminal would obey.
HOSTILE = "\x1b[2J\x1b]0;owned\x07 \u009b31m \u202etxet \r\nline\ttwo \x7f end"


class RemoteCli(harness.E2eTest):
    def setUp(self):
        self.env = self.environment(self.keys["runtime"])

    def environment(self, key, url=None):
        """Of a user with this key and no profiles."""
        return {"SANDBASE_URL": url or self.server.url, "SANDBASE_KEY": key, "HOME": self.store.directory,
                "XDG_CONFIG_HOME": os.path.join(self.store.directory, "none")}

    def cli(self, *arguments, env=None, **options):
        return self.store.run(*arguments, store=False, env=self.env if env is None else env, **options)

    def must(self, *arguments, **options):
        done = self.cli(*arguments, **options)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def assert_fails(self, done, code, *mentions):
        """One clear line on stderr, nothing on stdout."""
        self.assertEqual((done.returncode, done.stdout), (code, ""), done)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("sandbase-events: "), done.stderr)
        for mention in mentions:
            self.assertIn(mention, done.stderr)

    def start(self, *arguments, env=None, **options):
        """The command in the background."""
        process = subprocess.Popen([harness.BINARY, *arguments], env=self.store.environment(env or self.env),
                                   stdin=subprocess.DEVNULL, preexec_fn=terminal.heed_interrupts, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def on_terminal(self, *arguments, env=None, **options):
        made = terminal.Terminal([harness.BINARY, *arguments], self.store.environment(env or self.env), **options)
        self.addCleanup(made.close)
        return made
