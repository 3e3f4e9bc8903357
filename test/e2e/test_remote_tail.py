# SPDX-License-Identifier: Apache-2.0
"""What the command line follows and watches of a running service: tail, top, bench; on terminals, through pipes, and
while the service dies."""
import json
import os
import re
import signal
import subprocess

import harness
import remote


class Tail(remote.RemoteCli):
    def filled(self, count=50):
        session = self.runtime.create()
        self.runtime.sent(session, [harness.agent_message(f"number {i}") for i in range(count)])
        return session

    def test_json_is_what_is_stored(self):
        session = self.filled()
        events = [event.decode() for event in self.runtime.events(session)]
        self.assertEqual(self.must("tail", session, "--json").splitlines(), events)
        self.assertEqual(self.must("tail", session, "--json", "-n", "3").splitlines(), events[-3:])
        self.assertEqual(self.must("tail", session, "--json", "-n", "0"), "")
        self.assertEqual(self.must("tail", session, "--json", "--types", "user.message"), "")

    def test_people_get_a_line_each(self):
        session = self.runtime.create()
        self.runtime.sent(session, [harness.user_message("a\nb"), *harness.turn("Done.")])
        self.assertRegex(self.must("tail", session),
                         r"\A\d\d:\d\d:\d\d user\.message +a b\n\S+ session\.status_running\n"
                         r"\S+ agent\.message +Done\.\n\S+ session\.status_idle +end_turn\n\Z")

    def test_it_ends_with_the_session(self):
        session = self.filled(3)
        tail = self.start("tail", session, "-f", "--json", stdout=subprocess.PIPE)
        self.runtime.sent(session, [{"type": "session.status_terminated"}])
        self.assertEqual(len(tail.communicate(timeout=20)[0].splitlines()), 4)
        self.assertEqual(tail.returncode, 0)

    def test_a_closed_pipe_ends_it_quietly(self):
        session = self.filled()
        for follow in ((), ("-f",)):
            with self.subTest(follow):
                done = subprocess.run(["sh", "-c", '"$@" | head -n 2', "sh", harness.BINARY, "tail", session, *follow],
                                      env=self.store.environment(self.env), capture_output=True, text=True, timeout=20,
                                      check=False)
                self.assertEqual((len(done.stdout.splitlines()), done.stderr), (2, ""))

    def test_ctrl_c(self):
        session = self.filled(2)
        tail = self.on_terminal("tail", session, "-f")
        tail.wait_for("number 1")
        tail.type(b"\x03")
        self.assertEqual(tail.wait(), 130)
        self.assertNotIn("sandbase-events:", tail.text())

    def test_on_a_terminal_it_is_coloured_and_folded_and_harmless(self):
        session = self.runtime.create()
        self.runtime.sent(session, [harness.agent_message("word " * 60), harness.agent_message(remote.HOSTILE),
                                    {"type": "session.status_terminated"}])
        tail = self.on_terminal("tail", session, "-f", columns=80)
        self.assertEqual(tail.wait(), 0)
        tail.wait_for("session.status_terminated")
        plain = re.sub("\x1b\\[\\d*m", "", tail.text())
        self.assertNotEqual(plain, tail.text())
        self.assertNotRegex(plain, "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f\u009b\u202e]")
        self.assertLess(max(map(len, plain.splitlines())), 80)
        uncoloured = self.on_terminal("tail", session, env={**self.env, "NO_COLOR": "1"})
        self.assertEqual(uncoloured.wait(), 0)
        uncoloured.wait_for("terminated")
        self.assertNotIn("\x1b", uncoloured.text())
        raw = self.on_terminal("tail", session, "--json")
        self.assertEqual(raw.wait(), 0)
        raw.wait_for("terminated")
        self.assertNotRegex(raw.text(), "[\x1b\x7f\u009b\u202e]")
        self.assertIn("\\u009b", raw.text())

    def test_previews_are_shown_and_replaced(self):
        session = self.runtime.create()
        tail = self.on_terminal("tail", session, "-f")
        self.runtime.sent(session, [harness.user_message("Go")])
        tail.wait_for("Go")
        start = {"type": "event_start", "event": {"type": "agent.message", "id": "sevt_preview1"}}
        delta = {"type": "event_delta", "event_id": "sevt_preview1",
                 "delta": {"type": "content_delta", "index": 0, "content": {"type": "text", "text": "half of it"}}}
        harness.ok(self.runtime.send(session, [start, delta]))
        tail.wait_for("half of it")
        self.runtime.sent(session, [{**harness.agent_message("all of it"), "id": "sevt_preview1"}])
        tail.wait_for("half of it.*\x1b\\[1A\x1b\\[J.*all of it")
        tail.type(b"\x03")
        self.assertEqual(tail.wait(), 130)


