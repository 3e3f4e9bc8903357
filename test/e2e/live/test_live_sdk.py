# SPDX-License-Identifier: Apache-2.0
"""What the SDK builds on live streams, against a server with stream.default=live: its tool runner and its previews."""
import json

import follow
import harness
import scripts
from test_live_previews import delta, final, start


class SdkTest(follow.FollowTest):
    serve_options = ("--stream.default", "live")

    def run_client(self, script):
        scripts.installed("@anthropic-ai/sdk")
        program = scripts.node(f"clients/{script}.mjs", env={
            "SANDBASE_URL": self.server.url, "SANDBASE_KEY": self.keys["client"], "SANDBASE_SESSION": self.session})
        self.addCleanup(program.close)
        return program


class ToolRunner(SdkTest):
    """The test plays the runtime, with a stream of its own: it asks for tools and waits for their results."""

    def ask(self, *events):
        """Asks for tools and waits as a runtime does; the ids of the uses."""
        uses = self.append(*events)
        self.append(follow.idle("requires_action", event_ids=uses))
        return uses

    def answers(self, stream, count):
        """The next so many results that somebody posted."""
        found = []
        while len(found) < count:
            event = json.loads(stream.event(20).data)
            if event["type"] in ("user.tool_result", "user.custom_tool_result"):
                found.append(event)
        return found

    def tool_use(self, name="weather", type_name="agent.tool_use", **fields):
        return {"type": type_name, "name": name, "input": {"city": "Zürich"}, **fields}

    def test_a_turn_with_tools_from_history_and_live(self):
        runtime = self.follow(key=self.keys["runtime"])
        runtime.history()
        self.append({"type": "session.status_running"}, harness.user_message("How is the weather?"))
        old = self.ask(self.tool_use())  # before the runner is there: it finds it in the list
        runner = self.run_client("tool_runner")
        result = self.answers(runtime, 1)[0]
        self.assertEqual((result["type"], result["tool_use_id"]), ("user.tool_result", old[0]))
        self.assertEqual(result["content"], [{"type": "text", "text": "Sunny in Zürich"}])
        self.assertFalse(result["is_error"])

        self.append({"type": "session.status_running"})
        live = self.ask(self.tool_use(evaluated_permission="allow"), self.tool_use("broken"),
                        self.tool_use(type_name="agent.custom_tool_use"))
        results = {r.get("tool_use_id") or r["custom_tool_use_id"]: r for r in self.answers(runtime, 3)}
        self.assertEqual(set(results), set(live))
        self.assertEqual([results[u]["is_error"] for u in live], [False, True, False])
        self.assertEqual([results[u]["type"] for u in live], ["user.tool_result", "user.tool_result",
                                                              "user.custom_tool_result"])
        self.assertIn("out of order", json.dumps(results[live[1]]["content"]))

        self.append({"type": "session.status_running"}, harness.agent_message("It is sunny."), follow.idle())
        runner.end()
        said = runner.said()
        self.assertEqual(said[-1], {"over": True})
        self.assertEqual([c["toolUseId"] for c in said[:-1]][:1], old)
        self.assertEqual({c["toolUseId"] for c in said[:-1]}, set(old + live))
        self.assertEqual(len(said[:-1]), 4, said)
        self.assertTrue(all(c["posted"] for c in said[:-1]), said)
        types = [json.loads(e)["type"] for e in self.client.events(self.session)]
        self.assertEqual(types.count("user.tool_result") + types.count("user.custom_tool_result"), 4)
        self.assertEqual(self.client.session(self.session)["status"], "idle")

    def test_a_tool_that_waits_for_a_confirmation(self):
        runtime = self.follow(key=self.keys["runtime"])
        runtime.history()
        runner = self.run_client("tool_runner")
        self.wait_for_streams(2)
        asked = self.ask(self.tool_use(evaluated_permission="ask"), self.tool_use(evaluated_permission="ask"))
        self.client.sent(self.session, [
            {"type": "user.tool_confirmation", "tool_use_id": asked[1], "result": "deny", "deny_message": "no"},
            {"type": "user.tool_confirmation", "tool_use_id": asked[0], "result": "allow"}])
        self.assertEqual([r["tool_use_id"] for r in self.answers(runtime, 1)], asked[:1])
        self.append({"type": "session.status_running"}, follow.idle())
        runner.end()
        said = {c["toolUseId"]: c for c in runner.said()[:-1]}
        self.assertEqual({u: (c["confirmation"], c["posted"]) for u, c in said.items()},
                         {asked[0]: ("allow", True), asked[1]: ("deny", False)})

    def test_it_stops_when_the_session_does(self):
        for end in (lambda: self.append(follow.TERMINATED),
                    lambda: harness.ok(self.client.http.delete(f"/v1/sessions/{self.session}"))):
            self.session = self.client.create()
            runner = self.run_client("tool_runner")
            self.wait_for_streams(1)
            end()
            runner.end()
            self.assertEqual(runner.said(), [{"over": True}])


class Previews(SdkTest):
    def test_the_sdks_own_helper_gets_the_final_text(self):
        program = self.run_client("previews")
        self.wait_for_streams(1)
        words = ["The ", "weather ", "is ", "sunny ", "☀."]
        steps = [[start("sevt_p1")], *[[delta("sevt_p1", w)] for w in words], [delta("sevt_p1", "Second block.", 1)]]
        for count, events in enumerate(steps, 1):
            self.runtime.sent(self.session, events)
            program.wait_for(lambda c=count: len(program.said()) >= c, 10, f"preview {count}")
        text = "".join(words)
        whole = [{"type": "text", "text": text}, {"type": "text", "text": "Second block."}]
        self.append({"type": "agent.message", "id": "sevt_p1", "content": whole}, follow.idle())
        program.end()
        said = program.said()
        self.assertEqual([s["type"] for s in said], ["event_start"] + ["event_delta"] * 6 +
                         ["agent.message", "session.status_idle"])
        self.assertTrue(all(s["id"] == "sevt_p1" for s in said), said)
        self.assertEqual([s["texts"] for s in said[:6]], [[]] + [["".join(words[:i])] for i in range(1, 6)])
        self.assertEqual(said[6]["texts"], [text, "Second block."])
        self.assertEqual(said[7]["texts"], [text, "Second block."])

    def test_the_final_text_is_there_whatever_became_of_the_previews(self):
        program = self.run_client("previews")
        self.wait_for_streams(1)
        words = [f"{i} " for i in range(200)]
        self.runtime.sent(self.session, [start("sevt_p2"), *[delta("sevt_p2", w) for w in words],
                                         final("sevt_p2", "".join(words)), follow.idle()])
        program.end()
        self.assertEqual(program.said()[-1]["texts"], ["".join(words)])


if __name__ == "__main__":
    harness.main()
