// SPDX-License-Identifier: Apache-2.0
// A short stand-in for a long text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// 128 bits of XXH3. By chance no two texts have the same.
struct fingerprint {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const fingerprint&) const = default;
};

/// Of several texts, so that none runs into its neighbour. Any thread.
class fingerprints {
 public:
  void add(std::string_view text);
  void add(const fingerprint& part);
  fingerprint all() const;

 private:
  std::string parts_;
};

/// The same in every process and version, so that it may be stored; who wants to can find two texts with one.
/// `kind` tells texts apart that are equal but mean something else.
fingerprint lasting_fingerprint_of(std::string_view text, std::uint64_t kind);
/// 32 hex digits.
std::string to_text(const fingerprint& f);
std::optional<fingerprint> read_fingerprint(std::string_view text);

/// Under a secret that each process draws anew: who does not know that cannot make two texts that have the
/// same one. Never stored, never shown. Any thread. Some 10 GB/s: a twentieth of the cost of SHA-256.
fingerprint fingerprint_of(std::string_view text);

}  // namespace sandbase
