// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/task.hpp"

#include <algorithm>
#include <array>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

/// In a run in which nothing fails or is slow, only a bound of the HTTP layer that the seed has drawn, or a
/// clock that has jumped over a patience, refuses for now. The journal's bound does not: it asks in time.
bool is_needless(const reply& r, const fault_rates& rates) {
  if (!rates.harmless() || rates.of(fault::commit_slow) > 0 || rates.of(fault::actor_starved) > 0)
    return false;
  constexpr std::array causes = {"http.max_", "the API key cannot be looked up now",
                                 "the store does not answer", "was not read within"};
  return std::ranges::none_of(causes, [&](const char* c) { return r.body.find(c) != std::string::npos; });
}

}  // namespace

bool task::is_excused(const reply& r, const session_facts* s) {
  const auto status = r.status();
  if (run_.strict && status != 200 && status != 404)
    run_.fail(fmt::format("{} is answered {} in calm times: {}", label(), status, r.body.substr(0, 200)));
  if (status == 503 || status == 429) {
    if (is_needless(r, run_.rates))
      run_.fail(fmt::format("{} is refused by {} though nothing is wrong: {}", label(), status,
                            r.body.substr(0, 200)));
    return true;
  }
  if (status == 500 && !run_.rates.harmless()) return true;
  if (status == 500 && may_be_late()) return true;
  if (status == 401 && who_.revocation_asked) return true;
  if (status == 404 && s && s->delete_asked) return true;
  if (status != 200 && status != 400 && status != 409 && status != 204)
    run_.fail(fmt::format("{} is answered {}: {}", label(), status, r.body.substr(0, 200)));
  return status >= 500 || status == 401 || status == 404;
}

}  // namespace sandbase::sim
