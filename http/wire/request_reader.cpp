#include "http/wire/request_reader.hpp"

#include "http/wire/text.hpp"

#include <algorithm>

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

/// The first Origin of a head that is no good: a browser shows its page the answer only if that names it.
std::string find_origin(std::string_view head) {
  constexpr std::string_view name = "origin:";
  for (auto pos = head.find('\n'); pos != head.npos; pos = head.find('\n', pos + 1)) {
    const auto line = head.substr(pos + 1, head.find_first_of("\r\n", pos + 1) - pos - 1);
    if (iequals(line.substr(0, name.size()), name)) return std::string{trim(line.substr(name.size()))};
  }
  return {};
}

bool has_bare_line_feed(std::string_view text) {
  for (auto pos = text.find('\n'); pos != text.npos; pos = text.find('\n', pos + 1))
    if (pos == 0 || text[pos - 1] != '\r') return true;
  return false;
}

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
  const auto limit = std::to_string(max_head_bytes_) + " bytes (http.max_header_bytes)";
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

/// Takes what belongs to the body from the front of `bytes`.
void request_reader::use_as_body(std::string_view& bytes) {
  while (state_ == state::body) {
    const bool framing = parser_->between_chunks();
    const auto used = parser_->put_body(bytes);
    if (framing && (used > max_chunk_head_bytes || has_bare_line_feed(bytes.substr(0, used)) ||
                    (used == 0 && (bytes.size() > max_chunk_head_bytes || has_bare_line_feed(bytes))))) {
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
  if (in_.empty() && in_.capacity() > max_idle_capacity) in_ = {};
}

}  // namespace sandbase
