# SPDX-License-Identifier: Apache-2.0
"""200 streams over 20 sessions, a writer at full speed on each, and connections that break at random: nothing is lost,
doubled or out of order. SANDBASE_STRESS_SECONDS sets how long (30)."""
import asyncio
import json
import os
import random
import re
import unittest

import follow
import harness
import raw

SESSIONS = 20
STREAMS_EACH = 10
SECONDS = float(os.environ.get("SANDBASE_STRESS_SECONDS", "30"))
LIMIT = 65536
FRAME_ID = re.compile(rb"^id: (\S+)$", re.M)


class Dropped(Exception):
    """The test broke the connection itself."""


class Reader:
    """One client over many connections, with the cursor that a client keeps."""

    def __init__(self, test, session, filtered, dice):
        self.port, self.key, self.session, self.dice = test.server.port, test.keys["client"], session, dice
        self.params = {"types": "agent.message"} if filtered else {}
        self.filtered, self.ids, self.last, self.connections, self.done = filtered, [], None, 0, False

    def request(self):
        params, headers = dict(self.params), []
        if self.last:
            way = self.dice.randrange(3)
            if way == 0:
                headers = [("Last-Event-ID", self.last)]
            else:
                params[("after", "lastEventId")[way - 1]] = self.last
        return raw.request("GET", follow.target(self.session, **params), self.key, headers)

    async def run(self, stop):
        while not self.done:
            patience = float("inf") if stop.is_set() else self.dice.expovariate(1 / 3.0)
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=LIMIT)
            self.connections += 1
            try:
                writer.write(self.request())
                await asyncio.wait_for(self.read(reader), None if patience == float("inf") else patience)
            except (asyncio.TimeoutError, Dropped):
                pass
            finally:
                writer.transport.abort()

    async def read(self, reader):
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 204 "):  # the connection broke between the last event and [DONE]
            self.done = True
            return
        if not head.startswith(b"HTTP/1.1 200 ") or b"transfer-encoding: chunked" not in head.lower():
            raise AssertionError(head)
        text = b""
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            text += (await reader.readexactly(size + 2))[:-2]
            whole = text.rfind(b"\n\n") + 2
            if whole >= 2:
                self.take(text[:whole])
                text = text[whole:]
            if self.dice.random() < 0.002 and not self.done:
                raise Dropped  # between any two frames; the timeout breaks within them
        if not self.done or text:
            raise AssertionError(f"{self.session}: an end without [DONE]: {text!r}")

    def take(self, frames):
        for frame in frames.split(b"\n\n")[:-1]:
            if frame == b"data: [DONE]":
                self.done = True
                continue
            found = FRAME_ID.search(frame)
            if found:
                self.last = found[1].decode()
                if frame.startswith(b"event: message\n"):
                    self.ids.append(self.last)
            elif frame != b": keep-alive":
                raise AssertionError(f"{self.session}: {frame!r}")


async def write(test, session, stop, dice):
    """Appends over one connection, each request as soon as the one before is answered. @returns how many events"""
    reader, writer = await asyncio.open_connection("127.0.0.1", test.server.port, limit=LIMIT)
    count = 0
    while not stop.is_set():
        events = [harness.agent_message(f"{count}") if dice.random() < 0.5 else {"type": "acme.step", "n": count}
                  for _ in range(dice.choice((1, 1, 1, 2, 5, 20)))]
        body = json.dumps({"events": events}).encode()
        writer.write(raw.request("POST", f"/v1/sessions/{session}/events", test.keys["runtime"],
                                 [("Content-Type", "application/json")], body))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(re.search(rb"content-length: (\d+)", head)[1])
        answer = await reader.readexactly(length)
        if not head.startswith(b"http/1.1 200 "):
            raise AssertionError(head + answer)
        count += len(events)
    writer.close()
    return count


class Stress(follow.FollowTest):
    def test_nothing_lost_doubled_or_out_of_order(self):
        sessions = [self.client.create() for _ in range(SESSIONS)]
        seed = int(os.environ.get("SANDBASE_STRESS_SEED", random.randrange(1 << 30)))
        print(f"\nSANDBASE_STRESS_SEED={seed}", flush=True)
        readers = [Reader(self, session, number % 5 == 4, random.Random(f"{seed} {session} {number}"))
                   for session in sessions for number in range(STREAMS_EACH)]
        counts = asyncio.run(asyncio.wait_for(self.drive(sessions, readers, seed), SECONDS + 200))
        logs = {session: self.log_ids(session) for session in sessions}
        messages = {session: self.log_ids(session, types="agent.message") for session in sessions}
        for session, count in zip(sessions, counts):
            self.assertEqual(len(logs[session]), count + 1)
            self.assertEqual(logs[session], sorted(logs[session]))
        for reader in readers:
            expected = messages[reader.session] if reader.filtered else logs[reader.session]
            if reader.ids != expected:
                seen = set(reader.ids)
                self.fail(f"{reader.session}, filtered: {reader.filtered}: {len(reader.ids)} of {len(expected)}, "
                          f"doubled "
                          f"{len(reader.ids) - len(seen)}, lost {[i for i in expected if i not in seen][:5]}, sorted: "
                          f"{reader.ids == sorted(reader.ids)}")
            self.assertEqual(reader.last, logs[reader.session][-1])
        connections = sum(r.connections for r in readers)
        print(f"{sum(counts)} events, {sum(len(r.ids) for r in readers)} deliveries, {connections} connections of "
              f"{len(readers)} streams", flush=True)
        self.assertGreater(connections, 2 * len(readers))
        self.assertGreater(min(counts), 100)

    async def drive(self, sessions, readers, seed):
        stop = asyncio.Event()
        reading = [asyncio.create_task(r.run(stop)) for r in readers]
        writing = [asyncio.create_task(write(self, s, stop, random.Random(f"{seed} {s}"))) for s in sessions]
        ended, _ = await asyncio.wait([*reading, *writing], timeout=SECONDS, return_when=asyncio.FIRST_EXCEPTION)
        for task in ended:
            task.result()
        stop.set()
        counts = await asyncio.gather(*writing)
        for session in sessions:
            await asyncio.to_thread(self.append, follow.TERMINATED, session=session)
        await asyncio.gather(*reading)
        return counts


if __name__ == "__main__":
    unittest.main(verbosity=2)
