# SPDX-License-Identifier: Apache-2.0
"""What growth costs, at sizes that a day brings: memory and time stay within their bounds."""
import contextlib
import json
import os
import sqlite3
import time

import harness
import raw

DEPTH = 64  # small requests on their way at once
MIB = 1 << 20


def many(server, requests, depth=DEPTH, timeout=60.0):
    """The answers to requests that are pipelined over one connection."""
    with raw.wire(server, timeout) as wire:
        waiting = 0
        for request in requests:
            wire.send(request)
            waiting += 1
            if waiting == depth:
                yield wire.response()
                waiting -= 1
        for _ in range(waiting):
            yield wire.response()


class Growth(harness.E2eTest):
    """A store a test, with a runtime key; the test starts the server."""

    serve_options = None

    def setUp(self):
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.key = self.store.key("runtime")

    def rows(self, sql):
        """The first value that a query of the store gives."""
        with contextlib.closing(sqlite3.connect(f"file:{self.store.database}?mode=ro", uri=True, timeout=10)) as db:
            return db.execute(sql).fetchone()[0] or 0

    def import_sessions(self, count, events=1):
        """Ids of that many new sessions with so many small events each."""
        ids = [f"sess_{n:07d}" for n in range(count)]
        path = os.path.join(self.store.directory, "sessions.jsonl")
        event = json.dumps({"event": harness.user_message("x" * 100)})
        with open(path, "w", encoding="ascii") as file:
            for session in ids:
                header = {"id": session, "agent": {"type": "agent", "id": "agent_e2e", "version": 1},
                          "environment_id": "env_e2e"}
                print(json.dumps({"session": header}), *[event] * events, sep="\n", file=file)
        self.store.must("import", path, timeout=900)
        os.remove(path)
        return ids

    def ask_all(self, server, requests, depth=DEPTH):
        for answer in many(server, requests, depth):
            self.assertEqual(answer.status, 200, answer)

    def get(self, path):
        return raw.request("GET", path, self.key)

    def post(self, path, body):
        return raw.request("POST", path, self.key, [("Content-Type", "application/json")], json.dumps(body).encode())

    def test_a_crawl_over_all_sessions(self):
        ids = self.import_sessions(300_000)
        server = self.store.serve()
        began = time.monotonic()
        self.ask_all(server, (self.get(f"/v1/sessions/{s}/events") for s in ids))
        most = server.memory("VmHWM")
        print(f"300,000 sessions read in {time.monotonic() - began:.0f} s: at most {most / MIB:.0f} MiB of RSS")
        self.assertLess(most, 400e6)
        self.assertEqual(server.stop(), 0)

    def test_deletions_are_swept(self):
        server = self.store.serve()
        create = self.post("/v1/sessions", {"agent": "agent_e2e", "environment_id": "env_e2e",
                                            "initial_events": [harness.user_message("x" * 200)] * 3})
        ids = [json.loads(a.body)["id"] for a in many(server, [create] * 10_000)]
        self.ask_all(server, (raw.request("DELETE", f"/v1/sessions/{s}", self.key) for s in ids))
        began = time.monotonic()
        harness.poll(lambda: self.rows("SELECT count(*) FROM tombstones") == 0, 60.0, "10,000 deletions to be swept")
        print(f"10,000 deleted sessions swept {time.monotonic() - began:.1f} s after the last was acknowledged")
        for table in ("journal", "segments", "foreign_ids", "definitions", "sessions"):
            self.assertEqual(self.rows(f"SELECT count(*) FROM {table}"), 0, table)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    harness.main()
