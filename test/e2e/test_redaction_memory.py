# SPDX-License-Identifier: Apache-2.0
"""Erasing an event: before long its payload is in no byte of the process's memory either, whatever was done with it
before. Blocks that were freed are overwritten by the allocator here; what is found is held by somebody."""
import contextlib
import os
import re
import time

import harness
import raw
from test_redaction import SOON, RedactionTest

#: Freed blocks are overwritten with this byte; those of a thread's cache would not be, so there is none.
OVERWRITE = {"MALLOC_PERTURB_": "165", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
PIECE = 4 * 1024 * 1024
AROUND = 200


def writable(pid):
    """(begin, end, name) of what the process may have written to."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        for line in maps:
            found = re.match(r"(\w+)-(\w+) .w.. \S+ \S+ \d+ *(.*)", line)
            if found:
                yield int(found[1], 16), int(found[2], 16), found[3]


def stacks(pid):
    """(name of a thread, where its stack ends by now)"""
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError, IndexError, ValueError):  # it is gone, or at work
            with open(f"/proc/{pid}/task/{thread}/syscall", encoding="ascii") as call:
                pointer = int(call.read().split()[-2], 16)
            with open(f"/proc/{pid}/task/{thread}/comm", encoding="utf-8") as name:
                yield name.read().strip(), pointer


def memory_with(pid, *texts):
    """Where one of `texts` stands in the memory of the process, with what stands around it."""
    needles = [t.encode() for t in texts]
    overlap = max(map(len, needles)) - 1
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end, name in writable(pid):
            at = begin
            while at < end:
                try:
                    piece = os.pread(memory.fileno(), min(PIECE, end - at), at)
                except OSError:
                    break  # it is gone by now
                if not piece:
                    break
                for needle in needles:
                    for place in re.finditer(re.escape(needle), piece):
                        around = piece[max(0, place.start() - AROUND):place.end() + AROUND]
                        found.append((name or "anonymous", hex(at + place.start()), around,
                                      [f"stack of {thread} ends at {pointer:#x}" for thread, pointer in stacks(pid)
                                       if begin <= pointer < end]))
                if at + len(piece) >= end:
                    break
                at += max(1, len(piece) - overlap)
    return found


class Memory(RedactionTest):
    serve_options = None

    def setUp(self):
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.key = self.store.key("runtime")
        self.server = self.store.serve(env=OVERWRITE)
        with self.clients() as api:
            self.session = api.create()

    @contextlib.contextmanager
    def clients(self):
        """A client that ends behind the block."""
        with harness.Api(self.server, self.key) as api:
            yield api

    def assert_forgotten(self, *texts):
        """In time neither the files nor the process have any of `texts`."""
        self.assert_gone(*texts)
        end = time.monotonic() + SOON
        while left := memory_with(self.server.pid, *texts):
            if time.monotonic() > end:
                told = "\n".join(f"{name} {at}: {around!r} {whose}" for name, at, around, whose in left[:20])
                raise AssertionError(f"{len(left)} places in memory:\n{told}")
            time.sleep(1)

    def texts(self, count):
        """Of this test alone, and in no byte before it sends them."""
        return [f"sk-live-{self.id().rsplit('.', 1)[1]}-{i:04}-0123456789abcdef" for i in range(count)]

    def send_and_redact(self, events, before_redaction=lambda api: None):
        with self.clients() as api:
            sent = api.sent(self.session, events)
        with self.clients() as api:
            before_redaction(api)
        with self.clients() as api:
            for event in sent:
                harness.ok(self.redact(event["id"], api=api))

    def test_it_finds_what_is_there(self):
        text, = self.texts(1)
        with self.clients() as api:
            api.sent(self.session, [harness.agent_message(text)])
        self.assertNotEqual(memory_with(self.server.pid, text), [])
        self.assertEqual(memory_with(self.server.pid, text + "-not"), [])

    def test_short_and_long_events_that_were_read(self):
        texts = self.texts(12)
        events = [harness.agent_message(t + " x" * size) for t, size in
                  zip(texts, (1, 50, 500, 5_000, 20_000, 100_000) * 2, strict=True)]

        def read(api):
            for _ in range(3):
                self.shown(api)
        self.send_and_redact(events, read)
        self.assert_forgotten(*texts)

    def test_sealed_events_that_were_read(self):
        texts = self.texts(40)

        def read(api):
            time.sleep(2)  # housekeeping, checkpoints
            self.shown(api)
        self.send_and_redact([harness.agent_message(t + " x" * 3_000) for t in texts], read)
        self.assert_forgotten(*texts)

    def test_sealed_by_a_restart(self):
        texts = self.texts(5)
        with self.clients() as api:
            sent = api.sent(self.session, [harness.agent_message(t) for t in texts])
        self.assertEqual(self.server.stop(), 0)
        self.server = self.store.serve(env=OVERWRITE)
        with self.clients() as api:
            self.shown(api)
            for event in sent:
                harness.ok(self.redact(event["id"], api=api))
        self.assert_forgotten(*texts)

    def test_what_a_session_object_shows(self):
        texts = self.texts(7)

        def read(api):
            api.session(self.session)
            harness.ok(api.get("/v1/sessions"))
        tool_use, ended, defined, judged, *usage = texts
        idle = {"type": "session.status_idle", "stop_reason": {"type": "end_turn"}}
        with self.clients() as api:
            outcome, = api.sent(self.session, [{"type": "user.define_outcome", "description": defined}])
        self.send_and_redact([{"type": "agent.custom_tool_use", "name": ended, "input": {}}, idle,
                              {"type": "agent.tool_use", "name": tool_use, "input": {}},
                              {"type": "span.outcome_evaluation_end", "outcome_id": outcome["outcome_id"],
                               "result": "satisfied", "explanation": judged, "iteration": 1},
                              {"type": "session.usage", "usage": {
                                  "cache_creation": {"note": usage[0]}, "list_cost": {"amount": usage[1]},
                                  "server_tool_use": {"note": usage[2]}}}], read)
        with self.clients() as api:
            harness.ok(self.redact(outcome["id"], api=api))
        # Where a text is emptied its first byte goes in any case.
        self.assert_forgotten(*(text[8:] for text in texts))

    def test_a_followed_stream_that_goes_on(self):
        text, = self.texts(1)
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", f"/v1/sessions/{self.session}/events/stream?follow=true", self.key))
            wire.head()
            with self.clients() as api:
                sent, = api.sent(self.session, [harness.agent_message(text)])
                while text.encode() not in wire.buffer:
                    wire.receive_more()
            with self.clients() as api:
                harness.ok(self.redact(sent["id"], api=api))
            while b"session.event_redacted" not in wire.buffer:
                wire.receive_more()
            self.assert_forgotten(text)

    def test_a_long_event_with_its_secret_at_the_end(self):
        texts = self.texts(5)
        self.send_and_redact([harness.agent_message("x " * size + t) for t, size in
                              zip(texts, (100, 1_500, 2_500, 3_900, 50_000), strict=True)])
        self.assert_forgotten(*texts)

    def test_a_sender_that_stays(self):
        texts = self.texts(2)
        with self.clients() as one, self.clients() as other:
            sent = one.sent(self.session, [harness.agent_message(texts[0])])
            sent += other.sent(self.session, [harness.agent_message(texts[1] + " x" * 40_000)])
            for event in sent:
                harness.ok(self.redact(event["id"], api=one))
            self.assert_forgotten(*texts)

    def test_an_export_and_a_list_by_a_client_that_stays(self):
        text, = self.texts(1)
        with self.clients() as reader:
            with self.clients() as api:
                sent, = api.sent(self.session, [harness.agent_message(text + " x" * 2_000)])
            self.shown(reader)
            self.assertIn(text, harness.ok(reader.get(f"/v1/sessions/{self.session}/export")).text)
            with self.clients() as api:
                harness.ok(self.redact(sent["id"], api=api))
            self.assert_forgotten(text)


if __name__ == "__main__":
    harness.main()
