# SPDX-License-Identifier: Apache-2.0
"""Edges: servers without a store, in front of those that have it."""
import json
import threading
import time

import httpx

import binary
import harness
import nodes
import postgres

REFUSED_AFTER = 5.0  # seconds without any server that has the store


class Follower:
    """A live stream read by a thread: the events that it has shown, as JSON, and how it ended."""

    def __init__(self, server, key, session):
        self.events, self.error, self.ended = [], None, False
        self.url = f"{server.url}/v1/sessions/{session}/events/stream?follow=true"
        self.headers = {"authorization": f"Bearer {key}"}
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            with httpx.stream("GET", self.url, headers=self.headers, timeout=60, trust_env=False) as response:
                for line in response.iter_lines():
                    if line.startswith("data: {"):
                        event = json.loads(line.removeprefix("data: "))
                        if "id" in event:  # what is not of the log has none
                            self.events.append(event)
        except httpx.HTTPError as e:
            self.error = e
        self.ended = True

    def wait_for(self, ids):
        binary.poll(lambda: [e["id"] for e in self.events] == ids or self.ended, 15, f"{len(ids)} events")
        if [e["id"] for e in self.events] != ids or self.ended:
            raise AssertionError(f"{[e['id'] for e in self.events]} are not {ids}; {self.error!r}")


class Edge(harness.E2eTest):
    serve_options = None

    def setUp(self):
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.key = self.store.key("runtime")

    def api(self, server, key=None):
        api = harness.Api(server, key or self.key)
        self.addCleanup(api.close)
        return api

    def message(self, api, session, text):
        return api.sent(session, [harness.agent_message(text)])[0]["id"]


class OverSqlite(Edge):
    def setUp(self):
        super().setUp()
        self.listen = f"127.0.0.1:{nodes.steady_port()}"
        self.core = self.store.serve_core(listen=self.listen)
        self.edge = self.store.serve_edge(core=self.core)

    def test_a_stream_outlives_the_server_behind_it(self):
        edge = self.api(self.edge)
        session = edge.create()
        ids = [self.message(edge, session, f"before {n}") for n in range(3)]
        follower = Follower(self.edge, self.key, session)
        follower.wait_for(ids)
        self.core.kill()
        begun = time.monotonic()
        refused = edge.get(f"/v1/sessions/{session}")
        self.assert_error(refused, 503, "overloaded_error")
        self.assertLess(abs(time.monotonic() - begun - REFUSED_AFTER), 2.0)
        begun = time.monotonic()
        self.assert_error(edge.send(session, [harness.agent_message("late")]), 503, "overloaded_error")
        self.assertLess(time.monotonic() - begun, 1.0)
        ready = httpx.get(self.edge.admin_url + "/readyz", timeout=10, trust_env=False)
        self.assertEqual(ready.status_code, 503)
        self.core = self.store.serve_core(listen=self.listen)
        core = self.api(self.core)
        ids.append(self.message(core, session, "while the edge was alone"))
        binary.poll(lambda: edge.get(f"/v1/sessions/{session}").status_code == 200, 20, "the edge to be back")
        ids.append(self.message(edge, session, "after"))
        follower.wait_for(ids)
        self.assertEqual([json.loads(e)["id"] for e in edge.events(session)], ids)
        self.store.must("check")

    def test_a_key_that_is_revoked_is_refused_soon(self):
        made = self.store.must("keys", "create", "--role", "client", "--workspace", "default", "--name", "short")
        secret = next(word for word in made.split() if word.startswith("sk-sb-"))
        edge = self.api(self.edge, secret)
        self.assertEqual(edge.get("/v1/sessions").status_code, 200)
        number = next(line.split()[0] for line in self.store.must("keys", "list").splitlines() if "short" in line)
        self.store.must("keys", "revoke", number)
        begun = time.monotonic()
        binary.poll(lambda: edge.get("/v1/sessions").status_code == 401, 5, "the key to be refused")
        self.assertLess(time.monotonic() - begun, 5.0)

    def test_tokens_of_one_server_are_good_at_the_other(self):
        core, edge = self.api(self.core), self.api(self.edge)
        session = edge.create()
        self.message(edge, session, "one")
        for maker, taker in ((core, self.edge), (edge, self.core)):
            made = harness.ok(maker.post(f"/v1/sessions/{session}/stream_tokens", {"ttl_seconds": 600}))
            token = made.json()["token"]
            answer = httpx.get(f"{taker.url}/v1/sessions/{session}/events/stream", params={"token": token},
                               timeout=10, trust_env=False)
            self.assertEqual(answer.status_code, 200, answer.text)
            self.assertTrue(answer.text.endswith("data: [DONE]\n\n"))

    def test_what_needs_a_store_is_refused(self):
        answer = httpx.post(f"{self.edge.url}/v1/sessions/import", content=b"", timeout=10, trust_env=False,
                            headers={"authorization": f"Bearer {self.key}"})
        self.assertEqual(answer.status_code, 503, answer.text)
        self.assertIn("no store", answer.text)

    def test_it_ends_as_other_servers_do(self):
        session = self.api(self.edge).create()
        follower = Follower(self.edge, self.key, session)
        binary.poll(lambda: self.followers() > 0, 10, "the stream")
        self.assertEqual(self.edge.stop(), 0)
        binary.poll(lambda: follower.ended, 10, "the stream to end")
        self.assertEqual(self.core.stop(), 0)

    def followers(self):
        page = httpx.get(self.edge.admin_url + "/statusz", timeout=10, trust_env=False).json()
        return sum(s.get("followers", 0) for s in page["sessions"]["by_followers"])


