# SPDX-License-Identifier: Apache-2.0
"""Clients that guess keys, and clients that take every descriptor: neither costs the service memory or its health."""
import os
import resource

import harness
import healthy
import raw
from idle_connections import IdleConnections

MIB = 1 << 20
GUESSES = 10_000
GUESSES_IN_A_ROW = 100  # sent before an answer is read
MAY_GROW = 4 * MIB
DESCRIPTORS = 200


def guess(number):
    return f"sk-sb-{number:032x}"


class BadKeys(harness.E2eTest):
    def guess_keys(self, numbers):
        """Each of them is answered 401."""
        with raw.wire(self.server) as wire:
            for start in range(numbers.start, numbers.stop, GUESSES_IN_A_ROW):
                row = range(start, min(start + GUESSES_IN_A_ROW, numbers.stop))
                wire.send(*(raw.request("GET", "/v1/sessions", guess(n)) for n in row))
                self.assertEqual({wire.response().status for _ in row}, {401})

    def test_memory_stays_flat(self):
        self.guess_keys(range(1000))
        with healthy.beside(self.server, self.keys["client"], f"{GUESSES} bad keys"):
            before = self.server.memory()
            self.guess_keys(range(1000, 1000 + GUESSES))
            grown = self.server.memory() - before
        print(f"RSS grew by {grown / 1024:.0f} KiB over {GUESSES} bad keys")
        self.assertLess(grown, MAY_GROW)


class Descriptors(harness.E2eTest):
    serve_options = None

    def seconds_of_cpu(self, server):
        with open(f"/proc/{server.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def test_accepting_pauses_and_recovers(self):
        key = self.store.key("client")
        server = self.store.serve("--http.header_timeout", "1min")
        # Behind its back: at the start it would take fewer connections.
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        target = raw.request("GET", "/v1/sessions", key)
        with healthy.beside(server, key, f"{DESCRIPTORS} descriptors in use") as client:
            idle = IdleConnections(server, DESCRIPTORS + 100)
            try:
                server.wait_for_line("cannot accept connections now: .*files")
                used = len(os.listdir(f"/proc/{server.pid}/fd"))
                self.assertGreaterEqual(used, DESCRIPTORS - 1)
                with raw.wire(server) as late:
                    late.send(target)
                    turns = len(client.turns)
                    harness.poll(lambda: len(client.turns) > turns + 20 or client.problem, what="the healthy client")
                    self.assertEqual(late.buffer, b"")
                    before = self.seconds_of_cpu(server)
                    client.stop()
                    late.socket.settimeout(2.0)
                    self.assertRaises(TimeoutError, late.receive_more)
                    self.assertLess(self.seconds_of_cpu(server) - before, 0.5, "the service is busy waiting")
                    idle.close()
                    late.socket.settimeout(10.0)
                    self.assertEqual(late.response().status, 200)
            finally:
                idle.close()
        with harness.Api(server, key) as api:
            api.sent(api.create(), [harness.user_message()])
        harness.poll(lambda: len(os.listdir(f"/proc/{server.pid}/fd")) < 40, what="the descriptors to be free")
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    harness.main()
