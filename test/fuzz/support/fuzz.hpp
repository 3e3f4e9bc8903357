// SPDX-License-Identifier: Apache-2.0
// What all fuzz targets share: their input, and demands that end the run with a sentence.
#pragma once

#include "events/base/result.hpp"
#include "events/json/json_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sandbase::fuzz {

/// Ends the run as a finding unless `holds`. `detail` is printed too.
inline void demand(bool holds, std::string_view what, std::string_view detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "==== broken: %.*s\n%.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(std::min<std::size_t>(detail.size(), 4000)), detail.data());
  std::abort();
}

/// An input: its first byte chooses between the ways of a target, so that the rest is plain text and seeds
/// can be written by hand.
class input {
 public:
  input(const std::uint8_t* data, std::size_t size) : bytes_(reinterpret_cast<const char*>(data), size) {}

  /// In [0, n), for a digit its value. @pre n > 0
  std::size_t choice(std::size_t n) const {
    return bytes_.empty() ? 0 : static_cast<unsigned char>(bytes_.front() - '0') % n;
  }
  /// Everything behind the first byte.
  std::string_view text() const { return bytes_.substr(std::min<std::size_t>(bytes_.size(), 1)); }
  std::string_view all() const { return bytes_; }

 private:
  std::string_view bytes_;
};

/// A refusal of something a client sent: of a kind that is the client's to mend, in words that fit into JSON.
inline void demand_refusal(const failure& f) {
  demand(f.code == errc::invalid || f.code == errc::too_large || f.code == errc::forbidden,
         "a refusal is the client's fault", f.message);
  demand(static_cast<bool>(json::validate(json::quoted(f.message))), "a message is UTF-8", f.message);
}

/// The same, and it begins with the name of what is wrong: `events[2].content: …`.
inline void demand_named_refusal(const failure& f) {
  demand_refusal(f);
  const auto colon = f.message.find(": ");
  demand(colon != std::string::npos && colon > 0, "a refusal names the field", f.message);
}

}  // namespace sandbase::fuzz
