# SPDX-License-Identifier: Apache-2.0
"""Stream tokens: what a page without headers follows one session with, and nothing else."""
import datetime
import json

import follow
import harness


class Tokens(follow.FollowTest):
    serve_options = ("--log.level", "trace")

    def mint(self, session=None, api=None, **body):
        answer = harness.ok((api or self.client).post(f"/v1/sessions/{session or self.session}/stream_tokens",
                                                      body)).json()
        self.assertEqual(sorted(answer), ["expires_at", "token"])
        return answer["token"]

    def open(self, token, session=None, **options):
        return self.follow(session, key="", token=token, **options)

    def refused(self, token, path, status=401, method="GET", **options):
        with harness.Api(self.server, None) as nobody:
            answer = nobody.http.request(method, path, **options)
        self.assert_error(answer, status, {401: "authentication_error", 403: "permission_error",
                                           404: "not_found"}[status])
        if len(token) > 8:
            self.assertNotIn(token, answer.text)

    def test_it_follows_its_session(self):
        before = self.messages(2)
        stream = self.open(self.mint())
        self.assertEqual(follow.ids(stream.history()), before)
        sent = self.messages(1)
        self.assertEqual(follow.ids([stream.event()]), sent)
        again = self.open(self.mint(), headers=[("Last-Event-ID", before[0])])
        self.assertEqual(len(again.history()), 2)
        self.assertEqual(follow.ids(self.open(self.mint(), follow="false", after=before[1]).rest()), self.log_ids()[2:])

    def test_its_time(self):
        for body, seconds in [({}, 900), ({"ttl_seconds": 60}, 60), ({"ttl_seconds": 3600}, 3600)]:
            now = datetime.datetime.now(datetime.timezone.utc)
            answer = harness.ok(self.client.post(f"/v1/sessions/{self.session}/stream_tokens", body)).json()
            self.assertRegex(answer["expires_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            expires = datetime.datetime.fromisoformat(answer["expires_at"].replace("Z", "+00:00"))
            self.assertAlmostEqual((expires - now).total_seconds(), seconds, delta=5)
            self.assertRegex(answer["token"], r"^[A-Za-z0-9._~-]{20,}$", "it must go into a URL as it is")
        for bad in (59, 3601, 0, -1, "900", 900.5):
            answer = self.client.post(f"/v1/sessions/{self.session}/stream_tokens", {"ttl_seconds": bad})
            self.assert_error(answer, 400, "invalid_request_error", "ttl_seconds")

    def test_minting_needs_a_key_and_a_session(self):
        path = f"/v1/sessions/{self.session}/stream_tokens"
        with harness.Api(self.server, None) as nobody:
            self.assert_error(nobody.post(path, {}), 401, "authentication_error")
        self.assert_error(self.client.post("/v1/sessions/sess_01nowhere/stream_tokens", {}), 404, "not_found")
        foreign = self.api(self.store.key("client", workspace="other")).create()
        self.assert_error(self.client.post(f"/v1/sessions/{foreign}/stream_tokens", {}), 404, "not_found")
        with harness.Api(self.server, None) as nobody:
            self.assert_error(nobody.post(f"{path}?token={self.mint()}", {}), 401, "authentication_error")

    def test_nothing_but_this_sessions_stream(self):
        token, other = self.mint(), self.client.create()
        with harness.Api(self.server, None) as nobody:
            answer = nobody.get(follow.target(other, token=token))
            self.assertIn(answer.status_code, (401, 403, 404), answer.text)
        for path in ("/v1/sessions", f"/v1/sessions/{self.session}", f"/v1/sessions/{self.session}/events"):
            self.refused(token, f"{path}?token={token}")
            self.refused(token, path, headers={"authorization": f"Bearer {token}"})
            self.refused(token, path, headers={"x-api-key": token})
        self.refused(token, f"/v1/sessions/{self.session}/events?token={token}", method="POST",
                     json={"events": [harness.user_message()]})
        self.refused(token, f"/v1/sessions/{self.session}?token={token}", method="DELETE")
        self.refused(token, follow.target(self.session), headers={"authorization": f"Bearer {token}"})
        self.assertEqual(self.log_ids(), [])

    def test_tampered(self):
        token = self.mint()
        step = max(1, len(token) // 16)
        for position in [*range(0, len(token) - 1, step)]:
            other = "A" if token[position] != "A" else "B"
            bad = token[:position] + other + token[position + 1:]
            with self.subTest(bad=bad):
                self.refused(bad, follow.target(self.session, token=bad))
        self.assert_error(self.api(None).get(follow.target(self.session, token="")), 401, "authentication_error")
        for bad in ("x", token[:-4], token + "AAAA", token[::-1], self.keys["client"]):
            with self.subTest(bad=bad):
                self.refused(bad, follow.target(self.session, token=bad))

    def test_it_shows_no_presence(self):
        """A session has only what its key may see: `streams` is for runtime keys; but the stream counts."""
        self.open(self.mint())
        self.wait_for_streams(1)

    def test_it_goes_with_its_session(self):
        token = self.mint()
        harness.ok(self.client.http.delete(f"/v1/sessions/{self.session}"))
        self.refused(token, follow.target(self.session, token=token), 404)

    def test_it_goes_with_its_key(self):
        key = self.store.key("client", name="to revoke")
        token = self.mint(api=self.api(key))
        stream = self.open(token)
        stream.history()
        follow.revoke(self.store, key)
        frames = stream.rest(8.0)
        self.assertEqual([f.get("event") for f in frames if not follow.is_comment(f)], ["error"], frames)
        self.assertEqual(json.loads(frames[-1].data)["error"]["type"], "authentication_error")
        with harness.Api(self.server, None) as nobody:
            harness.poll(lambda: nobody.get(follow.target(self.session, follow="false",
                                                          token=token)).status_code == 401, 5.5, "401")
        self.refused(token, follow.target(self.session, token=token))

    def test_it_is_in_no_log_line(self):
        tokens = [self.mint() for _ in range(3)]
        self.open(tokens[0]).history()
        self.open(tokens[1], follow="false").rest()
        self.refused(tokens[2], f"/v1/sessions/{self.session}?token={tokens[2]}")
        with harness.Api(self.server, None) as nobody:
            self.assertEqual(nobody.get(follow.target(self.session, token=tokens[2],
                                                      after="sevt_01nowhere")).status_code, 400)
        log = self.server.log()
        self.assertTrue(log)
        for token in tokens:
            self.assertNotIn(token, log)
            self.assertNotIn(token[-20:], log)


class AcrossRestarts(follow.RestartTest):
    def test_the_secret_is_kept_in_the_store(self):
        sent = self.messages(1)
        token = harness.ok(self.client.post(f"/v1/sessions/{self.session}/stream_tokens", {})).json()["token"]
        self.server.kill()
        self.start()
        self.assertEqual(follow.ids(self.follow(key="", token=token).history()), sent)


if __name__ == "__main__":
    harness.main()
