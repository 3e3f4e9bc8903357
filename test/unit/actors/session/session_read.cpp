// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_read
#include "test/unit/actors/support/service_fixture.hpp"
// The framework's header comes first.
#include "actors/store/log_reader.hpp"

#include <algorithm>
#include <random>

using namespace sandbase;
using namespace sandbase::test;

namespace {

open_request opening_at(std::vector<std::string> after = {}, std::size_t max_bytes = 256 * 1024) {
  open_request r;
  for (auto& id : after) r.after.push_back({"after", std::move(id)});
  r.max_bytes = max_bytes;
  return r;
}

}  // namespace

CAF_TEST_FIXTURE_SCOPE(session_read_tests, service_fixture)

CAF_TEST(a replay is of the log as it stood when it was accepted) {
  const auto s = look_up(create());
  append(s, events({message("a"), message("b")}));
  const auto first = must<pull_answer>(s, opening_at({}, 1));
  CAF_CHECK_EQUAL(first.end, 2u);
  CAF_CHECK_EQUAL(first.slice.last_seq(), 1u);
  append_text(s, "c");
  const auto second = must<pull_answer>(s, pull_request{1, first.end, 1000, false});
  CAF_CHECK_EQUAL(second.slice.last_seq(), 2u);
  CAF_MESSAGE("not even an append that is already in flight belongs to it");
  auto appended = ask<append_answer>(s, appending(events({message("d")})));
  auto opened = ask<pull_answer>(s, opening_at());
  run();
  CAF_REQUIRE(*opened && *appended);
  CAF_CHECK_EQUAL((*opened)->end, 3u);
}

CAF_TEST(an answer tells the state that the log had at its end) {
  int behind = 0;
  std::minstd_rand random{1};
  for (int round = 0; round < 200; ++round) {
    const auto id = create();
    append(look_up(id), events({R"({"id":"own_1","type":"agent.message","content":[]})"}));
    caf::anon_send(look_up(id), retire_now{});
    run();
    const auto s = look_up(id);
    // The reader is asked for the cursor; meanwhile the session ends.
    auto opened = ask<pull_answer>(s, opening_at({"own_1"}));
    auto ended = ask<append_answer>(s, appending(events({R"({"type":"session.status_terminated"})"})));
    while (!sched.jobs.empty()) {
      std::swap(sched.jobs.front(), sched.jobs[random() % sched.jobs.size()]);
      sched.try_run_once();
    }
    run();
    CAF_REQUIRE(*opened && *ended);
    const auto end = (*opened)->end;
    CAF_CHECK(((*opened)->state == log_state::open) == (end == 1));
    behind += end == 1;
  }
  CAF_CHECK(behind > 0);
}

CAF_TEST(a replay may start so many events before the end) {
  const auto s = look_up(create());
  auto opening = opening_at();
  opening.from_end = opening.tell_cursor = true;
  opening.tail = 3;
  CAF_CHECK_EQUAL(must<pull_answer>(s, opening).after, 0u);
  for (int i = 0; i < 5; ++i) append_text(s, "a");
  const auto some = must<pull_answer>(s, opening);
  CAF_CHECK_EQUAL(some.after, 2u);
  CAF_CHECK_EQUAL(some.slice.first_seq(), 3u);
  CAF_CHECK_EQUAL(some.slice.last_seq(), 5u);
  CAF_REQUIRE(some.at_cursor);
  CAF_CHECK_EQUAL(some.at_cursor->last, 2u);
  opening.tail = 9;
  CAF_CHECK_EQUAL(must<pull_answer>(s, opening).slice.first_seq(), 1u);
}

