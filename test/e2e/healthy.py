# SPDX-License-Identifier: Apache-2.0
"""A client that does nothing wrong, beside those that do: it appends, sees its event live, replays it, and takes the
time of each turn."""
import contextlib
import os
import sys
import threading
import time

import harness
import sse

sys.path.append(os.path.join(harness.HERE, "live"))

import follow  # noqa: E402

ALONE = 1.0  # seconds before the trouble begins
TIMES_LONGER = 10  # than its usual time may a turn take, in the median, on cores that it shares with the trouble
MARGIN = 0.05  # seconds, on top
LONGEST = 3.0  # seconds, for the longest turn
REPLAYED = 20  # events in a replay


class Healthy(threading.Thread):
    def __init__(self, server, key):
        super().__init__(daemon=True)
        self.server, self.key, self.turns, self.problem, self._stop_now = server, key, [], None, threading.Event()

    def run(self):
        try:
            with harness.Api(self.server, self.key) as api:
                session = api.create()
                stream = follow.Follow(self.server.port, self.key, session)
                ids = ["start"]
                while not self._stop_now.is_set():
                    start = time.monotonic()
                    ids.append(api.sent(session, [harness.user_message()])[0]["id"])
                    while (frame := stream.next()).id != ids[-1] or not frame.is_event:
                        pass
                    replay = harness.ok(api.stream(session, {"after": ids[-1 - REPLAYED:][0]}))
                    if sse.ids(replay.content) != ids[-1 - REPLAYED:][1:]:
                        raise AssertionError(f"the replay is {replay.text!r}")
                    self.turns.append(time.monotonic() - start)
                    self._stop_now.wait(0.005)
                stream.wire.close()
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is the test's failure
            self.problem = problem

    def stop(self):
        self._stop_now.set()
        self.join(30)


@contextlib.contextmanager
def beside(server, key, what):
    """Serves a healthy client during the block, which may wait on it, and fails unless that took its usual time."""
    client = Healthy(server, key)
    client.start()
    harness.poll(lambda: client.turns or client.problem, what="the healthy client's first turn")
    time.sleep(ALONE)
    before = sorted(client.turns)
    try:
        yield client
    finally:
        client.stop()
    if client.problem:
        raise AssertionError(f"the healthy client failed beside {what}: {client.problem!r}") from client.problem
    during = sorted(client.turns[len(before):])
    if not during:
        raise AssertionError(f"the healthy client was not served beside {what}")
    usual, then, longest = before[len(before) // 2], during[len(during) // 2], during[-1]
    print(f"beside {what}: {len(during)} turns, median {then * 1000:.1f} ms ({usual * 1000:.1f} ms alone), longest "
          f"{longest * 1000:.0f} ms", flush=True)
    if then > usual * TIMES_LONGER + MARGIN or longest > LONGEST:
        raise AssertionError(f"the healthy client waited beside {what}")
