#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Takes the pictures of docs/images anew: the inspector with the sessions of demo.py.

    SANDBASE_BIN=build/release/sandbase-events test/e2e/inspector/screenshots.py
"""
import os
import time

import inspector  # first: it knows where the others are
import demo
import harness

IMAGES = os.path.normpath(os.path.join(inspector.HERE, "..", "..", "..", "docs", "images"))
MOST_BYTES = 200_000


class Screenshots(inspector.InspectorTest):
    def setUp(self):
        super().setUp()
        harness.ok(self.client.http.delete(f"/v1/sessions/{self.session}"))
        lines = [line for log in (*demo.background(), demo.fix_test(), demo.report()) for line in log.lines()]
        report = harness.ok(self.runtime.post("/v1/sessions/import", "\n".join(lines) + "\n")).json()
        self.assertEqual(report["errors"], [])
        self.live = self.client.create(title="Upgrade the payment client to v4", agent="agent_coder",
                                       environment_id="env_prod")
        self.begin()

    def begin(self):
        self.say(demo.user("Upgrade the payment client from v3 to v4. Ask before you change anything outside of "
                           "payments/."), 0.2)
        self.say(demo.RUNNING, 0.1)
        self.say({"type": "span.model_request_start"}, 1.2)
        self.say(demo.agent("I'll read the notes of v4 first, then look at how v3 is used here."), 0.05)
        use = self.say({"type": "agent.tool_use", "name": "bash", "input": {"command": "rg -n 'PaymentClient' --stats"},
                        "evaluated_permission": "allow"}, 0.4)
        self.say({"type": "agent.tool_result", "tool_use_id": use, "content": demo.text(
            "payments/charge.py:12\npayments/refund.py:9\nshop/checkout.py:77\n3 matches in 3 files")}, 0.9)
        use = self.say({"type": "agent.tool_use", "name": "bash", "input": {"command": "pytest -q payments"},
                        "evaluated_permission": "allow"}, 1.6)
        self.say({"type": "agent.tool_result", "tool_use_id": use, "is_error": True, "content": demo.text(
            "E   AttributeError: 'PaymentClient' object has no attribute 'charge_card'\n2 failed, 14 passed")}, 1.1)
        self.say({"type": "span.model_request_end", "model_usage": {
            "input_tokens": 1840, "cache_read_input_tokens": 6400, "cache_creation_input_tokens": 0,
            "output_tokens": 412}}, 0.1)

    def say(self, event, pause):
        made = self.append(event, session=self.live)
        time.sleep(pause)
        return made[0] if made else None

    def shot(self, name):
        self.page.hover(1279, 400)
        self.page.until("() => document.querySelector('.list-pane') || document.querySelector('.plot [d^=M]')")
        self.page.frames(5)
        path = os.path.join(IMAGES, f"inspector-{name}.png")
        self.page.shot(path)
        self.assertLess(os.path.getsize(path), MOST_BYTES, path)

    def test_take(self):
        os.makedirs(IMAGES, exist_ok=True)
        self.page.size(1280, 800)
        waits = self.client.create(title="Delete the old backups", agent="agent_ops", environment_id="env_prod")
        self.append(demo.user("Free some space on the backup volume."), demo.RUNNING,
                    {"type": "agent.tool_use", "name": "bash", "input": {"command": "rm -r /backup/2024-*"},
                     "evaluated_permission": "ask"}, demo.idle("requires_action"), session=waits)
        self.open("#/sessions", role="client")
        self.page.wait(".session-row")
        self.page.wait(".connection:has-text('Live')")
        self.shot("list")

        self.page.goto(self.address(f"#/sessions/{self.live}"))
        self.wait_for_text(".row.event", "2 failed")
        event = "sevt_01ZZZZZZZZZZZZZZZZZZZZZZZZ"
        self.say({"type": "event_start", "event": {"id": event, "type": "agent.message"}}, 0)
        self.say({"type": "event_delta", "event_id": event, "delta": {"type": "content_delta", "content": {
            "type": "text", "text": "Two tests fail, as the notes of v4 say: `charge_card` is called `charge` now, and "
                                    "takes the amount in minor units. I will change payments/charge.py and "
                                    "payments/refund.py. For shop/checkout.py"}}}, 0)
        self.wait_for_text(".row.is-preview", "checkout.py")
        self.shot("live")
        self.page.size(390, 760)
        self.shot("narrow")
        self.page.size(1280, 800)

        self.page.goto(self.address("#/sessions/sess_01FIXTEST"))
        self.wait_for_text(".row.event", "One place")
        self.page.press("g")
        self.page.press("e")
        self.page.press("Enter")
        self.page.wait(".details")
        self.shot("error")
        self.page.press("Escape")
        self.page.media({"colorScheme": "dark"})
        self.page.press("g")
        self.shot("dark")
        self.page.media({"colorScheme": "light"})

        self.page.goto(self.address("#/sessions/sess_01REPORT"))
        self.page.until("() => document.querySelector('.thumbs img')?.complete")
        self.page.press("G")
        self.page.click(".row:has(.thumbs) a.at")
        self.page.wait(".details figure img")
        self.shot("image")

        self.page.goto(self.address(f"#/sessions/{waits}"))
        self.page.wait(".card")
        self.shot("approve")


if __name__ == "__main__":
    harness.main()
