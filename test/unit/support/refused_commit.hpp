// SPDX-License-Identifier: Apache-2.0
// What a store makes of a commit that it has refused, for what stands before a real one and refuses in its
// place.
#pragma once

#include "persistence/event_store.hpp"

#include <span>
#include <variant>
#include <vector>

namespace sandbase::test {

/// Nothing of `ops` is stored, and the store knows it: whose append it was must claim anew, whose seal it was
/// is asked for another one. Fails as the store does, if it does.
inline result<void> refuse_commit(event_store& store, std::span<const store_op> ops) {
  std::vector<store_op> refused;
  for (const auto& op : ops) {
    if (const auto* append = std::get_if<append_op>(&op)) {
      auto misplaced = *append;
      misplaced.first_seq = 0;
      refused.emplace_back(std::move(misplaced));
    } else if (const auto* seal = std::get_if<seal_op>(&op)) {
      auto empty = *seal;
      empty.blocks.clear();
      refused.emplace_back(std::move(empty));
    }
  }
  if (refused.empty()) return {};
  const auto outcomes = store.commit(refused);
  if (!outcomes) return outcomes.error();
  return {};
}

}  // namespace sandbase::test
