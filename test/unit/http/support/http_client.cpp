// SPDX-License-Identifier: Apache-2.0
#include "test/unit/http/support/http_client.hpp"

namespace sandbase::test {

std::string client_end::receive(std::size_t at_most) {
  std::string all;
  std::vector<char> part(64 * 1024);
  while (all.size() < at_most) {
    const auto n = ::recv(fd_, part.data(), std::min(part.size(), at_most - all.size()), MSG_DONTWAIT);
    if (n > 0) {
      all.append(part.data(), static_cast<std::size_t>(n));
      continue;
    }
    if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) closed_ = true;
    break;
  }
  return all;
}

std::string header_of(std::string_view response, std::string_view name) {
  const auto head = response.substr(0, response.find("\r\n\r\n") + 2);
  const auto start = head.find("\r\n" + std::string{name} + ": ");
  if (start == head.npos) return "(none)";
  const auto value = head.substr(start + name.size() + 4);
  return std::string{value.substr(0, value.find("\r\n"))};
}

std::string unchunk(std::string_view body, bool cut) {
  std::string out;
  for (;;) {
    if (cut && body.empty()) return out;
    const auto eol = body.find("\r\n");
    if (eol == body.npos) CAF_FAIL("a chunk's size is missing");
    const auto size = std::stoul(std::string{body.substr(0, eol)}, nullptr, 16);
    body.remove_prefix(eol + 2);
    if (body.size() < size + 2) CAF_FAIL("a chunk is cut off");
    out.append(body.substr(0, size));
    if (body.substr(size, 2) != "\r\n") CAF_FAIL("a chunk's end is missing");
    body.remove_prefix(size + 2);
    if (size == 0) {
      if (cut) CAF_FAIL("a last chunk where none belongs");
      if (!body.empty()) CAF_FAIL("bytes behind the last chunk");
      return out;
    }
  }
}

}  // namespace sandbase::test
