// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_slow
#include "test/unit/http/support/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

constexpr int small_buffer = 4096;

struct fixture : live_fixture {
  /// Lets the client read `at_most` bytes at a time until nothing comes.
  void read_slowly(sse_client& client, std::size_t at_most) {
    do pump();
    while (client.read(at_most));
  }
  std::string whole(const std::string& id) { return "1-" + std::to_string(log_of(id).size()); }
  const std::string id = create();
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_slow_tests, fixture)

CAF_TEST(a frame is cut anywhere and arrives whole) {
  for (const std::size_t bytes : {1u, 2u, 3u, 7u, 100u, 1'000u, 4'095u}) {
    const auto session = create();
    post_text(session, std::string(9'000, 'a'));
    auto client = follow(session, "", "", small_buffer);
    read_slowly(client, bytes);
    CAF_MESSAGE("live: as one chunk for all, in pieces");
    post_text(session, std::string(9'000, 'b'));
    post_text(session, "c");
    read_slowly(client, bytes);
    CAF_MESSAGE("live, too large for one chunk of its own");
    post_text(session, std::string(70'000, 'd'));
    read_slowly(client, bytes);
    CAF_CHECK_EQUAL(seen(client, session), "1-4");
  }
}

CAF_TEST(a blocked stream pulls what it missed) {
  auto client = follow(id, "", "", small_buffer);
  settle(client);
  for (int i = 0; i < 60; ++i) {
    post_text(id, std::string(3'000, static_cast<char>('a' + i % 26)));
    CAF_MESSAGE("while it is blocked it holds one slice at most, whatever is published");
    CAF_CHECK(all->bytes_out.used() <= static_cast<std::int64_t>(follow_slice_bytes));
  }
  CAF_CHECK(client.frames.empty());
  read_slowly(client, 1'000);
  CAF_CHECK_EQUAL(seen(client, id), "1-60");
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  CAF_MESSAGE("and is live again");
  post_text(id, "z");
  settle(client);
  CAF_CHECK_EQUAL(seen(client, id), "1-61");
}

CAF_TEST(reads and appends may meet anywhere) {
  auto client = follow(id, "", "", small_buffer);
  settle(client);
  for (std::size_t i = 0; i < 200; ++i) {
    post_text(id, std::string(i * 37 % 3'000, 'x'));
    client.read(i * 101 % 4'000);
  }
  settle(client);
  CAF_CHECK_EQUAL(seen(client, id), "1-200");
}

CAF_TEST(a client that takes nothing is closed after the write timeout) {
  auto stuck = follow(id, "", "", small_buffer);
  auto healthy = follow(id);
  settle(stuck);
  settle(healthy);
  post_text(id, std::string(40'000, 'x'));
  CAF_CHECK_EQUAL(streams_of(id), 2u);
  pass(options.write_timeout - 1s);
  settle(healthy);
  CAF_CHECK_EQUAL(streams_of(id), 2u);
  CAF_MESSAGE("what is taken is progress");
  CAF_CHECK(stuck.read());
  pump();
  pass(2s);
  CAF_CHECK_EQUAL(streams_of(id), 2u);
  pass(options.write_timeout - 3s);
  CAF_CHECK_EQUAL(streams_of(id), 2u);
  CAF_MESSAGE("heartbeats and further events are no progress");
  post_text(id, "y");
  pass(2s);
  CAF_CHECK_EQUAL(streams_of(id), 1u);
  post_text(id, "z");
  settle(healthy);
  CAF_CHECK_EQUAL(seen(healthy, id), whole(id));
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  stuck.read();
  CAF_CHECK(!stuck.complete && !stuck.done);
}

CAF_TEST(a stream that replays and takes nothing gives its bytes back) {
  for (int i = 0; i < 5; ++i) post_text(id, std::string(30'000, 'x'));
  auto stuck = follow(id, "", "", small_buffer);
  pump();
  CAF_CHECK(all->bytes_out.used() > 0);
  pass(options.write_timeout + 1s);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  CAF_CHECK_EQUAL(streams_of(id), 0u);
}

CAF_TEST(who stalls makes room when others need it) {
  options.max_bytes_out = 2 * follow_slice_bytes;
  for (int i = 0; i < 10; ++i) post_text(id, std::string(10'000, 'x'));
  std::vector<sse_client> stuck;
  for (int i = 0; i < 3; ++i) stuck.push_back(follow(id, "", "", small_buffer));
  pump();
  for (int i = 0; i < 4; ++i) pass(out_patience);
  CAF_MESSAGE("they keep no more than the event that they write");
  CAF_CHECK(all->bytes_out.used() < 3 * 11'000);
  auto next = follow(id);
  settle(next);
  CAF_CHECK_EQUAL(seen(next, id), "1-10");
  CAF_MESSAGE("they go on where they were");
  for (auto& s : stuck) {
    read_slowly(s, 1'000);
    CAF_CHECK_EQUAL(seen(s, id), "1-10");
  }
}

CAF_TEST(a stream that finds no room in time is refused) {
  options.request_timeout = 5s;
  post_text(id, "a");
  const byte_lease elsewhere = take_all_room();
  auto client = follow(id);
  settle(client);
  pass(options.request_timeout - 1s);
  settle(client);
  CAF_CHECK_EQUAL(client.status, 0);
  pass(1s);
  settle(client);
  CAF_CHECK_EQUAL(client.status, 503);
}

CAF_TEST_FIXTURE_SCOPE_END()
