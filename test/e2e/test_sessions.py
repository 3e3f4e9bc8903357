# SPDX-License-Identifier: Apache-2.0
"""The session object: what every event makes of it, exact in GET and in List Sessions at any time."""
import json

import harness
import logs

BIG = 9223372036854775807


class Sessions(harness.E2eTest):
    def assert_listed_alike(self, session):
        """List Sessions shows what GET shows."""
        rows = harness.ok(self.client.get("/v1/sessions", params={"limit": 100})).json()["data"]
        (listed,) = [s for s in rows if s["id"] == session]
        self.assertEqual(harness.unclocked(listed), harness.unclocked(self.client.session(session)))

    def test_the_status_follows_the_events(self):
        session = self.client.create()
        rows = [("session.status_running", "running"), ("agent.message", "running"), ("session.status_idle", "idle"),
                ("session.status_rescheduled", "rescheduling"), ("session.status_running", "running"),
                ("session.status_terminated", "terminated")]
        self.assertEqual(self.client.session(session)["status"], "idle")
        for event_type, status in rows:
            with self.subTest(event_type):
                self.runtime.sent(session, [{"type": event_type}])
                self.assertEqual(self.client.session(session)["status"], status)
                self.assert_listed_alike(session)
                listed = harness.ok(self.client.get("/v1/sessions", params={"statuses": status, "limit": 100}))
                ids = [s["id"] for s in listed.json()["data"]]
                self.assertIn(session, ids)

    def test_usage_adds_up(self):
        session = self.client.create()
        usage = {"input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 1, "cache_creation_input_tokens": 2}
        for count in (1, 2, 3):
            self.runtime.sent(session, [{"type": "span.model_request_end", "model_usage": usage}])
            seen = self.client.session(session)["usage"]
            self.assertEqual({k: seen[k] for k in usage}, {k: v * count for k, v in usage.items()})
            self.assert_listed_alike(session)

    def test_usage_never_overflows(self):
        session = self.client.create()
        for _ in range(3):
            self.runtime.send(session, [{"type": "span.model_request_end", "model_usage": {"input_tokens": BIG}}])
        self.assertGreaterEqual(self.client.session(session)["usage"]["input_tokens"], 0)
        for value in ('"x"', '{"input_tokens":-1}', '{"input_tokens":1.5}', '{"output_tokens":99999999999999999999}',
                      '{"input_tokens":"1"}'):
            with self.subTest(value):
                body = '{"events":[{"type":"span.model_request_end","model_usage":' + value + "}]}"
                self.assert_error(self.runtime.post(f"/v1/sessions/{session}/events", body), 400,
                                  "invalid_request_error", "events[0].model_usage")

    def test_the_log_is_exact_after_every_append(self):
        session = self.client.create()
        events = []
        for i in range(30):
            sent = harness.ok(self.runtime.send(session, [harness.agent_message("x" * 3000)] * (i % 4 + 1)))
            events += harness.raw_items(sent.content)
            header = self.client.session(session)
            logs.assert_whole(header, events)
            self.assertGreaterEqual(header["updated_at"], json.loads(events[-1])["processed_at"])
            self.assert_listed_alike(session)

    def test_pages_lead_there_and_back(self):
        agent = {"id": "agent_pages"}
        made = [self.client.create(agent=agent, title=str(i)) for i in range(7)][::-1]
        params = {"limit": 3, "agent_id": "agent_pages"}

        def page(cursor=None):
            body = harness.ok(self.client.get("/v1/sessions",
                                              params={**params, **({"page": cursor} if cursor else {})})).json()
            return [s["id"] for s in body["data"]], body["prev_page"], body["next_page"]

        first, before_first, to_second = page()
        self.client.create(agent=agent)  # new ones come in front and shift no page
        second, to_first, to_third = page(to_second)
        third, _, after_third = page(to_third)
        self.assertEqual([first, second, third], [made[:3], made[3:6], made[6:]])
        self.assertEqual((before_first, after_third), (None, None))
        self.assertEqual(page(to_first)[0], first)

    def listed(self, **params):
        """(ids, bytes of the answer) of every page."""
        pages, cursor = [], None
        while True:
            answer = harness.ok(self.client.get("/v1/sessions",
                                                params={**params, **({"page": cursor} if cursor else {})}))
            body = answer.json()
            pages.append(([s["id"] for s in body["data"]], len(answer.content)))
            cursor = body["next_page"]
            if not cursor:
                return pages
            self.assertTrue(body["data"], "an empty page that is not the last")

    def test_a_page_of_large_sessions_is_bounded(self):
        note = {"type": "file", "note": "x" * 240_000}
        made = [self.client.create(agent="agent_large", resources=[note]) for _ in range(20)]
        pages = self.listed(agent_id="agent_large", limit=100, order="asc")
        self.assertEqual([s for ids, _ in pages for s in ids], made)
        self.assertEqual(len(pages), 2)
        for _, size in pages:
            self.assertLess(size, (4 << 20) + 1000)

    def test_lists_are_narrowed_by_what_the_sdk_knows(self):
        made = [self.client.create(agent={"type": "agent", "id": "agent_narrow", "version": 1 + n % 3},
                                   resources=[{"type": "memory_store", "memory_store_id": f"memstore_{n % 4}"}],
                                   deployment_id=f"depl_{n % 2}")
                for n in range(12)]
        rows = [({}, made), ({"agent_version": 2}, made[1::3]), ({"memory_store_id": "memstore_3"}, made[3::4]),
                ({"memory_store_id": "memstore_3", "agent_version": 1}, made[3::12]),
                ({"memory_store_id": "memstore_9"}, []), ({"deployment_id": "depl_9"}, []),
                ({"deployment_id": "depl_1"}, made[1::2])]
        for params, expected in rows:
            for limit in (1, 5, 100):
                with self.subTest(params=params, limit=limit):
                    pages = self.listed(agent_id="agent_narrow", limit=limit, order="asc", **params)
                    self.assertEqual([s for ids, _ in pages for s in ids], expected)

    def test_what_the_sdk_knows_is_kept_and_given_back(self):
        fields = {"vault_ids": ["vlt_1", "vlt_2"], "deployment_id": "depl_1",
                  "budget": {"type": "limit", "max_list_cost": {"amount": "1.50", "currency": "USD"}},
                  "title": "Grüße \"☀\"\n"}
        session = self.client.create(**fields)
        seen = self.client.session(session)
        self.assertEqual({k: seen[k] for k in fields}, fields)

    def test_resources_have_what_the_sdk_requires(self):
        given = [{"type": "file", "file_id": "file_1", "mount_path": None},
                 {"type": "file", "file_id": "f", "mount_path": "/a", "note": 1},
                 {"type": "github_repository", "url": "https://example.com/a/b.git"},
                 {"type": "memory_store", "memory_store_id": "memstore_1"}]
        session = self.client.create(resources=given)
        seen = self.client.session(session)
        for resource in seen["resources"][:3]:
            self.assertRegex(resource.pop("id"), "^sesrsc_")
            self.assertEqual({resource.pop("created_at"), resource.pop("updated_at")}, {seen["created_at"]})
        paths = ["/mnt/session/uploads/file_1", "/a", "/workspace/b"]
        self.assertEqual(seen["resources"], [{**r, "mount_path": p} for r, p in zip(given, paths)] + given[3:])

    def test_a_session_object_has_a_bound(self):
        tools = [{"type": "custom", "name": f"tool_{n}", "description": "x" * 60_000} for n in range(6)]
        wide = {"agent": "a", "environment_id": "e",
                "resources": [{"type": "file", "file_id": "f", "note": "x" * 300_000}]}
        self.assert_error(self.client.post("/v1/sessions", wide), 413, "request_too_large", "262144")
        session = self.client.create(title="x" * 60_000)
        for n in range(1, 7):
            before = self.client.session(session)
            answer = self.client.post(f"/v1/sessions/{session}", {"agent": {"tools": tools[:n]}})
            if answer.status_code != 200:
                break
        self.assert_error(answer, 413, "request_too_large", "262144")
        self.assertEqual(harness.unclocked(self.client.session(session)), harness.unclocked(before))
        self.assertEqual(harness.ok(self.client.post(f"/v1/sessions/{session}", {"title": "small"})).json()["title"],
                         "small")

    def test_what_waits_for_an_answer(self):
        session = self.client.create()
        uses = self.runtime.sent(session, [{"type": "session.status_running"},
                                           {"type": "agent.tool_use", "name": "bash", "input": {}},
                                           {"type": "agent.custom_tool_use", "name": "look_up", "input": {}}])
        waiting = [{"id": e["id"], "type": e["type"], "name": e["name"]} for e in uses[1:]]
        self.assertEqual(self.client.session(session)["pending"], waiting)
        self.runtime.sent(session, [{"type": "agent.tool_result", "tool_use_id": uses[1]["id"]}])
        self.assertEqual(self.client.session(session)["pending"], waiting[1:])
        self.runtime.sent(session, [{"type": "session.status_idle", "stop_reason": {"type": "end_turn"}}])
        self.assertEqual(self.client.session(session)["pending"], [])
        self.assert_listed_alike(session)

    def test_the_token_of_a_repository_is_the_runtimes(self):
        resource = {"type": "github_repository", "url": "https://example.com/r.git",
                    "authorization_token": "ghp_secret"}
        answer = harness.ok(self.client.post("/v1/sessions", {"agent": "a", "environment_id": "e",
                                                              "resources": [resource]})).json()
        hidden = answer["resources"][0]
        self.assertNotIn("authorization_token", hidden)
        resource = {**hidden, "authorization_token": "ghp_secret"}
        session = answer["id"]
        for api, shown in ((self.client, hidden), (self.viewer, hidden), (self.runtime, resource)):
            self.assertEqual(api.session(session)["resources"], [shown])
            listed = harness.ok(api.get("/v1/sessions")).json()["data"]
            self.assertEqual([s["resources"] for s in listed if s["id"] == session], [[shown]])
        for path in ("", "/archive"):
            self.assertEqual(harness.ok(self.client.post(f"/v1/sessions/{session}{path}", {})).json()["resources"],
                             [hidden])

    def test_updates(self):
        session = self.client.create(title="a", metadata={"x": "1", "y": "2"})
        rows = [({"title": "b"}, {"title": "b"}), ({"title": None}, {"title": None}),
                ({"metadata": {"x": None, "z": "3"}}, {"metadata": {"y": "2", "z": "3"}}),
                ({"agent": {"tools": [{"type": "custom", "name": "f"}]}}, {}),
                ({"title": "c", "metadata": {"y": "4"}}, {"title": "c", "metadata": {"y": "4", "z": "3"}})]
        for number, (update, expected) in enumerate(rows, 1):
            with self.subTest(update):
                answer = harness.ok(self.client.post(f"/v1/sessions/{session}", update)).json()
                self.assertEqual({k: answer[k] for k in expected}, expected)
                self.assertEqual(harness.unclocked(self.client.session(session)), harness.unclocked(answer))
                events = [json.loads(e) for e in self.client.events(session)]
                self.assertEqual([e["type"] for e in events], ["session.updated"] * number)
        self.assertEqual(self.client.session(session)["agent"]["tools"], [{"type": "custom", "name": "f"}])
        before = self.client.session(session)["log"]
        harness.ok(self.client.post(f"/v1/sessions/{session}", {}))
        self.assertEqual(self.client.session(session)["log"], before)

    def test_an_archived_session_is_read_only(self):
        session = self.client.create()
        sent = self.runtime.sent(session, harness.turn())
        for body in ("x", "[]", "null"):
            self.assert_error(self.client.post(f"/v1/sessions/{session}/archive", body), 400, "invalid_request_error")
        first = harness.ok(self.client.post(f"/v1/sessions/{session}/archive")).json()
        again = harness.ok(self.client.post(f"/v1/sessions/{session}/archive", {})).json()
        self.assertEqual(first["archived_at"], again["archived_at"])
        self.assert_error(self.client.post(f"/v1/sessions/{session}", {"title": "x"}), 400, "invalid_request_error",
                          "archived")
        self.assertEqual([json.loads(e) for e in self.client.events(session)], sent)
        harness.ok(self.client.http.delete(f"/v1/sessions/{session}"))
        self.assert_error(self.client.get(f"/v1/sessions/{session}"), 404, "not_found")

    def test_a_deletion_that_is_repeated_by_an_sdk(self):
        session, others = self.client.create(), self.client.create()
        retry = {"x-stainless-retry-count": "1"}
        path = f"/v1/sessions/{session}"
        gone = harness.ok(self.client.http.delete(path)).json()
        self.assertEqual(harness.ok(self.client.http.delete(path, headers=retry)).json(), gone)
        self.assert_error(self.client.http.delete(path), 404, "not_found")
        self.assert_error(self.runtime.http.delete(path, headers=retry), 404, "not_found")
        harness.ok(self.client.http.delete(f"/v1/sessions/{others}", headers=retry))  # the first try never arrived

    def test_a_deleted_session_can_be_imported_again(self):
        store = harness.Store()
        self.addCleanup(store.close)
        key, lines = store.key("client"), [json.dumps({"session": {"id": "sess_again", "agent": "a",
                                                                   "environment_id": "e"}}),
                                           json.dumps({"event": {"id": "evt_1", "type": "agent.message",
                                                                 "content": []}})]
        for _ in range(2):
            store.must("import", "-", stdin="\n".join(lines) + "\n")
            server = store.serve()
            with harness.Api(server, key) as api:
                self.assertEqual(len(api.events("sess_again")), 1)
                harness.ok(api.http.delete("/v1/sessions/sess_again"))
                self.assert_error(api.list("sess_again"), 404, "not_found")
            self.assertEqual(server.stop(), 0)
            check = store.run("check")
            self.assertEqual(check.returncode, 0, check)


if __name__ == "__main__":
    harness.main()
