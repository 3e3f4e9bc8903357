// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE line_reader
#include "config/commands/line_reader.hpp"

#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

struct fixture {
  test::temp_dir folder;

  line_reader open(const std::string& text, std::size_t max_line = 1'000'000) {
    auto lines = line_reader::open(folder.write("x", text), max_line);
    if (!lines) CAF_FAIL(lines.error().message);
    return *std::move(lines);
  }
  static std::vector<std::pair<std::size_t, std::string>> read_all(line_reader& lines) {
    std::vector<std::pair<std::size_t, std::string>> all;
    for (;;) {
      const auto line = lines.next();
      if (!line) CAF_FAIL(line.error().message);
      if (!*line) return all;
      all.emplace_back((*line)->number, (*line)->text);
    }
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(line_reader_tests, fixture)

CAF_TEST(blank lines are counted and not given) {
  auto lines = open("\na\n \t\r\n\nb\r\nc");
  const auto all = read_all(lines);
  CAF_REQUIRE_EQUAL(all.size(), 3u);
  CAF_CHECK((all[0] == std::pair<std::size_t, std::string>{2, "a"}));
  CAF_CHECK((all[1] == std::pair<std::size_t, std::string>{5, "b\r"}));
  CAF_CHECK((all[2] == std::pair<std::size_t, std::string>{6, "c"}));
}

CAF_TEST(a byte order mark in front of the first line is passed over) {
  const std::string mark = "\ufeff";
  auto lines = open(mark + "a\n" + mark + "b");
  const auto all = read_all(lines);
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0].second, "a");
  CAF_CHECK_EQUAL(all[1].second, mark + "b");
  auto blank = open(mark + "\nc");
  CAF_CHECK_EQUAL(read_all(blank).size(), 1u);
}

CAF_TEST(an empty file has no lines) {
  auto lines = open("");
  CAF_CHECK(read_all(lines).empty());
  CAF_CHECK(lines.total_bytes() == std::uint64_t{0});
}

CAF_TEST(lines longer than a read come whole) {
  const std::string long_line(700'000, 'x');
  auto lines = open("a\n" + long_line + "\n" + long_line);
  const auto all = read_all(lines);
  CAF_REQUIRE_EQUAL(all.size(), 3u);
  CAF_CHECK(all[1].second == long_line);
  CAF_CHECK(all[2].second == long_line);
  const auto total = lines.total_bytes();
  CAF_CHECK(lines.bytes_read() == total);
}

CAF_TEST(a line over the limit is refused by number) {
  auto lines = open("a\n" + std::string(1'000'000, 'x') + "\nb\n", 1000);
  CAF_CHECK(lines.next());
  const auto line = lines.next();
  CAF_REQUIRE(!line);
  CAF_CHECK(line.error().code == errc::too_large);
  CAF_CHECK_EQUAL(line.error().message, "line 2: longer than 1000 bytes");
}

CAF_TEST(a file that is not there is named) {
  const auto lines = line_reader::open("/nonexistent/x", 1000);
  CAF_REQUIRE(!lines);
  CAF_CHECK_EQUAL(lines.error().message, "cannot read /nonexistent/x: No such file or directory");
}

CAF_TEST(a folder fails at the first line) {
  auto lines = line_reader::open("/", 1000);
  CAF_REQUIRE(lines);
  CAF_CHECK(!lines->next());
}

CAF_TEST_FIXTURE_SCOPE_END()
