// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE call
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/api/admission.hpp"
#include "http/api/api.hpp"
#include "test/unit/http/support/call_desk.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct fixture : http_fixture {
  ~fixture() override {
    if (!desk_) return;
    caf::anon_send_exit(desk_, caf::exit_reason::user_shutdown);
    sched.run();
    desk_ = nullptr;
  }

  call_desk& desk() {
    open_shard();
    if (!desk_) desk_ = sys.spawn<call_desk>(*shard);
    return deref<call_desk>(desk_);
  }
  /// Hands a request to its handler. What other actors have to say to it comes with sched.run().
  call_desk& handle(http_method method, std::string_view target, std::string body = {},
                    std::string_view secret = "sk-sb-client") {
    auto& to = desk();
    sandbase::exchange e;
    const auto mark = std::min(target.find('?'), target.size());
    e.head.method = method;
    e.head.http11 = true;
    e.head.path = target.substr(0, mark);
    e.id = "req_1";
    e.route = find_route(http_surface::api, method, e.head.path);
    if (mark < target.size()) e.parameters = *query::parse(target.substr(mark + 1));
    e.key = world->keys[sha256(secret)];
    e.lease = make_lease({e.key, all->keys.account(e.key->id), all->keys.workspace_account(1), {}}, *all);
    CAF_REQUIRE(lease_body(*e.lease, body.size()));
    e.body = std::move(body);
    to.begin(std::move(e));
    to.current().route.to->handler(to);
    return to;
  }
  static std::string one_event(std::size_t size) {
    return R"({"events":[{"type":"user.message","content":[{"type":"text","text":")" +
           std::string(size, 'x') + R"("}]}]})";
  }

 private:
  caf::actor desk_;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(call_tests, fixture)

CAF_TEST(a handler asks and answers) {
  add_session("sess_a");
  auto& c = handle(http_method::get, "/v1/sessions/sess_a");
  CAF_CHECK_EQUAL(c.answered, "");
  sched.run();
  CAF_CHECK_EQUAL(status_of(c.answered), 200);
  CAF_CHECK_EQUAL(header_of(c.answered, "request-id"), "req_1");
  CAF_CHECK(contains(c.answered, R"("id":"sess_a")"));
  CAF_CHECK(c.went > 0);
}

CAF_TEST(an answer that comes when the request is over is not handed on) {
  add_session("sess_a");
  add_session("sess_b");
  handle(http_method::get, "/v1/sessions/sess_a");
  auto& c = handle(http_method::get, "/v1/sessions/sess_b");
  sched.run();
  CAF_CHECK(contains(c.answered, R"("id":"sess_b")"));
  handle(http_method::get, "/v1/sessions/sess_a");
  c.forget();
  sched.run();
  CAF_CHECK_EQUAL(c.answered, "");
}

CAF_TEST(a failure keeps the body from being taken for a request) {
  auto& c = handle(http_method::get, "/v1/sessions/sess_none");
  sched.run();
  CAF_CHECK_EQUAL(status_of(c.answered), 404);
  CAF_CHECK_EQUAL(c.bodies_refused, 1);
}

