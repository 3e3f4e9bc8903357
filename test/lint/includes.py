#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: layers and the folders in them point down only, and nothing goes in a circle.

Reads the names of the sources, one a line; prints what is wrong, one finding a line. Exit code 1 if there is any.

    git ls-files '*.cpp' '*.hpp' | test/lint/includes.py
"""
import os
import re
import sys

# From the bottom up; `folder/.` are the files of a folder without those of the folders in it. A file may include its
# own folder and what stands below it; a source also what stands in a folder within its own.
ORDER = ["events/base", "events/json", "events/ids", "events/event", "events/log", "events/session", "events",
         "persistence/.", "persistence/transfer", "persistence/sqlite/file", "persistence/sqlite/sql",
         "persistence/sqlite/tables", "persistence/sqlite/roles", "persistence",
         "actors/diagnostics", "actors/caf", "actors/bounds", "actors/log",
         "actors/actors.hpp", "actors/messages", "actors/placement", "actors/board", "actors/store", "actors/session",
         "actors/cluster", "actors/transfer", "actors/node", "actors",
         "http/wire", "http/io", "http/stream", "http/api", "http/inspector", "http/server", "config", "main.cpp"]
# May include everything, whatever their folders.
ABOVE_ALL = ("test", "bench", "cmake")
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)


def place(path):
    """Where a file stands in ORDER; None if it has no place there."""
    for index, name in enumerate(ORDER):
        if path == name or path.startswith(name + "/") or os.path.dirname(path) + "/." == name:
            return index
    return len(ORDER) if path.split("/")[0] in ABOVE_ALL else None


def upward(includes):
    """Includes that point up, and files without a place."""
    for path, targets in includes.items():
        here = place(path)
        if here is None:
            yield f"{path}: stands in no folder that test/lint/includes.py knows"
            continue
        for target in targets:
            there = place(target)
            puts_together = path.endswith(".cpp") and target.startswith(os.path.dirname(path) + "/")
            if there is not None and there > here and not puts_together:
                yield f"{path}: includes {target}, which stands above it"


def circles(edges):
    """The strongly connected parts of a graph that have more than one member (Tarjan, without recursion)."""
    index, low, on_stack, stack, found = {}, {}, set(), [], []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(edges.get(target, ()))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = []
                    while not part or part[-1] != node:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    if len(part) > 1:
                        found.append(sorted(part))
    return sorted(found)


def folder_edges(includes):
    """Folder → folders, each with the include that shows it. Left out is what a source, not a header, takes out of a
    folder within its own: that is where the parts of a folder are put together."""
    edges, shown = {}, {}
    for path, targets in includes.items():
        here = os.path.dirname(path)
        if here.split("/")[0] in ABOVE_ALL:
            continue
        edges.setdefault(here, set())
        for target in targets:
            there = os.path.dirname(target)
            puts_together = path.endswith(".cpp") and there.startswith(here + "/")
            if there != here and not puts_together:
                edges[here].add(there)
                shown.setdefault((here, there), f"{path} includes {target}")
    return edges, shown


def findings(includes):
    yield from upward(includes)
    for part in circles(includes):
        yield f"these include each other in a circle: {' '.join(part)}"
    edges, shown = folder_edges(includes)
    for part in circles(edges):
        links = sorted(text for (here, there), text in shown.items() if here in part and there in part)
        yield f"these folders include each other in a circle: {' '.join(part)}\n  " + "\n  ".join(links)


def read(paths):
    """Path → the sources among `paths` that it includes, as they are named from the top."""
    known = set(paths)
    includes = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            includes[path] = [t for t in INCLUDE.findall(file.read()) if t in known]
    return includes


def main():
    wrong = list(findings(read(sys.stdin.read().split())))
    for finding in wrong:
        print(finding)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
