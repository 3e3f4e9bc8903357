#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the service on PostgreSQL, beside what that does by itself. docs/benchmarks.md says how to read it.

    main.py appends|cluster|replay|plans|flat [OPTION…]

Environment: SANDBASE_BIN, the service; TMPDIR, a folder on the disk to measure. Exit code 1: an aim is missed.
"""
import argparse
import os
import signal
import sys

COMMANDS = {"appends": "appends beside pgbench with the same statement",
            "cluster": "appends through three linked servers beside one",
            "replay": "replays beside a plain reader of the same segments",
            "plans": "the plans of all statements against a large store",
            "flat": "sizes of the tables under a long load"}


def numbers(text):
    return [int(part) for part in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench postgres", description="Measures the service on PostgreSQL.")
    commands = parser.add_subparsers(dest="command", required=True)
    made = {name: commands.add_parser(name, help=text) for name, text in COMMANDS.items()}
    for name in ("appends", "cluster", "replay"):
        made[name].add_argument("--seconds", type=int, default=10, help="for each measurement")
        made[name].add_argument("--rounds", type=int, default=3)
    made["appends"].add_argument("--sessions", type=numbers, default=[64, 1000], metavar="N,…")
    made["appends"].add_argument("--events", type=numbers, default=[1, 100], metavar="N,…", help="in a request")
    made["cluster"].add_argument("--sessions", type=int, default=1000)
    made["cluster"].add_argument("--servers", type=int, default=3)
    made["cluster"].add_argument("--events", type=numbers, default=[1, 100], metavar="N,…", help="in a request")
    made["replay"].add_argument("--sessions", type=int, default=400)
    made["replay"].add_argument("--readers", type=int, default=2, help="connections to the database")
    made["replay"].add_argument("--binaries", default=os.environ.get("SANDBASE_BENCH_DIR", "build/bench/bench"))
    made["plans"].add_argument("--sessions", type=int, default=20_000)
    made["plans"].add_argument("--events", type=int, default=1_000_000)
    made["flat"].add_argument("--minutes", type=float, default=15)
    made["flat"].add_argument("--sessions", type=int, default=1000)
    made["flat"].add_argument("--events", type=int, default=10, help="in a request")
    return parser.parse_args()


def main():
    options = parse()
    if not os.environ.get("SANDBASE_BIN"):
        sys.exit("SANDBASE_BIN must name the service")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of all that cleans up
    return __import__(options.command).main(options)


if __name__ == "__main__":
    sys.exit(main())
