// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE input
#include "config/commands/input.hpp"

#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

CAF_TEST(a file comes whole and tells how far it is) {
  const test::temp_dir folder;
  const std::string text(700'000, 'x');
  auto in = input::open(folder.write("x", text));
  CAF_REQUIRE(in);
  CAF_CHECK(in->total_bytes() == std::uint64_t{text.size()});
  std::string all;
  for (;;) {
    const auto bytes = in->read();
    CAF_REQUIRE(bytes);
    if (bytes->empty()) break;
    all += *bytes;
    CAF_CHECK_EQUAL(in->bytes_read(), all.size());
  }
  CAF_CHECK(all == text);
}

CAF_TEST(a file that is not there is named) {
  const auto in = input::open("/nonexistent/x");
  CAF_REQUIRE(!in);
  CAF_CHECK_EQUAL(in.error().message, "cannot read /nonexistent/x: No such file or directory");
}

CAF_TEST(a folder cannot be read) {
  auto in = input::open("/");
  CAF_REQUIRE(in);
  const auto bytes = in->read();
  CAF_REQUIRE(!bytes);
  CAF_CHECK_EQUAL(bytes.error().message, "cannot read /: Is a directory");
}
