# SPDX-License-Identifier: Apache-2.0
"""Nothing is stored twice: Idempotency-Key, and the retries that the SDKs make by themselves."""
import concurrent.futures
import json
import secrets
import time

import harness
import raw
import retry_proxy

BODY = json.dumps({"events": [harness.user_message("one"), harness.user_message("two")]})
OTHER = json.dumps({"events": [harness.user_message("three")]})
CREATE = {"agent": "agent_a", "environment_id": "env_a", "initial_events": [harness.user_message("first")]}


def keyed(key=None):
    return {"idempotency-key": key or secrets.token_hex(8)}


def retry(count):
    return {"x-stainless-retry-count": str(count)}


class IdempotencyKey(harness.E2eTest):
    def setUp(self):
        self.session = self.client.create()
        self.path = f"/v1/sessions/{self.session}/events"

    def assert_conflict(self, answer):
        self.assert_error(answer, 409, "conflict_error")
        self.assertEqual(answer.headers.get("x-should-retry"), "false")

    def test_the_same_again_answers_the_first_answer(self):
        key = keyed()
        first = harness.ok(self.client.post(self.path, BODY, headers=key))
        self.client.sent(self.session, [harness.user_message("between")])
        for _ in range(3):
            again = harness.ok(self.client.post(self.path, BODY, headers=dict(key)))
            self.assertEqual(again.content, first.content)
        self.assertEqual(len(self.client.events(self.session)), 3)

    def test_another_body_is_a_conflict(self):
        key = keyed()
        harness.ok(self.client.post(self.path, BODY, headers=key))
        for body in (OTHER, BODY + " ", BODY.replace("one", "1")):
            self.assert_conflict(self.client.post(self.path, body, headers=dict(key)))
        self.assertEqual(len(self.client.events(self.session)), 2)

    def test_a_key_counts_within_its_session_and_workspace(self):
        key = keyed()
        other = self.client.create()
        stranger = self.api(self.store.key("client", workspace="other"))
        foreign = stranger.create()
        for api, session in ((self.client, self.session), (self.client, other), (stranger, foreign)):
            harness.ok(api.post(f"/v1/sessions/{session}/events", BODY, headers=dict(key)))
            self.assertEqual(len(api.events(session)), 2)

    def test_another_api_key_of_the_workspace_gets_the_same_answer(self):
        key = keyed()
        first = harness.ok(self.client.post(self.path, BODY, headers=key))
        self.assertEqual(harness.ok(self.runtime.post(self.path, BODY, headers=dict(key))).content, first.content)

    def test_it_is_looked_up_before_every_other_check(self):
        key, expecting = keyed(), keyed()
        first = harness.ok(self.runtime.post(self.path, BODY, headers=key))
        guarded = json.dumps({"events": [harness.user_message("x")],
                              "expected_last_event_id": first.json()["data"][-1]["id"]})
        second = harness.ok(self.runtime.post(self.path, guarded, headers=expecting))
        self.assertEqual(harness.ok(self.runtime.post(self.path, guarded, headers=dict(expecting))).content,
                         second.content)
        self.runtime.sent(self.session, [{"type": "session.status_terminated"}])
        self.assertEqual(harness.ok(self.runtime.post(self.path, BODY, headers=dict(key))).content, first.content)
        for bad, status in (("{", 400), (BODY.replace("user.message", "agent.message"), 403),
                            (json.dumps({"events": []}), 400)):
            self.assert_conflict(self.client.post(self.path, bad, headers=dict(key)))
            self.assertEqual(self.client.post(self.path, bad, headers=keyed()).status_code, status)

    def test_what_would_not_be_taken_any_more_has_its_first_answer(self):
        store = harness.Store()
        self.addCleanup(store.close)
        api_key, key, small = store.key("client"), keyed(), 1024
        body = json.dumps({"events": [harness.user_message("x" * (2 * small))]})
        creation = json.dumps({**CREATE, "initial_events": [harness.user_message("x" * (2 * small))]})
        server = store.serve()
        with harness.Api(server, api_key) as api:
            path = f"/v1/sessions/{api.create()}/events"
            first = harness.ok(api.post(path, body, headers=key))
            made = harness.ok(api.post("/v1/sessions", creation, headers=dict(key))).json()
        self.assertEqual(server.stop(), 0)
        with harness.Api(store.serve("--event.max_bytes", str(small)), api_key) as api:
            self.assertEqual(harness.ok(api.post(path, body, headers=dict(key))).content, first.content)
            self.assertEqual(api.post(path, body, headers=keyed()).status_code, 413)
            again = harness.ok(api.post("/v1/sessions", creation, headers=dict(key))).json()
            self.assertEqual(again["id"], made["id"])
            self.assertEqual(api.post("/v1/sessions", creation, headers=keyed()).status_code, 413)

    def test_a_key_of_a_request_that_stores_nothing(self):
        use = self.runtime.sent(self.session, [{"type": "agent.custom_tool_use", "name": "f", "input": {}}])[0]["id"]
        answer = {"type": "user.custom_tool_result", "custom_tool_use_id": use}
        given = self.client.sent(self.session, [answer])
        preview = {"type": "event_start", "event": {"id": "msg_1", "type": "agent.message"}}
        for event, data in ((answer, given), (preview, [])):
            with self.subTest(event["type"]):
                key, body = keyed(), json.dumps({"events": [event]})
                for _ in range(2):
                    self.assertEqual(harness.ok(self.runtime.post(self.path, body, headers=dict(key))).json(),
                                     {"data": data})
                self.assert_conflict(self.runtime.post(self.path, OTHER, headers=dict(key)))
        self.assertEqual(len(self.client.events(self.session)), 2)

    def test_a_refused_request_leaves_the_key_free(self):
        key = keyed()
        bad = json.dumps({"events": [{"type": "user.tool_result", "tool_use_id": "sevt_none"}]})
        self.assert_error(self.client.post(self.path, bad, headers=key), 400, "invalid_request_error")
        harness.ok(self.client.post(self.path, BODY, headers=dict(key)))

    def test_concurrent_duplicates(self):
        for _ in range(5):
            session, key = self.client.create(), keyed()

            def send(_, session=session, key=key):
                with harness.Api(self.server, self.keys["client"]) as api:
                    return harness.ok(api.post(f"/v1/sessions/{session}/events", BODY, headers=dict(key))).content

            with concurrent.futures.ThreadPoolExecutor(12) as pool:
                answers = set(pool.map(send, range(12)))
            self.assertEqual(len(answers), 1)
            self.assertEqual(len(self.client.events(session)), 2)

    def test_creating_a_session(self):
        key = keyed()
        first = harness.ok(self.client.post("/v1/sessions", CREATE, headers=key)).json()
        again = harness.ok(self.client.post("/v1/sessions", CREATE, headers=dict(key))).json()
        self.assertEqual(again["id"], first["id"])
        self.assertEqual(len(self.client.events(first["id"])), 1)
        self.assert_conflict(self.client.post("/v1/sessions", {**CREATE, "title": "x"}, headers=dict(key)))
        for bad in ("{", {"agent": 1}):
            self.assert_conflict(self.client.post("/v1/sessions", bad, headers=dict(key)))
            self.assert_error(self.client.post("/v1/sessions", bad, headers=keyed()), 400, "invalid_request_error")
        self.assertNotEqual(harness.ok(self.client.post("/v1/sessions", CREATE)).json()["id"], first["id"])

    def test_creating_a_session_concurrently(self):
        key = keyed()

        def create(_):
            with harness.Api(self.server, self.keys["client"]) as api:
                return harness.ok(api.post("/v1/sessions", CREATE, headers=dict(key))).json()["id"]

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual(len(set(pool.map(create, range(8)))), 1)

    def test_it_survives_a_restart(self):
        store = harness.Store()
        self.addCleanup(store.close)
        api_key, key, create_key = store.key("client"), keyed(), keyed()
        server = store.serve()
        with harness.Api(server, api_key) as api:
            session = harness.ok(api.post("/v1/sessions", CREATE, headers=create_key)).json()["id"]
            first = harness.ok(api.post(f"/v1/sessions/{session}/events", BODY, headers=key)).content
        server.kill()
        with harness.Api(store.serve(), api_key) as api:
            self.assertEqual(harness.ok(api.post(f"/v1/sessions/{session}/events", BODY, headers=dict(key))).content,
                             first)
            self.assert_conflict(api.post(f"/v1/sessions/{session}/events", OTHER, headers=dict(key)))
            self.assertEqual(harness.ok(api.post("/v1/sessions", CREATE, headers=dict(create_key))).json()["id"],
                             session)
            self.assertEqual(len(api.events(session)), 3)


