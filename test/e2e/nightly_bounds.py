# SPDX-License-Identifier: Apache-2.0
"""What growth costs, at sizes that a day brings: memory and time stay within their bounds."""
import contextlib
import json
import os
import sqlite3
import sys
import time

import harness
import raw

sys.path.append(os.path.join(harness.HERE, "live"))

import follow  # noqa: E402

DEPTH = 64  # small requests on their way at once
MIB = 1 << 20
NEW_SESSION = {"agent": "agent_e2e", "environment_id": "env_e2e"}


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
        create = self.post("/v1/sessions", {**NEW_SESSION, "initial_events": [harness.user_message("x" * 200)] * 3})
        ids = [json.loads(a.body)["id"] for a in many(server, [create] * 10_000)]
        self.ask_all(server, (raw.request("DELETE", f"/v1/sessions/{s}", self.key) for s in ids))
        began = time.monotonic()
        harness.poll(lambda: self.rows("SELECT count(*) FROM tombstones") == 0, 60.0, "10,000 deletions to be swept")
        print(f"10,000 deleted sessions swept {time.monotonic() - began:.1f} s after the last was acknowledged")
        for table in ("journal", "segments", "foreign_ids", "definitions", "sessions"):
            self.assertEqual(self.rows(f"SELECT count(*) FROM {table}"), 0, table)
        self.assertEqual(server.stop(), 0)

    def appends(self, sessions, text, count=1):
        body = {"events": [harness.user_message(text)] * count}
        return [self.post(f"/v1/sessions/{s}/events", body) for s in sessions]

    def test_what_killed_writers_left_is_sealed_beside_traffic(self):
        server = self.store.serve()
        create = self.post("/v1/sessions", NEW_SESSION)
        ids = [json.loads(a.body)["id"] for a in many(server, [create] * 30_000)]
        self.ask_all(server, self.appends(ids, "x" * 200))
        self.assertGreater(self.rows("SELECT count(*) FROM sessions WHERE sealed_seq = 0"), 25_000)
        server.kill()
        server = self.store.serve()
        began = time.monotonic()
        beside = harness.ok(self.api(self.key, server).post("/v1/sessions", NEW_SESSION)).json()["id"]
        waits = []
        with raw.wire(server) as wire:
            while self.rows("SELECT count(*) FROM sessions WHERE sealed_seq = 0") > 1:
                self.assertLess(time.monotonic() - began, 20.0, "30,000 sessions left unsealed")
                for _ in range(10):
                    asked = time.monotonic()
                    self.assertEqual(wire.send(*self.appends([beside], "beside")).response().status, 200)
                    waits.append(time.monotonic() - asked)
                    time.sleep(0.02)
        waits.sort()
        print(f"what 30,000 writers left was sealed {time.monotonic() - began:.1f} s after the start; {len(waits)} "
              f"appends beside it took {waits[len(waits) // 2] * 1000:.1f} ms, {waits[-1] * 1000:.0f} ms at most")
        self.assertEqual(server.stop(), 0)

    def test_a_million_events_beside_quiet_followed_sessions(self):
        ceiling = 64 * MIB
        server = self.store.serve("--journal.max_bytes", "64MiB", "--session.idle_timeout", "2s")
        create = self.post("/v1/sessions", NEW_SESSION)
        quiet, busy = ([json.loads(a.body)["id"] for a in many(server, [create] * n)] for n in (100, 20))
        self.ask_all(server, self.appends(quiet, "quiet"))
        streams = [follow.Follow(server.port, self.key, s) for s in quiet]
        requests = self.appends(busy, "x" * 1000, 500)
        most = 0
        for _ in range(100):
            self.ask_all(server, requests, depth=2)
            most = max(most, self.rows("SELECT sum(length(json)) FROM journal"))
        live = sum(self.rows(f"SELECT sum(length({text})) FROM {table}")
                   for text, table in (("frames", "segments"), ("json", "journal")))
        size = sum(os.path.getsize(os.path.join(self.store.directory, f)) for f in os.listdir(self.store.directory))
        print(f"1,000,000 events of 1 KB beside 100 quiet sessions: journal at most {most / MIB:.0f} of 64 MiB, files "
              f"{size / MIB:.0f} MiB for {live / MIB:.0f} MiB")
        self.assertLess(most, ceiling)
        self.assertLess(size, 1.3 * live + ceiling)
        for stream in streams:
            self.assertEqual(len([f for f in stream.history() if f.is_event]), 1)
            stream.wire.close()
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    harness.main()
