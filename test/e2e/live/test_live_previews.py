# SPDX-License-Identifier: Apache-2.0
"""Previews: an event while it is being produced, for the streams that ask; never stored, never half told."""
import json

import follow
import harness

DELTAS = {"event_deltas": ["agent.message"]}


def start(event_id, type_name="agent.message"):
    return {"type": "event_start", "event": {"id": event_id, "type": type_name}}


def delta(event_id, text, index=0):
    return {"type": "event_delta", "event_id": event_id,
            "delta": {"type": "content_delta", "index": index, "content": {"type": "text", "text": text}}}


def final(event_id, text):
    return {"id": event_id, **harness.agent_message(text)}


def told(frames):
    """What the frames say, short: S, D with its text, or the id of an event."""
    said = []
    for frame in frames:
        data = json.loads(frame.data)
        if data["type"] == "event_start":
            said.append(("S", data["event"]["id"]))
        elif data["type"] == "event_delta":
            said.append(("D", data["delta"]["content"]["text"]))
        else:
            said.append((data["type"], data["id"]))
    return said


class Previews(follow.FollowTest):
    def opened(self, **options):
        stream = self.follow(**options)
        stream.history()
        return stream

    def preview(self, *events):
        """Sends previews; nothing is stored by that."""
        self.assertEqual(self.runtime.sent(self.session, list(events)), [])

    def test_start_deltas_then_the_event(self):
        for spelling in (DELTAS, {"event_deltas": ["agent.message", "agent.thinking"]},
                         {"event_deltas": "agent.message"}):
            with self.subTest(spelling):
                self.session = self.client.create()
                stream = self.opened(**spelling)
                for event in (start("sevt_1"), delta("sevt_1", "Hel"), delta("sevt_1", "lo")):
                    self.preview(event)
                self.append(final("sevt_1", "Hello"))
                self.assertEqual(told(stream.events(4)), [("S", "sevt_1"), ("D", "Hel"), ("D", "lo"),
                                                          ("agent.message", "sevt_1")])

    def test_their_frames_move_no_cursor(self):
        stream = self.opened(**DELTAS)
        self.preview(start("sevt_1"), delta("sevt_1", "a"))
        for frame in stream.events(2):
            self.assertEqual([n for n, _ in frame.fields], ["event", "data"], frame)
        self.assertEqual(stream.last_id, "start")

    def test_the_bytes_are_kept(self):
        stream = self.opened(**DELTAS)
        text = '{"type":"event_start","event":{"id":"sevt_1","type":"agent.message"}}'
        fragment = ('{"type":"event_delta","event_id":"sevt_1","delta":{"type":"content_delta","index":0,'
                    '"content":{"type":"text","text":"Z\\u00fcrich ☀\\n"}},"n":1.10}')
        harness.ok(self.runtime.post(f"/v1/sessions/{self.session}/events", '{"events":[%s,%s]}' % (text, fragment)))
        self.assertEqual([json.loads(f.data) for f in stream.events(2)], [json.loads(text), json.loads(fragment)])

    def test_nothing_is_stored(self):
        before = self.client.session(self.session)
        stream = self.opened(**DELTAS)
        self.preview(start("sevt_1"), delta("sevt_1", "a"))
        stream.events(2)
        self.assertEqual(self.log_ids(), [])
        self.assertEqual(self.client.session(self.session)["log"], before["log"])
        self.assertEqual(follow.sse.ids(self.client.stream(self.session).content), [])
        self.assertEqual(self.follow(**DELTAS).history(), [])

    def test_who_did_not_ask_gets_none(self):
        streams = [self.opened(), self.opened(event_deltas=["agent.thinking"])]
        self.preview(start("sevt_1"), delta("sevt_1", "a"))
        self.append(final("sevt_1", "a"))
        for stream in streams:
            self.assertEqual(told([stream.event()]), [("agent.message", "sevt_1")])
            stream.quiet(0.1)

    def test_a_replay_has_none(self):
        self.preview(start("sevt_1"))
        self.append(final("sevt_1", "a"))
        frames = follow.sse.parse(harness.ok(self.client.get(follow.target(self.session, follow="false",
                                                                           **DELTAS))).content)
        self.assertEqual(told(frames[:-1]), [("agent.message", "sevt_1")])

    def test_thinking_only_starts(self):
        stream = self.opened(event_deltas=["agent.thinking"])
        self.preview(start("sevt_t", "agent.thinking"))
        self.append({"type": "agent.thinking", "id": "sevt_t"})
        self.assertEqual(told(stream.events(2)), [("S", "sevt_t"), ("agent.thinking", "sevt_t")])

    def test_nothing_before_its_start(self):
        self.preview(start("sevt_1"), delta("sevt_1", "before"))
        late = self.opened(**DELTAS)
        self.preview(delta("sevt_1", "after"))
        self.append(final("sevt_1", "before after"))
        self.assertEqual(told([late.event()]), [("agent.message", "sevt_1")])

    def test_nothing_after_its_end(self):
        """Whether a delta that comes too late is refused or dropped: no stream sees it."""
        stream = self.opened(**DELTAS)
        self.preview(start("sevt_1"))
        self.append(final("sevt_1", "a"))
        self.runtime.send(self.session, [delta("sevt_1", "late")])
        self.preview(start("sevt_2"), start("sevt_3"))
        self.append({"type": "span.model_request_end"})
        self.runtime.send(self.session, [delta("sevt_2", "late")])
        self.append(final("sevt_4", "marker"))
        seen = told(stream.events(5))
        self.assertEqual([s[0] for s in seen], ["S", "agent.message", "S", "S", "span.model_request_end"])
        self.assertEqual(told([stream.event()]), [("agent.message", "sevt_4")])

    def test_two_at_once(self):
        stream = self.opened(**DELTAS)
        self.preview(start("sevt_1"), start("sevt_2"), delta("sevt_1", "a"), delta("sevt_2", "x"), delta("sevt_1", "b"))
        self.append(final("sevt_2", "x"))
        self.preview(delta("sevt_1", "c"))
        self.append(final("sevt_1", "abc"))
        self.assertEqual(told(stream.events(8)), [("S", "sevt_1"), ("S", "sevt_2"), ("D", "a"), ("D", "x"), ("D", "b"),
                                                   ("agent.message", "sevt_2"), ("D", "c"),
                                                   ("agent.message", "sevt_1")])

    def test_in_one_request_with_stored_events(self):
        stream = self.opened(**DELTAS)
        stored = self.runtime.sent(self.session, [{"type": "session.status_running"}, start("sevt_1"),
                                                  delta("sevt_1", "Hi"), final("sevt_1", "Hi"), follow.idle()])
        self.assertEqual([e["type"] for e in stored], ["session.status_running", "agent.message",
                                                       "session.status_idle"])
        seen = told(stream.events(3))
        if seen[1][0] == "S":  # previews are best effort: dropped, or in their place
            seen += told(stream.events(2))
        self.assertEqual([s for s in seen if s[0] not in "SD"], [(e["type"], e["id"]) for e in stored])
        before_final = seen[:seen.index(("agent.message", "sevt_1"))]
        self.assertEqual([s for s in before_final if s[0] in "SD"], [s for s in seen if s[0] in "SD"])

    def test_not_for_clients_to_send(self):
        for api in (self.client, self.viewer):
            for event in (start("sevt_1"), delta("sevt_1", "a")):
                self.assert_error(api.send(self.session, [event]), 403, "permission_error")

    def test_bad_ones_name_the_field(self):
        rows = [({"type": "event_start"}, "events[0].event"),
                ({"type": "event_start", "event": {"type": "agent.message"}}, "event.id"),
                ({"type": "event_start", "event": {"id": "sevt_1", "type": "user.message"}}, "event.type"),
                ({"type": "event_delta", "delta": {}}, "event_id"),
                ({"type": "event_delta", "event_id": 5, "delta": {}}, "event_id")]
        for event, field in rows:
            with self.subTest(event=event):
                self.assert_error(self.runtime.send(self.session, [event]), 400, "invalid_request_error", field)

    def test_a_stream_of_many_deltas_ends_in_the_event(self):
        """Best effort: what came of the deltas is a prefix-true, ordered part, and the stored event is always last."""
        stream = self.opened(**DELTAS)
        words = [f"w{i} " for i in range(300)]
        self.preview(start("sevt_1"))
        for word in words:
            self.preview(delta("sevt_1", word))
        self.append(final("sevt_1", "".join(words)))
        seen = [told([stream.event()])[0]]
        while seen[-1][0] in "SD":
            seen += told([stream.event()])
        texts = [text for kind, text in seen if kind == "D"]
        self.assertEqual(texts, words[:len(texts)])
        self.assertEqual((seen[0], seen[-1]), (("S", "sevt_1"), ("agent.message", "sevt_1")))


if __name__ == "__main__":
    harness.main()
