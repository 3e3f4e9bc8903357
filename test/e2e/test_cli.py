# SPDX-License-Identifier: Apache-2.0
"""The command line: what is refused at start and how, the config file and the environment, keys, check."""
import json
import os
import re

import damage
import harness


class CliTest(harness.E2eTest):
    serve_options = None

    def assert_refused(self, done, *mentions):
        """Exit code 2, and one clear line."""
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for mention in mentions:
            self.assertIn(mention, done.stderr)


class Refusals(CliTest):
    def config(self, text):
        path = os.path.join(self.store.directory, "config.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_command_lines(self):
        rows = [
            ("serve", "--nope"), ("serve", "--http.nope", "1"), ("serve", "--http.listen", "nowhere"),
            ("serve", "--http.listen", "127.0.0.1"),
            ("serve", "--http.listen", "127.0.0.1:99999"), ("serve", "--http.listen", "127.0.0.1:-1"),
            ("serve", "--admin.listen", ":x"),
            ("serve", "--http.threads", "many"), ("serve", "--http.threads", "-1"), ("serve", "--http.threads", "1.5"),
            ("serve", "--http.max_connections", "0"), ("serve", "--http.max_body_bytes", "8 elephants"),
            ("serve", "--http.max_body_bytes", "-8MiB"),
            ("serve", "--http.header_timeout", "10"), ("serve", "--http.header_timeout", "0s"),
            ("serve", "--http.idle_timeout", "soon"),
            ("serve", "--event.max_bytes", "0"), ("serve", "--event.max_bytes", "99999999999999999999"),
            ("serve", "--log.level", "loud"),
            ("serve", "--log.format", "xml"), ("serve", "--http.cors_origin", "*"),
            ("serve", "--session.idle_timeout", "-1s"),
        ]
        for row in rows:
            with self.subTest(row):
                self.assert_refused(self.store.run(*row), row[1].removeprefix("--"))

    def test_other_command_lines(self):
        rows = [((), ""), (("nonsense",), "nonsense"), (("keys",), ""), (("keys", "create"), "--role"),
                (("keys", "revoke"), ""),
                (("keys", "create", "--role", "admin", "--workspace", "a", "--name", "a"), "role"),
                (("keys", "create", "--role", "client", "--workspace", "a b", "--name", "a"), "workspace"),
                (("keys", "revoke", "x"), ""), (("import",), "file"), (("export",), ""), (("serve", "extra"), "extra")]
        for arguments, mention in rows:
            with self.subTest(arguments):
                self.assert_refused(self.store.run(*arguments, store=False), mention)

    def test_links_that_cannot_be(self):
        shared = ("serve", "--store.url", "postgres://app@db/events", "--cluster.listen")
        secret = {"SANDBASE_CLUSTER_SECRET": "0123456789abcdef" * 2}
        rows = [(("serve", "--cluster.join", "127.0.0.1:1"), secret, "store.url"),
                (("serve", "--cluster.join", "127.0.0.1:1", "--cluster.listen", "127.0.0.1:0"), secret,
                 "cluster.listen"),
                ((*shared, "127.0.0.1:0"), {}, "cluster.secret_file"),
                ((*shared, "127.0.0.1:0"), {"SANDBASE_CLUSTER_SECRET": "too-short"}, "32 characters"),
                ((*shared, "0.0.0.0:0"), secret, "cluster.advertise")]
        for arguments, env, mention in rows:
            with self.subTest(mention):
                done = self.store.run(*arguments, store="--store.url" not in arguments, env=env)
                self.assert_refused(done, mention)
                self.assertNotIn("too-short", done.stderr)

    def test_a_value_behind_an_unknown_option_is_not_shown(self):
        done = self.store.run("serve", "--cluster.secret=hunter2")
        self.assert_refused(done, "--cluster.secret")
        self.assertNotIn("hunter2", done.stderr)

    def test_stores_that_are_none(self):
        for url in ("mysql:/x", "sqlite:", "/tmp/x.db", ""):
            with self.subTest(url):
                self.assert_refused(self.store.run("serve", "--store.url", url, store=False), "store.url")

    def test_config_files(self):
        rows = [("[http]\nnope = 1\n", "nope"), ("[http]\nlisten = 7\n", "http.listen"),
                ("[http]\nlisten = \"nowhere\"\n", "http.listen"),
                ("[http\n", "1"), ("x\n", ""), ("[log]\nlevel = \"loud\"\n", "log.level"),
                ("[http]\nthreads = 1\nthreads = 2\n", "threads")]
        for text, mention in rows:
            with self.subTest(text):
                path = self.config(text)
                self.assert_refused(self.store.run("serve", "--config", path), mention, path)
        self.assert_refused(self.store.run("serve", "--config", "/nonexistent.toml"), "/nonexistent.toml")
        self.assert_refused(self.store.run("serve", "--config", self.store.directory), self.store.directory)

    def test_environment(self):
        for name, value in (("SANDBASE_HTTP_LISTEN", "nowhere"), ("SANDBASE_HTTP_THREADS", "x"),
                            ("SANDBASE_LOG_LEVEL", "loud")):
            with self.subTest(name):
                self.assert_refused(self.store.run("serve", env={name: value}), name)

    def test_help_and_version(self):
        for arguments in (("--help",), ("serve", "--help"), ("keys", "create", "--help"), ("--version",)):
            with self.subTest(arguments):
                done = self.store.run(*arguments, store=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(done.stdout.strip())

    def test_a_port_in_use(self):
        server = self.store.serve()
        other = harness.Store()
        self.addCleanup(other.close)
        done = other.run("serve", "--http.listen", f"127.0.0.1:{server.port}", "--admin.listen", "127.0.0.1:0")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(server.port), done.stderr)


class Migrate(CliTest):
    def test_it_says_from_which_version_to_which(self):
        store = harness.Store()
        self.addCleanup(store.close)
        for said in (r"is made, with schema version (\d+)\.$", r"has schema version (\d+) already\.$"):
            done = store.run("migrate")
            self.assertEqual((done.returncode, done.stdout), (0, ""), done)
            version = int(re.search(said, done.stderr.strip()).group(1))
        # The last migration leaves these tables as they are if they are made by it already.
        damage.alter(store, f"PRAGMA user_version={version - 1}")
        self.assert_refused(store.run("check"), f"schema version {version - 1}", "sandbase-events migrate")
        done = store.run("migrate")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(done.stderr, f"The store had schema version {version - 1} and has {version} now.\n")
        damage.alter(store, f"PRAGMA user_version={version - 1}")
        self.assertEqual(store.serve().stop(), 0)
        self.assertIn("already", store.run("migrate").stderr)

    def test_a_newer_store_and_one_that_cannot_be_made(self):
        store = harness.Store()
        self.addCleanup(store.close)
        store.must("migrate")
        damage.alter(store, "PRAGMA user_version=99")
        self.assert_refused(store.run("migrate"), "schema version 99", "use the program version that wrote it")
        self.assert_refused(store.run("migrate", "--store.url", "sqlite:/proc/none/x.db", store=False))


class OneFile(harness.E2eTest):
    serve_options = None

    def test_a_command_on_a_stopped_store_leaves_one_file(self):
        self.store.key("viewer")
        lines = os.path.join(self.store.directory, "session.jsonl")
        copy = os.path.join(self.store.directory, "copy.db")
        sample = os.path.join(harness.HERE, "..", "..", "config", "sample-session.jsonl")
        for command in (("import", sample), ("keys", "list"), ("workspaces", "list"), ("sessions", "list"), ("check",),
                        ("export", "--all", "--output", lines), ("backup", "--to", copy)):
            with self.subTest(command):
                self.store.must(*command)
                left = [name for name in os.listdir(self.store.directory) if name.startswith("events.db")]
                self.assertEqual(sorted(left), ["events.db", "events.db.lock"])


class Sources(harness.E2eTest):
    """Command line over environment over file, seen by what the server then does with an event of some size."""

    serve_options = None

    def limit(self, *options, env=None):
        """The event.max_bytes in force, out of those that the tests set."""
        store = harness.Store()
        self.addCleanup(store.close)
        key = store.key("client")
        server = store.serve(*options, env=env)
        with harness.Api(server, key) as api:
            session = api.create()
            taken = [size for size in (2000, 4000, 8000, 16000)
                     if api.send(session, [harness.user_message("x" * (size - 200))]).status_code == 200]
        self.assertEqual(server.stop(), 0)
        return max(taken)

    def test_precedence(self):
        path = os.path.join(self.store.directory, "config.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write('# a comment\n[event]\nmax_bytes = "2000"\n[log]\nlevel = "debug"\n')
        env = {"SANDBASE_EVENT_MAX_BYTES": "4000"}
        self.assertEqual(self.limit(), 16000)
        self.assertEqual(self.limit("--config", path), 2000)
        self.assertEqual(self.limit("--config", path, env=env), 4000)
        self.assertEqual(self.limit("--config", path, "--event.max_bytes", "8000", env=env), 8000)

    def test_the_example_is_the_default(self):
        example = os.path.join(os.path.dirname(os.path.dirname(harness.HERE)), "config", "sandbase-events.example.toml")
        self.assertEqual(self.limit("--config", example), 16000)

    def test_json_logs(self):
        server = self.store.serve("--log.format", "json", "--log.level", "debug")
        self.assertEqual(server.stop(), 0)
        lines = [line for line in server.log().splitlines() if not line.startswith(("listening on ", "admin on "))]
        self.assertTrue(lines)
        for line in lines:
            self.assertIsInstance(json.loads(line), dict, line)


class Keys(harness.E2eTest):
    serve_options = None

    def test_create_prints_the_key_alone_on_stdout(self):
        out = self.store.must("keys", "create", "--role", "client", "--workspace", "default", "--name", "first")
        self.assertRegex(out, r"\Ask-sb-\w+\n\Z")

    def test_list_and_revoke(self):
        for role in ("client", "runtime", "viewer"):
            self.store.key(role, workspace="keys", name=f"a {role}")
        rows = [json.loads(line) for line in self.store.must("keys", "list", "--json").splitlines()]
        mine = [r for r in rows if r["workspace"] == "keys"]
        self.assertEqual([(r["role"], r["name"], r["revoked"]) for r in mine],
                         [(r, f"a {r}", None) for r in ("client", "runtime", "viewer")])
        self.store.must("keys", "revoke", str(mine[0]["id"]))
        rows = {r["id"]: r["revoked"] for r in map(json.loads, self.store.must("keys", "list", "--json").splitlines())}
        self.assertTrue(rows[mine[0]["id"]])
        self.assertIsNone(rows[mine[1]["id"]])
        done = self.store.run("keys", "revoke", "987654")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("987654", done.stderr)


class Damage(harness.E2eTest):
    """A flipped byte is found, named, and not served."""

    serve_options = None

    def test_a_flipped_byte_in_an_event(self):
        key = self.store.key("runtime")
        server = self.store.serve()
        with harness.Api(server, key) as api:
            broken, whole = api.create(), api.create()
            for session in (broken, whole):
                api.sent(session, [harness.agent_message(f"needle in {session}"), *harness.turn()])
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.store.run("check").returncode, 0)
        with open(self.store.database, "rb+") as database:
            found = [m.start() for m in re.finditer(f"needle in {broken}".encode(), database.read())]
            self.assertTrue(found, "the event stands nowhere in the database")
            for place in found:
                database.seek(place)
                database.write(b"N")
        check = self.store.run("check")
        self.assertEqual(check.returncode, 1, check)
        self.assertIn(broken, check.stdout + check.stderr)
        self.assertNotIn(whole, check.stdout + check.stderr)

        server = self.store.serve()
        with harness.Api(server, key) as api:
            for path in ("/events", "/events/stream"):
                with self.subTest(path):
                    answer = api.get(f"/v1/sessions/{broken}{path}")
                    self.assertNotIn("Needle", answer.text)
                    self.assertNotIn("[DONE]", answer.text)
                    if answer.status_code == 200:
                        self.assertIn("event: error", answer.text)
                    else:
                        self.assert_error(answer, 500, "api_error")
                        self.assertNotRegex(answer.text, r"(?i)sqlite|checksum|\.db|/tmp")
            self.assertEqual(len(api.events(whole)), 4)
            self.assertEqual(len(api.sent(whole, [harness.user_message()])), 1)
        self.assertEqual(server.stop(), 0)

    def test_a_file_that_is_no_database(self):
        store = harness.Store()
        self.addCleanup(store.close)
        with open(store.database, "w", encoding="ascii") as file:
            file.write("This is no database.\n" * 1000)
        for command in (("serve", "--http.listen", "127.0.0.1:0", "--admin.listen", "127.0.0.1:0"), ("check",),
                        ("keys", "list")):
            with self.subTest(command[0]):
                done = store.run(*command)
                self.assertNotEqual(done.returncode, 0, done)
                self.assertIn(store.database, done.stderr)
        with open(store.database, encoding="ascii") as file:
            self.assertEqual(file.read(), "This is no database.\n" * 1000)


if __name__ == "__main__":
    harness.main()
