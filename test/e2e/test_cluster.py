# SPDX-License-Identifier: Apache-2.0
"""Several servers over one PostgreSQL, any of which serves any session, with links between them and without."""
import concurrent.futures
import json
import os
import signal
import threading
import time

import httpx

import appenders
import followers
import harness
import nodes
import one_log
import postgres


class Cluster(harness.E2eTest):
    serve_options = None
    settings = ()
    servers_wanted = 3

    def setUp(self):
        self.database = postgres.PostgresServer(*self.settings)
        self.addCleanup(self.database.close)
        self.store = harness.Store()
        self.addCleanup(self.store.close)
        self.store.url = self.database.url(self.database.new_database())
        self.key = self.store.key("runtime")
        self.servers = [self.serve() for _ in range(self.servers_wanted)]

    def serve(self):
        return self.store.serve(*nodes.options("127.0.0.1"))

    def api(self, n):
        api = harness.Api(self.servers[n], self.key)
        self.addCleanup(api.close)
        return api

    def assert_sound(self, sessions, acknowledged, unknown):
        """@returns session → its texts"""
        shown = one_log.shown_by_all(self.servers, self.key, sessions)
        one_log.assert_kept(shown, acknowledged, unknown)
        self.store.must("check")
        return {session: one_log.texts(events) for session, events in shown.items()}


class AnyServer(Cluster):
    settings = postgres.UNSAFE

    def test_serves_any_session(self):
        a, b, c = (self.api(n) for n in range(3))
        session = a.create()
        sent = []
        for n in range(9):
            sent += (a, b, c)[n % 3].sent(session, [harness.agent_message(f"text {n}")])
            for api in (a, b, c):
                self.assertEqual([json.loads(e)["id"] for e in api.events(session)], [e["id"] for e in sent])
        self.assertEqual(harness.unclocked(a.session(session)), harness.unclocked(c.session(session)))
        done = b.raw("POST", f"/v1/sessions/{session}/archive", {"content-type": "application/json"}, b"{}")
        self.assertEqual(done.status_code, 200)
        self.assert_error(c.send(session, [harness.agent_message("late")]), 400, "invalid_request_error")
        self.assertEqual(a.raw("DELETE", f"/v1/sessions/{session}").status_code, 200)
        for api in (a, b, c):
            self.assert_error(api.get(f"/v1/sessions/{session}"), 404, "not_found")

    def test_the_same_creation_on_two_servers_at_once_makes_one_session(self):
        apis = [self.api(n) for n in range(2)]
        made = []
        for n in range(20):
            body = {"agent": "agent_e2e", "environment_id": "env_e2e", "title": f"creation {n}"}
            together = threading.Barrier(len(apis))

            def create(api, key=f"creation-{n}", body=body, together=together):
                together.wait(10)
                return api.post("/v1/sessions", body, headers={"idempotency-key": key})

            with concurrent.futures.ThreadPoolExecutor(len(apis)) as pool:
                answers = list(pool.map(create, apis))
            self.assertEqual([a.status_code for a in answers], [200, 200], [a.text for a in answers])
            self.assertEqual(*(a.json()["id"] for a in answers))
            made.append(answers[0].json()["id"])
            again = self.api(2).post("/v1/sessions", body, headers={"idempotency-key": f"creation-{n}"})
            self.assertEqual(again.json()["id"], made[-1])
        listed = harness.ok(self.api(2).get("/v1/sessions", params={"limit": 100})).json()["data"]
        self.assertEqual({s["id"] for s in listed}, set(made))
        self.assertEqual(len(listed), len(made))

    def test_the_servers_are_shown(self):
        are_linked = os.environ.get("SANDBASE_E2E_LINKS") != "0"

        def shown():
            return [json.loads(line) for line in self.store.must("cluster", "status", "--json").splitlines()]

        harness.poll(lambda: [n["links"] for n in shown()] == [2 if are_linked else 0] * 3, 20, "links to be shown")
        session = self.api(0).create()  # with the links there it goes to its owner
        self.api(0).sent(session, [harness.agent_message("one")])
        for node in shown():
            self.assertLess(node["seen_ms_ago"], 10_000)
            self.assertEqual(node["links_at"] is not None, are_linked)
        if are_linked:
            harness.poll(lambda: sum(n["written"] for n in shown()) == 1, 20, "the writer to be shown")
            page = httpx.get(self.servers[0].admin_url + "/statusz", trust_env=False).json()
            self.assertEqual(sum(p["name"].startswith("peer_gateway ") for p in page["actors"]), 2)
        one = json.loads(self.store.must("cluster", "status", "--session", session, "--json"))
        self.assertEqual((one["session"], one["events"]), (session, 1))
        self.assertTrue(one["writer"])
        self.assertEqual(one["owner"], one["writer"] if are_linked else None)
        self.assertIn("seen_ms_ago", self.store.must("cluster", "status"))
        self.assertEqual(self.store.run("cluster", "status", "--session", "sess_none").returncode, 1)

    def test_a_revoked_key_is_refused_everywhere(self):
        key = self.store.key("viewer", name="soon")
        apis = [harness.Api(server, key) for server in self.servers]
        for api in apis:
            self.addCleanup(api.close)
            self.assertEqual(api.get("/v1/sessions").status_code, 200)
        listed = self.store.must("keys", "list")
        number = next(line.split()[0] for line in listed.splitlines() if "soon" in line)
        self.store.must("keys", "revoke", number)
        for api in apis:
            harness.poll(lambda api=api: api.get("/v1/sessions").status_code == 401, 5, "the key to be refused")


