// SPDX-License-Identifier: Apache-2.0
// The one source of chance of a simulation: everything that could go this way or that asks here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sandbase::sim {

/// splitmix64 (Steele, Lea, Flood 2014): the same numbers with every library and compiler.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    auto z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// 0 … n-1. @pre n > 0
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  /// first … last
  std::size_t between(std::size_t first, std::size_t last) { return first + below(last - first + 1); }
  /// True in `rate` of `of` cases.
  bool chance(std::size_t rate, std::size_t of = 1000) { return rate > 0 && below(of) < rate; }
  /// One of them. @pre !all.empty()
  template <class T>
  T& pick(std::vector<T>& all) {
    return all[below(all.size())];
  }
  template <class T>
  const T& pick(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace sandbase::sim
