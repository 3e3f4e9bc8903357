# SPDX-License-Identifier: Apache-2.0
"""What a stream request that does not name `follow` gets, by `stream.default`: the table of docs/streaming.md."""
import follow
import harness

SDK = [("x-stainless-lang", "js")]
TOOL_RUNNER = SDK + [("x-stainless-helper", "session-tool-runner")]


class Table:
    """The rows that all three share, and how to ask."""

    def open(self, headers=(), **params):
        return self.follow(follow=None, headers=list(headers), **params)

    def assert_follows(self, stream, *history):
        """It shows these events, then what happens, until the session ends."""
        self.assertEqual(follow.ids(stream.history()), list(history))
        sent = self.append(harness.agent_message(), follow.TERMINATED)
        self.assert_done(stream.rest(), *sent)

    def assert_replays(self, stream, *history):
        self.assert_done(stream.rest(), *history)

    def test_naming_it_settles_it(self):
        log = self.messages(3)
        self.assert_replays(self.follow(follow="false"), *log)
        self.assert_follows(self.follow(follow="true"), *log)

    def test_a_tool_runner_follows(self):
        log = self.messages(3)
        self.assert_follows(self.open(TOOL_RUNNER), *(log if self.default != "live" else []))

    def test_previews_follow(self):
        log = self.messages(3)
        self.assert_follows(self.open(SDK, event_deltas="agent.message"), *(log if self.default != "live" else []))


class Replay(Table, follow.FollowTest):
    default = "replay"
    serve_options = ("--stream.default", default)

    def test_it_ends_with_what_is_stored(self):
        log = self.messages(3)
        self.assert_replays(self.open(SDK), *log)

    def test_opened_before_the_message_it_does_not_see_the_answer(self):
        self.assert_replays(self.open(SDK))


class Follows(Table, follow.FollowTest):
    default = "follow"
    serve_options = ("--stream.default", default)

    def test_it_goes_on(self):
        log = self.messages(3)
        self.assert_follows(self.open(SDK), *log)

    def test_opened_again_without_an_id_it_shows_everything_once_more(self):
        log = self.messages(3)
        self.open(SDK).close()
        log += self.messages(2)
        self.assert_follows(self.open(SDK), *log)


class Live(Table, follow.FollowTest):
    default = "live"
    serve_options = ("--stream.default", default)

    def test_it_shows_what_happens_from_now_on(self):
        self.messages(3)
        self.assert_follows(self.open(SDK))

    def test_opened_again_without_an_id_it_misses_what_was_between(self):
        self.open(SDK).close()
        self.messages(2)
        self.assert_follows(self.open(SDK))


if __name__ == "__main__":
    harness.main()
