// SPDX-License-Identifier: Apache-2.0
// Reads HTTP/1.1 responses as they come in: head, then a body by length, by chunks or by the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase::sim {

class reply {
 public:
  enum class state : std::uint8_t { head, body, done, broken };

  /// Takes what belongs to this response from the front of `bytes`.
  void feed(std::string& bytes);
  /// The connection has ended.
  void end();

  state now() const { return state_; }
  bool has_head() const { return state_ == state::body || state_ == state::done; }
  int status() const { return status_; }
  /// The server closes behind this response.
  bool closes() const { return closes_; }
  /// Decoded. A stream takes it away as it comes.
  std::string body;
  /// What made it `broken`.
  const std::string& wrong() const { return wrong_; }

 private:
  enum class framing : std::uint8_t { none, length, chunks, end };

  bool take_head(std::string& bytes);
  bool take_chunk(std::string& bytes);
  void break_off(std::string why);

  state state_ = state::head;
  framing framing_ = framing::none;
  int status_ = 0;
  bool closes_ = false;
  /// Of the body, or of the chunk.
  std::size_t left_ = 0;
  bool in_chunk_ = false;
  std::string wrong_;
};

}  // namespace sandbase::sim
