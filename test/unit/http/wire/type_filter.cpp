// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE type_filter
#include "test/unit/http/support/fakes.hpp"
#include "test/unit/http/support/http_client.hpp"
// The framework's header comes first.
#include "http/wire/type_filter.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

result<type_filter> filter_of(const std::string& raw) { return type_filter::parse(*query::parse(raw)); }

std::string names(std::size_t n) {
  std::string list = "types=";
  for (std::size_t i = 0; i < n; ++i)
    list += (i > 0 ? "," : "") + std::string{"acme.step_"} + std::to_string(i);
  return list;
}

}  // namespace

CAF_TEST(only what is listed passes) {
  fake_log log;
  for (const auto* type : {"agent.message", "agent.thinking", "acme.note", "acme.other"}) log.add(1, type);
  const auto passed = [&](const std::string& raw) {
    const auto filter = filter_of(raw);
    if (!filter) CAF_FAIL(filter.error().message);
    std::string seqs;
    for (seq_t seq = 1; seq <= log.end(); ++seq)
      if (filter->passes(*log.block_of(seq), seq)) seqs += std::to_string(seq);
    return seqs;
  };
  CAF_CHECK_EQUAL(passed(""), "1234");
  CAF_CHECK_EQUAL(passed("types="), "1234");
  CAF_CHECK_EQUAL(passed("types=agent.message"), "1");
  CAF_CHECK_EQUAL(passed("types=acme.note,agent.thinking"), "23");
  CAF_CHECK_EQUAL(passed("types[]=acme.note&types[]=acme.other"), "34");
  CAF_CHECK_EQUAL(passed("types=acme.no"), "");
}

CAF_TEST(a filter lists so many names) {
  const auto most = filter_of(names(max_filter_types));
  CAF_REQUIRE(most);
  fake_log log;
  log.add(1, "acme.step_255");
  log.add(1, "acme.step_256");
  CAF_CHECK(most->passes(*log.block_of(1), 1));
  CAF_CHECK(!most->passes(*log.block_of(2), 2));
  const auto more = filter_of(names(max_filter_types + 1));
  CAF_REQUIRE(!more);
  CAF_CHECK_EQUAL(more.error().message, "types: more than 256 names");
}

CAF_TEST(a name that no event can have is refused) {
  CAF_CHECK(contains(filter_of("types=Nope!").error().message, "is not an event type"));
  CAF_CHECK(!filter_of("types=agent.message,Nope!"));
}
