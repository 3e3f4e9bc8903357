// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/frame_stream.hpp"

#include <utility>

namespace sandbase {

namespace {

constexpr char layout = 1;
constexpr char urgent = 0;
constexpr char streamed = 1;

/// What was sent is dropped from the buffer once there is so much of it.
constexpr std::size_t kept_sent_bytes = std::size_t{1024} * 1024;

}  // namespace

std::uint64_t frame_writer::add(const peer::record& r) {
  const auto begin = sent_ + waiting();
  encode(buffer_, r);
  return begin;
}

std::optional<std::string> frame_writer::next_frame() {
  const auto on_the_way = sent_ - taken_;
  if (waiting() == 0 || on_the_way >= window) return std::nullopt;
  std::string frame{layout, streamed};
  frame.append(buffer_, cut_, max_frame_bytes);
  const auto bytes = frame.size() - 2;
  cut_ += bytes;
  sent_ += bytes;
  if (cut_ == buffer_.size()) {
    std::string{}.swap(buffer_);
    cut_ = 0;
  } else if (cut_ >= kept_sent_bytes) {
    buffer_.erase(0, std::exchange(cut_, 0));
  }
  return frame;
}

bool frame_writer::taken(std::uint64_t bytes) {
  if (bytes < taken_ || bytes > sent_) return false;
  taken_ = bytes;
  return true;
}

std::string urgent_frame(const peer::record& r) {
  std::string frame{layout, urgent};
  encode(frame, r);
  return frame;
}

result<void> frame_reader::take_all(std::string_view& bytes, const std::function<void(peer::record)>& f) {
  for (;;) {
    bool is_unknown = false;
    auto r = peer::take_record(bytes, is_unknown);
    if (!r) return std::move(r).error();
    if (*r)
      f(**std::move(r));
    else if (!is_unknown)
      return {};
  }
}

result<void> frame_reader::read(std::string_view frame, const std::function<void(peer::record)>& f) {
  if (frame.size() < 2 || frame[0] != layout || (frame[1] != urgent && frame[1] != streamed))
    return {errc::invalid, "no frame of another node begins so"};
  auto bytes = frame.substr(2);
  if (frame[1] == urgent) {
    if (auto all = take_all(bytes, f); !all) return all;
    if (!bytes.empty()) return {errc::invalid, "a frame of another node is cut off"};
    return {};
  }
  received_ += bytes.size();
  if (rest_.empty()) {
    auto all = take_all(bytes, f);
    rest_ = bytes;
    return all;
  }
  rest_ += bytes;
  std::string_view whole{rest_};
  auto all = take_all(whole, f);
  rest_.erase(0, rest_.size() - whole.size());
  return all;
}

}  // namespace sandbase
