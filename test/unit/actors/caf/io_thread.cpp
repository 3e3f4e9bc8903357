// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE io_thread
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/caf/io_thread.hpp"

#include <functional>

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

struct alarm_clock final : io_thread::watched {
  explicit alarm_clock(io_thread& io) { io.watch(*this); }
  void deadline_passed() override {
    ++rung;
    if (then) then();
  }
  int rung = 0;
  std::function<void()> then;
};

struct fixture : test_coordinator_fixture<> {
  io_thread io{sys};
  io_thread::clock::time_point now = io.now();
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(io_thread_tests, fixture)

CAF_TEST(a deadline rings once each time that it is set) {
  alarm_clock a{io};
  a.deadline = now + 1s;
  io.sweep(now);
  CAF_CHECK_EQUAL(a.rung, 0);
  io.sweep(now + 1s);
  io.sweep(now + 2s);
  CAF_CHECK_EQUAL(a.rung, 1);
  a.then = [&] { a.deadline = now; };
  a.deadline = now;
  io.sweep(now + 3s);
  CAF_CHECK_EQUAL(a.rung, 2);  // the next look is for what was set in this one
  io.sweep(now + 4s);
  CAF_CHECK_EQUAL(a.rung, 3);
}

CAF_TEST(whoever rings may take any other out) {
  for (std::size_t teller = 0; teller < 4; ++teller)
    for (std::size_t victim = 0; victim < 4; ++victim) {
      std::vector<std::unique_ptr<alarm_clock>> all;
      for (int i = 0; i < 4; ++i) {
        all.push_back(std::make_unique<alarm_clock>(io));
        all.back()->deadline = now;
      }
      int rung = 0;
      for (auto& a : all) a->then = [&] { ++rung; };
      all[teller]->then = [&] {
        ++rung;
        if (victim != teller) all[victim] = nullptr;
      };
      io.sweep(now);
      CAF_CHECK_EQUAL(rung, victim > teller ? 3 : 4);
      for (auto& a : all)
        if (a) a->deadline = now;
      rung = 0;
      all[teller]->then = [&] { ++rung; };
      io.sweep(now + 1s);  // those that are left are still watched
      CAF_CHECK_EQUAL(rung, victim == teller ? 4 : 3);
    }
}

CAF_TEST(who begins to be watched meanwhile is looked at next time) {
  alarm_clock a{io};
  std::unique_ptr<alarm_clock> late;
  a.deadline = now;
  a.then = [&] {
    late = std::make_unique<alarm_clock>(io);
    late->deadline = now;
  };
  io.sweep(now);
  CAF_CHECK_EQUAL(late->rung, 0);
  a.then = nullptr;
  io.sweep(now);
  CAF_CHECK_EQUAL(late->rung, 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
