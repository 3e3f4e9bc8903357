# SPDX-License-Identifier: Apache-2.0
"""Six clients from npm against one script, then curl, httpx and a reader of one byte a second."""
import json
import time

import httpx

import follow
import harness
import scripts


class NpmClients(follow.FollowTest):
    """Each follows history, live, a broken connection with events meanwhile, and the end: every event once, in
    order."""

    def collect(self, script, package):
        scripts.installed(package)
        relay = scripts.Relay(self.server.port)
        self.addCleanup(relay.close)
        log = self.messages(20)
        client = scripts.node(f"clients/{script}.mjs", env={
            "SANDBASE_URL": f"http://127.0.0.1:{relay.port}", "SANDBASE_KEY": self.keys["client"],
            "SANDBASE_SESSION": self.session})
        self.addCleanup(client.close)

        def seen():
            return [line["id"] for line in client.said() if "id" in line]

        def caught_up():
            return client.wait_for(lambda: len(seen()) >= len(log), 20, f"event {len(log)}")

        caught_up()
        self.assertEqual(seen(), log)  # the history
        for _ in range(5):
            log += self.messages(1)
        log += self.messages(50)
        caught_up()  # live
        relay.cut()
        log += self.messages(5)
        caught_up()  # by itself, with what came meanwhile
        self.assertGreaterEqual(relay.accepted, 2)
        log += self.messages(5)
        caught_up()
        log += self.append(follow.TERMINATED)
        client.end(20)  # by [DONE]
        self.assertEqual(seen(), log)
        self.assertEqual([line for line in client.said() if "error" in line], [])
        return client

    def test_eventsource(self):
        self.assertIn({"ping": True}, self.collect("eventsource", "eventsource").said())

    def test_eventsource_parser(self):
        self.assertIn({"ping": True}, self.collect("eventsource-parser", "eventsource-parser").said())

    def test_eventsource_client(self):
        self.assertIn({"ping": True}, self.collect("eventsource-client", "eventsource-client").said())

    def test_fetch_event_source(self):
        self.assertIn({"ping": True}, self.collect("fetch-event-source", "@microsoft/fetch-event-source").said())

    def test_event_source_polyfill(self):
        self.assertIn({"ping": True}, self.collect("event-source-polyfill", "event-source-polyfill").said())

    def test_sdk(self):
        self.assertNotIn({"ping": True}, self.collect("sdk", "@anthropic-ai/sdk").said())


class OtherClients(follow.FollowTest):
    def test_curl(self):
        log = self.messages(3)
        curl = scripts.Program("curl", "-sN", self.server.url + follow.target(self.session), "-H",
                               f"x-api-key: {self.keys['client']}")
        self.addCleanup(curl.close)

        def shown():
            return [line[4:] for line in list(curl.lines) if line.startswith("id: sevt_")]

        curl.wait_for(lambda: len(shown()) == 4, 10, "the history and the seam")
        for _ in range(3):  # each at once, not when a buffer is full
            log += self.messages(1)
            curl.wait_for(lambda: shown()[-1] == log[-1], 5, "a live event")
        log += self.append(follow.TERMINATED)
        lines = curl.end()
        self.assertEqual(shown(), log[:3] + [log[2]] + log[3:])
        self.assertEqual(lines[-2:], ["data: [DONE]", ""])

    def test_httpx(self):
        log, seen = self.messages(3), []
        with httpx.stream("GET", self.server.url + follow.target(self.session), timeout=20, trust_env=False,
                          headers={"authorization": f"Bearer {self.keys['client']}"}) as response:
            self.assertEqual(response.status_code, 200)
            for line in response.iter_lines():
                line = line.rstrip("\n")
                if line == "data: [DONE]":
                    break
                if line.startswith("data: ") and (event := json.loads(line[6:]))["type"] != "ping":
                    seen.append(event["id"])
                    if 3 <= len(seen) < 8:
                        log += self.messages(1)
                    elif len(seen) == 8:
                        log += self.append(follow.TERMINATED)
        self.assertEqual(seen, log)

    def test_one_byte_a_second_disturbs_nobody(self):
        """It gets a correct prefix, while the others get everything at once."""
        slow, quick = self.follow(), self.follow()
        slow.wire.socket.settimeout(5)
        taken = slow.wire.buffer
        quick.history()
        text = "x" * 20_000
        start = time.monotonic()
        while time.monotonic() - start < 12:
            sent = self.append(*[harness.agent_message(text)] * 20)
            posted = time.monotonic()
            self.assertEqual(follow.ids(quick.events(20)), sent)
            self.assertLess(time.monotonic() - posted, 2.0)
            taken += slow.wire.socket.recv(1)
            time.sleep(max(0.0, 1.0 - (time.monotonic() - posted)))
        self.assertGreater(len(taken), 10)
        last = self.append(follow.TERMINATED)[0]
        self.assert_done(quick.rest(), last)
        log = self.log_ids()
        slow.wire.buffer = taken
        frames = slow.rest(60)  # now that it reads on, the rest is there too, if it was not cut off meanwhile
        self.assertEqual(follow.ids(frames), log)


if __name__ == "__main__":
    harness.main()
