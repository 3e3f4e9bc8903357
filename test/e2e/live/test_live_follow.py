# SPDX-License-Identifier: Apache-2.0
"""Follow: the log, then every event as it is stored, to the byte what List Events shows."""
import json
import threading

import follow
import harness
import raw
import sse


class Follow(follow.FollowTest):
    def test_history_then_seam_then_live(self):
        before = self.messages(3)
        stream = self.follow()
        self.assertEqual(follow.ids(stream.history()), before)
        self.assertEqual(stream.seam.text, f'event: ping\nid: {before[-1]}\ndata: {{"type":"ping","caught_up":true}}')
        for _ in range(3):
            sent = self.messages(1)
            self.assertEqual(follow.ids([stream.event()]), sent)
        batch = self.messages(5)
        self.assertEqual(follow.ids(stream.events(5)), batch)
        stream.quiet(0.3)

    def test_an_empty_log_has_its_seam_at_the_start(self):
        stream = self.follow()
        self.assertEqual(stream.history(), [])
        self.assertEqual(stream.seam.id, "start")
        sent = self.messages(1)
        self.assertEqual(follow.ids([stream.event()]), sent)

    def test_headers(self):
        for accept in ("application/json", "text/event-stream", "text/html"):
            head = self.follow(headers=[("Accept", accept)]).head
            self.assertEqual(head.header("content-type"), "text/event-stream; charset=utf-8")
            self.assertEqual(head.header("cache-control"), "no-cache, no-transform")
            self.assertEqual(head.header("x-accel-buffering"), "no")
            self.assertRegex(head.header("request-id"), r"^req_\w+$")
            self.assertIsNone(head.header("content-length"))

    def test_bytes_are_those_of_the_list(self):
        odd = ('{"type":"agent.message","content":[{"type":"text","text":"Z\\u00fcrich ☀ \\ud83d\\ude00 \\"q\\" \\n '
               '\\/"}],'
               '"n":[1.10,12345678901234567890,1e400,-0.0],"z":{},"a":null}')
        stream = self.follow()
        stream.history()
        for session_events in ('{"events":[%s]}' % odd, '{"events":[%s,%s]}' % (odd, odd)):
            harness.ok(self.runtime.post(f"/v1/sessions/{self.session}/events", session_events))
        live = follow.jsons(stream.events(3))
        self.assertEqual(live, self.client.events(self.session))
        self.assertEqual(follow.jsons(self.follow().history()), live)
        self.assertEqual(live, sse.json_lines(harness.ok(self.client.stream(self.session)).content))

    def test_a_thousand_events_at_once(self):
        stream = self.follow()
        stream.history()
        sent = self.messages(1000)
        self.assertEqual(follow.ids(stream.events(1000, 30)), sent)
        stream.quiet(0.3)

    def test_a_large_event(self):
        stream = self.follow()
        stream.history()
        text = "x" * 900_000
        self.append(harness.agent_message(text), harness.agent_message("small"))
        big, small = stream.events(2, 30)
        self.assertEqual(json.loads(big.data)["content"][0]["text"], text)
        self.assertEqual(json.loads(small.data)["content"][0]["text"], "small")

    def test_streams_that_open_while_a_writer_runs_miss_nothing(self):
        """The seam, wherever it falls: each stream has exactly one, and the log without a gap around it."""
        stop = threading.Event()
        acknowledged = []

        def write():
            with harness.Api(self.server, self.keys["runtime"]) as api:
                while not stop.is_set():
                    acknowledged.extend(e["id"] for e in api.sent(self.session,
                                                                  [harness.agent_message("on and on")] * 3))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            streams = [self.follow() for _ in range(25)]
            collected = [follow.ids(stream.history()) for stream in streams]
        finally:
            stop.set()
            writer.join()
        seams = [stream.seam.id for stream in streams]
        last = self.append(follow.TERMINATED)[0]
        log = self.log_ids()
        self.assertEqual(log, acknowledged + [last])
        for stream, history, seam in zip(streams, collected, seams):
            self.assertEqual(history[-1] if history else "start", seam)
            rest = stream.rest()
            self.assertFalse(any(follow.is_ping(f, "caught_up") for f in rest))
            self.assert_done(rest, *log[len(history):])
            self.assertEqual(history + follow.ids(rest), log)

    def test_what_is_acknowledged_is_in_a_replay_at_once(self):
        for _ in range(20):
            sent = self.messages(1)
            self.assertEqual(sse.ids(harness.ok(self.client.stream(self.session)).content)[-1:], sent)

    def test_many_streams_and_sessions(self):
        other = self.client.create()
        streams = {session: [self.follow(session) for _ in range(20)] for session in (self.session, other)}
        for several in streams.values():
            for stream in several:
                stream.history()
        sent = {session: self.messages(4, session) for session in streams}
        for session, several in streams.items():
            for stream in several:
                self.assertEqual(follow.ids(stream.events(4)), sent[session])
                stream.quiet(0.01)

    def test_viewer_and_runtime_may_follow_too(self):
        streams = [self.follow(key=self.keys[role]) for role in ("viewer", "runtime")]
        for stream in streams:
            stream.history()
        sent = self.messages(1)
        for stream in streams:
            self.assertEqual(follow.ids([stream.event()]), sent)

    def test_http_1_0_ends_by_closing(self):
        before = self.messages(2)
        stream = self.follow(version="HTTP/1.0")
        self.assertFalse(stream.chunked)
        self.assertEqual(follow.ids(stream.history()), before)
        end = self.append(follow.TERMINATED)
        self.assert_done(stream.rest(), *end)

    def test_a_connection_serves_on_after_done(self):
        stream = self.follow(until="idle")
        stream.history()
        end = self.append(follow.idle())
        self.assert_done(stream.rest(), *end)
        self.assertNotEqual((stream.head.header("connection") or "").lower(), "close")
        stream.wire.socket.settimeout(10)
        stream.wire.send(raw.request("GET", f"/v1/sessions/{self.session}", self.keys["client"]))
        self.assertEqual(json.loads(stream.wire.response().body)["id"], self.session)

    def test_head_has_no_body_and_does_not_wait(self):
        with raw.wire(self.server) as wire:
            wire.send(raw.request("HEAD", follow.target(self.session), self.keys["client"]))
            self.assertEqual(wire.response(to_head=True).header("content-type"), "text/event-stream; charset=utf-8")
            wire.send(raw.request("GET", f"/v1/sessions/{self.session}", self.keys["client"]))
            self.assertEqual(wire.response().status, 200)

    def test_unknown_values_are_refused(self):
        rows = [("follow", {"follow": "maybe"}), ("until", {"until": "never"}),
                ("event_deltas", {"event_deltas": ["user.message"]}),
                ("types", {"types": "Not A Type"}), ("after", {"after": "sevt_01nowhere"}),
                ("after", {"after": "oldest"}),
                ("lastEventId", {"lastEventId": "sevt_01nowhere"})]
        for field, params in rows:
            with self.subTest(field=field, params=params):
                self.assert_error(self.client.get(follow.target(self.session, **params)), 400, "invalid_request_error",
                                  field)

    def test_unknown_and_foreign_sessions(self):
        foreign = self.api(self.store.key("client", workspace="other")).create()
        for session in ("sess_01nowhere", foreign):
            self.assert_error(self.client.get(follow.target(session)), 404, "not_found")

    def test_follow_false_is_a_replay(self):
        sent = self.messages(2)
        self.assertEqual(sse.ids(harness.ok(self.client.get(follow.target(self.session, follow="false"))).content),
                         sent)


