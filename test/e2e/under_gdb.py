#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Stands in for the binary under test (SANDBASE_BIN) in ./dev debug: the same process, but a gdb is attached to
`serve`.

What gdb sees goes to a file a process in DEBUG_LOGS: where every thread was when the server crashed or stopped on
SIGUSR1. The binary itself is DEBUG_BINARY.
"""
import ctypes
import os
import subprocess
import sys

PR_SET_PTRACER = 0x59616d61  # Where the kernel lets nobody but an ancestor attach (Yama): this process lets anybody.
EVERY_THREAD = "thread apply all backtrace"


def attach(pid, log):
    steps = ["set pagination off", "set print thread-events off", "handle SIGTERM SIGINT SIGPIPE nostop noprint pass",
             "handle SIGUSR1 stop print nopass",
             # As often as somebody asks where it is; a crash is passed on, and ends it.
             "python\nimport gdb\ngdb.execute('continue')\nwhile gdb.selected_inferior().pid:\n"
             f"  gdb.execute('{EVERY_THREAD}')\n  gdb.execute('continue')"]
    with open(log, "w", encoding="utf-8") as output:
        subprocess.Popen(["gdb", "-quiet", "-batch", *(part for step in steps for part in ("-ex", step)), "-p",
                          str(pid)],
                         stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)


def main():
    binary = os.environ["DEBUG_BINARY"]
    if sys.argv[1:2] == ["serve"]:
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
        attach(os.getpid(), os.path.join(os.environ["DEBUG_LOGS"], f"{os.getpid()}.log"))
    os.execv(binary, [binary, *sys.argv[1:]])


if __name__ == "__main__":
    main()
