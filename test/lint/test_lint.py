# SPDX-License-Identifier: Apache-2.0
"""Lint finds what it is there for, and only that."""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import changed
import commits
import includes
import license as licenses
import names
import shell
import text

HERE = os.path.dirname(os.path.abspath(__file__))


class Includes(unittest.TestCase):
    def wrong(self, **sources):
        """The findings for sources, each with the names that it includes. `a__b` is a/b; headers, unless they end in
        _cpp."""
        def path(name):
            return name[:-4].replace("__", "/") + ".cpp" if name.endswith("_cpp") else name.replace("__", "/") + ".hpp"
        return list(includes.findings({path(n): [path(t) for t in targets] for n, targets in sources.items()}))

    def test_what_points_down_is_good(self):
        self.assertEqual(self.wrong(events__a=[], http__wire__b=["events__a"],
                                    http__io__c=["http__wire__b", "events__a"], config__d=["http__io__c"],
                                    test__unit__e=["config__d"]), [])

    def test_what_points_up_is_found(self):
        for low, high in (("events__a", "actors__b"), ("http__wire__a", "http__io__b"),
                          ("http__api__a", "http__server__b"),
                          ("actors__a", "http__wire__b"), ("config__a", "test__b"),
                          ("persistence__sqlite__a", "actors__b")):
            found = self.wrong(**{low: [high], high: []})
            self.assertEqual(len(found), 1, found)
            self.assertIn("stands above", found[0])

    def test_a_folder_without_a_place_is_found(self):
        self.assertIn("no folder", self.wrong(http__other__a=[])[0])

    def test_a_circle_of_files_is_found(self):
        found = self.wrong(events__a=["events__b"], events__b=["events__c"], events__c=["events__a"],
                           events__d=["events__a"])
        self.assertEqual(found, ["these include each other in a circle: events/a.hpp events/b.hpp events/c.hpp"])

    def test_a_circle_of_folders_is_found(self):
        found = self.wrong(config__one__a=["config__two__b"], config__two__b=[], config__two__c=["config__one__d"],
                           config__one__d=[])
        self.assertEqual(len(found), 1, found)
        self.assertIn("config/one config/two", found[0])
        self.assertIn("config/two/c.hpp includes config/one/d.hpp", found[0])

    def test_sources_put_the_parts_of_their_folder_together(self):
        parts = {"persistence__port": [], "persistence__sqlite__store": ["persistence__port"]}
        self.assertEqual(self.wrong(**parts, persistence__open_cpp=["persistence__sqlite__store"]), [])
        found = self.wrong(**parts, persistence__open=["persistence__sqlite__store"])
        self.assertEqual([f.partition(":")[0] for f in found],
                         ["persistence/open.hpp", "these folders include each other in a circle"])


class Names(unittest.TestCase):
    def wrong(self, **lines):
        """The findings for sources of these lines within sandbase."""
        return list(names.findings({
            path: "\n".join(["namespace sandbase {", *inner, "}  // namespace sandbase", ""])
            for path, inner in lines.items()}))

    def test_two_types_of_one_name_are_found(self):
        self.assertEqual(self.wrong(a=["class wire final : public base {", "};"],
                                    b=["namespace {", "int n;", "}  // namespace", "struct wire {", "};"]),
                         ["sandbase::wire is defined by a and b: the linker takes them for one"])

    def test_names_of_nobody_else_and_of_other_namespaces_are_good(self):
        hidden = ["namespace {", "struct wire {", "};", "}  // namespace"]
        self.assertEqual(self.wrong(a=hidden, b=hidden,
                                    c=["namespace peer {", "struct wire {", "};", "}  // namespace peer"],
                                    d=["struct wire;", "class outer {", "  struct wire {", "  };", "};"],
                                    e=["enum class wire : std::uint8_t { a, b };"], f=["struct wire::part {", "};"]),
                         [])


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


    def test_lines_of_python(self):
        self.assertEqual(list(text.python_findings("x" * 120 + "\n")), [])
        self.assertEqual(list(text.python_findings("\u2500" * 120 + "\n")), [])
        self.assertEqual(len(list(text.python_findings("x" * 121 + "\n"))), 1)


class Licenses(unittest.TestCase):
    NAMED = "SPDX-License-Identifier: Apache-2.0\n"

    def wrong(self, path, *lines):
        return list(licenses.findings(path, lines))

    def test_sources_name_it(self):
        for path in ("a.cpp", "a/b.hpp", "a.py", "a.mjs", "cmake/a.cmake", "a/CMakeLists.txt"):
            self.assertEqual(self.wrong(path, f"// {self.NAMED}"), [])
            self.assertEqual(len(self.wrong(path, "// of the public domain\n")), 1, path)
            self.assertEqual(len(self.wrong(path)), 1, path)

    def test_another_license_is_none(self):
        self.assertEqual(len(self.wrong("a.py", "# SPDX-License-Identifier: MIT\n")), 1)

    def test_scripts_are_known_by_their_first_line(self):
        self.assertEqual(len(self.wrong("dev", "#!/usr/bin/env bash\n", "set -e\n")), 1)
        self.assertEqual(self.wrong("dev", "#!/usr/bin/env bash\n", f"# {self.NAMED}"), [])

    def test_what_is_no_source_need_not(self):
        self.assertEqual(self.wrong("README.md", "# A title\n"), [])
        self.assertEqual(self.wrong("data.jsonl"), [])


