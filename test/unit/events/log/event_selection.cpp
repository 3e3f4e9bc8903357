// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_selection
#include "events/log/event_selection.hpp"

#include "test/unit/support/test.hpp"
#include "test/unit/support/time_ranges.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

using verdict = event_selection::verdict;

exact_time at(std::string_view text) { return *parse_exact_time(text); }

struct fixture {
  log_block_builder builder{1, {}};

  void add(std::string_view type, const std::string& time = "2026-05-29T10:00:00.000Z") {
    const std::string id = "x_1";
    builder.add(
        find_type(type), id, at(time).ms,
        R"({"id":")" + id + R"(","type":")" + std::string{type} + R"(","processed_at":")" + time + R"("})");
  }
  /// For each event what its mark tells, and whether it passes: n, y, or u with the outcome.
  std::string told(const event_selection& what) {
    if (!builder.empty()) block = builder.finish();
    const auto encoded = block->encode_marks();
    const auto marks = *log_marks::parse(encoded);
    std::string signs;
    for (std::size_t i = 0; i < block->count(); ++i) {
      const auto mark = what.judge(marks, i);
      const bool passes = what.passes(*block, 1 + i);
      if (mark == verdict::unsure)
        signs += passes ? "(y)" : "(n)";
      else if ((mark == verdict::yes) != passes)
        CAF_FAIL("the mark of event " << i + 1 << " tells what is not so");
      else
        signs += passes ? "y" : "n";
    }
    return signs;
  }
  log_block_ptr block;
};

/// A name whose code is that of `name`.
std::string twin_of(const std::string& name) {
  for (int i = 0;; ++i)
    if (auto twin = "acme.n" + std::to_string(i); twin != name && name_code_of(twin) == name_code_of(name))
      return twin;
}

CAF_TEST_FIXTURE_SCOPE(event_selection_tests, fixture)

CAF_TEST(without a filter everything passes) {
  add("agent.message");
  add("acme.step");
  const event_selection all;
  CAF_CHECK(all.is_everything());
  CAF_CHECK_EQUAL(told(all), "yy");
}

CAF_TEST(listed types are told by their marks) {
  for (const auto* type : {"agent.message", "agent.thinking", "acme.step"}) add(type);
  CAF_CHECK_EQUAL(told({{"agent.message"}, {}}), "ynn");
  CAF_CHECK_EQUAL(told({{"agent.thinking", "agent.message", "agent.thinking"}, {}}), "yyn");
  CAF_CHECK_EQUAL(told({{"session.error"}, {}}), "nnn");
}

CAF_TEST(a custom type is told by its event if the mark allows it) {
  const auto twin = twin_of("acme.step");
  for (const std::string& type : {std::string{"acme.step"}, std::string{"acme.other"}, twin}) add(type);
  CAF_CHECK_EQUAL(told({{"acme.step"}, {}}), "(y)n(n)");
  CAF_CHECK_EQUAL(told({{"acme.other", "agent.message", twin}, {}}), "(n)(y)(y)");
}

CAF_TEST(events of the millisecond of a bound are told by their digits) {
  for (const auto* time : {"2026-05-29T10:00:00.099999999Z", "2026-05-29T10:00:00.1Z",
                           "2026-05-29T10:00:00.100000001Z", "2026-05-29T10:00:00.101Z"})
    add("agent.message", time);
  const auto bound = at("2026-05-29T10:00:00.1Z");
  CAF_CHECK_EQUAL(told({{}, gt(bound)}), "n(n)(y)y");
  CAF_CHECK_EQUAL(told({{}, gte(bound)}), "nyyy");
  CAF_CHECK_EQUAL(told({{}, lt(bound)}), "ynnn");
  CAF_CHECK_EQUAL(told({{}, lte(bound)}), "y(y)(n)n");
  const auto finer = at("2026-05-29T10:00:00.100000001Z");
  CAF_CHECK_EQUAL(told({{}, gt(finer)}), "n(n)(n)y");
  CAF_CHECK_EQUAL(told({{}, gte(finer)}), "n(n)(y)y");
  CAF_CHECK_EQUAL(told({{}, lt(finer)}), "y(y)(n)n");
  CAF_CHECK_EQUAL(told({{}, lte(finer)}), "y(y)(y)n");
  CAF_CHECK_EQUAL(told({{"agent.thinking"}, lte(finer)}), "nnnn");
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace
