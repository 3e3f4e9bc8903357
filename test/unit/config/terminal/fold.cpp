// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE fold
#include "config/terminal/fold.hpp"

#include "config/terminal/printable.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

using lines = std::vector<std::string>;

}  // namespace

CAF_TEST(lines are broken at spaces) {
  CAF_CHECK(fold("", 10) == lines{""});
  CAF_CHECK(fold("one two three", 7) == (lines{"one two", "three"}));
  CAF_CHECK(fold("one two three", 8) == (lines{"one two", "three"}));
  CAF_CHECK(fold("one two", 7) == lines{"one two"});
}

CAF_TEST(long words are broken within) {
  CAF_CHECK(fold("abcdefgh", 3) == (lines{"abc", "def", "gh"}));
  CAF_CHECK(fold("日本語", 4) == (lines{"日本", "語"}));
  // A character that fits nowhere must not hold it up.
  CAF_CHECK(fold("日本", 1) == (lines{"日", "本"}));
}

CAF_TEST(its own lines stay) { CAF_CHECK(fold("a\n\nb c\n", 80) == (lines{"a", "", "b c", ""})); }

CAF_TEST(no line is wider than it may be) {
  const std::string text = "Lorem ipsum  dolor sit amet, 日本語のテキスト consectetur\nadipiscing   elit ";
  for (std::size_t columns = 2; columns < 40; ++columns)
    for (const auto& line : fold(text, columns)) CAF_CHECK(display_width(line) <= columns);
}
