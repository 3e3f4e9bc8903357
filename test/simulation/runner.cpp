// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/runner.hpp"

#include "test/simulation/world.hpp"
#include "test/unit/support/temp_dir.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sandbase::sim {

namespace {

using wall_clock = std::chrono::steady_clock;

/// No seed takes this long unless something spins.
constexpr unsigned watchdog_seconds = 60;

struct totals {
  std::uint64_t running_seed = 0;
  std::uint64_t seeds = 0, steps = 0, deaths = 0, failed = 0;
  fault_counts faults;
};

struct outcome {
  bool good = false;
  std::uint64_t digest = 0, lines = 0;
};

std::size_t servers_of(const run_options& options, std::uint64_t seed) {
  // Apart from what the run draws: that is the same however its number of servers was found.
  return options.servers != 0 ? options.servers : random_source{seed}.between(1, 5);
}

outcome run_seed(const run_options& options, std::uint64_t seed, const std::string& folder, bool trace,
                 totals& sum) {
  sum.running_seed = seed;
  ::alarm(watchdog_seconds);
  world w{seed, servers_of(options, seed), folder, trace ? stdout : nullptr};
  const bool good = w.run();
  const auto& c = w.outcome();
  ++sum.seeds;
  sum.steps += c.step;
  sum.deaths += w.deaths();
  sum.faults.add(c.counts);
  if (!good) {
    ++sum.failed;
    std::fprintf(stderr, "\nseed %llu: %s\nthe last steps:\n", static_cast<unsigned long long>(seed),
                 c.verdict().c_str());
    c.log.print(stderr);
    std::fprintf(stderr, "run it again: ./dev simulate --seed %llu --runs 1 --servers %zu\n",
                 static_cast<unsigned long long>(seed), c.servers);
  }
  return {good, c.log.digest(), c.log.lines()};
}

/// Every `options.jobs`th seed, from `first` on.
void run_share(const run_options& options, std::uint64_t first, totals& sum) {
  const test::temp_dir folder;
  const auto end = wall_clock::now() + std::chrono::seconds{options.seconds};
  for (auto i = first; options.seconds > 0 ? wall_clock::now() < end : i < options.runs; i += options.jobs) {
    const auto seed = options.first_seed + i;
    const auto one = run_seed(options, seed, folder.path().string(), options.trace, sum);
    if (!one.good) return;
    if (!options.twice) continue;
    const auto two = run_seed(options, seed, folder.path().string(), false, sum);
    if (one.digest == two.digest && one.lines == two.lines) continue;
    ++sum.failed;
    std::fprintf(stderr, "seed %llu has two traces\n", static_cast<unsigned long long>(seed));
    return;
  }
}

void print(const totals& sum, double seconds) {
  std::printf("%llu seeds in %.1f s: %.1f a second; %llu steps, %llu deaths\nfaults:",
              static_cast<unsigned long long>(sum.seeds), seconds, static_cast<double>(sum.seeds) / seconds,
              static_cast<unsigned long long>(sum.steps), static_cast<unsigned long long>(sum.deaths));
  for (std::size_t i = 0; i < fault_kinds; ++i)
    std::printf("%s %llu %s", i == 0 ? "" : ",", static_cast<unsigned long long>(sum.faults.count[i]),
                std::string{name_of(static_cast<fault>(i))}.c_str());
  std::printf("\n%s\n", sum.failed == 0 ? "every promise was kept" : "BROKEN PROMISES: see above");
}

/// Tells what a process died of, if it did not end by itself.
bool ended_well(int status, std::uint64_t seed) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  if (WIFSIGNALED(status))
    std::fprintf(stderr, "\nseed %llu: %s\n", static_cast<unsigned long long>(seed),
                 WTERMSIG(status) == SIGALRM ? "it hangs" : ::strsignal(WTERMSIG(status)));
  return false;
}

/// Forks, so that a share that crashes takes no other with it; sums are handed over in shared memory.
bool run_in_processes(const run_options& options, totals* shares) {
  std::fflush(nullptr);
  std::vector<pid_t> processes;
  for (unsigned i = 0; i < options.jobs; ++i) {
    const auto process = ::fork();
    if (process == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      run_share(options, i, shares[i]);
      std::fflush(nullptr);
      std::_Exit(0);
    }
    processes.push_back(process);
  }
  bool all_well = true;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    int status = 0;
    ::waitpid(processes[i], &status, 0);
    all_well &= ended_well(status, shares[i].running_seed);
  }
  return all_well;
}

}  // namespace

int run_seeds(const run_options& options) {
  const auto start = wall_clock::now();
  const auto size = sizeof(totals) * options.jobs;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("simulate");
    return 1;
  }
  auto* shares = new (memory) totals[options.jobs];
  const bool all_well = run_in_processes(options, shares);
  totals sum;
  for (unsigned i = 0; i < options.jobs; ++i) {
    sum.seeds += shares[i].seeds;
    sum.steps += shares[i].steps;
    sum.deaths += shares[i].deaths;
    sum.failed += shares[i].failed;
    sum.faults.add(shares[i].faults);
  }
  if (!all_well) ++sum.failed;
  ::munmap(memory, size);
  print(sum, std::chrono::duration<double>(wall_clock::now() - start).count());
  return sum.failed == 0 ? 0 : 1;
}

}  // namespace sandbase::sim
