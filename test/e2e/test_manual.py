# SPDX-License-Identifier: Apache-2.0
"""Completion and man pages, read by the shells and by man."""
import os
import shutil
import subprocess
import unittest

import harness


class Manual(harness.E2eTest):
    serve_options = None

    def complete(self, *words):
        """What bash offers for the last of these words."""
        script = ('source <("$0" completion bash); COMP_WORDS=(sandbase-events "$@"); COMP_CWORD=$#; '
                  '_sandbase_events 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, harness.BINARY, *words], env=self.store.environment(),
                              capture_output=True, text=True, timeout=20, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash_completes_commands_options_and_values(self):
        self.assertIn("sessions", self.complete("s"))
        self.assertEqual(self.complete("sessions", "de"), ["delete"])
        self.assertEqual(self.complete("sessions", "list", "--store.u"), ["--store.url"])
        self.assertEqual(self.complete("sessions", "list", "--order", ""), ["asc", "desc"])
        self.assertEqual(self.complete("tail", "sess_1", "--js"), ["--json"])
        self.assertEqual(self.complete("completion", "f"), ["fish"])
        self.assertEqual(self.complete("keys", "create", "--name", ""), [])
        here = os.path.dirname(os.path.abspath(__file__))
        self.assertEqual(self.complete("import", here + "/harn"), [here + "/harness.py"])

    def test_other_shells_can_read_their_scripts(self):
        for shell, check in (("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])):
            script = self.store.must("completion", shell, store=False)
            self.assertIn("sessions list", script)
            if shutil.which(shell):
                with self.subTest(shell):
                    path = os.path.join(self.store.directory, "script")
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(script)
                    done = subprocess.run([*check, path], capture_output=True, text=True, timeout=20, check=False)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_man_finds_no_fault_with_the_pages(self):
        for page in ("sandbase-events.1", "sandbase-events.toml.5"):
            with self.subTest(page):
                path = os.path.join(self.store.directory, page)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(self.store.must("man", page, store=False))
                env = {**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"}
                done = subprocess.run(["man", "--warnings", "-l", "-P", "cat", path], capture_output=True, text=True,
                                      timeout=20, check=False, env=env)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn("sandbase-events", done.stdout)


if __name__ == "__main__":
    harness.main()
