// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE json_defaults
#include "events/json/json_defaults.hpp"

#include "test/unit/support/test.hpp"

#include <array>

using namespace sandbase;

namespace {

const std::array members{json::member_text{"a", "1"}, json::member_text{"b", "[2]"}};

CAF_TEST(defaults fill what is absent or null) {
  const std::pair<std::string, std::string> rows[] = {
      {"{}", R"({"a":1,"b":[2]})"},
      {R"({"b":7,"c":{"a":null}})", R"({"b":7,"c":{"a":null},"a":1})"},
      {R"({ "c" : 1.10 , "a" : null })", R"({"c":1.10,"a":1,"b":[2]})"},
      {R"({"\u0061":false})", R"({"a":false,"b":[2]})"},
  };
  for (const auto& [given, filled] : rows) {
    CAF_CHECK_EQUAL(json::with_defaults(json::value{given}, members), filled);
    CAF_CHECK_EQUAL(json::with_defaults(json::value{filled}, members), filled);
  }
}

CAF_TEST(members take the place of what is there) {
  CAF_CHECK_EQUAL(json::with_members(json::value{R"({"b":7,"c":8})"}, members), R"({"b":[2],"c":8,"a":1})");
}

}  // namespace
