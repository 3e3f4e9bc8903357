// SPDX-License-Identifier: Apache-2.0
// The client's end of a connection: takes and gives bytes in pieces that chance cuts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sandbase::sim {

class client_socket {
 public:
  client_socket() = default;
  explicit client_socket(int fd) : fd_(fd) {}
  client_socket(client_socket&& other) noexcept;
  client_socket& operator=(client_socket&& other) noexcept;
  ~client_socket() { hang_up(); }

  bool is_open() const { return fd_ >= 0; }
  /// @returns how many bytes the kernel took
  std::size_t send(std::string_view bytes) const;
  /// At most `at_most` bytes of what has come are added to `to`. @returns whether there were any
  bool receive(std::string& to, std::size_t at_most);
  /// receive() has met the end: nothing will come any more.
  bool ended() const { return ended_; }
  void hang_up();
  /// The server is dead: what it sent so far can be read, what its remains do is lost.
  void cut() const;

 private:
  int fd_ = -1;
  bool ended_ = false;
};

}  // namespace sandbase::sim
