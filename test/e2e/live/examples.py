"""The examples of docs/streaming.md, as they stand there."""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.normpath(os.path.join(HERE, "..", "..", "..", "docs", "streaming.md"))


def examples():
    """Name to text: each block behind a comment `<!-- example: NAME -->`."""
    with open(PAGE, encoding="utf-8") as page:
        return dict(re.findall(r"^<!-- example: (\S+) -->\n```\w+\n(.*?)^```$", page.read(), re.M | re.S))


def example(name):
    return examples()[name]
