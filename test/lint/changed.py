#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The sources that were changed last, for checks that take too long to look at all of them: first what is not
committed, then commit by commit, back to where the branch left main; on main itself as far as it takes.

Prints at most COUNT paths, one a line. In a shallow clone the oldest commit that is there changed nothing, as far as
one can see.

    test/lint/changed.py COUNT PATTERN…     for one: test/lint/changed.py 15 '*.cpp' ':!test'
"""
import os
import subprocess
import sys


def git(*arguments):
    """The lines that git prints; none if it fails."""
    done = subprocess.run(["git", "-c", "safe.directory=*", "-c", "core.quotepath=off", *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


def commits():
    """Pairs of a commit and its first parent, the newest first."""
    head = git("rev-parse", "HEAD")
    base = git("merge-base", "HEAD", "main")
    span = [base[0] + "..HEAD"] if base and base != head else ["HEAD"]
    for line in git("log", "--first-parent", "--format=%H %P", *span):
        name, *parents = line.split()
        if parents:
            yield name, parents[0]


def changed(count, patterns):
    """At most `count` paths that are there, the one changed last first."""
    found = {}
    steps = [["HEAD"], *([parent, name] for name, parent in commits())]
    for step in steps:
        for path in git("diff", "--name-only", "--diff-filter=d", *step, "--", *patterns):
            if path not in found and os.path.isfile(path):
                found[path] = None
                if len(found) == count:
                    return list(found)
    return list(found)


def main():
    for path in changed(int(sys.argv[1]), sys.argv[2:]):
        print(path)


if __name__ == "__main__":
    main()
