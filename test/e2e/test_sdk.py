# SPDX-License-Identifier: Apache-2.0
"""The Anthropic SDK against this service, with nothing changed but base URL and key."""

import harness

TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
# The fields that BetaManagedAgentsSession and its agent always have, and what this service adds.
SESSION_FIELDS = {"id", "agent", "archived_at", "budget", "created_at", "environment_id", "metadata",
                  "outcome_evaluations", "resources", "stats", "status", "title", "type", "updated_at", "usage",
                  "vault_ids",
                  "agent_id", "agent_version", "log"}
AGENT_FIELDS = {"id", "description", "execution_identity", "mcp_servers", "model", "multiagent", "name", "skills",
                "system",
                "tools", "type", "version"}


class SdkSessions(harness.E2eTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seen = harness.node_report("sessions.mjs", server=cls.server, key=cls.keys["client"])

    def test_a_created_session_has_every_field(self):
        created = self.seen["created"]
        self.assertEqual(SESSION_FIELDS - created.keys(), set(), created)
        self.assertEqual(AGENT_FIELDS - created["agent"].keys(), set(), created)
        self.assertRegex(created["id"], r"^sess_[0-9A-HJKMNP-TV-Z]{26}$")
        self.assertRegex(created["created_at"], TIME)
        expected = {"type": "session", "status": "idle", "title": "First", "environment_id": "env_sdk",
                    "agent_id": "agent_sdk", "agent_version": 3, "metadata": {"colour": "blue", "shape": "round"},
                    "archived_at": None, "budget": None, "resources": [], "vault_ids": [], "outcome_evaluations": []}
        self.assertEqual({k: created[k] for k in expected}, expected)
        self.assertEqual((created["agent"]["id"], created["agent"]["type"], created["agent"]["version"]),
                         ("agent_sdk", "agent", 3))

    def test_initial_events_are_in_its_log(self):
        created, first = self.seen["created"], self.seen["events"][0]
        self.assertEqual(created["log"]["events"], 1)
        self.assertEqual(created["log"]["last_event_id"], first["id"])
        self.assertRegex(created["log"]["head"], r"^sha256:[0-9a-f]{64}$")
        self.assertEqual(first["content"], [{"type": "text", "text": "Where is my order #1234?"}])

    def test_retrieve_gives_the_same(self):
        self.assertEqual(harness.unclocked(self.seen["retrieved"]), harness.unclocked(self.seen["created"]))

    def test_update_changes_title_and_metadata_and_appends_an_event(self):
        updated, events = self.seen["updated"], self.seen["events"]
        self.assertEqual(updated["title"], "Second")
        self.assertEqual(updated["metadata"], {"shape": "round", "size": "XL"})
        self.assertEqual([e["type"] for e in events], ["user.message", "session.updated"])
        self.assertEqual(updated["log"]["last_event_id"], events[1]["id"])
        self.assertGreaterEqual(updated["updated_at"], self.seen["created"]["updated_at"])

    def test_list_pages_by_itself_newest_first(self):
        self.assertEqual(self.seen["listed"], self.seen["more"][::-1])
        self.assertEqual(self.seen["ascending"], self.seen["more"])

    def test_list_filters(self):
        self.assertEqual(self.seen["since"], 7)
        self.assertEqual(self.seen["idle"], 7)
        self.assertEqual(self.seen["running"], 0)

    def test_archive_takes_it_out_of_the_list(self):
        more = self.seen["more"]
        self.assertEqual(self.seen["archived"]["id"], more[0])
        self.assertRegex(self.seen["archived"]["archived_at"], TIME)
        self.assertEqual(self.seen["withoutArchived"], more[:0:-1])
        self.assertEqual(self.seen["withArchived"], more[::-1])

    def test_delete(self):
        more = self.seen["more"]
        self.assertEqual(self.seen["deleted"], {"id": more[1], "type": "session_deleted"})
        self.assertEqual(self.seen["afterDelete"], "NotFoundError")
        self.assertEqual(self.seen["withoutDeleted"], more[:1:-1])


class SdkEvents(harness.E2eTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session = cls.client.create()
        cls.seen = harness.node_report("events.mjs", cls.session, server=cls.server, key=cls.keys["runtime"])
        cls.stored = cls.seen["question"]["data"] + cls.seen["turn"]["data"]

    def test_send_answers_the_stored_events(self):
        self.assertEqual([e["type"] for e in self.stored], ["user.message", "session.status_running", "agent.tool_use",
                                                            "agent.message", "session.status_idle"])
        for event in self.stored:
            self.assertRegex(event["id"], r"^sevt_[0-9A-HJKMNP-TV-Z]{26}$")
            self.assertRegex(event["processed_at"], TIME)
        self.assertEqual(self.stored[0]["content"][0]["text"], "How is the weather in Zürich? ☀")
        self.assertEqual(self.stored[3]["content"][0]["text"], 'Sunny.\nEnjoy "it".')

    def test_stream_yields_the_whole_turn_in_order_and_ends_by_itself(self):
        self.assertEqual(self.seen["streamed"], self.stored)

    def test_list_pages_by_itself(self):
        self.assertEqual(self.seen["listed"], self.stored)
        self.assertEqual(self.seen["firstPage"], [e["id"] for e in self.stored[:2]])
        self.assertTrue(self.seen["hasNextPage"])
        self.assertEqual(self.seen["descending"], [e["id"] for e in reversed(self.stored)])

    def test_list_filters_by_type(self):
        self.assertEqual(self.seen["filtered"], ["agent.message", "session.status_idle"])

    def test_a_long_stream_arrives_whole(self):
        session = self.client.create()
        for start in range(0, 3000, 1000):
            self.runtime.sent(session, [harness.agent_message(f"Nr. {start + i} ü") for i in range(1000)])
        streamed = harness.node_report("stream.mjs", session, server=self.server, key=self.keys["viewer"])
        self.assertEqual([e["content"][0]["text"] for e in streamed], [f"Nr. {i} ü" for i in range(3000)])

    def test_an_empty_log_yields_nothing(self):
        session = self.client.create()
        self.assertEqual(harness.node_report("stream.mjs", session, server=self.server, key=self.keys["viewer"]), [])


class SdkErrors(harness.E2eTest):
    EXPECTED = {
        "badKey": ("AuthenticationError", 401, "authentication_error"),
        "badKeyOnStream": ("AuthenticationError", 401, "authentication_error"),
        "unknownSession": ("NotFoundError", 404, "not_found"),
        "unknownSessionOnStream": ("NotFoundError", 404, "not_found"),
        "viewerSends": ("PermissionDeniedError", 403, "permission_error"),
        "noEvents": ("BadRequestError", 400, "invalid_request_error"),
        "archived": ("BadRequestError", 400, "invalid_request_error"),
        "conflict": ("ConflictError", 409, "conflict_error"),
        "tooLarge": ("ContentTooLargeError", 413, "request_too_large"),
    }

    def test_each_error_has_its_class_and_is_not_tried_again(self):
        session, archived = self.client.create(), self.client.create()
        self.client.sent(session, [harness.user_message()])
        harness.ok(self.client.post(f"/v1/sessions/{archived}/archive"))
        seen = harness.node_report("errors.mjs", session, archived, server=self.server, key=self.keys["client"],
                                   env={"SANDBASE_VIEWER_KEY": self.keys["viewer"]})
        self.assertEqual(seen.keys(), self.EXPECTED.keys())
        for case, (name, status, error_type) in self.EXPECTED.items():
            with self.subTest(case=case):
                got = seen[case]
                self.assertEqual((got["name"], got.get("status"), got.get("type")), (name, status, error_type), got)
                self.assertTrue(got["isAPIError"], got)
                self.assertEqual(got["requestID"], got["body"]["request_id"], got)
                self.assertEqual(got["requests"], 1, got)


if __name__ == "__main__":
    harness.main()