class Deaths(Cluster):
    """Servers die under writers and followers."""

    def test_nothing_is_lost_doubled_or_out_of_order(self):
        with harness.Api(self.servers[0], self.key) as api:
            sessions = [api.create() for _ in range(8)]
        listeners = [followers.Follower(self.servers, n, self.key, sessions[n % 8], "the end") for n in range(24)]
        acknowledged, unknown = [], []
        rounds = 4
        for n in range(rounds):
            work = [appenders.Appenders(server, self.key, sessions, 8, f"{n}-{i}", goes_on_after={500, 503})
                    for i, server in enumerate(self.servers)]
            for w in work:
                w.wait_for(20)
            time.sleep(1)
            victim = n % len(self.servers)
            if n < rounds - 1:
                self.servers[victim].kill()
            time.sleep(1)
            for w in work:
                w.stop()
            for w in work:
                w.join()
                acknowledged += w.acknowledged
                unknown += w.unknown + [(s, m) for s, m, status, _ in w.refused if status == 500]
                self.assertLessEqual({status for _, _, status, _ in w.refused}, {500, 503})
            if n < rounds - 1:
                self.servers[victim] = self.serve()
        with harness.Api(self.servers[0], self.key) as api:
            for session in sessions:
                api.sent(session, [harness.agent_message("the end")])
        texts = self.assert_sound(sessions, acknowledged + [(s, ["the end"]) for s in sessions], unknown)
        for listener in listeners:
            listener.join(30)
            self.assertTrue(listener.is_complete, listener.ended[-3:])
            self.assertEqual(listener.texts(), texts[listener.session])
        for server in self.servers:
            self.assertEqual(server.stop(), 0)
        self.store.must("check")

    def test_a_stopped_writer_comes_back(self):
        session = self.api(0).create()
        self.api(0).sent(session, [harness.agent_message("one")])
        self.servers[0].process.send_signal(signal.SIGSTOP)
        # By its key it may be done again by a server whose link to the stopped one dies.
        self.api(1).sent(session, [harness.agent_message("two")], headers={"idempotency-key": "two"})
        self.servers[0].process.send_signal(signal.SIGCONT)
        self.api(0).sent(session, [harness.agent_message("three")])
        texts = [[json.loads(e)["content"][0]["text"] for e in self.api(n).events(session)] for n in range(3)]
        self.assertEqual(texts, [["one", "two", "three"]] * 3)


if __name__ == "__main__":
    harness.main()
