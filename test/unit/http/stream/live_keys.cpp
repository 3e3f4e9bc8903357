// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_keys
#include "test/unit/http/support/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

/// A revoked key stops working within this time, also on open streams.
constexpr auto promised = 5s;

struct fixture : live_fixture {
  /// Time goes by in the ticks of an io thread.
  void pass_slowly(std::chrono::milliseconds d) {
    for (; d.count() > 0; d -= io_thread::tick) pass(io_thread::tick);
  }
  sse_client follow_with(const new_api_key& k, const std::string& session, const std::string& query = "",
                         int send_buffer = 0) {
    key_header = header_with(k.secret);
    auto client = follow(session, query, "", send_buffer);
    key_header = header_with(key.secret);
    return client;
  }
  /// Without a key.
  void store_text(const std::string& text) {
    append_text(session_of(id), text);
    pump();
  }
  const std::string id = create();
  const new_api_key other = make_key(role::viewer);
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_keys_tests, fixture)

CAF_TEST(a live stream ends when its key is revoked) {
  auto revoked = follow_with(other, id);
  auto second = follow_with(other, create());
  auto healthy = follow(id);
  for (auto* c : {&revoked, &second, &healthy}) settle(*c);
  pass_slowly(promised);
  settle(revoked);
  CAF_CHECK_EQUAL(revoked.error, "");
  revoke(other);
  pass_slowly(promised);
  for (auto* c : {&revoked, &second}) {
    settle(*c);
    CAF_CHECK(contains(c->error, "\"type\":\"authentication_error\""));
    CAF_CHECK(c->cut() && !c->done);
  }
  CAF_CHECK_EQUAL(streams_of(id), 1u);
  post_text(id, "a");
  settle(healthy);
  CAF_CHECK_EQUAL(seen(healthy, id), "1");
  CAF_CHECK_EQUAL(healthy.error, "");
  auto late = follow_with(other, id);
  settle(late);
  CAF_CHECK_EQUAL(late.status, 401);
}

