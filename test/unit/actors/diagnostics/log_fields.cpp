// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE log_fields
#include "test/unit/support/captured_log.hpp"
// The framework's header comes first.
#include "actors/diagnostics/log_event.hpp"

using namespace sandbase;
using test::captured_log;

CAF_TEST(a line has its words and its fields) {
  const captured_log log;
  const std::string id = "sess_a";
  log_event(spdlog::level::warn, "session sealed", field("session", id), field("last_seq", 7),
            field("ms", 0.25));
  CAF_REQUIRE_EQUAL(log.lines().size(), 1u);
  const auto& line = log.lines().front();
  CAF_CHECK_EQUAL(line.level, spdlog::level::warn);
  CAF_CHECK_EQUAL(line.words, "session sealed");
  CAF_CHECK_EQUAL(line.field("session"), "sess_a");
  CAF_CHECK_EQUAL(line.field("last_seq"), "7");
  CAF_CHECK_EQUAL(line.field("ms"), "0.250");
}

CAF_TEST(a level that is off makes nothing) {
  const captured_log log;
  log_event(spdlog::level::trace, "nobody asked");
  CAF_CHECK(log.lines().empty());
}

CAF_TEST(no text ends its field or its line) {
  const captured_log log;
  log_event(spdlog::level::info, "odd", field("a", std::string_view{"x\x1Fstatus:200\nb\x7F"}),
            field("b", "=:"));
  const auto& line = log.lines().front();
  CAF_CHECK_EQUAL(line.field("a"), "x?status:200?b?");
  CAF_CHECK_EQUAL(line.field("b"), "=:");
  CAF_CHECK_EQUAL(line.field("status"), "(none)");
}

CAF_TEST(empty texts are left out and long ones are cut) {
  const captured_log log;
  log_event(spdlog::level::info, "texts", field("empty", ""), field("long", std::string(10'000, 'x')));
  const auto& line = log.lines().front();
  CAF_CHECK_EQUAL(line.field("empty"), "(none)");
  CAF_CHECK_EQUAL(line.field("long").size(), max_log_field_bytes);
}

CAF_TEST(lines without fields stay as they are) {
  std::size_t fields = 0;
  for_each_field("a message = with: marks", [&](auto...) { ++fields; });
  CAF_CHECK_EQUAL(fields, 0u);
  CAF_CHECK_EQUAL(words_of("a message = with: marks"), "a message = with: marks");
}
