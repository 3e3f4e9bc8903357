// SPDX-License-Identifier: Apache-2.0
#include "persistence/transfer/line_splitter.hpp"

#include "events/json/json_document.hpp"

#include <algorithm>

namespace sandbase {
namespace {

/// Memory that is kept for the lines to come.
constexpr std::size_t kept_capacity = 1024 * 1024;

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

void line_splitter::feed(std::string_view bytes) {
  buffer_.erase(0, begin_);
  searched_ -= std::min(begin_, searched_);
  begin_ = 0;
  if (buffer_.empty() && buffer_.capacity() > kept_capacity) std::string{}.swap(buffer_);
  buffer_.append(bytes);
}

std::optional<text_line> line_splitter::next() {
  for (;;) {
    auto end = buffer_.find('\n', std::max(begin_, searched_));
    if (end == std::string::npos) {
      end = searched_ = buffer_.size();
      if (end - begin_ > max_line_) {
        dropping_ = true;
        begin_ = end;
      }
      if (!ended_ || (begin_ == end && !dropping_)) return {};
    }
    text_line line{std::string_view{buffer_}.substr(begin_, end - begin_), ++number_,
                   std::exchange(dropping_, false)};
    begin_ = std::min(end + 1, buffer_.size());
    line.too_long = line.too_long || line.text.size() > max_line_;
    if (line.too_long) line.text = {};
    if (number_ == 1) line.text = json::skip_byte_order_mark(line.text);
    if (line.too_long || !is_blank(line.text)) return line;
  }
}

}  // namespace sandbase
