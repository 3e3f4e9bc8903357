# SPDX-License-Identifier: Apache-2.0
"""Clients that append without keys and retry as the SDKs do: the same request again, which tells how often it was
tried, twice at most. As behind a load balancer each try goes to the next server."""
import http.client
import itertools
import json
import threading

RETRIES = 2
FIRST_PAUSE = 0.5  # seconds, doubled with each retry
PAUSE = 0.1  # seconds between two appends of one client


class Retriers:
    """A thread for each of `sessions`. After join(): `at_once`, (session, text) of appends that were acknowledged at
    the first try, `retried` of those that were at a later one; `given_up`; and `wrong`, whatever else was answered."""

    def __init__(self, servers, key, sessions):
        self.servers, self.key, self.sessions = servers, key, sessions
        self.at_once, self.retried, self.given_up, self.wrong = [], [], [], []
        self._next = itertools.count()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(session,), daemon=True) for session in sessions]
        for thread in self._threads:
            thread.start()

    def _work(self, session):
        for number in itertools.count():
            if self._stop.wait(PAUSE):
                return
            text = f"without a key {number}"
            taken = next((tries for tries in range(RETRIES + 1) if self._append(session, text, tries)), None)
            done = self.given_up if taken is None else self.retried if taken else self.at_once
            done.append((session, text))

    def _append(self, session, text, tries):
        """@returns whether it was acknowledged"""
        if tries:
            self._stop.wait(FIRST_PAUSE * 2 ** (tries - 1))
        server = self.servers[next(self._next) % len(self.servers)]
        connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
        body = json.dumps({"events": [{"type": "agent.message", "content": [{"type": "text", "text": text}]}]})
        try:
            connection.request("POST", f"/v1/sessions/{session}/events", body, {
                "authorization": f"Bearer {self.key}", "content-type": "application/json",
                "x-stainless-retry-count": str(tries)})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if answer.status not in (200, 500, 503):
            self.wrong.append(f"{text}: {answer.status} {content[:300]}")
        return answer.status == 200

    def stop(self):
        self._stop.set()

    def join(self):
        for thread in self._threads:
            thread.join(90)
            if thread.is_alive():
                raise AssertionError("a client hangs")

    def assert_kept(self, texts):
        """`texts`: session → those in its log. What was taken at once stands there once; what was tried again at
        least that: nobody but its key could tell a server that another one has it."""
        for taken, good in ((self.at_once, (1,)), (self.retried, range(1, RETRIES + 2)),
                            (self.given_up, range(RETRIES + 2))):
            for session, text in taken:
                if (count := texts[session].count(text)) not in good:
                    raise AssertionError(f"{text} stands {count} times in {session}")
        sent = {one for taken in (self.at_once, self.retried, self.given_up) for one in taken}
        if extra := {(s, t) for s, all_of_it in texts.items() for t in all_of_it} - sent:
            raise AssertionError(f"the logs hold what nobody sent: {sorted(extra)[:5]}")