CAF_TEST(a body is gone when it is parsed and what it holds of the bounds when it is answered) {
  auto log = add_session("sess_a");
  log->hold = true;
  auto& c = handle(http_method::post, "/v1/sessions/sess_a/events", one_event(1000));
  CAF_CHECK_EQUAL(c.current().body, "");
  sched.run();
  CAF_CHECK_EQUAL(c.answered, "");
  const auto in_work = all->bytes_in->used();
  CAF_CHECK(in_work > 1000);
  c.forget();  // the connection has ended, the session is still at it
  CAF_CHECK_EQUAL(all->bytes_in->used(), in_work);
  for (auto& go : std::exchange(log->held, {})) go();
  sched.run();
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST(a worker parses a large body) {
  auto log = add_session("sess_a");
  auto& c = handle(http_method::post, "/v1/sessions/sess_a/events", one_event(call::max_bytes_parsed_here));
  CAF_CHECK_EQUAL(c.current().body, "");
  CAF_CHECK(log->appends.empty());
  sched.run();
  CAF_CHECK_EQUAL(status_of(c.answered), 200);
  CAF_CHECK_EQUAL(log->appends.size(), 1u);
  handle(http_method::post, "/v1/sessions/sess_a/events", std::string(call::max_bytes_parsed_here + 1, '['));
  CAF_CHECK_EQUAL(c.answered, "");
  sched.run();
  CAF_CHECK_EQUAL(status_of(c.answered), 400);
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST(a worker whose request is over is not heard) {
  auto log = add_session("sess_a");
  auto& c = handle(http_method::post, "/v1/sessions/sess_a/events", one_event(call::max_bytes_parsed_here));
  c.forget();
  sched.run();
  CAF_CHECK_EQUAL(c.answered, "");
  CAF_CHECK(log->appends.empty());
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST(an answer counts until it is written) {
  add_session("sess_a");
  auto& c = handle(http_method::get, "/v1/sessions/sess_a");
  sched.run();
  CAF_CHECK_EQUAL(all->bytes_out.used(), static_cast<std::int64_t>(body_of(c.answered).size()));
  c.forget();
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
}

CAF_TEST(a list that finds no room is told so) {
  options.max_bytes_out = 1000;
  auto log = add_session("sess_a");
  log->add(10, "agent.message", 200);
  auto& c = handle(http_method::get, "/v1/sessions/sess_a/events");
  all->bytes_out.take(500);
  sched.run();
  CAF_CHECK_EQUAL(status_of(c.answered), 503);
  CAF_CHECK_EQUAL(header_of(c.answered, "Retry-After"), "1");
  CAF_CHECK(contains(c.answered, "http.max_bytes_out"));
  all->bytes_out.give_back(500);
}

CAF_TEST(a stream request says where to start and what to show) {
  add_session("sess_a");
  const auto id = make_event_id(test_time, 1, 7);
  auto& c = handle(http_method::get,
                   "/v1/sessions/sess_a/events/stream?until=idle&types=agent.message&after=" + id);
  CAF_REQUIRE(c.streamed);
  const auto& job = *c.streamed;
  CAF_CHECK(job.follow);
  CAF_CHECK(job.plan.until_idle);
  CAF_CHECK(!job.plan.message_previews);
  CAF_CHECK(!job.start.from_end);
  CAF_REQUIRE_EQUAL(job.start.after.size(), 1u);
  CAF_CHECK_EQUAL(job.start.after.front().id, id);
  CAF_CHECK_EQUAL(job.places.size(), 1u);
  handle(http_method::get, "/v1/sessions/sess_a/events/stream?tail=7");
  CAF_REQUIRE(c.streamed);
  CAF_CHECK(!c.streamed->follow);
  CAF_CHECK(c.streamed->start.from_end);
  CAF_CHECK_EQUAL(c.streamed->start.tail, 7u);
  handle(http_method::get, "/v1/sessions/sess_a/events/stream?tail=7&after=" + id);
  CAF_CHECK(!c.streamed);
  CAF_CHECK_EQUAL(status_of(c.answered), 400);
}

CAF_TEST(streams of a key are counted until they end) {
  options.max_streams_per_key = 2;
  add_session("sess_a");
  const auto path = "/v1/sessions/sess_a/events/stream";
  auto& c = handle(http_method::get, path);
  auto first = std::move(c.streamed);
  handle(http_method::get, path);
  auto second = std::move(c.streamed);
  handle(http_method::get, path);
  CAF_CHECK_EQUAL(status_of(c.answered), 429);
  CAF_CHECK(contains(c.answered, "http.max_streams_per_key"));
  handle(http_method::get, path, {}, "sk-sb-viewer");
  CAF_CHECK(c.streamed);
  first.reset();
  handle(http_method::get, path);
  CAF_CHECK(c.streamed);
  second.reset();
  c.streamed.reset();
}

CAF_TEST_FIXTURE_SCOPE_END()
