// SPDX-License-Identifier: Apache-2.0
// A session_summary as nodes tell it each other (peer_wire.hpp): in records and in answers to edges.
#pragma once

#include "actors/cluster/peer_wire.hpp"
#include "events/event/catalog.hpp"
#include "events/session/session_summary.hpp"

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sandbase::peer {

/// A list: how many, and `member(one)` for each. Writes and reads.
template <class F, class T, class Member>
void as_list(F& f, std::vector<T>& all, Member member) requires std::is_same_v<F, wire_reader> {
  for (auto n = f.template number<std::uint32_t>(); f.is_good() && n > 0; --n) {
    T one{};
    member(one);
    if (f.is_good()) all.push_back(std::move(one));
  }
}
template <class F, class T, class Member>
void as_list(F& f, const std::vector<T>& all, Member member) requires std::is_same_v<F, wire_writer> {
  f(static_cast<std::uint32_t>(all.size()));
  for (const auto& one : all) member(one);
}

template <class F>
void pending_members(F& f, one_of<pending_tool_use> auto& use) {
  constexpr bool reads = std::is_same_v<F, wire_reader>;
  std::string type;
  if constexpr (!reads) type = name_of(use.type);
  f(use.id), f(type), f(use.awaits_confirmation), f(use.name);
  if constexpr (reads) use.type = find_type(type);
}

template <class F>
void summary_members(F& f, one_of<session_summary> auto& s) {
  auto status = static_cast<std::uint8_t>(s.status);
  f(s.id), f(status), f(s.title), f(s.agent_id), f(s.agent_version), f(s.deployment_id), f(s.memory_stores);
  f(s.created_at), f(s.updated_at), f(s.archived_at);
  as_list(f, s.pending, [&f](auto& use) { pending_members(f, use); });
  f(s.last_seq), f(s.last_id), f(s.head);
  if constexpr (std::is_same_v<F, wire_reader>) {
    if (status > static_cast<std::uint8_t>(session_status::terminated)) return f.blame();
    s.status = static_cast<session_status>(status);
  }
}

}  // namespace sandbase::peer
