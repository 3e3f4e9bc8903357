// SPDX-License-Identifier: Apache-2.0
// One request after another out of the bytes of a connection; no sockets.
//
//   head ──read_head()──► body ──read_body()──► whole ──next()──► head …
//     └──────────► refused ◄──────┘
#pragma once

#include "http/wire/request_parser.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// Belongs to one connection. Takes bytes as they come and holds no more of them than one request needs, but
/// for what was read behind it.
class request_reader {
 public:
  enum class state : std::uint8_t {
    /// A head is to come, or is not whole.
    head,
    /// The head is there, the body is not whole.
    body,
    /// All of the request is there.
    whole,
    /// It breaks a rule: nothing behind it on the connection can be believed.
    refused,
    /// Its body is larger than it may be.
    too_large,
  };
  /// Bytes of a chunk's head, or of the last one's with the trailer.
  static constexpr std::size_t max_chunk_head_bytes = 8 * 1024;

  /// `max_head_bytes`: request line and headers. `max_body_bytes`: the largest body; see limit_body().
  request_reader(std::size_t max_head_bytes, std::size_t max_body_bytes)
      : max_head_bytes_(max_head_bytes), max_body_bytes_(max_body_bytes) {}

  state now() const { return state_; }
  /// Bytes that have come.
  void feed(std::string_view bytes);
  /// Reads the head. @pre now() is `head` @returns now()
  state read_head();
  /// Reads on in the body. @pre now() is `body` @returns now()
  state read_body();
  /// What comes from now on is the next request's. @pre now() is `whole`
  void next();

  /// From read_head() on; of a refused request what was understood of it.
  const request_head& head() const { return parser_ ? parser_->head : none_; }
  /// Announced length of the body; for a chunked one what has come of it.
  std::uint64_t announced_bytes() const;
  /// What has come of the body. Bytes as they were sent, without chunks.
  std::string& body() { return parser_->body; }
  /// Lets go of it, whatever has come.
  void drop_body() {
    if (parser_) std::string{}.swap(parser_->body);
  }
  /// Lowers the limit. @pre read_body() was not called
  void limit_body(std::size_t max_bytes);
  /// The body may be of any length: its owner takes what has come out of body(), and feeds the next bytes
  /// then.
  /// @pre as above
  void take_in_pieces();
  /// The status and the sentence for a refused request.
  int status() const { return status_; }
  const std::string& problem() const { return problem_; }

  /// A byte of the next request is there. @pre now() is `head`
  bool has_begun() const { return used_ < in_.size(); }
  /// Nothing was read that is not used.
  bool is_drained() const { return used_ == in_.size(); }
  /// Gives back what memory is not needed while nothing comes.
  void shrink();

 private:
  state refuse(int status, std::string problem);
  state refuse_large_head();
  void use_as_body(std::string_view& bytes);
  bool could_be_framing(std::string_view bytes) const;
  static bool is_framing(std::string_view bytes, std::size_t used);
  void drop_used();

  std::size_t max_head_bytes_;
  std::size_t max_body_bytes_;
  state state_ = state::head;
  /// Read and not yet used.
  std::string in_;
  /// Front part of in_ that is used up.
  std::size_t used_ = 0;
  /// Part of the rest that was searched for a head's end.
  std::size_t searched_ = 0;
  std::optional<request_parser> parser_;
  request_head none_;
  int status_ = 0;
  std::string problem_;
};

}  // namespace sandbase
