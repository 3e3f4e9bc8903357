// SPDX-License-Identifier: Apache-2.0
// Preloaded into the service by the tests: memory ends once, in a thread that a test names. Nothing of it is
// in the product.
//
// SANDBASE_MEMORY_FAULTS_CONTROL names a file. While it is there, the next allocation by `operator new` in a
// thread whose name (prctl(2), PR_GET_NAME) is the file's text throws std::bad_alloc, and the file is gone.
#include <array>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

/// Uses nothing that allocates.
bool is_to_fail() {
  static const char* const control = std::getenv("SANDBASE_MEMORY_FAULTS_CONTROL");
  if (control == nullptr) return false;
  const int fd = ::open(control, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  std::array<char, 16> wanted{};
  std::array<char, 16> name{};
  const auto size = ::read(fd, wanted.data(), wanted.size() - 1);
  ::close(fd);
  if (size <= 0 || ::prctl(PR_GET_NAME, name.data()) != 0) return false;
  return std::strcmp(name.data(), wanted.data()) == 0 && ::unlink(control) == 0;
}

}  // namespace

void* operator new(std::size_t size) {
  if (is_to_fail()) throw std::bad_alloc{};
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
