// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE out_room
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/io/answer_room.hpp"

#include <algorithm>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

class answer final : private answer_room {
 public:
  explicit answer(io_shard& shard) : answer_room(shard) {}
  ~answer() {
    client_takes();
    stop_waiting_for_room();
    give_room_back();
  }
  bool take(std::size_t bytes) { return take_room(bytes); }
  void stalls(std::size_t bytes) {
    keep_room(bytes);
    client_stalls(shard_.io.now());
  }
  void goes_on() { client_takes(); }
  void gives_up() { stop_waiting_for_room(); }
  std::size_t holds() const { return room(); }

  /// What it can let go of.
  std::size_t spare = 0;
  bool cut = false;
  int woken = 0;

 private:
  void room_was_made() override { ++woken; }
  void let_go() override { keep_room(room() - std::exchange(spare, 0)); }
  void cut_off() override {
    cut = true;
    give_room_back();
  }
};

struct fixture : http_fixture {
  fixture() {
    http_options few;
    few.max_bytes_out = 1000;
    shared = std::make_unique<server_state>(few, service_actors{{}, {}, {}, clock_for_tests()});
    one = std::make_unique<io_shard>(first, *shared);
    two = std::make_unique<io_shard>(second, *shared);
    later(0ms);
  }
  /// Both threads look at their deadlines.
  void later(std::chrono::milliseconds d) {
    time += d;
    first.sweep(time);
    second.sweep(time);
  }
  io_thread first{sys};
  io_thread second{sys};
  io_thread::clock::time_point time = first.now() + 1h;
  std::unique_ptr<server_state> shared;
  std::unique_ptr<io_shard> one;
  std::unique_ptr<io_shard> two;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(out_room_tests, fixture)

CAF_TEST(who asks waits until it is there) {
  answer large{*one};
  answer next{*one};
  CAF_CHECK(large.take(800));
  CAF_CHECK(!next.take(300));
  CAF_CHECK_EQUAL(next.woken, 0);
  {
    answer small{*one};
    CAF_CHECK(small.take(100));
  }
  CAF_CHECK(next.woken > 0);
  large.stalls(500);
  CAF_CHECK(next.take(300));
  CAF_CHECK(one->room.nobody_waits());
}

CAF_TEST(who stalls first lets go of what it can) {
  answer stalled{*one};
  CAF_CHECK(stalled.take(900));
  stalled.spare = 600;
  stalled.stalls(900);
  answer next{*two};
  CAF_CHECK(!next.take(400));
  later(out_patience - 100ms);
  CAF_CHECK(!next.take(400));
  later(100ms);
  CAF_CHECK(next.take(400));
  CAF_CHECK(!stalled.cut);
  CAF_CHECK_EQUAL(stalled.holds(), 300u);
}

CAF_TEST(then the longest ends whichever thread it is on) {
  answer longest{*one};
  answer longer{*two};
  CAF_CHECK(longest.take(400));
  CAF_CHECK(longer.take(400));
  longest.stalls(400);
  later(300ms);
  longer.stalls(400);
  later(out_patience);
  answer next{*two};
  CAF_MESSAGE("not the one on the thread that asks");
  CAF_CHECK(!next.take(500));
  CAF_CHECK(!longer.cut && !longest.cut);
  later(io_thread::tick);
  CAF_CHECK(longest.cut);
  CAF_CHECK(!longer.cut);
  CAF_CHECK(next.take(500));
}

CAF_TEST(as many end as it takes) {
  std::vector<std::unique_ptr<answer>> stalled;
  for (int i = 0; i < 10; ++i) {
    stalled.push_back(std::make_unique<answer>(i % 2 == 0 ? *one : *two));
    stalled.back()->stalls(400);  // live events are in memory whether there is room or not
  }
  later(out_patience);
  later(io_thread::tick);
  const auto cut = std::count_if(stalled.begin(), stalled.end(), [](const auto& a) { return a->cut; });
  CAF_CHECK_EQUAL(cut, 8);
  CAF_CHECK(shared->bytes_out.used() <= 1000);
}

CAF_TEST(who reads and who waits no more is left alone) {
  answer reading{*one};
  answer stalled{*one};
  CAF_CHECK(reading.take(400));
  CAF_CHECK(stalled.take(400));
  reading.stalls(400);
  stalled.stalls(400);
  later(out_patience);
  reading.goes_on();
  answer next{*two};
  CAF_CHECK(!next.take(900));
  next.gives_up();
  later(io_thread::tick);
  CAF_CHECK(!stalled.cut && !reading.cut);
  CAF_CHECK_EQUAL(shared->stalls.wanted.load(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
