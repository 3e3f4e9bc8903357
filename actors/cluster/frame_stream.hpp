// SPDX-License-Identifier: Apache-2.0
// The two ends of a link's stream of records: what is written is cut into frames, so that none keeps the link
// busy for long, and put together again. Plain values, without actors.
//
// A frame is the version of its layout (u8, 1), what follows (u8: 0 records that are never cut and wait for
// nobody, 1 the next bytes of the stream), and that.
#pragma once

#include "actors/cluster/peer_records.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

class frame_writer {
 public:
  static constexpr std::size_t max_frame_bytes = std::size_t{256} * 1024;
  /// So many bytes may be on their way that the other end has not taken in.
  static constexpr std::uint64_t window = std::uint64_t{4} * 1024 * 1024;

  /// One more record behind the others. @returns where in the stream it begins
  std::uint64_t add(const peer::record& r);
  /// The next frame, if the window has room.
  std::optional<std::string> next_frame();
  /// The other end has taken in so many bytes since the beginning. @returns whether that can be
  bool taken(std::uint64_t bytes);

  /// Bytes that were cut into frames: what begins behind them has not left.
  std::uint64_t sent() const noexcept { return sent_; }
  /// Bytes that have not.
  std::size_t waiting() const noexcept { return buffer_.size() - cut_; }

 private:
  std::string buffer_;
  /// Of the buffer, what was sent.
  std::size_t cut_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;
};

/// A frame of records that wait for nobody.
std::string urgent_frame(const peer::record& r);

class frame_reader {
 public:
  /// Calls f(record) for each that is whole by now. `invalid`: these bytes are none of another node; the link
  /// is of no more use.
  result<void> read(std::string_view frame, const std::function<void(peer::record)>& f);
  /// Bytes of the stream so far.
  std::uint64_t received() const noexcept { return received_; }

 private:
  static result<void> take_all(std::string_view& bytes, const std::function<void(peer::record)>& f);

  /// The beginning of a record.
  std::string rest_;
  std::uint64_t received_ = 0;
};

}  // namespace sandbase
