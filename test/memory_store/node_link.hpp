// SPDX-License-Identifier: Apache-2.0
// A node's connection to its database, and what goes wrong with it.
#pragma once

#include "events/base/result.hpp"

#include <cstdint>
#include <functional>

namespace sandbase::memory {

enum class store_call : std::uint8_t { commit, claim, housekeep, change, read };

/// What becomes of one call. A commit that may have been stored answers `unknown_outcome`; everything else
/// that did not get its answer is `unavailable`.
enum class link_fault : std::uint8_t {
  none,
  /// It is not carried out.
  refused,
  /// It is carried out.
  answer_lost,
  /// A commit stays under way: it is applied later, or never. Else: as refused.
  late,
  /// The same, and the connection is down from then on.
  cut,
};

/// Of one node, its writer, readers and operators. One thread.
struct node_link {
  /// While it is down every call is `unavailable`.
  bool is_up = true;
  /// Asked at each call while it is up. Empty: nothing goes wrong.
  std::function<link_fault(store_call)> fault;
  /// Told of each call that is no commit and was carried out, before its answer. Empty: nobody.
  std::function<void(store_call)> carried_out;

  link_fault begin(store_call call) {
    const auto what = !is_up ? link_fault::refused : fault ? fault(call) : link_fault::none;
    if (what == link_fault::cut) is_up = false;
    return what;
  }
  static failure unavailable() { return {errc::unavailable, "the database cannot be reached, try again"}; }

  /// Carries out a call that is no commit. @returns what `f` does, a result
  template <class F>
  auto carry(store_call call, F&& f) -> decltype(f()) {
    const auto what = begin(call);
    if (what != link_fault::none && what != link_fault::answer_lost) return unavailable();
    auto done = f();
    if (carried_out) carried_out(call);
    if (what == link_fault::answer_lost) return unavailable();
    return done;
  }
};

}  // namespace sandbase::memory
