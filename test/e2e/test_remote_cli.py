# SPDX-License-Identifier: Apache-2.0
"""The command line against a running service: sessions, messages, keys, import and export."""
import json
import os
import subprocess
import time

import harness
import remote
import tls_relay


class Sessions(remote.RemoteCli):
    def test_a_session_from_its_making_to_its_end(self):
        session = self.must("sessions", "create", "--agent", "agent_1", "--environment", "env_1", "--title", "Tïtle",
                            "--metadata", "a=b=c", "--message", "Hello").strip()
        made = self.runtime.session(session)
        self.assertEqual((made["title"], made["metadata"], made["log"]["events"]), ("Tïtle", {"a": "b=c"}, 1))
        shown = self.must("sessions", "show", session)
        for part in (session, "Tïtle", "agent_1", "idle", "a=b=c"):
            self.assertIn(part, shown)
        told = json.loads(self.must("sessions", "show", session, "--json"))
        self.assertEqual(harness.unclocked(told), harness.unclocked(made))
        self.must("sessions", "update", session, "--title", "New", "--metadata", "x=y", "--unset", "a")
        changed = self.runtime.session(session)
        self.assertEqual((changed["title"], changed["metadata"]), ("New", {"x": "y"}))
        self.must("sessions", "archive", session)
        self.assertTrue(self.runtime.session(session)["archived_at"])
        self.must("sessions", "delete", session, "--yes")
        self.assertEqual(self.runtime.get(f"/v1/sessions/{session}").status_code, 404)

    def test_lists_over_pages_and_with_filters(self):
        env = self.environment(self.store.key("runtime", workspace="lists"))
        with harness.Api(self.server, env["SANDBASE_KEY"]) as api:
            made = [api.create(title=f"number {i}", agent=f"agent_{i % 2}") for i in range(105)]
        rows = [json.loads(line) for line in self.must("sessions", "list", "--json", env=env).splitlines()]
        self.assertEqual([row["id"] for row in rows], made[::-1])
        self.assertEqual((rows[0]["title"], rows[0]["agent"], rows[0]["status"]), ("number 104", "agent_0", "idle"))
        rows = self.must("sessions", "list", "-n", "3", "--order", "asc", "--agent", "agent_1", env=env).splitlines()
        self.assertEqual([row.split()[0] for row in rows], ["id", made[1], made[3], made[5]])
        self.assertEqual(self.must("sessions", "list", "--status", "running", "--json", env=env), "")
        self.assert_fails(self.cli("sessions", "list", "--status", "asleep", env=env), 1, "asleep")

    def test_a_store_that_is_named_is_meant(self):
        session = self.runtime.create()
        done = self.store.run("sessions", "list", "--json", env=self.env)
        self.assertIn(session, done.stdout)
        self.assertIn('"workspace":"default"', done.stdout)
        self.assert_fails(self.store.run("sessions", "list", "--url", self.server.url, env=self.env), 2, "--store.url",
                          "--url")

    def test_deleting_asks_who_can_be_asked(self):
        session = self.runtime.create(title="precious")
        self.assert_fails(self.cli("sessions", "delete", session, stdin=""), 2, "--yes")
        for answer, code in ((b"n\n", 1), (b"y\n", 0)):
            self.assertEqual(self.runtime.get(f"/v1/sessions/{session}").status_code, 200)
            asking = self.on_terminal("sessions", "delete", session)
            asking.wait_for(r'"precious" with 0 events\? \[y/N\]')
            asking.type(answer)
            self.assertEqual(asking.wait(), code)
        self.assertEqual(self.runtime.get(f"/v1/sessions/{session}").status_code, 404)

    def test_hostile_titles(self):
        session = self.runtime.create(title=remote.HOSTILE)
        for command in (("sessions", "list"), ("sessions", "show", session), ("top",)):
            with self.subTest(command):
                self.assertNotRegex(self.must(*command), "[\x00-\x09\x0b-\x1f\x7f\u009b\u202e]")


