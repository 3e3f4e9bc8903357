# SPDX-License-Identifier: Apache-2.0
"""Memory ends once in a thread of an actor that the service cannot do without: the process says what ended and exits
with 70, so that its supervisor starts it again; the next one has everything that was acknowledged."""
import contextlib
import json
import os
import subprocess
import unittest

import harness
import httpx

LIBRARY = os.environ.get("SANDBASE_MEMORY_FAULTS", "")
EXIT_ACTOR_LOST = 70  # EX_SOFTWARE of sysexits.h
ENDS_WITHIN = 10.0  # seconds
ROUNDS = 8  # which actor's thread it meets is chance


class NoMemory(harness.E2eTest):
    serve_options = None

    def setUp(self):
        if not LIBRARY:
            raise unittest.SkipTest("SANDBASE_MEMORY_FAULTS is not set")
        self.control = os.path.join(self.store.directory, "memory_faults")

    def serve(self):
        return self.store.serve(env={"LD_PRELOAD": LIBRARY, "SANDBASE_MEMORY_FAULTS_CONTROL": self.control})

    def let_memory_end_in(self, thread):
        with open(self.control + ".new", "w", encoding="ascii") as file:
            file.write(thread)
        os.replace(self.control + ".new", self.control)

    def end_without_memory(self, server, client, session, text):
        """Where memory ends in the keeping of the store's house, that is put off; the next time it ends elsewhere."""
        def has_ended():
            self.let_memory_end_in("caf.actor")
            with contextlib.suppress(httpx.HTTPError):  # it goes without an answer
                client.send(session, [harness.user_message(text)], timeout=5)
                client.get("/v1/sessions", timeout=5)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(1)
            return not server.running()
        harness.poll(has_ended, ENDS_WITHIN, "the end of the process")

    def test_ends_with_70_and_comes_back_whole(self):
        key = self.store.key("runtime")
        server = self.serve()
        with self.api(key, server) as client:
            session = client.create()
        acknowledged = []
        for number in range(ROUNDS):
            with self.api(key, server) as client:
                text = f"before {number}"
                client.sent(session, [harness.user_message(text)])
                acknowledged.append(text)
                self.end_without_memory(server, client, session, f"during {number}")
            self.assertEqual(server.wait(), EXIT_ACTOR_LOST, server.log())
            self.assertRegex(server.log(), r"fatal: the \w+ has ended: ")
            server = self.serve()
            with self.api(key, server) as client:
                texts = [json.loads(event)["content"][0]["text"] for event in client.events(session)]
                self.assertEqual([text for text in texts if text.startswith("before")], acknowledged)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    harness.main()
