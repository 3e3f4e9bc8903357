# SPDX-License-Identifier: Apache-2.0
"""The service goes away and comes back: the page says so, and has every event once."""
import time

import inspector  # first: it knows where the others are
import follow
import harness

RECONNECTS = 60_000  # milliseconds; the longest pause between two tries is 30 s


class Reconnect(inspector.InspectorRestartTest):
    def ids(self):
        """Of the events in the timeline, which are few enough to be in the document all at once."""
        return self.page.run("() => [...document.querySelectorAll('.row.event:not(.is-preview) a.at')]"
                             ".map((a) => a.getAttribute('href').split('/').at(-1))")

    def wait_for_ids(self, ids):
        self.page.until(f"() => document.querySelectorAll('.row.event a.at').length >= {len(ids)}", RECONNECTS)
        self.assertEqual(self.ids(), ids)

    def test_the_service_is_killed_and_started_again(self):
        log = self.messages(4)
        self.page.size(1280, 1400)
        self.addCleanup(self.page.size, 1280, 800)
        self.open_session()
        self.wait_for_ids(log)
        self.append({"type": "event_start", "event": {"id": "sevt_01NEVER", "type": "agent.message"}})
        self.page.wait(".row.is-preview")
        port = self.server.port
        self.server.kill()
        self.page.wait(".connection:has-text('Reconnecting')")
        self.page.until("() => document.querySelector('.connection').innerText.includes('Cut off')", RECONNECTS)
        self.start(port=port)
        log += self.messages(3)
        self.wait_for_ids(log)
        self.page.wait(".connection:has-text('Live')")
        self.assertEqual(self.page.count(".row.is-preview"), 0)
        self.server.terminate()
        self.assertEqual(self.server.wait(), 0)
        self.page.wait(".connection:has-text('Reconnecting')")
        self.start(port=port)
        log += self.messages(3)
        self.wait_for_ids(log)
        log += self.append(follow.TERMINATED)
        self.wait_for_ids(log)
        self.page.wait(".connection:has-text('Ended')")

    def test_the_list_comes_back(self):
        self.open("#/sessions")
        self.page.wait(".session-row")
        port = self.server.port
        self.server.kill()
        time.sleep(1)
        self.start(port=port)
        later = self.client.create()
        self.page.until(f"() => document.querySelector('a[href$={later}]')", RECONNECTS)


if __name__ == "__main__":
    harness.main()
