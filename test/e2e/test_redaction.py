# SPDX-License-Identifier: Apache-2.0
"""Erasing an event: from the answer on nobody is shown its payload, before long it stands in no byte of the store's
files, and every head that somebody kept still holds."""
import hashlib
import json
import os
import random
import re
import subprocess
import threading
import time

import httpx

import harness
import logs
import sse
from test_verifying import program

SOON = 60  # seconds, as promised


def secret(number):
    return f"sk-live-{number:04}-0123456789abcdef"


class RedactionTest(harness.E2eTest):
    def setUp(self):
        self.session = self.client.create(title="With secrets")

    def redact(self, event, body=None, api=None, session=None):
        path = f"/v1/sessions/{session or self.session}/events/{event}/redact"
        return (api or self.runtime).post(path, body if body is not None else {"reason": "a key"})

    def files(self, store=None):
        """All bytes of the store's files."""
        found = b""
        directory = (store or self.store).directory
        for name in sorted(os.listdir(directory)):
            if name.startswith("events.db"):
                with open(os.path.join(directory, name), "rb") as file:
                    found += file.read()
        return found

    def assert_gone(self, *texts, store=None):
        """None of `texts` is in the files, in time."""
        end = time.monotonic() + SOON
        while left := [t for t in texts if (t if isinstance(t, bytes) else t.encode()) in self.files(store)]:
            if time.monotonic() > end:
                raise AssertionError(f"still in the files: {left}")
            time.sleep(0.2)

    def shown(self, api=None, session=None):
        """The events as List Events shows them, which the stream has to show as well."""
        api, session = api or self.viewer, session or self.session
        listed = api.events(session)
        self.assertEqual(sse.json_lines(api.stream(session).content), listed)
        self.assertEqual(list(reversed(api.events(session, order="desc"))), listed)
        return listed


