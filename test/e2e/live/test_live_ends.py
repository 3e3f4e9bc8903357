# SPDX-License-Identifier: Apache-2.0
"""How a followed stream ends: the session's ends, a revoked key, a shutdown. And what it shows while nothing
happens."""
import json
import re
import time

import follow
import harness


class SessionEnds(follow.FollowTest):
    def opened(self):
        streams = [self.follow(), self.follow(types="user.message"), self.follow(until="idle"),
                   self.follow(after="latest")]
        for stream in streams:
            stream.history()
        return streams

    def test_terminated(self):
        plain, filtered, until, latest = self.opened()
        sent = self.append(harness.agent_message(), follow.TERMINATED)
        for stream in (plain, until, latest):
            self.assert_done(stream.rest(), *sent)
        self.assert_done(filtered.rest())

    def test_archived(self):
        sent = self.messages(1)
        streams = self.opened()
        harness.ok(self.client.post(f"/v1/sessions/{self.session}/archive"))
        for stream in streams:
            self.assert_done(stream.rest())
        self.assert_done(self.follow().rest(), *sent)

    def test_deleted(self):
        self.messages(2)
        streams = self.opened()
        harness.ok(self.client.http.delete(f"/v1/sessions/{self.session}"))
        for stream in streams:
            event, done = stream.rest()
            self.assertTrue(event.is_event and follow.is_done(done), (event, done))
            said = json.loads(event.data)
            self.assertEqual((said["type"], said["id"]), ("session.deleted", event.id))
            self.assertRegex(said["processed_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assert_error(self.client.get(follow.target(self.session), headers={"last-event-id": event.id}), 404,
                              "not_found")

    def test_deleted_by_a_runtime_while_running(self):
        sent = self.append({"type": "session.status_running"})
        stream = self.follow()
        self.assertEqual(follow.ids(stream.history()), sent)
        harness.ok(self.runtime.http.delete(f"/v1/sessions/{self.session}"))
        event, done = stream.rest()
        self.assertEqual(json.loads(event.data)["type"], "session.deleted")
        self.assertTrue(follow.is_done(done))

    def test_deleted_under_a_reader_that_is_behind(self):
        """It has everything up to some event, and is told the truth: either all and [DONE], or an error."""
        stream = self.follow()
        stream.history()
        log = [i for _ in range(30) for i in self.append(*[harness.agent_message("x" * 10_000)] * 40)]
        harness.ok(self.client.http.delete(f"/v1/sessions/{self.session}"))
        time.sleep(0.5)
        frames = stream.rest(20.0)
        seen = [f.id for f in frames if f.is_event and json.loads(f.data)["type"] != "session.deleted"]
        self.assertEqual(seen, log[:len(seen)])
        if follow.is_done(frames[-1]):
            self.assertEqual((len(seen), json.loads(frames[-2].data)["type"]), (len(log), "session.deleted"))
        else:
            self.assertEqual((frames[-1].get("event"), json.loads(frames[-1].data)["error"]["type"]),
                             ("error", "not_found"))

    def test_a_log_that_has_ended_before(self):
        sent = self.append(harness.agent_message(), follow.TERMINATED)
        self.assert_done(self.follow().rest(), *sent)
        self.assert_done(self.follow(after="latest").rest())


class RevokedKey(follow.FollowTest):
    def test_its_streams_end_with_an_error_within_five_seconds(self):
        key = self.store.key("client", name="to revoke")
        stream, other = self.follow(key=key), self.follow()
        for opened in (stream, other):
            opened.history()
        start = time.monotonic()
        follow.revoke(self.store, key)
        frames = stream.rest(8.0)
        self.assertLess(time.monotonic() - start, 5.5)
        revoked = self.api(key)
        harness.poll(lambda: revoked.get(f"/v1/sessions/{self.session}").status_code == 401,
                     max(0.1, start + 5.5 - time.monotonic()), "401")
        self.assert_error(revoked.get(follow.target(self.session)), 401, "authentication_error")
        self.assertEqual([f.get("event") for f in frames if not follow.is_comment(f)], ["error"], frames)
        said = json.loads(frames[-1].data)
        self.assertEqual((said["type"], said["error"]["type"]), ("error", "authentication_error"))
        self.assertEqual(said["request_id"], stream.head.header("request-id"))
        sent = self.messages(1)
        self.assertEqual(follow.ids([other.event()]), sent)


    def test_a_stream_whose_reader_is_stuck_just_breaks_off(self):
        """What is half out cannot be taken back: nothing may be put into the middle of it."""
        key = self.store.key("client", name="to revoke")
        stream = self.follow(key=key)
        stream.history()
        # more than the kernel holds
        log = [i for _ in range(30) for i in self.append(*[harness.agent_message("x" * 10_000)] * 40)]
        follow.revoke(self.store, key)
        time.sleep(6)
        frames = []
        while (frame := stream.poll(5.0)) is not None:
            frames.append(frame)
        self.assertTrue(stream.over or stream.broken, "still open")
        self.assertEqual([f for f in frames if not f.is_event and f.get("event") != "error"], [])
        self.assertEqual(follow.ids(frames), log[:len(follow.ids(frames))])
        self.assertNotIn(b"HTTP/1.1", stream.text + stream.wire.buffer)


class Shutdown(follow.RestartTest):
    def test_sigterm_says_goodbye(self):
        streams = [self.follow(**options) for options in [{}] * 18 + [{"types": "user.message"}, {"until": "idle"}]]
        for stream in streams:
            stream.history()
        start = time.monotonic()
        self.server.terminate()
        retries = []
        for stream in streams:
            frames = [f for f in stream.rest() if not follow.is_comment(f)]
            text = "\n".join(f.text for f in frames)
            found = re.fullmatch(r'retry: (\d+)\n+event: ping\ndata: \{"type":"ping","closing":"shutdown"\}', text)
            self.assertTrue(found, frames)
            retries.append(int(found[1]))
        self.assertEqual(self.server.wait(), 0, self.server.log())
        self.assertLess(time.monotonic() - start, 5.0)
        self.assertTrue(all(1000 <= r <= 5000 for r in retries), retries)
        self.assertGreater(len(set(retries)), 10, retries)

    def test_nothing_acknowledged_is_lost_around_it(self):
        """What was acknowledged before the goodbye is in the stream, or comes after the reconnect."""
        stream = self.follow()
        stream.history()
        sent = [self.append(harness.agent_message())[0] for _ in range(50)]
        self.server.terminate()
        before = follow.ids(stream.rest())
        self.assertEqual(self.server.wait(), 0)
        self.start()
        again = self.follow(headers=[("Last-Event-ID", stream.last_id)])
        self.assertEqual(before + follow.ids(again.history()), sent)

    def test_a_stream_that_never_reads_does_not_hold_it_up(self):
        stream = self.follow()
        for _ in range(40):
            self.append(*[harness.agent_message("x" * 4000)] * 100)
        self.assertEqual(self.server.stop(), 0)
        stream.close()


class KeepAlive(follow.FollowTest):
    def test_a_comment_after_fifteen_seconds(self):
        streams = [self.follow(), self.follow(types="user.message"), self.follow(until="idle")]
        for stream in streams:
            stream.history()
        start = time.monotonic()
        for stream in streams:
            self.assertEqual(stream.next(20.0).text, ": keep-alive")
        self.assertGreater(time.monotonic() - start, 12.0)


class QuickKeepAlive(follow.FollowTest):
    serve_options = ("--stream.heartbeat", "500ms")

    def test_again_and_again_while_nothing_happens(self):
        stream = self.follow()
        stream.history()
        for _ in range(3):
            start = time.monotonic()
            self.assertEqual(stream.next(3.0).text, ": keep-alive")
            self.assertGreater(time.monotonic() - start, 0.2)
        start = time.monotonic()
        while time.monotonic() - start < 2.0:  # not while something does
            sent = self.messages(1)
            self.assertEqual(stream.next(3.0).id, sent[0])
            time.sleep(0.1)


class MaxAge(follow.FollowTest):
    serve_options = ("--http.stream_max_age", "1500ms")

    def test_a_stream_that_got_old_is_asked_to_come_again(self):
        log, seen, last = [], [], None
        for _ in range(3):
            stream, start = self.follow(headers=[("Last-Event-ID", last)] if last else ()), time.monotonic()
            log += self.messages(2)
            frames = [f for f in stream.rest() if not follow.is_comment(f)]
            self.assertGreater(time.monotonic() - start, 1.0)
            self.assertTrue(any(f.get("retry") for f in frames), frames)
            self.assertEqual(frames[-1].data, '{"type":"ping","closing":"max_age"}')
            seen, last = seen + follow.ids(frames), stream.last_id
        self.assertEqual(seen, log)


class Passivation(follow.FollowTest):
    """A session that has left memory is still followed."""

    serve_options = ("--session.idle_timeout", "200ms")

    def test_streams_outlive_the_sessions_stay_in_memory(self):
        streams = [self.follow(), self.follow(types="agent.message"), self.follow(after="latest")]
        for stream in streams:
            stream.history()
        for pause in (1.0, 0.2, 0.19, 0.21, 0.0, 0.6):
            time.sleep(pause)
            sent = self.messages(1)
            for stream in streams:
                self.assertEqual(follow.ids([stream.event()]), sent)
        time.sleep(0.6)
        self.assertEqual(self.streams(), 3)
        sent = self.append(follow.TERMINATED)
        self.assert_done(streams[0].rest(), *sent)


class Presence(follow.FollowTest):
    def test_runtimes_see_how_many_follow(self):
        self.assertEqual(self.streams(), 0)
        first, second = self.follow(), self.follow(types="user.message")
        self.wait_for_streams(2)
        other = self.client.create()
        self.follow(other)
        self.wait_for_streams(1, other)
        self.assertEqual(self.streams(), 2)
        harness.ok(self.client.stream(self.session))  # a replay is no presence
        self.assertEqual(self.streams(), 2)
        second.close()
        self.wait_for_streams(1)
        third = self.follow(until="idle")
        self.wait_for_streams(2)
        self.append(follow.idle())
        third.rest()
        self.wait_for_streams(1)
        first.close()
        self.wait_for_streams(0)

    def test_others_do_not(self):
        self.follow()
        for api in (self.client, self.viewer):
            self.assertNotIn("streams", api.session(self.session))
            self.assertTrue(all("streams" not in s for s in harness.ok(api.get("/v1/sessions")).json()["data"]))


class Defaults(follow.RestartTest):
    """stream.default: what a request without `follow` gets."""

    def restart(self, mode):
        self.server.stop()
        self.start("--stream.default", mode)

    def test_replay(self):
        sent = self.messages(2)
        self.assertEqual(follow.ids(self.follow(follow=None).rest()), sent)
        self.restart("replay")
        self.assertEqual(follow.ids(self.follow(follow=None).rest()), sent)

    def test_follow(self):
        sent = self.messages(2)
        self.restart("follow")
        self.assertEqual(follow.ids(self.follow(follow=None).history()), sent)
        self.assertEqual(follow.ids(self.follow(follow="false").rest()), sent)

    def test_live_starts_at_the_end(self):
        sent = self.messages(3)
        self.restart("live")
        stream = self.follow(follow=None)
        self.assertEqual(stream.history(), [])
        self.assertEqual(stream.seam.id, sent[-1])
        live = self.messages(1)
        self.assertEqual(follow.ids([stream.event()]), live)
        again = self.follow(follow=None, headers=[("Last-Event-ID", sent[0])])
        self.assertEqual(follow.ids(again.history()), sent[1:] + live)
        self.assertEqual(follow.ids(self.follow(follow="false").rest()), sent + live)
        # asked for by name: the log, then what happens
        self.assertEqual(follow.ids(self.follow().history()), sent + live)

    def test_anything_else_is_refused(self):
        self.server.stop()
        done = self.store.run("serve", "--http.listen", "127.0.0.1:0", "--stream.default", "push")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("stream.default", done.stderr)
        self.assertIn("replay", done.stderr)


if __name__ == "__main__":
    harness.main()
