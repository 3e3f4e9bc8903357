// SPDX-License-Identifier: Apache-2.0
// The validator behind json::validate: Boost.JSON's streaming parser with a handler that keeps track of where
// it is and of the keys of every open object, and builds no values.
#include "events/json/json_validate.hpp"

#include "events/base/ascii.hpp"
#include "events/base/utf8.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_text.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/core.h>
#include <vector>

namespace sandbase::json {

namespace {

using boost::json::error_code;
using text_part = boost::json::string_view;

/// Objects with at most this many keys are searched for a repeated one at every key, larger ones sorted once
/// at their end. (Not hashed: a fixed hash function invites bodies made of collisions.)
constexpr std::size_t few_keys = 16;

/// Steps of a path shown in a message; for "too deep" only the first few help.
constexpr std::size_t max_steps = 16;
constexpr std::size_t steps_when_too_deep = 2;

constexpr std::size_t wrapped_depth = max_depth + 1;

/// What basic_parser calls. Every callback answers whether to go on.
class tracker {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  explicit tracker(std::string_view text) : text_(text) { keys_.reserve(4 * few_keys); }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code&) { return open(false); }
  bool on_object_end(std::size_t count, error_code& ec) {
    const auto first = top().first_key;
    if (count > few_keys && !check_many(first, ec)) return false;
    keys_.resize(first);
    return close();
  }
  bool on_array_begin(error_code&) { return open(true); }
  bool on_array_end(std::size_t, error_code&) { return close(); }

  bool on_key_part(text_part part, std::size_t, error_code&) {
    partial_key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(text_part part, std::size_t size, error_code& ec) {
    std::string_view key{part.data(), part.size()};
    if (part.size() != size || !in_text(part.data())) {
      // Had escapes: the parser's buffer holds (the end of) it.
      partial_key_.append(part.data(), part.size());
      key = unescaped_keys_.emplace_back(std::exchange(partial_key_, {}));
    }
    auto& object = top();
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(object.first_key);
    if (static_cast<std::size_t>(keys_.end() - begin) < few_keys &&
        std::find(begin, keys_.end(), key) != keys_.end())
      return repeated(key, ec);
    keys_.push_back(key);
    object.in_member = true;
    return true;
  }

  bool on_string_part(text_part, std::size_t, error_code&) { return true; }
  bool on_string(text_part, std::size_t, error_code&) { return value_done(); }
  bool on_number_part(text_part, error_code&) { return true; }
  bool on_int64(std::int64_t, text_part, error_code&) { return value_done(); }
  bool on_uint64(std::uint64_t, text_part, error_code&) { return value_done(); }
  bool on_double(double, text_part, error_code&) { return value_done(); }
  bool on_bool(bool, error_code&) { return value_done(); }
  bool on_null(error_code&) { return value_done(); }
  bool on_comment_part(text_part, error_code&) { return true; }
  bool on_comment(text_part, error_code&) { return true; }

  /// The key that stopped the parser, if one did.
  const std::optional<std::string>& repeated_key() const { return repeated_; }

  /// Where the parser is, below `root`.
  std::string path(std::string_view root, std::size_t steps = max_steps) const {
    std::string out{root};
    for (std::size_t i = 0; i < depth_ && i < steps; ++i) {
      const auto& f = frames_[i];
      if (f.is_array)
        append_index(out, f.index);
      else if (f.in_member)
        append_member(out, keys_[(i + 1 < depth_ ? frames_[i + 1].first_key : keys_.size()) - 1]);
    }
    if (depth_ > steps && steps == max_steps) out += "…";
    return out.empty() ? "body" : out;
  }

 private:
  /// An open array or object. The keys of an object stand in keys_ from first_key on, up to the next frame's.
  struct frame {
    std::size_t first_key;
    /// Of the element being read.
    std::size_t index;
    bool is_array;
    /// Between a key and the end of its value.
    bool in_member;
  };

  frame& top() { return frames_[depth_ - 1]; }

  bool in_text(const char* p) const { return p >= text_.data() && p < text_.data() + text_.size(); }

  bool open(bool is_array) {
    frames_[depth_++] = {keys_.size(), 0, is_array, false};
    return true;
  }
  bool close() {
    --depth_;
    return value_done();
  }
  bool value_done() {
    if (depth_ != 0) {
      ++top().index;
      top().in_member = false;
    }
    return true;
  }

  bool check_many(std::size_t first, error_code& ec) {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, keys_.end());
    const auto twice = std::adjacent_find(begin, keys_.end());
    return twice == keys_.end() || repeated(*twice, ec);
  }

  bool repeated(std::string_view key, error_code& ec) {
    repeated_ = key;
    ec = boost::json::error::syntax;  // any error: the handler knows what it is
    return false;
  }

