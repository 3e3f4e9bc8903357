# SPDX-License-Identifier: Apache-2.0
"""Appends through several linked servers, spread over all of them whoever owns the session, beside the same through
one. All share the processors of this machine with PostgreSQL and the clients: what is measured is what a hop costs, and
what it costs to have three processes. Each of several gets its share of the processors."""
import concurrent.futures
import os
import time

import appends
import cpu
import place
import nodes

AIM = 0.6


def share_of(servers):
    """Options of one of so many servers on this machine; alone it has the defaults."""
    if servers == 1:
        return ()
    threads = str(max(1, os.cpu_count() // servers))
    return ("--http.threads", threads, "--actors.threads", threads, "--store.journals", "1")


def run(at, count, sessions, events, seconds):
    """Events a second and Usage of so many servers, started for it."""
    servers = [at.store.serve("--log.access", "off", *nodes.options("127.0.0.1"), *share_of(count))
               for _ in range(count)]
    try:
        body = place.append_body(events)

        def load(server, length):
            return at.load("POST", "/events", sessions, length, max(1, appends.CLIENTS // count), body, server.url)

        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            time.sleep(1.5)  # until there are links
            list(pool.map(lambda s: load(s, 1), servers))  # claims
            at.server.settle()
            with cpu.Usage(at.server.pid, *(s.pid for s in servers)) as used:
                told = list(pool.map(lambda s: load(s, seconds), servers))
        return sum(t["requests"] * events / t["seconds"] for t in told), used
    finally:
        for server in servers:
            server.stop(timeout=60)


def main(options):
    server = place.Server()
    try:
        at = place.Place(server)
        print(place.machine())
        print(f"{appends.CLIENTS} clients in all, {options.sessions} sessions, events of {place.EVENT_BYTES} B, "
              f"{options.seconds} s each, in turns; CPU seconds: PostgreSQL / servers / clients")
        sessions = at.make_sessions(options.sessions)
        rows, reached = [], True
        for events in options.events:
            ratios = []
            for _ in range(options.rounds):
                one, used = run(at, 1, sessions, events, options.seconds)
                rows.append((events, 1, f"{one:,.0f}", "", used))
                all_of_them, used = run(at, options.servers, sessions, events, options.seconds)
                rows.append((events, options.servers, f"{all_of_them:,.0f}", f"{all_of_them / one:.2f}", used))
                ratios.append(all_of_them / one)
            reached &= sorted(ratios)[len(ratios) // 2] >= AIM
        print(place.table(("events a request", "servers", "events/s", "of one", "CPU s"), rows))
        print(f"the aim, {AIM} of one server, is {'reached' if reached else 'missed'}")
        return 0 if reached else 1
    finally:
        server.close()
