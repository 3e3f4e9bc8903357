// SPDX-License-Identifier: Apache-2.0
#include "events/log/log_block.hpp"

#include "events/event/stored_layout.hpp"
#include "events/log/frame.hpp"

#include <cassert>
#include <fmt/core.h>

namespace sandbase {

namespace {

/// Whether `frame` is laid out as append_frame does for an id of that size.
bool is_frame(std::string_view frame, std::size_t id_size) {
  if (id_size == 0 || frame.size() < frame_size(id_size, 0)) return false;
  return frame.starts_with(frame_before_id) && frame.ends_with(frame_end) &&
         frame.substr(frame_before_id.size() + id_size).starts_with(frame_before_json);
}

failure broken(std::string_view what) { return {errc::corrupt, fmt::format("log block: {}", what)}; }

/// Blocks live long; room left over from growing would be held as long. A copy pays from a quarter on.
template <class Container>
void trim(Container& c) {
  if (c.capacity() - c.size() > c.size() / 4) c.shrink_to_fit();
}

}  // namespace

log_block::log_block(seq_t first_seq, std::string frames, std::vector<event_mark> marks, event_proofs proofs,
                     const digest& head)
    : first_seq_(first_seq),
      frames_(std::move(frames)),
      marks_(std::move(marks)),
      proofs_(std::move(proofs)),
      head_(head) {
  assert(!marks_.empty() && marks_.back().end == frames_.size());
}

std::size_t log_block::footprint() const noexcept {
  return sizeof(log_block) + frames_.capacity() + marks_.capacity() * sizeof(event_mark) + proofs_.capacity();
}

std::string_view log_block::frames(seq_t first, seq_t last) const {
  assert(first_seq() <= first && first <= last && last <= last_seq());
  const auto begin = begin_of(first);
  return std::string_view{frames_}.substr(begin, mark(last).end - begin);
}

std::string_view log_block::json(seq_t seq) const { return frame_json(frame(seq), mark(seq).id_size); }

std::string_view log_block::id(seq_t seq) const { return frame_id(frame(seq), mark(seq).id_size); }

std::string_view log_block::type_name(seq_t seq) const {
  if (mark(seq).type != event_type::custom) return name_of(mark(seq).type);
  const auto front = stored_layout::read_front(json(seq));
  return front && front->id == id(seq) ? front->type_name : std::string_view{};
}

std::string log_block::encode_marks() const {
  log_marks_writer out{head_, marks_.size(), proofs_};
  for (auto seq = first_seq(); seq <= last_seq(); ++seq)
    out.add(mark(seq), mark(seq).type == event_type::custom ? type_name(seq) : std::string_view{});
  return std::move(out).take();
}

result<log_block_ptr> log_block::decode(seq_t first_seq, std::string_view marks, std::string frames) {
  const auto encoded = log_marks::parse(marks);
  if (!encoded) return encoded.error();
  auto proofs = encoded->proofs();
  if (!proofs) return std::move(proofs).error();
  std::vector<event_mark> parsed;
  parsed.reserve(encoded->count());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < encoded->count(); ++i) {
    event_mark m;
    m.end = encoded->end(i);
    m.id_size = encoded->id_size(i);
    m.time = encoded->time(i);
    const auto type = encoded->type_code(i);
    const bool is_name = type >= first_name_code;
    if (!is_name && (type >= event_type_count || type == static_cast<std::uint16_t>(event_type::custom)))
      return broken("a mark has an unknown event type");
    m.type = is_name ? event_type::custom : static_cast<event_type>(type);
    if (m.end <= begin || m.end > frames.size()) return broken("a mark points outside of the frames");
    if (!is_frame(std::string_view{frames}.substr(begin, m.end - begin), m.id_size))
      return broken("a mark does not match its frame");
    begin = m.end;
    parsed.push_back(m);
  }
  if (begin != frames.size()) return broken("there are bytes behind the last frame");
  return log_block_ptr{std::make_shared<log_block>(first_seq, std::move(frames), std::move(parsed),
                                                   *std::move(proofs), encoded->head())};
}

log_block_ptr log_block::join(const std::vector<log_block_ptr>& parts) {
  assert(!parts.empty());
  if (parts.size() == 1) return parts.front();
  std::size_t bytes = 0;
  std::size_t count = 0;
  std::size_t proof_bytes = 0;
  for (const auto& part : parts) {
    bytes += part->frames_.size();
    count += part->marks_.size();
    proof_bytes += part->proofs_.encoded().size();
  }
  std::string frames;
  std::vector<event_mark> marks;
  event_proofs proofs;
  frames.reserve(bytes);
  marks.reserve(count);
  proofs.reserve(proof_bytes);
  for (const auto& part : parts) {
    assert(part->first_seq() == parts.front()->first_seq() + marks.size());
    const auto shift = static_cast<std::uint32_t>(frames.size());
    frames.append(part->frames_);
    proofs.append(part->proofs_);
    for (auto m : part->marks_) {
      m.end += shift;
      marks.push_back(m);
    }
  }
  return std::make_shared<log_block>(parts.front()->first_seq(), std::move(frames), std::move(marks),
                                     std::move(proofs), parts.back()->head());
}

log_block_ptr log_block::with_tombstone(seq_t seq, std::string_view tombstone) const {
  log_block_builder out{first_seq_, {}};
  for (auto at = first_seq(); at <= last_seq(); ++at) {
    const auto& m = mark(at);
    if (at != seq)
      out.add_with_head(m.type, id(at), m.time, json(at), proof(at), head_);
    else
      out.add_with_head(m.type, id(at), m.time, tombstone,
                        event_proof::from_leaf(proof(at).leaf_of(json(at))), head_);
  }
  return out.finish();
}

void log_block_builder::add(event_type type, std::string_view id, timestamp time, std::string_view json,
                            const event_proof& proof) {
  add_with_head(type, id, time, json, proof, next_head(head_, proof.leaf_of(json)));
}

void log_block_builder::add_with_head(event_type type, std::string_view id, timestamp time,
                                      std::string_view json, const event_proof& proof, const digest& head) {
  assert(!id.empty() && id.size() <= max_id_size && json.find('\n') == std::string_view::npos);
  append_frame(frames_, id, json);
  head_ = head;
  proofs_.add(proof);
  marks_.push_back(
      {static_cast<std::uint32_t>(frames_.size()), type, static_cast<std::uint8_t>(id.size()), time});
}

log_block_ptr log_block_builder::finish() {
  assert(!empty());
  const auto first = first_seq_;
  first_seq_ = next_seq();
  trim(frames_);
  trim(marks_);
  proofs_.trim();
  return std::make_shared<log_block>(first, std::exchange(frames_, {}), std::exchange(marks_, {}),
                                     std::exchange(proofs_, {}), head_);
}

}  // namespace sandbase
