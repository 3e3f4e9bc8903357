# SPDX-License-Identifier: Apache-2.0
"""/openapi.json: every answer that it names can be had, and it is right about roles, parameters and bodies. What all
other tests get from the service is held against it by openapi.py; test_openapi_form.py looks at the document itself."""
import json
from urllib.parse import quote

import httpx

import harness
import openapi
import raw

#: Statuses that nothing from outside brings about, with the reason.
NOT_FROM_OUTSIDE = {500: "a fault of the service itself"}

GIVEN = "sess_given"  # is in every store here, with one event
GIVEN_EVENT = "sevt_given"
EXPORTED = "".join(json.dumps(line) + "\n" for line in (
    {"session": {"id": GIVEN, "agent": "a", "environment_id": "e"}},
    {"event": {"id": GIVEN_EVENT, "type": "agent.message", "content": []}}))

#: Operation → a body that is taken; import_sessions has one of its own.
BODIES = {
    "create_session": {"agent": "agent_a", "environment_id": "env_a"},
    "update_session": {"title": "New"},
    "archive_session": {},
    "send_events": {"events": [harness.user_message()]},
    "redact_event": {"reason": "a key"},
    "mint_stream_token": {"ttl_seconds": 60},
}
CHANGED = ("update_session", "archive_session", "delete_session")  # each call gets a session of its own
ROLES = ("viewer", "client", "runtime")
LONG = "a" * 17_000  # more than a head may have

#: Values of every kind, for fields that take some of them.
VALUES = [None, True, -1, 61, 1.5, "", "x", "deny", "a\0", [], ["x"], [{}], [{"type": "text"}], [{"type": "image"}],
          {}, {"x": 1}, {"id": "x"}, {"type": "x"}, {"x": "y"}]
EVENT_TO_SEND = {"$ref": "#/components/schemas/event_to_send"}
#: Event type → what an event of it must have.
NEEDED = {
    "user.message": {"content": []}, "system.message": {"content": []}, "user.define_outcome": {"description": "x"},
    "user.tool_confirmation": {"tool_use_id": "sevt_none", "result": "allow"},
    "user.tool_result": {"tool_use_id": "sevt_none"}, "user.custom_tool_result": {"custom_tool_use_id": "sevt_none"},
}


