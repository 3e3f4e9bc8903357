# SPDX-License-Identifier: Apache-2.0
"""What holds for every answer, and what a request may not be: statuses of its own for each, and words that help."""
import contextlib
import email.utils
import json
import resource
import socket
import time

import httpx

import binary
import harness
import raw

JSON = ("Content-Type", "application/json")
EVENT = b'{"events":[{"type":"user.message","content":[{"type":"text","text":"Hi"}]}]}'
ORIGIN = "https://app.example.com"


class Rules(harness.E2eTest):
    serve_options = ("--http.cors_origin", "HTTPS://App.Example.com:443", "--http.max_header_bytes", "8KiB",
                     "--http.max_body_bytes", "64KiB")

    def setUp(self):
        self.session = self.client.create()
        self.path = f"/v1/sessions/{self.session}"
        self.events = self.path + "/events"

    def exchange(self, *parts, to_head=False):
        with raw.wire(self.server) as wire:
            wire.send(*parts)
            return wire.response(to_head)

    def ask(self, method, target, headers=(), body=b"", key="client", **options):
        return self.exchange(raw.request(method, target, self.keys.get(key, key), headers, body, **options),
                             to_head=method == "HEAD")

    def assert_refused(self, answer, status, error_type, *mentions):
        self.assertEqual(answer.status, status, answer)
        envelope = json.loads(answer.body)
        self.assertEqual((envelope["type"], envelope["error"]["type"]), ("error", error_type), answer)
        self.assertEqual(envelope["request_id"], answer.header("request-id"), answer)
        for mention in mentions:
            self.assertIn(mention, envelope["error"]["message"], answer)


