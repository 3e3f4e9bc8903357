# SPDX-License-Identifier: Apache-2.0
"""Chromium's own EventSource behind nginx as docs/streaming.md has it: it comes back by itself, and misses and doubles
nothing."""
import shutil
import tempfile
import time
import urllib.parse

import follow
import harness
import scripts
from examples import example
from proxy import Nginx

RECONNECT = 30.0  # Chromium waits 3 s, or what `retry:` said, between tries


class BrowserTest(follow.RestartTest):
    def setUp(self):
        super().setUp()
        self.nginx = Nginx(self.server.port).start()
        self.addCleanup(self.nginx.close)

    def browse(self, address):
        scripts.installed("playwright-core")
        directory = tempfile.mkdtemp(prefix="sandbase-chromium-")
        self.addCleanup(shutil.rmtree, directory, True)
        self.browser = scripts.node("browser.mjs", address, directory, env={"HOME": directory})
        self.addCleanup(self.browser.hang_up)
        self.browser.wait_for(lambda: {"ready": True} in self.browser.said(), 60, "Chromium")

    def token(self, session):
        return harness.ok(self.client.post(f"/v1/sessions/{session}/stream_tokens",
                                           {"ttl_seconds": 600})).json()["token"]

    def open(self, name, session, base, **params):
        token = self.token(session)
        self.browser.tell(open=name, url=base + follow.target(session, token=token, **params))
        return token

    def said(self, name):
        return [line for line in self.browser.said() if line.get("stream") == name]

    def seen(self, name):
        """The ids of a stream's events, in the order they came."""
        return [line["id"] for line in self.said(name) if "id" in line]

    def wait_for(self, name, condition, what, timeout=RECONNECT):
        self.browser.wait_for(lambda: any(condition(line) for line in self.said(name)), timeout, f"{name}: {what}")

    def wait_for_ids(self, expected):
        """Until each stream has seen so many events; then they must be those, in order."""
        for name, log in expected.items():
            self.browser.wait_for(lambda n=name, c=len(log): len(self.seen(n)) >= c, RECONNECT,
                                  f"{name}: event {len(log)}")
        for name, log in expected.items():
            self.assertEqual(self.seen(name), log, f"{name}\n{self.browser.report()}")

    def restart_service(self, pause):
        self.server.kill()
        time.sleep(pause)  # long enough that the browser has come in vain
        self.start(port=self.server.port)


class Reconnects(BrowserTest):
    def test_nginx_and_the_service_are_killed(self):
        """Four streams of one page: plain; from the end; filtered; and one that is cut before its first event."""
        self.browse(self.nginx.url + "/page")
        sessions = {name: self.client.create() for name in ("plain", "latest", "filtered", "empty")}
        history = {name: [] if name == "empty" else self.turn(sessions[name]) for name in sessions}
        expected = {"plain": history["plain"], "latest": [], "filtered": history["filtered"][1:2], "empty": []}
        options = {"plain": {}, "latest": {"after": "latest"}, "filtered": {"types": "agent.message"},
                   "empty": {"after": "latest"}}
        tokens = [self.open(name, sessions[name], self.nginx.url, **options[name]) for name in sessions]
        for name in sessions:
            self.wait_for(name, lambda line: line.get("ping") == {"type": "ping", "caught_up": True}, "the seam", 20)
        self.assertEqual([line["lastEventId"] for line in self.said("empty") if "ping" in line], ["start"])

        def more(*names):
            for name in names:
                made = self.turn(sessions[name])
                expected[name] = expected[name] + (made[1:2] if name == "filtered" else made)

        self.wait_for_ids(expected)
        more("plain", "filtered")
        self.wait_for_ids(expected)

        self.nginx.kill()  # "latest" and "empty" have seen no event yet
        more(*sessions)
        time.sleep(4)  # the browser finds nobody there
        self.nginx.start()
        self.wait_for_ids(expected)
        more(*sessions)
        self.wait_for_ids(expected)

        self.restart_service(5)
        more(*sessions)
        self.wait_for_ids(expected)
        more(*sessions)
        self.wait_for_ids(expected)
        for name in sessions:
            self.assertGreaterEqual(sum(line.get("state") == "open" for line in self.said(name)), 3, self.said(name))
            self.assertTrue(all(line["lastEventId"] == line["id"] for line in self.said(name) if "id" in line))

        log = self.nginx.logs() + self.server.log()
        for token in tokens:
            self.assertNotIn(token, log)
            self.assertNotIn(urllib.parse.quote(token), log)

    def turn(self, session):
        return self.append(*harness.turn(), session=session)

    def test_it_stops_when_the_session_has_ended(self):
        """A page that does not close its EventSource comes back once, and is told to stop."""
        self.browse(self.nginx.url + "/page")
        sessions = {name: self.client.create() for name in ("terminated", "filtered", "archived", "idle", "deleted")}
        options = {"filtered": {"types": "agent.message"}, "idle": {"until": "idle"}}
        for name, session in sessions.items():
            self.turn_without_end(session)
            self.open(name, session, self.nginx.url, **options.get(name, {}))
        for name in sessions:
            self.wait_for(name, lambda line: "ping" in line, "the seam", 20)
        for name in ("terminated", "filtered"):
            self.append(follow.TERMINATED, session=sessions[name])
        self.append(follow.idle(), session=sessions["idle"])
        harness.ok(self.client.post(f"/v1/sessions/{sessions['archived']}/archive"))
        harness.ok(self.client.http.delete(f"/v1/sessions/{sessions['deleted']}"))
        for name in sessions:
            self.wait_for(name, lambda line: line.get("done"), "[DONE]")
            self.wait_for(name, lambda line: line.get("state") == "closed", "204 or 404")
            ids = self.seen(name)
            self.assertEqual(len(ids), len(set(ids)), ids)
            self.assertEqual(sum(line.get("done", False) for line in self.said(name)), 1, self.said(name))

    def turn_without_end(self, session):
        return self.append(harness.user_message(), harness.agent_message(), session=session)