class OpenApiTest(harness.E2eTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        harness.ok(cls.runtime.post("/v1/sessions/import", EXPORTED))
        cls.nobody = cls.api(None)
        cls.described = openapi.document(cls.server.url)
        cls.calls = {operation["operationId"]: (method.upper(), path, operation)
                     for path, methods in cls.described.document["paths"].items()
                     for method, operation in methods.items()}

    def target(self, name, session=None):
        if session is None:
            session = self.runtime.create() if name in CHANGED else GIVEN
        path = self.calls[name][1].replace("{id}", session).replace("{event_id}", GIVEN_EVENT)
        return path.replace("{file}", "main.js")

    def call(self, name, api=None, session=None, query="", headers=None, body=None):
        """The answer to a request of this operation, which is a good one where nothing else is said."""
        if body is None and name == "import_sessions":
            body = EXPORTED.encode()
        elif body is None and name in BODIES:
            body = json.dumps(BODIES[name]).encode()
        endless = b'"caught_up"' if name == "watch_sessions" else None
        target = self.target(name, session) + query
        return (api or self.runtime).raw(self.calls[name][0], target, headers, body, endless)


class Answers(OpenApiTest):
    serve_options = ("--http.max_body_bytes", "64KiB")

    def another(self, *options):
        """A client of another server, which has a stream open."""
        store = harness.Store()
        self.addCleanup(store.close)
        store.must("import", "-", stdin=EXPORTED)
        api = self.api(store.key("runtime"), store.serve(*options))
        wire = self.begin(api, "GET", f"/v1/sessions/{GIVEN}/events/stream?follow=true")
        self.assertEqual(wire.head().status, 200)
        return api

    def begin(self, api, *request, **options):
        """A request that is under way until the test ends."""
        wire = raw.Wire(api.server.port)
        self.addCleanup(wire.close)
        return wire.send(raw.request(*request, api.key, **options))

    def busy(self):
        """A client whose key may have nothing more under way."""
        api = self.another("--http.max_bytes_in_per_key", "1KiB", "--http.max_streams_per_key", "1",
                           "--http.body_timeout", "5min")
        wire = self.begin(api, "POST", "/v1/sessions", headers=[("Content-Length", 1000), ("Expect", "100-continue")])
        self.assertEqual(wire.head().status, 100)
        wire.send("{")
        status = api.server.admin_url + "/statusz"
        harness.poll(lambda: httpx.get(status, trust_env=False).json()["http"]["bytes_in"] == 1, what="the body")
        return api

    def not_there(self, name):
        if not name.startswith("inspector"):
            return self.call(name, session="sess_unknown")
        store = harness.Store()
        self.addCleanup(store.close)
        return self.call(name, self.api(None, store.serve("--http.inspector", "off")))

    def nothing_new(self, name):
        session = self.runtime.create()
        last = self.runtime.sent(session, [{"type": "session.status_terminated"}])[-1]["id"]
        return self.call(name, session=session, headers={"accept": "text/event-stream", "last-event-id": last})

    def not_allowed(self, name):
        return self.call(name, [getattr(self, role) for role in ROLES if role not in self.calls[name][2]["x-roles"]][0])

    def key_used_again(self, name):
        key = {"idempotency-key": name}
        self.assertEqual(self.call(name, headers=key).status_code, 200)
        return self.call(name, headers=key, body=json.dumps({**BODIES[name], "another": 1}).encode())

    def provokers(self):
        """Status → what is done to an operation to get it."""
        busy, full = self.busy(), self.another("--http.max_connections", "2")
        return {
            200: self.call,
            204: self.nothing_new,
            400: lambda name: self.call(name, query="?a=%zz"),
            401: lambda name: self.call(name, self.nobody),
            403: self.not_allowed,
            404: self.not_there,
            409: self.key_used_again,
            413: lambda name: self.call(name, body=b" " * (65_537 if self.calls[name][0] == "POST" else 16_385)),
            414: lambda name: self.call(name, query="?" + LONG),
            415: lambda name: self.call(name, headers={"content-encoding": "gzip"}),
            429: lambda name: self.call(name, busy, GIVEN),
            431: lambda name: self.call(name, headers={"x-pad": LONG}),
            501: lambda name: self.call(name, headers={"transfer-encoding": "gzip"}),
            503: lambda name: self.call(name, full, GIVEN),
        }

    def test_every_one_that_is_documented_can_be_had(self):
        documented = {(name, int(status)) for name, (_, _, operation) in self.calls.items()
                      for status in operation["responses"]}
        provokers = self.provokers()
        self.described.seen.clear()
        for name, status in sorted(documented):
            if status in NOT_FROM_OUTSIDE:
                continue
            with self.subTest(name, status=status):
                answer = provokers[status](name)
                self.assertEqual(answer.status_code, status, answer.text)
        self.assertEqual({status for _, status in documented - self.described.seen}, set(NOT_FROM_OUTSIDE))
        self.assertEqual({status for _, status in self.described.seen} & set(NOT_FROM_OUTSIDE), set())

    def test_it_is_for_anybody(self):
        answer = self.nobody.get("/openapi.json")
        self.assertEqual((answer.status_code, answer.headers["content-type"]), (200, "application/json"))
        head = self.nobody.http.head("/openapi.json")
        self.assertEqual((head.status_code, head.content, head.headers["content-length"]),
                         (200, b"", str(len(answer.content))))
        self.assert_error(self.nobody.post("/openapi.json", {}), 405, "invalid_request_error")
        self.assertIn(answer.json()["info"]["version"], self.store.must("--version", store=False))

    def test_what_is_not_documented_is_noticed(self):
        headers = {"content-type": "application/json", "request-id": "req_1"}
        for method, target, status, body in (
                ("GET", "/v1/sessions", 200, b"{}"), ("GET", "/v1/sessions", 404, b"{}"),
                ("GET", "/v1/sessions", 400, b'{"type":"error"}'), ("GET", "/v1/none", 200, b"{}"),
                ("DELETE", "/v1/sessions/a", 204, b""), ("PUT", "/v1/sessions", 200, b"{}"),
                ("GET", "/v1/sessions/a/events", 200, b'{"data":[{"id":"sevt_1"}],"next_page":null}')):
            with self.subTest(method, target=target, status=status), self.assertRaises(AssertionError):
                self.described.check(method, target, status, headers, body)
        good = b'{"data":[],"next_page":null}'
        self.described.check("GET", "/v1/sessions/a/events", 200, headers, good)
        for other in ({**headers, "content-type": "text/plain"}, {"content-type": "application/json"}):
            with self.assertRaises(AssertionError):
                self.described.check("GET", "/v1/sessions/a/events", 200, other, good)


class Requests(OpenApiTest):
    def test_roles(self):
        for name, (_, _, operation) in self.calls.items():
            roles = operation.get("x-roles")
            with self.subTest(name):
                self.assertEqual(self.call(name, self.nobody).status_code, 401 if roles else 200)
                for role in ROLES:
                    allowed = roles is None or role in roles
                    self.assertEqual(self.call(name, getattr(self, role)).status_code, 200 if allowed else 403, role)

    def test_stream_tokens(self):
        token = harness.ok(self.call("mint_stream_token", self.viewer)).json()["token"]
        for name, (_, _, operation) in self.calls.items():
            opens = not operation["security"] or {"stream_token": []} in operation["security"]
            with self.subTest(name):
                self.assertEqual(self.call(name, self.nobody, query=f"?token={token}").status_code,
                                 200 if opens else 401)

    def test_every_parameter_is_looked_at(self):
        for name, (_, _, operation) in self.calls.items():
            for parameter in self.described.follow(operation["parameters"]):
                spelled = parameter["name"]
                if parameter["in"] == "path":
                    continue
                bad = "" if {"minLength", "pattern"} & set(parameter["schema"]) else "?"
                with self.subTest(name, parameter=spelled):
                    if parameter["in"] == "header":
                        answer = self.call(name, headers={spelled: bad})
                    else:
                        answer = self.call(name, query=f"?{quote(spelled)}={quote(bad)}")
                    self.assert_error(answer, 400, "invalid_request_error", spelled.partition("[")[0])

    def assert_agrees(self, target, body, schema):
        """The service refuses what the schema refuses and nothing else. That what it takes fits the schema is checked
        with the answer."""
        answer = self.runtime.post(target, json.dumps(body))
        self.assertEqual(answer.status_code == 400, bool(self.described.faults(body, schema)), (body, answer.text))

    def bodies(self):
        for name, body in BODIES.items():
            described = self.calls[name][2]["requestBody"]
            yield name, self.target(name), body, described["content"]["application/json"]["schema"]

    def test_fields_of_bodies(self):
        for name, target, body, schema in self.bodies():
            for field in self.described.follow(schema).get("properties", ()):
                for value in VALUES:
                    with self.subTest(name, field=field, value=value):
                        self.assert_agrees(target, {**body, field: value}, schema)

    def test_bodies_themselves(self):
        for name, target, _, schema in self.bodies():
            for body in VALUES:
                with self.subTest(name, body=body):
                    self.assert_agrees(target, body, schema)
            with self.subTest(name, body="none"):
                needed = self.calls[name][2]["requestBody"]["required"]
                self.assertEqual(self.runtime.post(target, "").status_code, 400 if needed else 200)

    def test_fields_of_events(self):
        session = self.runtime.create()
        schemas = self.described.document["components"]["schemas"]
        for rule in schemas["known_fields"]["allOf"]:
            which = rule["if"]["properties"]["type"]
            for event_type in which.get("enum", [which.get("const")]):
                for field in rule["then"]["properties"]:
                    for value in VALUES:
                        event = {"type": event_type, **NEEDED.get(event_type, {}), field: value}
                        with self.subTest(event_type, field=field, value=value):
                            self.assert_event_agrees(session, event)

    def assert_event_agrees(self, session, event):
        before = [harness.user_message()] if event["type"] == "system.message" else []
        answer = self.runtime.send(session, [*before, event])
        faults = self.described.faults(event, EVENT_TO_SEND)
        waits_for_none = answer.status_code == 400 and "with this id waits for" in answer.text
        self.assertEqual(answer.status_code, 400 if faults or waits_for_none else 200, (event, answer.text, faults))


if __name__ == "__main__":
    harness.main()
