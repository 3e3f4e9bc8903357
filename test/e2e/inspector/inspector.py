# SPDX-License-Identifier: Apache-2.0
"""The inspector in a browser, beside the API that the tests change the world with."""
import itertools
import json
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "live"))

import follow  # noqa: E402
import harness  # noqa: E402,F401
import scripts  # noqa: E402

ANSWER_TIMEOUT = 120.0


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


class PageTest:
    """One page for a class; it must have complained about nothing when a test ends. Beside a FollowTest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = Page()
        cls.addClassCleanup(cls.page.close)

    def setUp(self):
        super().setUp()
        complaints = len(self.page.failures())
        self.addCleanup(lambda: self.assertEqual(self.page.failures()[complaints:], []))

    def address(self, place=""):
        return f"{self.server.url}/inspector{place}"

    def visit(self, place=""):
        """The page anew, signed out."""
        self.page.goto(self.address(place))
        self.page.run("() => sessionStorage.clear()")
        self.page.reload()

    def open(self, place="", role="runtime"):
        """Signed in with a key of the role, at a place such as `#/sessions`."""
        self.visit(place)
        self.sign_in(self.keys[role])

    def sign_in(self, key):
        self.page.fill("#key", key)
        self.page.click("button[type=submit]")
        self.page.gone("#key")

    def open_session(self, session=None, event="", role="runtime"):
        """The timeline of a session; waits until it has an event."""
        self.open(f"#/sessions/{session or self.session}" + (f"/events/{event}" if event else ""), role)
        self.page.wait(".connection:has-text('Live')")

    def wait_for_text(self, selector, text):
        self.page.wait(f"{selector}:has-text({json.dumps(text, ensure_ascii=False)})")

    def rows(self):
        """The kinds of the rows that are in the document, from above, as the class names that tell them."""
        return self.page.run("() => [...document.querySelectorAll('.timeline .row')].map((r) => r.className)")


class InspectorTest(PageTest, follow.FollowTest):
    """One server for a class, and a session for each test."""


class InspectorRestartTest(PageTest, follow.RestartTest):
    """A server of its own for each test, which may be stopped and started again."""
