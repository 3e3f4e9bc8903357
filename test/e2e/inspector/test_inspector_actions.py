# SPDX-License-Identifier: Apache-2.0
"""What a reader may do in a session gets into its log; a key that may only read is offered none of it."""
import json

import inspector  # first: it knows where the others are
import follow
import harness

ASKS = {"type": "agent.tool_use", "name": "bash", "input": {"command": "rm -r build"}, "evaluated_permission": "ask"}


class Actions(inspector.InspectorTest):
    def last(self, event_type):
        events = [json.loads(e) for e in self.client.events(self.session, types=event_type)]
        return events[-1] if events else {}

    def wait_for_last(self, event_type):
        return harness.poll(lambda: self.last(event_type), what=event_type)

    def test_a_message_and_an_interrupt(self):
        self.open_session(role="client")
        self.page.wait(".composer")
        self.assertFalse(self.page.visible("text=Interrupt"))
        self.page.press("m")
        self.page.type("Hello <b>there</b>")
        self.page.press("Control+Enter")
        self.wait_for_text(".row.event", "Hello <b>there</b>")
        self.assertEqual(self.last("user.message")["content"], [{"type": "text", "text": "Hello <b>there</b>"}])
        self.assertEqual(self.page.run("() => document.querySelector('.composer textarea').value"), "")
        self.append({"type": "session.status_running"})
        self.page.click("text=Interrupt")
        self.wait_for_last("user.interrupt")

    def test_a_tool_is_approved(self):
        use, _ = self.append(ASKS, follow.idle("requires_action", event_ids=[]))
        self.open_session(role="client")
        self.wait_for_text(".card", "rm -r build")
        self.page.click(".card button:has-text('Approve')")
        answer = self.wait_for_last("user.tool_confirmation")
        self.assertEqual((answer["tool_use_id"], answer["result"]), (use, "allow"))
        self.wait_for_text(".row.event", "approved")
        self.page.gone(".card")

    def test_a_tool_is_denied_with_a_reason(self):
        use, _ = self.append(ASKS, follow.idle("requires_action", event_ids=[]))
        self.open_session(role="client")
        self.page.click(".card button:has-text('Deny')")
        self.page.type("keep the build")
        self.page.press("Enter")
        answer = self.wait_for_last("user.tool_confirmation")
        self.assertEqual((answer["tool_use_id"], answer["result"], answer["deny_message"]),
                         (use, "deny", "keep the build"))
        self.wait_for_text(".row.event", "keep the build")
        self.page.gone(".card")

    def test_the_result_of_a_custom_tool(self):
        use, _ = self.append({"type": "agent.custom_tool_use", "name": "ask_human", "input": {"question": "Which?"}},
                             follow.idle("requires_action", event_ids=[]))
        self.open_session(role="client")
        self.page.fill(".card input[type=text]", "the second one")
        self.page.click(".card input[type=checkbox]")
        self.page.click(".card button:has-text('Send result')")
        answer = self.wait_for_last("user.custom_tool_result")
        self.assertEqual((answer["custom_tool_use_id"], answer["content"], answer["is_error"]),
                         (use, [{"type": "text", "text": "the second one"}], True))
        self.page.gone(".card")

    def test_a_viewer_is_offered_nothing(self):
        self.append(ASKS, follow.idle("requires_action", event_ids=[]))
        self.open_session(role="viewer")
        self.wait_for_text(".row.event", "rm -r build")
        self.page.until("() => sessionStorage.getItem('sandbase.reads_only') === 'true'")
        self.page.frames(3)
        self.assertFalse(self.page.visible(".actions"))
        self.page.press("m")
        self.assertFalse(self.page.visible(".composer"))
        self.assertEqual(len(self.client.events(self.session)), 2)

    def test_an_archived_session_takes_nothing(self):
        self.append(harness.agent_message("over"))
        harness.ok(self.client.post(f"/v1/sessions/{self.session}/archive"))
        self.open(f"#/sessions/{self.session}")
        self.wait_for_text(".actions-note", "archived")
        self.assertFalse(self.page.visible(".composer"))


if __name__ == "__main__":
    harness.main()
