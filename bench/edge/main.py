#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures an edge: live streams there beside as many at the server that has the store, and what crosses the link.

    main.py [--streams N] [--events N] [--rounds N]

Environment: SANDBASE_BIN, the service. docs/benchmarks.md says how to read it.
"""
import argparse
import json
import os
import resource
import selectors
import socket
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "test", "e2e"))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "postgres"))
import binary  # noqa: E402
import place  # noqa: E402

REQUEST_EVENTS = 20  # events of one append
DEADLINE = 120.0  # seconds for one round
OPTIONS = ("--log.access", "off", "--http.max_streams_per_key", "20000")


class Streams:
    """Live streams of one session, which are counted and not looked at."""

    def __init__(self, url, key, session, count):
        host, port = url.removeprefix("http://").split(":")
        self.selector = selectors.DefaultSelector()
        self.seen = {}
        self.rest = {}  # the end of what was read, where `what` may begin
        request = (f"GET /v1/sessions/{session}/events/stream?after=latest&follow=true HTTP/1.1\r\nhost: {host}\r\n"
                   f"authorization: Bearer {key}\r\naccept: text/event-stream\r\n\r\n").encode()
        for _ in range(count):
            made = socket.create_connection((host, int(port)))
            made.sendall(request)
            made.setblocking(False)
            self.seen[made] = 0
            self.selector.register(made, selectors.EVENT_READ)

    def read(self, what, until, begun=None):
        """Until each stream has had `what` so often. @returns seconds"""
        begun = begun or time.monotonic()
        left = {s for s, n in self.seen.items() if n < until}
        while left:
            if time.monotonic() > begun + DEADLINE:
                raise AssertionError(f"{len(left)} streams lack events")
            for key, _ in self.selector.select(1.0):
                made = key.fileobj
                try:
                    got = made.recv(1 << 20)
                except BlockingIOError:
                    continue
                if not got:
                    raise AssertionError("a stream has ended")
                got = self.rest.get(made, b"") + got
                self.seen[made] += got.count(what)
                self.rest[made] = got[1 - len(what):]
                if self.seen[made] >= until:
                    left.discard(made)
        return time.monotonic() - begun

    def forget(self):
        self.seen = dict.fromkeys(self.seen, 0)
        self.rest = {}

    def close(self):
        for made in self.seen:
            made.close()
        self.selector.close()


def status(server):
    with urllib.request.urlopen(server.admin_url + "/statusz", timeout=20) as page:
        return json.load(page)["actors"]


def link_bytes(edge):
    """Of the link, in both directions."""
    links = [part for part in status(edge) if part["name"].startswith("peer_gateway ")]
    return sum(part["bytes_in"] + part["bytes_out"] for part in links)


def cpu_seconds(server):
    with open(f"/proc/{server.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def append(core, key, session, events):
    body = json.dumps({"events": [place.one_event()] * REQUEST_EVENTS}).encode()
    for _ in range(events // REQUEST_EVENTS):
        request = urllib.request.Request(
            f"{core.url}/v1/sessions/{session}/events", method="POST", data=body,
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"})
        urllib.request.urlopen(request, timeout=60).close()


def measure(at, core, key, session, count, events):
    """(frames a second, CPU microseconds a frame of both servers)"""
    streams = Streams(at.url, key, session, count)
    try:
        streams.read(b"\r\n\r\n", 1)
        time.sleep(0.5)
        streams.forget()
        servers = {core.pid: core, at.pid: at}.values()
        before = sum(cpu_seconds(s) for s in servers)
        begun = time.monotonic()
        append(core, key, session, events)
        took = streams.read(b'"type":"agent.message"', events, begun)
        return count * events / took, (sum(cpu_seconds(s) for s in servers) - before) / (count * events) * 1e6
    finally:
        streams.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--events", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    store = binary.Store()
    try:
        key = store.key("runtime")
        core = store.serve_core(*OPTIONS)
        edge = store.serve_edge(*OPTIONS, core=core)
        made = urllib.request.Request(
            f"{core.url}/v1/sessions", method="POST",
            data=json.dumps({"agent": "agent_bench", "environment_id": "env_bench"}).encode(),
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"})
        with urllib.request.urlopen(made, timeout=20) as answer:
            session = json.load(answer)["id"]
        print(place.machine())
        rows = []
        for number in range(options.rounds):
            there = measure(core, core, key, session, options.streams, options.events)
            here = measure(edge, core, key, session, options.streams, options.events)
            rows.append((number + 1, f"{there[0]:,.0f}", f"{here[0]:,.0f}", f"{here[0] / there[0]:.2f}",
                         f"{there[1]:.2f}", f"{here[1]:.2f}"))
        print(place.table(("round", "frames/s at the server", "at the edge", "ratio", "us CPU a frame at the server",
                           "at the edge"), rows))
        for count in (1, options.streams):
            before = link_bytes(edge)
            measure(edge, core, key, session, count, options.events)
            print(f"{count} streams: {(link_bytes(edge) - before) / options.events:.0f} bytes cross the link an event "
                  f"of {place.EVENT_BYTES}")
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
