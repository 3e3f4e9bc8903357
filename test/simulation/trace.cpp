// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/trace.hpp"

#include <algorithm>

namespace sandbase::sim {

std::uint64_t fingerprint(std::string_view text, std::uint64_t before) {
  auto h = before;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}

void trace::put(std::string line) {
  digest_ = fingerprint(line, digest_);
  if (echo_) {
    std::fwrite(line.data(), 1, line.size(), echo_);
    std::fputc('\n', echo_);
  }
  last_[lines_++ % kept_lines] = std::move(line);
}

void trace::print(std::FILE* to) const {
  const auto shown = std::min<std::uint64_t>(lines_, kept_lines);
  for (auto i = lines_ - shown; i < lines_; ++i) std::fprintf(to, "  %s\n", last_[i % kept_lines].c_str());
}

}  // namespace sandbase::sim
