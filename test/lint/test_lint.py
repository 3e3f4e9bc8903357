# SPDX-License-Identifier: Apache-2.0
"""Lint finds what it is there for, and only that."""
import contextlib
import os
import subprocess
import sys
import tempfile
import unittest

import includes
import text

HERE = os.path.dirname(os.path.abspath(__file__))


class Includes(unittest.TestCase):
    def wrong(self, **sources):
        """The findings for sources, each with the names that it includes. `a__b` is a/b; headers, unless they end in _cpp."""
        def path(name):
            return name[:-4].replace("__", "/") + ".cpp" if name.endswith("_cpp") else name.replace("__", "/") + ".hpp"
        return list(includes.findings({path(n): [path(t) for t in targets] for n, targets in sources.items()}))

    def test_what_points_down_is_good(self):
        self.assertEqual(self.wrong(events__a=[], http__wire__b=["events__a"], http__io__c=["http__wire__b", "events__a"],
                                    config__d=["http__io__c"], test__unit__e=["config__d"]), [])

    def test_what_points_up_is_found(self):
        for low, high in (("events__a", "actors__b"), ("http__wire__a", "http__io__b"), ("http__api__a", "http__server__b"),
                          ("actors__a", "http__wire__b"), ("config__a", "test__b"), ("persistence__sqlite__a", "actors__b")):
            found = self.wrong(**{low: [high], high: []})
            self.assertEqual(len(found), 1, found)
            self.assertIn("stands above", found[0])

    def test_a_folder_without_a_place_is_found(self):
        self.assertIn("no folder", self.wrong(http__other__a=[])[0])

    def test_a_circle_of_files_is_found(self):
        found = self.wrong(events__a=["events__b"], events__b=["events__c"], events__c=["events__a"], events__d=["events__a"])
        self.assertEqual(found, ["these include each other in a circle: events/a.hpp events/b.hpp events/c.hpp"])

    def test_a_circle_of_folders_is_found(self):
        found = self.wrong(config__one__a=["config__two__b"], config__two__b=[], config__two__c=["config__one__d"], config__one__d=[])
        self.assertEqual(len(found), 1, found)
        self.assertIn("config/one config/two", found[0])
        self.assertIn("config/two/c.hpp includes config/one/d.hpp", found[0])

    def test_sources_put_the_parts_of_their_folder_together(self):
        parts = {"persistence__port": [], "persistence__sqlite__store": ["persistence__port"]}
        self.assertEqual(self.wrong(**parts, persistence__open_cpp=["persistence__sqlite__store"]), [])
        self.assertEqual(len(self.wrong(**parts, persistence__open=["persistence__sqlite__store"])), 1)


class Text(unittest.TestCase):
    def wrong(self, line):
        return len(list(text.findings(line + "\n")))

    def test_comments(self):
        self.assertEqual(self.wrong("  // " + "x" * 105), 0)
        self.assertEqual(self.wrong("  // " + "x" * 106), 1)
        self.assertEqual(self.wrong("  // " + "\u2500" * 105), 0)  # columns, not bytes
        self.assertEqual(self.wrong('f("' + "x" * 200 + '");'), 0)
        self.assertEqual(self.wrong("int a;  ///< behind"), 1)
        self.assertEqual(self.wrong("  std::size_t left_ = 0;  // of the body"), 1)
        self.assertEqual(self.wrong("  std::vector<int> all_;  // of them"), 1)
        self.assertEqual(self.wrong("  return left_;  // of the body"), 0)
        self.assertEqual(self.wrong("  left_ = 0;  // a statement"), 0)
        self.assertEqual(self.wrong("/// above"), 0)

    def test_names_of_tests(self):
        self.assertEqual(self.wrong("CAF_TEST(words with spaces) {"), 0)
        self.assertEqual(self.wrong("CAF_TEST(what last_event_id means) {"), 0)
        self.assertEqual(self.wrong("CAF_TEST(word) {"), 0)
        self.assertEqual(self.wrong("CAF_TEST(words_without_spaces) {"), 1)


class Commands(unittest.TestCase):
    """The scripts as ./dev calls them: names on standard input, an exit code."""

    def run_on(self, script, **files):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            os.mkdir("events")
            names = []
            for name, content in files.items():
                names.append(f"events/{name}.hpp")
                with open(names[-1], "w", encoding="utf-8") as file:
                    file.write(content)
            done = subprocess.run([sys.executable, os.path.join(HERE, script)], input="\n".join(names), text=True,
                                  stdout=subprocess.PIPE, check=False)
            return done.returncode, done.stdout

    def test_includes(self):
        self.assertEqual(self.run_on("includes.py", a='#include "events/b.hpp"\n', b="#include <string>\n"), (0, ""))
        self.assertEqual(self.run_on("includes.py", a='#include "events/b.hpp"\n', b='#include "events/a.hpp"\n'),
                         (1, "these include each other in a circle: events/a.hpp events/b.hpp\n"))

    def test_text(self):
        self.assertEqual(self.run_on("text.py", a="int a;\n"), (0, ""))
        self.assertEqual(self.run_on("text.py", a="\nint a;  ///< behind\n"),
                         (1, "events/a.hpp:2: a comment behind a member: it stands above\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
