# SPDX-License-Identifier: Apache-2.0
"""Resuming, filters and the 204 that ends a reconnecting client: each event once, in order, from any cursor."""
import json
import random

import follow
import harness
import sse


class Cursors(follow.FollowTest):
    def setUp(self):
        super().setUp()
        self.log = self.messages(6)

    def starts(self, expected, headers=(), **params):
        """The stream's history is `expected`, and live goes on behind it."""
        stream = self.follow(headers=headers, **params)
        self.assertEqual(follow.ids(stream.history()), expected, (headers, params))
        self.assertEqual(stream.seam.id, self.log[-1])
        sent = self.messages(1)
        self.log += sent
        self.assertEqual(follow.ids([stream.event()]), sent)
        stream.close()

    def test_each_way_to_name_the_cursor(self):
        for params, headers in [({"after": self.log[2]}, ()), ({"lastEventId": self.log[2]}, ()),
                                ({}, [("Last-Event-ID", self.log[2])])]:
            with self.subTest(params=params, headers=headers):
                self.starts(self.log[3:], headers, **params)

    def test_from_every_point(self):
        for cut in range(6):
            self.starts(self.log[cut + 1:], [("Last-Event-ID", self.log[cut])])

    def test_of_several_the_one_furthest_along_wins(self):
        a, b, c = self.log[1], self.log[3], self.log[4]
        for after, query, header in [(a, b, c), (c, a, b), (b, c, a), (c, None, a), (None, a, c),
                                     (c, "start", "start")]:
            with self.subTest(after=after, query=query, header=header):
                self.starts(self.log[5:], [("Last-Event-ID", header)] if header else (), after=after, lastEventId=query)

    def test_latest_counts_only_without_an_id(self):
        self.starts([], after="latest")
        self.starts(self.log[3:], [("Last-Event-ID", self.log[2])], after="latest")
        self.starts(self.log[4:], lastEventId=self.log[3], after="latest")
        self.starts(self.log[:], [("Last-Event-ID", "start")], after="latest")

    def test_start_is_the_empty_cursor(self):
        self.starts(self.log[:], after="start")
        self.starts(self.log[:], [("Last-Event-ID", "start")])

    def test_the_seam_is_a_cursor(self):
        empty = self.client.create()
        stream = self.follow(empty, after="latest")
        stream.history()
        stream.close()
        sent = self.messages(2, empty)
        again = self.follow(empty, headers=[("Last-Event-ID", stream.seam.id)], after="latest")
        self.assertEqual(follow.ids(again.history()), sent)

    def test_an_id_that_the_session_never_had(self):
        other = self.client.create()
        foreign = self.messages(1, other)[0]
        for bad in ("sevt_01nowhere", foreign, "garbage", "latest"):
            answer = self.client.get(follow.target(self.session), headers={"last-event-id": bad})
            self.assert_error(answer, 400, "invalid_request_error", "Last-Event-ID")
        self.assert_error(self.client.get(follow.target(self.session, after=foreign)), 400, "invalid_request_error",
                          "after")

    def test_random_drops_add_up_to_the_log(self):
        dice = random.Random(20261122)
        collected, log, last = [], list(self.log), None
        for _ in range(25):
            stream = self.follow(headers=[("Last-Event-ID", last)] if last else ())
            frames = stream.history()
            log += self.messages(dice.randint(1, 5))
            frames += stream.events(dice.randint(0, len(log) - len(collected) - len(frames)))
            stream.close()
            collected += follow.ids(frames)
            last = collected[-1] if collected else None
            log += self.messages(dice.randint(0, 3)) if dice.random() < 0.5 else []
        stream = self.follow(headers=[("Last-Event-ID", last)])
        collected += follow.ids(stream.history())
        self.assertEqual(collected, log)
        self.assertEqual(log, self.log_ids())


class AcrossRestarts(follow.RestartTest):
    def test_after_kill_9(self):
        log = self.append(*harness.turn())
        stream = self.follow()
        stream.history()
        log += self.append(harness.user_message())
        self.assertEqual(stream.event().id, log[-1])
        self.server.kill()
        self.assertIsNone(stream.poll(5.0))
        self.assertTrue(stream.broken)
        self.start()
        sent = self.append(harness.agent_message())
        again = self.follow(headers=[("Last-Event-ID", stream.last_id)])
        self.assertEqual(follow.ids(again.history()), sent)
        self.assertEqual(follow.ids(self.follow().history()), log + sent)


class FilterTest(follow.FollowTest):
    def mixed(self, count=1):
        """The ids of the agent messages among what was appended."""
        events = [e for i in range(count) for e in ({"type": "acme.step"}, harness.agent_message(str(i)),
                                                    {"type": "acme.other_step"})]
        return self.append(*events)[1::3]