  std::string_view text_;
  std::array<frame, wrapped_depth> frames_;
  std::size_t depth_ = 0;
  std::vector<std::string_view> keys_;
  /// Addresses stay.
  std::deque<std::string> unescaped_keys_;
  std::string partial_key_;
  std::optional<std::string> repeated_;
};

/// What is wrong at `offset`, as far as a byte can tell.
std::string describe_syntax(std::string_view text, std::size_t offset) {
  const auto where = fmt::format(" at byte {}", offset);
  if (offset >= text.size()) return "the JSON ends too early" + where;
  const auto c = static_cast<unsigned char>(text[offset]);
  if (c < 0x20) return "unescaped control character" + where;
  const auto shown = c < 0x7f ? fmt::format("'{:c}'", c) : "a non-ASCII character";
  return fmt::format("malformed JSON{}, unexpected {}", where, shown);
}

class validator {
 public:
  validator(std::string_view text, std::size_t depth)
      : text_(text), depth_(depth), parser_(options(depth), text) {}

  error_code run() {
    offset_ = parser_.write_some(false, text_.data(), text_.size(), error_);
    if (!error_ && offset_ < text_.size()) error_ = boost::json::error::extra_data;
    return error_;
  }

  failure explain(std::string_view root) const {
    const auto& at = parser_.handler();
    const auto fail = [](std::string_view path, std::string_view what) {
      return failure{errc::invalid, fmt::format("{}: {}", path, what)};
    };
    if (at.repeated_key())
      return fail(at.path(root), "duplicate key " + quoted_for_message(*at.repeated_key()));
    if (const auto bad = find_bad_utf8(text_); bad != std::string_view::npos && bad <= offset_)
      return fail(at.path(root), fmt::format("invalid UTF-8 at byte {}", bad));
    const auto where = fmt::format(" at byte {}", offset_);
    switch (static_cast<boost::json::error>(error_.value())) {
      case boost::json::error::too_deep:
        return fail(at.path(root, steps_when_too_deep), fmt::format("nesting deeper than {}", depth_));
      case boost::json::error::extra_data:
        return fail(at.path(root), "there is more behind the end of the JSON" + where);
      case boost::json::error::incomplete:
        return fail(at.path(root), "the JSON ends too early" + where);
      case boost::json::error::illegal_leading_surrogate:
      case boost::json::error::illegal_trailing_surrogate:
        return fail(at.path(root), "half of a surrogate pair" + where);
      case boost::json::error::expected_hex_digit:
        return fail(at.path(root), "four hex digits must follow \\u" + where);
      default:
        return fail(at.path(root), describe_syntax(text_, offset_));
    }
  }

 private:
  static boost::json::parse_options options(std::size_t depth) {
    boost::json::parse_options o;
    o.max_depth = depth;
    return o;
  }

  std::string_view text_;
  std::size_t depth_;
  boost::json::basic_parser<tracker> parser_;
  error_code error_;
  std::size_t offset_ = 0;
};

/// `text` with every exponent of a number that is too long for the parser's arithmetic overwritten by zeros:
/// as valid or invalid as before, at the same offsets. Only what stands before the first error matters, so
/// quotes are enough to tell strings.
std::string tame_exponents(std::string_view text) {
  constexpr std::size_t safe_digits = 9;
  std::string out{text};
  bool in_string = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (in_string && out[i] == '\\') {
      ++i;
    } else if (out[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && (out[i] | 0x20) == 'e' && i > 0 && is_digit(out[i - 1])) {
      auto first = i + 1;
      if (first < out.size() && (out[first] == '+' || out[first] == '-')) ++first;
      auto end = first;
      while (end < out.size() && is_digit(out[end])) ++end;
      if (end - first > safe_digits)
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(first),
                  out.begin() + static_cast<std::ptrdiff_t>(end), '0');
      i = end - 1;
    }
  }
  return out;
}

result<void> validate_to(std::size_t depth, std::string_view text, std::string_view path) {
  validator first{text, depth};
  const auto error = first.run();
  if (!error) return {};
  if (error == boost::json::error::exponent_overflow) {
    // RFC 8259 sets no bound on exponents; the parser does, because it
    // computes the value, which nobody wants here.
    const auto tamed = tame_exponents(text);
    validator second{tamed, depth};
    if (!second.run()) return {};
    return second.explain(path);
  }
  return first.explain(path);
}

}  // namespace

result<void> validate(std::string_view text, std::string_view path) {
  return validate_to(max_depth, text, path);
}

result<void> validate_wrapped(std::string_view text, std::string_view path) {
  return validate_to(wrapped_depth, text, path);
}

}  // namespace sandbase::json
