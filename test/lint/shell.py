#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs shellcheck on the shell scripts among the files whose names come in, one a line. Exit code 1 if it finds
something.

    git ls-files | test/lint/shell.py
"""
import os
import re
import subprocess
import sys

SHEBANG = re.compile(r"#!.*\b(?:ba|da|k)?sh\b")


def is_script(path):
    if not os.path.isfile(path):
        return False
    if path.endswith((".sh", ".bash")):
        return True
    with open(path, encoding="utf-8", errors="replace") as file:
        return SHEBANG.match(file.readline()) is not None


def main():
    scripts = [path for path in sys.stdin.read().splitlines() if is_script(path)]
    if not scripts:
        return 0
    return subprocess.run(["shellcheck", "--format=gcc", "--external-sources", *scripts], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
