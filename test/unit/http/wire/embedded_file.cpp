// SPDX-License-Identifier: Apache-2.0
// What cmake/embed.cmake makes of files, as test/CMakeLists.txt names them.
#define CAF_SUITE embedded_file
#include "http/wire/embedded_file.hpp"

#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <span>
#include <string>
#include <vector>

namespace sandbase {

std::span<const embedded_file> test_files();
std::span<const embedded_file> long_test_files();

}  // namespace sandbase

using namespace sandbase;

CAF_TEST(files stand in the order of the call under their paths from its folder) {
  std::vector<std::string> names;
  for (const auto& file : test_files()) names.emplace_back(file.name);
  CAF_CHECK_EQUAL(names, (std::vector<std::string>{"folder/page.html", "every_byte.bin", "empty.txt"}));
}

CAF_TEST(every byte is as in the file) {
  for (const auto& file : test_files()) {
    const auto read = test::temp_dir::read_all(std::string{SANDBASE_EMBEDDED_DIR "/"}.append(file.name));
    CAF_CHECK(file.bytes == read);
  }
  CAF_CHECK_EQUAL(test_files()[1].bytes.size(), 512u);
  CAF_CHECK_EQUAL(test_files()[2].bytes.size(), 0u);
}

CAF_TEST(a file may be longer than the literals that compilers must take) {
  std::string expected;
  for (int n = 0; n < 25'000; ++n) expected += "01234567";
  CAF_REQUIRE_EQUAL(long_test_files().size(), 1u);
  CAF_CHECK(long_test_files()[0].bytes == expected);
}
