// SPDX-License-Identifier: Apache-2.0
#include "events/log/event_proof.hpp"

#include "events/base/random_bytes.hpp"

#include <algorithm>
#include <cassert>

namespace sandbase {

namespace {

constexpr bool is_size(std::size_t size) {
  return size == event_proof::salt_bytes || size == event_proof::leaf_bytes;
}

/// Of the proof at the front, with what stands before it.
std::size_t front_size(std::string_view encoded) { return 1 + static_cast<unsigned char>(encoded.front()); }

}  // namespace

event_proof::event_proof(std::string_view bytes) : size_(static_cast<std::uint8_t>(bytes.size())) {
  std::ranges::copy(bytes, bytes_.begin());
}

event_proof event_proof::make_salt() {
  event_proof proof;
  random_bytes({proof.bytes_.data(), salt_bytes});
  return proof;
}

event_proof event_proof::from_leaf(const digest& leaf) {
  return event_proof{{reinterpret_cast<const char*>(leaf.data()), leaf.size()}};
}

std::optional<event_proof> event_proof::parse(std::string_view bytes) {
  if (!is_size(bytes.size())) return std::nullopt;
  return event_proof{bytes};
}

digest event_proof::leaf_of(std::string_view json) const {
  return is_leaf() ? digest{bytes_} : salted_leaf(bytes(), json);
}

result<event_proofs> event_proofs::parse(std::string_view encoded, std::size_t count) {
  auto rest = encoded;
  for (; count > 0 && !rest.empty(); --count) {
    const auto size = front_size(rest);
    if (!is_size(size - 1) || size > rest.size()) break;
    rest.remove_prefix(size);
  }
  if (count > 0 || !rest.empty()) return {errc::corrupt, "the salts do not fit the events"};
  event_proofs proofs;
  proofs.encoded_ = encoded;
  return proofs;
}

void event_proofs::add(const event_proof& proof) {
  encoded_ += static_cast<char>(proof.bytes().size());
  encoded_ += proof.bytes();
}

void event_proofs::trim() {
  constexpr std::size_t tolerated = 256;
  if (encoded_.capacity() - encoded_.size() > tolerated) encoded_.shrink_to_fit();
}

event_proof event_proofs::at(std::size_t index) const {
  std::string_view rest{encoded_};
  for (; index > 0; --index) rest.remove_prefix(front_size(rest));
  const auto proof = event_proof::parse(rest.substr(1, front_size(rest) - 1));
  assert(proof);
  return *proof;
}

}  // namespace sandbase
