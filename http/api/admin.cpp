// SPDX-License-Identifier: Apache-2.0
// The admin listener: is the process alive, and may traffic be sent to it?
#include "http/api/api.hpp"

namespace sandbase {

namespace {

/// Longer than any healthy store needs for one key.
constexpr std::chrono::seconds store_patience{2};
constexpr std::chrono::seconds commit_patience{5};

}  // namespace

void health_call(call& c) { c.answer(R"({"status":"ok"})"); }

void ready_call(call& c) {
  if (c.shared().draining) return c.fail(failure{errc::unavailable, "shutting down"});
  if (const auto* why = c.shared().actors.gate->why_closed()) return c.fail(*why);
  if (lasts(c.shared().actors.commits) > commit_patience)
    return c.fail(failure{errc::unavailable, "the oldest commit waits for the disk for more than 5 s"});
  c.set_deadline(store_patience, {errc::unavailable, "the store does not answer"});
  c.ask_reader<found_key>(
      c.shared().reader(c.shard().next_reader++), find_key{}, [&c](const result<found_key>& found) {
        if (!found)
          return c.fail(failure{errc::unavailable, "the store does not answer: " + found.error().message});
        c.answer(R"({"status":"ready"})");
      });
}

}  // namespace sandbase