CAF_TEST(a blocked stream ends when its key is revoked) {
  for (int i = 0; i < 5; ++i) post_text(id, std::string(30'000, 'x'));
  auto blocked = follow_with(other, id, "", 4096);
  pump();
  revoke(other);
  pass_slowly(promised);
  CAF_CHECK_EQUAL(streams_of(id), 0u);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  settle(blocked);
  CAF_CHECK(blocked.connection().closed());
  CAF_CHECK(!blocked.complete && !blocked.done && blocked.frames.empty());
}

CAF_TEST(a blocked stream whose session died ends when its key is revoked) {
  for (int i = 0; i < 5; ++i) post_text(id, std::string(30'000, 'x'));
  auto blocked = follow_with(other, id, "", 4096);
  pump();
  caf::anon_send_exit(session_of(id), caf::exit_reason::kill);
  pump();
  revoke(other);
  pass_slowly(promised);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  settle(blocked);
  CAF_CHECK(blocked.connection().closed());
  CAF_CHECK(blocked.frames.empty());
}

CAF_TEST(a stream that waits for room ends when its key is revoked) {
  options.max_bytes_out = follow_slice_bytes;
  for (int i = 0; i < 5; ++i) post_text(id, std::string(30'000, 'x'));
  auto hog = follow(id, "", "", 4096);
  pump();
  auto waiting = follow_with(other, id);
  settle(waiting);
  revoke(other);
  // Not so long that the hog is given up for it.
  for (int i = 0; i < 20; ++i) pass(out_patience / 20);
  hog.hang_up();
  pass_slowly(promised);
  settle(waiting);
  CAF_CHECK(waiting.status == 401 || !waiting.error.empty());
  CAF_CHECK(!waiting.done);
}

CAF_TEST(a replay under way ends when its key is revoked) {
  for (int i = 0; i < 50; ++i) post_text(id, std::string(30'000, 'x'));
  key_header = header_with(other.secret);
  auto slow = connect(http_surface::api, 4096);
  slow.send(get_request("/v1/sessions/" + id + "/events/stream", key_header));
  key_header = header_with(key.secret);
  pump();
  revoke(other);
  std::string got;
  for (int i = 0; i < 5 * 4; ++i) {  // the reader is slow, not stuck
    pass(io_thread::tick);
    got += slow.receive(4'000);
    pump();
  }
  got += receive_all(slow);
  CAF_CHECK(slow.closed());
  CAF_CHECK(!contains(got, "[DONE]"));
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
}

CAF_TEST(while its key cannot be looked up a stream shows nothing) {
  gate_reader();
  auto live = follow_with(other, id);
  auto blocked = follow_with(other, id, "", 4096);
  settle(live);
  settle(blocked);
  reader_is_mute(true);
  pass_slowly(1s);
  store_text("shown: the key was good a moment ago");
  settle(live);
  pass_slowly(8s);
  CAF_MESSAGE("from now on only that it is alive");
  const auto before = live.order;
  CAF_CHECK_EQUAL(before, "le");
  for (int i = 0; i < 3; ++i) store_text(std::string(9'000, 'x'));
  pass_slowly(options.stream_heartbeat);
  settle(live);
  CAF_CHECK_EQUAL(live.order, "leh");
  CAF_MESSAGE("then what was missed");
  reader_is_mute(false);
  pass_slowly(3s);
  settle(live);
  settle(blocked);
  CAF_CHECK_EQUAL(seen(live, id), "1-4");
  CAF_CHECK_EQUAL(seen(blocked, id), "1-4");
  store_text("later");
  settle(live);
  CAF_CHECK_EQUAL(seen(live, id), "1-5");
}

CAF_TEST(a key that turns out to be revoked shows nothing of what was kept back) {
  gate_reader();
  auto live = follow_with(other, id);
  settle(live);
  reader_is_mute(true);
  pass_slowly(promised + 3s);
  store_text("secret");
  settle(live);
  revoke(other);
  reader_is_mute(false);
  pass_slowly(3s);
  settle(live);
  CAF_CHECK(live.frames.empty());
  CAF_CHECK(contains(live.error, "\"type\":\"authentication_error\""));
}

CAF_TEST(a node that has lost its store sends its streams elsewhere) {
  gate_reader();
  auto live = follow_with(other, id);
  auto sdk = [&] {
    key_header = header_with(other.secret);
    auto client = follow(id, "", "x-stainless-lang: go\r\n");
    key_header = header_with(key.secret);
    return client;
  }();
  settle(live);
  settle(sdk);
  reader_is_mute(true);
  pass_slowly(57s);
  settle(live);
  CAF_CHECK_EQUAL(live.closing, "");
  pass_slowly(6s);
  settle(live);
  settle(sdk);
  CAF_CHECK_EQUAL(live.closing, "moved");
  CAF_CHECK(live.cut());
  CAF_CHECK(contains(sdk.error, "\"type\":\"overloaded_error\""));
  reader_is_mute(false);
}

CAF_TEST(a node that takes no more requests sends its streams elsewhere) {
  auto live = follow_with(other, id);
  settle(live);
  closing->close("the tables are too new");
  pass_slowly(2s);
  settle(live);
  CAF_CHECK_EQUAL(live.closing, "moved");
  CAF_CHECK(live.cut());
  CAF_CHECK_EQUAL(streams_of(id), 0u);
}

CAF_TEST(a key may be revoked at any step of a request) {
  for (const auto whose : all_turns) {
    bool more = true;
    for (std::size_t k = 0; more; ++k) {
      const auto k_th = make_key(role::viewer);
      auto client = follow_with(k_th, id);
      more = steps(k, whose);
      revoke(k_th);
      finish(whose);
      pass_slowly(promised);
      settle(client);
      CAF_CHECK(client.status == 401 || contains(client.error, "\"type\":\"authentication_error\""));
      CAF_CHECK_EQUAL(streams_of(id), 0u);
    }
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
