# SPDX-License-Identifier: Apache-2.0
"""What every e2e test stands on: one store and one server a class, clients for each role, and the shape of errors."""
import os
import sys
import unittest

from binary import BINARY, IS_SANITIZED, STOP_TIMEOUT, Server, Store, poll  # noqa: F401
from client import (  # noqa: F401
    HERE, Api, agent_message, connection, node, node_report, ok, raw_items, turn, unclocked,
    user_message)

DATA = os.path.join(os.path.dirname(HERE), "data")


class E2eTest(unittest.TestCase):
    """One store a class, and (unless `serve_options` is None) one server on it with a key of each role."""

    maxDiff = 8000
    serve_options = ()

    @classmethod
    def setUpClass(cls):
        if not BINARY:
            raise unittest.SkipTest("SANDBASE_BIN is not set")
        cls.store = Store()
        cls.addClassCleanup(cls.store.close)
        if cls.serve_options is not None:
            cls.keys = {role: cls.store.key(role) for role in ("client", "runtime", "viewer")}
            cls.server = cls.store.serve(*cls.serve_options)
            cls.client, cls.runtime, cls.viewer = (cls.api(cls.keys[r]) for r in ("client", "runtime", "viewer"))

    @classmethod
    def api(cls, key, server=None, **options):
        api = Api(server or cls.server, key, **options)
        cls.addClassCleanup(api.close)
        return api

    def run(self, result=None):
        def count():
            return len(result.failures) + len(result.errors) if result is not None else 0
        before = count()
        outcome = super().run(result)
        if count() > before:
            print(f"\n{self.id()} failed\n{self.store.logs()}", file=sys.stderr, flush=True)
        return outcome

    def assert_error(self, response, status, error_type, *mentions):
        """The error envelope, its header, and that the message names what it should."""
        shown = f"{response.status_code} {dict(response.headers)} {response.text}"
        self.assertEqual(response.status_code, status, shown)
        self.assertTrue(response.headers.get("content-type", "").startswith("application/json"), shown)
        body = response.json()
        self.assertEqual(sorted(body), ["error", "request_id", "type"], shown)
        self.assertEqual(body["type"], "error", shown)
        self.assertEqual(sorted(body["error"]), ["message", "type"], shown)
        self.assertEqual(body["error"]["type"], error_type, shown)
        self.assertRegex(body["request_id"], r"^req_\w+$", shown)
        self.assertEqual(response.headers.get("request-id"), body["request_id"], shown)
        self.assertTrue(body["error"]["message"], shown)
        for mention in mentions:
            self.assertIn(mention, body["error"]["message"], shown)


def main():
    if not BINARY:
        sys.exit("SANDBASE_BIN must name the binary under test")
    unittest.main(verbosity=2)