class Filters(FilterTest):
    def test_only_these_types_in_history_and_live(self):
        sent = self.mixed(3)
        stream = self.follow(types="agent.message")
        self.assertEqual(follow.ids(stream.history()), sent)
        self.assertEqual(stream.seam.id, self.log_ids()[-1])
        sent = self.mixed(2)
        self.assertEqual(follow.ids(stream.events(2)), sent)
        self.append({"type": "acme.step"})
        stream.quiet(0.3)

    def test_every_spelling(self):
        self.mixed(2)
        for params in ({"types": "agent.message,acme.step"}, {"types": ["agent.message", "acme.step"]},
                       {"types[]": ["acme.step", "agent.message"]}):
            types = [json.loads(f.data)["type"] for f in self.follow(**params).history()]
            self.assertEqual(types, ["acme.step", "agent.message"] * 2, params)

    def test_ends_are_judged_on_the_log(self):
        for params, end in [({}, follow.TERMINATED), ({"until": "idle"}, follow.idle())]:
            with self.subTest(end=end):
                self.session = self.client.create()
                stream = self.follow(types="agent.message", **params)
                stream.history()
                sent = self.mixed(1)
                last = self.append(end)[0]
                frames = stream.rest()
                self.assert_done(frames, *sent)
                self.assertEqual(frames[-2].text, f"id: {last}")

    def test_an_end_in_the_history(self):
        sent = self.mixed(2)
        last = self.append(follow.TERMINATED)[0]
        frames = self.follow(types="agent.message").rest()
        self.assert_done(frames, *sent)
        self.assertEqual(frames[-2].text, f"id: {last}")

    def test_a_filter_that_lets_nothing_through(self):
        self.mixed(2)
        stream = self.follow(types="user.message")
        self.assertEqual(stream.history(), [])
        self.assertEqual(stream.seam.id, self.log_ids()[-1])

    def test_the_replay_says_how_far_it_came(self):
        sent = self.mixed(2)
        frames = sse.parse(harness.ok(self.client.get(follow.target(self.session, follow="false",
                                                                    types="agent.message"))).content)
        self.assertEqual([f.id for f in frames], [*sent, self.log_ids()[-1], None])


class Progress(FilterTest):
    """What a filter has passed while nothing was sent; a resume from there reads none of it again."""

    serve_options = ("--stream.heartbeat", "1s")

    def test_it_comes_with_the_keep_alive(self):
        stream = self.follow(types="agent.message")
        stream.history()
        last = self.append({"type": "acme.step"}, {"type": "acme.step"})[-1]
        frames = [stream.next(5.0), stream.next(1.0)]
        self.assertEqual([f.text for f in frames],
                         [": keep-alive", f'event: ping\nid: {last}\ndata: {{"type":"ping"}}'])
        self.assertEqual(stream.next(5.0).text, ": keep-alive")  # nothing new was passed: no second time
        sent = self.mixed(1)
        again = self.follow(types="agent.message", headers=[("Last-Event-ID", last)])
        self.assertEqual(follow.ids(again.history()), sent)
        self.assertEqual(follow.ids([stream.event()]), sent)


class NoContent(follow.FollowTest):
    """204 tells an EventSource to stop: only for what it comes back with, and only when there is nothing more."""

    def assert_204(self, headers, **params):
        answer = self.answer(headers=[("Accept", "text/event-stream"), *headers], **params)
        self.assertEqual((answer.status, answer.body, answer.header("content-length")), (204, b"", None),
                         (answer, headers, params))

    def ends(self, expected, headers=(), **params):
        self.assert_done(self.follow(headers=headers, **params).rest(), *expected)

    def test_terminated(self):
        log = self.append(harness.agent_message(), follow.TERMINATED)
        self.assert_204([("Last-Event-ID", log[-1])])
        self.assert_204([("Last-Event-ID", log[-1])], types="agent.message")
        self.assert_204([("Last-Event-ID", log[-1])], after="latest")
        self.ends(log[1:], [("Last-Event-ID", log[0])])
        self.ends([], after=log[-1])
        self.ends([], lastEventId=log[-1])
        self.ends(log)
        self.assertEqual(sse.ids(self.client.get(follow.target(self.session, follow="false"),
                                                 headers={"last-event-id": log[-1]}).content), [])

    def test_archived(self):
        log = self.messages(2)
        harness.ok(self.client.post(f"/v1/sessions/{self.session}/archive"))
        self.assert_204([("Last-Event-ID", log[-1])])
        self.ends(log[1:], [("Last-Event-ID", log[0])])
        self.ends([], after=log[-1])

    def test_until_idle(self):
        log = self.append(harness.agent_message(), follow.idle("requires_action"), follow.idle(),
                          harness.agent_message())
        self.assert_204([("Last-Event-ID", log[2])], until="idle")
        for not_ended in (log[1], log[3]):
            stream = self.follow(until="idle", headers=[("Last-Event-ID", not_ended)])
            if not_ended == log[1]:
                self.assert_done(stream.rest(), log[2])
            else:
                stream.history()
                stream.quiet(0.2)
        stream = self.follow(headers=[("Last-Event-ID", log[2])])  # without until=idle nothing has ended
        self.assertEqual(follow.ids(stream.history()), log[3:])

    def test_the_connection_serves_on(self):
        log = self.append(follow.TERMINATED)
        with follow.raw.wire(self.server) as wire:
            for _ in range(3):
                wire.send(follow.raw.request("GET", follow.target(self.session), self.keys["client"],
                                          [("Accept", "text/event-stream"), ("Last-Event-ID", log[0])]))
                self.assertEqual(wire.response().status, 204)


if __name__ == "__main__":
    harness.main()
