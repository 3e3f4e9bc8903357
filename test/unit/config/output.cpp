// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE output
#include "config/commands/output.hpp"

#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

const std::string much(100'000, 'x');

}  // namespace

CAF_TEST(what is written stands in the file) {
  const test::temp_dir folder;
  auto out = output::to_file(folder.file("x"));
  CAF_REQUIRE(out);
  CAF_CHECK(out->write("a\n"));
  CAF_CHECK(out->write(much));
  CAF_CHECK(out->finish());
  CAF_CHECK(folder.read("x") == "a\n" + much);
}

CAF_TEST(a full disk is noticed at the latest when finishing) {
  auto large = output::to_file("/dev/full");
  CAF_REQUIRE(large);
  const auto written = large->write(much);
  CAF_REQUIRE(!written);
  CAF_CHECK_EQUAL(written.error().message, "cannot write /dev/full: No space left on device");
  auto small = output::to_file("/dev/full");
  CAF_REQUIRE(small);
  CAF_CHECK(small->write("a"));
  const auto finished = small->finish();
  CAF_REQUIRE(!finished);
  CAF_CHECK(finished.error().code == errc::io_failed);
}

CAF_TEST(a file that cannot be made is named) {
  const auto out = output::to_file("/nonexistent/x");
  CAF_REQUIRE(!out);
  CAF_CHECK_EQUAL(out.error().message, "cannot write /nonexistent/x: No such file or directory");
}