class StainlessRetries(harness.E2eTest):
    """What an SDK sends once more by itself is the same request only if its client has not got the answer."""

    def setUp(self):
        self.session = self.client.create()
        self.path = f"/v1/sessions/{self.session}/events"

    def unread(self, body=BODY, path=None, headers=(("x-stainless-retry-count", "0"),), key="client"):
        """Sends it and goes without having read the answer, whose body this is."""
        with raw.wire(self.server) as wire:
            wire.send(raw.request("POST", path or self.path, self.keys[key], [("Content-Type", "application/json"),
                                                                              *headers], body.encode()))
            return wire.wait_for_answer().partition(b"\r\n\r\n")[2]

    def stored(self):
        return len(self.client.events(self.session))

    def test_a_retry_gets_the_answer_that_was_not_read(self):
        first = self.unread()
        self.assertEqual(self.unread(headers=[("x-stainless-retry-count", "1")]), first)
        self.assertEqual(harness.ok(self.client.post(self.path, BODY, headers=retry(2))).content, first)
        self.assertEqual(self.stored(), 2)

    def test_what_was_answered_is_sent_anew(self):
        for answered_to in ("the same connection", "one that is left open", "one that is closed"):
            with self.subTest(answered_to):
                before = self.stored()
                if answered_to == "the same connection":
                    first = harness.ok(self.client.post(self.path, BODY, headers=retry(0))).content
                else:
                    with raw.wire(self.server) as wire:
                        wire.send(raw.request("POST", self.path, self.keys["client"], [], BODY.encode()))
                        first = wire.response().body
                        if answered_to == "one that is left open":
                            self.assertNotEqual(harness.ok(self.client.post(self.path, BODY, headers=retry(1))).content,
                                                first)
                if answered_to != "one that is left open":
                    self.assertNotEqual(harness.ok(self.client.post(self.path, BODY, headers=retry(1))).content, first)
                self.assertEqual(self.stored(), before + 4)

    def test_a_retry_of_a_retry_that_was_answered_is_sent_anew(self):
        first = self.unread()
        self.assertEqual(harness.ok(self.client.post(self.path, BODY, headers=retry(1))).content, first)
        self.assertNotEqual(harness.ok(self.client.post(self.path, BODY, headers=retry(1))).content, first)
        self.assertEqual(self.stored(), 4)

    def test_several_equal_ones_each_get_their_own(self):
        answers = {self.unread() for _ in range(3)}
        self.assertEqual({harness.ok(self.client.post(self.path, BODY, headers=retry(1))).content for _ in range(3)},
                         answers)
        self.assertEqual(self.stored(), 6)

    def test_a_retry_whose_first_attempt_never_arrived_is_stored(self):
        harness.ok(self.client.post(self.path, BODY, headers=retry(1)))
        self.assertEqual(self.stored(), 2)

    def test_what_is_no_retry_is_stored(self):
        rows = [("no header", self.client, BODY, {}), ("count 0", self.client, BODY, retry(0)),
                ("other events", self.client, OTHER, retry(1)),
                ("another key", self.runtime, BODY, retry(1)),
                ("one byte more", self.client, BODY.replace("two", "two "), retry(1))]
        self.unread()
        for what, api, body, headers in rows:
            with self.subTest(what):
                before = self.stored()
                harness.ok(api.post(self.path, body, headers=headers))
                self.assertEqual(self.stored(), before + len(json.loads(body)["events"]))

    def test_others_may_append_in_between(self):
        first = self.unread()
        self.runtime.sent(self.session, harness.turn())
        self.client.sent(self.session, [harness.user_message("another")])
        self.assertEqual(harness.ok(self.client.post(self.path, BODY, headers=retry(1))).content, first)

    def test_an_unread_refusal_is_nothing(self):
        bad = json.dumps({"events": [harness.user_message("x")], "expected_last_event_id": "sevt_none"})
        self.unread(bad)
        self.assert_error(self.client.post(self.path, bad, headers=retry(1)), 409, "conflict_error")

    def test_a_retry_after_a_restart(self):
        """A server that is replaced while an answer is under way is what makes SDKs try again."""
        for how in ("kill", "stop"):
            with self.subTest(how):
                store = harness.Store()
                self.addCleanup(store.close)
                key = store.key("client")
                server = store.serve()
                with harness.Api(server, key) as api:
                    session = api.create()
                    first = harness.ok(api.post(f"/v1/sessions/{session}/events", BODY, headers=retry(0))).content
                getattr(server, how)()
                with harness.Api(store.serve(), key) as api:
                    self.assertEqual(harness.ok(api.post(f"/v1/sessions/{session}/events", BODY,
                                                         headers=retry(1))).content, first)
                    self.assertEqual(len(api.events(session)), 2)

    def test_a_retry_after_the_session_left_memory(self):
        store = harness.Store()
        self.addCleanup(store.close)
        key = store.key("client")
        with harness.Api(store.serve("--session.idle_timeout", "50ms"), key) as api:
            session = api.create()
            first = harness.ok(api.post(f"/v1/sessions/{session}/events", BODY, headers=retry(0))).content
            time.sleep(0.3)  # several idle timeouts: the session is sealed and gone
            self.assertEqual(harness.ok(api.post(f"/v1/sessions/{session}/events", BODY, headers=retry(1))).content,
                             first)
            self.assertEqual(len(api.events(session)), 2)

    def test_the_retries_of_the_sdk_store_nothing_twice(self):
        with retry_proxy.losing_the_first_answer(self.server) as proxy:
            seen = harness.node_report("send.mjs", self.session, "Only once, please", server=proxy.url,
                                       key=self.keys["client"])
            self.assertEqual([(m, count, status) for m, _, count, status in proxy.seen],
                             [("POST", "0", 200), ("POST", "1", 200)])
            self.assertEqual(json.loads(proxy.lost[0]), seen["answer"])
        self.assertEqual(seen["requests"], 2)
        stored = [json.loads(e) for e in self.client.events(self.session)]
        self.assertEqual(stored, seen["answer"]["data"])
        self.assertEqual([e["content"][0]["text"] for e in stored], ["Only once, please"])

    def test_what_a_proxy_takes_and_loses_is_stored_twice(self):
        """Nobody can see that: only an Idempotency-Key or expected_last_event_id helps."""
        with retry_proxy.losing_the_first_answer(self.server, takes=True) as proxy:
            seen = harness.node_report("send.mjs", self.session, "Twice", server=proxy.url, key=self.keys["client"])
            self.assertNotEqual(json.loads(proxy.lost[0]), seen["answer"])
        self.assertEqual(self.stored(), 2)


if __name__ == "__main__":
    harness.main()
