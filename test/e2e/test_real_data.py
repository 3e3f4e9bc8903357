# SPDX-License-Identifier: Apache-2.0
"""Real agent sessions: imported, listed, streamed, exported again, and every event is the same."""
import json
import os
import stat

import httpx

import harness
import logs
import sse

FILE = os.path.join(harness.DATA, "agent-sessions.jsonl")


def payload(event):
    """An event's text without the id that the import made."""
    assert event.startswith('{"id":"'), event[:100]
    return "{" + event[event.index(",") + 1:]


class RealData(harness.E2eTest):
    serve_options = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(FILE, encoding="utf-8") as file:
            cls.lines = file.read().splitlines()
        cls.sessions = {}  # id → its events' JSON, as in the file
        for line in cls.lines:
            if line.startswith('{"session":'):
                current = cls.sessions.setdefault(json.loads(line)["session"]["id"], [])
            else:
                current.append(line.removeprefix('{"event":').removesuffix("}"))
        cls.store.must("import", FILE)
        cls.key = cls.store.key("viewer")
        cls.server = cls.store.serve()
        cls.viewer = cls.api(cls.key)

    def test_listed(self):
        for session, events in self.sessions.items():
            for limit in (7, 1000):
                with self.subTest(session, limit=limit):
                    listed = self.viewer.events(session, limit=limit)
                    self.assertEqual([payload(e.decode()) for e in listed], events)
            logs.assert_whole(self.viewer.session(session), listed)

    def test_streamed_with_httpx(self):
        for session, events in self.sessions.items():
            with self.subTest(session):
                received = []
                with httpx.stream("GET", f"{self.server.url}/v1/sessions/{session}/events/stream", trust_env=False,
                                  headers={"Authorization": f"Bearer {self.key}"}) as response:
                    for line in response.iter_lines():
                        line = line.rstrip("\r\n")
                        if line.startswith("data: ") and line != "data: [DONE]":
                            received.append(line[6:])
                self.assertEqual([payload(e) for e in received], events)
                self.assertEqual([e.encode() for e in received], sse.json_lines(self.viewer.stream(session).content))

    def test_streamed_with_the_sdk(self):
        for session, events in self.sessions.items():
            with self.subTest(session):
                received = harness.node_report("stream.mjs", session, server=self.server, key=self.key)
                self.assertEqual([{k: v for k, v in e.items() if k != "id"} for e in received],
                                 [json.loads(e) for e in events])

    def test_exported_again(self):
        exported = self.store.export("--all")
        header, by_session = None, {}
        for line in exported:
            if line.startswith('{"session":'):
                header = json.loads(line)
                by_session[header["session"]["id"]] = []
                self.assertEqual(header["workspace"], "default")
            else:
                by_session[header["session"]["id"]].append(payload(logs.parts(line)[0].decode()))
        self.assertEqual(by_session, self.sessions)
        for session in self.sessions:
            one = self.store.export(session)
            self.assertEqual(one[1:], [line for line in exported if line in set(one[1:])])

    def test_an_export_imports_to_the_same_logs(self):
        exported = self.store.export("--all")
        copy = harness.Store()
        self.addCleanup(copy.close)
        copy.must("import", "-", stdin="\n".join(exported) + "\n")

        def unclocked(lines):
            rows = [json.loads(line) for line in lines]
            return [{**r, "session": harness.unclocked(r["session"])} if "session" in r else r for r in rows]

        self.assertEqual(unclocked(copy.export("--all")), unclocked(exported))
        self.assertEqual(copy.run("check").returncode, 0)

    def test_the_sessions_are_described(self):
        body = harness.ok(self.viewer.get("/v1/sessions")).json()
        self.assertEqual({s["id"]: s["log"]["events"] for s in body["data"]},
                         {s: len(e) for s, e in self.sessions.items()})
        for session in body["data"]:
            self.assertEqual((session["status"], session["agent"]["id"], session["metadata"]),
                             ("idle", "agent_swe", {"source": "SWE-agent"}))


