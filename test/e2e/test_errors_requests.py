# SPDX-License-Identifier: Apache-2.0
"""Routes, methods, queries and session bodies: 400, 404, 405 and what they say."""
import json

import harness

INVALID = (400, "invalid_request_error")
SESSIONS = "/v1/sessions"

# (method, path below /v1/sessions/ID or absolute, the methods that Allow must name)
WRONG_METHODS = [
    ("PUT", SESSIONS, {"GET", "HEAD", "POST"}),
    ("DELETE", SESSIONS, {"GET", "HEAD", "POST"}),
    ("PATCH", "", {"GET", "HEAD", "POST", "DELETE"}),
    ("PUT", "", {"GET", "HEAD", "POST", "DELETE"}),
    ("GET", "/archive", {"POST"}),
    ("DELETE", "/archive", {"POST"}),
    ("DELETE", "/events", {"GET", "HEAD", "POST"}),
    ("PUT", "/events", {"GET", "HEAD", "POST"}),
    ("POST", "/events/stream", {"GET", "HEAD"}),
    ("DELETE", "/events/stream", {"GET", "HEAD"}),
]

UNKNOWN_ROUTES = ["/", "/v1", "/v1/", "/v2/sessions", "/v1/session", "/v1/sessions/", "/v1/sessionsX", "/V1/sessions",
                  "/healthz", "/readyz", "/metrics", "/v1/sessions/{}/", "/v1/sessions/{}/event",
                  "/v1/sessions/{}/events/", "/v1/sessions/{}/events/stream/", "/v1/sessions/{}/events/streams",
                  "/v1/sessions/{}/events/stream/x",
                  "/v1/sessions/{}/archive/x", "/v1//sessions", "/v1/sessions/{}/../{}", "/v1/sessions//events"]

# (path below /v1/sessions/ID or absolute, query, what the message names)
BAD_QUERIES = [
    (SESSIONS, "limit=0", "limit"), (SESSIONS, "limit=101", "limit"), (SESSIONS, "limit=-1", "limit"),
    (SESSIONS, "limit=ten", "limit"), (SESSIONS, "limit=", "limit"), (SESSIONS, "limit=5.0", "limit"),
    (SESSIONS, "limit=99999999999999999999", "limit"), (SESSIONS, "order=up", "order"),
    (SESSIONS, "order=ASC", "order"),
    (SESSIONS, "page=nonsense", "page"), (SESSIONS, "page=%00", "page"), (SESSIONS, "statuses=sleeping", "statuses"),
    (SESSIONS, "statuses[]=idle&statuses[]=x", "statuses"), (SESSIONS, "include_archived=maybe", "include_archived"),
    (SESSIONS, "created_at[gte]=yesterday", "created_at"), (SESSIONS, "created_at_gte=2026-05-29", "created_at"),
    (SESSIONS, "created_at%5Blt%5D=1", "created_at"),
    ("/events", "limit=0", "limit"), ("/events", "limit=1001", "limit"), ("/events", "limit=1e2", "limit"),
    ("/events", "limit=%201", "limit"), ("/events", "order=newest", "order"), ("/events", "page=nonsense", "page"),
    ("/events", "types=Nonsense", "types"), ("/events", "types[]=agent.message,x", "types"),
    ("/events", "created_at[gt]=x", "created_at"), ("/events", "created_at[lte]=2026-02-30T00:00:00Z", "created_at"),
    ("/events", "after=sevt_unknown", "after"), ("/events", "after=%00", "after"),
    ("/events/stream", "after=sevt_unknown", "after"), ("/events/stream", "lastEventId=sevt_unknown", "lastEventId"),
    ("/events/stream", "after=no-id", "after"), ("/events/stream", "types=Nonsense", "types"),
    ("/events", "limit=%zz", ""), ("/events", "limit=1%2", ""), ("/events", "types=%ff", ""),
]

