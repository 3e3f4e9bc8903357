// Takes a request's body out of the bytes of a connection: by
// Content-Length or chunked (RFC 9112, section 7.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

class body_reader {
 public:
  enum class state : std::uint8_t { more, done, invalid, too_large };
  /// Bytes that a chunk's size line and a body's trailer section may have.
  static constexpr std::size_t max_line_bytes = 4096;

  /// No body.
  body_reader() = default;
  static body_reader of_length(std::uint64_t length);
  static body_reader of_chunks(std::size_t max_bytes);

  /// Moves what belongs to the body from the front of `input` behind `body`.
  /// @returns how many bytes of `input` are used up; when state() is `done`
  /// the rest belongs to the next request
  std::size_t feed(std::string_view input, std::string& body);
  state now() const { return state_; }
  /// Bytes that are still to come as far as is known.
  std::uint64_t left() const { return left_; }

 private:
  enum class part : std::uint8_t { fixed, size, blank, extension, size_end, data, data_cr, data_lf, trailer };
  void next_in_chunks(char c);
  void take_size();
  void take_trailer(char c);

  state state_ = state::done;
  part part_ = part::fixed;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
  std::uint64_t room_ = 0;  // for further chunks
  std::size_t digits_ = 0;  // of the size line
  std::size_t line_ = 0;    // bytes of the line or the trailer
  std::size_t column_ = 0;  // within a trailer line
  bool colon_ = false;      // the trailer line has named its field
  bool cr_ = false;         // a CR was the last byte of a trailer line
};

}  // namespace sandbase
