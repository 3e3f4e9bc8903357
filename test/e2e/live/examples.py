# SPDX-License-Identifier: Apache-2.0
"""The examples of the pages in docs/, as they stand there."""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", "..", ".."))
PAGES = [os.path.join(ROOT, "docs", name) for name in sorted(os.listdir(os.path.join(ROOT, "docs")))
         if name.endswith(".md")]


def text(path):
    with open(path, encoding="utf-8") as page:
        return page.read()


def examples():
    """Name to text: each block behind a comment `<!-- example: NAME -->`."""
    found = {}
    for page in PAGES:
        for name, example in re.findall(r"^<!-- example: (\S+) -->\n```\w+\n(.*?)^```$", text(page), re.M | re.S):
            if name in found:
                raise AssertionError(f"two examples are called {name}")
            found[name] = example
    return found


def example(name):
    return examples()[name]
