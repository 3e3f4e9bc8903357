# SPDX-License-Identifier: Apache-2.0
"""Texts that break readers: characters at which some end a line, halves of emojis, byte order marks; and times by every
digit."""
import datetime
import json
import time

import harness

BREAKS = "\u2028\u2029\u0085"


class Texts(harness.E2eTest):
    def body(self, texts):
        return json.dumps({"events": [harness.user_message(t) for t in texts]}, ensure_ascii=False).encode()

    def test_no_line_of_a_stream_breaks_within_an_event(self):
        session = self.client.create(title=f"t{BREAKS}")
        texts = ["before", *(f"a{c}b{c}" for c in BREAKS), "after ✅ – “”"]
        answers = [self.client.post(f"/v1/sessions/{session}/events", self.body(texts)), self.client.list(session),
                   self.client.get(f"/v1/sessions/{session}/events/stream"), self.client.get(f"/v1/sessions/{session}"),
                   self.client.get("/v1/sessions")]
        for answer in answers:
            harness.ok(answer)
            self.assertEqual([c for c in BREAKS if c in answer.content.decode()], [])
        for answer in answers[:2]:
            self.assertEqual([e["content"][0]["text"] for e in answer.json()["data"]], texts)
        lines = answers[2].content.decode().splitlines()
        read = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
        self.assertEqual([e["content"][0]["text"] for e in read], texts)
        self.assertEqual(answers[3].json()["title"], f"t{BREAKS}")

    def test_errors_do_not_break_either(self):
        session = self.client.create()
        body = json.dumps({"events": [{"type": f"a{BREAKS}"}]}, ensure_ascii=False)
        answers = [self.runtime.post(f"/v1/sessions/{session}/events", body.encode()),
                   self.client.post(f"/v1/sessions/{session}/events", body.encode()),
                   self.client.get(f"/v1/sessions/{session}/events?after=x%E2%80%A8")]
        for answer, status in zip(answers, (400, 403, 400)):
            self.assertEqual(answer.status_code, status)
            self.assertEqual([c for c in BREAKS if c in answer.content.decode()], [])

    def test_half_of_an_emoji_is_kept_as_the_replacement_character(self):
        session = self.client.create()
        rows = {r"cut \ud83d": "cut \ufffd", r"\ud83d\n": "\ufffd\n", r"\ude00\ud83d": "\ufffd\ufffd",
                r"\ud83d\ude00": "😀"}
        for text, value in rows.items():
            with self.subTest(text):
                body = '{"events":[{"type":"agent.tool_result","content":[{"type":"text","text":"' + text + '"}]}]}'
                stored = harness.ok(self.runtime.post(f"/v1/sessions/{session}/events",
                                                      body.encode())).json()["data"][0]
                self.assertEqual(stored["content"][0]["text"], value)
                self.assertEqual(json.loads(self.client.events(session)[-1]), stored)
        count = len(self.client.events(session))
        for event in (r'{"type":"acme.step","id":"sevt_\ud83d"}', r'{"type":"acme.step","a\ud83d":1}',
                      r'{"type":"agent.tool_result","tool_use_id":"a\ud83d"}'):
            with self.subTest(event):
                answer = self.runtime.post(f"/v1/sessions/{session}/events", ('{"events":[' + event + "]}").encode())
                self.assert_error(answer, 400, "invalid_request_error", "events[0]")
        self.assertEqual(len(self.client.events(session)), count)

    def test_a_byte_order_mark_in_front_of_a_body(self):
        mark = b"\xef\xbb\xbf"
        session = harness.ok(self.client.post("/v1/sessions",
                                              mark + b'{"agent":"a","environment_id":"e"}')).json()["id"]
        for path, body in (("/events", self.body(["x"])), ("", b'{"title":"t"}'), ("/stream_tokens", b"{}")):
            with self.subTest(path):
                harness.ok(self.client.post(f"/v1/sessions/{session}{path}", mark + body))

    def test_times_are_compared_by_every_digit(self):
        session = self.runtime.create()
        second = datetime.datetime.fromtimestamp(time.time() - 1, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.")
        first = {"type": "agent.message", "content": [], "processed_at": second + "101900001Z"}
        self.assertEqual(self.runtime.sent(session, [first])[0]["processed_at"], first["processed_at"])
        answer = self.runtime.send(session, [{**first, "processed_at": second + "101900000Z"}])
        self.assert_error(answer, 400, "invalid_request_error", "events[0].processed_at", second + "101900001Z")
        self.runtime.sent(session, [first])


if __name__ == "__main__":
    harness.main()
