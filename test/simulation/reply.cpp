// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/reply.hpp"

#include <algorithm>
#include <charconv>

namespace sandbase::sim {

namespace {

/// The value of a header in a head; empty if it is not there.
std::string_view header(std::string_view head, std::string_view name) {
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  for (auto at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
    auto line = head.substr(at + 2);
    if (line.size() <= name.size() || line[name.size()] != ':' ||
        !std::equal(name.begin(), name.end(), line.begin(), same))
      continue;
    line.remove_prefix(name.size() + 1);
    line = line.substr(0, line.find("\r\n"));
    while (line.starts_with(' ')) line.remove_prefix(1);
    return line;
  }
  return {};
}

bool parse(std::string_view text, std::size_t& to, int base) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), to, base);
  return ec == std::errc{} && end == text.data() + text.size();
}

}  // namespace

void reply::break_off(std::string why) {
  state_ = state::broken;
  wrong_ = std::move(why);
}

bool reply::take_head(std::string& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return false;
  const auto head = std::string_view{bytes}.substr(0, end + 2);
  std::size_t status = 0;
  if (!head.starts_with("HTTP/1.1 ") || !parse(head.substr(9, 3), status, 10)) {
    break_off("not a response: " + bytes.substr(0, 40));
    return false;
  }
  status_ = static_cast<int>(status);
  closes_ = header(head, "connection") == "close";
  const auto length = header(head, "content-length");
  if (header(head, "transfer-encoding") == "chunked")
    framing_ = framing::chunks;
  else if (!length.empty() && parse(length, left_, 10))
    framing_ = framing::length;
  else
    framing_ = status_ == 204 ? framing::length : framing::end;
  state_ = framing_ == framing::length && left_ == 0 ? state::done : state::body;
  bytes.erase(0, end + 4);
  return state_ == state::body;
}

/// @returns whether there is more to take now
bool reply::take_chunk(std::string& bytes) {
  if (in_chunk_) {
    const auto n = std::min(left_, bytes.size());
    body.append(bytes, 0, n);
    bytes.erase(0, n);
    left_ -= n;
    if (left_ > 0 || bytes.size() < 2) return false;
    if (!bytes.starts_with("\r\n")) break_off("a chunk's end is missing");
    bytes.erase(0, 2);
    in_chunk_ = false;
    return state_ == state::body;
  }
  const auto end = bytes.find("\r\n");
  if (end == bytes.npos) return false;
  if (!parse(std::string_view{bytes}.substr(0, end), left_, 16)) break_off("not a chunk's size");
  if (left_ > 0) {
    in_chunk_ = true;
    bytes.erase(0, end + 2);
    return state_ == state::body;
  }
  if (bytes.size() < end + 4) return false;
  if (bytes.compare(end + 2, 2, "\r\n") != 0) break_off("trailers");
  bytes.erase(0, end + 4);
  if (state_ == state::body) state_ = state::done;
  return false;
}

void reply::feed(std::string& bytes) {
  if (state_ == state::head && !take_head(bytes)) return;
  if (framing_ == framing::chunks) {
    while (take_chunk(bytes)) {
    }
    return;
  }
  if (state_ != state::body) return;
  const auto n = framing_ == framing::length ? std::min(left_, bytes.size()) : bytes.size();
  body.append(bytes, 0, n);
  bytes.erase(0, n);
  left_ -= framing_ == framing::length ? n : 0;
  if (framing_ == framing::length && left_ == 0) state_ = state::done;
}

void reply::end() {
  if (state_ == state::body && framing_ == framing::end) state_ = state::done;
  if (state_ != state::done && state_ != state::broken) break_off("the connection ended");
}

}  // namespace sandbase::sim
