// SPDX-License-Identifier: Apache-2.0
// Asking clients' connections whether answers were taken.
#pragma once

#include "actors/messages/all.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace sandbase {

/// How often receipts are asked that do not know yet.
inline constexpr std::chrono::milliseconds receipt_interval{25};
/// How often tries that are too old are let go of.
inline constexpr std::chrono::seconds try_sweep_interval{10};

/// Calls f(states), in the order of `receipts`, on the actor `self`. @pre !receipts.empty()
template <class Self, class F>
void look_at(Self* self, const std::vector<receipt_ptr>& receipts, F f) {
  constexpr std::chrono::seconds patience{5};
  struct looks {
    std::vector<receipt::state> states;
    std::size_t left = 0;
    F then;
  };
  const auto all = std::make_shared<looks>(looks{{}, receipts.size(), std::move(f)});
  all->states.resize(all->left, receipt::state::lost);
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    const auto& of = receipts[i];
    const auto told = [all, i](receipt::state now) {
      all->states[i] = now;
      if (--all->left == 0) all->then(all->states);
    };
    // Who does not answer has no client that takes anything either; while the server ends nobody is left.
    const auto not_told = [told, of] {
      told(of->known() == receipt::state::taken ? receipt::state::taken : receipt::state::lost);
    };
    if (!of->thread()) {
      not_told();
      continue;
    }
    self->request(of->thread(), patience, receipt_query{of})
        .then([told](const receipt_told& r) { told(r.now); }, [not_told](const caf::error&) { not_told(); });
  }
}

}  // namespace sandbase
