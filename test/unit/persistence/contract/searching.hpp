// SPDX-License-Identifier: Apache-2.0
// Store contract: a search finds what a walk over every event finds.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"
#include "test/unit/support/time_ranges.hpp"

namespace searching_contract {

using namespace sandbase;
using namespace sandbase::test;

// Another type in each suite that includes this.
namespace {
struct searching_fixture : store_fixture<store_factory> {
  using seqs = std::vector<seq_t>;
  static constexpr seq_t sealed = 40;

  /// Segments of 1 to 9 events up to 40, and 41, 42 in the journal. Event n is of time at_ms(n).
  test_log log{"sess_a"};
  std::vector<std::string> types{""};
  searching_fixture() {
    store(log);
    auto op = log.append_nothing();
    for (seq_t seq = 1; seq <= sealed + 2; ++seq) {
      types.push_back(seq % 20 == 7   ? "session.error"
                      : seq % 5 == 0  ? "acme.step"
                      : seq % 10 == 3 ? "acme.other"
                      : seq % 2 == 0  ? "agent.message"
                                      : "agent.thinking");
      log.add(op, log.make(types.back()));
    }
    commit_one(op);
    commit_one(log.seal({{1, 1}, {2, 4}, {5, 13}, {14, 14}, {15, 22}, {23, 31}, {32, 40}}));
  }

  /// What one search after another finds. With `slices` each ends as soon as it may.
  seqs found(const event_selection& what, search_range range, bool slices) {
    seqs all;
    for (;;) {
      const auto r = must(reader->search(log.key, range, what, [=] { return slices; }));
      CAF_REQUIRE(r.reached >= range.after && (r.reached <= range.up_to || range.up_to < range.after));
      CAF_REQUIRE(!(r.found && r.through));
      if (range.backwards) {
        if (r.found) all.push_back(r.reached);
        if (r.through || (!r.found && r.reached <= range.after)) return all;
        CAF_REQUIRE(r.found || r.reached < range.up_to);
        range.up_to = r.found ? r.reached - 1 : r.reached;
      } else {
        if (r.found) all.push_back(r.reached + 1);
        if (r.through || (!r.found && r.reached >= std::min(range.up_to, sealed))) return all;
        CAF_REQUIRE(r.found || r.reached > range.after);
        range.after = r.found ? r.reached + 1 : r.reached;
      }
    }
  }
  /// The same by looking at each event, forwards.
  seqs expected(const std::vector<std::string>& names, const time_range& times, search_range range) {
    seqs all;
    for (auto seq = range.after + 1; seq <= std::min(range.up_to, sealed); ++seq) {
      const bool named = names.empty() || std::ranges::find(names, types[seq]) != names.end();
      if (named && times.contains(at_ms(static_cast<std::int64_t>(seq)))) all.push_back(seq);
    }
    return all;
  }
  void check(const std::vector<std::string>& names, const time_range& times) {
    const event_selection what{names, times};
    for (const auto& [after, up_to] : std::vector<std::pair<seq_t, seq_t>>{
             {0, 42}, {0, 40}, {0, 7}, {3, 40}, {4, 13}, {5, 12}, {13, 14}, {20, 39}, {39, 40}, {40, 42}}) {
      auto all = expected(names, times, {after, up_to});
      for (const bool slices : {false, true}) CAF_CHECK_EQUAL(found(what, {after, up_to}, slices), all);
      std::ranges::reverse(all);
      for (const bool slices : {false, true}) CAF_CHECK_EQUAL(found(what, {after, up_to, true}, slices), all);
    }
  }
};

exact_time just_after(seq_t seq) { return {at_ms(static_cast<std::int64_t>(seq)), 1}; }
}  // namespace

CAF_TEST_FIXTURE_SCOPE(searching_contract, searching_fixture)

CAF_TEST(types are found in both directions) {
  for (const auto& names : std::vector<std::vector<std::string>>{
           {"session.error"}, {"agent.message"}, {"session.error", "agent.thinking"}, {"session.usage"}, {}})
    check(names, {});
}

CAF_TEST(custom types are found by their names) {
  check({"acme.step"}, {});
  check({"acme.other", "session.error"}, {});
  check({"acme.none"}, {});
}

CAF_TEST(times are found wherever they lie) {
  for (const seq_t seq : std::initializer_list<seq_t>{0, 1, 4, 5, 9, 14, 22, 23, 30, 31, 40, 41, 50}) {
    const exact_time t = at_ms(static_cast<std::int64_t>(seq));
    check({}, gt(t));
    check({}, gte(t));
    check({}, lt(t));
    check({}, lte(t));
    check({}, gt(just_after(seq)));
    check({}, lte(just_after(seq)));
    check({"acme.step", "session.error"}, between(t, at_ms(static_cast<std::int64_t>(seq) + 9)));
  }
  check({}, between(just_after(9), just_after(9)));
  check({}, between(at_ms(30), at_ms(10)));
}

CAF_TEST(a search ends where nothing further along can match) {
  const event_selection early{{"session.usage"}, lt(at_ms(10))};
  const auto forwards = must(reader->search(log.key, {0, 40}, early, [] { return false; }));
  CAF_CHECK(forwards.through);
  CAF_CHECK_EQUAL(forwards.reached, 9u);
  const event_selection late{{"session.usage"}, gt(at_ms(30))};
  const auto backwards = must(reader->search(log.key, {0, 40, true}, late, [] { return false; }));
  CAF_CHECK(backwards.through);
  CAF_CHECK_GREATER_OR_EQUAL(backwards.reached, 29u);
  CAF_CHECK_LESS_OR_EQUAL(backwards.reached, 30u);
}

CAF_TEST(a search asks between segments whether it is enough) {
  int asked = 0;
  const event_selection none{{"session.usage"}, {}};
  const auto r = must(reader->search(log.key, {0, 40}, none, [&] { return ++asked == 3; }));
  CAF_CHECK(!r.found && !r.through);
  CAF_CHECK_EQUAL(r.reached, 13u);
  must(reader->search(log.key, {0, 40}, none, [&] { return ++asked < 0; }));
  CAF_CHECK_EQUAL(asked, 3 + 6);
}

CAF_TEST(an unknown session has nothing to search) {
  for (const bool backwards : {false, true}) {
    const auto r = reader->search(4711, {3, 10, backwards}, {}, [] { return false; });
    CAF_CHECK(r ? !r->found && r->reached == 3u : r.error().code == errc::not_found);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace searching_contract