class BeforeItsServer(Edge):
    def test_an_edge_waits_for_the_first_one(self):
        listen = f"127.0.0.1:{nodes.steady_port()}"

        class Later:
            link_address = listen

        edge = self.store.serve_edge(core=Later, wait=False)
        edge.wait_for_line("waiting for a server that has the store")
        self.store.serve_core(listen=listen)
        edge.wait_until_listening()
        self.assertEqual(self.api(edge).get("/v1/sessions").status_code, 200)

    def test_an_edge_that_waits_can_be_stopped(self):
        class Never:
            link_address = f"127.0.0.1:{nodes.steady_port()}"

        edge = self.store.serve_edge(core=Never, wait=False)
        edge.wait_for_line("waiting for a server that has the store")
        self.assertEqual(edge.stop(), 0)


class OverPostgres(Edge):
    def setUp(self):
        super().setUp()
        self.database = postgres.PostgresServer(*postgres.UNSAFE)
        self.addCleanup(self.database.close)
        self.store.url = self.database.url(self.database.new_database())
        self.key = self.store.key("runtime")
        self.cores = [self.store.serve_core() for _ in range(2)]
        self.edge = self.store.serve_edge(core=self.cores[0])

    def test_any_of_the_servers_behind_may_go(self):
        edge = self.api(self.edge)
        sessions = [edge.create() for _ in range(8)]
        ids = {s: [self.message(edge, s, "one")] for s in sessions}
        followers = {s: Follower(self.edge, self.key, s) for s in sessions}
        for s in sessions:
            followers[s].wait_for(ids[s])
        self.cores[0].kill()  # the one that the edge was given
        for n in range(3):
            for s in sessions:
                body = {"events": [harness.agent_message(f"text {n}")]}
                path = f"/v1/sessions/{s}/events"
                sent = binary.poll(lambda p=path, b=body, k=f"{s}-{n}": self.stored(edge, p, b, k), 15, "an append")
                ids[s].append(sent)
        for s in sessions:
            followers[s].wait_for(ids[s])
        self.store.must("check")

    def stored(self, edge, path, body, key):
        answer = edge.post(path, body, headers={"idempotency-key": key})
        return answer.json()["data"][0]["id"] if answer.status_code == 200 else None


if __name__ == "__main__":
    harness.main()
