// SPDX-License-Identifier: Apache-2.0
// A session's log as a test makes it: valid events with ids, times and
// chain, and the operations that store them.
#pragma once

#include "events/event/event_facts.hpp"
#include "events/event/tombstone.hpp"
#include "events/log/log_slice.hpp"
#include "persistence/event_store.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sandbase::test {

inline timestamp at_ms(std::int64_t ms) {
  return timestamp{std::chrono::milliseconds{1'750'000'000'000 + ms}};
}

class test_log {
 public:
  explicit test_log(std::string id, timestamp created_at = at_ms(0)) {
    auto& d = header.definition.edit();
    d.id = std::move(id);
    d.created_at = created_at;
    d.environment_id = "env_1";
    d.agent_id = "agent_1";
    header.progress.tip.updated_at = created_at;
  }

  session_key key = 0;
  workspace_key workspace = 0;
  /// Of the last claim.
  epoch_t epoch = 0;
  /// As of the last event made.
  session_header header;
  /// Of every event made.
  std::vector<std::string> jsons;
  std::vector<event_proof> proofs;
  /// What the text of events to come consists of.
  std::string filling = "x";

  seq_t last() const { return header.progress.tip.last_seq; }
  std::string id_of(seq_t seq) const { return ids_[seq - 1]; }
  std::shared_ptr<const session_header> shared_header() const {
    return std::make_shared<session_header>(header);
  }

  /// The next event; its JSON is about `size` bytes. Its id tells its place unless `id` gives another.
  journal_event make(std::string_view type = "agent.message", std::size_t size = 200, std::string id = {}) {
    const auto seq = last() + 1;
    const auto time = at_ms(static_cast<std::int64_t>(seq));
    if (id.empty()) id = make_event_id(time, seq, seq);
    std::string json = R"({"id":")" + id + R"(","type":")" + std::string{type} + R"(","text":")";
    for (const auto start = json.size(); size > json.size() + 50;)
      json += filling[(json.size() - start) % filling.size()];
    json += R"(","processed_at":")" + format_timestamp(time) + R"("})";
    // Logs that make the same events have the same heads.
    const auto hash = sha256(json);
    const auto proof =
        *event_proof::parse({reinterpret_cast<const char*>(hash.data()), event_proof::salt_bytes});
    const auto head = next_head(header.progress.tip.head, proof.leaf_of(json));
    header.progress.apply(facts_of(json), seq, id, time, head);
    jsons.push_back(json);
    proofs.push_back(proof);
    ids_.push_back(id);
    heads_.push_back(head);
    return {json, head, 7, proof};
  }

  create_op create(std::size_t events = 0) {
    create_op op;
    op.workspace = workspace;
    for (std::size_t i = 0; i < events; ++i) op.events.push_back(make());
    op.header = shared_header();
    return op;
  }

  append_op append(std::size_t events = 1, std::size_t size = 200) {
    auto op = append_nothing();
    for (std::size_t i = 0; i < events; ++i) add(op, make("agent.message", size));
    return op;
  }
  append_op append_nothing() const {
    append_op op;
    op.session = key;
    op.workspace = workspace;
    op.epoch = epoch;
    op.first_seq = last() + 1;
    op.previous_head = header.progress.tip.head;
    op.tip = header.progress.tip;
    return op;
  }
  /// The event that was made last, into an append.
  void add(append_op& op, journal_event event) const {
    op.events.push_back(std::move(event));
    op.tip = header.progress.tip;
  }

  /// Erases an event, as the session's actor would.
  append_op erase(seq_t seq) {
    auto op = append_nothing();
    const auto was = jsons[seq - 1];
    header.progress.forget(facts_of(was), id_of(seq));
    op.erases = event_erasure{seq, *render_tombstone(was, at_ms(0), "erased by a test")};
    add(op, make("session.event_redacted"));
    op.header = shared_header();
    proofs[seq - 1] = event_proof::from_leaf(proofs[seq - 1].leaf_of(was));
    jsons[seq - 1] = op.erases->tombstone;
    return op;
  }

  /// Events first..last as they are sealed.
  log_block_ptr block(seq_t first, seq_t last) const {
    log_block_builder builder{first, first == 1 ? digest{} : heads_[first - 2]};
    for (auto seq = first; seq <= last; ++seq) {
      const auto facts = facts_of(jsons[seq - 1]);
      builder.add(facts.type, id_of(seq), at_ms(static_cast<std::int64_t>(seq)), jsons[seq - 1],
                  proofs[seq - 1]);
    }
    return builder.finish();
  }

  /// One block for each (first, last).
  seal_op seal(const std::vector<std::pair<seq_t, seq_t>>& ranges) const {
    seal_op op{key, epoch, {}, shared_header()};
    for (const auto& [first, end] : ranges) op.blocks.push_back(block(first, end));
    return op;
  }

  std::vector<std::string> range(seq_t first, seq_t end) const {
    return {jsons.begin() + static_cast<std::ptrdiff_t>(first - 1),
            jsons.begin() + static_cast<std::ptrdiff_t>(end)};
  }

 private:
  std::vector<std::string> ids_;
  std::vector<digest> heads_;
};

inline std::vector<std::string> jsons_of(const log_slice& slice) {
  std::vector<std::string> all;
  for (const auto& span : slice.spans)
    for (auto seq = span.first; seq <= span.last; ++seq) all.emplace_back(span.block->json(seq));
  return all;
}

inline std::vector<std::string> jsons_of(const std::vector<journal_event>& events) {
  std::vector<std::string> all;
  for (const auto& e : events) all.emplace_back(e.json);
  return all;
}

}  // namespace sandbase::test
