# SPDX-License-Identifier: Apache-2.0
"""A followed stream as the tests see it: one frame at a time, each wait with a deadline, every end told apart."""
import json
import os
import socket
import sys
import time
from urllib.parse import urlencode

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import binary  # noqa: E402
import harness  # noqa: E402
import openapi  # noqa: E402
import raw  # noqa: E402
import sse  # noqa: E402

FRAME_TIMEOUT = 10.0


def is_ping(frame, what):
    """Whether it is the ping that says `what`."""
    return frame.get("event") == "ping" and what in json.loads(frame.data)


def is_comment(frame):
    return [n for n, _ in frame.fields] == [""]


def is_progress(frame):
    """A frame of only an id, or a ping with one and nothing else: what a filter has passed."""
    if [n for n, _ in frame.fields] == ["id"]:
        return True
    return frame.fields[0] == ("event", "ping") and frame.data == '{"type":"ping"}'


def is_done(frame):
    return frame.text == "data: [DONE]"


def target(session, follow="true", **params):
    """The path of a stream. `follow=None` leaves it to the server; `event_deltas` may be a list."""
    if "event_deltas" in params:
        params["event_deltas[]"] = params.pop("event_deltas")
    query = {k: v for k, v in {"follow": follow, **params}.items() if v is not None}
    return f"/v1/sessions/{session}/events/stream" + ("?" + urlencode(query, doseq=True) if query else "")


