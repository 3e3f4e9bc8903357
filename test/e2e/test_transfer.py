# SPDX-License-Identifier: Apache-2.0
"""Import and export over HTTP, as runtimes use them."""
import json

import harness
import raw


class Export(harness.E2eTest):
    def export(self, session):
        return self.runtime.get(f"/v1/sessions/{session}/export")

    def test_it_is_what_the_command_writes(self):
        session = self.client.create(title="Exported")
        self.runtime.sent(session, [harness.agent_message("x" * n) for n in (1, 5000, 100_000)] + harness.turn())
        answer = harness.ok(self.export(session))
        self.assertEqual(answer.headers["content-type"], "application/x-ndjson")
        self.assertEqual(answer.headers["cache-control"], "no-store")
        lines = answer.text.splitlines()
        written = self.store.export(session)
        self.assertEqual(lines[1:], written[1:])
        header, other = json.loads(lines[0]), json.loads(written[0])
        for h in (header, other):
            del h["session"]["stats"]
        self.assertEqual(header, other)

    def test_a_large_one_comes_in_pieces(self):
        session = self.client.create()
        for _ in range(8):
            self.runtime.sent(session, [harness.agent_message("x" * 50_000) for _ in range(20)])
        answer = harness.ok(self.export(session))
        self.assertEqual(answer.headers.get("transfer-encoding"), "chunked")
        self.assertEqual(answer.text.splitlines()[1:], self.store.export(session)[1:])

    def test_an_empty_log_is_a_header(self):
        answer = harness.ok(self.export(self.client.create()))
        self.assertEqual(len(answer.text.splitlines()), 1)

    def test_refusals(self):
        session = self.client.create()
        for api in (self.client, self.viewer):
            self.assert_error(api.get(f"/v1/sessions/{session}/export"), 403, "permission_error", "runtime")
        self.assert_error(self.export("sess_none"), 404, "not_found")
        self.assert_error(self.runtime.post(f"/v1/sessions/{session}/export", {}), 405, "invalid_request_error")


def lines(name, *events, **fields):
    """A session of an import."""
    header = {"session": {"id": f"sess_{name}", "agent": "a", "environment_id": "e", **fields}}
    return "".join(json.dumps(line) + "\n" for line in (header, *({"event": e} for e in events)))


def big_events(count):
    """So many events of 100 kB."""
    return [harness.agent_message("x" * 100_000) for _ in range(count)]


class OneHistory(harness.E2eTest):
    """A session is deleted while somebody reads it, and another history comes in under its id."""

    def history(self, text):
        return lines("twice", *(harness.agent_message(text * 20_000) for _ in range(600)))

    def read(self, path):
        """What a slow client gets of two histories."""
        self.assertEqual(harness.ok(self.runtime.post("/v1/sessions/import", self.history("y"))).json()["errors"], [])
        with raw.wire(self.server, receive_buffer=65536) as wire:
            wire.send(raw.request("GET", path, self.keys["runtime"]))
            wire.wait_until_full()
            harness.ok(self.runtime.http.delete("/v1/sessions/sess_twice"))
            report = harness.ok(self.runtime.post("/v1/sessions/import", self.history("z"))).json()
            self.assertEqual((report["sessions"], report["errors"]), (1, []))
            self.assertEqual(wire.head().status, 200)
            while wire.receive_more():
                if wire.buffer.endswith(b"0\r\n\r\n"):
                    break
            return wire.buffer

    def tearDown(self):
        harness.ok(self.runtime.http.delete("/v1/sessions/sess_twice"))
        super().tearDown()

    def test_a_replay(self):
        got = self.read("/v1/sessions/sess_twice/events/stream")
        self.assertIn(b"yyyy", got)
        self.assertNotIn(b"zzzz", got)
        self.assertNotIn(b"[DONE]", got)
        self.assertIn(b"event: error", got)
        self.assertIn(b"not_found", got)

    def test_an_export(self):
        got = self.read("/v1/sessions/sess_twice/export")
        self.assertIn(b"yyyy", got)
        self.assertNotIn(b"zzzz", got)
        self.assertFalse(got.endswith(b"0\r\n\r\n"))


