// SPDX-License-Identifier: Apache-2.0
// Bytes on their way to a socket: short texts of our own between pieces of shared blocks that are not copied.
#pragma once

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

class outbox {
 public:
  /// Buffers of one gather write: what Linux and Asio take at once.
  static constexpr std::size_t max_buffers = 64;
  /// Shared pieces below this size are copied: cheaper than a buffer of their own.
  static constexpr std::size_t copy_below = 2048;
  using buffer_array = std::array<boost::asio::const_buffer, max_buffers>;

  bool empty() const noexcept { return bytes_ == 0; }
  std::size_t bytes() const noexcept { return bytes_; }

  void add(std::string_view text);
  /// `bytes` lie in `owner`, which is kept until they are written.
  void add(std::string_view bytes, std::shared_ptr<const void> owner);
  /// Puts `text` in front of everything. @pre nothing was consumed
  void prepend(std::string text);
  /// Moves everything in `other` behind this.
  void append(outbox&& other);

  /// The first buffers to write, `max_bytes` in all at most, in the front part of `into`. @pre max_bytes > 0
  std::span<const boost::asio::const_buffer> front(buffer_array& into,
                                                   std::size_t max_bytes = ~std::size_t{0}) const;
  /// The first `n` bytes are written. @pre n <= bytes()
  void consume(std::size_t n);
  void clear();
  /// Up to here cut_to() copies.
  static constexpr std::size_t cut_copies = 64 * 1024;
  /// Drops all but the first `n` bytes. A short rest is copied, so that it keeps no block; of a long one the
  /// copy would cost as much. @pre n <= bytes()
  void cut_to(std::size_t n);
  /// Everything as one string.
  std::string flatten() const;

 private:
  struct piece {
    std::string own;
    std::shared_ptr<const void> owner;
    /// Of what the owner keeps, if there is one.
    std::string_view part;
    std::string_view view() const { return owner ? part : std::string_view{own}; }
  };
  void truncate(std::size_t n);

  std::vector<piece> pieces_;
  /// Piece to write next.
  std::size_t first_ = 0;
  /// Bytes of it that are written.
  std::size_t offset_ = 0;
  /// Left.
  std::size_t bytes_ = 0;
};

}  // namespace sandbase
