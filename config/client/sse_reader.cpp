// SPDX-License-Identifier: Apache-2.0
#include "config/client/sse_reader.hpp"

#include "events/json/json_document.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace sandbase {

result<void> sse_reader::feed(std::string_view bytes, std::vector<sse_frame>& frames) {
  while (!bytes.empty()) {
    if (std::exchange(after_return_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const auto end = bytes.find_first_of("\r\n");
    line_ += bytes.substr(0, end);
    if (line_.size() + frame_.data.value_or("").size() > max_frame_bytes)
      return {errc::too_large, "a frame of the stream has more than 256 MiB"};
    if (end == std::string_view::npos) return {};
    after_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    take_line(std::exchange(is_begun_, true) ? std::string_view{line_} : json::skip_byte_order_mark(line_),
              frames);
    line_.clear();
  }
  return {};
}

void sse_reader::take_line(std::string_view line, std::vector<sse_frame>& frames) {
  if (line.empty()) {
    if (is_filled_) frames.push_back(std::move(frame_));
    frame_ = {};
    is_filled_ = false;
    return;
  }
  const auto colon = std::min(line.find(':'), line.size());
  if (colon == 0) return;  // a comment
  auto value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  take_field(line.substr(0, colon), value);
}

void sse_reader::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (frame_.data)
      frame_.data->append("\n").append(value);
    else
      frame_.data = value;
  } else if (name == "event") {
    frame_.event = value;
  } else if (name == "id") {
    if (value.find('\0') != std::string_view::npos) return;
    frame_.id = value;
  } else if (name == "retry") {
    constexpr std::uint64_t longest = std::numeric_limits<std::int32_t>::max();
    const auto ms = parse_number(value);
    if (!ms) return;
    frame_.retry = std::chrono::milliseconds{std::min(*ms, longest)};
  } else {
    return;
  }
  is_filled_ = true;
}

}  // namespace sandbase
