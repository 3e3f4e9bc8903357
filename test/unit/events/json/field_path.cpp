// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE field_path
#include "events/json/field_path.hpp"

#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>

namespace {

using namespace sandbase;

CAF_TEST(steps are joined) {
  const field_path body;
  const field_path events{body, "events"};
  const field_path second{events, std::size_t{2}};
  const field_path content{second, "content"};
  CAF_CHECK_EQUAL(body.text(), "body");
  CAF_CHECK_EQUAL(events.text(), "events");
  CAF_CHECK_EQUAL(second.text(), "events[2]");
  CAF_CHECK_EQUAL(content.text(), "events[2].content");
  const field_path element{body, std::size_t{0}};
  CAF_CHECK_EQUAL(element.text(), "[0]");
  const field_path root{"line 7"};
  CAF_CHECK_EQUAL((field_path{root, "session"}.text()), "line 7.session");
}

CAF_TEST(keys that are no plain names are quoted and cut) {
  const field_path root{"metadata"};
  CAF_CHECK_EQUAL((field_path{root, "a-b_9"}.text()), "metadata.a-b_9");
  CAF_CHECK_EQUAL((field_path{root, "a.b"}.text()), R"(metadata["a.b"])");
  CAF_CHECK_EQUAL((field_path{root, ""}.text()), R"(metadata[""])");
  CAF_CHECK_EQUAL((field_path{root, "\n\""}.text()), R"(metadata["\n\""])");
  CAF_CHECK_EQUAL((field_path{root, std::string(1'000, 'k')}.text()),
                  "metadata[\"" + std::string(64, 'k') + "…\"]");
  // Never within a character.
  CAF_CHECK_EQUAL(quoted_for_message(std::string(63, 'k') + "\xc3\xa9xx"),
                  "\"" + std::string(63, 'k') + "…\"");
}

CAF_TEST(failures name the path) {
  const auto f = invalid_at(field_path{"title"}, "must be a string");
  CAF_CHECK(f.code == errc::invalid);
  CAF_CHECK_EQUAL(f.message, "title: must be a string");
}

}  // namespace
