// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_access
#include "test/unit/http/support/live_fixture.hpp"
#include "test/unit/support/captured_log.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct fixture : live_fixture {
  fixture() {
    options.access = access_log::on;
    post_text(id, "a");
  }
  /// The lines of streams.
  std::vector<captured_log::line> streams() const {
    auto all = log.lines("request");
    std::erase_if(all, [](const auto& l) { return l.field("route") != "stream_events"; });
    return all;
  }
  /// How the only stream ended.
  std::string end() const {
    CAF_REQUIRE_EQUAL(streams().size(), 1u);
    return streams()[0].field("status") + " " + streams()[0].field("end");
  }
  const captured_log log;
  const std::string id = create();
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_access_tests, fixture)

CAF_TEST(a live stream is told when it ends) {
  auto client = follow(id);
  settle(client);
  CAF_CHECK(streams().empty());
  post_events(id, events({terminated()}));
  settle(client);
  CAF_CHECK(client.done);
  CAF_CHECK_EQUAL(end(), "200 done");
  CAF_CHECK(std::stoul(streams()[0].field("bytes_out")) > 200);
}

CAF_TEST(a client that goes away is told) {
  auto client = follow(id);
  settle(client);
  client.hang_up();
  pump();
  CAF_CHECK_EQUAL(end(), "200 client_gone");
}

CAF_TEST(a client that takes nothing is told) {
  auto client = follow(id, "", "", 4096);
  pump();
  for (int i = 0; i < 20; ++i) post_text(id, std::string(10'000, 'x'));
  pass(options.write_timeout + 1s);
  CAF_CHECK_EQUAL(end(), "200 write_timeout");
}

CAF_TEST(what a client was told is what the log says) {
  auto client = follow(id);
  settle(client);
  caf::anon_send(connections.back(), begin_drain{});
  settle(client);
  CAF_CHECK_EQUAL(client.closing, "shutdown");
  client.hang_up();
  pump();
  CAF_CHECK_EQUAL(end(), "200 shutdown");
}

CAF_TEST(an EventSource that need not come again is told) {
  post_events(id, events({terminated()}));
  const auto last = id_of(id, log_of(id).size());
  auto client = follow(id, "", "Accept: text/event-stream\r\nLast-Event-ID: " + last + "\r\n");
  settle(client);
  CAF_CHECK_EQUAL(client.status, 204);
  CAF_CHECK_EQUAL(end(), "204 done");
}

CAF_TEST_FIXTURE_SCOPE_END()
