# SPDX-License-Identifier: Apache-2.0
"""A store in PostgreSQL: what the server makes of a database that restarts, is not there or refuses, and moving from
one store to the other. What does not differ is tested by the other files, run on PostgreSQL too."""
import json
import os
import signal
import subprocess
import threading
import time

import httpx

import appenders
import harness
import logs
import postgres
import sse

FILE = os.path.join(harness.DATA, "agent-sessions.jsonl")


class OnPostgres(harness.E2eTest):
    """A PostgreSQL server that is durable, and a store in it."""

    serve_options = None
    settings = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = postgres.PostgresServer(*cls.settings)
        cls.addClassCleanup(cls.database.close)
        cls.store.url = cls.database.url(cls.database.new_database())

    def sound(self, store=None):
        (store or self.store).must("check")


class Restarts(OnPostgres):
    def test_nothing_is_lost_and_all_goes_on_by_itself(self):
        key = self.store.key("runtime")
        server = self.store.serve()
        with harness.Api(server, key) as api:
            sessions = [api.create() for _ in range(4)]
            work = appenders.Appenders(server, key, sessions, 8, "load", goes_on_after={500, 503})
            for how in (signal.SIGQUIT, signal.SIGINT):
                work.wait_for(len(work.acknowledged) + 50)
                self.database.end(how)
                before = len(work.refused)
                harness.poll(lambda: len(work.refused) > before, what="an append to be refused")
                self.assert_error(api.get("/v1/sessions"), 503, "overloaded_error")
                self.database.start()
                work.wait_for(len(work.acknowledged) + 50)
            work.stop()
            work.join()
            statuses = {status for _, _, status, _ in work.refused}
            self.assertLessEqual(statuses, {500, 503})
            unknown = work.unknown + [(s, m) for s, m, status, _ in work.refused if status == 500]
            texts = {}
            for session in sessions:
                # What reads has connections of its own, which come back within a second too.
                harness.poll(lambda s=session: api.list(s).status_code == 200, 5, "the store to be read")
                events = api.events(session)
                logs.assert_whole(api.session(session), events)
                texts[session] = [json.loads(e)["content"][0]["text"] for e in events]
            appenders.assert_kept(texts, work.acknowledged, unknown)
        self.assertEqual(server.stop(), 0)
        self.sound()


class StopsWithoutItsDatabase(OnPostgres):
    settings = postgres.UNSAFE

    def test_a_server_ends_though_the_database_stood_still_under_its_appends(self):
        key = self.store.key("runtime")
        server = self.store.serve()
        with harness.Api(server, key) as api:
            sessions = [api.create() for _ in range(40)]
        work = appenders.Appenders(server, key, sessions, 32, "load", goes_on_after={500, 503})
        try:
            work.wait_for(400)
            self.database.signal_all(signal.SIGSTOP)
            time.sleep(0.2)  # appends wait for an answer that does not come
            server.terminate()
            time.sleep(4)
        finally:
            self.database.signal_all(signal.SIGCONT)
            work.stop()
        self.assertEqual(server.wait(10), 0, server.log())
        self.sound()


