// SPDX-License-Identifier: Apache-2.0
// Preloaded into the service by the tests: lets writes, syncs and truncations of chosen files fail as a bad
// or a full disk does. Nothing of it is in the product.
//
// SANDBASE_IO_FAULTS_CONTROL names a text file with one rule a line, read again at every call so that a test
// can change its mind while the service runs:
//   write|sync|truncate  end of the file's name  EIO|ENOSPC  number of the first call that fails, from 1  how
//   many
//   sync  end of the file's name  WAIT  1  how many   (the call returns when the rule is gone)
// A rule counts its calls from when it was first seen. A write that fails has written the first half of its
// bytes, as a disk may.
#include <climits>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>
#include <vector>

namespace {

/// No errno: the call is not to return yet.
constexpr int not_yet = -1;
constexpr useconds_t look_again_us = 10'000;

struct rule {
  std::string call;
  std::string name_end;
  int error = 0;
  long first = 1;
  long count = 0;
  long seen = 0;
};

/// The function that would be called without this library.
template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

std::string name_of(int fd) {
  std::array<char, 64> link{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  std::array<char, PATH_MAX> name{};
  const auto size = ::readlink(link.data(), name.data(), name.size());
  return size > 0 ? std::string{name.data(), static_cast<std::size_t>(size)} : std::string{};
}

std::string content_of(const char* path) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::array<char, 4096> text{};
  const auto size = ::read(fd, text.data(), text.size());
  ::close(fd);
  return size > 0 ? std::string{text.data(), static_cast<std::size_t>(size)} : std::string{};
}

class rule_book {
 public:
  /// @returns the errno that this call has to fail with; 0: none
  int error_for(std::string_view call, int fd) {
    static const char* const control = std::getenv("SANDBASE_IO_FAULTS_CONTROL");
    if (control == nullptr) return 0;
    const auto name = name_of(fd);
    const std::scoped_lock hold{mutex_};
    read(control);
    for (auto& r : rules_) {
      if (r.call != call || !std::string_view{name}.ends_with(r.name_end)) continue;
      const auto number = ++r.seen;
      if (number < r.first || number - r.first >= r.count) continue;
      if (number == r.first && r.error != not_yet)
        dprintf(STDERR_FILENO, "io_faults: %s of %s fails: %s\n", r.call.c_str(), name.c_str(),
                std::strerror(r.error));
      return r.error;
    }
    return 0;
  }

 private:
  void read(const char* control) {
    auto text = content_of(control);
    if (text == text_) return;
    text_ = std::move(text);
    rules_.clear();
    std::array<char, 16> call{};
    std::array<char, 256> end{};
    std::array<char, 16> error{};
    rule r;
    int used = 0;
    for (const char* at = text_.c_str(); std::sscanf(at, "%15s %255s %15s %ld %ld%n", call.data(), end.data(),
                                                     error.data(), &r.first, &r.count, &used) == 5;
         at += used) {
      r.call = call.data();
      r.name_end = end.data();
      const std::string_view name{error.data()};
      r.error = name == "WAIT" ? not_yet : name == "ENOSPC" ? ENOSPC : EIO;
      rules_.push_back(r);
    }
  }

  std::mutex mutex_;
  std::string text_;
  std::vector<rule> rules_;
};

int error_for(std::string_view call, int fd) {
  static rule_book book;
  return book.error_for(call, fd);
}

/// `half`: writes the first half of what was asked for.
template <class Half, class Whole>
ssize_t write_or_fail(int fd, const Half& half, const Whole& whole) {
  const int error = error_for("write", fd);
  if (error == 0) return whole();
  static_cast<void>(half());
  errno = error;
  return -1;
}

template <class F>
int call_or_fail(std::string_view call, int fd, const F& f) {
  int error = error_for(call, fd);
  while (error == not_yet) {
    usleep(look_again_us);
    error = error_for(call, fd);
  }
  if (error == 0) return f();
  errno = error;
  return -1;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return write_or_fail(
      fd, [&] { return real(fd, bytes, size / 2); }, [&] { return real(fd, bytes, size); });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return write_or_fail(
      fd, [&] { return real(fd, bytes, size / 2, at); }, [&] { return real(fd, bytes, size, at); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return write_or_fail(
      fd, [&] { return real(fd, bytes, size / 2, at); }, [&] { return real(fd, bytes, size, at); });
}

int fsync(int fd) {
  static const auto real = next<int (*)(int)>("fsync");
  return call_or_fail("sync", fd, [&] { return real(fd); });
}

int fdatasync(int fd) {
  static const auto real = next<int (*)(int)>("fdatasync");
  return call_or_fail("sync", fd, [&] { return real(fd); });
}

int ftruncate(int fd, off_t size) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return call_or_fail("truncate", fd, [&] { return real(fd, size); });
}

int ftruncate64(int fd, off64_t size) noexcept {
  static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
  return call_or_fail("truncate", fd, [&] { return real(fd, size); });
}
}
