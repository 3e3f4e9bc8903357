// SPDX-License-Identifier: Apache-2.0
// The end of a session's log in memory: the unsealed blocks, which exist nowhere else in this form, and as
// many sealed ones before them as a budget allows. Plain data structure of the session actor.
#pragma once

#include "events/log/log_slice.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <boost/container/deque.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sandbase {

class log_tail {
 public:
  /// Empty, behind `sealed_seq`.
  explicit log_tail(seq_t sealed_seq = 0) : sealed_seq_(sealed_seq), last_seq_(sealed_seq) {}

  seq_t first_seq() const { return blocks_.empty() ? last_seq_ + 1 : blocks_.front()->first_seq(); }
  seq_t last_seq() const { return last_seq_; }
  seq_t sealed_seq() const { return sealed_seq_; }
  /// Bytes of frames behind sealed_seq().
  std::size_t unsealed_bytes() const { return unsealed_bytes_; }
  /// Bytes of frames of sealed blocks that are kept for readers.
  std::size_t cached_bytes() const { return bytes_ - unsealed_bytes_; }
  std::size_t block_count() const { return blocks_.size(); }

  /// Adds a durable block. @pre block->first_seq() == last_seq() + 1
  void push(log_block_ptr block);
  /// Adds sealed events before the first. @returns false if they do not end
  /// at first_seq() - 1; then nothing happens
  bool prepend(const log_slice& slice);

  /// Whether `seq` is held.
  bool holds(seq_t seq) const { return seq >= first_seq() && seq <= last_seq_; }
  /// The block that holds `seq`. @pre holds(seq)
  const log_block& block_of(seq_t seq) const;

  /// Events in (after, up_to], the first that fit `max_bytes`, at least
  /// one. @pre after + 1 >= first_seq(), up_to <= last_seq()
  log_slice slice(seq_t after, seq_t up_to, std::size_t max_bytes);
  /// The last that fit, still oldest first. Stops at first_seq() even if
  /// `after` lies before it. @pre up_to >= first_seq()
  log_slice slice_back(seq_t after, seq_t up_to, std::size_t max_bytes);

  /// The place of the event with this id: of one that is held if the id tells its place, of one that is not
  /// sealed if it does not. 0: none of these; what is sealed has an index in the store.
  seq_t find(std::string_view id) const;

  /// Puts `tombstone` in place of an event, if it is held. The blocks that readers have already stay as they
  /// are.
  void erase(seq_t seq, std::string_view tombstone);

  /// Looks for the next event that `what` selects, as event_reader::search does, at once. @pre forwards as
  /// for slice(), backwards as for slice_back()
  search_result search(const search_range& range, const event_selection& what) const;

  /// The unsealed events as blocks of about sealed_block_bytes; the tail then holds these blocks and keeps
  /// them apart from what comes later.
  std::vector<log_block_ptr> blocks_to_seal();
  /// Everything up to `seq` is sealed. @pre seq is the last of a block
  void mark_sealed(seq_t seq);
  /// The same of all blocks that end there or before.
  void mark_sealed_up_to(seq_t seq);
  /// Lets go of sealed blocks, oldest first, until cached_bytes() <= budget.
  void trim(std::size_t budget);

 private:
  /// Ids that do not tell their places.
  struct foreign_ids {
    struct hash : std::hash<std::string_view> {
      using is_transparent = void;
    };
    std::unordered_map<std::string, seq_t, hash, std::equal_to<>> places;
    /// Of the events up to here that are not sealed.
    seq_t up_to = 0;
  };

  std::size_t index_of(seq_t seq) const;
  void consolidate();
  void read_foreign_ids() const;

  /// Most sessions have one block or none.
  using small_chunks = boost::container::deque_options_t<boost::container::block_size<8>>;
  boost::container::deque<log_block_ptr, void, small_chunks> blocks_;
  seq_t sealed_seq_;
  /// Last event of blocks_to_seal().
  seq_t sealing_seq_ = 0;
  seq_t last_seq_;
  std::size_t bytes_ = 0;
  std::size_t unsealed_bytes_ = 0;
  /// Made when it is first asked for: most sessions have none, and nobody asks.
  mutable std::unique_ptr<foreign_ids> foreign_;
};

}  // namespace sandbase
