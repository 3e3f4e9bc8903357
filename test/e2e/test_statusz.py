# SPDX-License-Identifier: Apache-2.0
"""/statusz: what every actor of a running node is at, while it works, while its disk stands still, and within a
second."""
import os
import re
import threading
import time

import httpx

import damage
import harness
import io_faults
import raw


OPERATIONS = os.path.join(os.path.dirname(harness.DATA), os.pardir, "docs", "operations.md")


def members(value):
    """The names of all members of a JSON value, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(members, value.values()))
    return set().union(*map(members, value)) if isinstance(value, list) else set()


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
        self.assertLessEqual({"journal", "checkpointer", "session_directory", "log_reader 1", "log_reader 2",
                              "log_reader of lists", "fan_out 1"}, names)
        self.assertEqual(len(names), len(page["actors"]))
        self.assertNotIn("hung", [part["phase"] for part in page["actors"]])
        for part in page["actors"]:
            self.assertLess(part["oldest_wait_ms"], 5000, part)
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

    def test_the_documents_name_every_member(self):
        session = self.client.create()
        self.runtime.sent(session, [harness.agent_message()])
        told = members(self.page()) | members(self.page(session=session))
        with open(OPERATIONS, encoding="utf-8") as file:
            text = file.read()
        section = text[text.index("### What /statusz tells"):text.index("## Signals and exit codes")]
        named = set(re.findall(r"`(\w+)`", section))
        self.assertEqual(told - named, set())

    def test_damaged_sessions_are_counted(self):
        store = harness.Store()
        self.addCleanup(store.close)
        key = store.key("runtime")
        server = store.serve()
        with self.api(key, server) as api:
            session = api.create()
            api.sent(session, [harness.agent_message(str(i)) for i in range(3)])
        self.assertEqual(self.part(self.page(server), "journal")["set_aside"], 0)
        server.kill()
        damage.alter(store, "DELETE FROM journal WHERE id=(SELECT min(id)+1 FROM journal)")
        server = store.serve()
        self.assertEqual(self.part(self.page(server), "journal")["set_aside"], 1)
        self.assertEqual(self.part(self.page(server), "journal")["unsealed_sessions"], 0)

    def test_the_largest_are_found_among_all(self):
        large = self.client.create()
        self.runtime.sent(large, [harness.agent_message("x" * 20_000) for _ in range(2)])
        followed = self.client.create()
        with raw.wire(self.server) as wire:
            wire.send(raw.request("GET", f"/v1/sessions/{followed}/events/stream?follow=true", self.keys["client"]))
            wire.head()
            for _ in range(600):  # more than are asked, all used later
                self.client.session(self.client.create())
            page = harness.poll(lambda: (p := self.page())["sessions"]["by_followers"] and p, what="the follower")
        sessions = page["sessions"]
        self.assertGreater(sessions["active"], 600)
        self.assertLessEqual(sessions["asked"], 512)
        self.assertEqual(sessions["by_unsealed_bytes"][0]["id"], large)
        self.assertEqual(sessions["by_followers"][0]["id"], followed)

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
        api.sent(session, [harness.agent_message()])  # from here on the session has nothing to claim
        faults.set("sync", "events.db-wal", "WAIT")
        append = threading.Thread(target=lambda: api.send(session, [harness.agent_message()]))
        append.start()
        try:
            page = harness.poll(lambda: (p := self.page(server))["oldest_commit_ms"] > 100 and p, what="the stall")
            self.assertEqual(self.part(page, "journal")["phase"], "hung")
            self.assertGreater(self.part(page, "journal")["oldest_wait_ms"], 100)
            for part in ("checkpointer", "log_reader 1", "log_reader of lists", "fan_out 1"):
                self.assertEqual(self.part(page, part)["oldest_wait_ms"], 0, part)
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
