// SPDX-License-Identifier: Apache-2.0
// What sessions tell the board, and it those who watch.
#define CAF_SUITE session_board
#include "test/unit/actors/support/service_fixture.hpp"
// The framework's header comes first.
#include "actors/board/session_board.hpp"
#include "actors/session/session.hpp"
#include "actors/transfer/importer.hpp"
#include "test/unit/actors/support/watching_thread.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct fixture : service_fixture {
  std::shared_ptr<board_reading> reading = std::make_shared<board_reading>();
  fan_out_actor thread = sys.spawn(watching_thread, reading);

  ~fixture() {
    caf::anon_send_exit(thread, caf::exit_reason::user_shutdown);
    run();
  }
  const board_actor& board() const { return actors->board(); }
  void watch() {
    reading->board = board();
    reading->cursor = must<board_watched>(board(), watch_board{workspace, thread}).number;
  }
  void unwatch() {
    caf::anon_send(board(), unwatch_board{workspace, thread});
    run();
  }
  void pass(std::chrono::milliseconds d) {
    for (; d > 0ms; d -= 50ms) {
      sched.advance_time(50ms);
      run();
    }
  }
  /// What came until nothing more comes.
  std::string heard() {
    pass(1s);
    return reading->told();
  }
  void set_status(const session_actor& s, const std::string& status) {
    append(s, events({R"({"type":"session.status_)" + status + R"("})"}));
  }
  std::int64_t count(std::string_view name) { return must<actor_status>(board(), describe_actor{}).of(name); }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(session_board_tests, fixture)

CAF_TEST(who watches hears of every change from then on) {
  const auto old = create();
  append_text(look_up(old), "before");
  watch();
  CAF_CHECK_EQUAL(heard(), "");
  append_text(look_up(old), "one");
  CAF_CHECK_EQUAL(heard(), old + ":idle");
  const auto made = create();
  CAF_CHECK_EQUAL(heard(), made + ":idle");
  set_status(look_up(made), "running");
  CAF_CHECK_EQUAL(heard(), made + ":running");
  must<session_view>(look_up(old), archive_session{});
  pass(1s);
  CAF_REQUIRE_EQUAL(reading->entries.size(), 1u);
  CAF_CHECK(reading->entries.front()->summary.archived_at.has_value());
  reading->told();
  must<session_deleted>(look_up(old), delete_session{true, 1});
  CAF_CHECK_EQUAL(heard(), old + ":-");
}

CAF_TEST(a session that is only read changes nothing) {
  const auto id = create();
  watch();
  replay(look_up(id));
  shown(look_up(id));
  CAF_CHECK_EQUAL(heard(), "");
}

CAF_TEST(nothing is told while nobody watches) {
  const auto id = create();
  append_text(look_up(id), "one");
  CAF_CHECK(!environment->is_watched->load());
  CAF_CHECK_EQUAL(count("changes"), 0);
  watch();
  CAF_CHECK(environment->is_watched->load());
  append_text(look_up(id), "two");
  CAF_CHECK_EQUAL(heard(), id + ":idle");
  unwatch();
  CAF_CHECK(!environment->is_watched->load());
  append_text(look_up(id), "three");
  CAF_CHECK_EQUAL(heard(), "");
  CAF_CHECK_EQUAL(count("workspaces"), 0);
}

CAF_TEST(a session tells at most four states a second and always the last one) {
  const auto id = create();
  watch();
  const auto s = look_up(id);
  for (int i = 0; i < 100; ++i) {
    append_text(s, std::to_string(i));
    sched.advance_time(10ms);
    run();
  }
  pass(1s);
  CAF_CHECK(reading->entries.size() >= 4 && reading->entries.size() <= 6);
  CAF_CHECK_EQUAL(reading->entries.back()->summary.last_seq, 100u);
}

CAF_TEST(the last state comes though its session goes at once) {
  const auto id = create();
  watch();
  append_text(look_up(id), "one");
  append_text(look_up(id), "two");
  caf::anon_send(look_up(id), retire_now{});
  sessions.clear();
  pass(1s);
  CAF_REQUIRE(!reading->entries.empty());
  CAF_CHECK_EQUAL(reading->entries.back()->summary.last_seq, 2u);
}

CAF_TEST(who is slow is told once and gets the last states) {
  const auto a = create(), b = create();
  watch();
  reading->goes_on = false;
  for (const auto& id : {a, b, a}) {
    set_status(look_up(id), "running");
    set_status(look_up(id), "idle");
    pass(1s);
  }
  CAF_CHECK_EQUAL(reading->moves.size(), 1u);
  reading->goes_on = true;
  caf::anon_send(board(), board_seen{workspace, thread});
  CAF_CHECK_EQUAL(heard(), b + ":idle " + a + ":idle");
}

CAF_TEST(streams of one thread count together) {
  const auto id = create();
  watch();
  watch();
  unwatch();
  append_text(look_up(id), "one");
  CAF_CHECK_EQUAL(heard(), id + ":idle");
  CAF_CHECK_EQUAL(reading->moves.size(), 1u);
  CAF_MESSAGE("other workspaces are others");
  caf::anon_send(board(), unwatch_board{workspace + 1, thread});
  caf::anon_send(board(), board_seen{workspace + 1, thread});
  run();
  CAF_CHECK_EQUAL(count("streams"), 1);
  unwatch();
  CAF_CHECK(must<board_page>(board(), pull_board{workspace, 0, 1}).is_lost);
}

CAF_TEST(what is imported is told) {
  watch();
  importer_arguments with;
  with.workspace = workspace;
  with.directory = directory;
  with.journal = journal;
  with.board = board();
  with.clock = clock_for_tests();
  with.max_line = 1'000'000;
  const auto importing = sys.spawn<importer>(with);
  const auto text = std::make_shared<const std::string>(
      R"({"session":{"id":"sess_01imported","agent":"agent_1","environment_id":"env_1"}})"
      "\n"
      R"({"event":{"type":"agent.message"}})"
      "\n");
  // Whoever feeds stays, as a connection does.
  auto pending = self->request(importing, caf::infinite, import_piece{text, true});
  run();
  pending.receive(
      [](const import_progress& p) {
        CAF_REQUIRE(p.report);
        CAF_CHECK_EQUAL(p.report->sessions, 1u);
      },
      [](const caf::error&) { CAF_FAIL("not imported"); });
  CAF_CHECK_EQUAL(heard(), "sess_01imported:idle");
}

CAF_TEST_FIXTURE_SCOPE_END()