class Redaction(RedactionTest):
    def test_the_tombstone_is_shown_everywhere(self):
        sent = self.runtime.sent(self.session, [harness.agent_message(t) for t in ("before", secret(1), "after")])
        answer = harness.ok(self.redact(sent[1]["id"])).content
        tombstone = json.loads(answer)
        self.assertEqual(tombstone, {"id": sent[1]["id"], "type": "agent.message",
                                     "redacted": {"at": tombstone["redacted"]["at"], "reason": "a key"},
                                     "processed_at": sent[1]["processed_at"]})
        self.assertEqual(list(tombstone), ["id", "type", "redacted", "processed_at"])
        shown = self.shown()
        self.assertEqual([json.loads(e) for e in shown[:3]], [sent[0], tombstone, sent[2]])
        told = json.loads(shown[3])
        self.assertEqual((told["type"], told["event_id"]), ("session.event_redacted", sent[1]["id"]))
        self.assertEqual(len(shown), 4)
        again = harness.ok(self.redact(sent[1]["id"], {"reason": "another"})).content
        self.assertEqual((again, self.shown()), (answer, shown))

    def test_who_may_and_what_there_is(self):
        event = self.runtime.sent(self.session, [harness.agent_message()])[0]["id"]
        other = self.client.create()
        for api in (self.client, self.viewer):
            self.assert_error(self.redact(event, api=api), 403, "permission_error", "runtime")
        self.assert_error(self.redact("sevt_unknown"), 404, "not_found", "no such event")
        self.assert_error(self.redact(event, session=other), 404, "not_found", "no such event")
        self.assert_error(self.redact(event, session="sess_unknown"), 404, "not_found", "session")
        self.assert_error(self.redact(event, {"reason": "x" * 201}), 400, "invalid_request_error", "reason")
        self.assertIsNone(harness.ok(self.redact(event, "")).json()["redacted"]["reason"])

    def test_archived_and_terminated_sessions(self):
        sent = self.runtime.sent(self.session, [harness.agent_message(secret(2)), harness.agent_message(secret(3)),
                                                {"type": "session.status_terminated"}])
        harness.ok(self.redact(sent[0]["id"]))
        harness.ok(self.client.post(f"/v1/sessions/{self.session}/archive"))
        harness.ok(self.redact(sent[1]["id"]))
        self.assertNotIn(b"sk-live", b"".join(self.shown()))
        self.assertEqual(self.client.session(self.session)["status"], "terminated")
        self.assert_error(self.runtime.send(self.session, [harness.agent_message()]), 400, "invalid_request_error")

    def test_what_the_session_object_has_of_it(self):
        sent = self.runtime.sent(self.session, [{"type": "agent.tool_use", "name": secret(4), "input": {}}])
        self.assertIn(secret(4), json.dumps(self.client.session(self.session)))
        harness.ok(self.redact(sent[0]["id"]))
        self.assertNotIn(secret(4), json.dumps(self.client.session(self.session)))
        self.assert_gone(secret(4))

    def test_an_explanation_that_the_session_object_has_cut(self):
        sent = self.runtime.sent(self.session, [{"type": "user.define_outcome", "description": secret(7) * 3_000}])
        sent += self.runtime.sent(self.session, [
            {"type": "span.outcome_evaluation_end", "outcome_id": sent[0]["outcome_id"], "result": "satisfied",
             "explanation": secret(8) * 3_000}])
        shown = json.dumps(self.client.session(self.session))
        self.assertTrue(secret(7) in shown and secret(8) in shown)
        for event in sent:
            harness.ok(self.redact(event["id"]))
        shown = self.client.session(self.session)
        self.assertNotIn("sk-live", json.dumps(shown))
        self.assertEqual([o["result"] for o in shown["outcome_evaluations"]], ["satisfied"])
        self.assert_gone(secret(7), secret(8))

    def test_an_idle_ends_a_turn_if_it_did_before(self):
        reasons = ("requires_action", "end_turn", "requires_action")
        sent = self.runtime.sent(self.session, [
            {"type": "agent.custom_tool_use", "name": "ask", "input": {}},
            *({"type": "session.status_idle", "stop_reason": {"type": r}, "note": secret(9)} for r in reasons)])
        waiting = harness.ok(self.redact(sent[1]["id"], "")).json()
        self.assertEqual(waiting["redacted"]["stop_reason"], "requires_action")
        harness.ok(self.redact(sent[2]["id"]))
        for after in ("start", sent[0]["id"], sent[1]["id"]):
            told = self.viewer.stream(self.session, {"until": "idle", "after": after}).content
            self.assertEqual(sse.ids(told)[-1], sent[2]["id"])
        self.assertNotIn(b"sk-live", b"".join(self.shown()[1:3]))

    def test_a_key_stays_good_without_its_body(self):
        path, key = f"/v1/sessions/{self.session}/events", {"idempotency-key": "with-a-secret"}
        body = json.dumps({"events": [harness.user_message(t) for t in ("a", secret(10), "c")]})
        first = harness.ok(self.client.post(path, body, headers=key)).json()["data"]
        created = json.dumps({"agent": "agent_a", "environment_id": "env_a",
                              "initial_events": [harness.user_message(secret(12))]})
        session = harness.ok(self.client.post("/v1/sessions", created, headers=dict(key))).json()["id"]
        initial = self.client.list(session).json()["data"][0]["id"]
        hashes = [hashlib.sha256(text.encode()).digest() for text in (body, created)]
        self.assertTrue(all(h in self.files() for h in hashes))
        tombstone = harness.ok(self.redact(first[1]["id"])).json()
        harness.ok(self.redact(initial, session=session))
        self.assert_gone(*hashes)
        again = harness.ok(self.client.post(path, body, headers=dict(key))).json()["data"]
        self.assertEqual(again, [first[0], tombstone, first[2]])
        other = body.replace('"c"', '"d"')
        self.assert_error(self.client.post(path, other, headers=dict(key)), 409, "conflict_error", "Idempotency-Key")
        self.assertEqual(len(self.shown()), 4)
        again = harness.ok(self.client.post("/v1/sessions", created, headers=dict(key))).json()["id"]
        self.assertEqual(again, session)

    def test_the_session_object_is_the_same_behind_an_import(self):
        self.runtime.sent(self.session, [{"type": "session.status_running"}])
        use = self.runtime.sent(self.session, [{"type": "agent.custom_tool_use", "name": n, "input": {}}
                                               for n in ("ask", secret(11), "wait")])
        outcome = self.runtime.sent(self.session, [{"type": "user.define_outcome", "description": "aim"}])
        sent = use[1:] + outcome + self.runtime.sent(self.session, [
            {"type": "user.custom_tool_result", "custom_tool_use_id": use[0]["id"]},
            {"type": "span.model_request_end", "model_usage": {"input_tokens": 7, "output_tokens": 5}},
            {"type": "span.outcome_evaluation_end", "outcome_id": outcome[0]["outcome_id"], "result": "satisfied"},
            {"type": "session.usage", "usage": {"list_cost": {"usd": "1"}}},
            {"type": "session.usage", "usage": {"list_cost": {"usd": "2"}}},
            {"type": "session.status_idle", "stop_reason": {"type": "requires_action"}}])
        other = self.api(self.store.key("runtime", workspace="copies"))
        for event in sent:
            harness.ok(self.redact(event["id"]))
            exported = harness.ok(self.runtime.get(f"/v1/sessions/{self.session}/export")).content
            report = harness.ok(other.post("/v1/sessions/import", exported)).json()
            self.assertEqual((report["sessions"], report["errors"]), (1, []))
            before, copy = (harness.unclocked(api.session(self.session)) for api in (self.runtime, other))
            self.assertEqual(copy, before)
            harness.ok(other.http.delete(f"/v1/sessions/{self.session}"))

    def test_followers_and_resumed_streams(self):
        sent = self.runtime.sent(self.session, [harness.agent_message(t) for t in ("a", secret(5), "c")])
        frames, began = [], threading.Event()

        def follow():
            with httpx.stream("GET", f"{self.server.url}/v1/sessions/{self.session}/events/stream?follow=true",
                              headers={"authorization": f"Bearer {self.keys['viewer']}"}, trust_env=False,
                              timeout=20) as response:
                text = ""
                for part in response.iter_text():
                    text += part
                    if "caught_up" in text:
                        began.set()
                    if "session.event_redacted" in text and text.endswith("\n\n"):
                        frames.extend(sse.parse(text))
                        return

        follower = threading.Thread(target=follow)
        follower.start()
        self.assertTrue(began.wait(20))
        harness.ok(self.redact(sent[1]["id"]))
        follower.join(20)
        events = [json.loads(f.data) for f in frames if f.is_event]
        self.assertEqual([e["type"] for e in events], ["agent.message"] * 3 + ["session.event_redacted"])
        self.assertEqual(events[3]["event_id"], sent[1]["id"])
        resumed = self.viewer.stream(self.session, headers={"last-event-id": sent[0]["id"]}).content
        self.assertNotIn(secret(5).encode(), resumed)
        self.assertEqual(sse.ids(resumed)[0], sent[1]["id"])

    def test_a_replay_under_way_is_never_torn(self):
        sent = []
        for i in range(40):
            sent += self.runtime.sent(self.session, [harness.agent_message(f"{i} {secret(6)} " + "x" * 50_000)])
        with httpx.stream("GET", f"{self.server.url}/v1/sessions/{self.session}/events/stream", trust_env=False,
                          headers={"authorization": f"Bearer {self.keys['viewer']}"}, timeout=30) as response:
            parts = response.iter_raw()
            read = [next(parts)]
            for event in sent:
                harness.ok(self.redact(event["id"]))
            read += parts
        events = [json.loads(e) for e in sse.json_lines(b"".join(read))]
        self.assertEqual([e["id"] for e in events], [e["id"] for e in sent])
        for event, was in zip(events, sent, strict=True):
            self.assertIn(event.get("content"), (was["content"], None))
        self.assertNotIn(b"sk-live", b"".join(self.shown()))


