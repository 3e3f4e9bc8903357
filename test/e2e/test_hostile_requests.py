# SPDX-License-Identifier: Apache-2.0
"""Requests that two servers in a row could read in two ways (RFC 9112), and targets that make no sense: refused,
nothing behind them believed, and a healthy client beside them is served."""
import json
import re

import harness
import healthy
import raw

EVENT = '{"events":[{"type":"user.message","content":[{"type":"text","text":"Hi"}]}]}'
SIZE = len(EVENT)
HEX = f"{SIZE:x}"
ROUNDS = 10  # of each table, so that the healthy client has something to bear
NO_ANSWER_OR_REFUSAL = r"\A(HTTP/1\.[01] (400|408|413|501|505) |\Z)"


def chunked(size=HEX, extension="", end="0\r\n\r\n", line_end="\r\n", data_end="\r\n"):
    return f"Transfer-Encoding: chunked\r\n\r\n{size}{extension}{line_end}{EVENT}{data_end}{end}"


def headers(get):
    """(what, a request). `get` is a request line with headers that lacks the last line end."""
    return [
        ("noise", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"),
        ("HTTP/0.9", get.split(" HTTP/", 1)[0] + "\r\n\r\n"),
        ("HTTP/1.2", get.replace("HTTP/1.1", "HTTP/1.2") + "\r\n"),
        ("HTTP/1.10", get.replace("HTTP/1.1", "HTTP/1.10") + "\r\n"),
        ("HTTP/2.0", get.replace("HTTP/1.1", "HTTP/2.0") + "\r\n"),
        ("http in lower case", get.replace("HTTP/1.1", "http/1.1") + "\r\n"),
        ("HTTP/2 with knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("two spaces", get.replace("GET ", "GET  ") + "\r\n"),
        ("a tab", get.replace("GET ", "GET\t") + "\r\n"),
        ("a space behind the version", get.replace("HTTP/1.1", "HTTP/1.1 ") + "\r\n"),
        ("a space before the method", " " + get + "\r\n"),
        ("a space in the target", get.replace(" HTTP/", " x HTTP/") + "\r\n"),
        ("CONNECT", "CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a header without a colon", get + "X x\r\n\r\n"),
        ("a header without a name", get + ": x\r\n\r\n"),
        ("a space before the colon", get + "X : x\r\n\r\n"),
        ("a tab before the colon", get + "X\t: x\r\n\r\n"),
        ("a NUL in a name", get + "X\0: x\r\n\r\n"),
        ("a NUL in a value", get + "X: x\0\r\n\r\n"),
        ("a DEL in a name", get + "X\x7f: x\r\n\r\n"),
        ("a bare CR", get + "X: a\rb\r\n\r\n"),
        ("a header behind a bare CR", get + "X: a\rTransfer-Encoding: chunked\r\n\r\n"),
        ("a header behind a bare LF", get + "X: a\nTransfer-Encoding: chunked\r\n\r\n"),
        ("bare LF throughout", (get + "\r\n").replace("\r\n", "\n")),
        ("a bare LF at the end", get + "\n"),
        ("a request behind bare LF", (get + "\r\n").replace("\r\n", "\n") + get + "\r\n"),
        ("a folded header", get + "X: a\r\n b\r\n\r\n"),
        ("a header folded by a tab", get + "X: a\r\n\tb\r\n\r\n"),
        ("a folded first header", get.replace("Host:", " Host:") + "\r\n"),
        ("no host", re.sub("Host: .*\r\n", "", get) + "\r\n"),
        ("two hosts", get + "Host: y\r\n\r\n"),
        ("a host with a user", get.replace("Host: x", "Host: a@x") + "\r\n"),
    ]


def framing(post):
    """(what, a request). `post` ends in front of the headers that frame the body."""
    both = f"Content-Length: {SIZE}\r\n", "Transfer-Encoding: chunked\r\n"
    end = f"\r\n{HEX}\r\n{EVENT}\r\n0\r\n\r\n"
    lengths = ["-1", f"+{SIZE}", f"0x{HEX}", "99999999999999999999", "", "7_6", f"{SIZE} x", f"\x0b{SIZE}",
               f"{SIZE}, {SIZE}", f"{SIZE}\r\nContent-Length: {SIZE + 1}", f"{SIZE}\r\nContent-Length: {SIZE}"]
    codings = ["gzip", "identity", "xchunked", "'chunked'", "\x0bchunked", "chunked\0", "chunked;q=1", "",
               "gzip, chunked", "chunked, gzip", "chunked, chunked", "chunked, identity",
               "chunked\r\nTransfer-Encoding: chunked",
               "chunked\r\nTransfer-Encoding: identity", f"\r\nContent-Length: {SIZE}"]
    return [
        ("length and chunked", post + both[0] + both[1] + end), ("chunked and length", post + both[1] + both[0] + end),
        ("chunked in HTTP/1.0", post.replace("HTTP/1.1", "HTTP/1.0") + both[1] + end),
        ("folded chunked", post + "Transfer-Encoding:\r\n chunked\r\n" + end),
        ("a space behind Content-Length", post + f"Content-Length : {SIZE}\r\n\r\n{EVENT}"),
        ("a space behind Transfer-Encoding", post + "Transfer-Encoding : chunked\r\n" + end),
        *((f"length {value!r}", post + f"Content-Length: {value}\r\n\r\n{EVENT}") for value in lengths),
        *((f"coding {value!r}", post + f"Transfer-Encoding: {value}\r\n{end}") for value in codings),
    ]


def chunks(post):
    sizes = ["", "zz", f"0x{HEX}", f"+{HEX}", "-1", f" {HEX}", f"{HEX} ", f"{HEX} x", "0" * 20 + HEX,
             "0" * 100_000 + HEX, "f" * 16,
             "1" + "0" * 16, "8" + "0" * 15, f"{SIZE - 1:x}", f"{SIZE + 1:x}"]
    return [
        *((f"chunk size {size[:20]!r}", post + chunked(size)) for size in sizes),
        ("an extension of 10,000 bytes", post + chunked(extension=";" + "a" * 10_000)),
        ("an extension of 1,000,000 bytes", post + chunked(extension=";" + "a" * 1_000_000)),
        ("an extension with a line in quotes", post + chunked(extension=';a="\r\n0\r\n\r\n"')),
        ("an extension with a bare LF", post + chunked(extension=";a\n")),
        ("an extension with a bare CR", post + chunked(extension=";a\rb")),
        ("an extension with a NUL", post + chunked(extension=";a\0")),
        ("a size that ends in LF", post + chunked(line_end="\n")),
        ("data that ends in LF", post + chunked(data_end="\n")),
        ("data without an end", post + chunked(data_end="")),
        ("a last chunk that ends in LF", post + chunked(end="0\n\n")),
        ("a trailer that ends in LF", post + chunked(end="0\r\nX: 1\n\r\n")),
        ("a trailer without a colon", post + chunked(end="0\r\nX 1\r\n\r\n")),
        ("a trailer that frames the body", post + chunked(end="0\r\nX: 1\r\nContent-Length: 5\r\n\r\n")),
        ("a folded trailer", post + chunked(end="0\r\nX: 1\r\n y\r\n\r\n")),
        ("a trailer of 100,000 bytes", post + chunked(end="0\r\nX: " + "a" * 100_000 + "\r\n\r\n")),
        ("20,000 trailers", post + chunked(end="0\r\n" + "X: 1\r\n" * 20_000 + "\r\n")),
    ]


# (target; {} is a session's path, status)
TARGETS = [
    ("/v1%2Fsessions", 404), ("/v1/sessions%2F{id}", 404), ("{}%2Fevents", 404), ("{}/events%00", 404),
    ("{}%00/events", 404), ("{}//events", 404),
    ("/v1/sessions/../sessions", 404), ("/v1/sessions/%2e%2e/sessions", 404), ("/v1/./sessions", 404),
    ("/v1/sessions/%252e%252e", 404),
    ("{};x=1/events", 404), ("/v1\\sessions", 404), ("//evil/v1/sessions", 404), ("/v1/sessions/%00", 404),
    *((f"/v1/sessions/{path}", 404) for path in ("%c0%af", "%c1%9c", "%e0%80%af", "%ff", "%e2%82", "%ed%a0%80",
                                                 "%f4%90%80%80", "%zz", "%2", "%")),
    ("/v1/sessions/" + "a" * 15_000, 404), ("/" * 15_000, 404), ("/" + "%2e" * 5000, 404), ("/" + "a/" * 7000, 404),
    ("{}/events?" + "&" * 15_000, 200), ("{}/events?" + "a=1&" * 3500, 200), ("{}/events?a=%00", 200),
    ("{}/events?=1", 200),
    ("{}/events?types=" + "agent.message," * 1000, 200),
    ("{}/events?types=" + ",".join(f"acme.t{n}" for n in range(256)), 200),
    ("{}/events?types=" + ",".join(f"acme.t{n}" for n in range(257)), 400),
    *(("{}/events?" + query, 400) for query in (
        "limit=1&limit=2", "%zz=1", "%=1", "a=%ff", "%ff=1", "limit=%c0%b1", "limit=%31%00", "limit=%D9%A1", "limit=1?",
        "limit=0x10", "limit=1+1",
        "page=" + "A" * 10_000, "after=sevt_" + "0" * 5000, "types[]=" + "a" * 10_000, "created_at[gt]=%00",
        "created_at[gt]=99999-12-31T23:59:59Z",
        "order=asc%00", "#", "limit=\u0661", "a=\x7f")),
    ("{}/events#x", 400), ("*", 400), ("a", 400), ("http:///v1/sessions", 400), ("https://a@x/v1/sessions", 400),
    ("/v1/sessions\0", 400),
    ("/v1/sessions?\t", 400), ("/" + "a" * 17_000, 414), ("{}/events?a=" + "a" * 17_000, 414),
]


class HostileRequests(harness.E2eTest):
    serve_options = ("--http.header_timeout", "1s", "--http.body_timeout", "1s")

    def setUp(self):
        self.session = self.client.create()
        self.path = f"/v1/sessions/{self.session}"
        head = f"HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.keys['client']}\r\n"
        self.get = f"GET {self.path}/events {head}"
        self.post = f"POST {self.path}/events {head}Content-Type: application/json\r\n"
        self.whole = f"{self.post}Content-Length: {SIZE}\r\n\r\n{EVENT}"

    def stored(self):
        return self.client.session(self.session)["log"]["events"]

    def exchange(self, text):
        """All that comes until the server closes the connection."""
        with raw.wire(self.server) as wire:
            try:
                wire.send(text.encode("latin-1"))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it was refused before it was all there
            wire.wait_for_end(5.0)
            return wire.buffer

    def refused(self, rows):
        """None of them is served, nor the whole request that stands behind each."""
        with healthy.beside(self.server, self.keys["client"], f"{ROUNDS * len(rows)} requests that are none"):
            for what, text in rows * ROUNDS:
                with self.subTest(what):
                    answer = self.exchange(text + self.whole)
                    self.assertRegex(answer.decode("latin-1"), NO_ANSWER_OR_REFUSAL, "a bad request was served")
                    self.assertLessEqual(len(re.findall(rb"HTTP/1\.[01] \d{3} ", answer)), 1, answer)
        self.assertEqual(self.stored(), 0)

    def test_headers(self):
        self.refused(headers(self.get))

    def test_bare_line_feeds_are_refused_at_once(self):
        for text in ((self.get + "\r\n").replace("\r\n", "\n"), self.get + "\n"):
            answer = self.exchange(text).decode("latin-1")
            self.assertRegex(answer, "^HTTP/1.1 400 ")
            self.assertIn("request headers: lines must end with CR LF", answer)

    def test_framing(self):
        self.refused(framing(self.post))

    def test_chunks(self):
        self.refused(chunks(self.post))

    def test_what_is_odd_and_yet_allowed(self):
        rows = [
            ("line ends before the request", "\r\n\r\n" + self.whole),
            ("zeros before a length", self.whole.replace(f" {SIZE}\r\n", f" 000{SIZE}\r\n")),
            ("a last chunk of two zeros", self.post + chunked(end="00\r\n\r\n")),
            ("an extension", self.post + chunked(extension=' ; a="b" ;c')),
            ("trailers", self.post + chunked(end="0\r\nX: 1\r\nY: 2\r\n\r\n")),
            ("a header of high bytes", self.whole.replace("Host", "X: \xff\r\nHost")),
            ("another header with an underscore",
             self.whole.replace("Content-Type", "Content_Length: 1\r\nContent-Type")),
            ("an upgrade that nobody speaks",
             self.whole.replace("Content-Type", "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Type")),
        ]
        for number, (what, text) in enumerate(rows, 1):
            with self.subTest(what), raw.wire(self.server) as wire:
                wire.send(text.encode("latin-1"), self.get, "\r\n")
                self.assertEqual([wire.response().status, wire.response().status], [200, 200])
                self.assertEqual(self.stored(), number)

    def test_garbage_behind_a_request(self):
        for garbage in ("\0\1\r\n\r\n", "@" + self.whole, EVENT + "\r\n\r\n"):
            with self.subTest(garbage[:5]):
                before = self.stored()
                answer = self.exchange(self.whole + garbage)
                self.assertEqual(re.findall(rb"HTTP/1\.1 (\d{3}) ", answer), [b"200", b"400"])
                self.assertEqual(self.stored(), before + 1)

    def test_targets(self):
        with healthy.beside(self.server, self.keys["client"], f"{ROUNDS * len(TARGETS)} odd targets"):
            for target, status in TARGETS * ROUNDS:
                target = target.replace("{}", self.path).replace("{id}", self.session)
                with self.subTest(target[:80]), raw.wire(self.server) as wire:
                    wire.send(raw.request("GET", target, self.keys["client"]))
                    answer = wire.response()
                    self.assertEqual(answer.status, status, answer)
                    if status != 200:
                        self.assertEqual(json.loads(answer.body)["type"], "error")

    def test_heads_up_to_the_limit(self):
        """16 KiB, the request line included: the last byte inside is served, the first one outside is not."""
        for room, status in ((0, 200), (-1, 431)):
            head = raw.request("GET", self.path, self.keys["client"], [("X-Pad", "")])
            with self.subTest(room), raw.wire(self.server) as wire:
                wire.send(head.replace(b"X-Pad: ", b"X-Pad: " + b"a" * (16384 - len(head) - room)))
                self.assertEqual(wire.response().status, status)


if __name__ == "__main__":
    harness.main()
