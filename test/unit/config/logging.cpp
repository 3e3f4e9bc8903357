// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE logging
#include "config/logging.hpp"

#include "events/base/timestamp.hpp"
#include "events/json/json_text.hpp"
#include "test/unit/support/test.hpp"

#include <spdlog/details/log_msg.h>

using namespace sandbase;

namespace {

std::string render(log_format format, std::string_view message) {
  const auto time = *parse_timestamp("2026-05-29T10:00:03.120Z");
  const spdlog::details::log_msg line{
      time, {}, "sandbase", spdlog::level::warn, {message.data(), message.size()}};
  spdlog::memory_buf_t out;
  make_log_formatter(format)->format(line, out);
  return {out.data(), out.size()};
}

std::string json_message(std::string_view message) {
  const auto line = render(log_format::json, message);
  CAF_REQUIRE_EQUAL(line.find('\n'), line.size() - 1);
  CAF_REQUIRE(json::validate(line));
  return json::value{line}.find("message")->as_string();
}

}  // namespace

CAF_TEST(text lines begin with time and level) {
  CAF_CHECK_EQUAL(render(log_format::text, "hello"), "2026-05-29T10:00:03.120Z warning hello\n");
}

CAF_TEST(json lines are one object each) {
  const auto line = render(log_format::json, "hello");
  const json::value object{line};
  CAF_CHECK_EQUAL(object.find("time")->as_string(), "2026-05-29T10:00:03.120Z");
  CAF_CHECK_EQUAL(object.find("level")->as_string(), "warning");
  CAF_CHECK_EQUAL(object.find("message")->as_string(), "hello");
}

CAF_TEST(json lines stay one line whatever the message holds) {
  for (const std::string text : {"a\nb\r\t\"c\"\\", "\x01\x7f", "ü 日本 \U0001F600", ""})
    CAF_CHECK_EQUAL(json_message(text), text);
}

CAF_TEST(fields stand behind the words in text lines) {
  const auto line = [](std::string_view message) {
    const auto all = render(log_format::text, message);
    return all.substr(all.find(" warning ") + 9);
  };
  CAF_CHECK_EQUAL(line("sealed\x1Fsession=sess_a\x1Flast_seq:7"), "sealed session=sess_a last_seq=7\n");
  CAF_CHECK_EQUAL(line("went\x1Fwhy=no \"room\"\x1F"
                       "at=a=b"),
                  "went why=\"no \\\"room\\\"\" at=\"a=b\"\n");
}

CAF_TEST(fields are members of json lines) {
  const auto line = render(log_format::json, "sealed\x1Fsession=a \"b\"\xff\x1Flast_seq:7\x1Fms:0.250");
  CAF_REQUIRE(json::validate(line));
  const json::value object{line};
  CAF_CHECK_EQUAL(object.find("message")->as_string(), "sealed");
  CAF_CHECK_EQUAL(object.find("session")->as_string(), "a \"b\"\uFFFD");
  CAF_CHECK_EQUAL(object.find("last_seq")->text(), "7");
  CAF_CHECK_EQUAL(object.find("ms")->text(), "0.250");
}

CAF_TEST(json lines replace what is no valid text) {
  CAF_CHECK_EQUAL(json_message("a\xff z"), "a\uFFFD z");
  CAF_CHECK_EQUAL(json_message("\xc3"), "\uFFFD");
  CAF_CHECK_EQUAL(json_message("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a lone surrogate
  CAF_CHECK_EQUAL(json_message("\xf0\x9f\x98"), "\uFFFD\uFFFD\uFFFD");  // cut short
}
