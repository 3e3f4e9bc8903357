# SPDX-License-Identifier: Apache-2.0
"""Confirmations and results of tool uses: they name an event of this session that waits for one and has none yet."""
import harness

INVALID = (400, "invalid_request_error")


def confirmation(event, result="allow", **more):
    return {"type": "user.tool_confirmation", "tool_use_id": event, "result": result, **more}


def tool_result(event):
    return {"type": "user.tool_result", "tool_use_id": event, "content": [{"type": "text", "text": "42"}]}


def custom_result(event):
    return {"type": "user.custom_tool_result", "custom_tool_use_id": event, "content": [{"type": "text", "text": "42"}]}


class ToolResults(harness.E2eTest):
    def setUp(self):
        self.session = self.client.create()

    def use(self, type_name="agent.tool_use", session=None, **fields):
        """The id of a new tool use."""
        event = {"type": type_name, "name": "f", "input": {}, **fields}
        return self.runtime.sent(session or self.session, [event])[0]["id"]

    def refused(self, *events, field):
        before = self.client.session(self.session)["log"]
        self.assert_error(self.client.send(self.session, list(events)), *INVALID, f"events[{len(events) - 1}].{field}")
        self.assertEqual(self.client.session(self.session)["log"], before)

    def test_each_kind_is_taken_once(self):
        rows = [("agent.tool_use", {"evaluated_permission": "ask"}, confirmation, "tool_use_id"),
                ("agent.mcp_tool_use", {"evaluated_permission": "ask"}, confirmation, "tool_use_id"),
                ("agent.tool_use", {}, tool_result, "tool_use_id"),
                ("agent.custom_tool_use", {}, custom_result, "custom_tool_use_id")]
        for type_name, fields, answer, field in rows:
            with self.subTest(type_name=type_name, answer=answer.__name__):
                use = self.use(type_name, **fields)
                first = self.client.sent(self.session, [answer(use)])
                before = self.client.session(self.session)["log"]
                # Said once more it is the same answer, said otherwise it has nothing to answer.
                self.assertEqual(self.client.sent(self.session, [answer(use)]), first)
                self.assertEqual(self.client.session(self.session)["log"], before)
                self.refused({**answer(use), "note": "another"}, field=field)
                self.refused(harness.user_message(), answer(use), field=field)

    def test_twice_in_one_request(self):
        use = self.use("agent.custom_tool_use")
        self.refused(custom_result(use), custom_result(use), field="custom_tool_use_id")
        self.client.sent(self.session, [custom_result(use)])

    def test_an_answer_beside_others_names_the_first_one(self):
        use, other = self.use("agent.custom_tool_use"), self.use("agent.custom_tool_use")
        first = self.client.sent(self.session, [custom_result(use)])[0]["id"]
        both = self.client.send(self.session, [custom_result(other), custom_result(use)])
        self.assert_error(both, *INVALID, first)
        # Alone or together: what is repeated is answered with what is stored.
        second = self.client.sent(self.session, [custom_result(other)])[0]["id"]
        again = self.client.sent(self.session, [custom_result(other), custom_result(use)])
        self.assertEqual([e["id"] for e in again], [second, first])

    def test_naming_nothing(self):
        message = self.client.sent(self.session, [harness.user_message()])[0]["id"]
        other = self.client.create()
        foreign = self.use("agent.custom_tool_use", session=other)
        for what, target in [("an unknown id", "sevt_01unknown"), ("a message", message),
                             ("an event of another session", foreign)]:
            for answer, field in [(confirmation, "tool_use_id"), (tool_result, "tool_use_id"),
                                  (custom_result, "custom_tool_use_id")]:
                with self.subTest(what, answer=answer.__name__):
                    self.refused(answer(target), field=field)

    def test_naming_a_use_of_another_kind(self):
        self.refused(custom_result(self.use("agent.tool_use")), field="custom_tool_use_id")
        self.refused(tool_result(self.use("agent.custom_tool_use")), field="tool_use_id")

    def test_a_use_that_the_agent_has_answered(self):
        use = self.use()
        self.runtime.sent(self.session, [{"type": "agent.tool_result", "tool_use_id": use, "content": []}])
        self.refused(tool_result(use), field="tool_use_id")

    def test_a_confirmed_use_still_takes_its_result(self):
        use = self.use(evaluated_permission="ask")
        self.client.sent(self.session, [confirmation(use)])
        self.client.sent(self.session, [tool_result(use)])

    def test_denying_with_a_message(self):
        use = self.use(evaluated_permission="ask")
        self.refused(confirmation(use, "allow", deny_message="no"), field="deny_message")
        stored = self.client.sent(self.session, [confirmation(use, "deny", deny_message="not today")])
        self.assertEqual(stored[0]["deny_message"], "not today")

    def test_a_use_and_its_result_in_one_request(self):
        events = [{"type": "agent.custom_tool_use", "id": "evt_mine", "name": "f", "input": {}},
                  custom_result("evt_mine")]
        self.assertEqual([e["type"] for e in self.runtime.sent(self.session, events)],
                         ["agent.custom_tool_use", "user.custom_tool_result"])

    def test_what_waits_survives_a_restart(self):
        answered, waiting = self.use("agent.custom_tool_use"), self.use("agent.custom_tool_use")
        self.client.sent(self.session, [custom_result(answered)])
        store = harness.Store()
        self.addCleanup(store.close)
        lines = self.store.export(self.session)
        store.must("import", "-", stdin="\n".join(lines) + "\n")
        key = store.key("client")
        with harness.Api(store.serve(), key) as api:
            self.assertEqual(api.sent(self.session, [custom_result(answered)])[0]["custom_tool_use_id"], answered)
            self.assert_error(api.send(self.session, [{**custom_result(answered), "content": []}]), *INVALID)
            api.sent(self.session, [custom_result(waiting)])

    def test_a_system_message_behind_a_result(self):
        use = self.use("agent.custom_tool_use")
        system = {"type": "system.message", "content": [{"type": "text", "text": "Be brief."}]}
        self.client.sent(self.session, [custom_result(use), system])

    def test_an_outcome_gets_an_id(self):
        stored = self.client.sent(self.session, [{"type": "user.define_outcome", "description": "A sorted list",
                                                  "rubric": {"type": "text", "content": "Is it sorted?"}}])[0]
        self.assertRegex(stored["outcome_id"], r"^outc_\w+$")
        outcomes = self.client.session(self.session)["outcome_evaluations"]
        self.assertEqual([(o["outcome_id"], o["description"], o["result"]) for o in outcomes],
                         [(stored["outcome_id"], "A sorted list", "pending")])


if __name__ == "__main__":
    harness.main()