class Follow:
    """An open stream. `port` may be a proxy's. Fails at once unless the answer is 200."""

    #: Of its frames' data.
    data_schema = openapi.STREAM_DATA

    def __init__(self, port, key, session, headers=(), version="HTTP/1.1", **params):
        wire = raw.Wire(port, FRAME_TIMEOUT)
        wire.send(raw.request("GET", target(session, **params), key, headers, version=version))
        self.read_from(wire)

    def read_from(self, wire):
        """Begins with the response's head, which is still to come."""
        self.wire, self.head = wire, wire.head()
        if self.head.status != 200:
            raise AssertionError(f"the stream was refused: {self.head} {wire.buffer!r}")
        self.chunked = self.head.header("transfer-encoding") == "chunked"
        length = self.head.header("content-length")  # of a replay that is all there
        self.received, self.to_come = 0, None if length is None else int(length)
        self.text = b""
        self.over = False  # the body has ended as HTTP says it must
        self.broken = False  # the connection has ended before that
        self.last_id = None

    @classmethod
    def of(cls, wire):
        """The stream on a wire whose request is out."""
        stream = cls.__new__(cls)
        stream.read_from(wire)
        return stream

    def _decode(self):
        """Moves what is whole out of the wire's buffer into the text."""
        if not self.chunked:
            self.received += len(self.wire.buffer)
            self.text, self.wire.buffer = self.text + self.wire.buffer, b""
            if self.to_come is not None:
                self.over = self.received == self.to_come
            return
        while b"\r\n" in self.wire.buffer and not self.over:
            line, rest = self.wire.buffer.split(b"\r\n", 1)
            size = int(line.split(b";")[0], 16)
            if len(rest) < size + 2:
                return
            if rest[size:size + 2] != b"\r\n":
                raise AssertionError(f"no line end behind a chunk: {rest[:size + 2]!r}")
            self.text, self.wire.buffer = self.text + rest[:size], rest[size + 2:]
            self.over = size == 0

    def _receive(self, timeout):
        """Whether something came, or the end, within the time."""
        self.wire.socket.settimeout(max(timeout, 0.001))
        try:
            if not self.wire.receive_more():
                self.over, self.broken = self.over or not self.chunked, self.chunked and not self.over
        except socket.timeout:
            return False
        return True

    def poll(self, timeout):
        """The next frame; None if none came within the time or the stream is over."""
        deadline = time.monotonic() + timeout
        while True:
            self._decode()
            if b"\n\n" in self.text:
                part, self.text = self.text.split(b"\n\n", 1)
                frame = sse.Frame(part.decode("utf-8"))
                openapi.check_frame(frame.text, self.data_schema)
                if frame.id is not None:
                    self.last_id = frame.id
                return frame
            left = deadline - time.monotonic()
            if self.over or self.broken or not self._receive(max(left, 0)):
                return None

    def next(self, timeout=FRAME_TIMEOUT):
        """The next frame; it must come."""
        frame = self.poll(timeout)
        if frame is None:
            raise AssertionError(f"no frame within {timeout} s; over: {self.over}, broken: {self.broken}, rest: "
                                 f"{self.text!r}")
        return frame

    def event(self, timeout=FRAME_TIMEOUT):
        """The next event frame; comments and progress before it are passed over, anything else fails."""
        deadline = time.monotonic() + timeout
        while True:
            frame = self.next(max(0.0, deadline - time.monotonic()))
            if frame.is_event:
                return frame
            if not is_comment(frame) and not is_progress(frame):
                raise AssertionError(f"not an event: {frame!r}")

    def events(self, count, timeout=FRAME_TIMEOUT):
        return [self.event(timeout) for _ in range(count)]

    def history(self, timeout=FRAME_TIMEOUT):
        """The event frames up to where live begins; the ping there is left in `seam`."""
        frames = []
        while True:
            frame = self.next(timeout)
            if is_ping(frame, "caught_up"):
                self.seam = frame
                return frames
            if not frame.is_event and not is_comment(frame) and not is_progress(frame):
                raise AssertionError(f"in the history: {frame!r}")
            frames += [frame] if frame.is_event else []

    def rest(self, timeout=FRAME_TIMEOUT):
        """Every frame up to the end, which must come, and properly."""
        frames, deadline = [], time.monotonic() + timeout
        while True:
            frame = self.poll(max(0.0, deadline - time.monotonic()))
            if frame is not None:
                frames.append(frame)
            elif self.text or not self.has_ended(frames):
                raise AssertionError(f"no proper end within {timeout} s: broken: {self.broken}, rest: {self.text!r}, "
                                     f"{frames[-3:]}")
            else:
                return frames

    def has_ended(self, frames):
        """Whether it has ended as it should: with [DONE] as HTTP says, without it also without the last chunk."""
        whole = frames and is_done(frames[-1])
        return self.over if whole or not self.chunked else self.broken

    def quiet(self, seconds):
        """Fails if anything but a comment comes within the time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            frame = self.poll(left)
            if frame is not None and not is_comment(frame):
                raise AssertionError(f"came unexpectedly: {frame!r}")
            if self.over or self.broken:
                raise AssertionError("the stream ended unexpectedly")

    def close(self):
        self.wire.close()


def ids(frames):
    return [f.id for f in frames if f.is_event]


def jsons(frames):
    """The JSON of the events, as bytes."""
    return [f.data.encode("utf-8") for f in frames if f.is_event]


def idle(reason="end_turn", **more):
    return {"type": "session.status_idle", "stop_reason": {"type": reason, **more}}


TERMINATED = {"type": "session.status_terminated"}


class FollowTest(harness.E2eTest):
    """A session for each test, and streams that are closed when it ends."""

    def setUp(self):
        self.session = self.client.create()

    def follow(self, session=None, key=None, server=None, **options):
        stream = Follow((server or self.server).port, self.keys["client"] if key is None else key,
                        session or self.session, **options)
        self.addCleanup(stream.close)
        return stream

    def append(self, *events, session=None):
        """The ids of the stored events."""
        return [e["id"] for e in self.runtime.sent(session or self.session, list(events))]

    def messages(self, count, session=None):
        """Appends so many messages, and gives their ids."""
        return self.append(*[harness.agent_message(f"number {i}") for i in range(count)], session=session)

    def log_ids(self, session=None, **params):
        return [json.loads(e)["id"] for e in self.client.events(session or self.session, **params)]

    def streams(self, session=None):
        """How many follow the session, as a runtime is told."""
        return self.runtime.session(session or self.session)["streams"]

    def wait_for_streams(self, count, session=None):
        harness.poll(lambda: self.streams(session) == count, what=f"{count} streams")

    def answer(self, session=None, key=None, headers=(), **params):
        """The answer to a request that is not expected to become a stream without an end."""
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", target(session or self.session, **params), key or self.keys["client"],
                                  headers))
            return wire.response()

    def assert_done(self, frames, *before):
        """The frames are these events, then perhaps a frame of only an id, then [DONE]."""
        self.assertTrue(frames and is_done(frames[-1]), frames)
        self.assertEqual(ids(frames), list(before), frames)
        for frame in frames[:-1]:
            self.assertTrue(frame.is_event or is_comment(frame) or is_progress(frame) or is_ping(frame, "caught_up"),
                            frames)


def revoke(store, key):
    """Revokes a key as an operator does, beside the running server."""
    rows = [json.loads(line) for line in store.must("keys", "list", "--json").splitlines()]
    found = [r["id"] for r in rows if key.endswith(r["hint"]) and r["name"] == "to revoke"]
    if len(found) != 1:
        raise AssertionError(f"which one is it? {rows}")
    store.must("keys", "revoke", str(found[0]))


def serve(store, *options, port=0):
    """A server on this port: where it was before, for clients that come back by themselves."""
    server = binary.Server([binary.BINARY, "serve", "--store.url", store.url, "--http.listen", f"127.0.0.1:{port}",
                            "--admin.listen", "127.0.0.1:0", *options], store.environment())
    store.servers.append(server)
    return server.wait_until_listening()


class RestartTest(FollowTest):
    """A store of its own for each test, and servers on it, one after the other."""

    serve_options = None
    options = ()

    def setUp(self):
        self.store = binary.Store()
        self.addCleanup(self.store.close)
        self.keys = {role: self.store.key(role) for role in ("client", "runtime", "viewer")}
        self.start(*self.options)
        super().setUp()

    def start(self, *options, port=0):
        self.server = serve(self.store, *options, port=port)
        self.client, self.runtime, self.viewer = (self.api(self.keys[r], self.server)
                                                  for r in ("client", "runtime", "viewer"))