class EveryAnswer(Rules):
    def answers(self):
        """One of each kind that is not a stream."""
        yield "object", self.ask("GET", self.path)
        yield "list", self.ask("GET", self.events)
        yield "append", self.ask("POST", self.events, [JSON], EVENT)
        yield "head", self.ask("HEAD", self.path)
        yield "no key", self.ask("GET", self.path, key=None)
        yield "no session", self.ask("GET", self.path + "x")
        yield "no route", self.ask("GET", "/v1/none")
        yield "no such method", self.ask("DELETE", self.events)
        yield "no http", self.exchange("nonsense\r\n\r\n")
        yield "preflight", self.ask("OPTIONS", self.path,
                                    [("Origin", ORIGIN), ("Access-Control-Request-Method", "GET")], key=None)

    def test_each_tells_its_time(self):
        for what, answer in self.answers():
            with self.subTest(what):
                told = answer.header("date")
                self.assertRegex(told or "",
                                 r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$")
                self.assertLess(abs(email.utils.parsedate_to_datetime(told).timestamp() - time.time()), 5)

    def test_none_is_to_be_stored(self):
        for what, answer in self.answers():
            with self.subTest(what):
                self.assertEqual(answer.header("cache-control"), "no-store")

    def test_streams(self):
        for query in ("", "?follow=true&until=idle"):
            self.runtime.sent(self.session, harness.turn())
            with self.subTest(query), raw.wire(self.server) as wire:
                wire.send(raw.request("GET", f"{self.events}/stream{query}", self.keys["client"]))
                head = wire.head()
                self.assertEqual(head.status, 200, head)
                self.assertEqual(head.header("content-type"), "text/event-stream; charset=utf-8")
                self.assertEqual(head.header("cache-control"), "no-cache, no-transform")
                self.assertEqual(head.header("x-accel-buffering"), "no")
                self.assertIsNotNone(head.header("date"))


class Origins(Rules):
    ASKED = ["authorization", "x-api-key", "idempotency-key", "last-event-id", "content-type", "user-agent",
             "traceparent", "tracestate", "anthropic-version", "anthropic-beta",
             "anthropic-dangerous-direct-browser-access",
             "x-stainless-retry-count", "x-stainless-lang", "x-stainless-helper"]

    def assert_shown(self, answer):
        self.assertEqual(answer.header("access-control-allow-origin"), ORIGIN, answer)
        self.assertEqual(answer.header("vary"), "Origin", answer)
        self.assertIsNone(answer.header("access-control-allow-credentials"), answer)

    def test_an_origin_is_what_browsers_send_however_it_was_written(self):
        answer = self.ask("GET", self.path, [("Origin", ORIGIN)])
        self.assert_shown(answer)
        self.assertEqual({n.strip() for n in answer.header("access-control-expose-headers").split(",")},
                         {"request-id", "retry-after", "x-should-retry"})

    def test_a_preflight_allows_what_sdks_send(self):
        answer = self.ask("OPTIONS", self.events, [("Origin", ORIGIN), ("Access-Control-Request-Method", "POST"),
                                                   ("Access-Control-Request-Headers", ", ".join(self.ASKED))], key=None)
        self.assertEqual(answer.status, 204, answer)
        self.assert_shown(answer)
        self.assertEqual(answer.header("access-control-allow-headers").split(", "), self.ASKED)
        self.assertEqual(set(answer.header("access-control-allow-methods").split(", ")),
                         {"GET", "HEAD", "POST", "OPTIONS"})

    def test_a_page_reads_its_refusals(self):
        refused = {400: ("GET", self.events + "?limit=0"), 401: ("GET", self.path, [], b"", "sk-sb-bad"),
                   404: ("GET", "/v1/none"),
                   405: ("DELETE", self.events), 413: ("POST", self.events, [JSON], b" " * 70_000)}
        for status, (method, target, *rest) in refused.items():
            with self.subTest(status):
                headers, body, key = (rest + [[], b"", "client"][len(rest):])[:3]
                answer = self.ask(method, target, [("Origin", ORIGIN), *headers], body, key)
                self.assertEqual(answer.status, status, answer)
                self.assert_shown(answer)

    def test_a_page_reads_what_is_wrong_with_its_head(self):
        for lines in ("Host: a\r\nHost: b\r\n", "Host: a\r\nTransfer-Encoding: gzip\r\n",
                      "Host: a\r\nContent-Length: x\r\n"):
            with self.subTest(lines):
                self.assert_shown(self.exchange(f"POST {self.events} HTTP/1.1\r\nOrigin: {ORIGIN}\r\n{lines}\r\n"))


class Requests(Rules):
    def test_a_target_over_the_limit(self):
        answer = self.ask("GET", self.events + "?x=" + "a" * 9_000)
        self.assert_refused(answer, 414, "invalid_request_error", "8192", "http.max_header_bytes")

    def test_headers_over_the_limit(self):
        for what, headers in (("one", [("X-Long", "a" * 9_000)]), ("many", [(f"X-{i}", "a" * 80) for i in range(200)])):
            with self.subTest(what):
                self.assert_refused(self.ask("GET", self.events, headers), 431, "invalid_request_error", "8192",
                                    "http.max_header_bytes")

    def test_bodies_are_taken_as_they_are_only(self):
        for coding in ("gzip", "br", "zstd", "identity, gzip"):
            with self.subTest(coding):
                answer = self.ask("POST", self.events, [JSON, ("Content-Encoding", coding)], EVENT)
                self.assert_refused(answer, 415, "invalid_request_error", "Content-Encoding")
        answer = self.ask("POST", self.events, [JSON, ("Content-Encoding", "identity")], EVENT)
        self.assertEqual(answer.status, 200, answer)

    def test_unknown_transfer_codings(self):
        for coding in ("gzip", "gzip, chunked", "x-own"):
            with self.subTest(coding):
                answer = self.ask("POST", self.events, [JSON, ("Transfer-Encoding", coding)])
                self.assert_refused(answer, 501, "invalid_request_error", "Transfer-Encoding")
                # The SDKs send again what is answered with 5xx, and this would never be taken.
                self.assertEqual(answer.header("x-should-retry"), "false")

    def test_options_of_the_whole_server(self):
        answer = self.ask("OPTIONS", "*", key=None)
        self.assertIn(answer.status, (200, 204), answer)
        self.assertLessEqual({"GET", "HEAD", "POST", "DELETE", "OPTIONS"},
                             {m.strip() for m in answer.header("allow").split(",")})

    def test_options_without_an_origin(self):
        answer = self.ask("OPTIONS", self.events, key=None)
        self.assertIn(answer.status, (200, 204), answer)
        self.assertEqual({m.strip() for m in answer.header("allow").split(",")}, {"GET", "HEAD", "POST", "OPTIONS"})

    def test_a_known_path_names_its_methods(self):
        for target, allowed in ((self.path + "/archive", {"POST", "OPTIONS"}),
                                (self.events + "/stream", {"GET", "HEAD", "OPTIONS"})):
            with self.subTest(target):
                answer = self.ask("DELETE", target)
                self.assert_refused(answer, 405, "invalid_request_error")
                self.assertEqual({m.strip() for m in answer.header("allow").split(",")}, allowed)

    def test_an_unknown_path_says_what_is_served(self):
        for target in ("/", "/v1", "/v1/agents", self.path + "/threads", "/v1/messages"):
            with self.subTest(target):
                answer = self.ask("GET", target)
                self.assert_refused(answer, 404, "not_found", "/v1/sessions", "/events/stream", "docs/compatibility.md")

    def test_reads_take_no_body(self):
        for method in ("GET", "HEAD", "DELETE"):
            session = self.client.create()
            with self.subTest(method):
                answer = self.ask(method, f"/v1/sessions/{session}", body=b"x" * 17_000)
                self.assertEqual(answer.status, 413, answer)
                if method != "HEAD":
                    self.assert_refused(answer, 413, "request_too_large", "16384")
                self.assertEqual(self.ask(method, f"/v1/sessions/{session}", body=b"x" * 100).status, 200)

    def test_limits_name_themselves(self):
        self.assert_refused(self.ask("POST", self.events, [JSON], b" " * 70_000), 413, "request_too_large", "65536",
                            "http.max_body_bytes")

    def test_a_header_without_a_key_counts_as_absent(self):
        key = self.keys["client"]
        for headers in ([("Authorization", f"Bearer {key}"), ("x-api-key", "")],
                        [("Authorization", ""), ("x-api-key", key)],
                        [("Authorization", "Bearer "), ("x-api-key", key)], [("Authorization", "Basic dXNlcjpw"),
                                                                             ("x-api-key", key)]):
            with self.subTest(headers):
                self.assertEqual(self.ask("GET", self.path, headers, key=None).status, 200)

    def test_empty_cursors_are_as_if_absent(self):
        self.client.sent(self.session, [harness.user_message()])
        for target in ("/v1/sessions?page=", self.events + "?page=", self.events + "?after=",
                       self.events + "/stream?after=",
                       self.events + "/stream?lastEventId="):
            with self.subTest(target):
                answer = self.ask("GET", target)
                self.assertEqual(answer.status, 200, answer)
                self.assertIn(b'"type":"user.message"' if "/events" in target else b'"data":[{', answer.body)


class HungUp(Rules):
    """Clients that shut down their sending side."""

    def test_a_read_is_answered(self):
        self.client.sent(self.session, [harness.user_message()])
        for target in (self.path, self.events, self.events + "/stream"):
            with self.subTest(target), raw.wire(self.server) as wire:
                wire.send(raw.request("GET", target, self.keys["client"])).half_close()
                answer = wire.response()
                self.assertEqual(answer.status, 200, answer)
                self.assertIn(self.session.encode() if target == self.path else b'"type":"user.message"', answer.body)

    def test_a_post_is_not_begun(self):
        body = json.dumps({"events": [harness.user_message()]}).encode()
        for target, sent in ((self.events, body), ("/v1/sessions", b'{"agent":"a","environment_id":"e"}')):
            with self.subTest(target), raw.wire(self.server) as wire:
                request = raw.request("POST", target, self.keys["client"], (), sent)
                wire.send(request[:-1]).socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
                wire.send(request[-1:]).half_close()  # the last byte and the end in one packet
                wire.wait_for_end(5.0)
                self.assertEqual(wire.buffer, b"")
        self.assertEqual(self.client.session(self.session)["log"]["events"], 0)

    def test_a_live_stream_ends(self):
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", self.events + "/stream?follow=true", self.keys["client"]))
            self.assertEqual(wire.head().status, 200)
            harness.poll(lambda: self.runtime.session(self.session)["streams"] == 1, what="the stream")
            wire.half_close()
            harness.poll(lambda: self.runtime.session(self.session)["streams"] == 0, what="its end")


class Start(harness.E2eTest):
    serve_options = None

    def refusal(self, *options):
        done = self.store.run("serve", *options)
        self.assertEqual(done.returncode, 2, done)
        return done.stderr

    def test_an_address_or_origin_that_is_none_names_its_option(self):
        for name, value in (("http.listen", "localhost:8080"), ("http.listen", "127.0.0.1"), ("admin.listen", "[::1]"),
                            ("http.cors_origin", "https://app.example.com/"), ("http.cors_origin", "*")):
            with self.subTest(name, value=value):
                said = self.refusal(f"--{name}", value)
                self.assertIn(name, said)
                self.assertIn(value, said)
                self.assertEqual(said.count("\n"), 1, said)

    def test_an_address_that_is_taken_names_its_option(self):
        server = self.store.serve()
        self.addCleanup(server.stop)
        other = binary.Store()
        self.addCleanup(other.close)
        for name in ("http.listen", "admin.listen"):
            options = {"http.listen": "127.0.0.1:0", "admin.listen": "127.0.0.1:0", name: f"127.0.0.1:{server.port}"}
            done = other.run("serve", *[part for n, v in options.items() for part in (f"--{n}", v)])
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(f"{name}: cannot listen on 127.0.0.1:{server.port}", done.stderr)

    def test_the_soft_limit_of_descriptors_becomes_the_hard_one(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        server = self.store.serve(launch=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard)))
        self.assertEqual(resource.prlimit(server.pid, resource.RLIMIT_NOFILE), (hard, hard))
        self.assertEqual(server.stop(), 0)

    def test_too_few_descriptors_are_told(self):
        server = self.store.serve("--http.max_connections", "500",
                                  launch=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)))
        self.assertIn("http.max_connections is 500, but this process may have only 256 file descriptors", server.log())
        with contextlib.ExitStack() as held:
            for _ in range(300):
                held.enter_context(raw.wire(server))
            for path in ("/healthz", "/readyz"):
                self.assertEqual(httpx.get(server.admin_url + path, timeout=5.0, trust_env=False).status_code, 200,
                                 path)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    harness.main()
