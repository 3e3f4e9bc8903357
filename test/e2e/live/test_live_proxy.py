# SPDX-License-Identifier: Apache-2.0
"""Streams through nginx and HAProxy, with what docs/streaming.md tells people to set; nginx also with its defaults."""
import time

import follow
import harness
from proxy import Haproxy, Nginx


class Proxied(follow.FollowTest):
    def all(self):
        for what, proxy in (("nginx with its defaults", Nginx(self.server.port, False)),
                            ("nginx as documented", Nginx(self.server.port)),
                            ("haproxy as documented", Haproxy(self.server.port))):
            self.addCleanup(proxy.close)
            with self.subTest(what):
                yield proxy.start()

    def test_events_come_at_once(self):
        for proxy in self.all():
            self.session = self.client.create()
            log = self.messages(3)
            stream = self.follow(server=proxy)
            self.assertEqual(follow.ids(stream.history()), log)
            for _ in range(5):
                sent, start = self.messages(1), time.monotonic()
                self.assertEqual(follow.ids([stream.event(2.0)]), sent)
                self.assertLess(time.monotonic() - start, 1.0)
            self.assertEqual(stream.head.header("cache-control"), "no-cache, no-transform")
            sent = self.append(follow.TERMINATED)
            self.assert_done(stream.rest(), *sent)

    def test_keep_alives_come_through(self):
        streams = [self.follow(server=proxy) for proxy in self.all()]
        for stream in streams:
            stream.history()
        for stream in streams:
            self.assertEqual(stream.next(20.0).text, ": keep-alive")

    def test_a_reader_that_goes_away_is_noticed(self):
        for proxy in self.all():
            self.session = self.client.create()
            stream = self.follow(server=proxy)
            stream.history()
            self.wait_for_streams(1)
            stream.close()
            self.wait_for_streams(0)

    def test_resume_after_the_proxy_was_killed(self):
        for proxy in self.all():
            self.session = self.client.create()
            log = self.messages(2)
            stream = self.follow(server=proxy)
            stream.history()
            proxy.kill()
            log += self.messages(2)
            proxy.start()
            again = self.follow(server=proxy, headers=[("Last-Event-ID", stream.last_id)])
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

    def cut_behind(self, nginx):
        """A stream through nginx, opened with a token, as it is when the service was killed; and the token."""
        self.addCleanup(nginx.start().close)
        token = harness.ok(self.client.post(f"/v1/sessions/{self.session}/stream_tokens", {})).json()["token"]
        stream = self.follow(server=nginx, key="", token=token)
        stream.history()
        port = self.server.port
        self.server.kill()
        harness.poll(lambda: stream.poll(0.1) is None and (stream.broken or stream.over), what="the end")
        self.start(port=port)
        return stream, token

    def test_a_stream_without_its_end_has_none_behind_nginx_either(self):
        nginx = Nginx(self.server.port)
        stream, token = self.cut_behind(nginx)
        self.assertTrue(stream.broken)
        self.assertNotIn(token, nginx.logs())

    def test_what_nginx_says_of_a_stream_without_its_end(self):
        """A line that has the query in it, and so the token: why the documented level is `crit`."""
        nginx = Nginx(self.server.port, stream_errors="error")
        _, token = self.cut_behind(nginx)
        said = "upstream prematurely closed connection while reading upstream"
        line = next(line for line in nginx.logs().splitlines() if said in line)
        self.assertIn("[error]", line)
        self.assertIn(token, line)

    def test_nginx_with_its_defaults_makes_an_end_of_a_break(self):
        """It speaks HTTP/1.0 to the service, which has no last chunk to miss: only [DONE] tells."""
        stream, _ = self.cut_behind(Nginx(self.server.port, documented=False))
        self.assertTrue(stream.over)

    def test_haproxy_shows_no_token(self):
        proxy = Haproxy(self.server.port).start()
        self.addCleanup(proxy.close)
        token = harness.ok(self.client.post(f"/v1/sessions/{self.session}/stream_tokens", {})).json()["token"]
        stream = self.follow(server=proxy, key="", token=token)
        stream.history()
        sent = self.append(follow.TERMINATED)
        self.assert_done(stream.rest(), *sent)
        stream.close()
        harness.poll(lambda: f"/v1/sessions/{self.session}/events/stream" in proxy.logs(), what="its line in the log")
        self.assertNotIn(token, proxy.logs())


if __name__ == "__main__":
    harness.main()
