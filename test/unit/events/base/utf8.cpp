// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE utf8
#include "events/base/utf8.hpp"

#include "test/unit/support/test.hpp"

#include <vector>

using namespace sandbase;

namespace {

constexpr std::string_view well_formed[] = {"a",
                                            "\x7f",
                                            "\xc2\x80",
                                            "\xdf\xbf",
                                            "\xe0\xa0\x80",
                                            "\xed\x9f\xbf",
                                            "\xee\x80\x80",
                                            "\xef\xbf\xbf",
                                            "\xe2\x80\xa8",
                                            "\xf0\x90\x80\x80",
                                            "\xf4\x8f\xbf\xbf"};

CAF_TEST(utf8 is what unicode calls well formed) {
  CAF_CHECK(is_utf8(""));
  for (const auto good : well_formed) {
    CAF_CHECK(is_utf8(good));
    CAF_CHECK_EQUAL(first_character_size(good), good.size());
    CAF_CHECK_EQUAL(first_character_size(std::string{good} + "\x80"), good.size());
    // Cut off anywhere it is none.
    for (std::size_t size = 1; size < good.size(); ++size) {
      CAF_CHECK(!is_utf8(good.substr(0, size)));
      CAF_CHECK(!is_utf8(std::string{good.substr(0, size)} + "z"));
    }
  }
  for (const std::string_view bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf",
                                     "\xed\xa0\x80",      // half of a surrogate pair
                                     "\xf0\x8f\xbf\xbf",  // longer than it need be
                                     "\xf4\x90\x80\x80",  // beyond U+10FFFF
                                     "\xf5\x80\x80\x80", "\xff"}) {
    CAF_CHECK_EQUAL(first_character_size(bad), 0u);
    CAF_CHECK_EQUAL(find_bad_utf8(bad), 0u);
  }
  CAF_CHECK_EQUAL(first_character_size(""), 0u);
  CAF_CHECK_EQUAL(first_character_size({"\0", 1}), 1u);
}

CAF_TEST(the first bad byte is found) {
  CAF_CHECK_EQUAL(find_bad_utf8("a\xc3\xa9z"), std::string_view::npos);
  CAF_CHECK_EQUAL(find_bad_utf8("a\xc3\xa9\xc3"), 3u);
  CAF_CHECK_EQUAL(find_bad_utf8("a\xf0\x90\x80z\xff"), 1u);
}

CAF_TEST(every scalar value is written so that it is well formed and one character) {
  std::string all;
  std::size_t characters = 0;
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const auto before = all.size();
    append_utf8(all, c);
    const auto size = first_character_size(std::string_view{all}.substr(before));
    if (size != all.size() - before) CAF_FAIL("U+" << static_cast<std::uint32_t>(c));
    ++characters;
  }
  CAF_CHECK(is_utf8(all));
  CAF_CHECK_EQUAL(count_characters(all), characters);
  // In the order of their numbers, which no other bytes would have.
  std::string one, next;
  append_utf8(one, U'\u00e9');
  append_utf8(next, U'\U0001f600');
  CAF_CHECK_EQUAL(one, "\xc3\xa9");
  CAF_CHECK_EQUAL(next, "\xf0\x9f\x98\x80");
}

CAF_TEST(a text is cut between characters) {
  const std::string_view text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  const std::size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t most = 0; most < std::size(expected); ++most)
    CAF_CHECK_EQUAL(cut_text(text, most).size(), expected[most]);
  CAF_CHECK_EQUAL(count_characters(text), 4u);
  CAF_CHECK_EQUAL(count_characters(""), 0u);
}

}  // namespace
