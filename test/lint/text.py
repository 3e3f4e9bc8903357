#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What clang-format leaves to people: comments are wrapped by hand and stand above what they are about, and a test's name
is a sentence.

Reads the names of the sources, one a line; prints what is wrong, one finding a line. Exit code 1 if there is any.

    git ls-files '*.cpp' '*.hpp' | test/lint/text.py
"""
import re
import sys

COLUMNS = 110
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


def main():
    wrong = False
    for path in sys.stdin.read().split():
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                for finding in findings(line):
                    wrong = True
                    print(f"{path}:{number}: {finding}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