class Journals(OnPostgres):
    settings = postgres.UNSAFE

    def parts(self, server):
        page = httpx.get(server.admin_url + "/statusz", timeout=5.0, trust_env=False).json()
        return {part["name"]: part for part in page["actors"]}

    def test_sessions_are_shared_out(self):
        key = self.store.key("runtime")
        server = self.store.serve("--store.journals", "3")
        with harness.Api(server, key) as api:
            sessions = [api.create() for _ in range(60)]
            for session in sessions:
                api.sent(session, [harness.agent_message()])
        parts = self.parts(server)
        # By their numbers, whose last bits are random: three times in a million one has fewer.
        writers = [parts[f"journal {n}"]["writers"] for n in (1, 2, 3)]
        self.assertEqual(sum(writers), 60)
        self.assertGreater(min(writers), 4)
        self.assertEqual(parts["log_claimer"]["claims"], 60)
        self.assertNotIn("journal", parts)
        self.assertEqual(server.stop(), 0)
        self.sound()

    def test_a_lock_of_somebody_else_costs_one_session(self):
        key = self.store.key("runtime")
        server = self.store.serve()
        with harness.Api(server, key) as api, harness.Api(server, key) as other:
            sessions = [api.create() for _ in range(6)]
            for session in sessions:
                api.sent(session, [harness.agent_message("before")])
            database = self.store.url.split("?")[0].split("/")[-1]
            locked = "SELECT 1 FROM sandbase.tips WHERE session = (SELECT key FROM sandbase.sessions WHERE id = "
            with self.database.transaction(f"{locked}'{sessions[2]}') FOR UPDATE", database):
                for _ in range(2):  # the second one claims
                    begin = time.monotonic()
                    self.assert_error(api.send(sessions[2], [harness.agent_message("lost")]), 503, "overloaded_error")
                    self.assertLess(time.monotonic() - begin, 4)
                    for session in sessions[:2] + sessions[3:]:
                        other.sent(session, [harness.agent_message("beside")])
            api.sent(sessions[2], [harness.agent_message("after")])
            texts = [json.loads(e)["content"][0]["text"] for e in api.events(sessions[2])]
            self.assertEqual(texts, ["before", "after"])
        self.assertEqual(server.stop(), 0)
        self.sound()