class UntilIdle(follow.FollowTest):
    def test_it_ends_after_the_first_idle_that_ends_a_turn(self):
        stream = self.follow(follow=None, until="idle")  # implies follow
        stream.history()
        sent = self.append({"type": "session.status_running"}, follow.idle("requires_action", event_ids=[]))
        sent += self.append({"type": "session.status_running"})
        sent += self.append(follow.idle(), harness.agent_message("behind the end"))
        self.assert_done(stream.rest(), *sent[:-1])

    def test_other_stop_reasons_end_it_too(self):
        for event in (follow.idle("retries_exhausted"), follow.idle("something_new"), {"type": "session.status_idle"}):
            with self.subTest(event=event):
                session = self.client.create()
                stream = self.follow(session, until="idle")
                stream.history()
                sent = self.append(event, session=session)
                self.assert_done(stream.rest(), *sent)

    def test_an_idle_of_the_history_counts(self):
        sent = self.append(harness.agent_message("one"), follow.idle(), harness.agent_message("two"))
        self.assert_done(self.follow(until="idle").rest(), *sent[:2])

    def test_one_at_the_starting_point_does_not(self):
        sent = self.append(harness.agent_message("one"), follow.idle(), harness.agent_message("two"))
        for after in (sent[1], sent[2]):
            stream = self.follow(until="idle", after=after)
            self.assertEqual(follow.ids(stream.history()), [i for i in sent if i > after])
            stream.close()
        stream = self.follow(until="idle", after="latest")
        stream.history()
        sent = self.append(follow.idle())
        self.assert_done(stream.rest(), *sent)


if __name__ == "__main__":
    harness.main()