class Restarts(remote.RemoteCli):
    """Each test ends its server, or the key that others would use."""

    def setUp(self):
        self.server = self.store.serve_store()
        self.runtime = self.api(self.keys["runtime"], self.server)
        super().setUp()

    def again(self):
        command = [harness.BINARY, "serve", "--store.url", self.store.url, "--http.listen",
                   f"127.0.0.1:{self.server.port}", "--admin.listen", "127.0.0.1:0"]
        return self.store.started(command, None, None, True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.stop()

    def test_following_survives_deaths_and_stops(self):
        session = self.runtime.create()
        path = os.path.join(self.store.directory, "followed")
        with open(path, "wb") as file:
            tail = self.start("tail", session, "-f", "--json", stdout=file, stderr=subprocess.PIPE)
        server = self.server
        for turn in range(4):
            with harness.Api(server, self.keys["runtime"]) as api:
                for i in range(20):
                    api.sent(session, [harness.agent_message(f"{turn} {i}")])
            if turn % 2 == 0:
                server.kill()
            else:
                self.assertEqual(server.stop(), 0)
            server = self.again()
        with harness.Api(server, self.keys["runtime"]) as api:
            api.sent(session, [{"type": "session.status_terminated"}])
            events = api.events(session)
        self.assertIn(b"connecting again", tail.communicate(timeout=90)[1])
        self.assertEqual(tail.returncode, 0)
        with open(path, "rb") as file:
            self.assertEqual(file.read().splitlines(), events)
        self.assertEqual(server.stop(), 0)

    def test_a_revoked_key(self):
        session = self.runtime.create()
        key = self.store.key("viewer", name="to be revoked")
        rows = [json.loads(line) for line in self.store.must("keys", "list", "--json").splitlines()]
        tail = self.start("tail", session, "-f", env=self.environment(key), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
        self.runtime.sent(session, [harness.user_message("seen")])
        self.assertIn(b"seen", tail.stdout.readline())
        self.store.must("keys", "revoke", str(next(r["id"] for r in rows if r["name"] == "to be revoked")))
        said = tail.communicate(timeout=20)[1]
        self.assertEqual(tail.returncode, 1, said)
        self.assertIn(b"revoked", said)
        self.assertEqual(len(said.splitlines()), 1)
        self.assertEqual(self.server.stop(), 0)

    def test_top_comes_back(self):
        session = self.runtime.create(title="watched")
        top = self.on_terminal("top")
        top.wait_for("watched")
        self.server.kill()
        top.wait_for("again")
        server = self.again()
        with harness.Api(server, self.keys["runtime"]) as api:
            api.post(f"/v1/sessions/{session}", {"title": "renamed"})
        top.wait_for("renamed", timeout=60)
        top.type(b"q")
        self.assertEqual(top.wait(), 0)
        self.assertEqual(server.stop(), 0)


class Watching(remote.RemoteCli):
    def test_top_without_a_terminal(self):
        session = self.runtime.create(title="a title")
        rows = self.must("top").splitlines()
        self.assertEqual(rows[0].split()[:2], ["session", "status"])
        self.assertTrue(any(row.startswith(session) and row.endswith("a title") for row in rows), rows)

    def test_top_on_a_terminal(self):
        session = self.runtime.create(title="before")
        top = self.on_terminal("top", columns=90, rows=10)
        top.wait_for("\x1b\\[\\?1049h.*before")
        self.runtime.post(f"/v1/sessions/{session}", {"title": "behind"})
        top.wait_for("behind")
        for line in re.sub("\x1b\\[[?\\d]*[a-zA-Z]", "", top.text().replace("\x1b[H", "\n")).splitlines():
            self.assertLessEqual(len(line), 90)
        top.type(b"q")
        self.assertEqual(top.wait(), 0)
        self.assertTrue(top.text().endswith("\x1b[?25h\x1b[?1049l"), top.text()[-200:])

    def test_ctrl_c_gives_the_terminal_back(self):
        top = self.on_terminal("top")
        top.wait_for("sessions")
        top.type(b"\x03")
        self.assertEqual(top.wait(), 130)
        self.assertTrue(top.text().endswith("\x1b[?25h\x1b[?1049l"), top.text()[-200:])

    def test_bench(self):
        env = self.environment(self.store.key("client", workspace="bench"))
        done = self.cli("bench", "--time", "1s", "--clients", "2", "--json", env=env)
        self.assertIn(done.returncode, (0, 1), done)
        told = json.loads(done.stdout)
        self.assertEqual(told["good"], done.returncode == 0)
        self.assertGreater(told["appends_per_second"], 0)
        self.assertGreater(told["live_frames"], 0)
        self.assertEqual(told["live_missing"], 0)
        self.assertGreater(told["replay_mib_per_second"], 0)
        self.assertTrue(told["verdict"])
        self.assertEqual(self.must("sessions", "list", "--json", "--archived", env=env), "")

    def test_a_bench_that_is_cut_off_leaves_nothing(self):
        env = self.environment(self.store.key("client", workspace="cut"))
        bench = self.start("bench", "--time", "60s", env=env)
        harness.poll(lambda: len(self.must("sessions", "list", "--json", env=env).splitlines()) > 1, 30, "its sessions")
        bench.send_signal(signal.SIGINT)
        self.assertEqual(bench.wait(20), 130)
        self.assertEqual(self.must("sessions", "list", "--json", "--archived", env=env), "")


if __name__ == "__main__":
    harness.main()
