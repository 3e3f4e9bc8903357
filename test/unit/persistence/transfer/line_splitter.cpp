// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE line_splitter
#include "persistence/transfer/line_splitter.hpp"

#include "test/unit/support/test.hpp"

#include <utility>
#include <vector>

using namespace sandbase;

namespace {

using lines = std::vector<std::pair<std::size_t, std::string>>;

void take_all(line_splitter& from, lines& to) {
  while (const auto line = from.next())
    to.emplace_back(line->number, line->too_long ? "too long" : std::string{line->text});
}

/// All lines of `text`, fed `piece` bytes at a time.
lines split(const std::string& text, std::size_t piece = 1'000'000, std::size_t max_line = 1'000'000) {
  lines all;
  line_splitter splitter{max_line};
  for (std::size_t i = 0; i < text.size(); i += piece) {
    splitter.feed(std::string_view{text}.substr(i, piece));
    take_all(splitter, all);
  }
  splitter.end();
  take_all(splitter, all);
  return all;
}

}  // namespace

CAF_TEST(blank lines are counted and not given) {
  for (const std::size_t piece : {1u, 2u, 3u, 100u})
    CAF_CHECK((split("\na\n \t\r\n\nb\r\nc", piece) == lines{{2, "a"}, {5, "b\r"}, {6, "c"}}));
}

CAF_TEST(a byte order mark in front of the first line is passed over) {
  const std::string mark = "\ufeff";
  for (const std::size_t piece : {1u, 100u}) {
    CAF_CHECK((split(mark + "a\n" + mark + "b", piece) == lines{{1, "a"}, {2, mark + "b"}}));
    CAF_CHECK((split(mark + "\nc", piece) == lines{{2, "c"}}));
  }
}

CAF_TEST(nothing has no lines) {
  CAF_CHECK(split("").empty());
  CAF_CHECK(split("\n").empty());
}

CAF_TEST(a line comes as soon as its end is there) {
  line_splitter splitter{1000};
  splitter.feed("a\nb");
  auto line = splitter.next();
  CAF_CHECK_EQUAL(line->text, "a");
  CAF_CHECK(!splitter.next());
  CAF_CHECK_EQUAL(splitter.buffered(), 1u);
  splitter.feed("c\n");
  line = splitter.next();
  CAF_CHECK_EQUAL(line->text, "bc");
  CAF_CHECK_EQUAL(splitter.buffered(), 0u);
}

CAF_TEST(lines longer than a piece come whole) {
  const std::string long_line(700'000, 'x');
  CAF_CHECK((split("a\n" + long_line + "\n" + long_line, 256 * 1024) ==
             lines{{1, "a"}, {2, long_line}, {3, long_line}}));
}

CAF_TEST(a line over the bound is told and not kept) {
  const auto text = "a\n" + std::string(100'000, 'x') + "\nb\n" + std::string(1001, 'y') + "\n" +
                    std::string(1000, 'z') + "\n" + std::string(2000, 'x');
  for (const std::size_t piece : {10u, 999u, 1'000'000u})
    CAF_CHECK((split(text, piece, 1000) == lines{{1, "a"},
                                                 {2, "too long"},
                                                 {3, "b"},
                                                 {4, "too long"},
                                                 {5, std::string(1000, 'z')},
                                                 {6, "too long"}}));
  line_splitter splitter{1000};
  for (int i = 0; i < 1000; ++i) {
    splitter.feed(std::string(500, 'x'));
    CAF_CHECK(!splitter.next());
    CAF_CHECK(splitter.buffered() <= 1000);
  }
}
