# SPDX-License-Identifier: Apache-2.0
"""HTTP itself, byte by byte: versions, framing, pipelining, HEAD, queries, and what must be refused."""
import json

import harness
import raw

EVENT = b'{"events":[{"type":"user.message","content":[{"type":"text","text":"Hi"}]}]}'
JSON = ("Content-Type", "application/json")


class Http(harness.E2eTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.keys["client"]

    def setUp(self):
        self.session = self.client.create()
        self.events = f"/v1/sessions/{self.session}/events"
        self.stream = self.events + "/stream"

    def stored(self):
        return self.client.session(self.session)["log"]["events"]

    def assert_refused(self, answer, status):
        self.assertEqual(answer.status, status, answer)
        envelope = json.loads(answer.body)
        self.assertEqual(envelope["type"], "error", answer)
        self.assertEqual(envelope["request_id"], answer.header("request-id"), answer)

    def test_keep_alive_carries_many_requests(self):
        with raw.wire(self.server) as wire:
            for i in range(50):
                wire.send(raw.request("POST", self.events, self.key, [JSON], EVENT))
                answer = wire.response()
                self.assertEqual(answer.status, 200, answer)
                self.assertNotEqual((answer.header("connection") or "").lower(), "close")
                wire.send(raw.request("GET", self.stream, self.key))
                answer = wire.response()
                self.assertEqual(answer.body.count(b"\ndata: {"), i + 1, answer)
            self.assertEqual(wire.buffer, b"")

    def test_errors_leave_the_connection_open(self):
        with raw.wire(self.server) as wire:
            for target, key, status in [(self.events, None, 401), ("/v1/none", self.key, 404),
                                        (self.events + "?limit=0", self.key, 400),
                                        (self.events, self.key, 200)]:
                wire.send(raw.request("GET", target, key))
                self.assertEqual(wire.response().status, status)

    def test_connection_close_is_obeyed(self):
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", self.events, self.key, [("Connection", "close")]))
            answer = wire.response()
            self.assertEqual((answer.status, answer.header("connection").lower()), (200, "close"))
            wire.wait_for_end(2.0)

    def test_http_1_0(self):
        self.client.sent(self.session, [harness.user_message()])
        for target in (self.events, self.stream):
            with self.subTest(target), raw.wire(self.server) as wire:
                wire.send(raw.request("GET", target, self.key, version="HTTP/1.0"))
                answer = wire.head()
                self.assertEqual(answer.status, 200, answer)
                self.assertIsNone(answer.header("transfer-encoding"), answer)
                wire.wait_for_end(5.0)
                length = answer.header("content-length")
                if length is not None:
                    self.assertEqual(len(wire.buffer), int(length))
                self.assertIn(b'"type":"user.message"', wire.buffer)
                self.assertTrue(target == self.events or wire.buffer.endswith(b"data: [DONE]\n\n"), wire.buffer)

    def test_http_1_0_keep_alive(self):
        with raw.wire(self.server) as wire:
            for _ in range(2):
                wire.send(raw.request("GET", f"/v1/sessions/{self.session}", self.key, [("Connection", "keep-alive")],
                                      version="HTTP/1.0"))
                answer = wire.response()
                self.assertEqual((answer.status, (answer.header("connection") or "").lower()), (200, "keep-alive"),
                                 answer)

    def test_head_is_get_without_the_body(self):
        self.client.sent(self.session, [harness.user_message()])
        for target in ("/v1/sessions", f"/v1/sessions/{self.session}", self.events, self.stream, "/v1/none",
                       self.events + "?limit=0"):
            with self.subTest(target), raw.wire(self.server) as wire:
                wire.send(raw.request("GET", target, self.key))
                get = wire.response()
                wire.send(raw.request("HEAD", target, self.key))
                head = wire.response(to_head=True)
                self.assertEqual(head.status, get.status)
                for name in ("content-type", "cache-control", "x-accel-buffering"):
                    self.assertEqual(head.header(name), get.header(name), name)
                wire.send(raw.request("GET", f"/v1/sessions/{self.session}", self.key))
                self.assertEqual(wire.response().status, 200)

    def test_expect_100_continue(self):
        with raw.wire(self.server) as wire:
            head, body = raw.request("POST", self.events, self.key, [JSON, ("Expect", "100-continue")],
                                     EVENT).split(b"\r\n\r\n")
            wire.send(head, "\r\n\r\n")
            self.assertEqual(wire.head().status, 100)
            wire.send(body)
            self.assertEqual(wire.response().status, 200)
        self.assertEqual(self.stored(), 1)

    def test_expect_100_continue_that_will_be_refused(self):
        for key, length, status in [(None, 100, 401), ("sk-sb-bad", 100, 401), (self.key, 9 * 1024 * 1024, 413)]:
            with self.subTest(status=status), raw.wire(self.server) as wire:
                headers = [JSON, ("Expect", "100-continue"), ("Content-Length", length)]
                wire.send(raw.request("POST", self.events, key, headers))
                self.assert_refused(wire.response(), status)

    def test_an_unknown_expectation(self):
        with raw.wire(self.server) as wire:
            wire.send(raw.request("POST", self.events, self.key, [JSON, ("Expect", "200-ok")], EVENT))
            self.assertIn(wire.response().status, (200, 400, 417))

    def test_chunked_bodies(self):
        for sizes in ([len(EVENT)], [1] * len(EVENT), [5, 7, len(EVENT) - 12]):
            with self.subTest(chunks=len(sizes)), raw.wire(self.server) as wire:
                before = self.stored()
                wire.send(raw.request("POST", self.events, self.key, [JSON, ("Transfer-Encoding", "chunked")]))
                position = 0
                for size in sizes:
                    wire.send(f"{size:x};ext=1\r\n", EVENT[position:position + size], "\r\n")
                    position += size
                wire.send("0\r\nX-Trailer: 1\r\n\r\n")
                answer = wire.response()
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(self.stored(), before + 1)
                wire.send(raw.request("GET", self.events, self.key))
                self.assertEqual(wire.response().status, 200)

    def test_a_chunked_body_over_the_limit(self):
        with raw.wire(self.server) as wire:
            wire.send(raw.request("POST", self.events, self.key, [JSON, ("Transfer-Encoding", "chunked")]))
            try:
                for _ in range(10):
                    wire.send("100000\r\n", b" " * 0x100000, "\r\n")
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assert_refused(wire.response(), 413)
        self.assertEqual(self.stored(), 0)

    def test_pipelined_requests_are_answered_in_order(self):
        with raw.wire(self.server) as wire:
            parts = []
            for _ in range(10):
                parts += [raw.request("POST", self.events, self.key, [JSON], EVENT),
                          raw.request("GET", self.stream, self.key), raw.request("GET", "/v1/none", self.key),
                          raw.request("HEAD", self.events, self.key)]
            wire.send(*parts)
            for i in range(10):
                self.assertEqual(wire.response().status, 200)
                self.assertEqual(wire.response().body.count(b"\ndata: {"), i + 1)
                self.assertEqual(wire.response().status, 404)
                self.assertEqual(wire.response(to_head=True).status, 200)

    def test_a_request_in_single_bytes(self):
        with raw.wire(self.server) as wire:
            for byte in raw.request("POST", self.events, self.key, [JSON], EVENT):
                wire.send(bytes([byte]))
            self.assertEqual(wire.response().status, 200)

    def test_a_half_closed_client_gets_its_answer(self):
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", self.events, self.key))
            wire.half_close()
            self.assertEqual(wire.response().status, 200)
            wire.wait_for_end(5.0)

    def test_header_names_have_no_case(self):
        with raw.wire(self.server) as wire:
            wire.send(f"GET {self.events} HTTP/1.1\r\nHOST: x\r\naUTHORIZATION: Bearer {self.key}\r\n\r\n")
            self.assertEqual(wire.response().status, 200)

    def test_percent_encoded_paths_and_queries(self):
        for i in range(3):
            self.client.sent(self.session, [harness.user_message(str(i))])
        self.runtime.sent(self.session, harness.turn())
        for query, expected in [
            ("types=user.message&types=agent.message", 4), ("types[]=user.message&types[]=agent.message", 4),
            ("types%5B%5D=user.message&types%5B%5D=agent.message", 4), ("types=user.message,agent.message", 4),
            ("types=user%2Emessage%2cagent.message", 4),
            ("types[]=user.message&types=agent.message,session.status_idle", 5),
            ("%74ypes=agent.message", 1), ("beta=true&types=agent.message", 1), ("limit=2", 2), ("l%69mit=%32", 2),
            ("created_at[gte]=2020-01-01T00:00:00Z", 6), ("created_at%5Bgte%5D=2020-01-01T00%3A00%3A00%2B00:00", 6),
            ("created_at%5blt%5d=2020-01-01T00:00:00Z", 0), ("", 6), ("&&", 6),
        ]:
            with self.subTest(query):
                answer = harness.ok(self.client.raw("GET", f"{self.events}?{query}"))
                self.assertEqual(len(answer.json()["data"]), expected, answer.text)
        encoded = self.session.replace("_", "%5F").replace("s", "%73", 1)
        harness.ok(self.client.raw("GET", f"/v1/sessions/{encoded}/events"))

    def test_an_absolute_target(self):
        harness.ok(self.client.raw("GET", f"http://127.0.0.1:{self.server.port}{self.events}"))

    def test_oversized_headers(self):
        for what, headers in [("one long header", [("X-Long", "a" * 20_000)]),
                              ("many headers", [(f"X-{i}", "a" * 50) for i in range(1000)])]:
            with self.subTest(what), raw.wire(self.server) as wire:
                wire.send(raw.request("GET", self.events, self.key, headers))
                answer = wire.response()
                self.assertIn(answer.status, (400, 413, 431), answer)
                wire.wait_for_end(5.0)
        harness.ok(self.client.get(self.events))

    def test_a_long_target(self):
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", self.events + "?x=" + "a" * 40_000, self.key))
            self.assertIn(wire.response().status, (400, 413, 414, 431))

    def test_a_client_that_leaves_during_its_request(self):
        for part in (b"GET", raw.request("POST", self.events, self.key, [JSON, ("Content-Length", 500)]) + EVENT[:20],
                     raw.request("POST", self.events, self.key, [JSON, ("Transfer-Encoding", "chunked")]) +
                     b"10\r\nabc"):
            with raw.wire(self.server) as wire:
                wire.send(part)
        harness.ok(self.client.get(self.events))
        self.assertEqual(self.stored(), 0)


if __name__ == "__main__":
    harness.main()
