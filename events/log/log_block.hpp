// SPDX-License-Identifier: Apache-2.0
// An immutable run of consecutive events of one session, as finished SSE
// frames: what replay and fan-out write to sockets, what List Events cuts
// its JSON out of, and what a sealed segment stores. Shared, never copied.
#pragma once

#include "events/base/result.hpp"
#include "events/base/timestamp.hpp"
#include "events/ids/event_id.hpp"
#include "events/log/event_proof.hpp"
#include "events/log/hash_chain.hpp"
#include "events/log/log_marks.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// Size at which a session seals its tail, in bytes of frames.
inline constexpr std::size_t sealed_block_bytes = std::size_t{64} * 1024;

class log_block;
using log_block_ptr = std::shared_ptr<const log_block>;

class log_block {
 public:
  /// Takes a run of frames apart from its parts. @pre !marks.empty(), marks ascend, marks.back().end ==
  /// frames.size(), as many proofs as marks
  log_block(seq_t first_seq, std::string frames, std::vector<event_mark> marks, event_proofs proofs,
            const digest& head);

  seq_t first_seq() const noexcept { return first_seq_; }
  seq_t last_seq() const noexcept { return first_seq_ + marks_.size() - 1; }
  std::size_t count() const noexcept { return marks_.size(); }
  /// All frames, one behind the other.
  std::string_view frames() const noexcept { return frames_; }
  /// Hash chain after last_seq().
  const digest& head() const noexcept { return head_; }
  /// Bytes of memory that the block holds.
  std::size_t footprint() const noexcept;

  // All below: @pre first_seq() <= seq && seq <= last_seq()
  const event_mark& mark(seq_t seq) const { return marks_[seq - first_seq_]; }
  std::string_view frame(seq_t seq) const { return frames(seq, seq); }
  std::string_view frames(seq_t first, seq_t last) const;
  std::string_view json(seq_t seq) const;
  std::string_view id(seq_t seq) const;
  /// The type's name as the event shows it.
  std::string_view type_name(seq_t seq) const;
  event_proof proof(seq_t seq) const { return proofs_.at(seq - first_seq_); }

  /// Everything but the frames, as the store keeps it beside them (log_marks.hpp).
  std::string encode_marks() const;
  /// The inverse; `corrupt` if the parts do not fit each other.
  static result<log_block_ptr> decode(seq_t first_seq, std::string_view marks, std::string frames);
  /// Joins consecutive blocks into one. @pre !parts.empty(), each starts where the one before ends
  static log_block_ptr join(const std::vector<log_block_ptr>& parts);
  /// A copy in which `tombstone` (tombstone.hpp) stands in place of the event `seq`, whose leaf is kept.
  /// @pre holds `seq`; `tombstone` is that event's
  log_block_ptr with_tombstone(seq_t seq, std::string_view tombstone) const;

 private:
  std::uint32_t begin_of(seq_t seq) const { return seq == first_seq_ ? 0 : marks_[seq - first_seq_ - 1].end; }

  seq_t first_seq_;
  std::string frames_;
  std::vector<event_mark> marks_;
  event_proofs proofs_;
  digest head_;
};

/// Collects events into a block, keeping the hash chain.
class log_block_builder {
 public:
  /// `head`: the chain before `first_seq`.
  log_block_builder(seq_t first_seq, const digest& head) : first_seq_(first_seq), head_(head) {}

  /// Appends an event; a new one gets a salt. @pre `json` is one line, the event's whole JSON; bytes() + the
  /// frame fits 32 bits
  void add(event_type type, std::string_view id, timestamp time, std::string_view json,
           const event_proof& proof = event_proof::make_salt());

  /// The same with the chain after the event known already.
  void add_with_head(event_type type, std::string_view id, timestamp time, std::string_view json,
                     const event_proof& proof, const digest& head);

  bool empty() const noexcept { return marks_.empty(); }
  seq_t next_seq() const noexcept { return first_seq_ + marks_.size(); }
  std::size_t bytes() const noexcept { return frames_.size(); }
  const digest& head() const noexcept { return head_; }
  /// The finished block; the builder then goes on behind it, empty. @pre !empty()
  log_block_ptr finish();

 private:
  seq_t first_seq_;
  digest head_;
  std::string frames_;
  std::vector<event_mark> marks_;
  event_proofs proofs_;
};

}  // namespace sandbase
