# SPDX-License-Identifier: Apache-2.0
"""The three request examples of the Stream Events page, as they stand there but for base URL, key and session id."""
import json
import os
import subprocess

import httpx

import harness
import sse

SESSION = "sess_01abc"
EVENTS = [
    '{"id":"sevt_01","type":"session.status_running","processed_at":"2026-05-29T10:00:00Z"}',
    '{"id":"sevt_02","type":"agent.tool_use","content":{"name":"web_search","input":{"query":"order 1234"}},'
    '"processed_at":"2026-05-29T10:00:01Z"}',
    '{"id":"sevt_03","type":"agent.message","content":[{"type":"text","text":"Your order #1234 shipped yesterday."}],'
    '"processed_at":"2026-05-29T10:00:03Z"}',
    '{"id":"sevt_04","type":"session.status_idle","stop_reason":{"type":"end_turn"},'
    '"processed_at":"2026-05-29T10:00:03Z"}',
]
STREAM = "".join(f"event: message\nid: {json.loads(e)['id']}\ndata: {e}\n\n" for e in EVENTS) + "data: [DONE]\n\n"


class PageExamples(harness.E2eTest):
    serve_options = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store.must("import", os.path.join(harness.DATA, "page-session.jsonl"))
        cls.key = cls.store.key("client")
        cls.server = cls.store.serve()
        cls.client = cls.api(cls.key)

    def curl(self, *options, path=f"/v1/sessions/{SESSION}/events/stream"):
        done = subprocess.run(["curl", "-N", "-sS", "--max-time", "20", *options, self.server.url + path],
                              env=self.store.environment({"no_proxy": "*"}), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode("utf-8")

    def test_curl_prints_the_frames_to_the_byte(self):
        self.assertEqual(self.curl("-H", f"Authorization: Bearer {self.key}"), STREAM)

    def test_each_data_line_is_one_json_and_the_last_is_done(self):
        data = [line for line in self.curl("-H", f"Authorization: Bearer {self.key}").split("\n")
                if line.startswith("data: ")]
        self.assertEqual(data[-1], "data: [DONE]")
        self.assertEqual([line[6:] for line in data[:-1]], EVENTS)
        self.assertEqual([json.loads(line[6:])["type"] for line in data[:-1]],
                         ["session.status_running", "agent.tool_use", "agent.message", "session.status_idle"])

    def test_headers(self):
        answer = self.curl("-i", "-H", f"Authorization: Bearer {self.key}").replace("\r\n", "\n")
        head, _, body = answer.partition("\n\n")
        lines = head.split("\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        self.assertRegex(lines[0], r"^HTTP/1\.1 200")
        self.assertRegex(headers["content-type"], r"^text/event-stream(; ?charset=utf-8)?$")
        self.assertEqual(headers["cache-control"], "no-cache, no-transform")
        self.assertEqual(headers["x-accel-buffering"], "no")
        self.assertTrue(headers["request-id"].startswith("req_"), headers)
        self.assertEqual(body, STREAM)

    def test_no_accept_header_is_refused(self):
        for accept in ("application/json", "text/html", "text/event-stream", "*/*", "image/png;q=0.1"):
            with self.subTest(accept=accept):
                self.assertEqual(self.curl("-H", f"Accept: {accept}", "-H", f"x-api-key: {self.key}"), STREAM)

    def test_httpx_loop(self):
        types = []
        with httpx.stream("GET",
            f"{self.server.url}/v1/sessions/{SESSION}/events/stream",
            headers={"Authorization": f"Bearer {self.key}"},
            trust_env=False,
        ) as response:
            for line in response.iter_lines():
                line = line.rstrip("\r\n")  # httpx before 0.24 keeps line ends
                if line.startswith("data: ") and line != "data: [DONE]":
                    event = json.loads(line[6:])
                    types.append(event["type"])
        self.assertEqual(types, [json.loads(e)["type"] for e in EVENTS])

    def test_sdk_prints_the_message_and_the_end_of_the_turn(self):
        printed = harness.node("page_example.mjs", SESSION, server=self.server, key=self.key)
        self.assertEqual(printed, "Your order #1234 shipped yesterday.\n[done: end_turn]\n")

    def test_list_events_shows_the_same_json(self):
        answer = harness.ok(self.client.list(SESSION))
        self.assertEqual([i.decode() for i in harness.raw_items(answer.content)], EVENTS)

    def awkward(self):
        """A session with a message that holds what some readers take for the end of a line, sent as it is; and the
        message."""
        text = "a\u2028b\u2029c\u0085d"
        runtime = self.api(self.store.key("runtime"))
        session = runtime.create()
        body = json.dumps({"events": [harness.agent_message(text), *harness.turn()[2:]]}, ensure_ascii=False)
        harness.ok(runtime.post(f"/v1/sessions/{session}/events", body.encode("utf-8")))
        return session, text

    def test_the_httpx_loop_survives_other_line_ends(self):
        """Newer versions of httpx split as str.splitlines() does."""
        session, text = self.awkward()
        lines = self.client.stream(session).content.decode("utf-8").splitlines()
        events = [json.loads(line[6:]) for line in lines if line.startswith("data: ") and line != "data: [DONE]"]
        self.assertEqual([e["type"] for e in events], ["agent.message", "session.status_idle"])
        self.assertEqual(events[0]["content"][0]["text"], text)

    def test_the_sdk_prints_other_line_ends(self):
        session, text = self.awkward()
        self.assertEqual(harness.node("page_example.mjs", session, server=self.server, key=self.key),
                         f"{text}\n[done: end_turn]\n")

    def test_errors_of_the_page(self):
        path = f"/v1/sessions/{SESSION}/events/stream"
        with harness.Api(self.server, None) as nobody:
            self.assert_error(nobody.get(path), 401, "authentication_error")
        with harness.Api(self.server, "sk-sb-YOUR_KEY") as stranger:
            self.assert_error(stranger.get(path), 401, "authentication_error")
        self.assert_error(self.client.get("/v1/sessions/sess_01abd/events/stream"), 404, "not_found")

    def test_reconnection_without_a_cursor_gives_everything_again(self):
        first = self.client.stream(SESSION)
        second = self.client.stream(SESSION)
        self.assertEqual(first.text, second.text)
        self.assertEqual(sse.ids(second.content), ["sevt_01", "sevt_02", "sevt_03", "sevt_04"])


if __name__ == "__main__":
    harness.main()