CREATE = {"agent": "agent_a", "environment_id": "env_a"}
# (what, body, what the message names)
BAD_SESSIONS = [
    ("no agent", {"environment_id": "e"}, "agent"), ("agent null", {**CREATE, "agent": None}, "agent"),
    ("agent a number", {**CREATE, "agent": 7}, "agent"), ("agent empty", {**CREATE, "agent": ""}, "agent"),
    ("agent without id", {**CREATE, "agent": {"version": 1}}, "agent.id"),
    ("agent.id a number", {**CREATE, "agent": {"id": 1}}, "agent.id"),
    ("agent.version a string", {**CREATE, "agent": {"id": "a", "version": "1"}}, "agent.version"),
    ("agent.version 0", {**CREATE, "agent": {"id": "a", "version": 0}}, "agent.version"),
    ("agent with a NUL", {**CREATE, "agent": "a\0b"}, "agent"),
    ("no environment", {"agent": "a"}, "environment_id"),
    ("environment a number", {**CREATE, "environment_id": 1}, "environment_id"),
    ("environment with a NUL", {**CREATE, "environment_id": "a\0b"}, "environment_id"),
    ("title a number", {**CREATE, "title": 1}, "title"),
    ("metadata a list", {**CREATE, "metadata": []}, "metadata"),
    ("metadata of numbers", {**CREATE, "metadata": {"a": 1}}, "metadata.a"),
    ("metadata of null", {**CREATE, "metadata": {"a": None}}, "metadata.a"),
    ("17 pairs of metadata", {**CREATE, "metadata": {f"k{i}": "v" for i in range(17)}}, "metadata"),
    ("a metadata key of 65 characters", {**CREATE, "metadata": {"k" * 65: "v"}}, "metadata"),
    ("a metadata value of 513 characters", {**CREATE, "metadata": {"k": "v" * 513}}, "metadata.k"),
    ("initial_events an object", {**CREATE, "initial_events": {}}, "initial_events"),
    ("an initial event without type", {**CREATE, "initial_events": [harness.user_message(), {}]},
     "initial_events[1].type"),
    ("an initial result of nothing",
     {**CREATE, "initial_events": [{"type": "user.tool_result", "tool_use_id": "sevt_1"}]},
     "initial_events[0].tool_use_id"),
    ("resources a string", {**CREATE, "resources": "x"}, "resources"),
    ("vault_ids an object", {**CREATE, "vault_ids": {}}, "vault_ids"),
    ("an array", [], ""), ("a string", "x", ""), ("null", None, ""),
]
BAD_UPDATES = [
    ("title a number", {"title": 1}, "title"), ("metadata a string", {"metadata": "x"}, "metadata"),
    ("a metadata value of a number", {"metadata": {"a": 1}}, "metadata.a"),
    ("metadata over 16 pairs", {"metadata": {f"k{i}": "v" for i in range(17)}}, "metadata"),
    ("agent a string", {"agent": "x"}, "agent"), ("tools an object", {"agent": {"tools": {}}}, "agent.tools"),
    ("an array", [], ""),
]