class OtherOrigins(BrowserTest):
    def test_a_page_of_another_origin(self):
        """Straight to the service, which names the page's origin; nginx only serves the page."""
        self.server.stop()
        self.start("--http.cors_origin", self.nginx.url)
        self.browse(self.nginx.url + "/page")
        log = self.messages(3)
        self.open("cors", self.session, self.server.url)
        self.wait_for_ids({"cors": log})
        port = self.server.port
        self.server.terminate()  # a goodbye with `retry:`
        self.assertEqual(self.server.wait(), 0)
        self.start("--http.cors_origin", self.nginx.url, port=port)
        log += self.messages(2)
        self.wait_for_ids({"cors": log})
        self.assertTrue(any(line.get("ping", {}).get("closing") == "shutdown" for line in self.said("cors")))


class Documented(BrowserTest):
    PAGE = """
      const patience = %s;
      const mint = async () => {
        const m = tokens.shift();
        if (!m) throw new Error('no more tokens');
        return { token: m };
      };
      const tokens = %s;
      follow(location.origin, %s, mint, ({ id }) => say({ stream: 'page', id }),
             (error) => say({ stream: 'page', end: String(error) }), patience);
    """

    def run_page(self, tokens, patience=45_000):
        values = [scripts.json.dumps(value) for value in (patience, tokens, self.session)]
        self.browser.tell(run=example("page.js") + self.PAGE % tuple(values))

    def test_the_pages_example_outlives_its_token(self):
        """The first token dies with its key in mid-stream; the example mints another and goes on where it was."""
        key = self.store.key("client", name="to revoke")
        with harness.Api(self.server, key) as api:
            first = harness.ok(api.post(f"/v1/sessions/{self.session}/stream_tokens", {})).json()["token"]
        log = self.messages(3)
        self.browse(self.nginx.url + "/page")
        self.run_page([first, self.token(self.session)])
        self.wait_for_ids({"page": log})
        follow.revoke(self.store, key)
        time.sleep(6)
        log += self.messages(3)
        self.wait_for_ids({"page": log})
        log += self.append(follow.TERMINATED)
        self.wait_for("page", lambda line: "end" in line, "the end")
        self.assertEqual(self.seen("page"), log)
        self.assertEqual([line["end"] for line in self.said("page") if "end" in line], ["undefined"])

    def test_the_pages_example_notices_a_connection_that_died_without_a_word(self):
        """Neither side is told: the page opens the stream anew when nothing came for long enough, and misses
        nothing."""
        relay = scripts.Relay(self.nginx.port)
        self.addCleanup(relay.close)
        self.browse(f"http://127.0.0.1:{relay.port}/page")
        log = self.messages(3)
        self.run_page([self.token(self.session) for _ in range(50)], patience=2_000)
        self.wait_for_ids({"page": log})
        relay.silence()
        log += self.messages(3)
        self.wait_for_ids({"page": log})
        log += self.append(follow.TERMINATED)
        self.wait_for("page", lambda line: "end" in line, "the end")
        self.assertEqual(self.seen("page"), log)


if __name__ == "__main__":
    harness.main()