class Refusals(remote.RemoteCli):
    def test_what_is_wrong_is_said_in_one_line(self):
        session = self.runtime.create()
        viewer = self.environment(self.keys["viewer"])
        self.assert_fails(self.cli("tail", "sess_none"), 1, "sess_none", "sessions list")
        self.assert_fails(self.cli("send", session, "x", env=self.environment("sk-sb-unknown")), 1, "--key-file")
        self.assert_fails(self.cli("send", session, "x", env=viewer), 1, "role")
        self.assert_fails(self.cli("tail", session, env={**self.env, "SANDBASE_KEY": ""}), 2, "--key-file")
        self.assert_fails(self.cli("tail", session, env={**self.env, "SANDBASE_URL": ""}), 2, "--url")
        self.assert_fails(self.cli("tail", session, env={**self.env, "SANDBASE_URL": "nowhere"}), 2, "SANDBASE_URL")
        self.assert_fails(self.cli("send", session, ""), 2, "empty")
        self.assert_fails(self.cli("import", "/nonexistent"), 2, "/nonexistent")

    def test_a_service_that_is_not_there(self):
        begun = time.monotonic()
        self.assert_fails(self.cli("sessions", "list", "--url", "http://127.0.0.1:1"), 1, "127.0.0.1:1", "refused")
        self.assertLess(time.monotonic() - begun, 15)

    def test_the_key_comes_from_where_it_is_not_seen(self):
        folder = os.path.join(self.store.directory, "config", "sandbase-events")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "key"), "w", encoding="ascii") as file:
            file.write(self.keys["viewer"] + "\n")
        with open(os.path.join(folder, "profiles.toml"), "w", encoding="ascii") as file:
            file.write(f'[here]\nurl = "{self.server.url}"\nkey_file = "key"\n')
        env = {"XDG_CONFIG_HOME": os.path.join(self.store.directory, "config"), "HOME": "/nonexistent"}
        self.must("sessions", "list", "--profile", "here", env=env)
        self.must("sessions", "list", env={**env, "SANDBASE_PROFILE": "here"})
        self.must("sessions", "list", "--url", self.server.url, "--key-file", os.path.join(folder, "key"), env=env)
        self.must("sessions", "list", "--url", self.server.url, "--key-file", "-", env=env,
                  stdin=self.keys["viewer"] + "\n")
        self.must("sessions", "list", "--url", self.server.url, "--key", self.keys["viewer"], env=env)
        self.assert_fails(self.cli("sessions", "list", "--profile", "there", env=env), 2, "there", "profiles.toml")


class Tls(remote.RemoteCli):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificate, key = tls_relay.make_certificate(cls.store.directory)
        cls.relay = tls_relay.TlsRelay(cls.server, cls.certificate, key)
        cls.addClassCleanup(cls.relay.close)

    def test_only_certificates_that_are_trusted(self):
        session = self.runtime.create()
        url = f"https://localhost:{self.relay.port}"
        self.assert_fails(self.cli("send", session, "x", "--url", url), 1, "not trusted", "--ca-file")
        self.assertEqual(self.runtime.events(session), [])
        self.must("send", session, "x", "--url", url, "--ca-file", self.certificate)
        self.must("send", session, "x", env={**self.env, "SANDBASE_URL": url, "SANDBASE_CA_FILE": self.certificate})
        events = [event.decode() for event in self.runtime.events(session)]
        self.assertEqual(len(events), 2)
        shown = self.must("tail", session, "--json", "--url", url, "--ca-file", self.certificate)
        self.assertEqual(shown.splitlines(), events)

    def test_the_certificate_must_be_for_the_host(self):
        url = f"https://127.0.0.1:{self.relay.port}"
        self.assert_fails(self.cli("sessions", "list", "--url", url, "--ca-file", self.certificate), 1, "127.0.0.1")
        self.assert_fails(self.cli("sessions", "list", "--url", url, "--ca-file", "/nonexistent"), 1, "/nonexistent")


