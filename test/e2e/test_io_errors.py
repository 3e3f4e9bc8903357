# SPDX-License-Identifier: Apache-2.0
"""A disk that fails under a full load of appends, on the real binary. EIO, and a failed sync whatever its reason: the
process ends with status 70 and answers nobody; the next one has everything that was acknowledged. ENOSPC: appends are
refused clearly, reads go on, appends come back when there is room."""
import os
import random
import sqlite3

import harness
import io_faults
from accounts import CONNECTIONS, AccountedTest

EXIT_DISK_FAILED = 70
STARTS_AGAIN = 10.0  # seconds for appends to come back
FOR_EVER = io_faults.FOR_EVER

# (call, end of the file's name, error, how many calls fail)
FATAL = [
    ("sync", "events.db-wal", "EIO", 1),
    ("sync", "events.db-wal", "EIO", FOR_EVER),
    ("sync", "events.db-wal", "ENOSPC", 1),
    ("write", "events.db-wal", "EIO", 1),
    ("write", "events.db-wal", "EIO", FOR_EVER),
    ("write", "events.db", "EIO", 1),  # a checkpoint's
    ("sync", "events.db", "EIO", 1),
]


class IoErrors(AccountedTest):
    def setUp(self):
        super().setUp()
        self.faults = io_faults.IoFaults(self.store)

    def serve(self):
        return self.store.serve(env=self.faults.environment())

    def serve_with_sessions(self):
        server = self.serve()
        self.make_sessions(server)
        return server

    def inject(self, server, *rule):
        """Sets the rule and waits for the first call that it makes fail."""
        known = server.log().count("io_faults:")
        self.faults.set(*rule)
        harness.poll(lambda: server.log().count("io_faults:") > known, 30.0, "a fault")

    def assert_ends_well(self, server):
        self.assert_all_kept(server)
        self.assertTrue(server.running())
        self.assertEqual(server.stop(), 0)
        self.assert_sound()

    def test_fatal_errors(self):
        seed = random.SystemRandom().randrange(1 << 32)
        print(f"seed {seed}", flush=True)
        chance = random.Random(seed)
        server = self.serve_with_sessions()
        for number, (call, name_end, error, count) in enumerate(FATAL):
            with self.subTest(call, of=name_end, error=error, count=count):
                work = self.load(server, f"r{number}", padding=4000)
                work.wait_for(chance.randrange(20, 200))
                self.faults.set(call, name_end, error, chance.randrange(1, 20), count)
                try:
                    code = server.wait(60)
                finally:
                    server.kill()
                    self.faults.clear()
                self.account(work)
                self.assertEqual(code, EXIT_DISK_FAILED, server.log())
                self.assertIn(f"io_faults: {call} of ", server.log())
                self.assertIn("the store's disk failed", server.log())
                self.assertEqual(work.refused, [], "somebody was answered")
                if number % 2:  # who opens the store first is who reads its log back
                    self.assert_sound()
                server = self.serve()
                self.assert_all_kept(server)
                self.assert_sound()
        print(f"{len(self.acknowledged)} appends acknowledged, {len(self.unknown)} cut off")
        self.assert_ends_well(server)

    def test_starts_that_fail(self):
        """Told in one line, and nothing is lost; the next start finds it all. Only a failed disk is for the supervisor
        to try again."""
        server = self.serve_with_sessions()
        work = self.load(server, "before")
        work.wait_for(50)
        server.kill()  # leaves a log to be read
        self.account(work)
        refused = r"^sandbase-events: .*events\.db"
        failed = r"^fatal: the store's disk failed: .*events\.db.* the write-ahead log durable: .*Input/output error"
        for call, name_end, error, code, says in (
                ("truncate", "events.db-shm", "EIO", 2, refused), ("truncate", "events.db.lock", "EIO", 2, refused),
                ("write", "events.db.lock", "ENOSPC", 2, refused), ("write", "events.db-wal", "ENOSPC", 2, refused),
                ("write", "events.db-wal", "EIO", EXIT_DISK_FAILED, failed),
                ("sync", "events.db-wal", "EIO", EXIT_DISK_FAILED, failed)):
            with self.subTest(call, of=name_end, error=error):
                self.faults.set(call, name_end, error)
                server = self.store.serve(env=self.faults.environment(), wait=False)
                self.assertEqual(server.wait(20), code, server.log())
                said = [line for line in server.log().splitlines() if not line.startswith("io_faults:")]
                self.assertEqual(len(said), 1, server.log())
                self.assertRegex(said[0], says)
                self.assertIn(f"io_faults: {call} of ", server.log())
        self.faults.clear()
        self.assert_ends_well(self.serve())

    def test_no_room_for_the_log(self):
        server = self.serve_with_sessions()
        work = self.load(server, "full", goes_on_after={503})
        work.wait_for(100)
        for count in (1, 7):  # SQLite or the service may get over these without a refusal
            self.inject(server, "write", "events.db-wal", "ENOSPC", 3, count)
            work.wait_for(len(work.acknowledged) + 100, STARTS_AGAIN)
        self.faults.set("write", "events.db-wal", "ENOSPC", 3)
        refused = len(work.refused)
        harness.poll(lambda: len(work.refused) > refused + 2 * CONNECTIONS, what="refusals")
        acknowledged = len(work.acknowledged)
        with harness.Api(server, self.key) as api:
            self.assertGreater(len(api.events(self.sessions[0])), 0)
            answer = api.send(self.sessions[0], [harness.agent_message("refused")])
            self.assert_error(answer, 503, "overloaded_error")
            self.assertRegex(answer.headers.get("retry-after", ""), r"^\d+$")
        self.assertEqual(len(work.acknowledged), acknowledged)
        self.faults.clear()
        work.wait_for(acknowledged + 100, STARTS_AGAIN)
        self.account(work)
        self.assertEqual({status for _, _, status, _ in work.refused}, {503})
        self.assertEqual(self.unknown, [])
        self.assert_ends_well(server)
        print(f"{len(self.acknowledged)} appends acknowledged, {len(work.refused)} refused with 503")

    def test_no_room_for_the_index_of_the_log(self):
        """Somebody else reads the database, so that its log grows; the index is large enough from the start."""
        server = self.serve()
        reader = sqlite3.connect(f"file:{self.store.database}?mode=ro", uri=True, isolation_level=None)
        self.addCleanup(reader.close)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sessions").fetchone()
        self.faults.set("write", "events.db-shm", "ENOSPC")
        with harness.Api(server, self.key) as api:
            session, sent = api.create(), 0
            while os.path.getsize(self.store.database + "-wal") < 100 << 20:
                sent += len(api.sent(session, [harness.agent_message("x" * 900_000)] * 4))
            self.assertEqual(len(api.events(session)), sent)
        reader.execute("COMMIT")
        self.faults.clear()
        self.assertEqual(server.stop(), 0)
        self.assert_sound()

    def test_no_room_for_a_checkpoint(self):
        """What cannot move into the database stays in its log: nobody notices."""
        server = self.serve_with_sessions()
        work = self.load(server, "wal", padding=4000)
        self.inject(server, "write", "events.db", "ENOSPC")
        work.wait_for(len(work.acknowledged) + 500)
        self.faults.clear()
        work.wait_for(len(work.acknowledged) + 500)
        self.account(work)
        self.assertEqual((work.refused, self.unknown), ([], []))
        self.assert_ends_well(server)



if __name__ == "__main__":
    harness.main()
