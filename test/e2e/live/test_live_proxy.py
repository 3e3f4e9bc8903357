"""Streams through nginx: with its defaults, and with what docs/streaming.md tells people to set."""
import time

import follow
import harness
from proxy import Nginx


class Proxied(follow.FollowTest):
    def through(self, documented):
        nginx = Nginx(self.server.port, documented).start()
        self.addCleanup(nginx.close)
        return nginx

    def both(self):
        for documented in (False, True):
            with self.subTest(documented=documented):
                yield self.through(documented)

    def test_events_come_at_once(self):
        for nginx in self.both():
            self.session = self.client.create()
            log = self.messages(3)
            stream = self.follow(server=nginx)
            self.assertEqual(follow.ids(stream.history()), log)
            for _ in range(5):
                sent, start = self.messages(1), time.monotonic()
                self.assertEqual(follow.ids([stream.event(2.0)]), sent)
                self.assertLess(time.monotonic() - start, 1.0)
            self.assertEqual(stream.head.header("cache-control"), "no-cache, no-transform")
            sent = self.append(follow.TERMINATED)
            self.assert_done(stream.rest(), *sent)

    def test_keep_alives_come_through(self):
        streams = [self.follow(server=nginx) for nginx in self.both()]
        for stream in streams:
            stream.history()
        for stream in streams:
            self.assertEqual(stream.next(20.0).text, ": keep-alive")

    def test_a_reader_that_goes_away_is_noticed(self):
        for nginx in self.both():
            self.session = self.client.create()
            stream = self.follow(server=nginx)
            stream.history()
            self.wait_for_streams(1)
            stream.close()
            self.wait_for_streams(0)

    def test_resume_after_nginx_was_killed(self):
        for nginx in self.both():
            self.session = self.client.create()
            log = self.messages(2)
            stream = self.follow(server=nginx)
            stream.history()
            nginx.kill()
            log += self.messages(2)
            nginx.start()
            again = self.follow(server=nginx, headers=[("Last-Event-ID", stream.last_id)])
            self.assertEqual(follow.ids(again.history()), log[2:])


class ServiceGone(follow.RestartTest):
    def test_the_documented_nginx_closes_instead_of_a_502(self):
        """An EventSource gives up on a status; it comes back after a connection that was closed."""
        nginx = Nginx(self.server.port).start()
        self.addCleanup(nginx.close)
        token = harness.ok(self.client.post(f"/v1/sessions/{self.session}/stream_tokens", {})).json()["token"]
        stream = self.follow(server=nginx, key="", token=token)
        stream.history()
        port = self.server.port
        self.server.kill()
        with follow.raw.wire(nginx) as wire:
            wire.send(follow.raw.request("GET", follow.target(self.session, token=token)))
            wire.wait_for_end(5.0)
            self.assertEqual(wire.buffer, b"")
        self.start(port=port)
        sent = self.messages(1)
        again = self.follow(server=nginx, key="", token=token, headers=[("Last-Event-ID", stream.last_id)])
        self.assertEqual(follow.ids(again.history()), sent)
        self.assertIn("events/stream", nginx.logs())
        self.assertNotIn(token, nginx.logs())


if __name__ == "__main__":
    harness.main()
