// SPDX-License-Identifier: Apache-2.0
// Measures a running service with sessions of its own, which are deleted at the end.
#pragma once

#include "config/client/bench_verdict.hpp"
#include "config/client/service_client.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace sandbase {

class bench_run {
 public:
  using duration = std::chrono::milliseconds;

  /// `time`: for all of it, about. `is_cut_off`: asked often; once it says so the rest is left out.
  bench_run(service_client& client, std::size_t clients, duration time, std::function<bool()> is_cut_off);
  /// Deletes its sessions, if that has not been done.
  ~bench_run();
  bench_run(const bench_run&) = delete;
  bench_run& operator=(const bench_run&) = delete;

  /// `told`: called before each part with what it is. Failures are those of making the first session; later
  /// ones stand in the numbers.
  result<bench_numbers> run(const std::function<void(const std::string& part)>& told);

 private:
  using clock = std::chrono::steady_clock;

  result<std::string> make_session();
  void delete_sessions();
  void measure_round_trip(const std::string& session);
  void measure_alone(const std::string& session);
  void measure_appends();
  void measure_live();
  void measure_replay();
  /// Until `end` one append after the other; how long each took.
  std::vector<milliseconds_f> append_until(service_client& client, const std::string& session,
                                           clock::time_point end);
  bool fill(const std::string& session, clock::time_point end);
  clock::time_point end_of(int percent) const { return clock::now() + time_ * percent / 100; }
  void fail(const failure& why);

  service_client& client_;
  duration time_;
  std::function<bool()> is_cut_off_;
  /// Guards what several threads fill.
  std::mutex mutex_;
  bench_numbers numbers_;
  std::vector<std::string> sessions_;
};

}  // namespace sandbase
