// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE log_ends
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/caf/errors.hpp"
#include "actors/node/system_config.hpp"
#include "actors/store/log_ends.hpp"
#include "test/unit/support/test_clock.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

/// What is asked of the database, and what it says.
struct seen {
  std::vector<std::vector<session_key>> look_ups;
  std::map<session_key, written_end> ends;
  bool is_up = true;
  timestamp now{};
};

class ends_of_memory final : public end_reader {
 public:
  explicit ends_of_memory(std::shared_ptr<seen> s) : seen_(std::move(s)) {}

  result<std::vector<std::optional<written_end>>> find_ends(std::span<const session_key> sessions) override {
    seen_->look_ups.emplace_back(sessions.begin(), sessions.end());
    if (!seen_->is_up) return {errc::unavailable, "gone"};
    std::vector<std::optional<written_end>> found;
    for (const auto session : sessions) {
      const auto end = seen_->ends.find(session);
      found.push_back(end == seen_->ends.end() ? std::nullopt : std::optional{end->second});
    }
    return found;
  }
  result<timestamp> now() override { return seen_->now; }

 private:
  const std::shared_ptr<seen> seen_;
};

struct ends_fixture : test_coordinator_fixture<system_config> {
  std::shared_ptr<seen> database = std::make_shared<seen>();
  std::shared_ptr<wall_clock> clock = std::make_shared<test_clock>();
  std::shared_ptr<placement> nodes = std::make_shared<placement>(node_id{256});
  ends_actor ends;

  ends_fixture() {
    database->now = clock->now() + 5s;
    log_ends_options options;
    options.clock = clock;
    options.nodes = nodes;
    ends = sys.spawn<log_ends>(std::make_unique<ends_of_memory>(database), options,
                               std::make_shared<call_watch>());
    sched.run();
  }
  ~ends_fixture() {
    caf::anon_send_exit(ends, caf::exit_reason::user_shutdown);
    sched.run();
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(log_ends_tests, ends_fixture)

CAF_TEST(all that wait are looked up at once) {
  database->ends = {{1, {{7, 3, {}}, 1}}, {2, {{8, 4, {}}, 0}}};
  std::vector<std::optional<seq_t>> told;
  sys.spawn(
      [&](caf::event_based_actor* self, int) {
        for (const session_key session : {2, 1, 2, 3})
          self->request(ends, caf::infinite, find_end{session}).then([&](const found_end& found) {
            told.push_back(found.end ? std::optional{found.end->mark.last_seq} : std::nullopt);
          });
      },
      0);
  sched.run();
  CAF_CHECK_EQUAL(database->look_ups, (std::vector<std::vector<session_key>>{{1, 2, 3}}));
  CAF_CHECK(told == (std::vector<std::optional<seq_t>>{4, 3, 4, std::nullopt}));
}

CAF_TEST(who asks while nobody can look is told so) {
  database->is_up = false;
  failure why;
  sys.spawn(
      [&](caf::event_based_actor* self, int) {
        self->request(ends, caf::infinite, find_end{1})
            .then([](const found_end&) { CAF_FAIL("an answer"); },
                  [&](const caf::error& e) { why = to_failure(e); });
      },
      0);
  sched.run();
  CAF_CHECK(why.code == errc::unavailable);
}

CAF_TEST(who watches hears of each other end and of each other writer once) {
  std::vector<std::optional<written_end>> told;
  const auto watcher = caf::actor_cast<session_actor>(
      caf::actor_cast<caf::strong_actor_ptr>(sys.spawn([&](caf::event_based_actor*) -> caf::behavior {
        return {[&](const end_moved& r) { told.push_back(r.end); }};
      })));
  const written_end known{{7, 3, {}}, 1};
  database->ends = {{1, known}};
  caf::anon_send(ends, watch_end{1, watcher, watch_pace::closely, known, {}});
  const auto poll = [&] {
    sched.run();
    sched.advance_time(300ms);
    sched.run();
  };
  poll();
  CAF_CHECK(told.empty());
  for (const auto& end :
       {written_end{{7, 3, {}}, 0}, written_end{{7, 3, {}}, 2}, written_end{{8, 3, {}}, 2}}) {
    database->ends = {{1, end}};
    for (int i = 0; i < 2; ++i) poll();
    CAF_CHECK(told == std::vector{std::optional{end}});
    told.clear();
  }
  database->ends.clear();
  for (int i = 0; i < 2; ++i) poll();
  CAF_CHECK(told == std::vector{std::optional<written_end>{}});
  caf::anon_send_exit(watcher, caf::exit_reason::user_shutdown);
}

CAF_TEST(who knows more than is found hears of it though it was told the same before) {
  int told = 0;
  const auto watcher = caf::actor_cast<session_actor>(caf::actor_cast<caf::strong_actor_ptr>(sys.spawn(
      [&](caf::event_based_actor*) -> caf::behavior { return {[&](const end_moved&) { ++told; }}; })));
  const written_end known{{7, 3, {}}, 1};
  const auto events = std::make_shared<std::atomic<std::int64_t>>(3);
  database->ends = {{1, known}};
  caf::anon_send(ends, watch_end{1, watcher, watch_pace::closely, known, events});
  const auto poll = [&] {
    sched.run();
    sched.advance_time(300ms);
    sched.run();
  };
  poll();
  CAF_CHECK_EQUAL(told, 0);
  *events = 4;  // which is lost
  poll();
  CAF_CHECK_EQUAL(told, 1);
  *events = 2;  // of a log that was opened anew
  poll();
  CAF_CHECK_EQUAL(told, 1);
  caf::anon_send_exit(watcher, caf::exit_reason::user_shutdown);
}

CAF_TEST(how often it is looked goes by who else tells) {
  const auto link = caf::actor_cast<caf::strong_actor_ptr>(
      sys.spawn([](caf::event_based_actor*) -> caf::behavior { return {[](const end_moved&) {}}; }));
  const auto looks_in_four_seconds = [&](watch_pace pace) {
    caf::anon_send(ends, watch_end{1, caf::actor_cast<session_actor>(link), pace, {}, nullptr});
    sched.run();
    database->look_ups.clear();
    for (int i = 0; i < 16; ++i) {
      sched.advance_time(250ms);
      sched.run();
    }
    return database->look_ups.size();
  };
  const auto to_another = [&](const gateway_actor& way) { nodes->set({{256, gateway_actor{}}, {512, way}}); };
  for (const bool is_linked : {true, false}) {
    to_another(is_linked ? caf::actor_cast<gateway_actor>(link) : gateway_actor{});
    CAF_CHECK_EQUAL(looks_in_four_seconds(watch_pace::closely), 16u);
    CAF_CHECK_EQUAL(looks_in_four_seconds(watch_pace::pushed), 2u);
    // Another may take its place, and tells so if it can.
    CAF_CHECK_EQUAL(looks_in_four_seconds(watch_pace::written), is_linked ? 2u : 16u);
  }
  nodes->set({});
  caf::anon_send_exit(link, caf::exit_reason::user_shutdown);
}

CAF_TEST(clocks go by that of the database) {
  CAF_CHECK(clock->now() == database->now);
  database->now -= 7s;
  sched.advance_time(9s);
  sched.run();
  CAF_CHECK(clock->now() != database->now);  // not at every look
  for (int i = 0; i < 8; ++i) {
    sched.advance_time(300ms);
    sched.run();
  }
  CAF_CHECK(clock->now() == database->now);
}

CAF_TEST_FIXTURE_SCOPE_END()
