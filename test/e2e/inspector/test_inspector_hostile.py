# SPDX-License-Identifier: Apache-2.0
"""Events whose author means harm: everything that comes out of one is shown as text, and nothing of it runs."""

import inspector  # first: it knows where the others are
import harness

HARM = ['<script>window.harmed = 1</script>', '<img src=x onerror="window.harmed = 1">',
        'javascript:window.harmed=1', '"><svg onload=window.harmed=1>', "${window.harmed=1}{{constructor}}",
        '</pre></textarea><iframe src="javascript:parent.harmed=1"></iframe>']


def events(harm):
    text = [{"type": "text", "text": harm}]
    source = {"type": "base64", "media_type": harm, "data": harm}
    return [
        {"type": "user.message", "content": text},
        {"type": "session.status_running"},
        {"type": "agent.message", "content": [*text, {"type": "image", "source": source},
                                              {"type": harm, "text": harm},
                                              {"type": "image", "source": {"type": "url", "url": harm}},
                                              {"type": "document", "title": harm, "source": source},
                                              {"type": "search_result", "title": harm, "source": harm,
                                               "content": text}]},
        {"type": "agent.message", "content": [{"type": "image", "source": {
            "type": "base64", "media_type": "image/svg+xml", "data": "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+"}}]},
        {"type": "agent.tool_use", "name": harm, "input": {harm: harm}, "evaluated_permission": "ask"},
        {"type": "agent.custom_tool_use", "name": harm, "input": {"text": harm}},
        {"type": "agent.mcp_tool_use", "name": harm, "mcp_server_name": harm, "input": harm},
        {"type": "session.error", "error": {"type": harm, "message": harm, "retry_status": {"type": harm}}},
        {"type": "acme.harm", "content": harm, harm: harm, "constructor": harm, "__proto__": {"harmed": harm}},
        {"type": "session.usage", "usage": {"list_cost": {"amount": harm, "currency": harm}, "input_tokens": harm}},
        {"type": "session.thread_created", "agent_name": harm, "session_thread_id": "thrd_1"},
        {"type": "session.status_idle", "stop_reason": {"type": "requires_action", "event_ids": [harm]},
         "stop_details": {"type": "refusal", "category": harm, "explanation": harm}},
    ]


class Hostile(inspector.InspectorTest):
    def test_nothing_of_an_event_runs(self):
        """The page's own failures (of the content policy too) and dialogs fail the test as they fail every one."""
        for harm in HARM:
            with self.subTest(harm):
                session = self.client.create(title=harm, agent=harm, metadata={"x": harm})
                ids = []
                for event in events(harm):
                    answer = self.runtime.send(session, [event])
                    self.assertEqual(answer.status_code, 200, (event, answer.text))
                    ids.append(answer.json()["data"][0]["id"])
                self.open("#/sessions")
                self.wait_for_text(f"a[href='#/sessions/{session}']", harm)
                self.open_session(session)
                self.wait_for_text(".row.event", harm)
                self.wait_for_text("h1", harm)
                self.page.wait(".card")
                for event in ids:
                    self.page.goto(self.address(f"#/sessions/{session}/events/{event}"))
                    self.wait_for_text(".details .facts-list", event)
                self.page.click(".details summary")
                self.wait_for_text(".details pre", harm[:10])
                self.page.press("/")
                self.page.type(harm)
                self.page.frames(10)
                self.assertIsNone(self.page.run("() => window.harmed ?? null"))
                self.assertEqual(self.page.run("() => document.querySelectorAll('script, iframe, [onerror], [onload]')"
                                               ".length"), 1)
                links = self.page.run("() => [...document.links].map((a) => a.getAttribute('href'))")
                self.assertTrue(all(link.startswith("#/") for link in links), links)
        self.assertEqual(self.page.failures(), [])

    def test_an_error_of_the_service_is_text_too(self):
        self.open(f"#/sessions/{self.session}/events/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
        self.wait_for_text(".toast", "no event <img")

    def test_the_answers_have_the_content_policy(self):
        for path in ("/inspector", "/inspector/main.js", "/inspector/base.css"):
            answer = harness.ok(self.client.get(path))
            self.assertEqual(answer.headers["content-security-policy"],
                             "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                             "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


if __name__ == "__main__":
    harness.main()
