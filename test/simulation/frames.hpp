// SPDX-License-Identifier: Apache-2.0
// Takes Server-Sent Events apart, and the JSON in them and in lists, without any code of the product.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase::sim {

struct sse_frame {
  /// Empty: no such line.
  std::string event;
  /// None: no such line.
  std::optional<std::string> id;
  std::string data;
  bool only_comment = false;
};

/// Collects a stream's text; gives back whole frames.
class sse_reader {
 public:
  void feed(std::string_view text) { text_.append(text); }
  /// The next whole frame.
  std::optional<sse_frame> next();
  /// A frame has begun and is not whole.
  bool in_the_middle() const { return at_ < text_.size(); }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

/// The value of a member of an object, as it stands there: no nesting. Empty if it has none.
std::string_view member(std::string_view object, std::string_view name);
/// The same without its quotes.
std::string_view text_member(std::string_view object, std::string_view name);
std::uint64_t number_member(std::string_view object, std::string_view name);
/// The elements of an array, as they stand there.
std::vector<std::string_view> elements(std::string_view array);

}  // namespace sandbase::sim
