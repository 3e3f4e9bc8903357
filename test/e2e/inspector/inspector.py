# SPDX-License-Identifier: Apache-2.0
"""The inspector in a browser, beside the API that the tests change the world with."""
import itertools
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "live"))

import follow  # noqa: E402
import harness  # noqa: E402,F401
import scripts  # noqa: E402

ANSWER_TIMEOUT = 60.0


class Page:
    """A page in Chromium. Every call of browser.mjs is a method here; one that fails raises what the browser said."""

    def __init__(self):
        if not os.path.isdir(os.path.join(HERE, "node_modules", "playwright-core")):
            raise AssertionError(f"playwright-core is not installed: run `npm ci` in {HERE}")
        self.directory = tempfile.mkdtemp(prefix="sandbase-chromium-")
        self.program = scripts.Program("node", os.path.join(HERE, "browser.mjs"), self.directory,
                                       env={"HOME": self.directory}, cwd=HERE)
        self.numbers = itertools.count(1)
        self.program.wait_for(lambda: {"ready": True} in self.program.said(), 60, "Chromium")

    def __getattr__(self, call):
        def ask(*args):
            number = next(self.numbers)
            self.program.tell(id=number, call=call, args=args)
            answer = self.program.wait_for(lambda: [line for line in self.program.said() if line.get("id") == number],
                                           ANSWER_TIMEOUT, f"{call}{args}")[0]
            if "error" in answer:
                raise AssertionError(f"{call}{args}: {answer['error']}\n{self.failures()}")
            return answer["result"]
        return ask

    def failures(self):
        """Exceptions, console errors, dialogs and broken policies of the page so far."""
        return [line["failed"] for line in self.program.said() if "failed" in line]

    def close(self):
        self.program.hang_up()
        shutil.rmtree(self.directory, ignore_errors=True)


class InspectorTest(follow.RestartTest):
    """A server, a session and a page for each test. The page must have complained about nothing when it ends."""

    def setUp(self):
        super().setUp()
        self.page = Page()
        self.addCleanup(self.page.close)
        self.addCleanup(self.assert_no_failures)

    def assert_no_failures(self):
        self.assertEqual(self.page.failures(), [])

    def address(self, place=""):
        return f"{self.server.url}/inspector{place}"

    def open(self, place="", role="runtime"):
        """Signed in with a key of the role, at a place such as `#/sessions`."""
        self.page.goto(self.address(place))
        self.sign_in(self.keys[role])

    def sign_in(self, key):
        self.page.fill("#key", key)
        self.page.click("text=Sign in")
        self.page.gone("#key")

    def open_session(self, session=None, event="", role="runtime"):
        self.open(f"#/sessions/{session or self.session}" + (f"/events/{event}" if event else ""), role)

    def wait_for_text(self, selector, text):
        self.page.wait(f"{selector}:has-text({scripts.json.dumps(text)})")
