// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/client_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sandbase::sim {

client_socket::client_socket(client_socket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), ended_(other.ended_) {}

client_socket& client_socket::operator=(client_socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(ended_, other.ended_);
  return *this;
}

std::size_t client_socket::send(std::string_view bytes) const {
  const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}

bool client_socket::receive(std::string& to, std::size_t at_most) {
  std::array<char, 16 * 1024> part;
  bool any = false;
  while (at_most > 0 && !ended_) {
    const auto n = ::recv(fd_, part.data(), std::min(part.size(), at_most), MSG_DONTWAIT);
    if (n > 0) {
      to.append(part.data(), static_cast<std::size_t>(n));
      at_most -= static_cast<std::size_t>(n);
      any = true;
      continue;
    }
    ended_ = n == 0 || (errno != EAGAIN && errno != EINTR);
    break;
  }
  return any;
}

void client_socket::hang_up() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  ended_ = false;
}

void client_socket::cut() const {
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

}  // namespace sandbase::sim
