# SPDX-License-Identifier: Apache-2.0
"""Start, stop, restart, and other processes beside a running server."""
import concurrent.futures
import json
import os
import random
import threading
import time

import httpx

import appenders
import harness
import logs
import raw
import sse


class GracefulStop(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.key = self.store.key("runtime")
        self.server = self.store.serve()

    def restarted(self):
        return self.api(self.key, self.store.serve())

    def test_sigterm_with_appends_in_flight(self):
        with harness.Api(self.server, self.key) as api:
            sessions = [api.create() for _ in range(4)]
        work = appenders.Appenders(self.server, self.key, sessions, 12, "t")
        work.wait_for(200)
        self.assertEqual(self.server.stop(), 0)
        work.join()
        for _, markers, status, content in work.refused:
            self.assertEqual((status, json.loads(content)["error"]["type"]), (503, "overloaded_error"), content)
        api = self.restarted()
        texts_of = {}
        for session in sessions:
            events = api.events(session)
            logs.assert_whole(api.session(session), events)
            texts_of[session] = [json.loads(e)["content"][0]["text"] for e in events]
        appenders.assert_kept(texts_of, work.acknowledged, work.unknown)

    def test_sigterm_with_replays_in_flight(self):
        """A replay is finished or cut, but [DONE] stands only behind the last event."""
        with harness.Api(self.server, self.key) as api:
            session = api.create()
            for _ in range(20):
                api.sent(session, [harness.agent_message("x" * 2000)] * 1000)
            expected = harness.ok(api.stream(session)).content
        started = threading.Barrier(9)

        def replay(slow):
            received = b""
            with raw.wire(self.server, timeout=20) as wire:
                wire.send(raw.request("GET", f"/v1/sessions/{session}/events/stream", self.key, version="HTTP/1.0"))
                wire.head()
                started.wait(20)
                if slow:
                    self.server.process.wait(10)
                while wire.receive_more():
                    pass
                received = wire.buffer
            return received

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            replays = [pool.submit(replay, i % 2) for i in range(8)]
            started.wait(20)
            self.assertEqual(self.server.stop(), 0)
            for received in (r.result() for r in replays):
                if received.endswith(b"data: [DONE]\n\n"):
                    self.assertEqual(received, expected)
                else:
                    self.assertNotIn(b"[DONE]", received)
                    whole = received[:received.rfind(b"\n\n") + 2] if b"\n\n" in received else b""
                    events = [f for f in sse.parse(whole) if f.is_event]
                    cut = b"".join(f.text.encode() + b"\n\n" for f in events)
                    self.assertTrue(expected.startswith(cut), "a cut replay is not the beginning of the log")
        self.assertEqual(self.restarted().stream(session).content, expected)

    def test_idle_connections_do_not_hold_it_up(self):
        wires = [raw.Wire(self.server.port) for _ in range(20)]
        for wire in wires:
            self.addCleanup(wire.close)
        for wire in wires[:10]:
            wire.send(raw.request("GET", "/v1/sessions", self.key))
            self.assertEqual(wire.response().status, 200)
        for wire in wires[10:15]:
            wire.send("POST /v1/sessions HTTP/1.1\r\nContent-Le")
        start = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - start, harness.STOP_TIMEOUT)

    def test_sigint_stops_as_well(self):
        self.server.process.send_signal(2)
        self.assertEqual(self.server.wait(), 0)

    def test_a_stopped_store_is_whole_and_unlocked(self):
        with harness.Api(self.server, self.key) as api:
            sessions = [api.create() for _ in range(50)]
            for session in sessions:
                api.sent(session, harness.turn(session))
            before = {s: (api.session(s)["log"], api.events(s)) for s in sessions}
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.store.run("check").returncode, 0)
        api = self.restarted()
        self.assertEqual({s: (api.session(s)["log"], api.events(s)) for s in sessions}, before)

    def test_a_stopped_store_is_one_file(self):
        """The log is in the database file when the process has ended, whoever closes first."""
        server = self.server
        for _ in range(6):
            with harness.Api(server, self.key) as api:
                api.sent(api.create(), [harness.agent_message("x" * 100_000)] * 10)
            self.assertEqual(server.stop(), 0)
            beside = {n for n in os.listdir(self.store.directory) if n.startswith("events.db")}
            self.assertEqual(beside, {"events.db", "events.db.lock"})
            server = self.store.serve()

    def test_a_session_goes_on_after_a_restart(self):
        for round_number in range(3):
            with harness.Api(self.server, self.key) as api:
                session = api.create() if round_number == 0 else session
                api.sent(session, [harness.agent_message(f"{round_number}.{i}") for i in range(30)])
            if round_number % 2:
                self.server.kill()
            else:
                self.assertEqual(self.server.stop(), 0)
            self.server = self.store.serve()
        api = self.api(self.key, self.server)
        events = api.events(session)
        logs.assert_whole(api.session(session), events)
        self.assertEqual([json.loads(e)["content"][0]["text"] for e in events],
                         [f"{r}.{i}" for r in range(3) for i in range(30)])
        self.assertEqual(sse.json_lines(api.stream(session).content), events)


