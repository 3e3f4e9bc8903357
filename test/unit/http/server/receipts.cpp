// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE receipts
#include "test/unit/http/support/http_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

using taken = receipt::state;

struct fixture : http_fixture {
  fixture() { log = add_session("sess_a"); }

  std::string request() const {
    const std::string body =
        R"({"events":[{"type":"user.message","content":[{"type":"text","text":"hi"}]}]})";
    return "POST /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n" + key_header + "\r\n" + body;
  }
  /// Sends it and reads nothing of the answer.
  receipt_ptr send(client_end& client) {
    client.send(request());
    pump();
    if (log->appends.empty()) CAF_FAIL("the append was not begun");
    return log->appends.back().client;
  }
  void release() {
    log->hold = false;
    for (auto& go : std::exchange(log->held, {})) go();
    pump();
  }

  std::shared_ptr<fake_log> log;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(receipts_tests, fixture)

CAF_TEST(an answer is taken when the client has all of it) {
  auto client = connect();
  const auto r = send(client);
  CAF_CHECK(r->look() == taken::open);
  client.receive(20);
  CAF_CHECK(r->look() == taken::open);
  client.receive();
  CAF_CHECK(r->look() == taken::taken);
  CAF_MESSAGE("which is no last word: a reset may come yet");
  CAF_CHECK(r->known() == taken::open);
}

CAF_TEST(an answer is taken when a request comes behind it) {
  auto client = connect();
  const auto r = send(client);
  client.send("G");
  pump();
  CAF_CHECK(r->known() == taken::taken);
  CAF_CHECK(r->look() == taken::taken);
  CAF_MESSAGE("and the next one's is another");
  client.receive();
  exchange(client, get_request("/v1/sessions/sess_a", key_header).substr(1));
  const auto second = send(client);
  CAF_CHECK(second != r && second->known() == taken::open);
}

CAF_TEST(an orderly end behind all of an answer takes it) {
  auto client = connect();
  const auto r = send(client);
  client.receive();
  client.hang_up();
  pump();
  CAF_CHECK(r->known() == taken::taken);
}

CAF_TEST(who goes without having read the answer has not taken it) {
  for (const auto read : {std::size_t{0}, std::size_t{20}}) {
    auto client = connect();
    const auto r = send(client);
    if (read > 0) client.receive(read);
    client.hang_up();
    CAF_MESSAGE("the connection need not have noticed");
    CAF_CHECK(r->look() == taken::lost);
    pump();
    CAF_CHECK(r->known() == taken::lost);
  }
}

CAF_TEST(an answer on a connection that we end is taken as far as it has arrived) {
  for (const bool reads : {false, true}) {
    auto client = connect();
    const auto r = send(client);
    if (reads) client.receive();
    caf::anon_send(connections.back(), abort_now{});
    pump();
    CAF_CHECK(r->known() == (reads ? taken::taken : taken::lost));
  }
}

CAF_TEST(the last answer of a connection is told of while that lingers) {
  auto client = connect();
  auto text = request();
  text.insert(text.find("\r\n") + 2, "Connection: close\r\n");
  client.send(text);
  pump();
  const auto r = log->appends.back().client;
  CAF_CHECK(r->look() == taken::open);
  client.receive();
  CAF_CHECK(client.closed());
  CAF_CHECK(r->look() == taken::taken);
  client.hang_up();
  pump();
  CAF_CHECK(r->known() == taken::taken);
}

CAF_TEST(a shutdown leaves the last answer the time to arrive) {
  auto client = connect();
  const auto r = send(client);
  caf::anon_send(connections.back(), begin_drain{});
  pump();
  CAF_CHECK(r->look() == taken::open);
  client.receive();
  CAF_CHECK(client.closed());
  client.hang_up();
  pump();
  CAF_CHECK(r->known() == taken::taken);
  CAF_MESSAGE("of one that has arrived nothing is waited for");
  auto other = connect();
  const auto s = send(other);
  other.receive();
  caf::anon_send(connections.back(), begin_drain{});
  pump();
  CAF_CHECK(s->known() == taken::taken);
}

CAF_TEST(who hangs up before the request is begun is not served) {
  auto client = connect();
  client.send(request());
  client.hang_up();
  pump();
  CAF_CHECK(log->appends.empty());
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
}

CAF_TEST(who only ends his side of a post has hung up as well) {
  auto client = connect();
  client.send(request());
  client.end_sending();
  pump();
  CAF_CHECK(log->appends.empty());
  CAF_CHECK_EQUAL(receive_all(client), "");
  CAF_CHECK(client.closed());
  CAF_MESSAGE("but not who asks");
  auto reader = connect();
  reader.send(get_request("/v1/sessions/sess_a", key_header));
  reader.end_sending();
  pump();
  CAF_CHECK_EQUAL(status_of(receive_all(reader)), 200);
}

CAF_TEST(who hangs up while the request is in work is seen to) {
  log->hold = true;
  auto client = connect();
  const auto r = send(client);
  CAF_CHECK(r->known() == taken::open);
  client.hang_up();
  pump();
  CAF_CHECK(r->known() == taken::lost);
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
  release();
  CAF_CHECK(r->known() == taken::lost);
}

CAF_TEST(a request behind the one in work hides that its client has gone) {
  log->hold = true;
  auto client = connect();
  const auto r = send(client);
  client.send(get_request("/v1/sessions/sess_a", key_header));
  pump();
  CAF_CHECK(r->known() == taken::open);
  release();
  const auto answers = receive_all(client);
  CAF_CHECK(answers.find("HTTP/1.1 200", 1) != answers.npos);
  CAF_CHECK(r->known() == taken::taken);
}

CAF_TEST(an answer that does not fit the socket goes on when there is room) {
  log->add(1, "agent.message", 400'000);
  auto client = connect(http_surface::api, 4096);
  send(client);
  const auto all_of_it = get(client, "/v1/sessions/sess_a/events");
  CAF_CHECK_EQUAL(status_of(all_of_it), 200);
  CAF_CHECK(all_of_it.size() > 400'000);
}

CAF_TEST(the thread tells who asks) {
  auto client = connect();
  const auto r = send(client);
  const auto told = std::make_shared<receipt_told>();
  client.receive();
  sys.spawn(
      [told](caf::event_based_actor* self, const receipt_ptr& of) {
        self->request(of->thread(), caf::infinite, receipt_query{of}).then([told](const receipt_told& t) {
          *told = t;
        });
      },
      r);
  pump();
  CAF_CHECK(told->now == taken::taken);
}

CAF_TEST_FIXTURE_SCOPE_END()
