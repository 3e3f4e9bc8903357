// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE node
#include "test/unit/actors/support/service_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

using names = std::vector<std::string>;

}  // namespace

CAF_TEST_FIXTURE_SCOPE(node_tests, service_fixture)

CAF_TEST(an essential actor that throws is told) {
  const auto s = look_up(create());
  append_text(s, "a");
  CAF_CHECK(ended.empty());
  faults->throws = true;
  auto appended = ask<append_answer>(s, appending(events({message("b")})));
  run();
  CAF_CHECK_EQUAL(ended, names{"journal"});
}

CAF_TEST(each of them is watched) {
  CAF_MESSAGE("one after another");
  struct row {
    std::string name;
    caf::actor who;
  };
  const row rows[] = {{"checkpointer", caf::actor_cast<caf::actor>(checkpointer)},
                      {"log_reader 1", caf::actor_cast<caf::actor>(reader)},
                      {"log_reader of lists", caf::actor_cast<caf::actor>(lister)},
                      {"session_directory", caf::actor_cast<caf::actor>(directory)},
                      {"journal", caf::actor_cast<caf::actor>(journal)}};
  names expected;
  for (const auto& r : rows) {
    expected.push_back(r.name);
    caf::anon_send_exit(r.who, caf::exit_reason::unhandled_exception);
    run();
    CAF_CHECK_EQUAL(ended, expected);
  }
}

CAF_TEST(a session that fails ends nothing else) {
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  caf::anon_send_exit(s, caf::exit_reason::unhandled_exception);
  run();
  CAF_CHECK(ended.empty());
  append_text(look_up(id), "b");
  CAF_CHECK_EQUAL(replay(look_up(id)).size(), 2u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a stop is no loss and leaves everything sealed) {
  const auto id = create();
  append_text(look_up(id), "a");
  bool stopped = false;
  actors->begin_stop([&] { stopped = true; });
  run();
  CAF_CHECK(stopped);
  CAF_CHECK(ended.empty());
  restart();
  const auto found = must<found_session>(reader, find_session{workspace, id});
  CAF_CHECK_EQUAL(found.log->sealed_seq, 1u);
  CAF_CHECK_EQUAL(replay(look_up(id)).size(), 1u);
}

// --- reading does not wait for commits ------------------------------------------------------

CAF_TEST(what reads is answered while the journal has no turn) {
  const auto id = create();
  const auto cold = create();
  append_text(look_up(id), "a");
  append_text(look_up(cold), "c");
  restart();
  auto held = ask<append_answer>(look_up(id), appending(events({message("b")})));
  // The journal stands for a commit that is held up.
  run_without(the(journal));
  auto found = ask<lookup_answer>(directory, lookup_request{workspace, cold});
  run_without(the(journal));
  CAF_REQUIRE(*found);
  const auto s = (*found)->session;
  auto shown = ask<session_view>(s, describe_request{});
  auto replayed = ask<pull_answer>(s, opening(1000));
  auto listed = ask<session_list>(lister, listing());
  run_without(the(journal));
  CAF_CHECK(!held->answered);
  CAF_REQUIRE(*shown && *replayed && *listed);
  CAF_CHECK_EQUAL((*replayed)->slice.last_seq(), 1u);
  CAF_CHECK((*replayed)->live);
  CAF_CHECK_EQUAL((*shown)->header->progress.tip.last_seq, 1u);
  CAF_CHECK_EQUAL((*listed)->items.size(), 2u);
  run();
  CAF_CHECK(*held);
}

// --- sessions in memory -----------------------------------------------------------------------

CAF_TEST(beyond the bound the least recently used go first) {
  tune = [](node_options& o) { o.max_active = 2; };
  restart();
  std::vector<std::string> ids;
  std::vector<session_actor> actors_of;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(create());
    actors_of.push_back(look_up(ids.back()));
    run();
  }
  std::vector<bool> alive;
  for (const auto& s : actors_of) {
    auto answer = ask<session_view>(s, describe_request{});
    run();
    alive.push_back(answer->value.has_value());
  }
  CAF_CHECK_EQUAL(alive, (std::vector<bool>{false, false, false, true, true}));
  CAF_MESSAGE("whoever is asked for again is opened again");
  append_text(look_up(ids[0]), "a");
  CAF_CHECK_EQUAL(replay(look_up(ids[0])).size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
