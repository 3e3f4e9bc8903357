# SPDX-License-Identifier: Apache-2.0
"""HTTP by hand, for what no client library would send."""
import contextlib
import socket
import time


class Response:
    def __init__(self, version, status, reason, headers, body):
        self.version, self.status, self.reason, self.headers, self.body = version, status, reason, headers, body

    def header(self, name):
        """The value of a header that may stand at most once."""
        values = [v for n, v in self.headers if n == name.lower()]
        if len(values) > 1:
            raise AssertionError(f"header {name} stands {len(values)} times: {self}")
        return values[0] if values else None

    def __repr__(self):
        return f"{self.version} {self.status} {self.headers} {self.body[:2000]!r}"


class Wire:
    """One socket and what came over it."""

    def __init__(self, port, timeout=10.0, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:  # before it is connected: then it counts
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.buffer = b""

    def send(self, *parts):
        self.socket.sendall(b"".join(p.encode("utf-8") if isinstance(p, str) else p for p in parts))
        return self

    def receive_more(self):
        """Whether more came before the end."""
        try:
            got = self.socket.recv(65536)
        except ConnectionResetError:
            got = b""
        self.buffer += got
        return bool(got)

    def _until(self, found, what):
        while not found():
            if not self.receive_more():
                raise AssertionError(f"the connection ended before {what}; got {self.buffer[:2000]!r}")

    def _take(self, size):
        self._until(lambda: len(self.buffer) >= size, f"{size} bytes of body")
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def _line(self):
        self._until(lambda: b"\r\n" in self.buffer, "the end of a line")
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def head(self):
        """Status line and headers."""
        version, status, *reason = self._line().split(" ", 2)
        headers = []
        while line := self._line():
            name, _, value = line.partition(":")
            headers.append((name.lower(), value.strip()))
        return Response(version, int(status), "".join(reason), headers, b"")

    def response(self, to_head=False):
        """The next response, framed as RFC 9112 section 6.3 says."""
        answer = self.head()
        if to_head or answer.status in (100, 204, 304):
            return answer
        if answer.header("transfer-encoding") == "chunked":
            while size := int(self._line().split(";")[0], 16):
                answer.body += self._take(size)
                if self._line():
                    raise AssertionError("no line end behind a chunk")
            while self._line():
                pass
        elif answer.header("content-length") is not None:
            answer.body = self._take(int(answer.header("content-length")))
        else:
            while self.receive_more():
                pass
            answer.body, self.buffer = self.buffer, b""
        return answer

    def wait_for_end(self, timeout):
        """Seconds until the server closes the connection; what came until then is in buffer."""
        start = time.monotonic()
        self.socket.settimeout(timeout)
        try:
            while self.receive_more():
                self.socket.settimeout(max(0.01, start + timeout - time.monotonic()))
        except socket.timeout:
            raise AssertionError(f"still open after {timeout} s; got {self.buffer[:2000]!r}") from None
        return time.monotonic() - start

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def wait_for_answer(self):
        """Until all of an answer with a length has come, which stays unread: who closes now resets the connection."""
        deadline = time.monotonic() + (self.socket.gettimeout() or 10.0)
        while True:
            text = self.socket.recv(1 << 20, socket.MSG_PEEK)
            head, _, body = text.partition(b"\r\n\r\n")
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if length and len(body) >= int(length[0].split(b":")[1]):
                return text
            if not text or time.monotonic() > deadline:
                raise AssertionError(f"no whole answer: {text[:2000]!r}")
            time.sleep(0.005)

    def wait_until_full(self):
        """Until nothing more fits into the buffer of a socket that is not read."""
        size, since = 0, time.monotonic()
        while size == 0 or time.monotonic() < since + 0.3:
            time.sleep(0.02)
            now = len(self.socket.recv(1 << 20, socket.MSG_PEEK))
            if now != size:
                size, since = now, time.monotonic()

    def close(self):
        self.socket.close()


@contextlib.contextmanager
def wire(server, timeout=10.0, receive_buffer=None):
    made = Wire(server.port, timeout, receive_buffer)
    try:
        yield made
    finally:
        made.close()


def request(method, target, key=None, headers=(), body=b"", version="HTTP/1.1", length=True):
    """The bytes of a request."""
    lines = [f"{method} {target} {version}", "Host: 127.0.0.1"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    lines += [f"{n}: {v}" for n, v in headers]
    if body and length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body
