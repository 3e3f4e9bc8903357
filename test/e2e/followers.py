# SPDX-License-Identifier: Apache-2.0
"""Clients that follow sessions over several servers: each reconnects to the next one behind the last id it has seen,
as EventSource does."""
import http.client
import json
import sys
import threading
import time

PAUSE = 0.1  # seconds before it connects again


class Follower(threading.Thread):
    """Follows one session until its log shows the text `until`. `events`: (id, JSON text) in order; `times`: when each
    came, by the monotonic clock; `connected`: (when, server), each time that it connects; `ended`: why a stream ended,
    as far as it was told. A stream that says nothing for `timeout` seconds is given up."""

    def __init__(self, servers, number, key, session, until, timeout=20, patience=300):
        super().__init__(daemon=True)
        self.servers, self.number, self.key, self.session, self.until = servers, number, key, session, until
        self.events, self.times, self.ended = [], [], []
        self.connected = []
        self.is_complete = False
        self.timeout = timeout
        self._stop_at = time.monotonic() + patience
        self.start()

    def run(self):
        while not self.is_complete and time.monotonic() < self._stop_at:
            server = self.servers[self.number % len(self.servers)]
            self.number += 1
            self.connected.append((time.monotonic(), server))
            try:
                self._follow(server)
            except (OSError, http.client.HTTPException) as e:
                self.ended.append(repr(e))
            if not self.is_complete:
                time.sleep(PAUSE)

    def _follow(self, server):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=self.timeout)
        headers = {"authorization": f"Bearer {self.key}", "accept": "text/event-stream"}
        if self.events:
            headers["last-event-id"] = self.events[-1][0]
        try:
            connection.request("GET", f"/v1/sessions/{self.session}/events/stream?follow=true", headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                self.ended.append(f"status {answer.status}: {answer.read()[:200]!r}")
                return
            fields = {}
            for line in iter(answer.readline, b""):
                text = line.decode().rstrip("\n")
                if text:
                    name, _, value = text.partition(": ")
                    fields[name] = value
                    continue
                if self._take(fields):
                    return
                fields = {}
            self.ended.append("closed")
        finally:
            connection.close()

    def _take(self, fields):
        """@returns whether the stream is over"""
        if fields.get("event") == "error":
            self.ended.append(fields["data"])
            return True
        if '"closing"' in fields.get("data", "") and fields.get("event") == "ping":
            self.ended.append(fields["data"])
        if fields.get("event") != "message":
            return False
        # The same text in the memory of every follower would be hundreds of megabytes.
        self.events.append((sys.intern(fields["id"]), sys.intern(fields["data"])))
        self.times.append(time.monotonic())
        self.is_complete = self.until in fields["data"]
        return self.is_complete

    def texts(self):
        return [json.loads(e)["content"][0]["text"] for _, e in self.events]
