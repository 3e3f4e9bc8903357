# SPDX-License-Identifier: Apache-2.0
"""`backup` beside a server under full append load: the copy is sound, holds everything that was acknowledged before it
began, nothing that the source does not have, and is a store like any other. Then the restore, as docs/operations.md
tells it."""
import json
import os
import pty
import re
import shutil
import signal
import stat
import subprocess

import appenders
import harness
import logs

CONNECTIONS = 16
SESSIONS = 5
BALLAST = 40 << 20  # bytes in the store before, so that a copy takes a while


def texts(events):
    return [json.loads(e)["content"][0]["text"] for e in events]


class Backup(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.key = self.store.key("runtime")
        self.copy = os.path.join(self.store.directory, "copy.db")

    def filled(self, size=BALLAST):
        """A server with sessions of so many bytes in all."""
        server = self.store.serve()
        with harness.Api(server, self.key) as api:
            sessions = [api.create() for _ in range(SESSIONS)]
            for i in range(size // 2_000_000):
                api.sent(sessions[i % SESSIONS], [harness.agent_message(f"ballast {i}-{j} " + "x" * 100_000)
                                                  for j in range(20)])
        return server, sessions

    def start_backup(self):
        command = [harness.BINARY, "backup", "--to", self.copy, "--store.url", self.store.url]
        return subprocess.Popen(command, env=self.store.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)

    def left_beside_the_copy(self):
        return {n for n in os.listdir(self.store.directory) if n.startswith("copy.db")}

    def events_of(self, store, server, sessions):
        with harness.Api(server, self.key) as api:
            found = {}
            for session in sessions:
                found[session] = api.events(session)
                logs.assert_whole(api.session(session), found[session])
            return found

    def test_under_load(self):
        server, sessions = self.filled()
        work = appenders.Appenders(server, self.key, sessions, CONNECTIONS, "load")
        work.wait_for(200)
        before = list(work.acknowledged)
        backup = self.start_backup()
        harness.poll(lambda: os.path.exists(self.copy + ".partial") or backup.poll() is not None,
                     what="the copy to begin")
        during = len(work.acknowledged)
        harness.poll(lambda: not os.path.exists(self.copy + ".partial") or backup.poll() is not None, 60, "the copy")
        appended = len(work.acknowledged) - during
        out, err = backup.communicate(timeout=60)
        after = len(work.acknowledged)
        work.wait_for(after + 200)
        work.stop()
        work.join()
        self.assertEqual((backup.returncode, out, work.refused), (0, "", []), err)
        self.assertRegex(err, r"\ACopied \d+\.\d MiB to .*copy\.db in [\d.]+ s\.\n"
                              r"Checked 5 sessions with \d+ events: 0 problems\.\n\Z")
        self.assertGreater(appended, 0, "nobody appended while the copy was made")
        self.assertEqual(self.left_beside_the_copy(), {"copy.db"})
        self.assertEqual(stat.S_IMODE(os.stat(self.copy).st_mode) & 0o007, 0)

        source = self.events_of(self.store, server, sessions)
        self.assertEqual(server.stop(), 0)
        restored = self.restored()
        checked = restored.run("check")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        second = restored.serve()
        copied = self.events_of(restored, second, sessions)
        for session in sessions:
            self.assertEqual(copied[session], source[session][:len(copied[session])], f"{session} is no prefix")
        ballast = {s: [t for t in texts(e) if t.startswith("ballast")] for s, e in copied.items()}
        self.assertEqual(sum(map(len, ballast.values())), BALLAST // 2_000_000 * 20)
        loaded = {s: [t for t in texts(e) if not t.startswith("ballast")] for s, e in copied.items()}
        late = [b for b in work.acknowledged if b not in before]
        appenders.assert_kept(loaded, before, late + work.unknown)
        print(f"copied beside {appended} appends; {sum(map(len, copied.values()))} of {sum(map(len, source.values()))} "
              f"events in the copy")
        self.assertGreater(len(source[sessions[0]]), len(copied[sessions[0]]))
        place = len(copied[sessions[0]])
        beyond = json.loads(source[sessions[0]][place])["id"]
        with harness.Api(second, self.key) as api:
            self.assert_error(api.stream(sessions[0], {"after": beyond}), 400, "invalid_request_error", "after")
            new = api.sent(sessions[0], [harness.agent_message("after the restore")])[0]["id"]
            self.assertEqual(logs.told_place(new), place + 1)
            self.assert_error(api.stream(sessions[0], {"after": beyond}), 400, "invalid_request_error", "after")
        self.assertEqual(second.stop(), 0)

    def restored(self):
        """A store whose database, with a log of its own, was replaced by the copy: the steps of docs/operations.md."""
        store = harness.Store()
        self.addCleanup(store.close)
        store.key("client")
        lost = store.serve()
        with harness.Api(lost, store.key("runtime")) as api:
            api.sent(api.create(), [harness.agent_message("of the store that is given up")])
        lost.kill()
        self.assertGreater(os.path.getsize(store.database + "-wal"), 0)
        away = os.path.join(store.directory, "lost")
        os.mkdir(away)
        for suffix in ("", "-wal", "-shm"):
            shutil.move(store.database + suffix, away)
        shutil.copy(self.copy, store.database)
        return store

    def test_refusals(self):
        with open(self.copy, "w", encoding="ascii") as file:
            file.write("precious")
        folder = self.store.directory
        rows = [(self.copy, "exists"), (self.store.database, "exists"), (folder, "exists"),
                (os.path.join(folder, "none", "c.db"), "none"),
                ("", "--to")]
        for target, mention in rows:
            with self.subTest(target):
                done = self.store.run("backup", "--to", target)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn(mention, done.stderr)
        with open(self.copy, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")
        done = self.store.run("backup", "--to", "/tmp/x.db", "--store.url", f"sqlite:{folder}/none.db", store=False)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("none.db", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(folder, "none.db")))

    def test_a_copy_that_is_cut_off(self):
        """kill -9 leaves no file of that name; the next backup takes over what it left."""
        server, sessions = self.filled()
        backup = self.start_backup()
        harness.poll(lambda: os.path.exists(self.copy + ".partial"), what="the copy to begin")
        os.kill(backup.pid, signal.SIGKILL)
        backup.communicate(timeout=10)
        self.assertEqual(backup.returncode, -signal.SIGKILL, "it was over before it could be cut off")
        self.assertFalse(os.path.exists(self.copy))
        self.assertEqual(self.left_beside_the_copy(), {"copy.db.partial"})
        self.store.must("backup", "--to", self.copy)
        self.assertEqual(self.left_beside_the_copy(), {"copy.db"})
        self.events_of(self.store, server, sessions)
        self.assertEqual(server.stop(), 0)

    def test_progress_on_a_terminal(self):
        server, _ = self.filled()
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            command = [harness.BINARY, "backup", "--to", self.copy, "--no-check", "--store.url", self.store.url]
            with subprocess.Popen(command, env=self.store.environment(), stderr=theirs) as backup:
                os.close(theirs)
                shown = b""
                try:
                    while part := terminal.read(4096):
                        shown += part
                except OSError:  # how a terminal ends that nobody writes to any more
                    pass
        self.assertEqual(backup.returncode, 0, shown)
        self.assertRegex(shown.decode(), r"\A\r\[#*-+\] +\d+ %  [\d.]+ MiB  [\d.]+ [KMG]iB/s")
        self.assertRegex(shown.decode(), r"\r\x1b\[KCopied [\d.]+ MiB to .*\n\Z")
        self.assertEqual(server.stop(), 0)

    def test_no_room_for_the_copy(self):
        """A failure leaves nothing behind, and the store does not notice."""
        server, sessions = self.filled()
        limit = 8 << 20
        done = subprocess.run(["sh", "-c", f'ulimit -f {limit // 512} && trap "" XFSZ && exec "$@"', "sh",
                               harness.BINARY, "backup",
                               "--to", self.copy, "--store.url", self.store.url],
                              env=self.store.environment(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"\Asandbase-events: cannot copy the store: .*\n\Z")
        self.assertEqual(self.left_beside_the_copy(), set())
        self.events_of(self.store, server, sessions)
        self.assertEqual(server.stop(), 0)

    def test_a_damaged_store_is_copied_and_told_of(self):
        server, sessions = self.filled(4_000_000)
        self.assertEqual(server.stop(), 0)
        with open(self.store.database, "rb+") as database:
            # Of all the events of one session: any of them may lie across the edge of two pages, where it is not found.
            for found in re.finditer(rb"ballast 0-\d", database.read()):
                database.seek(found.start())
                database.write(b"B")
        done = self.store.run("backup", "--to", self.copy)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(sessions[0], done.stdout)
        self.assertTrue(os.path.exists(self.copy))
        self.assertRegex(done.stderr, r"Checked 5 sessions with \d+ events: [1-9]\d* problems\.\n\Z")
        os.remove(self.copy)
        self.store.must("backup", "--to", self.copy, "--no-check")


if __name__ == "__main__":
    harness.main()
