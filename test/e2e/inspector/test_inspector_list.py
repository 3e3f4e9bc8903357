# SPDX-License-Identifier: Apache-2.0
"""Signing in, and the list of sessions: what it has, and that it follows."""
import time

import inspector  # first: it knows where the others are
import follow
import harness
import prefix


class SignIn(inspector.InspectorTest):
    def test_a_key_that_is_refused(self):
        self.visit()
        self.page.fill("#key", "sk-sb-00000000000000000000000000000000")
        self.page.click("button[type=submit]")
        self.wait_for_text("[role=alert]", "was refused")
        self.page.fill("#key", "two words")
        self.page.click("button[type=submit]")
        self.wait_for_text("[role=alert]", "no spaces")

    def test_the_key_is_of_the_tab_only_and_gone_with_signing_out(self):
        self.open("#/sessions")
        self.page.wait(".session-row")
        self.assertEqual(self.page.run("() => JSON.stringify(localStorage) + document.cookie"), "{}")
        self.page.reload()
        self.page.wait(".session-row")
        self.page.click("text=Sign out")
        self.page.wait("#key")
        self.assertEqual(self.page.run("() => sessionStorage.length"), 0)
        self.assertEqual(self.page.count(".session-row"), 0)

    def test_a_key_that_is_revoked_in_the_middle(self):
        """The page asks for another one, and goes on with it where it was."""
        key = self.store.key("client", name="to revoke")
        self.visit(f"#/sessions/{self.session}")
        self.sign_in(key)
        self.page.wait(".connection:has-text('Live')")
        follow.revoke(self.store, key)
        self.page.wait("#key")
        self.wait_for_text("[role=alert]", "refused")
        self.append(harness.agent_message("still here"))
        self.sign_in(self.keys["viewer"])
        self.wait_for_text(".row.event", "still here")


class Sessions(inspector.InspectorTest):
    def test_what_a_row_tells_and_that_it_follows(self):
        session = self.client.create(title="Where is order 1234?", agent="agent_support")
        self.open("#/sessions")
        row = f"a.session-row[href='#/sessions/{session}']"
        self.page.wait(row)
        for text in ("Where is order 1234?", "agent_support", session, "idle", "0"):
            self.assertIn(text, self.page.text(row))
        self.append({"type": "session.status_running"}, harness.agent_message(), session=session)
        self.wait_for_text(row, "running")
        self.wait_for_text(f"{row} .number", "2")
        self.append({"type": "agent.custom_tool_use", "name": "ask", "input": {}},
                    follow.idle("requires_action", event_ids=[]), session=session)
        self.wait_for_text(row, "waiting")
        later = self.client.create(title="A later one")
        self.page.wait(f"a[href='#/sessions/{later}']")
        first = self.page.run("() => document.querySelector('.sessions .row a').getAttribute('href')")
        self.assertEqual(first, f"#/sessions/{later}")
        harness.ok(self.client.http.delete(f"/v1/sessions/{later}"))
        self.page.gone(f"a[href='#/sessions/{later}']")
        self.assertNotIn("every few seconds", self.page.attribute(".connection", "title"))
        self.page.click(row)
        self.wait_for_text("h1", "Where is order 1234?")

    def test_filters_are_those_of_the_service_and_stand_in_the_address(self):
        ids = {name: self.client.create(agent=f"agent_{name}", title=f"title {name}")
               for name in ("running", "ended", "archived")}
        self.append({"type": "session.status_running"}, session=ids["running"])
        self.append(follow.TERMINATED, session=ids["ended"])
        harness.ok(self.client.post(f"/v1/sessions/{ids['archived']}/archive"))

        def shown():
            return [name for name in ids if self.page.count(f"a[href='#/sessions/{ids[name]}']")]

        self.open("#/sessions")
        self.page.wait(f"a[href='#/sessions/{ids['ended']}']")
        self.assertEqual(shown(), ["running", "ended"])
        for chip, expected in (("running", ["running"]), ("terminated", ["running", "ended"])):
            self.page.click(f".chip:text-is('{chip}')")
            self.page.wait(f"a[href='#/sessions/{ids[expected[-1]]}']")
            self.page.gone(f"a[href='#/sessions/{self.session}']")
            self.assertEqual(shown(), expected)
            self.page.wait(f".chip:text-is('{chip}'):focus")
        self.assertIn("status=running,terminated", self.page.run("() => decodeURIComponent(location.hash)"))
        self.page.goto(self.address("#/sessions?archived=true&agent=agent_archived"))
        self.page.wait(f"a[href='#/sessions/{ids['archived']}']")
        self.assertEqual(shown(), ["archived"])
        self.page.goto(self.address("#/sessions?from=2099-01-01T00:00"))
        self.wait_for_text(".empty", "No session matches the filters")

    def test_search_and_the_keyboard(self):
        session = self.client.create(title="The needle <b>bold</b>")
        self.open("#/sessions")
        self.page.wait(f"a[href='#/sessions/{session}']")
        self.page.press("/")
        self.page.type("NEEDLE")
        self.page.gone(f"a[href='#/sessions/{self.session}']")
        self.page.press("Enter")
        self.page.wait("a.session-row:focus")
        self.page.press("Enter")
        self.wait_for_text("h1", "The needle <b>bold</b>")
        self.page.press("u")
        self.page.wait(".session-row")
        self.page.press("/")
        self.page.type(session)
        self.page.press("Enter")
        self.wait_for_text("h1", "The needle")


class BelowAPath(inspector.InspectorTest):
    def test_all_addresses_are_relative(self):
        gateway = prefix.Gateway(self.server.port, "tools/agents")
        self.addCleanup(gateway.close)
        self.messages(2)
        self.page.goto(gateway.url(f"/inspector#/sessions/{self.session}"))
        self.page.run("() => sessionStorage.clear()")
        self.page.reload()
        self.sign_in(self.keys["client"])
        self.wait_for_text(".row.event", "number 1")
        self.append(harness.agent_message("and live"))
        self.wait_for_text(".row.event", "and live")
        self.page.press("u")
        self.page.wait(f"a[href='#/sessions/{self.session}']")
        loaded = self.page.run("() => performance.getEntriesByType('resource').map(({ name }) => name)")
        self.assertTrue(all(name.startswith(gateway.url("/")) for name in loaded), loaded)


class ManySessions(inspector.InspectorTest):
    def test_pages_come_while_one_scrolls(self):
        made = [self.client.create(title=f"number {i}") for i in range(230)]
        self.open("#/sessions")
        self.page.wait(f"a[href='#/sessions/{made[-1]}']")
        deadline = time.monotonic() + 60
        while not self.page.count(f"a[href='#/sessions/{made[0]}']"):
            self.assertLess(time.monotonic(), deadline, "the oldest session did not come")
            self.page.wheel(600, 400, 3000)
            self.page.frames(2)
        self.assertLess(self.page.count(".session-row"), 60)


if __name__ == "__main__":
    harness.main()
