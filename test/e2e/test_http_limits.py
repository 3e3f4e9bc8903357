# SPDX-License-Identifier: Apache-2.0
"""Slow, stalled, half-open and too many clients: nobody holds a slot, a thread or memory past the bounds."""
import http.client
import json
import socket
import threading
import time

import httpx

import harness
import raw
import sse

JSON = ("Content-Type", "application/json")
EVENT = b'{"events":[{"type":"user.message","content":[{"type":"text","text":"Hi"}]}]}'


class Timeouts(harness.E2eTest):
    serve_options = ("--http.header_timeout", "600ms", "--http.body_timeout", "900ms", "--http.idle_timeout", "1200ms",
                     "--http.write_timeout", "1s")

    def setUp(self):
        self.session = self.client.create()
        self.events = f"/v1/sessions/{self.session}/events"

    def ends_between(self, wire, least, most):
        took = wire.wait_for_end(most + 5)
        self.assertGreater(took, least - 0.3)
        self.assertLess(took, most + 2.0)

    def test_slow_headers(self):
        with raw.wire(self.server) as wire:
            wire.send("GET /v1/sessions HTTP/1.1\r\nHost: x\r\n")
            self.ends_between(wire, 0.6, 0.6)
            self.assertRegex(wire.buffer.decode(), r"\A(|HTTP/1\.1 408 )")

    def test_headers_that_trickle(self):
        """One byte at a time resets nothing: the time counts from the first byte."""
        with raw.wire(self.server) as wire:
            start = time.monotonic()
            wire.socket.settimeout(0.1)
            for byte in raw.request("GET", self.events, self.keys["client"], [("X-Pad", "a" * 200)]):
                try:
                    wire.send(bytes([byte]))
                    if not wire.receive_more():
                        break
                except socket.timeout:
                    continue
                except (BrokenPipeError, ConnectionResetError):
                    break
                self.assertLess(time.monotonic() - start, 5.0, "a trickling client was not cut off")
            self.assertLess(time.monotonic() - start, 5.0)

    def test_slow_body(self):
        for headers, part in [([("Content-Length", len(EVENT))], EVENT[:10]), ([("Transfer-Encoding", "chunked")],
                                                                               b"a\r\n" + EVENT[:5])]:
            with self.subTest(headers), raw.wire(self.server) as wire:
                wire.send(raw.request("POST", self.events, self.keys["client"], [JSON, *headers]), part)
                self.ends_between(wire, 0.9, 0.9)
                self.assertRegex(wire.buffer.decode(), r"\A(|HTTP/1\.1 408 )")
        self.assertEqual(self.client.session(self.session)["log"]["events"], 0)

    def test_idle_connections_are_closed_in_silence(self):
        with raw.wire(self.server) as wire:
            self.ends_between(wire, 0.6, 1.2)
            self.assertEqual(wire.buffer, b"")
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", self.events, self.keys["client"]))
            self.assertEqual(wire.response().status, 200)
            self.ends_between(wire, 1.2, 1.2)
            self.assertEqual(wire.buffer, b"")

    def test_a_reader_that_stalls_is_cut_off_and_nobody_else_waits(self):
        for start in range(0, 6000, 200):
            self.runtime.sent(self.session, [harness.agent_message("x" * 5000 + str(start + i)) for i in range(200)])
        before = self.server.memory()
        stalled = []
        for _ in range(8):
            sock = socket.socket()
            self.addCleanup(sock.close)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(30)
            sock.connect(("127.0.0.1", self.server.port))
            sock.sendall(raw.request("GET", self.events + "/stream", self.keys["client"]))
            stalled.append(sock)
        quick = sse.ids(self.client.stream(self.session).content)
        self.assertEqual(len(quick), 6000)
        grown = self.server.memory() - before
        if not harness.IS_SANITIZED:
            self.assertLess(grown, 64 << 20, f"8 stalled readers of 30 MB cost {grown >> 20} MiB")
        # A cut connection shows as the end of the data before [DONE]: the server's side is gone, what it had sent stays
        # readable. When that end arrives is up to the kernel, and may take long: it is not waited for.
        harness.poll(lambda: self.established() <= 2, 10.0, "the stalled connections to be cut")
        for sock in stalled:
            received = b""
            sock.settimeout(2)
            try:
                while got := sock.recv(1 << 16):
                    received += got
            except (ConnectionResetError, TimeoutError):
                pass
            self.assertIn(b"event: message", received)
            self.assertNotIn(b"[DONE]", received)

    def established(self):
        """Connections that the server holds, of any state but closed or waiting to be."""
        inodes, port = set(), f":{self.server.port:04X}"
        with open("/proc/net/tcp", encoding="ascii") as table:
            for line in list(table)[1:]:
                fields = line.split()
                if fields[1].endswith(port) and fields[3] == "01":
                    inodes.add(fields[9])
        return len(inodes)


