# SPDX-License-Identifier: Apache-2.0
"""Files that are no store of ours or none any more: refused with what to do and left as they are, or served as far as
they are whole."""
import json
import os
import random
import re
import sqlite3
import subprocess
import unittest

import httpx

import damage
import harness
import logs
from damage import REFUSED, DamageTest

HOWS = ("garbage", "zeros", "another page")


class Refusals(DamageTest):
    """Every command refuses, says why and what to do, and changes no byte beside the lock file."""

    COMMANDS = (("serve", "--http.listen", "127.0.0.1:0", "--admin.listen", "127.0.0.1:0"), ("check",),
                ("keys", "list"),
                ("keys", "create", "--role", "viewer", "--workspace", "w", "--name", "n"), ("export", "--all"))

    def assert_refused(self, store, *words):
        before = damage.folder_of(store)
        for command in self.COMMANDS:
            with self.subTest(command[0]):
                done = store.run(*command)
                self.assertEqual(done.returncode, REFUSED, done)
                for word in (store.database, "nothing in it was changed", *words):
                    self.assertIn(word, done.stderr)
                self.assertEqual(damage.folder_of(store), before)

    def test_a_database_of_another_program(self):
        for mode in ("delete", "wal"):
            with self.subTest(mode):
                store = self.new_store()
                damage.alter(store, f"PRAGMA journal_mode={mode}", "CREATE TABLE sessions(id)",
                             "INSERT INTO sessions VALUES('theirs')")
                self.assert_refused(store, "is not a sandbase-events database", "name another file")

    def test_text(self):
        for text in ("short", "long enough for a header, and none of it is one\n" * 1000):
            store = self.new_store()
            with open(store.database, "w", encoding="ascii") as file:
                file.write(text)
            self.assert_refused(store, "is not a sandbase-events database", "name another file")

    def test_a_newer_schema(self):
        store, _, _ = self.small_store()
        damage.alter(store, "PRAGMA user_version=99")
        self.assert_refused(store, "schema version 99", "use the program version that wrote it, or restore a backup")

    def test_a_newer_schema_beside_its_log(self):
        store, _, _ = self.small_store()
        other = sqlite3.connect(store.database, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("PRAGMA wal_autocheckpoint=0")
        other.execute("PRAGMA user_version=99")
        copy = self.new_store()  # as a program that was killed leaves it
        for end in ("", "-wal"):
            with open(store.database + end, "rb") as source, open(copy.database + end, "wb") as target:
                target.write(source.read())
        before = {end: damage.digest(copy.database + end) for end in ("", "-wal")}
        done = copy.run("serve", "--http.listen", "127.0.0.1:0", "--admin.listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, REFUSED, done)
        self.assertIn("schema version 99", done.stderr)
        self.assertEqual({end: damage.digest(copy.database + end) for end in before}, before)

    def test_a_table_that_the_catalogue_lacks(self):
        store, _, _ = self.small_store()
        damage.alter(store, "PRAGMA writable_schema=ON", "DELETE FROM sqlite_schema WHERE name='segments'")
        self.assert_refused(store, "broken catalogue", "segments", "restore the file and its -wal from a backup")

    def test_a_table_without_a_definition(self):
        store, _, _ = self.small_store()
        damage.alter(store, "PRAGMA writable_schema=ON", "UPDATE sqlite_schema SET sql='' WHERE name='journal'")
        self.assert_refused(store, "broken catalogue", "restore the file and its -wal from a backup")

    def test_a_table_that_begins_nowhere(self):
        store, _, _ = self.small_store()
        damage.alter(store, "PRAGMA writable_schema=ON", "UPDATE sqlite_schema SET rootpage=9999 WHERE name='journal'")
        self.assert_refused(store, "broken catalogue", "restore the file and its -wal from a backup")


class ReadOnly(DamageTest):
    """A file that may not be written is told at the start. Root may write every file, so it stands on a mount of its
    own."""

    def test_a_read_only_file(self):
        store, _, _ = self.small_store()
        script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
        command = ["unshare", "-rm", "sh", "-c", script, "sh", store.database]
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("no mount namespaces here")
        before = damage.digest(store.database)
        done = subprocess.run([*command, harness.BINARY, "serve", "--store.url", store.url, "--http.listen",
                               "127.0.0.1:0",
                               "--admin.listen", "127.0.0.1:0"], env=store.environment(), capture_output=True,
                              text=True, timeout=30, check=False)
        self.assertNotIn(done.returncode, (0, -6, -11), done)
        self.assertIn("read", done.stderr.lower() + done.stdout.lower())
        self.assertIn(store.database, done.stderr + done.stdout)
        self.assertEqual(damage.digest(store.database), before)


class CutLogs(DamageTest):
    """A write-ahead log that ends early, or in garbage, is what a power cut leaves: what is whole in it counts."""

    def killed_store(self):
        store = self.new_store()
        key = store.key("runtime")
        server = store.serve()
        with harness.Api(server, key) as api:
            session = api.create()
            for batch in range(30):
                api.sent(session, [harness.agent_message(f"{batch} {i} " + "x" * 500) for i in range(5)])
            events = api.events(session)
        server.kill()
        self.assertGreater(os.path.getsize(store.database + "-wal"), 50_000)
        return store, key, session, events

    def assert_serves_the_beginning(self, store, key, session, events):
        """@returns how many events are left"""
        server = store.serve()
        with harness.Api(server, key) as api:
            answer = api.get(f"/v1/sessions/{session}")
            left = []
            if answer.status_code != 404:  # what made it may be cut off, too
                left = api.events(session)
                logs.assert_whole(api.session(session), left)
            self.assertEqual(left, events[:len(left)])
            self.assertEqual(len(left) % 5, 0, "a part of a transaction")
            api.sent(api.create(), [harness.agent_message("goes on")])
        self.assertEqual(server.stop(), 0)
        self.assertEqual(store.run("check").returncode, 0)
        return len(left)

    def test_a_truncated_log(self):
        frame = damage.PAGE + 24
        store, key, session, events = self.killed_store()
        with open(store.database, "rb") as database, open(store.database + "-wal", "rb") as log:
            whole, whole_log = database.read(), log.read()
        left = []
        for size in (len(whole_log), len(whole_log) - 1, len(whole_log) // 2, 32 + 12 * frame + 100, 32 + frame, 31, 0):
            with self.subTest(size=size):
                for end in ("-wal", "-shm"):
                    if os.path.exists(store.database + end):
                        os.remove(store.database + end)
                for end, content in (("", whole), ("-wal", whole_log[:size])):
                    with open(store.database + end, "wb") as file:
                        file.write(content)
                if size <= 32 + frame:
                    # Not even the key is left: the store still opens and is sound.
                    self.assertEqual(store.run("check").returncode, 0)
                    continue
                left.append(self.assert_serves_the_beginning(store, key, session, events))
        self.assertEqual(left[0], len(events))
        self.assertEqual(left, sorted(left, reverse=True))
        self.assertLess(left[-1], left[0])

    def test_a_log_with_garbage_in_it(self):
        store, key, session, events = self.killed_store()
        with open(store.database + "-wal", "rb+") as log:
            log.seek(os.path.getsize(store.database + "-wal") * 3 // 4)
            log.write(random.Random(1).randbytes(10_000))
        left = self.assert_serves_the_beginning(store, key, session, events)
        self.assertTrue(0 < left < len(events), left)


class BadPages(DamageTest):
    """Whatever stands in a page: what touches it is an error, all else is served, and `check` tells."""

    def test_pages_anywhere(self):
        witness = damage.Witness(self.store)
        seed = random.SystemRandom().randrange(1 << 32)
        chance = random.Random(seed)
        choices = [(chance.randrange(2, witness.pages + 1), chance.choice(HOWS)) for _ in range(24)]
        seen = damage.sweep(self, witness, choices, seed)
        self.assertGreater(seen["errors"] + seen["refused"], 0)

    def test_a_page_of_one_session(self):
        store = self.new_store()
        witness = damage.Witness(store)
        hurt = witness.sessions[0]
        with open(witness.whole, "rb") as file:
            content = file.read()
        places = (m.start() // damage.PAGE + 1 for m in re.finditer(f"{hurt} 1 7 ".encode(), content))
        page = next(p for p in places if witness.owner[p] == "segments")
        witness.damage(page, "garbage", random.Random(1))
        check = store.run("check")
        self.assertEqual(check.returncode, 1, check)
        self.assertIn(hurt, check.stdout + check.stderr)
        server = store.serve()
        with harness.Api(server, witness.key) as api:
            self.assert_error(api.list(hurt, limit=1000), 500, "api_error")
            for session in witness.sessions[1:]:
                self.assertEqual(api.events(session), witness.events[session])
                self.assertNotIn(session, check.stdout + check.stderr)
                api.sent(session, [harness.agent_message("goes on")])
        self.assertEqual(server.stop(), 0)

    def test_a_session_that_cannot_be_sealed(self):
        """Where its segments are looked up a page is lost: it can be read and deleted, and nobody else notices."""
        store = self.new_store()
        key = store.key("runtime")
        text = []
        for n in range(2000):
            text.append(json.dumps({"session": {"id": f"sess_n{n}", "agent": "a", "environment_id": "e"}}))
            text += [json.dumps({"event": harness.agent_message("x")})] if n != 1000 else []
        path = os.path.join(store.directory, "import.jsonl")
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(text) + "\n")
        self.assertEqual(store.run("import", path).returncode, 0)
        damage.alter(store)
        with sqlite3.connect(store.database) as database:
            page, = database.execute("SELECT pageno FROM dbstat WHERE name='segments_by_place' AND pagetype='leaf' "
                                     "ORDER BY path LIMIT 1 OFFSET 1").fetchone()
        with open(store.database, "rb+") as file:
            file.seek((page - 1) * damage.PAGE)
            file.write(bytes(damage.PAGE))
        server = store.serve("--session.idle_timeout", "1s")
        with harness.Api(server, key) as api:
            for session in ("sess_n1000", "sess_n1999"):
                api.sent(session, [harness.agent_message("new")])

            def set_aside():
                actors = httpx.get(server.admin_url + "/statusz", trust_env=False).json()["actors"]
                return next(actor["set_aside"] for actor in actors if actor["name"] == "journal")
            harness.poll(lambda: set_aside() == 1, 20.0, "a seal that fails")
            self.assert_error(api.send("sess_n1000", [harness.agent_message("more")]), 500, "api_error")
            self.assertEqual(len(api.events("sess_n1000")), 1)
            api.sent("sess_n1999", [harness.agent_message("more")])
            self.assertEqual(len(api.events("sess_n1999")), 3)
            harness.ok(api.http.delete("/v1/sessions/sess_n1000"))
            self.assertEqual(set_aside(), 0)
        self.assertIn("cannot be sealed", server.log())
        self.assertEqual(server.stop(), 0)

    def test_a_page_of_the_journal(self):
        """It may hold the end of any session: nothing is served, and the file stays as it is."""
        store = self.new_store()
        witness = damage.Witness(store, killed=True)
        pages = sorted(p for p, owner in witness.owner.items() if owner == "journal" and p not in witness.roots)
        page = pages[len(pages) // 2]
        witness.damage(page, "zeros", random.Random(1))
        before = damage.digest(store.database)
        check = store.run("check")
        self.assertEqual(check.returncode, 1, check)
        self.assertIn("journal", check.stdout + check.stderr)
        done = store.run("serve", "--http.listen", "127.0.0.1:0", "--admin.listen", "127.0.0.1:0")
        self.assertNotIn(done.returncode, (0, -6, -11), done)
        for word in (store.database, "the journal has pages that cannot be read", "restore the file from a backup"):
            self.assertIn(word, done.stderr)
        self.assertEqual(damage.digest(store.database), before)


if __name__ == "__main__":
    harness.main()
