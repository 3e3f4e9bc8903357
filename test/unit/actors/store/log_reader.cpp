// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE log_reader
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/caf/errors.hpp"
#include "actors/node/system_config.hpp"
#include "actors/store/log_reader.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

/// A store that has nothing but events to walk: each step of a search takes a while. Without steps: nothing.
class slow_store final : public event_reader {
 public:
  explicit slow_store(std::function<void()> step) : step_(std::move(step)) {}

  result<search_result> search(session_key, const search_range& range, const event_selection&,
                               const std::function<bool()>& enough) override {
    if (!step_) return search_result{range.backwards ? range.up_to : range.after, false, false};
    auto at = range.after;
    do {
      step_();
      ++at;
    } while (at < range.up_to && !enough());
    return search_result{at, false, false};
  }
  result<std::optional<log_end>> find_session(workspace_key, std::string_view) override {
    return std::optional<log_end>{};
  }
  result<std::optional<log_end>> find_session(session_key) override { return std::optional<log_end>{}; }
  /// Nothing that passes the filters, and more of it: a slice is a step.
  result<session_page> list_sessions(const session_query&, const std::function<bool()>&) override {
    session_page page;
    page.more = step_ && ++listed_ < 1000;
    if (step_) step_();
    return page;
  }
  result<log_slice> read(session_key, seq_t, seq_t, std::size_t) override { return log_slice{}; }
  result<log_slice> read_back(session_key, seq_t, seq_t, std::size_t) override { return log_slice{}; }
  result<std::optional<seq_t>> find_event(session_key, std::string_view) override {
    return std::optional<seq_t>{};
  }
  result<std::optional<deletion_record>> find_deletion(workspace_key, std::string_view) override {
    return std::optional<deletion_record>{};
  }
  result<std::optional<idempotency_record>> find_idempotency(workspace_key, session_key,
                                                             std::string_view) override {
    return std::optional<idempotency_record>{};
  }
  result<std::optional<api_key>> find_key(const digest&) override { return std::optional<api_key>{}; }
  result<std::optional<api_key>> find_key(api_key_id) override { return std::optional<api_key>{}; }
  void forget_erased() override {
    if (step_) step_();
  }

 private:
  std::function<void()> step_;
  int listed_ = 0;
};

using fixture = test_coordinator_fixture<system_config>;

}  // namespace

CAF_TEST_FIXTURE_SCOPE(log_reader_tests, fixture)

CAF_TEST(a long search lets others in) {
  const auto calls = std::make_shared<call_watch>();
  const auto step = [&] {
    CAF_CHECK(calls->lasts() > 0ns);
    sched.clock().current_time += 1ms;
  };
  const auto reader = sys.spawn<log_reader>(std::make_unique<slow_store>(step), calls);
  const auto what = std::make_shared<event_selection>();
  std::vector<std::string> answers;
  sys.spawn(
      [&, reader](caf::event_based_actor* self, int) {
        self->request(reader, caf::infinite, search_segments{1, {{0, 1'000'000}, what}})
            .then([&](const search_answer& r) {
              answers.push_back("search");
              CAF_CHECK_EQUAL(r.result.reached, 5u);
            });
        self->request(reader, caf::infinite, find_key{{}, 1}).then([&](const found_key&) {
          answers.push_back("key");
        });
      },
      0);
  const auto before = sched.clock().current_time;
  sched.run();
  CAF_CHECK_EQUAL(answers, (std::vector<std::string>{"search", "key"}));
  CAF_CHECK_LESS_OR_EQUAL((sched.clock().current_time - before).count(),
                          std::chrono::nanoseconds{20ms}.count());
  CAF_CHECK(calls->lasts() == 0ns);
  caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  sched.run();
}

CAF_TEST(it lets go of what was erased now and then) {
  int forgotten = 0;
  const auto reader = sys.spawn<log_reader>(std::make_unique<slow_store>([&] { ++forgotten; }),
                                            std::make_shared<call_watch>());
  sched.run();
  CAF_CHECK_EQUAL(forgotten, 0);
  for (int i = 1; i <= 3; ++i) {
    sched.advance_time(10s);
    sched.run();
    CAF_CHECK_EQUAL(forgotten, i);
  }
  caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  sched.run();
}

CAF_TEST(it tells since when the oldest list waits) {
  const auto reader =
      sys.spawn<log_reader>(std::make_unique<slow_store>(nullptr), std::make_shared<call_watch>());
  sched.run();
  std::vector<std::string> answers;
  sys.spawn(
      [&, reader](caf::event_based_actor* self, int) {
        for (int i = 0; i < 2; ++i)
          self->request(reader, caf::infinite, list_sessions{}).then([&](const session_list&) {
            answers.push_back("list");
          });
        self->request(reader, caf::infinite, describe_actor{}).then([&](const actor_status& told) {
          CAF_CHECK_EQUAL(told.phase, "listing");
          CAF_CHECK_EQUAL(told.of("lists"), 2);
          answers.push_back(std::to_string(told.of("oldest_wait_ms")));
        });
      },
      0);
  sched.run_once();  // who asks
  for (int i = 0; i < 2; ++i) {
    sched.run_once();
    sched.clock().current_time += 2s;
  }
  sched.run();
  CAF_CHECK_EQUAL(answers, (std::vector<std::string>{"4000", "list", "list"}));
  caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  sched.run();
}

CAF_TEST(a list that takes too long is given up) {
  const auto reader =
      sys.spawn<log_reader>(std::make_unique<slow_store>([this] { sched.clock().current_time += 100ms; }),
                            std::make_shared<call_watch>());
  const auto before = sched.clock().current_time;
  failure why;
  sys.spawn(
      [&, reader](caf::event_based_actor* self, int) {
        self->request(reader, caf::infinite, list_sessions{})
            .then([](const session_list&) {}, [&](const caf::error& e) { why = to_failure(e); });
      },
      0);
  sched.run();
  CAF_CHECK_EQUAL(static_cast<int>(why.code), static_cast<int>(errc::unavailable));
  CAF_CHECK_LESS_OR_EQUAL((sched.clock().current_time - before).count(),
                          std::chrono::nanoseconds{21s}.count());
  caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  sched.run();
}

CAF_TEST_FIXTURE_SCOPE_END()