class Passivation(harness.E2eTest):
    serve_options = ("--session.idle_timeout", "200ms")

    def test_a_session_that_left_memory_comes_back(self):
        sessions = [self.client.create() for _ in range(20)]
        for number in range(4):
            for session in sessions:
                self.runtime.sent(session, [harness.agent_message(f"{number}")])
            time.sleep(0.5)  # longer than the idle timeout: the product's own clock is what is tested
        for session in sessions:
            events = self.client.events(session)
            logs.assert_whole(self.client.session(session), events)
            self.assertEqual([json.loads(e)["content"][0]["text"] for e in events], ["0", "1", "2", "3"])

    def test_appends_race_with_passivation(self):
        seed = random.SystemRandom().randrange(1 << 32)
        print(f"seed {seed}", flush=True)
        sessions = [self.client.create() for _ in range(24)]
        headers = {"authorization": f"Bearer {self.keys['runtime']}", "content-type": "application/json"}
        done = time.monotonic() + 6

        def append(number, session):
            chance, count = random.Random(seed + number), 0
            with harness.connection(self.server) as wire:
                while time.monotonic() < done:
                    body = json.dumps({"events": [harness.agent_message(str(count))]})
                    wire.request("POST", f"/v1/sessions/{session}/events", body, headers)
                    answer = wire.getresponse()
                    content = answer.read()
                    self.assertEqual(answer.status, 200, content)
                    count += 1
                    time.sleep(chance.uniform(0.196, 0.204))  # the moment when it retires
            return count

        with concurrent.futures.ThreadPoolExecutor(len(sessions)) as pool:
            for session, count in zip(sessions, pool.map(append, range(len(sessions)), sessions)):
                events = self.client.events(session)
                logs.assert_whole(self.client.session(session), events)
                self.assertEqual([json.loads(e)["content"][0]["text"] for e in events], [str(i) for i in range(count)])


class Beside(harness.E2eTest):
    """What other processes may do with the store of a running server."""

    def test_a_second_server_is_refused_and_told_who_is_there(self):
        done = self.store.run("serve", "--http.listen", "127.0.0.1:0", "--admin.listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn(str(self.server.pid), done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        harness.ok(self.client.get("/v1/sessions"))

    def test_import_is_refused(self):
        done = self.store.run("import", os.path.join(harness.DATA, "page-session.jsonl"))
        self.assertEqual(done.returncode, 2, done)
        self.assertIn(str(self.server.pid), done.stderr)
        self.assert_error(self.client.get("/v1/sessions/sess_01abc"), 404, "not_found")

    def test_the_other_commands_work(self):
        session = self.client.create(title="Beside")
        sent = self.runtime.sent(session, harness.turn())
        self.assertIn("default", self.store.must("workspaces", "list"))
        self.assertIn(session, self.store.must("sessions", "list"))
        self.assertIn("e2e", self.store.must("keys", "list"))
        exported = self.store.export(session)
        self.assertEqual([json.loads(line)["event"] for line in exported[1:]], sent)
        self.assertEqual(json.loads(exported[0])["session"]["log"], self.client.session(session)["log"])
        check = self.store.run("check")
        self.assertEqual(check.returncode, 0, check)

    def test_they_work_under_load(self):
        sessions = [self.client.create() for _ in range(4)]
        work = appenders.Appenders(self.server, self.keys["runtime"], sessions, 4, "b")
        try:
            for _ in range(5):
                work.wait_for(len(work.acknowledged) + 20)
                check = self.store.run("check")
                self.assertEqual(check.returncode, 0, check)
                for session in sessions:
                    logs.assert_exported(self.store.export(session))
        finally:
            work.stop()
            work.join()
        self.assertEqual((work.refused, work.unknown), ([], []))


class Admin(harness.E2eTest):
    def test_health_and_readiness(self):
        for path in ("/healthz", "/readyz"):
            with self.subTest(path):
                answer = httpx.get(self.server.admin_url + path, trust_env=False)
                self.assertEqual(answer.status_code, 200, answer.text)
                self.assertEqual(httpx.head(self.server.admin_url + path, trust_env=False).status_code, 200)

    def test_the_api_is_not_there(self):
        answer = httpx.get(self.server.admin_url + "/v1/sessions", headers={"x-api-key": self.keys["client"]},
                           trust_env=False)
        self.assertEqual(answer.status_code, 404, answer.text)
        self.assertEqual(httpx.post(self.server.admin_url + "/healthz", trust_env=False).status_code, 405)

    def test_not_ready_while_draining(self):
        """A request in work keeps the server draining; the admin listener says so until the end."""
        store = harness.Store()
        self.addCleanup(store.close)
        key = store.key("client")
        server = store.serve()
        seen = []
        with raw.wire(server) as wire:
            wire.send(raw.request("POST", "/v1/sessions", key, [("Content-Length", 50), ("Expect", "100-continue")]))
            self.assertEqual(wire.head().status, 100)
            admin = server.admin_url
            server.terminate()
            while server.running():
                try:
                    seen.append(httpx.get(admin + "/readyz", trust_env=False, timeout=2).status_code)
                except httpx.TransportError:
                    break
        self.assertEqual(server.wait(), 0)
        self.assertEqual([s for s in seen[1:] if s != 503], [], "ready although it drains")


if __name__ == "__main__":
    harness.main()
