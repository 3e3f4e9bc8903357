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

constexpr std::size_t encoded_salt = 1 + event_proof::salt_bytes;
/// What a leaf takes beyond that.
constexpr std::size_t leaf_extra = event_proof::leaf_bytes - event_proof::salt_bytes;

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
  event_proofs proofs;
  auto rest = encoded;
  std::size_t index = 0;
  for (; index < count && !rest.empty(); ++index) {
    const auto size = front_size(rest);
    if (!is_size(size - 1) || size > rest.size()) break;
    if (size != encoded_salt) proofs.leaves_.push_back(static_cast<std::uint32_t>(index));
    rest.remove_prefix(size);
  }
  if (index < count || !rest.empty()) return {errc::corrupt, "the salts do not fit the events"};
  proofs.encoded_ = encoded;
  return proofs;
}

std::size_t event_proofs::count() const noexcept {
  return (encoded_.size() - leaves_.size() * leaf_extra) / encoded_salt;
}

void event_proofs::add(const event_proof& proof) {
  if (proof.is_leaf()) leaves_.push_back(static_cast<std::uint32_t>(count()));
  encoded_ += static_cast<char>(proof.bytes().size());
  encoded_ += proof.bytes();
}

void event_proofs::append(const event_proofs& others) {
  const auto before = static_cast<std::uint32_t>(count());
  for (const auto index : others.leaves_) leaves_.push_back(before + index);
  encoded_ += others.encoded_;
}

void event_proofs::trim() {
  constexpr std::size_t tolerated = 256;
  if (encoded_.capacity() - encoded_.size() > tolerated) encoded_.shrink_to_fit();
  if ((leaves_.capacity() - leaves_.size()) * sizeof(leaves_.front()) > tolerated) leaves_.shrink_to_fit();
}

event_proof event_proofs::at(std::size_t index) const {
  const auto leaves_before = std::ranges::lower_bound(leaves_, index) - leaves_.begin();
  const auto rest = std::string_view{encoded_}.substr(index * encoded_salt +
                                                      static_cast<std::size_t>(leaves_before) * leaf_extra);
  const auto proof = event_proof::parse(rest.substr(1, front_size(rest) - 1));
  assert(proof);
  return *proof;
}

}  // namespace sandbase
