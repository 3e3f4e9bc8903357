// SPDX-License-Identifier: Apache-2.0
#include "actors/log/log_tail.hpp"

#include <algorithm>
#include <cassert>

namespace sandbase {

namespace {

/// More blocks than this beyond what their bytes ask for are joined before a reader gets them: each one costs
/// an entry in its gather write.
constexpr std::size_t tolerated_small_blocks = 16;

/// Joins neighbours into blocks of about sealed_block_bytes.
std::vector<log_block_ptr> join_neighbours(const std::vector<log_block_ptr>& blocks) {
  std::vector<log_block_ptr> joined;
  std::vector<log_block_ptr> group;
  std::size_t bytes = 0;
  const auto close = [&] {
    if (group.size() == 1) joined.push_back(group.front());
    if (group.size() > 1) joined.push_back(log_block::join(group));
    group.clear();
    bytes = 0;
  };
  for (const auto& block : blocks) {
    const auto size = block->frames().size();
    if (bytes > 0 && bytes + size > sealed_block_bytes + sealed_block_bytes / 2) close();
    group.push_back(block);
    bytes += size;
    if (bytes >= sealed_block_bytes) close();
  }
  close();
  return joined;
}

}  // namespace

void log_tail::push(log_block_ptr block) {
  assert(block->first_seq() == last_seq_ + 1);
  last_seq_ = block->last_seq();
  bytes_ += block->frames().size();
  unsealed_bytes_ += block->frames().size();
  blocks_.push_back(std::move(block));
}

bool log_tail::prepend(const log_slice& slice) {
  if (slice.empty() || slice.last_seq() + 1 != first_seq()) return false;
  for (auto i = slice.spans.rbegin(); i != slice.spans.rend(); ++i) {
    // A cut block is not worth keeping: its first part would have to be read again.
    if (i->first != i->block->first_seq() || i->last != i->block->last_seq()) break;
    bytes_ += i->block->frames().size();
    blocks_.push_front(i->block);
  }
  return true;
}

std::size_t log_tail::index_of(seq_t seq) const {
  const auto i = std::upper_bound(blocks_.begin(), blocks_.end(), seq,
                                  [](seq_t s, const log_block_ptr& block) { return s < block->first_seq(); });
  return static_cast<std::size_t>(i - blocks_.begin()) - 1;
}

const log_block& log_tail::block_of(seq_t seq) const {
  assert(holds(seq));
  return *blocks_[index_of(seq)];
}

void log_tail::consolidate() {
  if (blocks_.size() <= bytes_ / sealed_block_bytes + tolerated_small_blocks) return;
  std::vector<log_block_ptr> sealed;
  std::vector<log_block_ptr> sealing;
  std::vector<log_block_ptr> later;
  for (auto& block : blocks_) {
    const auto first = block->first_seq();
    (first <= sealed_seq_ ? sealed : first <= sealing_seq_ ? sealing : later).push_back(std::move(block));
  }
  blocks_.clear();
  for (const auto* part : {&sealed, &sealing, &later})
    for (auto& block : join_neighbours(*part)) blocks_.push_back(std::move(block));
}

log_slice log_tail::slice(seq_t after, seq_t up_to, std::size_t max_bytes) {
  log_slice out;
  if (after >= up_to) return out;
  consolidate();
  std::size_t bytes = 0;
  for (auto i = index_of(after + 1); i < blocks_.size() && blocks_[i]->first_seq() <= up_to; ++i) {
    const auto& block = blocks_[i];
    const auto first = std::max(after + 1, block->first_seq());
    auto last = std::min(up_to, block->last_seq());
    if (bytes + block->frames(first, last).size() > max_bytes) {
      // Cut inside the block: as many as fit, at least one in all.
      auto fits = first - 1;
      while (fits < last && bytes + block->frames(first, fits + 1).size() <= max_bytes) ++fits;
      if (fits < first && bytes > 0) break;
      last = std::max(fits, first);
      out.spans.push_back({block, first, last});
      break;
    }
    bytes += block->frames(first, last).size();
    out.spans.push_back({block, first, last});
  }
  return out;
}

log_slice log_tail::slice_back(seq_t after, seq_t up_to, std::size_t max_bytes) {
  log_slice out;
  if (after >= up_to) return out;
  consolidate();
  std::size_t bytes = 0;
  for (auto i = index_of(up_to) + 1; i-- > 0 && blocks_[i]->last_seq() > after;) {
    const auto& block = blocks_[i];
    auto first = std::max(after + 1, block->first_seq());
    const auto last = std::min(up_to, block->last_seq());
    if (bytes + block->frames(first, last).size() > max_bytes) {
      auto fits = last + 1;
      while (fits > first && bytes + block->frames(fits - 1, last).size() <= max_bytes) --fits;
      if (fits > last && bytes > 0) break;
      first = std::min(fits, last);
      out.spans.push_back({block, first, last});
      break;
    }
    bytes += block->frames(first, last).size();
    out.spans.push_back({block, first, last});
  }
  std::reverse(out.spans.begin(), out.spans.end());
  return out;
}

seq_t log_tail::find(std::string_view id) const {
  if (const auto place = told_place(id); place && holds(*place) && block_of(*place).id(*place) == id)
    return *place;
  if (last_seq_ == sealed_seq_) return 0;
  read_foreign_ids();
  const auto found = foreign_->places.find(id);
  return found == foreign_->places.end() ? 0 : found->second;
}

/// Takes in what has come since it was last called: each event is looked at once.
void log_tail::read_foreign_ids() const {
  if (!foreign_) foreign_ = std::make_unique<foreign_ids>();
  auto seq = std::max(foreign_->up_to, sealed_seq_) + 1;
  if (seq > last_seq_) return;
  for (auto i = index_of(seq); i < blocks_.size(); ++i)
    for (const auto& block = *blocks_[i]; seq <= block.last_seq(); ++seq)
      if (const auto id = block.id(seq); told_place(id) != seq) foreign_->places.emplace(id, seq);
  foreign_->up_to = last_seq_;
}

void log_tail::erase(seq_t seq, std::string_view tombstone) {
  if (!holds(seq)) return;
  auto& block = blocks_[index_of(seq)];
  const auto before = block->frames().size();
  block = block->with_tombstone(seq, tombstone);
  const auto now = block->frames().size();
  bytes_ = bytes_ - before + now;
  if (block->first_seq() > sealed_seq_) unsealed_bytes_ = unsealed_bytes_ - before + now;
}

search_result log_tail::search(const search_range& range, const event_selection& what) const {
  const auto& times = what.times();
  if (range.backwards) {
    auto at = range.up_to;
    for (const auto front = std::max(range.after, first_seq() - 1); at > front; --at) {
      const auto& block = block_of(at);
      if (times.surely_too_early(block.mark(at).time)) return {at, false, true};
      if (what.passes(block, at)) return {at, true, false};
    }
    return {at, false, false};
  }
  for (auto at = range.after + 1; at <= range.up_to; ++at) {
    const auto& block = block_of(at);
    if (times.surely_too_late(block.mark(at).time)) return {at - 1, false, true};
    if (what.passes(block, at)) return {at - 1, true, false};
  }
  return {std::max(range.after, range.up_to), false, false};
}

std::vector<log_block_ptr> log_tail::blocks_to_seal() {
  const auto start = std::find_if(blocks_.begin(), blocks_.end(), [this](const log_block_ptr& block) {
    return block->first_seq() > sealed_seq_;
  });
  auto joined = join_neighbours({start, blocks_.end()});
  blocks_.erase(start, blocks_.end());
  blocks_.insert(blocks_.end(), joined.begin(), joined.end());
  sealing_seq_ = last_seq_;
  return joined;
}

void log_tail::mark_sealed(seq_t seq) {
  for (const auto& block : blocks_) {
    if (block->first_seq() <= sealed_seq_ || block->first_seq() > seq) continue;
    assert(block->last_seq() <= seq);
    unsealed_bytes_ -= block->frames().size();
  }
  sealed_seq_ = std::max(sealed_seq_, seq);
  if (!foreign_) return;
  std::erase_if(foreign_->places, [seq](const auto& at) { return at.second <= seq; });
  if (foreign_->places.empty()) foreign_.reset();
}

void log_tail::mark_sealed_up_to(seq_t seq) {
  auto last = sealed_seq_;
  for (const auto& block : blocks_)
    if (block->last_seq() <= seq) last = std::max(last, block->last_seq());
  if (last > sealed_seq_) mark_sealed(last);
}

void log_tail::trim(std::size_t budget) {
  while (!blocks_.empty() && blocks_.front()->last_seq() <= sealed_seq_ && cached_bytes() > budget) {
    bytes_ -= blocks_.front()->frames().size();
    blocks_.pop_front();
  }
}

}  // namespace sandbase
