# SPDX-License-Identifier: Apache-2.0
"""docs/compatibility.md, held against the SDK's package and against the service."""
import json
import os
import re
import subprocess

import harness

PAGE = os.path.join(harness.HERE, "..", "..", "docs", "compatibility.md")
METHOD = r"`([a-zA-Z.]+\.(?:[a-zA-Z]+|\*))`"


def rows(section):
    """The table below a heading, as lists of cells."""
    with open(PAGE, encoding="utf-8") as page:
        part = re.search(rf"^### {section}\n(.*?)^##", page.read(), re.M | re.S).group(1)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines()
            if line.startswith("| `")]


def script(name):
    done = subprocess.run(["node", os.path.join(harness.HERE, "sdk", name)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return json.loads(done.stdout)


class Compatibility(harness.E2eTest):
    def setUp(self):
        self.session = self.client.create()

    def path(self, pattern):
        """The path with a session that is there, and something for other ids."""
        return pattern.replace("/sessions/{id}", f"/sessions/{self.session}").replace("{id}", "some_1")

    def test_every_method_is_named_once(self):
        named = [name for section in ("Served", "Not served") for row in rows(section)
                 for name in re.findall(METHOD, row[0])]
        self.assertEqual(len(named), len(set(named)), named)
        groups = tuple(name[:-1] for name in named if name.endswith(".*")) + ("webhooks.",)
        methods = script("methods.mjs")
        self.assertEqual({name for name in named if not name.endswith(".*")},
                         {name for name in methods if not name.startswith(groups)})
        for group in groups:
            self.assertTrue(any(name.startswith(group) for name in methods), group)

    def test_what_is_served_is_served(self):
        calls = [re.fullmatch(r"`([A-Z]+) (\S+)`", row[1]) for row in rows("Served")]
        calls = [match.groups() for match in calls if match]
        self.assertEqual(len(calls), 9)
        for method, pattern in calls:
            with self.subTest(method, path=pattern):
                self.session = self.client.create()
                answer = self.client.raw(method, self.path(pattern), {"content-type": "application/json"},
                                         b"{}" if method == "POST" else None)
                self.assertIn(answer.status_code, (200, 400), answer.text)  # 400: an empty object is not enough

    def test_what_is_not_served_is_not(self):
        patterns = [pattern for row in rows("Not served") for pattern in re.findall(r"`(/\S+)`", row[1])]
        self.assertGreater(len(patterns), 20)
        for pattern in patterns:
            for method in ("GET", "POST", "DELETE"):
                with self.subTest(method, path=pattern):
                    answer = self.runtime.raw(method, self.path(pattern), {"content-type": "application/json"},
                                              b"{}" if method == "POST" else None)
                    self.assert_error(answer, 404, "not_found")

    def test_what_the_sdk_does_at_the_ends_of_streams(self):
        self.assertEqual(script("stream_ends.mjs"), {"done": [1, "ended"], "ping": [1, "ended"],
                                                     "error": [1, "APIError"], "cut": [1, "TypeError"],
                                                     "none": [0, "AnthropicError"]})


if __name__ == "__main__":
    harness.main()
