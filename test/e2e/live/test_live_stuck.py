# SPDX-License-Identifier: Apache-2.0
"""Streams that never read, beside a writer at full speed: a cursor each, not a queue. SANDBASE_STUCK_STREAMS sets how
many."""
import json
import os
import re
import threading
import time

import follow
import harness
import raw

STUCK = int(os.environ.get("SANDBASE_STUCK_STREAMS", "300"))
HEALTHY = 3
MIB = 1024 * 1024
BYTES_OUT = 24 * MIB  # what may be on its way to sockets: a stream in the history holds a slice of the log
MAY_GROW = BYTES_OUT + 24 * MIB  # live streams share what is sent to all of them
MAY_LAG = 2.0  # seconds from a POST's answer to the frame, at worst, on shared cores
EVENT_ID = re.compile(rb'"id":"(sevt_\w+)"')


class Writer(threading.Thread):
    """Appends as fast as it is answered. Notes when each batch's last event was acknowledged."""

    def __init__(self, server, key, session):
        super().__init__(daemon=True)
        self.server, self.key, self.path = server, key, f"/v1/sessions/{session}/events"
        self.acknowledged, self.ids, self.bytes, self.stop_now = {}, [], 0, threading.Event()

    def run(self):
        body = json.dumps({"events": [harness.agent_message("x" * 10_000)] * 20}).encode()
        with harness.Api(self.server, self.key) as api:
            while not self.stop_now.is_set():
                answer = harness.ok(api.post(self.path, body)).content
                now = time.monotonic()
                self.bytes += len(answer)
                self.ids += [i.decode() for i in EVENT_ID.findall(answer)]
                self.acknowledged[self.ids[-1]] = now

    def finish(self):
        self.stop_now.set()
        self.join(30)


class Reader(threading.Thread):
    """A healthy stream: its ids, and when each came."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.ids, self.came, self.problem = stream, [], {}, None

    def run(self):
        try:
            while (frame := self.stream.next(30.0)) and not follow.is_done(frame):
                if frame.is_event:
                    self.ids.append(frame.id)
                    self.came[frame.id] = time.monotonic()
        except AssertionError as problem:
            self.problem = problem


class Stuck(follow.RestartTest):
    options = ("--http.write_timeout", "2s", "--http.max_bytes_out", str(BYTES_OUT))

    def open_stuck(self, after):
        """A stream whose reader reads not even the head."""
        wire = raw.Wire(self.server.port, receive_buffer=4096)
        self.addCleanup(wire.close)
        return wire.send(raw.request("GET", follow.target(self.session, after=after), self.keys["client"]))

    def watch(self, seconds):
        """The highest RSS over that time."""
        end, peak = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            peak = max(peak, self.server.memory())
            time.sleep(0.1)
        return peak

    def stuck(self, after):
        """Memory stays flat, the healthy streams do not notice, the stuck ones are closed."""
        readers = [Reader(self.follow()) for _ in range(HEALTHY)]
        writer = Writer(self.server, self.keys["runtime"], self.session)
        for thread in (*readers, writer):
            thread.start()
        before = self.watch(4)
        alone = writer.bytes / 4
        stuck = [self.open_stuck(after) for _ in range(STUCK)]
        opened, written = time.monotonic(), writer.bytes
        harness.poll(lambda: self.streams() > HEALTHY, what="the stuck streams")
        during = self.watch(8)
        written = writer.bytes - written
        beside = written / (time.monotonic() - opened)
        harness.poll(lambda: self.streams() == HEALTHY, 20, "the end of the stuck streams")
        end = self.watch(2)
        writer.finish()
        last = self.append(follow.TERMINATED)[0]
        for reader in readers:
            reader.join(60)
        print(f"\n{STUCK} stuck streams after {after}: RSS {before / MIB:.1f} MiB before, {during / MIB:.1f} during, "
              f"{end / MIB:.1f} after; "
              f"{written / MIB:.1f} MiB written meanwhile at {beside / MIB:.1f} MiB/s, {alone / MIB:.1f} MiB/s before",
              flush=True)
        for reader in readers:
            self.assertIsNone(reader.problem)
            self.assertEqual(reader.ids, writer.ids + [last])
        lags = sorted(reader.came[i] - at for reader in readers for i, at in writer.acknowledged.items())
        print(f"healthy streams: p50 {lags[len(lags) // 2] * 1000:.1f} ms, p99 "
              f"{lags[len(lags) * 99 // 100] * 1000:.1f} ms, "
              f"worst {lags[-1] * 1000:.1f} ms behind the answer", flush=True)
        for wire in stuck[:: max(1, STUCK // 10)]:
            self.assert_a_part_of(writer.ids, wire, after)
        self.assertLess(lags[-1], MAY_LAG)
        self.assertGreater(written, 8 * MIB, "the writer stood still")
        self.assertGreater(beside, alone / 4, "the writer noticed")
        self.assertLess(during - before, MAY_GROW)
        self.assertLess(end - before, MAY_GROW)

    def assert_a_part_of(self, log, wire, after):
        """What its kernel holds: whole frames, if any, without a gap from where it began, then perhaps a part of one,
        and no [DONE]."""
        stream = follow.Follow.of(wire)
        frames = []
        while (frame := stream.poll(5.0)) is not None:
            frames.append(frame)
        self.assertTrue(stream.over or stream.broken, "still open")
        ids = follow.ids(frames)
        if not ids:
            return  # the connection was reset before a whole frame was through
        begin = 0 if after == "start" else log.index(ids[0])
        self.assertEqual(ids, log[begin:begin + len(ids)])
        self.assertFalse(any(follow.is_done(f) for f in frames))

    def test_in_the_history(self):
        self.stuck("start")

    def test_live(self):
        self.stuck("latest")


if __name__ == "__main__":
    harness.main()
