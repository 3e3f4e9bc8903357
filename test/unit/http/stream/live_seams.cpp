// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_seams
#include "test/unit/http/support/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// A way to ask for a stream, and what has to come of it.
struct wish {
  std::string query = {};
  /// Last-Event-ID names this event; 0: none.
  std::size_t behind = 0;
  bool latest = false;
  /// The one type that passes.
  std::string_view only = {};
  bool until_idle = false;
};

/// Events that the append in flight stores.
constexpr std::size_t appended = 4;

struct fixture : live_fixture {
  /// What a client that wished so must have seen of this log, which had `before` events before the append.
  /// One that wanted to start at the end says itself where that was.
  static std::string expected(const wish& w, const std::vector<std::string>& log, std::size_t before,
                              const sse_client& client) {
    std::vector<std::size_t> seqs;
    auto behind = w.behind;
    if (w.latest) {  // its end was found before the append or behind it
      CAF_REQUIRE(client.live_at);
      behind = place_of(*client.live_at, log) - client.history;
      CAF_CHECK(behind == before || behind == before + appended);
    }
    for (auto seq = behind + 1; seq <= log.size(); ++seq) {
      const auto& frame = log[seq - 1];
      if (w.only.empty() || contains(frame, "\"type\":\"" + std::string{w.only} + '"')) seqs.push_back(seq);
      if (w.until_idle && contains(frame, "\"type\":\"end_turn\"")) break;
    }
    return ranges(seqs);
  }

  /// A session with `n` events, one append each. `cold`: its actor has gone and the events are sealed.
  std::string session_with(int n, std::size_t size, bool cold) {
    const auto id = create();
    for (int i = 0; i < n; ++i) append_text(session_of(id), std::string(size, static_cast<char>('a' + i)));
    if (cold) retire(id);
    return id;
  }

  /// Asks for a stream and appends, with k steps between the two. @returns whether there were so many
  bool meet(const wish& w, const std::string& id, bool stream_first, std::size_t k, turn whose) {
    const std::string headers = w.behind == 0 ? "" : "Last-Event-ID: " + id_of(id, w.behind) + "\r\n";
    sse_client client{connect()};
    const auto append = [&] { begin_post(id, events({message("x"), user("y"), idle(), message("z")})); };
    const auto ask = [&] { request_stream(client, id, w.query, headers); };
    stream_first ? ask() : append();
    const bool more = steps(k, whose);
    stream_first ? append() : ask();
    finish(whose);
    CAF_CHECK_EQUAL(end_call(), 200);
    settle(client);
    post_events(id, events({user("later"), message("last")}));
    settle(client);
    const auto log = log_of(id);
    const auto due = expected(w, log, log.size() - appended - 2, client);
    CAF_CHECK_EQUAL(places(client.frames, log), due);
    const bool over = w.until_idle && !contains(due, std::to_string(log.size()));
    CAF_CHECK_EQUAL(client.done, over);
    CAF_CHECK_EQUAL(client.complete, over);
    CAF_CHECK_EQUAL(streams_of(id), over ? 0u : 1u);
    return more;
  }
  /// Every number of steps between the two, whoever is first and whoever goes first in each step.
  void meet_everywhere(const wish& w, int n, std::size_t size, bool cold) {
    for (const bool stream_first : {true, false})
      for (const auto whose : all_turns) {
        std::size_t k = 0;
        while (meet(w, session_with(n, size, cold), stream_first, k, whose)) ++k;
        CAF_CHECK(k > 5);
      }
  }
};

constexpr std::size_t small = 10;
/// Three of these are more than one slice of a followed stream.
constexpr std::size_t large = 30'000;

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_seams_tests, fixture)

CAF_TEST(an append in flight and a new stream meet without a seam) { meet_everywhere({}, 2, small, false); }
CAF_TEST(they meet at the start of an empty log) { meet_everywhere({}, 0, small, false); }
CAF_TEST(they meet while a sealed session wakes up) { meet_everywhere({}, 2, small, true); }
CAF_TEST(they meet while slices are read from the store) { meet_everywhere({}, 5, large, true); }

CAF_TEST(a stream from the end starts on one side of an append) {
  const wish latest{"&after=latest", 0, true};
  meet_everywhere(latest, 2, small, false);
  meet_everywhere(latest, 2, small, true);
}

CAF_TEST(a filtered stream meets an append) {
  const wish filtered{"&types=user.message", 0, false, "user.message"};
  meet_everywhere(filtered, 2, small, false);
  meet_everywhere(filtered, 5, large, true);
}

CAF_TEST(a resumed stream meets an append) {
  meet_everywhere({"", 1}, 2, small, false);
  meet_everywhere({"", 1}, 2, small, true);
}

CAF_TEST(a stream until idle meets the append that ends it) {
  const wish until{"&until=idle", 0, false, {}, true};
  meet_everywhere(until, 2, small, false);
  meet_everywhere(until, 2, small, true);
  meet_everywhere({"&until=idle&after=latest", 0, true, {}, true}, 2, small, false);
}

CAF_TEST_FIXTURE_SCOPE_END()
