// SPDX-License-Identifier: Apache-2.0
#include "events/session/log_fold.hpp"

#include "events/event/event_facts.hpp"
#include "events/event/tombstone.hpp"

#include <fmt/core.h>

namespace sandbase {

result<stored_event> log_fold::take(seq_t seq, std::string_view json, const event_proof& proof,
                                    const digest& stored_head) {
  if (auto ok = walk_.step(seq, json, proof, stored_head); !ok) return std::move(ok).error();
  return fold(json, proof);
}

result<stored_event> log_fold::take(seq_t seq, std::string_view json, const event_proof& proof) {
  if (auto ok = walk_.step(seq, json, proof); !ok) return std::move(ok).error();
  return fold(json, proof);
}

namespace {

/// What a tombstone tells: the status, and that a use waits.
event_facts facts_without_payload(std::string_view tombstone) {
  auto facts = facts_of(tombstone);
  // Nobody could tell this outcome from others.
  if (facts.type == event_type::user_define_outcome) facts.type = event_type::custom;
  return facts;
}

}  // namespace

result<stored_event> log_fold::fold(std::string_view json, const event_proof& proof) {
  const auto seq = walk_.last_seq();
  const auto wrong = [&](errc code, std::string_view what) {
    return failure{code, fmt::format("event {}: {}", seq, what)};
  };
  auto event = read_stored_event(json);
  if (!event) return wrong(event.error().code, event.error().message);
  // Of an event that has a leaf the chain proves what it was, not what is shown in its place.
  if (proof.is_leaf() && !is_tombstone(json))
    return wrong(errc::corrupt, "its payload is not covered by the hash chain");
  if (proof.is_leaf()) untold_.note(event->type);
  const auto known = progress_.tip.last_seq;
  if (seq > known)
    progress_.apply(proof.is_leaf() ? facts_without_payload(json) : facts_of(json), seq, event->id,
                    event->time, walk_.head());
  else if (seq == known && progress_.tip.head != walk_.head())
    return wrong(errc::corrupt, "its hash chain is not the one in the session's header");
  return event;
}

}  // namespace sandbase
