# SPDX-License-Identifier: Apache-2.0
"""Processor time of processes, out of /proc."""
import os
import resource
import time

TICK = os.sysconf("SC_CLK_TCK")


def _fields(pid):
    """What stands in /proc/PID/stat behind the name: the state is 0, the parent 1."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        return stat.read().rsplit(")", 1)[1].split()


def of_process(pid):
    """Seconds of all its threads."""
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / TICK


def _family(pid):
    """pid → ticks, of a process and its children; what it has waited for is its own."""
    ticks = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = _fields(name)
        except OSError:
            continue
        if int(name) == pid or int(fields[1]) == pid:
            ticks[int(name)] = sum(int(fields[i]) for i in range(11, 15))
    return ticks


def of_family(pid):
    """Seconds of a process and its children, those that are gone and waited for among them: a PostgreSQL server."""
    before = _family(pid)
    while True:  # until no child went while they were counted: it would be in nobody's
        time.sleep(0.02)
        ticks = _family(pid)
        if ticks.keys() == before.keys():
            return sum(ticks.values()) / TICK
        before = ticks


class Usage:
    """Wall and processor seconds of a piece of work: `with Usage(postgres, server) as used`. Clients are the
    processes that this one starts meanwhile and waits for."""

    def __init__(self, postmaster, *servers):
        self.postmaster, self.servers = postmaster, [pid for pid in servers if pid]

    def _now(self):
        now = time.monotonic()
        clients = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (now, of_family(self.postmaster), sum(map(of_process, self.servers)),
                clients.ru_utime + clients.ru_stime)

    def __enter__(self):
        self._before = self._now()
        return self

    def __exit__(self, *_):
        self.seconds, self.postgres, self.service, self.clients = (
            now - before for now, before in zip(self._now(), self._before))

    def __str__(self):
        return f"{self.postgres:.1f} / {self.service:.1f} / {self.clients:.1f}"
