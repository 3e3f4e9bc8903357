// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_hangups
#include "test/unit/http/support/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct fixture : live_fixture {
  fixture() {
    post_text(id, "a");
    request_stream(healthy, id);
    settle(healthy);
  }
  /// What is left when a client has hung up: the other one, and all that it was to see.
  void check_the_rest() {
    CAF_CHECK_EQUAL(streams_of(id), 1u);
    post_text(id, "later");
    settle(healthy);
    CAF_CHECK_EQUAL(seen(healthy, id), "1-" + std::to_string(log_of(id).size()));
    CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  }
  const std::string id = create();
  sse_client healthy{connect()};
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_hangups_tests, fixture)

CAF_TEST(a client may hang up at any step of its request) {
  for (const auto whose : all_turns) {
    bool more = true;
    for (std::size_t k = 0; more; ++k) {
      auto client = follow(id);
      more = steps(k, whose);
      client.hang_up();
      finish(whose);
      check_the_rest();
    }
  }
}

CAF_TEST(a client may hang up at any step of an append) {
  for (const auto whose : all_turns) {
    bool more = true;
    for (std::size_t k = 0; more; ++k) {
      auto client = follow(id);
      settle(client);
      CAF_CHECK_EQUAL(streams_of(id), 2u);
      begin_post(id, events({message("b")}));
      more = steps(k, whose);
      client.hang_up();
      finish(whose);
      CAF_CHECK_EQUAL(end_call(), 200);
      check_the_rest();
    }
  }
}

CAF_TEST(a client may hang up at any step of a replay that is too much for its socket) {
  for (int i = 0; i < 4; ++i) post_text(id, std::string(40'000, 'x'));
  settle(healthy);
  for (const auto whose : all_turns) {
    bool more = true;
    for (std::size_t k = 0; more; ++k) {
      auto client = follow(id, "", "", 4096);
      more = steps(k, whose);
      client.hang_up();
      finish(whose);
      check_the_rest();
    }
  }
}

CAF_TEST(clients may hang up while their session goes) {
  const auto session = key_of(id);
  for (const auto whose : all_turns) {
    bool more = true;
    for (std::size_t k = 0; more; ++k) {
      auto client = follow(id);
      settle(client);
      begin_retiring(session);
      more = steps(k, whose);
      client.hang_up();
      finish(whose);
      check_the_rest();
    }
  }
}

CAF_TEST(the last one to leave lets the session rest) {
  healthy.hang_up();
  CAF_CHECK_EQUAL(streams_of(id), 0u);
  const auto s = session_of(id);
  for (int i = 0; i < 4; ++i) {  // it was used; it seals; it goes
    sched.advance_time(environment->idle_timeout);
    pump();
  }
  must_fail<session_view>(s, describe_request{});
}

CAF_TEST_FIXTURE_SCOPE_END()
