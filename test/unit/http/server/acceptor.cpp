// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE acceptor
#include "test/unit/http/support/live_fixture.hpp"
// The framework's header comes first.
#include "http/server/acceptor.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

using boost::asio::ip::tcp;

struct fixture : live_fixture {
  fixture() { open_shard(); }
  ~fixture() {
    for (const auto& a : started) caf::anon_send(a, abort_now{});
    pump();
  }
  /// With a socket that listens, or one that never can.
  acceptor_actor start(bool can_listen = true) {
    tcp::acceptor socket{io.context()};
    if (can_listen) socket = tcp::acceptor{io.context(), {boost::asio::ip::address_v4::loopback(), 0}};
    started.push_back(sys.spawn<acceptor>(std::vector<io_shard*>{shard.get()}, std::move(socket),
                                          http_surface::api, std::function<void()>{[this] { ++closed; }}));
    pump();
    return started.back();
  }
  std::string phase_of(const acceptor_actor& a) {
    auto told = service_bench::ask<actor_status>(a, describe_actor{});
    pump();
    CAF_REQUIRE(*told);
    return std::string{(*told)->phase};
  }

  std::vector<acceptor_actor> started;
  int closed = 0;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(acceptor_tests, fixture)

CAF_TEST(one that ends by itself is told and one that stops is not ) {
  const auto stops = start();
  const auto fails = start();
  actors->watch(stops, "stops", nullptr, watch_over::lasts::until_told);
  actors->watch(fails, "fails", nullptr, watch_over::lasts::until_told);
  pump();
  CAF_CHECK_EQUAL(phase_of(stops), "accepting");
  caf::anon_send(stops, begin_drain{});
  pump();
  CAF_CHECK_EQUAL(closed, 1);
  CAF_CHECK(ended.empty());
  caf::anon_send_exit(fails, caf::exit_reason::unhandled_exception);
  pump();
  CAF_CHECK_EQUAL(closed, 2);
  CAF_CHECK_EQUAL(ended, std::vector<std::string>{"fails"});
}

CAF_TEST(a socket that fails is looked at again after a while) {
  const auto a = start(false);
  CAF_CHECK_EQUAL(phase_of(a), "paused");
  pass(std::chrono::seconds{2});
  CAF_CHECK_EQUAL(phase_of(a), "paused");
  caf::anon_send(a, begin_drain{});
  pump();
  CAF_CHECK_EQUAL(closed, 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