class Shell(unittest.TestCase):
    def test_what_is_a_script(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            for name, first, is_script in (("a", "#!/usr/bin/env bash\n", True), ("b", "#!/bin/sh\n", True),
                                           ("c", "#!/usr/bin/python3\n", False), ("d", "echo\n", False),
                                           ("e.sh", "echo\n", True), ("f.fish", "#!/usr/bin/fish\n", False)):
                with open(name, "w", encoding="utf-8") as file:
                    file.write(first)
                self.assertEqual(shell.is_script(name), is_script, name)
            self.assertFalse(shell.is_script("none.sh"))


class Repository(unittest.TestCase):
    """What is asked of git, in a repository of the test's own."""

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(contextlib.chdir(folder))
        self.git("init", "-q", "-b", "main", "origin")
        os.chdir("origin")

    def git(self, *arguments):
        who = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *who, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=True).stdout

    def commit(self, message, *paths):
        for path in paths:
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"{message}\n")
            self.git("add", path)
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def clone(self, *options):
        self.git("clone", "-q", *options, "file://" + os.getcwd(), "../clone")
        os.chdir("../clone")


class Commits(Repository):
    WHY = "a: what it does\n\nBecause it is needed."

    def test_what_is_a_reason(self):
        for body in ("Because it is needed.", "It was\ntold to nobody.", "One, two, three:\n- a list",
                     "Why? So that it holds!",
                     "Was at 0.1.0 before it came.\n\nSigned-off-by: A <a@example.com>"):
            self.assertTrue(commits.says_why(body), body)
        for body in ("", "\n\n", "Signed-off-by: A Person <a@example.com>", "Done.", "see below", "wip wip wip"):
            self.assertFalse(commits.says_why(body), body)

    def test_commits_since_the_start(self):
        self.commit("no body, before the start")
        start = self.commit("the start")
        self.commit(self.WHY)
        self.assertEqual(list(commits.findings(start)), [])
        self.commit("b: no reason")
        self.commit(self.WHY)
        found = list(commits.findings(start))
        self.assertEqual(len(found), 1, found)
        self.assertIn("b: no reason", found[0])

    def test_merges_too(self):
        start = self.commit("the start")
        self.git("checkout", "-q", "-b", "side")
        self.commit(self.WHY, "a.cpp")
        self.git("checkout", "-q", "main")
        self.commit(self.WHY, "b.cpp")
        self.git("merge", "-q", "--no-edit", "side")
        found = list(commits.findings(start))
        self.assertEqual(len(found), 1, found)
        self.assertIn("Merge branch", found[0])

    def test_a_shallow_clone(self):
        start = self.commit("the start")
        self.commit("no body, not in the clone")
        self.commit(self.WHY)
        self.clone("--depth", "1")
        self.assertEqual(list(commits.findings(start)), [])
        self.commit("no body")
        self.assertEqual(len(list(commits.findings(start))), 1)

    def test_a_history_without_the_start(self):
        self.commit("all of it at once")
        self.assertEqual(list(commits.findings("0" * 40)), [])


class Changed(Repository):
    def test_the_last_ones_first(self):
        self.commit("1", "old.cpp")
        self.commit("2", "older.cpp", "gone.cpp")
        self.commit("3", "text.md", "new.cpp")
        self.git("rm", "-q", "gone.cpp")
        self.commit("4", "newer.cpp")
        with open("old.cpp", "a", encoding="utf-8") as file:
            file.write("not committed\n")
        self.assertEqual(changed.changed(15, ["*.cpp"]), ["old.cpp", "newer.cpp", "new.cpp", "older.cpp"])
        self.assertEqual(changed.changed(2, ["*.cpp"]), ["old.cpp", "newer.cpp"])
        self.assertEqual(changed.changed(15, ["*.cpp", ":!new*"]), ["old.cpp", "older.cpp"])

    def test_a_branch_back_to_main(self):
        self.commit("1", "first.cpp")
        self.commit("2", "main.cpp")
        self.git("checkout", "-q", "-b", "side")
        self.commit("3", "side.cpp")
        self.assertEqual(changed.changed(15, ["*.cpp"]), ["side.cpp"])

    def test_clones(self):
        self.commit("1", "a.cpp", "b.cpp")
        self.commit("2", "a.cpp")
        self.clone("--depth", "1")
        self.assertEqual(changed.changed(15, ["*.cpp"]), [])
        self.git("fetch", "-q", "--unshallow")
        self.assertEqual(changed.changed(15, ["*.cpp"]), ["a.cpp"])


class Commands(unittest.TestCase):
    """The scripts as ./dev calls them: names on standard input, an exit code."""

    def run_on(self, script, ending=".hpp", **files):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            os.mkdir("events")
            names = []
            for name, content in files.items():
                names.append(f"events/{name}{ending}")
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
        self.assertEqual(self.run_on("text.py", ".py", a="#" * 121 + "\n"),
                         (1, "events/a.py:1: a line of 121 columns: wrap it at 120\n"))

    def test_license(self):
        self.assertEqual(self.run_on("license.py", a="// SPDX-License-Identifier: Apache-2.0\n"), (0, ""))
        code, said = self.run_on("license.py", a="int a;\n")
        self.assertEqual((code, said.partition(":")[0]), (1, "events/a.hpp"))

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shell(self):
        self.assertEqual(self.run_on("shell.py", ".sh", a='#!/bin/sh\necho "$1"\n'), (0, ""))
        code, said = self.run_on("shell.py", ".sh", a="#!/bin/sh\ncd $1\n")
        self.assertEqual(code, 1)
        self.assertIn("events/a.sh:2", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
