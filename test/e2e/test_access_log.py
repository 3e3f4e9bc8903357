# SPDX-License-Identifier: Apache-2.0
"""The access log: a line for each request, with what one looks for in it and nothing that is secret."""
import json

import harness
import raw

FIELDS = ["id", "method", "route", "session", "status", "bytes_in", "bytes_out", "answer_ms", "total_ms", "end"]


class AccessLog(harness.E2eTest):
    serve_options = ("--log.format", "json")

    def told(self, request_id):
        """The line of a request: it is written when the kernel has the answer, which the client may have before."""
        def look():
            lines = [json.loads(line) for line in self.server.log().splitlines() if line.startswith("{")]
            return next((line for line in lines if line.get("id") == request_id), None)
        return harness.poll(look, 5.0, f"a line of {request_id}")

    def test_a_request(self):
        session = self.client.create()
        body = json.dumps({"events": [harness.user_message("Grüße")]}).encode()
        answer = self.client.http.post(f"/v1/sessions/{session}/events?beta=true", content=body,
                                       headers={"content-type": "application/json"})
        line = self.told(harness.ok(answer).headers["request-id"])
        self.assertEqual(list(line), ["time", "level", "thread", "message", *FIELDS])
        self.assertEqual((line["level"], line["message"], line["method"], line["route"], line["session"],
                          line["status"],
                          line["bytes_in"], line["end"]),
                         ("info", "request", "POST", "send_events", session, 200, len(body), "done"))
        self.assertGreater(line["bytes_out"], len(answer.content))
        self.assertLessEqual(0 < line["answer_ms"], line["total_ms"])

    def test_streams(self):
        session = self.client.create()
        self.runtime.sent(session, [harness.agent_message("x" * 100_000) for _ in range(5)])
        replay = harness.ok(self.client.stream(session))
        line = self.told(replay.headers["request-id"])
        self.assertEqual((line["route"], line["status"], line["end"]), ("stream_events", 200, "done"))
        self.assertGreater(line["bytes_out"], 500_000)
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", f"/v1/sessions/{session}/events/stream?follow=true", self.keys["client"]))
            answer = wire.head()
        line = self.told(answer.header("request-id"))
        self.assertEqual((line["route"], line["status"], line["end"]), ("stream_events", 200, "client_gone"))

    def test_refusals(self):
        for answer, route, status in ((self.client.get("/v1/sessions/sess_none/events"), "list_events", 404),
                                      (self.client.get("/v1/sessions", params={"limit": "0"}), "list_sessions", 400)):
            line = self.told(answer.headers["request-id"])
            self.assertEqual((line["route"], line["status"]), (route, status))
        answer = self.client.get("/v1/nothing")
        self.assertNotIn("route", self.told(answer.headers["request-id"]))

    def test_nothing_secret(self):
        session = self.client.create()
        token = harness.ok(self.client.post(f"/v1/sessions/{session}/stream_tokens", {})).json()["token"]
        answer = self.client.http.get(f"/v1/sessions/{session}/events/stream", params={"token": token},
                                      headers={"authorization": ""})
        self.told(harness.ok(answer).headers["request-id"])
        answer = self.client.get("/v1/sessions/a%22%0a%1fstatus%3a7/events?x=querysecret")
        line = self.told(answer.headers["request-id"])
        self.assertEqual(line["status"], 404)
        self.assertNotIn("session", line)
        for secret in (token, self.keys["client"], "querysecret"):
            self.assertNotIn(secret, self.server.log())


class Options(harness.E2eTest):
    serve_options = None

    def lines(self, *options):
        store = harness.Store()
        self.addCleanup(store.close)
        server = store.serve(*options)
        with self.api(store.key("client"), server) as api:
            harness.ok(api.get("/v1/sessions"))
        self.assertEqual(server.stop(), 0)
        return [line for line in server.log().splitlines() if " request " in line]

    def test_text(self):
        (line,) = self.lines()
        self.assertRegex(line, r"^\S+Z info +request id=req_\w+ method=GET route=list_sessions status=200 bytes_in=0 "
                               r"bytes_out=\d+ answer_ms=\d+\.\d{3} total_ms=\d+\.\d{3} end=done$")

    def test_off(self):
        self.assertEqual(self.lines("--log.access", "off"), [])
        self.assertEqual(self.lines("--log.level", "warn"), [])


if __name__ == "__main__":
    harness.main()