class Limits(harness.E2eTest):
    serve_options = ("--http.max_body_bytes", "64KiB", "--event.max_bytes", "8KiB", "--http.max_bytes_in_per_key",
                     "100KiB")

    def setUp(self):
        self.session = self.client.create()
        self.events = f"/v1/sessions/{self.session}/events"

    def test_the_body_limit_by_option(self):
        harness.ok(self.client.post(self.events, EVENT + b" " * (65536 - len(EVENT))))
        self.assert_error(self.client.post(self.events, EVENT + b" " * (65537 - len(EVENT))), 413, "request_too_large")

    def test_the_body_limit_when_chunked(self):
        with raw.wire(self.server) as wire:
            wire.send(raw.request("POST", self.events, self.keys["client"], [JSON, ("Transfer-Encoding", "chunked")]))
            for _ in range(5):
                wire.send("4000\r\n", b" " * 0x4000, "\r\n")
            answer = wire.response()
            self.assertEqual(answer.status, 413, answer)
            self.assertEqual(json.loads(answer.body)["error"]["type"], "request_too_large")

    def test_the_event_limit_by_option(self):
        stored = self.client.sent(self.session, [harness.user_message("")])[0]
        overhead = len(json.dumps(stored, separators=(",", ":")))
        self.client.sent(self.session, [harness.user_message("x" * (8192 - overhead))])
        longer = harness.user_message("x" * (8193 - overhead))
        self.assert_error(self.client.send(self.session, [harness.user_message(), longer]), 413, "request_too_large",
                          "events[1]")

    def bytes_in(self):
        """Bytes of request bodies that the server holds."""
        return httpx.get(self.server.admin_url + "/statusz", timeout=5.0, trust_env=False).json()["http"]["bytes_in"]

    def test_bytes_in_flight_per_key(self):
        """Two bodies under way take the key's bytes; the next one is refused until they are gone."""
        body = EVENT + b" " * 20_000
        harness.poll(lambda: self.bytes_in() == 0, what="the bodies of other tests to be gone")
        with raw.wire(self.server) as one, raw.wire(self.server) as two:
            for wire in (one, two):
                wire.send(raw.request("POST", self.events, self.keys["client"],
                                      [JSON, ("Content-Length", 50_000), ("Expect", "100-continue")]))
            self.assertEqual([one.head().status, two.head().status], [100, 100])
            for wire in (one, two):
                wire.send(EVENT.ljust(49_000))
            # Room is taken as bytes are read: until then a third body may get it, and one of these two is refused.
            harness.poll(lambda: self.bytes_in() == 98_000, what="both bodies to be read")
            refused = self.client.post(self.events, body)
            self.assert_error(refused, 429, "rate_limit_error", "http.max_bytes_in_per_key")
            self.assertRegex(refused.headers.get("retry-after", ""), r"^\d+$")
            harness.ok(self.runtime.post(self.events, body))  # another key is not concerned
            for wire in (one, two):
                self.assertEqual(wire.send(b" " * 1_000).response().status, 200)
        harness.poll(lambda: self.bytes_in() == 0, what="the key's bytes to be free again")
        harness.ok(self.client.post(self.events, body))


class SlowSenders(harness.E2eTest):
    """What http.client of Python reads when it is refused while it is still sending, at 2 MB/s."""
    size, portion = 9 * 1024 * 1024, 100_000

    def send_slowly(self, key, size):
        def portions():
            for sent in range(0, size, self.portion):
                yield b" " * min(self.portion, size - sent)
                time.sleep(self.portion / 2e6)

        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30.0)
        self.addCleanup(connection.close)
        connection.request("POST", f"/v1/sessions/{self.client.create()}/events", portions(),
                           {"x-api-key": key, "content-length": str(size)})
        return connection.getresponse().status

    def test_a_body_that_is_too_large(self):
        self.assertEqual(self.send_slowly(self.keys["client"], self.size), 413)

    def test_a_key_that_is_no_good(self):
        self.assertEqual(self.send_slowly("sk-sb-nobody", self.size * 2 // 3), 401)


class Connections(harness.E2eTest):
    serve_options = ("--http.max_connections", "8")

    def place(self):
        """A connection that is served; nothing if there is no place for one, as long as those of another test go."""
        wire = raw.Wire(self.server.port)
        self.addCleanup(wire.close)
        wire.send(raw.request("GET", "/v1/sessions", self.keys["client"]))
        return wire if wire.response().status == 200 else wire.close()

    def hold(self, n):
        return [harness.poll(self.place, 10.0, "a place") for _ in range(n)]

    def test_who_finds_no_place_is_told_so_and_the_next_is_served(self):
        held = self.hold(4)  # half of eight; the others are kept for those who are turned away
        for _ in range(20):
            with raw.wire(self.server) as late:
                late.send(raw.request("GET", "/v1/sessions", self.keys["client"]))
                answer = late.response()
                self.assertEqual(answer.status, 503, answer)
                self.assertRegex(answer.header("retry-after") or "", r"^\d+$")
                self.assertIn(b"http.max_connections", answer.body)
                late.wait_for_end(5.0)
        held[0].close()

        def served():
            with raw.wire(self.server) as wire:
                wire.send(raw.request("GET", "/v1/sessions", self.keys["client"]))
                return wire.response().status == 200

        harness.poll(served, 10.0, "the place that is free again")
        warnings = [line for line in self.server.log().splitlines() if "turned away" in line]
        self.assertTrue(warnings and "http.max_connections" in warnings[0], warnings)
        self.assertLess(len(warnings), 5, "one line for each of them")

    def test_who_says_nothing_keeps_no_place_of_those_who_are_turned_away(self):
        self.hold(4)
        for _ in range(4):
            self.addCleanup(raw.Wire(self.server.port).close)
        with raw.wire(self.server, timeout=15.0) as late:
            late.send(raw.request("GET", "/v1/sessions", self.keys["client"]))
            self.assertEqual(late.response().status, 503)

    def test_the_admin_listener_has_places_of_its_own(self):
        self.hold(4)
        for _ in range(4):
            self.addCleanup(raw.Wire(self.server.port).close)
        for path in ("/healthz", "/readyz"):
            self.assertEqual(httpx.get(self.server.admin_url + path, timeout=5.0, trust_env=False).status_code, 200,
                             path)


if __name__ == "__main__":
    harness.main()