class Import(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.fresh = harness.Store()
        self.addCleanup(self.fresh.close)

    def test_twice_changes_nothing(self):
        self.fresh.must("import", FILE)
        before = self.fresh.export("--all")
        self.fresh.must("import", FILE)
        after = self.fresh.export("--all")
        self.assertEqual([line for line in after if '"event":' in line[:10]],
                         [line for line in before if '"event":' in line[:10]])
        self.assertEqual(self.fresh.run("check").returncode, 0)

    def test_what_differs_from_the_store_is_an_error(self):
        self.fresh.must("import", FILE)
        before = self.fresh.export("--all")
        with open(FILE, encoding="utf-8") as file:
            changed = file.read().replace("AUTHORS.rst", "AUTHORS.txt", 1)
        done = self.fresh.run("import", "-", stdin=changed)
        self.assertNotEqual(done.returncode, 0, done)
        after = self.fresh.export("--all")
        self.assertEqual([line for line in after if line.startswith('{"event"')],
                         [line for line in before if line.startswith('{"event"')])

    def test_a_bad_line_is_named_and_nothing_of_its_session_is_kept(self):
        def header(name):
            return json.dumps({"session": {"id": f"sess_{name}", "agent": "a", "environment_id": "e"},
                               "workspace": "default"})

        def event(**fields):
            return json.dumps({"event": {"type": "agent.message", **fields}})

        good = [header("good"), event(), event()]
        rows = [("no JSON", "{"), ("neither session nor event", '{"x":1}'), ("an event without type", '{"event":{}}'),
                ("a bad id", event(id="a b")), ("a repeated id", event(id="evt_1")),
                ("a time before the last", event(processed_at="2026-01-01T00:00:00Z")),
                ("a bad time", event(processed_at="yesterday")),
                ("duplicate keys", '{"event":{"type":"a.b","x":1,"x":2}}'),
                ("nested too deep", '{"event":{"type":"a.b","x":' + "[" * 70 + "]" * 70 + "}}")]
        for what, bad in rows:
            with self.subTest(what):
                store = harness.Store()
                self.addCleanup(store.close)
                lines = [*good, header("bad"), event(id="evt_1", processed_at="2026-05-29T10:00:00Z"), bad, event()]
                done = store.run("import", "-", stdin="\n".join(lines) + "\n")
                self.assertEqual(done.returncode, 1, done)
                self.assertRegex(done.stderr, r"\bline 6\b")
                kept = store.must("sessions", "list")
                self.assertNotIn("sess_bad", kept)
                self.assertIn("sess_good", kept)
                check = store.run("check")
                self.assertEqual(check.returncode, 0, check)

    def test_one_bad_session_is_named_and_the_others_are_taken(self):
        def session(name, *events):
            header = {"session": {"id": f"sess_{name}", "agent": "a", "environment_id": "e"}}
            return "".join(json.dumps(line) + "\n" for line in (header, *({"event": e} for e in events)))

        def kept():
            rows = self.fresh.must("sessions", "list", "--json").splitlines()
            return [json.loads(row)["id"] for row in rows]

        good, bad = {"type": "agent.message"}, {"type": "agent.message", "id": "no id"}
        text = session("one", good) + session("two", good, bad, good) + session("three", good)
        text += session("four", {"id": "evt_1"})
        done = self.fresh.run("import", "-", "--stop-at-first", stdin=text)
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(kept(), ["sess_one"])
        done = self.fresh.run("import", "-", stdin=text)
        self.assertEqual(done.returncode, 1, done)
        said = done.stderr.splitlines()
        self.assertIn("stdin, line 5, session sess_two: event.id: ", said[0])
        self.assertIn("stdin, line 10, session sess_four: event.type: ", said[1])
        self.assertIn("Imported 1 sessions with 1 events, skipped 1 with 1", said[2])
        self.assertIn("Not imported: 2.", said[3])
        self.assertEqual(kept(), ["sess_one", "sess_three"])
        self.assertEqual(self.fresh.run("check").returncode, 0)

    def test_what_a_server_with_a_larger_limit_took(self):
        key = self.fresh.key("runtime")
        server = self.fresh.serve("--event.max_bytes", "4MiB")
        with harness.Api(server, key) as api:
            session = api.create()
            sent = api.sent(session, [harness.agent_message("A" * 3_000_000)])
        self.assertEqual(server.stop(), 0)
        copy = harness.Store()
        self.addCleanup(copy.close)
        copy.must("import", "-", stdin="\n".join(self.fresh.export(session)) + "\n")
        self.assertEqual([json.loads(line)["event"] for line in copy.export(session)[1:]], sent)

    def test_an_export_is_for_its_owner_and_group(self):
        self.fresh.must("import", FILE)
        lines = os.path.join(self.fresh.directory, "all.jsonl")
        self.fresh.must("export", "--all", "-o", lines)
        self.assertEqual(stat.S_IMODE(os.stat(lines).st_mode) & ~0o640, 0)
        with open(lines, encoding="utf-8") as file:
            self.assertEqual(len(file.read().splitlines()), len(self.fresh.export("--all")))

    def test_an_event_before_any_session(self):
        done = self.fresh.run("import", "-", stdin='{"event":{"type":"a.b"}}\n')
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"\bline 1\b")

    def test_a_head_that_disagrees(self):
        self.fresh.must("import", FILE)
        session = "sess_0185B2F52E762D8FD19A4BB76C"
        lines = self.fresh.export(session)
        copy = harness.Store()
        self.addCleanup(copy.close)
        done = copy.run("import", "-", stdin="\n".join([lines[0], *lines[1:-1]]) + "\n")
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"\bline 1\b")
        self.assertNotIn(session, copy.must("sessions", "list"))

    def test_into_another_workspace(self):
        self.fresh.must("import", FILE, "--workspace", "elsewhere")
        listed = self.fresh.must("workspaces", "list")
        self.assertIn("elsewhere", listed)
        self.assertNotIn("default", listed)

    def test_a_file_that_is_not_there(self):
        done = self.fresh.run("import", "/nonexistent.jsonl")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/nonexistent.jsonl", done.stderr)


if __name__ == "__main__":
    harness.main()
