# SPDX-License-Identifier: Apache-2.0
"""Resuming a replay: after=, lastEventId= and Last-Event-ID, several of them, and the filter by type."""
import json

import harness
import sse


class ReplayCursor(harness.E2eTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session = cls.client.create()
        for i in range(4):
            cls.client.sent(cls.session, [harness.user_message(str(i))])
            cls.runtime.sent(cls.session, harness.turn(str(i)))
        # Enough for several segments, with ids of its own among them.
        for i in range(10):
            cls.runtime.sent(cls.session, [{**harness.agent_message("y" * 900), "id": f"evt_{i}x{j}"} if j % 7 == 0 else
                                           harness.agent_message("x" * 900) for j in range(50)])
        cls.events = cls.client.events(cls.session)
        cls.ids = [json.loads(e)["id"] for e in cls.events]
        cls.last = len(cls.ids) - 1

    def replay(self, params=None, headers=None):
        return sse.json_lines(harness.ok(self.client.stream(self.session, params, headers)).content)

    def test_each_way_to_name_a_cursor(self):
        for place in (0, 1, 15, 16, 17, 200, 300, self.last - 1, self.last):
            for what, params, headers in [("after", {"after": self.ids[place]}, None),
                                          ("lastEventId", {"lastEventId": self.ids[place]}, None),
                                          ("Last-Event-ID", None, {"last-event-id": self.ids[place]})]:
                with self.subTest(what, place=place):
                    self.assertEqual(self.replay(params, headers), self.events[place + 1:])

    def test_of_several_the_one_furthest_along_wins(self):
        a, b, c = 3, 100, 250
        rows = [((a, b), None), ((b, a), None), ((a,), b), ((b,), a), ((a, c), b), ((c, a), b), ((a, b), c)]
        for in_query, in_header in rows:
            headers = {"last-event-id": self.ids[in_header]} if in_header is not None else None
            furthest = max(*in_query, *([in_header] if in_header is not None else []))
            for names in (("after", "lastEventId"), ("lastEventId", "after"), ("after", "after")):
                with self.subTest(query=in_query, header=in_header, names=names):
                    params = [(n, self.ids[p]) for n, p in zip(names, in_query)]
                    self.assertEqual(self.replay(params, headers), self.events[furthest + 1:])

    def test_start_is_the_empty_cursor(self):
        self.assertEqual(self.replay({"after": "start"}), self.events)
        self.assertEqual(self.replay({"lastEventId": "start"}), self.events)
        self.assertEqual(self.replay(None, {"last-event-id": "start"}), self.events)
        self.assertEqual(self.replay({"after": "start"}, {"last-event-id": self.ids[100]}), self.events[101:])

    def test_latest_counts_only_without_an_id(self):
        self.assertEqual(self.replay({"after": "latest"}), [])
        self.assertEqual(self.replay({"after": "latest"}, {"last-event-id": self.ids[100]}), self.events[101:])
        self.assertEqual(self.replay([("after", "latest"), ("lastEventId", self.ids[7])]), self.events[8:])

    def test_ids_that_this_session_never_had(self):
        other = self.client.create()
        foreign = self.client.sent(other, [harness.user_message()])[0]["id"]
        known = self.ids[5]
        changed = known[:-1] + ("0" if known[-1] != "0" else "1")
        rows = [("unknown", "sevt_unknown"), ("another session's", foreign), ("one character off", changed),
                ("lower case", known.lower()), ("a session's", self.session), ("its own form, unknown", "evt_9x99")]
        for what, unknown in rows:
            for params, headers in (({"after": unknown}, None), ({"lastEventId": unknown}, None),
                                    (None, {"last-event-id": unknown}),
                                    ({"after": self.ids[20]}, {"last-event-id": unknown})):
                with self.subTest(what, params=params, headers=headers):
                    self.assert_error(self.client.stream(self.session, params, headers), 400, "invalid_request_error")
            with self.subTest(what, endpoint="list"):
                self.assert_error(self.client.list(self.session, after=unknown), 400, "invalid_request_error", "after")

    def test_resuming_after_each_frame_of_a_turn(self):
        """A client that is cut after any frame and resumes has seen everything once."""
        frames = sse.complete(self.client.stream(self.session).content)[:17]
        for seen in range(1, len(frames)):
            rest = self.replay(None, {"last-event-id": frames[seen - 1].id})
            self.assertEqual([f.data.encode() for f in frames[:seen]] + rest, self.events)

    def test_types(self):
        for types in (["user.message"], ["session.status_idle", "agent.message"], ["agent.thinking"]):
            expected = [e for e in self.events if json.loads(e)["type"] in types]
            for spelled in ({"types": ",".join(types)}, {"types": types}, {"types[]": types}):
                with self.subTest(spelled):
                    self.assertEqual(self.replay(spelled), expected)
        with self.subTest("behind a cursor"):
            expected = [e for e in self.events[8:] if json.loads(e)["type"] == "user.message"]
            self.assertEqual(self.replay({"types": "user.message", "after": self.ids[7]}), expected)

    def test_a_filtered_replay_names_the_last_event_it_passed(self):
        for types in ("user.message", "agent.thinking"):
            with self.subTest(types):
                frames = sse.parse(harness.ok(self.client.stream(self.session, {"types": types})).content)
                self.assertEqual(frames[-1].text, "data: [DONE]")
                self.assertEqual(frames[-2].text, f"id: {self.ids[-1]}")
                self.assertTrue(all(f.is_event for f in frames[:-2]), frames[:-2])

    def test_where_nothing_is_shown_the_end_is_named(self):
        empty = self.client.create()
        for session, params, end in ((empty, {"types": "user.message"}, "start"), (empty, {}, "start"),
                                     (self.session, {"types": "user.message", "after": self.ids[-1]}, self.ids[-1]),
                                     (self.session, {"after": self.ids[-1]}, self.ids[-1]),
                                     (self.session, {"after": "latest"}, self.ids[-1])):
            self.assertEqual(harness.ok(self.client.stream(session, params)).content,
                             f"id: {end}\n\ndata: [DONE]\n\n".encode())

    def test_the_last_events_of_a_log(self):
        for count in (0, 1, 3, 10_000):
            self.assertEqual(self.replay({"tail": str(count)}), self.events[max(0, len(self.events) - count):])

    def test_an_unfiltered_replay_has_no_such_frame(self):
        frames = sse.parse(self.client.stream(self.session).content)
        self.assertTrue(all(f.is_event for f in frames[:-1]))
        self.assertEqual(len(frames), len(self.events) + 1)


if __name__ == "__main__":
    harness.main()
