// SPDX-License-Identifier: Apache-2.0
#include "http/wire/request_reader.hpp"

#include "http/wire/origin.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <limits>

namespace sandbase {

namespace {

/// Input kept in memory between requests.
constexpr std::size_t max_idle_capacity = 4 * 1024;

/// Size of the head at the start of `input` with its blank line; 0: it is not whole yet. Bare line feeds end
/// it as well, so that they are refused at once. `searched` remembers where the search has been.
std::size_t find_head(std::string_view input, std::size_t& searched) {
  const auto from = searched > 2 ? searched - 2 : 0;
  searched = input.size();
  for (auto pos = input.find('\n', from); pos != input.npos; pos = input.find('\n', pos + 1)) {
    const auto next_line = input.substr(pos + 1);
    if (next_line.starts_with("\r\n")) return pos + 3;
    if (next_line.starts_with('\n')) return pos + 2;
  }
  return 0;
}

/// Whether a carriage return or a line feed stands alone, but for one at the end that may get its other half.
bool has_half_line_end(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) return true;
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] != '\n') return true;
  }
  return false;
}

/// Of a chunk: more zeros in front are for those who count differently.
constexpr std::size_t max_size_digits = 16;

/// The size in a chunk's head as it is written, behind the line end of the chunk before.
std::string_view size_in(std::string_view head) {
  if (head.starts_with("\r\n")) head.remove_prefix(2);
  return head.substr(0, head.find_first_of(";\r\n"));
}

/// What of `bytes` belongs to a chunk's head: its line; of the last chunk all that is there, for the trailer.
std::string_view head_of_chunk(std::string_view bytes) {
  const auto size = size_in(bytes);
  const bool is_last = !size.empty() && size.find_first_not_of('0') == size.npos;
  const auto end = bytes.find('\n', bytes.starts_with("\r\n") ? 2 : 0);
  return is_last || end == bytes.npos ? bytes : bytes.substr(0, end + 1);
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// The last chunk's head with an empty trailer. Beast does not look at less than that again when more comes,
/// and every other chunk with its bytes is as long.
constexpr std::string_view shortest_chunk = "0\r\n\r\n";

}  // namespace

void request_reader::feed(std::string_view bytes) {
  drop_used();
  // The body's bytes go straight to it.
  if (state_ == state::body && in_.empty()) use_as_body(bytes);
  in_.append(bytes);
}

request_reader::state request_reader::read_head() {
  // A blank line before a request is skipped: RFC 9112, section 2.2.
  while (in_.compare(used_, 2, "\r\n") == 0) used_ += 2, searched_ = 0;
  const auto input = std::string_view{in_}.substr(used_);
  const auto size = find_head(input, searched_);
  if (size > max_head_bytes_ || (size == 0 && input.size() > max_head_bytes_)) return refuse_large_head();
  if (size == 0) return state_;
  searched_ = 0;
  used_ += size;
  parser_.emplace(size);
  parser_->max_body = max_body_bytes_;
  if (!parser_->put_head(input.substr(0, size))) {
    if (parser_->head.origin.empty()) parser_->head.origin = find_origin(input.substr(0, size));
    return refuse(parser_->status, std::move(parser_->problem));
  }
  return state_ = parser_->is_done() ? state::whole : state::body;
}

request_reader::state request_reader::refuse_large_head() {
  const auto input = std::string_view{in_}.substr(used_);
  none_.origin = find_origin(input);
  const auto limit = fmt::format("{} bytes (http.max_header_bytes)", max_head_bytes_);
  if (input.substr(0, max_head_bytes_).find('\n') == input.npos)
    return refuse(414, "request target: the request line is longer than " + limit);
  return refuse(431, "request headers: longer than " + limit);
}

request_reader::state request_reader::read_body() {
  auto rest = std::string_view{in_}.substr(used_);
  const auto before = rest.size();
  use_as_body(rest);
  used_ += before - rest.size();
  return state_;
}

/// Whether what there is behind a chunk may become the next one's head: what a refusal can be told by before
/// the head is whole.
bool request_reader::could_be_framing(std::string_view bytes) const {
  constexpr std::string_view line_end = "\r\n";
  if (parser_->expects_line_end()) {
    const auto n = std::min(bytes.size(), line_end.size());
    if (bytes.substr(0, n) != line_end.substr(0, n)) return false;
    bytes.remove_prefix(n);
  }
  return bytes.empty() || is_hex_digit(bytes.front());
}

/// Of chunk heads, the trailer among them, `used` bytes of `bytes` were taken; 0: it is not whole yet.
bool request_reader::is_framing(std::string_view bytes, std::size_t used) {
  const auto line = used == 0 ? head_of_chunk(bytes) : bytes.substr(0, used);
  const bool is_folded = line.find("\r\n ") != line.npos || line.find("\r\n\t") != line.npos;
  return line.size() <= max_chunk_head_bytes && size_in(line).size() <= max_size_digits && !is_folded &&
         !has_half_line_end(line);
}

/// Takes what belongs to the body from the front of `bytes`.
void request_reader::use_as_body(std::string_view& bytes) {
  while (state_ == state::body) {
    const bool framing = parser_->between_chunks();
    const bool is_short = framing && bytes.size() < shortest_chunk.size();
    if (framing && (!could_be_framing(bytes) || (is_short && !is_framing(bytes, 0)))) {
      refuse(400, "the chunked body is not well-formed");
      return;
    }
    if (is_short) return;
    const auto used = parser_->put_body(bytes);
    if (framing && !is_framing(bytes, used)) {
      refuse(400, "the chunked body is not well-formed");
    } else if (parser_->body_too_large) {
      state_ = state::too_large;
    } else if (parser_->status != 0) {
      refuse(parser_->status, std::move(parser_->problem));
    } else if (parser_->is_done()) {
      state_ = state::whole;
    }
    bytes.remove_prefix(used);
    if (used == 0 || bytes.empty()) return;
  }
}

void request_reader::next() {
  parser_.reset();
  state_ = state::head;
  drop_used();
}

std::uint64_t request_reader::announced_bytes() const {
  return head().content_length.value_or(parser_ ? parser_->body.size() : 0);
}

void request_reader::limit_body(std::size_t max_bytes) {
  parser_->max_body = std::min<std::uint64_t>(parser_->max_body, max_bytes);
}

void request_reader::take_in_pieces() {
  parser_->in_pieces = true;
  if (parser_->body.empty()) std::string{}.swap(parser_->body);  // room was made as for a whole one
  parser_->max_body = std::numeric_limits<std::uint64_t>::max();
}

request_reader::state request_reader::refuse(int status, std::string problem) {
  status_ = status;
  problem_ = std::move(problem);
  return state_ = state::refused;
}

void request_reader::drop_used() {
  in_.erase(0, used_);
  used_ = 0;
}

void request_reader::shrink() {
  drop_used();
  if (!in_.empty()) return;
  if (in_.capacity() > max_idle_capacity) {
    std::string{}.swap(in_);
  } else {
    in_.resize(in_.capacity());  // overwrites what was read: it may be erased
    in_.clear();
  }
}

}  // namespace sandbase
