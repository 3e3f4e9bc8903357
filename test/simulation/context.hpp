// SPDX-License-Identifier: Apache-2.0
// What every part of one run shares: chance, time, trace, faults, and the verdict.
#pragma once

#include "events/base/wall_clock.hpp"
#include "test/simulation/faults.hpp"
#include "test/simulation/random.hpp"
#include "test/simulation/trace.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

namespace sandbase::sim {

/// The service answers no request with a timeout before that.
inline constexpr std::chrono::seconds shortest_request_timeout{10};

/// The virtual wall clock of the run on this thread.
timestamp virtual_now();

/// A server's: ahead of the run's by as much as its makers got wrong.
class virtual_clock final : public wall_clock {
 public:
  explicit virtual_clock(std::chrono::milliseconds ahead) : ahead_(ahead) {}

 private:
  timestamp read() const override { return virtual_now() + ahead_; }

  const std::chrono::milliseconds ahead_;
};

class context {
 public:
  /// `servers`: so many; several share a database.
  context(std::uint64_t seed_number, std::size_t servers, std::FILE* echo);

  std::int64_t ms() const { return elapsed_.count(); }
  std::chrono::milliseconds elapsed() const { return elapsed_; }
  void pass(std::chrono::milliseconds d);
  /// No more faults, and time leaps no more.
  void begin_calm();
  /// For how long since `t` time could leap.
  std::chrono::milliseconds rough_time_since(std::chrono::milliseconds t) const {
    return (calm ? calm_since_ : elapsed_) - t;
  }
  /// The wall clock is set back; what measures durations does not notice.
  void set_wall_back(std::chrono::milliseconds d);

  template <class... Words>
  void note(const Words&... words) {
    log.add(step, ms(), words...);
  }
  /// A promise is broken. The first one counts; the run ends after this step.
  void fail(std::string what);
  bool failed() const { return !verdict_.empty(); }
  const std::string& verdict() const { return verdict_; }

  /// Whether `f` strikes now; counts and notes it if so. Never in calm times.
  bool strikes(fault f);
  /// The same for what is counted where it happens.
  bool may_strike(fault f) { return !calm && random.chance(rates.of(f), 100'000); }
  void count(fault f) { counts.add(f); }
  /// Readers have threads of their own: `rate` times of 1000 that this is called in a reader's call, the
  /// store may change behind it.
  void let_others_go_on(std::size_t rate);

  const std::uint64_t seed;
  const std::size_t servers;
  /// The servers have links between them.
  const bool linked;
  random_source random;
  trace log;
  fault_rates rates;
  fault_counts counts;
  std::uint64_t step = 0;
  /// Clients make no more by themselves.
  std::size_t most_sessions = 1;
  /// Set by who lives: others have turns while a reader is in a call of its store.
  std::function<void()> others_go_on;
  /// A reader is in such a call.
  bool reads = false;
  /// A writer's disk has failed in this life: nothing may come behind that.
  bool disk_has_failed = false;
  /// No more faults: everything has to come to an end.
  bool calm = false;
  /// No more excuses: every request has to be served.
  bool strict = false;
  /// How long the service answers a request.
  std::chrono::milliseconds request_timeout{0};
  /// How often a server has become a stranger to another that it had a link to: it ended, or they were out of
  /// touch for so long that neither asks the other any more for what was before.
  std::uint64_t estrangements = 0;
  /// Sessions stay in memory so shortly that any may be gone before a request that has found it gets there.
  bool crowded = false;

 private:
  std::chrono::milliseconds elapsed_{0};
  std::chrono::milliseconds calm_since_{0};
  std::string verdict_;
};

}  // namespace sandbase::sim
