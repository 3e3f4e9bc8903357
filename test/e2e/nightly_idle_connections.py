# SPDX-License-Identifier: Apache-2.0
"""18,000 connections that say nothing, then more than there are descriptors: a healthy client beside them is served,
those beyond are turned away, and accepting recovers."""
import resource

import harness
import healthy
from idle_connections import IdleConnections

IDLE = 18_000
IN_A_PROCESS = 6000
MAY_TAKE = 6 * 1024  # bytes of RSS for a connection


class ManyIdle(harness.E2eTest):
    serve_options = ("--http.max_connections", "100000", "--http.header_timeout", "10min", "--http.idle_timeout",
                     "10min")

    def test_idle_connections(self):
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.assertGreaterEqual(descriptors, IDLE + 200, "raise the limit of open files")
        key, held = self.keys["client"], []

        def hold(count):
            while count > 0:
                held.append(IdleConnections(self.server, min(count, IN_A_PROCESS)))
                count -= IN_A_PROCESS
        try:
            before = self.server.memory()
            with healthy.beside(self.server, key, f"{IDLE} idle connections") as client:
                hold(IDLE)
                turns = len(client.turns)
                harness.poll(lambda: len(client.turns) > turns + 100 or client.problem, 30.0, "the healthy client")
            each = (self.server.memory() - before) / IDLE
            print(f"{each / 1024:.1f} KiB of RSS a connection")
            self.assertLess(each, MAY_TAKE)
            if descriptors <= 30_000:  # else there are not enough ports
                with healthy.beside(self.server, key, "more connections than descriptors") as client:
                    hold(descriptors - IDLE + 200)
                    self.server.wait_for_line(r"connections are open \(http.max_connections\): \d+ more were turned "
                                              r"away")
                    turns = len(client.turns)
                    harness.poll(lambda: len(client.turns) > turns + 100 or client.problem, 30.0, "the healthy client")
        finally:
            for connections in held:
                connections.close()
        with harness.Api(self.server, key) as api:
            api.sent(api.create(), [harness.user_message()])
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    harness.main()