class Requests(harness.E2eTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session = cls.client.create()

    def path(self, below):
        return below if below.startswith("/v1") else f"{SESSIONS}/{self.session}{below}"

    def test_wrong_methods(self):
        for method, below, allowed in WRONG_METHODS:
            with self.subTest(method, path=below):
                answer = self.client.http.request(method, self.path(below))
                self.assert_error(answer, 405, "invalid_request_error")
                allow = {m.strip() for m in answer.headers.get("allow", "").split(",")}
                self.assertEqual(allow - {"OPTIONS"}, allowed, answer.headers)

    def test_unknown_routes(self):
        for route in UNKNOWN_ROUTES:
            with self.subTest(route):
                self.assert_error(self.client.raw("GET", route.format(self.session, self.session)), 404, "not_found")

    def test_unknown_session_ids(self):
        for session in ("sess_unknown", "sess_" + "0" * 26, "x", "sess_" + "a" * 2000, "sess_%00", "sess_%F0%9F%8C%8D",
                        "%2e%2e",
                        "sess_1%2Fevents", "sess_1'%20OR%20'1'='1"):
            for below in ("", "/events", "/events/stream"):
                with self.subTest(session[:40], below=below):
                    self.assert_error(self.client.raw("GET", f"{SESSIONS}/{session}{below}"), 404, "not_found")

    def test_bad_queries(self):
        for below, query, name in BAD_QUERIES:
            with self.subTest(below, query=query):
                answer = self.client.raw("GET", f"{self.path(below)}?{query}")
                self.assert_error(answer, *INVALID, name)

    def test_a_bad_last_event_id_header(self):
        for value in ("sevt_unknown", "nonsense"):
            answer = self.client.stream(self.session, headers={"last-event-id": value})
            self.assert_error(answer, *INVALID, "Last-Event-ID")

    def test_unknown_query_names_are_ignored(self):
        for path in (SESSIONS, self.path(""), self.path("/events"), self.path("/events/stream")):
            harness.ok(self.client.raw("GET", f"{path}?beta=true&x=%20&y[]=1&z"))

    def test_bad_sessions(self):
        count = len(harness.ok(self.client.get(SESSIONS, params={"limit": 100})).json()["data"])
        for what, body, name in BAD_SESSIONS:
            with self.subTest(what):
                self.assert_error(self.runtime.post(SESSIONS, json.dumps(body)), *INVALID, name)
        self.assertEqual(len(harness.ok(self.client.get(SESSIONS, params={"limit": 100})).json()["data"]), count)

    def test_malformed_bodies_of_the_other_posts(self):
        for path in (SESSIONS, self.path("")):
            for body in (b"", b"{", b'{"title":"\xff"}', b'{"title":"a","title":"b"}', b'{"x":' + b"[" * 65 +
                         b"]" * 65 + b"}"):
                with self.subTest(path, body=body[:30]):
                    self.assert_error(self.client.post(path, body), *INVALID)

    def test_bounds_of_metadata_are_inside(self):
        metadata = {f"{i:02}" + "k" * 62: "ü" * 512 for i in range(16)}
        session = self.client.create(metadata=metadata)
        self.assertEqual(self.client.session(session)["metadata"], metadata)

    def test_bad_updates_change_nothing(self):
        before = self.client.session(self.session)
        for what, body, name in BAD_UPDATES:
            with self.subTest(what):
                self.assert_error(self.client.post(self.path(""), json.dumps(body)), *INVALID, name)
        self.assertEqual(harness.unclocked(self.client.session(self.session)), harness.unclocked(before))

    def test_only_a_runtime_archives_or_deletes_a_running_session(self):
        session = self.client.create()
        self.runtime.sent(session, [{"type": "session.status_running"}])
        self.assert_error(self.client.post(f"{SESSIONS}/{session}/archive"), *INVALID, "running")
        self.assert_error(self.client.http.delete(f"{SESSIONS}/{session}"), *INVALID, "running")
        shown = harness.ok(self.runtime.post(f"{SESSIONS}/{session}/archive")).json()
        self.assertIsNotNone(shown["archived_at"])
        self.assertEqual(harness.unclocked(self.client.session(session)), harness.unclocked(shown))
        self.assertEqual(shown["status"], "running")
        self.assert_error(self.client.http.delete(f"{SESSIONS}/{session}"), *INVALID, "running")
        answer = harness.ok(self.runtime.http.delete(f"{SESSIONS}/{session}"))
        self.assertEqual(answer.json(), {"id": session, "type": "session_deleted"})
        for path in ("", "/events", "/events/stream"):
            self.assert_error(self.client.get(f"{SESSIONS}/{session}{path}"), 404, "not_found")

    def test_every_answer_has_an_id_of_its_own(self):
        seen = {self.client.get(path).headers["request-id"] for path in (SESSIONS, self.path(""), "/v1/none",
                                                                         self.path("/events"))}
        self.assertEqual(len(seen), 4)
        self.assertTrue(all(i.startswith("req_") for i in seen), seen)


if __name__ == "__main__":
    harness.main()