class Messages(remote.RemoteCli):
    def test_text_comes_from_everywhere(self):
        session = self.runtime.create()
        path = os.path.join(self.store.directory, "text")
        with open(path, "w", encoding="utf-8") as file:
            file.write(remote.HOSTILE + "\n")
        ids = [self.must("send", session, "from the command line").strip(),
               self.must("send", session, "-", stdin="from stdin\n").strip(),
               self.must("send", session, "@" + path).strip()]
        events = [json.loads(event) for event in self.runtime.events(session)]
        self.assertEqual([event["id"] for event in events], ids)
        self.assertEqual([event["content"][0]["text"] for event in events],
                         ["from the command line", "from stdin", remote.HOSTILE])

    def test_a_body_of_its_own(self):
        session = self.runtime.create()
        body = json.dumps({"events": [harness.agent_message("a"), *harness.turn("b")]})
        ids = self.must("send", session, "-", "--json", stdin=body).split()
        self.assertEqual(len(ids), 4)
        self.assert_fails(self.cli("send", session, "-", "--json", stdin="{"), 1)

    def test_the_answer_is_waited_for(self):
        session = self.runtime.create()
        asked = self.start("send", session, "Where is order 1234?", "--wait", stdout=subprocess.PIPE)
        harness.poll(lambda: self.runtime.events(session), what="the message")
        self.runtime.sent(session, [{"type": "session.status_running"}, harness.agent_message("Let me look.")])
        self.runtime.sent(session, harness.turn("On its way."))
        self.assertEqual(asked.communicate(timeout=20)[0], b"Let me look.\nOn its way.\n")
        self.assertEqual(asked.returncode, 0)

    def test_a_turn_that_does_not_end(self):
        session = self.runtime.create()
        asked = self.start("send", session, "Hello?", "--wait", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        harness.poll(lambda: self.runtime.events(session), what="the message")
        self.runtime.sent(session, [{"type": "session.status_terminated"}])
        self.assertIn(b"has ended", asked.communicate(timeout=20)[1])
        self.assertEqual(asked.returncode, 1)

    def test_interrupts(self):
        session = self.runtime.create()
        self.must("interrupt", session)
        self.assertEqual(json.loads(self.runtime.events(session)[0])["type"], "user.interrupt")

    def test_tool_uses_are_answered(self):
        session = self.runtime.create()
        self.assert_fails(self.cli("approve", session), 1, "waits")
        use = {"type": "agent.tool_use", "name": "rm", "input": {}, "evaluated_permission": "ask"}
        idle = {"type": "session.status_idle", "stop_reason": {"type": "requires_action", "event_ids": []}}
        first, second, _ = [event["id"] for event in self.runtime.sent(session, [use, use, idle])]
        done = self.cli("approve", session)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn(first, done.stderr)
        self.assertIn(second, done.stderr)
        self.must("deny", session, second, "--message", "not today")
        self.must("approve", session)
        answers = [json.loads(event) for event in self.runtime.events(session, types="user.tool_confirmation")]
        self.assertEqual([(a["tool_use_id"], a["result"], a.get("deny_message")) for a in answers],
                         [(second, "deny", "not today"), (first, "allow", None)])


class Transfer(remote.RemoteCli):
    def test_what_is_exported_is_imported_elsewhere(self):
        session = self.runtime.create(title="moves")
        self.runtime.sent(session, [harness.agent_message(str(i)) for i in range(300)])
        path = os.path.join(self.store.directory, "moved.jsonl")
        done = self.cli("export", session, "-o", path)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done)
        self.assertIn("Exported 1 sessions with 300 events.", done.stderr)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        with open(path, "rb") as file:
            exported = file.read()
        # The header tells for how long the session has been there.
        self.assertEqual(self.must("export", session).encode().splitlines()[1:], exported.splitlines()[1:])
        there = self.environment(self.store.key("runtime", workspace="elsewhere"))
        self.assertIn("Imported 1 sessions with 300 events", self.cli("import", path, env=there).stderr)
        self.assertIn("skipped 1", self.cli("import", "-", stdin=exported.decode(), env=there).stderr)
        with harness.Api(self.server, there["SANDBASE_KEY"]) as api:
            self.assertEqual(api.events(session), self.runtime.events(session))
        self.assertEqual(len(self.must("export", "--all", env=there).splitlines()), 301)

    def test_what_is_wrong_with_a_file_is_told(self):
        header = {"session": {"id": "sess_bad", "agent": "a", "environment_id": "e"}}
        lines = json.dumps(header) + "\n" + '{"event":{}}\n'
        done = self.cli("import", "-", stdin=lines)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("stdin, line 2, session sess_bad: ", done.stderr)
        self.assert_fails(self.cli("import", "-", stdin=lines, env=self.environment(self.keys["client"])), 1, "role")
        self.assert_fails(self.cli("export", "sess_none"), 1, "sess_none")

    def test_a_pipe_that_takes_its_time(self):
        """The service ends an import after five seconds without a byte."""
        importing = subprocess.Popen([harness.BINARY, "import", "-"], env=self.store.environment(self.env),
                                     stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(importing.kill)
        header = json.dumps({"session": {"id": "sess_slow", "agent": "a", "environment_id": "e"}})
        importing.stdin.write(header + '\n{"event":{"type":"agent.')
        importing.stdin.flush()
        time.sleep(7)
        self.assertIsNone(importing.poll(), "it ended before the file did")
        said = importing.communicate('message"}}\n', timeout=20)[1]
        self.assertEqual(importing.returncode, 0, said)
        self.assertEqual(len(self.runtime.events("sess_slow")), 1)


if __name__ == "__main__":
    harness.main()
