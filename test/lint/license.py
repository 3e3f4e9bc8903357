#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every source names the license in its first lines: whoever meets a file alone knows what it may be used for.

Reads the names of files, one a line, and passes over those that are no sources: texts, data, files that have no
comments. Prints what is wrong, one finding a line. Exit code 1 if there is any.

    git ls-files | test/lint/license.py
"""
import os
import sys

LINE = "SPDX-License-Identifier: Apache-2.0"
FIRST_LINES = 3
ENDINGS = (".c", ".cc", ".cmake", ".cpp", ".h", ".hpp", ".ipp", ".js", ".mjs", ".py", ".sh", ".sql", ".ts")
NAMES = ("CMakeLists.txt", "Dockerfile", "Makefile")


def is_source(path, first):
    return path.endswith(ENDINGS) or os.path.basename(path) in NAMES or first.startswith("#!")


def findings(path, lines):
    """`lines` are the file's first ones."""
    if is_source(path, lines[0] if lines else "") and not any(line.rstrip().endswith(LINE) for line in lines):
        yield f"{path}: does not name its license; the first lines of a source have: {LINE}"


def main():
    wrong = False
    for path in sys.stdin.read().splitlines():
        if not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line for line, _ in zip(file, range(FIRST_LINES))]
        for finding in findings(path, lines):
            wrong = True
            print(finding)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
