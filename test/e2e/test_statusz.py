# SPDX-License-Identifier: Apache-2.0
"""/statusz: what every actor of a running node is at, while it works, while its disk stands still, and within a
second."""
import threading
import time

import httpx

import harness
import io_faults
import raw


class Statusz(harness.E2eTest):
    def page(self, server=None, **params):
        begin = time.monotonic()
        answer = httpx.get((server or self.server).admin_url + "/statusz", params=params, timeout=5.0, trust_env=False)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertLess(time.monotonic() - begin, 1.5)
        return answer.json()

    def part(self, page, name):
        return next(part for part in page["actors"] if part["name"] == name)

    def test_every_actor_tells(self):
        session = self.client.create()
        self.runtime.sent(session, [harness.agent_message("x" * 5000)])
        page = self.page()
        self.assertEqual(page["phase"], "serving")
        names = {part["name"] for part in page["actors"]}
        self.assertLessEqual({"journal", "checkpointer", "session_directory", "log_reader", "fan_out"}, names)
        self.assertNotIn("hung", [part["phase"] for part in page["actors"]])
        self.assertGreaterEqual(self.part(page, "journal")["commits"], 2)
        self.assertIn(session, [s["id"] for s in page["sessions"]["by_unsealed_bytes"]])

    def test_one_session(self):
        session = self.client.create()
        self.runtime.sent(session, [harness.agent_message()] * 3)
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", f"/v1/sessions/{session}/events/stream?follow=true", self.keys["client"]))
            wire.head()
            (told,) = harness.poll(lambda: [s for s in self.page(session=session)["sessions"]["found"]
                                            if s["followers"] == 1], what="the follower")
        self.assertEqual((told["id"], told["phase"], told["events"], told["in_flight"]), (session, "writer", 3, 0))
        self.assertEqual(self.page(session="sess_none")["sessions"]["found"], [])

    def test_only_on_the_admin_listener(self):
        self.assert_error(self.client.get("/statusz"), 404, "not_found")


class StalledDisk(harness.E2eTest):
    serve_options = None
    part = Statusz.part
    page = Statusz.page

    def test_a_journal_that_waits_for_its_disk_shows_as_hung(self):
        faults = io_faults.IoFaults(self.store)
        server = self.store.serve(env=faults.environment())
        api = self.api(self.store.key("runtime"), server)
        session = api.create()
        faults.set("sync", "events.db-wal", "WAIT")
        append = threading.Thread(target=lambda: api.send(session, [harness.agent_message()]))
        append.start()
        try:
            page = harness.poll(lambda: (p := self.page(server))["oldest_commit_ms"] > 100 and p, what="the stall")
            self.assertEqual(self.part(page, "journal")["phase"], "hung")
            self.assertEqual(self.part(page, "session_directory")["phase"], "serving")
            (told,) = self.page(server, session=session)["sessions"]["found"]
            self.assertEqual(told["in_flight"], 1)
            self.assertGreater(told["oldest_wait_ms"], 100)
        finally:
            faults.clear()
            append.join()
        self.assertNotEqual(self.part(self.page(server), "journal")["phase"], "hung")


if __name__ == "__main__":
    harness.main()