CAF_TEST(replays join segments and tail without a seam) {
  const auto id = create();
  auto s = look_up(id);
  std::size_t stored = 0;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 30; ++i, ++stored) append_text(s, std::string(4000, static_cast<char>('a' + i % 26)));
    for (std::size_t max_bytes :
         {std::size_t{1}, std::size_t{5'000}, std::size_t{70'000}, std::size_t{1'000'000}})
      CAF_CHECK_EQUAL(replay(s, max_bytes).size(), stored);
    if (round % 2 == 1) {
      caf::anon_send(s, retire_now{});
      run();
      s = look_up(id);
    }
  }
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(without room in the cache every old slice comes from a reader) {
  cache_limit = 0;
  restart();
  const auto id = create();
  const auto s = look_up(id);
  for (int i = 0; i < 60; ++i) append_text(s, std::string(5000, 'x'));
  CAF_CHECK_EQUAL(replay(s, 20'000).size(), 60u);
  CAF_CHECK_EQUAL(replay(s, 300'000).size(), 60u);
}

CAF_TEST(a cursor is the id furthest along) {
  const auto s = look_up(create());
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    const auto slice = append_text(s, "x");
    ids.emplace_back(slice.spans.back().block->id(slice.last_seq()));
  }
  append(s, events({R"({"id":"msg_own","type":"agent.thinking"})"}));
  CAF_CHECK_EQUAL(must<pull_answer>(s, opening_at({ids[1]})).after, 2u);
  CAF_CHECK_EQUAL(must<pull_answer>(s, opening_at({ids[3], ids[1]})).after, 4u);
  CAF_CHECK_EQUAL(must<pull_answer>(s, opening_at({ids[3], "msg_own"})).after, 6u);
  CAF_CHECK(must<pull_answer>(s, opening_at({"msg_own"})).slice.empty());
  CAF_MESSAGE("an id that this session never had, also one that tells a place");
  for (const auto& foreign :
       {std::string{"sevt_nope"}, make_event_id(test_now, 3, 99), make_event_id(test_now, 300, 99)})
    CAF_CHECK_EQUAL(static_cast<int>(must_fail<pull_answer>(s, opening_at({ids[0], foreign})).code),
                    static_cast<int>(errc::invalid));
  CAF_MESSAGE("the same when all of it is sealed");
  const auto id = must<session_view>(s, describe_request{}).header->definition->id;
  caf::anon_send(s, retire_now{});
  run();
  const auto t = look_up(id);
  CAF_CHECK_EQUAL(must<pull_answer>(t, opening_at({ids[3], ids[1]})).after, 4u);
  CAF_CHECK_EQUAL(must<pull_answer>(t, opening_at({"msg_own"})).after, 6u);
  must_fail<pull_answer>(t, opening_at({make_event_id(test_now, 3, 99)}));
}

CAF_TEST(a question about another log of the id is not answered) {
  create();  // so that there is another
  const auto s = look_up(create());
  append_text(s, "a");
  append_text(s, "b");
  const auto log = must<pull_answer>(s, opening_at()).log;
  CAF_CHECK_EQUAL(must<session_view>(s, describe_request{}).log, log);
  const auto what = std::make_shared<event_selection>(std::vector<std::string>{"user.message"}, time_range{});
  const auto open = [&](session_key of) {
    auto r = opening_at();
    r.log = of;
    return r;
  };
  const pull_request pull{0, 2, 1000, false, log};
  const search_request search{{0, 2, false}, what, log};
  CAF_CHECK_EQUAL(must<pull_answer>(s, open(log)).log, log);
  CAF_CHECK_EQUAL(must<pull_answer>(s, pull).log, log);
  must<search_answer>(s, search);
  CAF_REQUIRE(log > 1);
  for (const auto other : {log - 1, log + 1}) {
    auto other_pull = pull;
    auto other_search = search;
    other_pull.log = other_search.log = other;
    const auto code = [](const failure& why) { return static_cast<int>(why.code); };
    const auto gone = static_cast<int>(errc::not_found);
    CAF_CHECK_EQUAL(code(must_fail<pull_answer>(s, open(other))), gone);
    CAF_CHECK_EQUAL(code(must_fail<pull_answer>(s, other_pull)), gone);
    CAF_CHECK_EQUAL(code(must_fail<search_answer>(s, other_search)), gone);
  }
}

CAF_TEST(whose id is looked up while the session is deleted is told that it is gone) {
  const auto id = create();
  append_text(look_up(id), "a");
  const auto event = std::string{read_stored_event(replay(look_up(id)).front())->id};
  caf::anon_send(look_up(id), retire_now{});
  run();
  restart();
  const auto s = look_up(id);
  auto opened = ask<pull_answer>(s, opening_at({event}));
  run_without(each<log_reader>());  // it asks for the id
  auto deleted = ask<session_deleted>(s, delete_session{true});
  run_without(each<log_reader>());
  CAF_CHECK(*deleted);
  CAF_CHECK(!opened->answered);
  run();
  CAF_REQUIRE(opened->answered && !*opened);
  CAF_CHECK_EQUAL(static_cast<int>(opened->error.code), static_cast<int>(errc::not_found));
}

CAF_TEST(backwards slices end at the cursor and walk to the front) {
  const auto id = create();
  auto s = look_up(id);
  for (int i = 0; i < 50; ++i) append_text(s, std::string(4000, 'x'));
  for (int life = 0; life < 2; ++life) {
    seq_t before = 50;
    while (before > 0) {
      const auto answer = must<pull_answer>(s, pull_request{0, before, 30'000, true});
      CAF_REQUIRE(!answer.slice.empty());
      CAF_REQUIRE_EQUAL(answer.slice.last_seq(), before);
      before = answer.slice.first_seq() - 1;
    }
    caf::anon_send(s, retire_now{});
    run();
    s = look_up(id);
  }
}

CAF_TEST(searches join segments and tail without a seam) {
  const auto id = create();
  auto s = look_up(id);
  std::vector<seq_t> expected;
  for (seq_t seq = 1; seq <= 90; ++seq) {
    const bool wanted = seq % 7 == 3 || seq > 85;
    if (wanted) expected.push_back(seq);
    append(s, events({R"({"type":")" + std::string{wanted ? "acme.step" : "acme.other"} + R"(","text":")" +
                      std::string(4000, 'x') + R"("})"}));
  }
  const auto what = std::make_shared<event_selection>(std::vector<std::string>{"acme.step"}, time_range{});
  for (int life = 0; life < 2; ++life) {
    std::vector<seq_t> found;
    for (seq_t at = 0; at < 90;) {
      const auto r = must<search_answer>(s, search_request{{at, 90, false}, what}).result;
      CAF_REQUIRE(r.found || r.reached > at);
      at = r.found ? r.reached + 1 : r.reached;
      if (r.found) found.push_back(at);
    }
    CAF_CHECK_EQUAL(found, expected);
    found.clear();
    for (seq_t at = 90; at > 0;) {
      const auto r = must<search_answer>(s, search_request{{0, at, true}, what}).result;
      CAF_REQUIRE(r.found || r.reached < at);
      if (r.found) found.insert(found.begin(), r.reached);
      at = r.found ? r.reached - 1 : r.reached;
    }
    CAF_CHECK_EQUAL(found, expected);
    caf::anon_send(s, retire_now{});
    run();
    s = look_up(id);
  }
}

CAF_TEST(who wants no more than a place gets no slice) {
  const auto s = look_up(create());
  const auto second = append(s, events({message("a"), message("b"), message("c")})).spans.back().block->id(2);
  auto r = opening_at({std::string{second}});
  r.place_only = true;
  const auto answer = must<pull_answer>(s, r);
  CAF_CHECK(answer.slice.empty());
  CAF_CHECK_EQUAL(answer.after, 2u);
  CAF_CHECK_EQUAL(answer.end, 3u);
}

CAF_TEST(the oldest are asked to seal when too much is unsealed) {
  max_unsealed_bytes = 30'000;
  restart();
  std::vector<std::string> ids;
  for (int n = 0; n < 10; ++n) {
    ids.push_back(create());
    append_text(look_up(ids.back()), std::string(5000, 'x'));
  }
  std::vector<seq_t> sealed;
  for (const auto& id : ids)
    sealed.push_back(must<found_session>(reader, find_session{workspace, id}).log->sealed_seq);
  CAF_CHECK_EQUAL(sealed, (std::vector<seq_t>{1, 1, 1, 1, 1, 1, 0, 0, 0, 0}));
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(beyond its ceiling the journal refuses appends until rows are sealed) {
  max_unsealed_bytes = 30'000;
  restart();
  const auto s = look_up(create());
  std::size_t stored = 0;
  for (int n = 0; n < 20; ++n) {
    auto a = ask<append_answer>(s, appending(events({message(std::string(8000, 'x'))})));
    run();
    CAF_REQUIRE(a->answered);
    if (*a)
      ++stored;
    else
      CAF_CHECK_EQUAL(static_cast<int>(a->error.code), static_cast<int>(errc::unavailable));
  }
  CAF_CHECK(stored >= 15);
  CAF_CHECK_EQUAL(replay(s).size(), stored);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(any order of the actors gives the same log) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    std::minstd_rand random{seed};
    const auto id = create();
    const auto s = look_up(id);
    std::vector<std::shared_ptr<outcome<append_answer>>> answers;
    for (int n = 0; n < 12; ++n) {
      if (random() % 5 == 0) faults->next_commit = {errc::unavailable, "disk full"};
      answers.push_back(ask<append_answer>(
          s, appending(events({message(std::string(random() % 30'000, 'x')), message("y")}))));
      for (auto steps = random() % 20; steps > 0 && sched.has_job(); --steps) {
        std::swap(sched.jobs.front(), sched.jobs[random() % sched.jobs.size()]);
        sched.run_once();
      }
    }
    while (sched.has_job()) {
      std::swap(sched.jobs.front(), sched.jobs[random() % sched.jobs.size()]);
      sched.run_once();
    }
    faults->next_commit = {};
    std::vector<std::string> acknowledged;
    for (const auto& a : answers) {
      CAF_REQUIRE(a->answered);
      if (!*a) continue;
      for (const auto& span : (*a)->stored.spans)
        for (auto seq = span.first; seq <= span.last; ++seq) acknowledged.emplace_back(span.block->json(seq));
    }
    auto log = replay(s);
    std::sort(log.begin(), log.end());
    std::sort(acknowledged.begin(), acknowledged.end());
    if (log != acknowledged)
      CAF_FAIL("seed " << seed << ": " << log.size() << " stored, " << acknowledged.size()
                       << " acknowledged");
  }
  CAF_CHECK(faults_found().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