class Refusals(OnPostgres):
    settings = postgres.UNSAFE

    def test_a_database_that_is_not_there(self):
        for url in (self.database.url("no_such_database"), "postgres://app@/events?host=/nowhere"):
            done = self.store.run("check", "--store.url", url, store=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertRegex(done.stderr, r"\Asandbase-events: .+\n\Z")

    def test_a_password_in_the_url_is_not_shown(self):
        for url in ("postgres://app:s3cret@host/db", "postgres://app@host/db?password=s3cret"):
            done = self.store.run("check", "--store.url", url, store=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("store.password_file", done.stderr)
            self.assertNotIn("s3cret", done.stdout + done.stderr)

    def test_backup_says_how(self):
        self.store.key("viewer")
        done = self.store.run("backup", "--to", os.path.join(self.store.directory, "copy"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("pg_dump", done.stderr)

    def test_migrate_says_from_which_version_to_which(self):
        url = self.database.url(self.database.new_database())
        for said in ("The store is made, with schema version 1.\n", "The store has schema version 1 already.\n"):
            done = self.store.run("migrate", "--store.url", url, store=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", said))
        self.store.run("check", "--store.url", url, store=False)

    def test_who_may_not_make_tables_is_told_and_whoever_writes_first_makes_them(self):
        self.database.sql("CREATE ROLE poor LOGIN")
        name = self.database.new_database()
        url = self.database.url(name, "poor")
        key = ("keys", "create", "--role", "viewer", "--workspace", "w", "--name", "n")
        writers = (("migrate",), key, ("import", os.devnull), ("serve", "--http.listen", "127.0.0.1:0"))
        for command in writers:
            with self.subTest(command):
                done = self.store.run(*command, "--store.url", url, store=False)
                self.assertEqual(done.returncode, 2, done)
                self.assertRegex(done.stderr, r"\Asandbase-events: .*GRANT CREATE ON DATABASE.*\n\Z")
        for command in (("keys", "revoke", "1"), ("check",), ("keys", "list")):
            with self.subTest(command):
                done = self.store.run(*command, "--store.url", url, store=False)
                self.assertEqual(done.returncode, 2, done)
                self.assertIn("there is no store", done.stderr)
        for command in writers[:-1]:
            with self.subTest(command):
                name = self.database.new_database()
                self.database.sql(f"GRANT CREATE ON DATABASE {name} TO poor")
                done = self.store.run(*command, "--store.url", self.database.url(name, "poor"), store=False)
                self.assertEqual(done.returncode, 0, done)
                self.assertEqual(self.database.sql("SELECT max(version) FROM sandbase.schema", name), "1")

    def test_a_password_from_a_file(self):
        self.database.sql("CREATE ROLE guarded LOGIN PASSWORD 's3cret'")
        with open(os.path.join(self.database.socket_folder, "data", "pg_hba.conf"), "r+", encoding="ascii") as hba:
            rules = hba.read()
            hba.seek(0)
            hba.write("local all guarded scram-sha-256\n" + rules)
        self.database.sql("SELECT pg_reload_conf()")
        name = self.database.new_database()
        self.database.sql(f"GRANT CREATE ON DATABASE {name} TO guarded")
        url = self.database.url(name, "guarded")
        file = os.path.join(self.store.directory, "password")
        for password, code in (("wrong", 2), ("s3cret", 0)):
            with open(file, "w", encoding="ascii") as f:
                f.write(password + "\n")
            done = self.store.run("keys", "create", "--role", "viewer", "--workspace", "w", "--name", "n",
                                  "--store.url", url, "--store.password_file", file, store=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertNotIn("s3cret", done.stdout + done.stderr)


class Outdated(OnPostgres):
    """A server whose tables a program of a later version has changed."""

    settings = postgres.UNSAFE

    def add_version(self, version, oldest_writer):
        self.database.sql(f"INSERT INTO sandbase.schema(version, oldest_writer) VALUES ({version}, {oldest_writer})",
                          self.store.url.split("/")[3].split("?")[0])

    @staticmethod
    def follow(api, session, to):
        """Collects what comes until the server ends the stream, which is never as if it were whole."""
        try:
            with api.http.stream("GET", f"/v1/sessions/{session}/events/stream", params={"follow": "true"}) as answer:
                to.extend(answer.iter_raw())
        except httpx.RemoteProtocolError:
            pass

    def test_it_takes_no_more_requests_and_says_so_once(self):
        key = self.store.key("runtime")
        server = self.store.serve()
        ready = server.admin_url + "/readyz"
        with harness.Api(server, key) as api, harness.Api(server, key) as follower:
            session = api.create()
            self.add_version(3, 1)  # this program may write in
            followed = []
            following = threading.Thread(target=self.follow, args=(follower, session, followed))
            following.start()
            for i in range(30):
                api.sent(session, [harness.agent_message(f"before {i}")])
                time.sleep(0.1)
            self.assertEqual(httpx.get(ready, trust_env=False).status_code, 200)
            self.add_version(4, 3)
            server.wait_for_line(r"no more requests are taken: .* has schema version 4, which programs older than 3")
            for response in (api.send(session, [harness.agent_message("after")]), api.get("/v1/sessions"),
                             api.get(f"/v1/sessions/{session}/events"),
                             api.stream(session)):
                self.assert_error(response, 503, "overloaded_error", "this node takes no more requests")
            answer = httpx.get(ready, trust_env=False)
            self.assertEqual(answer.status_code, 503)
            self.assertIn("schema version 4", answer.text)
            self.assertEqual(httpx.get(server.admin_url + "/healthz", trust_env=False).status_code, 200)
            following.join(20)
            self.assertFalse(following.is_alive())
            frames = sse.parse(b"".join(followed))
            self.assertEqual(len([f for f in frames if f.is_event]), 30)
            self.assertIn('"closing":"moved"', frames[-1].data)
        self.assertEqual(server.stop(), 0)
        lines = [line for line in server.log().splitlines() if "schema version 4" in line and "/readyz" not in line]
        self.assertEqual(len(lines), 1, server.log())
        again = self.store.run("serve", "--http.listen", "127.0.0.1:0", "--admin.listen", "127.0.0.1:0")
        self.assertEqual(again.returncode, 2)
        self.assertRegex(again.stderr, r"\Asandbase-events: .*use the program version that wrote it\n\Z")


def undated(lines):
    """An export without what depends on when it was made."""
    plain = []
    for line in lines:
        if line.startswith('{"session":'):
            header = json.loads(line)
            del header["session"]["stats"]
            line = json.dumps(header)
        plain.append(line)
    return plain


class MovingOver(OnPostgres):
    """The real agent logs, from one store to the other and back, beside what is there."""

    settings = postgres.UNSAFE

    def test_both_ways(self):
        old = harness.Store()
        self.addCleanup(old.close)
        back = harness.Store()
        self.addCleanup(back.close)
        old.must("import", FILE)
        exported = old.export("--all")
        for to in (self.store, back):
            said = to.run("import", "-", stdin="\n".join(exported) + "\n")
            self.assertEqual(said.returncode, 0, said.stderr)
            self.assertRegex(said.stderr, r"Imported \d+ sessions with \d+ events, skipped 0")
            self.sound(to)
            exported_again = to.export("--all")
            self.assertEqual(undated(exported_again), undated(exported))
            exported = exported_again
        again = self.store.run("import", "-", stdin="\n".join(exported) + "\n")
        self.assertRegex(again.stderr, r"Imported 0 sessions with 0 events, skipped \d+")

    def test_an_input_that_pauses_holds_up_nobody_and_loses_nothing(self):
        database = self.database.new_database()
        to = ("--store.url", self.database.url(database))
        def lines(session, first, last):
            header = [] if first > 1 else [
                json.dumps({"session": {"id": session, "agent": "a", "environment_id": "e"}})]
            return "".join(line + "\n" for line in header + [
                json.dumps({"event": {"id": f"evt_{session[-1]}{i}", **harness.agent_message("x" * 3000)}})
                for i in range(first, last + 1)])
        key = ("keys", "create", "--role", "viewer", "--workspace", "default", "--name", "n")
        importing = subprocess.Popen([harness.BINARY, "import", "-", *to], stdin=subprocess.PIPE, text=True,
                                     stderr=subprocess.PIPE)
        self.addCleanup(importing.kill)
        importing.stdin.write(lines("sess_a", 1, 10) + lines("sess_b", 1, 200) + '{"event":')
        importing.stdin.flush()
        paused = time.monotonic()
        self.assertEqual(self.store.run(*key, *to, store=False).returncode, 0)
        open_ones = ("SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL AND "
                     f"datname = '{database}'")
        harness.poll(lambda: self.database.sql("SELECT count(*) FROM sandbase.segments", database) != "0",
                     what="the first session to be kept")
        harness.poll(lambda: self.database.sql(open_ones) == "0", 2, "no transaction to be open")
        self.assertIn("sess_a", self.store.run("sessions", "list", *to, store=False).stdout)
        harness.poll(lambda: time.monotonic() - paused > 3)
        self.assertIsNone(importing.poll())
        self.assertEqual(self.database.sql(open_ones), "0")
        rest = lines("sess_b", 201, 400).removeprefix('{"event":').lstrip()
        said = importing.communicate(rest + lines("sess_c", 1, 3), timeout=60)[1]
        self.assertEqual(importing.returncode, 0, said)
        self.assertIn("Imported 3 sessions with 413 events", said)
        self.assertIn("413 events: 0 problems", self.store.run("check", *to, store=False).stderr)

    def test_commands_work_beside_a_server(self):
        key = self.store.key("runtime", "acme")
        server = self.store.serve()
        with harness.Api(server, key) as api:
            session = api.create()
            api.sent(session, [harness.agent_message("x" * 5000) for _ in range(30)])
            self.assertIn(session, self.store.must("sessions", "list", "--workspace", "acme"))
            self.assertIn("acme", self.store.must("workspaces", "list"))
            self.assertEqual(len(self.store.export(session)), 31)
            self.store.must("import", FILE, "--workspace", "acme")
            with open(FILE, encoding="utf-8") as file:
                imported = json.loads(file.readline())["session"]["id"]
            self.assertEqual(api.session(imported)["id"], imported)
            self.sound()


if __name__ == "__main__":
    harness.main()
