# SPDX-License-Identifier: Apache-2.0
"""The project's pages agree with it: one version, links that lead somewhere."""
import os
import re
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def tracked(*patterns):
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--", *patterns], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return [path for path in listed.stdout.split("\0") if path and os.path.isfile(os.path.join(ROOT, path))]


def anchors(text):
    """The names of a page's headings, as the forges make them."""
    titles = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


class Version(unittest.TestCase):
    VERSION = re.search(r"^project\(sandbase-events VERSION (\d+\.\d+\.\d+) ", read("CMakeLists.txt"), re.M).group(1)

    def test_the_changelog_begins_with_it(self):
        versions = re.findall(r"^## \[(.+?)\]", read("CHANGELOG.md"), re.M)
        self.assertEqual(next(v for v in versions if v != "Unreleased"), self.VERSION)

    def test_it_stands_nowhere_else(self):
        word = re.compile(rf"(?<![\w.]){re.escape(self.VERSION)}(?!\.?\w)")
        elsewhere = [path for path in tracked("*.cpp", "*.hpp", "*.cmake", "*.toml", "*.json", "dev", "docs/*.md",
                                              "*.md")
                     if not path.endswith("package-lock.json") and word.search(read(path))]
        self.assertEqual(elsewhere, ["CHANGELOG.md"] if tracked("CHANGELOG.md") else [])


class Links(unittest.TestCase):
    def test_they_lead_somewhere(self):
        pages = {path: read(path) for path in tracked("*.md")}
        broken = []
        for path, text in pages.items():
            for link in LINK.findall(FENCE.sub("", text)):
                if re.match(r"[a-z]+:", link):
                    continue
                target, _, anchor = link.partition("#")
                target = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
                if not os.path.exists(os.path.join(ROOT, target)):
                    broken.append(f"{path}: {link}")
                elif anchor and anchor not in anchors(pages.get(target, "")):
                    broken.append(f"{path}: {link}, no such heading")
        self.assertEqual(broken, [])

    def test_the_readme_names_the_pages(self):
        named = set(LINK.findall(read("README.md")))
        pages = {path for path in tracked("docs/*.md", "*.md") if "/" not in path or path.count("/") == 1
                 and path[:5] == "docs/"}
        self.assertEqual({*pages, "LICENSE"} - named - {"README.md"}, set())


class Schema(unittest.TestCase):
    """The page on the format lists every table with every column."""

    def tables(self):
        """As the migrations leave them."""
        made = {}
        source = read("persistence/sqlite/tables/schema.cpp")
        statement = re.compile(r"^CREATE TABLE (\w+)\((.*?)\)(?: WITHOUT ROWID)?;|^DROP TABLE (\w+);"
                               r"|^ALTER TABLE (\w+) (ADD|DROP) COLUMN (\w+)", re.M | re.S)
        for created, body, dropped, altered, how, column in statement.findall(source):
            if created:
                made[created] = re.findall(r"^  ([a-z_]\w*) ", body, re.M)
            elif dropped:
                made.pop(dropped, None)  # or what was renamed before
            elif how == "ADD":
                made[altered].append(column)
            else:
                made[altered].remove(column)
        return {name: set(columns) for name, columns in made.items()}

    def test_tables(self):
        part = read("docs/architecture.md").partition("| table | columns |")[2].partition("\n\n")[0]
        told = {row[1].strip(" `"): set(re.findall(r"`(\w+)`", row[2]))
                for row in (line.split("|") for line in part.splitlines()[2:])}
        self.assertEqual(told, self.tables())


if __name__ == "__main__":
    unittest.main(verbosity=2)