class Import(harness.E2eTest):
    def send(self, text, api=None, **options):
        return (api or self.runtime).post("/v1/sessions/import", text, **options)

    def done(self, text):
        return harness.ok(self.send(text)).json()

    def test_an_export_of_another_server_comes_whole(self):
        other = harness.Store()
        self.addCleanup(other.close)
        server = other.serve("--event.max_bytes", "4MiB")
        with harness.Api(server, other.key("runtime")) as api:
            sessions = [api.create(title=f"no. {n}") for n in range(3)]
            for session in sessions:
                api.sent(session, harness.turn())
            api.sent(sessions[1], [harness.agent_message("A" * 3_000_000)])
            text = "".join(harness.ok(api.get(f"/v1/sessions/{session}/export")).text for session in sessions)
            events = {session: api.events(session) for session in sessions}
        count = sum(map(len, events.values()))
        self.assertEqual(self.done(text), {"sessions": 3, "events": count, "skipped": 0, "errors": []})
        for session in sessions:
            self.assertEqual(self.runtime.events(session), events[session])
        self.assertEqual(self.done(text), {"sessions": 0, "events": 0, "skipped": 3, "errors": []})
        self.assertEqual(self.store.run("check").returncode, 0)

    def test_what_is_bad_is_named(self):
        good = {"type": "agent.message"}
        bad = {"type": "agent.message", "processed_at": "yesterday"}
        text = lines("named1", good) + lines("named2", good, bad) + lines("named3", good)
        report = self.done(text)
        self.assertEqual((report["sessions"], report["events"], report["skipped"]), (2, 2, 0))
        self.assertEqual([(e["line"], e["session"]) for e in report["errors"]], [(5, "sess_named2")])
        self.assertTrue(report["errors"][0]["message"].startswith("event.processed_at: "), report)
        self.assert_error(self.runtime.get("/v1/sessions/sess_named2"), 404, "not_found")
        other_end = lines("named1", good, log={"last_event_id": "sevt_other"})
        for text, place in ((other_end, 1), (other_end.replace("named1", "named4"), 1)):
            error = self.done(text)["errors"][0]
            self.assertEqual(error["line"], place)
            self.assertTrue(error["message"].startswith("session.log.last_event_id: "), error)
        changed = self.done(lines("named1", {"type": "agent.message", "more": 1}))
        self.assertIn("differs from what is stored", changed["errors"][0]["message"])
        many = self.done("nonsense\n" + "".join(lines(f"many{n}", {}) for n in range(150)))
        self.assertEqual(len(many["errors"]), 100)
        self.assertEqual(many["errors"][0], {"line": 1, "session": None, "message": many["errors"][0]["message"]})

    def test_it_goes_to_the_workspace_of_its_key(self):
        other = harness.Api(self.server, self.store.key("runtime", workspace="elsewhere"))
        self.addCleanup(other.close)
        text = lines("where", {"type": "agent.message"}).replace('"e"}}', '"e"}, "workspace": "default"}')
        self.assertEqual(harness.ok(self.send(text, other)).json()["sessions"], 1)
        self.assert_error(self.runtime.get("/v1/sessions/sess_where"), 404, "not_found")
        harness.ok(other.get("/v1/sessions/sess_where"))

    def test_roles_and_methods(self):
        for api in (self.client, self.viewer):
            self.assert_error(self.send(lines("role"), api), 403, "permission_error", "runtime")
        self.assert_error(self.runtime.get("/v1/sessions/import"), 405, "invalid_request_error")
        self.assertEqual(self.done(""), {"sessions": 0, "events": 0, "skipped": 0, "errors": []})

    def test_a_body_of_any_length_costs_little_memory(self):
        """50 MB in one session, in chunks; the server grows by a part of that."""
        before = self.server.memory("VmRSS")

        def body():
            yield lines("large").encode()
            line = json.dumps({"event": harness.agent_message("x" * 100_000)}).encode() + b"\n"
            for _ in range(500):
                yield line
        report = harness.ok(self.runtime.http.post("/v1/sessions/import", content=body(), timeout=60)).json()
        self.assertEqual((report["sessions"], report["events"]), (1, 500))
        if not harness.IS_SANITIZED:
            self.assertLess(self.server.memory("VmHWM") - before, 40_000_000)
        answer = harness.ok(self.runtime.http.get("/v1/sessions/sess_large/export", timeout=60))
        self.assertEqual(len(answer.text.splitlines()), 501)

    def test_a_line_beyond_the_bounds_costs_its_session(self):
        """The defaults leave 62.75 MiB of http.max_bytes_in_per_key for a line."""
        sizes = {"over": 64 << 20, "under": 62 << 20, "behind": 1}
        report = self.done("".join(lines(name, harness.agent_message("x" * n)) for name, n in sizes.items()))
        self.assertEqual((report["sessions"], report["events"]), (2, 2), report)
        self.assertEqual([(e["line"], e["session"]) for e in report["errors"]], [(2, "sess_over")], report)
        self.assertIn("http.max_bytes_in_per_key", report["errors"][0]["message"])

    def test_two_of_the_same_at_once(self):
        text = lines("twin", *big_events(30)).encode()
        head = raw.request("POST", "/v1/sessions/import", self.keys["runtime"], [("Content-Length", len(text))])
        with raw.wire(self.server) as one, raw.wire(self.server) as other:
            for part in (head + text[:-10], text[-10:]):
                one.send(part)
                other.send(part)
            reports = [json.loads(wire.response().body) for wire in (one, other)]
        self.assertEqual(sorted(r["sessions"] + r["skipped"] + len(r["errors"]) for r in reports), [1, 1], reports)
        self.assertEqual(sum(r["sessions"] for r in reports), 1, reports)
        self.assertEqual(self.done(text)["skipped"], 1)
        self.assertEqual(len(self.runtime.events("sess_twin")), 30)

    def test_nothing_is_there_before_the_last_slice(self):
        text = lines("slow", *big_events(40)).encode()
        with raw.wire(self.server) as wire:
            wire.send(raw.request("POST", "/v1/sessions/import", self.keys["runtime"],
                                  [("Content-Length", len(text))]))
            wire.send(text[:-10])
            harness.poll(lambda: self.store.run("check").returncode == 0, what="a sound store beside it")
            self.assert_error(self.runtime.get("/v1/sessions/sess_slow"), 404, "not_found")
            self.assertNotIn("sess_slow", self.runtime.get("/v1/sessions").text)
            self.assertNotIn("sess_slow", self.store.must("sessions", "list"))
            wire.send(text[-10:])
            self.assertEqual(wire.head().status, 200)
        self.assertEqual(len(self.runtime.events("sess_slow")), 40)

    def test_five_seconds_without_a_byte_end_it(self):
        text = lines("stalled", *big_events(30)).encode()
        with raw.wire(self.server) as wire:
            wire.send(raw.request("POST", "/v1/sessions/import", self.keys["runtime"],
                                  [("Content-Length", len(text) + 1)]))
            wire.send(text)
            took = wire.wait_for_end(20)
            self.assertEqual(wire.buffer, b"")
        self.assertGreater(took, 4)
        self.assertLess(took, 12)
        self.assert_error(self.runtime.get("/v1/sessions/sess_stalled"), 404, "not_found")
        self.assertEqual(self.done(lines("stalled", {"type": "agent.message"}))["sessions"], 1)


class Killed(harness.E2eTest):
    serve_options = None

    def test_what_a_kill_leaves_is_removed(self):
        key = self.store.key("runtime")
        server = self.store.serve()
        text = lines("killed", *big_events(40)).encode()
        with raw.wire(server) as wire:
            wire.send(raw.request("POST", "/v1/sessions/import", key, [("Content-Length", len(text) + 1)]))
            wire.send(text)
            harness.poll(lambda: b"x" * 1000 in self.content(), what="a slice in the store")
            server.kill()
        self.assertEqual(self.store.run("check").returncode, 0)
        server = self.store.serve()
        with harness.Api(server, key) as api:
            self.assert_error(api.get("/v1/sessions/sess_killed"), 404, "not_found")
            report = harness.ok(api.post("/v1/sessions/import", text)).json()
            self.assertEqual((report["sessions"], report["events"]), (1, 40))
        self.assertEqual(server.stop(), 0)
        check = self.store.run("check")
        self.assertEqual(check.returncode, 0, check)

    def content(self):
        found = b""
        for name in (self.store.database, self.store.database + "-wal"):
            try:
                with open(name, "rb") as file:
                    found += file.read()
            except FileNotFoundError:
                pass
        return found


if __name__ == "__main__":
    harness.main()
