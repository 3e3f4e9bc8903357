// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE bench_verdict
#include "config/client/bench_verdict.hpp"

#include "events/json/json_text.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

bench_numbers healthy() {
  bench_numbers n;
  n.clients = 8;
  n.round_trip = 200us;
  n.alone_p50 = 2ms;
  n.appends_per_second = 2000;
  n.append_p50 = 3ms;
  n.append_p99 = 12ms;
  n.live_p50 = 3ms;
  n.live_p99 = 15ms;
  n.live_frames = 100;
  n.replay_bytes_per_second = 400e6;
  return n;
}

bool says(const bench_verdict& verdict, const std::string& what) {
  for (const auto& sentence : verdict.sentences)
    if (sentence.find(what) != std::string::npos) return true;
  return false;
}

}  // namespace

CAF_TEST(a healthy service is told so) {
  const auto verdict = judge(healthy());
  CAF_CHECK(verdict.is_good);
  CAF_CHECK(says(verdict, "All is well."));
  CAF_CHECK(says(verdict, "Commits are shared: 8 clients at once get 4.0 times"));
}

CAF_TEST(what bounds appends is named) {
  auto n = healthy();
  n.round_trip = 40ms;
  n.alone_p50 = 43ms;
  CAF_CHECK(says(judge(n), "The way to the service bounds"));
  n = healthy();
  n.alone_p50 = 60ms;
  CAF_CHECK(says(judge(n), "The disk bounds"));
  n = healthy();
  n.appends_per_second = 550;
  CAF_CHECK(says(judge(n), "A processor bounds"));
}

CAF_TEST(what is lost late or failed makes it bad) {
  auto n = healthy();
  n.live_missing = 1;
  CAF_CHECK(!judge(n).is_good);
  n = healthy();
  n.append_p99 = 1s;
  CAF_CHECK(!judge(n).is_good);
  n = healthy();
  n.live_p99 = 3s;
  CAF_CHECK(says(judge(n), "proxy"));
  n = healthy();
  n.failures.push_back("Failed: x.");
  CAF_CHECK(!judge(n).is_good);
  CAF_CHECK(says(judge(n), "Failed: x."));
}

CAF_TEST(quantiles are values of the samples) {
  std::vector<milliseconds_f> none;
  CAF_CHECK(quantile(none, 0.5) == 0ms);
  std::vector<milliseconds_f> some;
  for (int i = 100; i > 0; --i) some.emplace_back(i);
  CAF_CHECK(quantile(some, 0.5) == 51ms);
  CAF_CHECK(quantile(some, 0.99) == 100ms);
  CAF_CHECK(quantile(some, 0) == 1ms);
}

CAF_TEST(the numbers are one json object) {
  const auto text = render_bench_json(healthy(), judge(healthy()));
  CAF_REQUIRE(json::validate(text));
  CAF_CHECK_EQUAL(json::value{text}.find("appends_per_second")->text(), "2000.000");
  CAF_CHECK(json::value{text}.find("good")->as_bool());
}
