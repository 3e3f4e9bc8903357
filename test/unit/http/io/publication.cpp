// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE publication
#include "test/unit/http/support/fakes.hpp"
#include "test/unit/http/support/http_client.hpp"
// The framework's header comes first.
#include "http/io/publication.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct fixture {
  published message(log_state state = log_state::open) {
    return {7, log.slice(0, log.end(), ~std::size_t{0}), log.end(), state, nullptr};
  }
  fake_log log;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(publication_tests, fixture)

CAF_TEST(new events are one chunk for all) {
  log.add(2);
  log.add(1);
  const publication p{message()};
  CAF_REQUIRE(p.chunk());
  const auto frames = log.frames(1, 3);
  CAF_CHECK_EQUAL(p.frames(), frames);
  CAF_CHECK_EQUAL(unchunk(*p.chunk() + "0\r\n\r\n"), frames);
  CAF_CHECK(p.frames().data() > p.chunk()->data() &&
            p.frames().data() < p.chunk()->data() + p.chunk()->size());
  CAF_CHECK_EQUAL(p.end(), 3u);
  CAF_CHECK_EQUAL(p.turn_end(), 0u);
}

CAF_TEST(nothing new is no chunk) {
  const publication p{{7, {}, 12, log_state::open, nullptr}};
  CAF_CHECK(!p.chunk());
  CAF_CHECK_EQUAL(p.end(), 12u);
  CAF_CHECK(p.slice().empty());
}

CAF_TEST(what is too much to be copied is no chunk) {
  log.add(1, "agent.message", 64 * 1024);
  CAF_CHECK(!publication{message()}.chunk());
}

CAF_TEST(the end of a log goes another way) {
  log.add(1);
  CAF_CHECK(!publication{message(log_state::archived)}.chunk());
  CAF_CHECK(!publication{message(log_state::terminated)}.chunk());
}

CAF_TEST(the end of a turn is told) {
  log.add(1);
  log.add(1, "session.status_idle", 0, R"("stop_reason":{"type":"requires_action"})");
  log.add(1, "session.status_idle", 0, R"("stop_reason":{"type":"end_turn"})");
  log.add(1);
  const publication p{message()};
  CAF_CHECK_EQUAL(p.turn_end(), 3u);
  CAF_CHECK(p.chunk());
}

CAF_TEST_FIXTURE_SCOPE_END()
