#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A cluster to try things on: PostgreSQL of its own and N nodes over it, until Ctrl-C. A node that ends is started
again, as a supervisor does: kill -9 one and look.

    SANDBASE_BIN=BINARY test/cluster.py [--ha] [N]

With --ha the database is two PostgreSQL under Patroni, one the synchronous standby of the other, and an etcd.
"""
import contextlib
import os
import signal
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "e2e"))

# pylint: disable=wrong-import-position
import binary  # noqa: E402
import nodes  # noqa: E402
import patroni  # noqa: E402
import postgres  # noqa: E402

SAMPLE = os.path.join(os.path.dirname(HERE), "config", "sample-session.jsonl")
SAMPLE_SESSION = "sess_01abc"
MOST_NODES = 16  # with the connections of each, what PostgreSQL is set up for here
LOOK = 0.5  # seconds between two looks at who has ended
STARTS_AGAIN_AFTER = 2.0  # seconds


def arguments(given):
    """Whether highly available, and how many nodes."""
    numbers = [word for word in given if word != "--ha"]
    if len(numbers) > 1 or not all(word.isdigit() and 1 <= int(word) <= MOST_NODES for word in numbers):
        sys.exit(f"usage: ./dev cluster [--ha] [N], with N from 1 to {MOST_NODES}")
    return "--ha" in given, int(numbers[0]) if numbers else 3


def describe(cluster, key_file, database):
    """To standard output: what to copy into another terminal."""
    for member in getattr(database, "members", []):
        print(f"# {member.name}: psql -h 127.0.0.1 -p {member.port} -U postgres events; "
              f"its Patroni is process {member.process.pid}")
    for number, node in enumerate(cluster, 1):
        print(f"# node {number}: process {node.pid}, {node.admin_url}/statusz")
        print(f'curl -N "{node.url}/v1/sessions/{SAMPLE_SESSION}/events/stream?follow=true" '
              f'-H "Authorization: Bearer $(cat {key_file})"')
    print("# an event, by the first node:")
    print(f"curl {cluster[0].url}/v1/sessions/{SAMPLE_SESSION}/events "
          f"-H \"Authorization: Bearer $(cat {key_file})\" -H 'Content-Type: application/json' "
          """-d '{"events": [{"type": "agent.message", "content": [{"type": "text", "text": "Hello"}]}]}'""",
          flush=True)


def keep_running(cluster, stop):
    """Until `stop`: who has ended is started again."""
    while not stop.wait(LOOK):
        for number, node in enumerate(cluster, 1):
            if not node.running():
                print(f"node {number} ended with {node.server.process.returncode}", file=sys.stderr, flush=True)
                if stop.wait(STARTS_AGAIN_AFTER):
                    return
                node.start(wait=False)


def run(is_ha, count, stop):
    store = binary.Store()
    database = None
    cluster = []
    try:
        print("starting PostgreSQL" + (", Patroni and etcd" if is_ha else ""), file=sys.stderr, flush=True)
        database = patroni.HighlyAvailable() if is_ha else postgres.PostgresServer()
        store.url = database.url(database.new_database())
        key_file = os.path.join(store.directory, "key")
        with open(key_file, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(store.key("runtime", "default", "cluster") + "\n")
        store.must("import", SAMPLE)
        for number in range(1, count + 1):
            if stop.is_set():
                return
            cluster.append(nodes.Node(store, echo=f"node {number} | ").start())
        describe(cluster, key_file, database)
        keep_running(cluster, stop)
    finally:
        print("stopping", file=sys.stderr, flush=True)
        for node in cluster:
            if node.running():
                node.server.terminate()
        for node in cluster:
            with contextlib.suppress(subprocess.TimeoutExpired):
                node.server.process.wait(2 * binary.STOP_TIMEOUT)
        store.close()
        if database:
            database.close()


def main():
    is_ha, count = arguments(sys.argv[1:])
    if not binary.BINARY:
        sys.exit("SANDBASE_BIN must name the binary")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    run(is_ha, count, stop)


if __name__ == "__main__":
    main()
