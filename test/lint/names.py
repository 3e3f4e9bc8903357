#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No two types of one program have the same name: the compiler sees one of them at a time, and the linker takes the
functions of either for both (C++20, [basic.def.odr]).

Reads the names of sources, one a line; prints what is wrong, one finding a line. Exit code 1 if there is any. Tests
and benchmarks are programs of their own, and their types stand in namespaces of their own: they are passed over.

    git ls-files '*.cpp' '*.hpp' | test/lint/names.py
"""
import re
import sys

APART = ("test/", "bench/")
# As clang-format leaves them: what a namespace holds is not indented.
OPENS = re.compile(r"^(?:inline )?namespace ?([\w:]*) \{(?! *\})")
CLOSES = re.compile(r"^\}  // namespace")
DEFINES = re.compile(r"^(?:class|struct|union|enum class|enum) (\w+)(?: final)?(?: ?:(?!:)[^;]*| \{.*)$")
NOBODY_ELSES = ""


def types_in(text):
    """The full names of the types that a source defines for others to see."""
    around = []
    for line in text.splitlines():
        if found := OPENS.match(line):
            around.append(found[1] or NOBODY_ELSES)
        elif CLOSES.match(line) and around:
            around.pop()
        elif (found := DEFINES.match(line)) and NOBODY_ELSES not in around:
            yield "::".join([*around, found[1]])


def findings(sources):
    """`sources`: path → text."""
    places = {}
    for path, text in sources.items():
        for name in types_in(text):
            places.setdefault(name, []).append(path)
    for name, paths in sorted(places.items()):
        if len(paths) > 1:
            yield f"{name} is defined by {' and '.join(paths)}: the linker takes them for one"


def main():
    sources = {}
    for path in sys.stdin.read().splitlines():
        if path.startswith(APART):
            continue
        with open(path, encoding="utf-8") as file:
            sources[path] = file.read()
    found = list(findings(sources))
    print(*found, sep="\n", end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
