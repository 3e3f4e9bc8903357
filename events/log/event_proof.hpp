// SPDX-License-Identifier: Apache-2.0
// What is kept beside an event so that its place in the hash chain can be proved, whatever becomes of its
// payload: leaf(n) = SHA-256(salt(n) ‖ JSON bytes of event n). An event has its salt; once its payload was
// erased, it has the leaf instead. Without the salt the payload cannot be guessed from the leaf.
#pragma once

#include "events/base/result.hpp"
#include "events/log/hash_chain.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// A salt or a leaf. Plain value.
class event_proof {
 public:
  static constexpr std::size_t salt_bytes = 16;
  static constexpr std::size_t leaf_bytes = sizeof(digest);

  /// A salt of zero bytes, for what is not yet known.
  event_proof() = default;
  /// A random salt (random_bytes.hpp).
  static event_proof make_salt();
  static event_proof from_leaf(const digest& leaf);
  /// A salt's or a leaf's own bytes; empty if there are neither as many as of the one nor of the other.
  static std::optional<event_proof> parse(std::string_view bytes);

  /// The payload was erased: `leaf` is all that is left of it.
  bool is_leaf() const noexcept { return size_ == leaf_bytes; }
  std::string_view bytes() const noexcept { return {reinterpret_cast<const char*>(bytes_.data()), size_}; }
  /// Of the event that has this JSON. Once it was erased: of what it was.
  digest leaf_of(std::string_view json) const;

  bool operator==(const event_proof&) const = default;

 private:
  explicit event_proof(std::string_view bytes);

  std::array<std::uint8_t, leaf_bytes> bytes_{};
  std::uint8_t size_ = salt_bytes;
};

/// The proofs of consecutive events as blocks hold them and the store keeps them: for each its size (u8: 16
/// or 32) and its bytes.
class event_proofs {
 public:
  event_proofs() = default;
  /// `corrupt` unless `encoded` is exactly `count` of them.
  static result<event_proofs> parse(std::string_view encoded, std::size_t count);

  void reserve(std::size_t bytes) { encoded_.reserve(bytes); }
  void add(const event_proof& proof);
  void append(const event_proofs& others);
  /// Gives back room that growing left, if that is worth a copy.
  void trim();

  /// @pre there are more than `index`
  event_proof at(std::size_t index) const;
  std::string_view encoded() const noexcept { return encoded_; }
  /// Bytes of memory that they hold.
  std::size_t capacity() const noexcept {
    return encoded_.capacity() + leaves_.capacity() * sizeof(leaves_.front());
  }

 private:
  /// Of the proofs at hand.
  std::size_t count() const noexcept;

  std::string encoded_;
  /// Which of them are leaves, ascending: all others have one size, so that each is found without a walk over
  /// those before it.
  std::vector<std::uint32_t> leaves_;
};

}  // namespace sandbase
