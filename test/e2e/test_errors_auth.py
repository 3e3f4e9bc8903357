# SPDX-License-Identifier: Apache-2.0
"""Keys, workspaces and roles: 401, 403, and 404 for whatever belongs to somebody else."""
import json
import re
import time

import harness


class Auth(harness.E2eTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session = cls.client.create()
        cls.nobody = cls.api(None)

    def call(self, headers, path=None):
        return self.nobody.raw("GET", path or f"/v1/sessions/{self.session}", headers)

    def test_keys_look_as_they_should(self):
        for role, key in self.keys.items():
            with self.subTest(role):
                self.assertRegex(key, r"^sk-sb-[0-9A-Za-z]{27,64}$")
        self.assertEqual(len(set(self.keys.values())), 3)

    def test_both_headers_are_understood(self):
        key = self.keys["client"]
        for headers in ({"authorization": f"Bearer {key}"}, {"x-api-key": key}, {"authorization": f"bearer {key}"},
                        {"authorization": f"Bearer {key}", "x-api-key": key}):
            with self.subTest(sorted(headers)):
                harness.ok(self.call(headers))

    def test_bad_keys(self):
        key, other = self.keys["client"], self.keys["viewer"]
        rows = [("none", {}), ("empty bearer", {"authorization": "Bearer "}), ("empty x-api-key", {"x-api-key": ""}),
                ("another scheme", {"authorization": f"Basic {key}"}), ("no scheme", {"authorization": key}),
                ("unknown", {"x-api-key": "sk-sb-" + "a" * (len(key) - 6)}), ("cut", {"x-api-key": key[:-1]}),
                ("longer", {"x-api-key": key + "a"}), ("another prefix", {"x-api-key": "sk-ant" + key[5:]}),
                ("very long", {"x-api-key": "sk-sb-" + "a" * 4000}),
                ("two different", {"authorization": f"Bearer {key}", "x-api-key": other}),
                ("a good and a bad one", {"authorization": f"Bearer {key}", "x-api-key": "sk-sb-bad"}),
                ("quotes", {"x-api-key": "' OR 1=1 --"})]
        paths = ["/v1/sessions", f"/v1/sessions/{self.session}", f"/v1/sessions/{self.session}/events",
                 f"/v1/sessions/{self.session}/events/stream", "/v1/sessions/sess_unknown"]
        for what, headers in rows:
            for path in paths:
                with self.subTest(what, path=path):
                    self.assert_error(self.call(headers, path), 401, "authentication_error")

    def test_a_refusal_shows_no_key(self):
        answer = self.call({"x-api-key": "sk-sb-secretsecretsecretsecretsecret"})
        self.assertNotIn("secretsecret", answer.text)
        self.assertNotIn("secretsecret", self.server.log())

    def test_the_log_shows_no_key(self):
        harness.ok(self.client.get("/v1/sessions"))
        for key in self.keys.values():
            self.assertNotIn(key, self.server.log())

    def test_a_viewer_reads_and_does_nothing_else(self):
        session = self.client.create()
        for path in ("", "/events", "/events/stream"):
            harness.ok(self.viewer.get(f"/v1/sessions/{session}{path}"))
        harness.ok(self.viewer.get("/v1/sessions"))
        create = {"agent": "a", "environment_id": "e"}
        rows = [("create", lambda: self.viewer.post("/v1/sessions", create)),
                ("update", lambda: self.viewer.post(f"/v1/sessions/{session}", {"title": "x"})),
                ("archive", lambda: self.viewer.post(f"/v1/sessions/{session}/archive")),
                ("send", lambda: self.viewer.send(session, [harness.user_message()])),
                ("delete", lambda: self.viewer.http.delete(f"/v1/sessions/{session}"))]
        before = self.client.session(session)
        for what, call in rows:
            with self.subTest(what):
                self.assert_error(call(), 403, "permission_error")
        self.assertEqual(harness.unclocked(self.client.session(session)), harness.unclocked(before))

    def test_a_client_creates_with_its_own_events_only(self):
        body = {"agent": "a", "environment_id": "e", "initial_events": [harness.user_message(),
                                                                        harness.agent_message()]}
        self.assert_error(self.client.post("/v1/sessions", body), 403, "permission_error", "initial_events[1]")
        harness.ok(self.runtime.post("/v1/sessions", body))

    def test_foreign_and_unknown_sessions_look_the_same(self):
        stranger = self.api(self.store.key("runtime", workspace="other"))
        calls = [("retrieve", lambda s: stranger.get(f"/v1/sessions/{s}")),
                 ("list events", lambda s: stranger.list(s)), ("stream", lambda s: stranger.stream(s)),
                 ("send", lambda s: stranger.send(s, [harness.user_message()])),
                 ("update", lambda s: stranger.post(f"/v1/sessions/{s}", {"title": "x"})),
                 ("archive", lambda s: stranger.post(f"/v1/sessions/{s}/archive")),
                 ("delete", lambda s: stranger.http.delete(f"/v1/sessions/{s}"))]
        for what, call in calls:
            with self.subTest(what):
                messages = []
                for session in (self.session, "sess_01" + "0" * 24):
                    answer = call(session)
                    self.assert_error(answer, 404, "not_found")
                    messages.append(answer.json()["error"]["message"].replace(session, "…"))
                self.assertEqual(messages[0], messages[1])
        self.assertEqual(harness.ok(stranger.get("/v1/sessions")).json()["data"], [])
        harness.ok(self.client.get(f"/v1/sessions/{self.session}"))

    def test_two_workspaces_may_have_the_same_session_id(self):
        line = {"session": {"id": "sess_shared", "agent": "a", "environment_id": "e"}, "workspace": "x"}
        store = harness.Store()
        self.addCleanup(store.close)
        for workspace in ("one", "two"):
            event = {"event": {"type": "agent.message", "content": [{"type": "text", "text": workspace}]}}
            store.must("import", "-", "--workspace", workspace, stdin=json.dumps(line) + "\n" + json.dumps(event) +
                       "\n")
        keys = {w: store.key("client", workspace=w) for w in ("one", "two")}
        server = store.serve()
        for workspace, key in keys.items():
            with harness.Api(server, key) as api:
                self.assertEqual([json.loads(e)["content"][0]["text"] for e in api.events("sess_shared")], [workspace])

    def test_a_key_made_beside_the_server_works_at_once(self):
        for role in ("client", "viewer"):
            with harness.Api(self.server, self.store.key(role)) as api:
                harness.ok(api.get(f"/v1/sessions/{self.session}"))

    def test_a_revoked_key_stops_within_five_seconds(self):
        key = self.store.key("client", name="to be revoked")
        with harness.Api(self.server, key) as api:
            harness.ok(api.get(f"/v1/sessions/{self.session}"))
            listed = [json.loads(line) for line in self.store.must("keys", "list", "--json").splitlines()]
            mine = [k for k in listed if k.get("name") == "to be revoked"]
            self.assertEqual(len(mine), 1, listed)
            self.store.must("keys", "revoke", str(mine[0]["id"]))
            start = time.monotonic()
            answer = harness.poll(lambda: (a := api.get(f"/v1/sessions/{self.session}")).status_code == 401 and a, 5.0,
                                  "the revoked key to be refused")
            self.assert_error(answer, 401, "authentication_error")
            self.assertLess(time.monotonic() - start, 5.0)
            for path in ("/events", "/events/stream"):
                self.assert_error(api.get(f"/v1/sessions/{self.session}{path}"), 401, "authentication_error")

    def test_no_secret_is_kept(self):
        listed = self.store.must("keys", "list") + self.store.must("keys", "list", "--json")
        for key in self.keys.values():
            self.assertNotIn(key, listed)
            for suffix in ("", "-wal"):
                with open(self.store.database + suffix, "rb") as database:
                    self.assertIsNone(re.search(re.escape(key[6:]).encode(), database.read()))


if __name__ == "__main__":
    harness.main()
