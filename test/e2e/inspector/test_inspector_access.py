# SPDX-License-Identifier: Apache-2.0
"""For everybody: no finding of axe-core in any view or theme, narrow screens, and a way without a mouse."""
import inspector  # first: it knows where the others are
import follow
import harness


class Access(inspector.InspectorTest):
    def setUp(self):
        super().setUp()
        use, *_ = self.append(
            harness.user_message("Tidy up, please"), {"type": "session.status_running"},
            {"type": "agent.tool_use", "name": "bash", "input": {"command": "ls"}})[2:]
        self.ids = self.append(
            {"type": "agent.tool_result", "tool_use_id": use, "is_error": True, "content": "no such file"},
            {"type": "session.error", "error": {"type": "unknown_error", "message": "It broke"}},
            {"type": "acme.step", "n": 1}, harness.agent_message("A long one. " * 100),
            {"type": "agent.tool_use", "name": "rm", "input": {"path": "/"}, "evaluated_permission": "ask"},
            {"type": "agent.custom_tool_use", "name": "ask", "input": {}},
            follow.idle("requires_action", event_ids=[]))
        self.addCleanup(self.page.media, {"colorScheme": "light"})
        self.addCleanup(self.page.size, 1280, 800)

    def check(self, what):
        for scheme in ("light", "dark"):
            self.page.media({"colorScheme": scheme})
            with self.subTest(what, scheme=scheme):
                self.assertEqual(self.page.axe(), [])

    def test_no_findings(self):
        self.visit()
        self.page.wait("#key")
        self.check("signing in")
        self.page.fill("#key", "sk-sb-wrong")
        self.page.click("button[type=submit]")
        self.page.wait("[role=alert]:has-text('refused')")
        self.check("a refused key")
        self.open("#/sessions")
        self.page.wait(".session-row")
        self.check("sessions")
        self.page.goto(self.address("#/sessions?status=terminated"))
        self.page.wait(".empty button")
        self.check("no sessions")
        self.open_session()
        self.page.wait(".card")
        self.check("a session")
        self.page.press("G")
        self.page.press("k")
        self.page.press("Enter")
        self.page.wait(".details")
        self.page.click(".details summary")
        self.check("details")
        self.page.click(".types summary")
        self.page.wait(".types .menu")
        self.check("types")
        self.page.press("Escape")
        self.page.press("?")
        self.page.wait("dialog[open]")
        self.check("keys")

    def test_narrow_screens(self):
        self.page.size(360, 640)
        self.open("#/sessions")
        self.page.wait(".session-row")
        self.assert_nothing_is_wider()
        self.check("sessions, narrow")
        self.page.click(f"a[href='#/sessions/{self.session}']")
        self.page.wait(".row.event")
        self.assert_nothing_is_wider()
        self.check("a session, narrow")
        self.page.press("G")
        self.page.press("k")
        self.page.press("Enter")
        self.page.wait(".details")
        self.assert_nothing_is_wider()
        self.page.click(".details button[aria-label='Close details']")
        self.page.gone(".details")

    def assert_nothing_is_wider(self):
        self.assertEqual(self.page.run("() => [document.documentElement.scrollWidth, document.body.scrollWidth]"),
                         [360, 360])

    def test_the_theme_can_be_switched_and_is_kept(self):
        self.open("#/sessions")
        self.page.wait(".session-row")
        colour = "() => getComputedStyle(document.body).backgroundColor"
        light = self.page.run(colour)
        self.page.press("t")
        self.page.press("t")
        self.wait_for_text(".toast", "dark")
        dark = self.page.run(colour)
        self.assertNotEqual(light, dark)
        self.page.reload()
        self.page.wait(".session-row")
        self.assertEqual(self.page.run(colour), dark)
        self.page.run("() => localStorage.clear()")

    def test_the_focus_follows_the_selection(self):
        self.open_session()
        self.page.press("g")
        self.page.press("j")
        self.page.wait(".row.is-selected a.at:focus")
        self.assertEqual(self.page.attribute(".row.is-selected a.at", "aria-current"), "true")
        self.page.press("Enter")
        self.page.wait(".details")
        self.page.press("Escape")
        self.page.wait(".row.is-selected a.at:focus")


if __name__ == "__main__":
    harness.main()
