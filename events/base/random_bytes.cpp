// SPDX-License-Identifier: Apache-2.0
#include "events/base/random_bytes.hpp"

#include "events/base/random_seed.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>

namespace sandbase {

namespace {

/// A call of OpenSSL's generator costs more than all else that a small event does: it is asked for many at
/// once.
class supply {
 public:
  void take(std::span<std::uint8_t> out) {
    while (!out.empty()) {
      if (used_ == bytes_.size()) refill();
      const auto n = std::min(out.size(), bytes_.size() - used_);
      const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(used_);
      std::copy_n(from, n, out.begin());
      std::fill_n(from, n, std::uint8_t{0});
      used_ += n;
      out = out.subspan(n);
    }
  }

  void seed(std::uint64_t value) {
    seeded_.emplace(value);
    used_ = bytes_.size();
  }

 private:
  void refill() {
    used_ = 0;
    if (seeded_) {
      std::ranges::generate(bytes_, [&] { return static_cast<std::uint8_t>((*seeded_)()); });
    } else if (RAND_bytes(bytes_.data(), static_cast<int>(bytes_.size())) != 1) {
      std::fputs("fatal: OpenSSL provides no random bytes\n", stderr);
      std::abort();
    }
  }

  std::array<std::uint8_t, 4096> bytes_{};
  std::size_t used_ = bytes_.size();
  std::optional<std::mt19937_64> seeded_;
};

supply& this_threads_supply() {
  thread_local supply instance;
  return instance;
}

}  // namespace

void random_bytes(std::span<std::uint8_t> out) { this_threads_supply().take(out); }

void seed_random_bytes(std::uint64_t seed) { this_threads_supply().seed(seed); }

}  // namespace sandbase
