#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What no formatter does here: comments of C++ are wrapped by hand and stand above what they are about, a test's name
is a sentence, and lines of Python have an end.

Reads the names of the sources, one a line; prints what is wrong, one finding a line. Exit code 1 if there is any.

    git ls-files '*.cpp' '*.hpp' '*.py' | test/lint/text.py
"""
import re
import sys

COLUMNS = 110
PYTHON_COLUMNS = 120
MEMBER = re.compile(r"^\s+(?!return )\w[\w:<>,&* ]*[ &*]\w+_( = [^;]*|\{[^;]*\})?;\s+//")
NAME = re.compile(r"\bCAF_TEST(?:_DISABLED)?\((.*?)\)")


def findings(line):
    code = line.rstrip("\n")
    if code.lstrip().startswith("//") and len(code) > COLUMNS:
        yield f"a comment of {len(code)} columns: wrap it at {COLUMNS}"
    if "///<" in code or MEMBER.match(code):
        yield "a comment behind a member: it stands above"
    for name in NAME.findall(code):
        if re.fullmatch(r"\w*[a-z]_\w+", name):
            yield f"a test called {name}: its name is words with spaces"


def python_findings(line):
    columns = len(line.rstrip("\n"))
    if columns > PYTHON_COLUMNS:
        yield f"a line of {columns} columns: wrap it at {PYTHON_COLUMNS}"


def main():
    wrong = False
    for path in sys.stdin.read().split():
        check = python_findings if path.endswith(".py") else findings
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                for finding in check(line):
                    wrong = True
                    print(f"{path}:{number}: {finding}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
