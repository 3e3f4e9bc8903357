// SPDX-License-Identifier: Apache-2.0
// The client's side of a connection in tests: its end of the socket pair, and what an answer is made of.
#pragma once

#include "test/unit/support/test.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sandbase::test {

/// The other end of a connection's socket.
class client_end {
 public:
  explicit client_end(int fd) : fd_(fd) {}
  client_end(client_end&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), closed_(std::exchange(other.closed_, false)) {}
  client_end& operator=(client_end&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(closed_, other.closed_);
    return *this;
  }
  ~client_end() { hang_up(); }

  /// @returns how many bytes the kernel took
  std::size_t send(std::string_view text) {
    const auto n = ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return n < 0 ? 0 : static_cast<std::size_t>(n);
  }
  /// What has come, at most `at_most` bytes.
  std::string receive(std::size_t at_most = ~std::size_t{0});
  /// Whether receive() has met the end.
  bool closed() const { return closed_; }
  /// Nothing more will be sent.
  void end_sending() { ::shutdown(fd_, SHUT_WR); }
  void hang_up() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
  bool closed_ = false;
};

// --- taking answers apart ------------------------------------------------------------------------

inline int status_of(std::string_view response) {
  return response.size() < 12 ? 0 : std::atoi(std::string{response.substr(9, 3)}.c_str());
}
inline std::string body_of(std::string_view response) {
  const auto end = response.find("\r\n\r\n");
  return end == response.npos ? "" : std::string{response.substr(end + 4)};
}
/// The value of a header, `(none)` if it is not there.
std::string header_of(std::string_view response, std::string_view name);
/// Joins the chunks of a body; fails the test if they are not well-formed, and complete unless they end
/// without the last one: `cut`.
std::string unchunk(std::string_view body, bool cut = false);
inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace sandbase::test
