#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every commit says why: beside its subject it has a body of at least one sentence.

Looks at the commits that HEAD has and START has not; in a shallow clone at those that are there. Prints what is wrong,
one finding a line. Exit code 1 if there is any.

    test/lint/commits.py
"""
import re
import subprocess
import sys

# The last commit without a body.
START = "ec544b157c79524930df9f6301b5ddf0520238d7"
TRAILER = re.compile(r"^[A-Z][A-Za-z-]+: \S.*$|^\(cherry picked from commit \w+\)$")
# Some words, the last of which ends a sentence.
SENTENCE = re.compile(r"\w+(?:[^\w.!?]+[\w.]+){2,}[^.!?]*[.!?:](?:\s|$|\W)")


def says_why(body):
    lines = [line for line in body.splitlines() if not TRAILER.match(line)]
    return SENTENCE.search("\n".join(lines)) is not None


def git(*arguments):
    done = subprocess.run(["git", "-c", "safe.directory=*", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL,
                          text=True, errors="replace", check=False)
    return done.stdout if done.returncode == 0 else None


def commits(start):
    """Pairs of (name and subject, body), the newest first."""
    if git("cat-file", "-e", start + "^{commit}") is not None:
        span = [start + "..HEAD"]
    elif (git("rev-parse", "--is-shallow-repository") or "").strip() == "true":
        span = ["HEAD"]
    else:
        return  # A history that was begun anew: what it was told of is not there.
    for record in (git("log", "--format=%h %s%x00%b%x01", *span) or "").split("\x01"):
        name, found, body = record.strip("\n").partition("\x00")
        if found:
            yield name, body


def findings(start=START):
    for name, body in commits(start):
        if not says_why(body):
            yield f"commit {name}: no body that says why, in a sentence at least"


def main():
    wrong = list(findings())
    for finding in wrong:
        print(finding)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
