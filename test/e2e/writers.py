# SPDX-License-Identifier: Apache-2.0
"""Clients that append to a cluster as they should: each append with an Idempotency-Key, to the node where its session
is at home, and sent again, to the next one, until it is answered."""
import http.client
import json
import random
import threading
import time

GOES_HOME_AFTER = 3.0  # seconds elsewhere
PAUSE_AFTER_A_FAILURE = 0.05  # seconds
PATIENCE = 180.0  # seconds for one append


class _Client:
    """One connection, to the node of the number `at`."""

    def __init__(self, nodes, home, timeout):
        self.nodes, self.home, self.timeout = nodes, home, timeout
        self.left_home = 0.0
        self.connection = None
        self._connect(home)

    def _connect(self, at):
        if self.connection:
            self.connection.close()
        self.at = at
        self.connection = http.client.HTTPConnection(self.nodes[at].host, self.nodes[at].port, timeout=self.timeout)

    def go_home(self):
        if self.at != self.home and time.monotonic() > self.left_home + GOES_HOME_AFTER:
            self._connect(self.home)

    def move_on(self):
        """To the next node."""
        self.left_home = time.monotonic()
        self._connect((self.at + 1) % len(self.nodes))


class Writers:
    """`count` threads, each of which appends `rate` events a second, one at a time. All that write to a session have
    the same home, but for every fourth session, which is written from everywhere. Every fourth writer gives an append
    up that failed, so that nobody knows what became of it. A node that does not answer within `timeout` seconds
    counts as gone.

    After join(): `acknowledged` and `unknown`, (session, [text]); `wrong`, whatever else a node answered."""

    def __init__(self, nodes, key, sessions, count, rate, timeout=5.0):
        self.nodes, self.key, self.sessions = nodes, key, sessions
        self.rate, self.timeout = rate, timeout
        self.acknowledged, self.unknown, self.wrong, self.retried = [], [], [], 0
        #: Session → (when, number of the node), each time that another node acknowledges than before.
        self.moves = {session: [] for session in sessions}
        #: For each node, when it acknowledged each append.
        self.times = [[] for _ in nodes]
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def has_home(self, session):
        return self.sessions.index(session) % 4 != 3

    def _work(self, number):
        place = number % len(self.sessions)
        session = self.sessions[place]
        home = place if self.has_home(session) else number // len(self.sessions) + place
        client = _Client(self.nodes, home % len(self.nodes), self.timeout)
        gives_up, count = number % 4 == 1, 0
        next_at = time.monotonic() + random.random() / self.rate
        while not self._stop.wait(max(0.0, next_at - time.monotonic())):
            next_at = max(next_at + 1 / self.rate, time.monotonic() - 1)
            self._append_until_answered(client, session, f"{number}-{count}", gives_up)
            count += 1
        client.connection.close()

    def _append_until_answered(self, client, session, text, gives_up):
        patient_until = time.monotonic() + PATIENCE
        client.go_home()
        while not self._append(client, session, text):
            client.move_on()
            if time.monotonic() > patient_until:
                self.wrong.append(f"{text} was not taken by anybody for {PATIENCE} s")
            if gives_up or self.wrong:
                self.unknown.append((session, [text]))
                return
            with self._changed:
                self.retried += 1
            time.sleep(PAUSE_AFTER_A_FAILURE)
            client.go_home()

    def _append(self, client, session, text):
        """@returns whether it was acknowledged"""
        body = json.dumps({"events": [{"type": "agent.message", "content": [{"type": "text", "text": text}]}]})
        try:
            client.connection.request("POST", f"/v1/sessions/{session}/events", body, {
                "authorization": f"Bearer {self.key}", "content-type": "application/json",
                "idempotency-key": f"{session}-{text}"})
            answer = client.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        if answer.status != 200:
            if answer.status not in (500, 503):
                self.wrong.append(f"{text}: {answer.status} {content[:300]}")
            return False
        if [e["content"][0]["text"] for e in json.loads(content)["data"]] != [text]:
            self.wrong.append(f"{text}: answered with {content[:300]}")
        if answer.will_close:
            client.connection.close()  # which opens it again with the next request
        with self._changed:
            self.acknowledged.append((session, [text]))
            now = time.monotonic()
            if not self.moves[session] or self.moves[session][-1][1] != client.at:
                self.moves[session].append((now, client.at))
            self.times[client.at].append(now)
            self._changed.notify_all()
        return True

    def wait_for(self, count, at=None, timeout=120.0):
        """Until so many more appends are acknowledged, by the node of this number."""
        def total():
            return len(self.times[at]) if at is not None else len(self.acknowledged)
        with self._changed:
            begin = total()
            if not self._changed.wait_for(lambda: total() >= begin + count or self.wrong, timeout):
                raise AssertionError(f"only {total() - begin} of {count} appends in {timeout} s by node {at}")
        if self.wrong:
            raise AssertionError(self.wrong[:3])

    def writes(self, session, moment):
        """The number of the node that wrote this session then, or None."""
        return next((at for when, at in reversed(self.moves[session]) if when <= moment), None)

    def stop(self):
        self._stop.set()

    def join(self):
        for thread in self._threads:
            thread.join(PATIENCE + 30)
            if thread.is_alive():
                raise AssertionError("a writer hangs")
