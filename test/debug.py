#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one test, or the simulation of one seed, under gdb: ./dev debug SEED|TEST [ARGUMENT…]

BUILD is a configured folder whose tests CTest knows; what the test needs is built first. A seed stops where a promise
is broken, a unit test where it crashes. An end-to-end test runs as it always does, but each server that it starts has a
gdb attached, which writes down where every thread was when it crashed.

    test/debug.py BUILD SEED|TEST [ARGUMENT…]
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GDB = ["gdb", "-quiet", "-ex", "set pagination off", "-ex", "set print thread-events off"]
WITHOUT_TERMINAL = ["-batch"]
EVERY_THREAD = "thread apply all backtrace"


def known_tests(build):
    """Name → what CTest knows of it."""
    told = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], stdout=subprocess.PIPE, check=True)
    return {test["name"]: test for test in json.loads(told.stdout)["tests"]}


def chosen(names, wanted):
    """The one test that is meant: by its name, or as the only one whose name has that in it."""
    alike = [name for name in names if wanted in name]
    if wanted in names or len(alike) == 1:
        return wanted if wanted in names else alike[0]
    sys.exit(f"./dev debug: {'no test is' if not alike else 'more than one test is'} called {wanted}"
             + "".join(f"\n  {name}" for name in alike))


def targets(name):
    """What has to be built for a test."""
    if name.startswith("e2e."):
        later = [f"sandbase-events-later-{steps}" for steps in (1, 2)] if "rolling_upgrade" in name else []
        return ["sandbase-events", "io_faults", "memory_faults", *later]
    if name.startswith("simulation."):
        return ["simulate"]
    layer = re.match(r"unit\.(\w+)\.", name)
    return ["unit_" + layer.group(1)] if layer else []


def build_targets(build, names):
    if names:
        subprocess.run(["cmake", "--build", build, "--target", *names], stdout=sys.stderr, check=True)


def without_time_limit(command):
    """A suite's limit of seconds would end the session; -r 0 is none."""
    command = list(command)
    if "-r" in command:
        command[command.index("-r") + 1] = "0"
    return command


def gdb_command(program, *set_up):
    """gdb on a program: waits for commands on a terminal, else runs it and shows where each thread was at its end."""
    steps = [part for step in set_up for part in ("-ex", step)]
    if sys.stdin.isatty() and sys.stdout.isatty():
        return [*GDB, *steps, "-ex", "run", "--args", *program]
    return [*GDB, *WITHOUT_TERMINAL, *steps, "-ex", "run", "-ex", EVERY_THREAD, "--args", *program]


def debug_seed(build, seed, arguments):
    build_targets(build, ["simulate"])
    program = [os.path.join(build, "test", "simulation", "simulate"), "--seed", seed, "--runs", "1", *arguments]
    # It forks, and has a watchdog.
    return gdb_command(program, "set follow-fork-mode child", "handle SIGALRM nostop noprint nopass",
                       "break sandbase::sim::context::fail"), os.environ


def debug_test(build, wanted, arguments):
    name = chosen(known_tests(build), wanted)
    build_targets(build, targets(name))
    test = known_tests(build)[name]
    command = [*without_time_limit(test["command"]), *arguments]
    environment = dict(os.environ)
    for item in next((p["value"] for p in test["properties"] if p["name"] == "ENVIRONMENT"), ()):
        key, _, value = item.partition("=")
        environment[key] = value
    if name.startswith("e2e."):
        logs = os.path.join(build, "debug", name)
        os.makedirs(logs, exist_ok=True)
        environment.update(DEBUG_BINARY=environment["SANDBASE_BIN"], DEBUG_LOGS=logs,
                           SANDBASE_BIN=os.path.join(HERE, "e2e", "under_gdb.py"))
        print(f"what gdb sees of each server: {logs}", file=sys.stderr)
        return command, environment
    if os.path.basename(command[0]).startswith("unit_"):
        return gdb_command(command), environment
    return command, environment


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: ./dev debug SEED|TEST [ARGUMENT…]")
    build, wanted, *arguments = sys.argv[1:]
    debug = debug_seed if wanted.isdigit() else debug_test
    command, environment = debug(os.path.abspath(build), wanted, arguments)
    sys.stderr.flush()
    os.execvpe(command[0], command, environment)


if __name__ == "__main__":
    main()
