// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE input
#include "config/commands/input.hpp"

#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

CAF_TEST(a pipe is read as far as something is there) {
  const test::temp_dir folder;
  const auto path = folder.file("pipe");
  CAF_REQUIRE_EQUAL(::mkfifo(path.c_str(), 0600), 0);
  const int writing = ::open(path.c_str(), O_RDWR);  // which waits for no reader
  auto in = input::open(path);
  CAF_REQUIRE(in);
  CAF_CHECK(!in->is_ready_within(std::chrono::milliseconds{1}));
  CAF_REQUIRE_EQUAL(::write(writing, "a line", 6), 6);
  CAF_CHECK(in->is_ready_within(std::chrono::minutes{1}));
  const auto bytes = in->read();
  CAF_REQUIRE(bytes);
  CAF_CHECK_EQUAL(*bytes, "a line");
  ::close(writing);
  CAF_CHECK(in->is_ready_within(std::chrono::minutes{1}));
  const auto end = in->read();
  CAF_REQUIRE(end);
  CAF_CHECK(end->empty());
}
