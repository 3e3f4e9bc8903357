# SPDX-License-Identifier: Apache-2.0
"""Tests that keep an account of what was acknowledged, over any number of servers on one store, and compare it with
what the store then holds."""
import json

import appenders
import harness
import logs

CONNECTIONS = 16
SESSIONS = 5


class AccountedTest(harness.E2eTest):
    """A store a test, with a runtime key; the test starts the servers."""

    serve_options = None

    def setUp(self):
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.key = self.store.key("runtime")
        self.sessions, self.acknowledged, self.unknown = [], [], []

    def make_sessions(self, server):
        with harness.Api(server, self.key) as api:
            self.sessions = [api.create() for _ in range(SESSIONS)]

    def load(self, server, prefix, **options):
        """Appenders on all sessions. Each load of a test needs a prefix of its own."""
        return appenders.Appenders(server, self.key, self.sessions, CONNECTIONS, prefix, **options)

    def account(self, work):
        """Ends `work` and takes down what it had answered."""
        work.stop()
        work.join()
        self.acknowledged += work.acknowledged
        self.unknown += work.unknown

    def assert_all_kept(self, server):
        """Every session is whole and holds what was acknowledged, once and in one piece. The number of events."""
        texts_of = {}
        with harness.Api(server, self.key) as api:
            for session in self.sessions:
                events = api.events(session)
                logs.assert_whole(api.session(session), events)
                texts_of[session] = [json.loads(e)["content"][0]["text"].split()[0] for e in events]
        appenders.assert_kept(texts_of, self.acknowledged, self.unknown)
        return sum(len(t) for t in texts_of.values())

    def assert_sound(self):
        check = self.store.run("check")
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
