// SPDX-License-Identifier: Apache-2.0
#include "events/ids/event_id.hpp"

#include "events/base/ascii.hpp"
#include "events/base/base32.hpp"
#include "events/base/random_seed.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <fmt/core.h>
#include <random>

namespace sandbase {

namespace {

constexpr std::string_view event_prefix = "sevt_";
constexpr std::size_t time_digits = 10;
constexpr std::size_t half_digits = 8;  // 40 bits, half of a ULID's random part
constexpr std::size_t ulid_digits = time_digits + 2 * half_digits;
constexpr std::uint64_t low_40_bits = (std::uint64_t{1} << 40) - 1;
constexpr std::uint64_t max_time = (std::uint64_t{1} << 48) - 1;

std::string make_ulid(std::string_view prefix, timestamp t, std::uint64_t high_40, std::uint64_t low_40) {
  const auto ms = static_cast<std::uint64_t>(std::max<timestamp::rep>(t.time_since_epoch().count(), 0));
  std::string id;
  id.reserve(prefix.size() + ulid_digits);
  id.append(prefix);
  append_base32(id, std::min(ms, max_time), time_digits);
  append_base32(id, high_40 & low_40_bits, half_digits);
  append_base32(id, low_40 & low_40_bits, half_digits);
  return id;
}

/// This thread's own, seeded by the operating system.
std::mt19937_64& generator() {
  thread_local std::mt19937_64 numbers = [] {
    std::random_device device;
    std::array<std::random_device::result_type, 16> seed{};
    std::ranges::generate(seed, std::ref(device));
    std::seed_seq sequence(seed.begin(), seed.end());
    return std::mt19937_64{sequence};
  }();
  return numbers;
}

}  // namespace

std::string make_id(std::string_view prefix, timestamp t, std::uint16_t random_high,
                    std::uint64_t random_low) {
  const auto high_40 = (std::uint64_t{random_high} << 24) | (random_low >> 40);
  return make_ulid(fmt::format("{}_", prefix), t, high_40, random_low);
}

std::string make_id(std::string_view prefix, timestamp t) {
  return make_id(prefix, t, static_cast<std::uint16_t>(random_bits()), random_bits());
}

std::string make_event_id(timestamp t, seq_t seq, std::uint64_t noise) {
  assert(seq <= max_told_seq);
  return make_ulid(event_prefix, t, seq, noise);
}

std::optional<seq_t> told_place(std::string_view id) {
  if (id.size() != event_prefix.size() + ulid_digits || !id.starts_with(event_prefix)) return std::nullopt;
  id.remove_prefix(event_prefix.size());
  // 26 digits hold 130 bits, a ULID has 128: the first digit is at most 7.
  if (id.front() > '7') return std::nullopt;
  seq_t seq = 0;
  for (std::size_t i = 0; i < ulid_digits; ++i) {
    const auto value = base32_value(id[i]);
    if (value < 0) return std::nullopt;
    if (i >= time_digits && i < time_digits + half_digits) seq = (seq << 5) | static_cast<seq_t>(value);
  }
  if (seq == 0) return std::nullopt;
  return seq;
}

bool is_valid_id(std::string_view id) {
  if (id.size() > max_id_size) return false;
  const auto underscore = id.find('_');
  if (underscore == std::string_view::npos || underscore == 0) return false;
  const auto name = id.substr(underscore + 1);
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(id.substr(0, underscore), is_letter) &&
         std::ranges::all_of(name, is_letter_or_digit);
}

std::uint64_t random_bits() { return generator()(); }

void seed_random_bits(std::uint64_t seed) {
  generator().seed(seed);
  seed_random_bytes(seed);
}

}  // namespace sandbase