class Files(RedactionTest):
    """Whatever the store has done with an event before."""

    def test_nothing_is_left_and_the_heads_hold(self):
        quiet = self.client.create()  # its one event keeps the rows behind it in the journal
        self.runtime.sent(quiet, [harness.agent_message("quiet")])
        heads, sent = [], []
        for i in range(30):
            text = secret(100 + i) + " x" * (20_000 if i % 7 == 3 else 200)
            sent += self.runtime.sent(self.session, [harness.agent_message(text)])
            heads.append(self.client.session(self.session)["log"]["head"])
        texts = [secret(100 + i) for i in range(30)]
        self.assertTrue(all(t.encode() in self.files() for t in texts))
        time.sleep(2)  # some of it is sealed, merged, moved out of the write-ahead log
        for event in sent:
            harness.ok(self.redact(event["id"]))
        self.assert_gone(*texts)
        self.assertNotIn(b"sk-live", b"".join(self.shown()))

        exported = self.store.export("--all")
        self.assertNotIn("sk-live-01", "\n".join(exported))
        one = self.store.export(self.session)
        logs.assert_exported(one)
        path = os.path.join(self.store.directory, "export.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in one)
        done = subprocess.run(["/usr/bin/python3", "-c", program(), path, *heads], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

        copy = harness.Store()
        self.addCleanup(copy.close)
        self.store.must("backup", "--to", copy.database)
        self.assertNotIn(b"sk-live-01", self.files(copy))
        imported = harness.Store()
        self.addCleanup(imported.close)
        imported.must("import", path)
        self.assertEqual(imported.export(self.session)[1:], one[1:])
        for store in (self.store, copy, imported):
            done = store.run("check")
            self.assertEqual(done.returncode, 0, done)

    def test_sealed_by_a_restart(self):
        store = harness.Store()
        self.addCleanup(store.close)
        key = store.key("runtime")
        server = store.serve()
        with harness.Api(server, key) as api:
            session = api.create()
            sent = api.sent(session, [harness.agent_message(secret(200 + i)) for i in range(5)])
        self.assertEqual(server.stop(), 0)
        server = store.serve()
        with harness.Api(server, key) as api:
            for event in sent:
                harness.ok(self.redact(event["id"], api=api, session=session))
            self.assertNotIn(b"sk-live", b"".join(self.shown(api, session)))
        self.assert_gone(*(secret(200 + i) for i in range(5)), store=store)


class Killed(RedactionTest):
    serve_options = None

    def setUp(self):
        pass

    def test_at_any_moment(self):
        seed = random.SystemRandom().randrange(1 << 32)
        print(f"seed {seed}", flush=True)
        chance = random.Random(seed)
        store = harness.Store()
        self.addCleanup(store.close)
        key = store.key("runtime")
        server = store.serve()
        with harness.Api(server, key) as api:
            session = api.create()
            sent = []
            for i in range(12):
                text = secret(300 + i) + "x" * chance.choice((10, 3_000, 70_000))
                sent += api.sent(session, [harness.agent_message(text)])
        heads = {}
        for i, event in enumerate(sent):
            with harness.Api(server, key) as api:
                heads[i] = api.session(session)["log"]
                answer = []

                def ask(api=api, event=event, answer=answer):
                    try:
                        answer.append(self.redact(event["id"], api=api, session=session).status_code)
                    except httpx.HTTPError:
                        pass

                asker = threading.Thread(target=ask)
                asker.start()
                time.sleep(chance.random() * 0.02)
                server.kill()
                asker.join(20)
            done = store.run("check")
            self.assertEqual(done.returncode, 0, done)
            server = store.serve()
            with harness.Api(server, key) as api:
                shown = self.shown(api, session)
                if answer == [200]:
                    self.assertIn(b'"redacted"', shown[i])
                # Whole or erased, nothing between.
                self.assertTrue(secret(300 + i).encode() in shown[i] or b'"redacted"' in shown[i], shown[i][:300])
                harness.ok(self.redact(event["id"], api=api, session=session))
        self.assert_gone(*(secret(300 + i) for i in range(12)), store=store)
        with harness.Api(server, key) as api:
            self.assertNotIn(b"sk-live", b"".join(self.shown(api, session)))
        exported = store.export(session)
        logs.assert_exported(exported)
        chain = [logs.head([], [])]
        split = [logs.parts(line) for line in exported[1:]]
        chain += [logs.head([e for e, _ in split[:n]], [p for _, p in split[:n]]) for n in range(1, len(split) + 1)]
        for log in heads.values():
            self.assertEqual(chain[log["events"]], log["head"])
        self.assertTrue(all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in chain))


if __name__ == "__main__":
    harness.main()
