// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/task.hpp"

#include <algorithm>
#include <array>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

/// With the beat that ends it.
constexpr std::chrono::milliseconds life_of_a_silent_link{2'500};

/// In a run in which nothing fails or is slow, only a bound that the seed has drawn, or a clock that has
/// jumped over a patience, refuses for now. That of the journal may be as low as some requests: it asks for
/// seals in time, but any number of appends may have their turn before whoever is asked.
bool is_needless(const reply& r, const context& run) {
  if (!run.rates.harmless() || run.rates.of(fault::commit_slow) > 0 || run.rates.of(fault::actor_starved) > 0)
    return false;
  constexpr std::array causes = {"http.max_",
                                 "journal.max_bytes",
                                 "too much is unsealed",
                                 "the API key cannot be looked up now",
                                 "the store does not answer",
                                 "was not read within"};
  // Others were there first, again and again.
  constexpr std::array overtaken = {"other servers write this session all the time",
                                    "it was not stored, try again"};
  // Both have looked five times.
  constexpr std::array gone = {"the session is being restarted", "the session's owner is gone"};
  const auto says = [&](const char* c) { return r.body.find(c) != std::string::npos; };
  if (run.crowded && std::ranges::any_of(gone, says)) return false;
  if (run.servers > 1 && std::ranges::any_of(overtaken, says)) return false;
  return std::ranges::none_of(causes, says);
}

}  // namespace

bool task::is_excused(const reply& r, const session_facts* s) {
  const auto status = r.status();
  if (run_.strict && status != 200 && status != 404)
    run_.fail(fmt::format("{} is answered {} in calm times: {}", label(), status, r.body.substr(0, 200)));
  if (status == 503 || status == 429) {
    const bool is_overdue = may_be_late() && r.body.find("the session did not answer in time") != r.body.npos;
    if (!is_overdue && is_needless(r, run_))
      run_.fail(fmt::format("{} is refused by {} though nothing is wrong: {}", label(), status,
                            r.body.substr(0, 200)));
    return true;
  }
  if (status == 500 && !run_.rates.harmless()) return true;
  if (status == 500 && may_be_late()) return true;
  // Time may have leapt over the life of a link, and of what was handed over by it nobody knows.
  if (status == 500 && run_.linked && run_.rough_time_since(asked_at) > -life_of_a_silent_link) return true;
  // Another server has deleted it while this one was storing.
  if (status == 500 && s && s->delete_asked && run_.servers > 1) return true;
  if (status == 401 && who_.revocation_asked) return true;
  if (status == 404 && s && s->delete_asked) return true;
  if (status != 200 && status != 400 && status != 409 && status != 204)
    run_.fail(fmt::format("{} is answered {}: {}", label(), status, r.body.substr(0, 200)));
  return status >= 500 || status == 401 || status == 404;
}

}  // namespace sandbase::sim
