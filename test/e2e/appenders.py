# SPDX-License-Identifier: Apache-2.0
"""Many connections that append at once, and the account of what was acknowledged to each."""
import http.client
import json
import threading
import time

PAUSE_AFTER_A_REFUSAL = 0.02  # seconds


class Appenders:
    """`count` threads with a connection each, which append batches of 1 to 5 marked events until the server is gone
    or stop() is called, or, unless its status is in `goes_on_after`, one is refused. An event's text is its marker,
    and behind a space `padding` further bytes. After join(): `acknowledged` and `unknown`, (session, markers of the
    batch) in order per thread, and `refused`, these with status and body."""

    def __init__(self, server, key, sessions, count, prefix, padding=0, goes_on_after=frozenset()):
        self.port, self.key, self.sessions, self.prefix = server.port, key, sessions, prefix
        self.padding, self.goes_on_after = " " + "x" * padding if padding else "", goes_on_after
        self.acknowledged, self.unknown, self.refused = [], [], []
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def _work(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        session = self.sessions[number % len(self.sessions)]
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        batch = 0
        try:
            while not self._stop.is_set():
                markers = [f"{self.prefix}-{number}-{batch}-{i}" for i in range(1 + (number + batch) % 5)]
                batch += 1
                texts = [m + self.padding for m in markers]
                body = json.dumps({"events": [{"type": "agent.message", "content": [{"type": "text", "text": t}]}
                                              for t in texts]})
                try:
                    connection.request("POST", f"/v1/sessions/{session}/events", body, headers)
                except OSError:
                    self.unknown.append((session, markers))
                    return
                try:
                    answer = connection.getresponse()
                    content = answer.read()
                except (OSError, http.client.HTTPException):
                    self.unknown.append((session, markers))
                    return
                if answer.status != 200:
                    self.refused.append((session, markers, answer.status, content))
                    if answer.status not in self.goes_on_after:
                        return
                    time.sleep(PAUSE_AFTER_A_REFUSAL)
                    continue
                if [e["content"][0]["text"] for e in json.loads(content)["data"]] != texts:
                    self.refused.append((session, markers, answer.status, content))
                    return
                with self._changed:
                    self.acknowledged.append((session, markers))
                    self._changed.notify_all()
                if answer.will_close:
                    return
        finally:
            connection.close()

    def wait_for(self, count, timeout=30.0):
        """Until `count` batches are acknowledged."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.acknowledged) >= count, timeout):
                raise AssertionError(f"only {len(self.acknowledged)} of {count} appends in {timeout} s; refused: "
                                     f"{self.refused[:3]}")

    def stop(self):
        self._stop.set()

    def join(self):
        for thread in self._threads:
            thread.join(60)
            if thread.is_alive():
                raise AssertionError("an appender hangs")


def assert_kept(texts_of, acknowledged, unknown):
    """`texts_of`: session → the markers in its log, in order. Every acknowledged batch stands there once and in one
    piece; a batch of unknown outcome wholly or not at all; nothing else."""
    for session, texts in texts_of.items():
        place = {}
        for i, text in enumerate(texts):
            if text in place:
                raise AssertionError(f"{text} stands twice in {session}")
            place[text] = i
        allowed = set()
        for batches, must in ((acknowledged, True), (unknown, False)):
            for markers in (m for s, m in batches if s == session):
                allowed.update(markers)
                found = [place.get(m) for m in markers]
                if not must and found == [None] * len(markers):
                    continue
                if found[0] is None or found != list(range(found[0], found[0] + len(markers))):
                    raise AssertionError(f"batch {markers} stands at {found} in {session}")
        if extra := set(texts) - allowed:
            raise AssertionError(f"{session} holds what nobody sent: {sorted(extra)[:5]}")
