// SPDX-License-Identifier: Apache-2.0
// The two halves of the store beside what bounds them: appends beside a plain file that is synced as often,
// reads beside memory. Run it in a folder on the disk to measure: `cd /var/tmp && …/persistence_bench`.
#include "bench/persistence_load.hpp"
#include <benchmark/benchmark.h>

#include <fcntl.h>
#include <unistd.h>

namespace sandbase::bench {

namespace {

constexpr std::size_t sessions = 1000;
constexpr std::size_t checkpoint_bytes = 32 * 1024 * 1024;

void count_events(benchmark::State& state, std::size_t per_commit, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(per_commit));
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

/// Arguments: events a commit, events that the journal holds before.
void append(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  append_load load{sessions, batch};
  load.fill(static_cast<std::size_t>(state.range(1)));
  const auto before = load.journal_bytes();
  for (auto _ : state) {
    const auto commit = load.step();
    state.SetIterationTime(commit + load.checkpoint_every(checkpoint_bytes));
  }
  count_events(state, batch, load.journal_bytes() - before);
}
BENCHMARK(append)->Args({1, 0})->Args({64, 0})->Args({64, 1'000'000})->Args({1000, 0})->UseManualTime();

/// The floor: the same bytes at the end of a file, synced after each batch.
void raw_append(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  const work_folder folder;
  const int fd = ::open(folder.file("raw").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::size_t bytes = 0;
  seq_t seq = 0;
  for (auto _ : state) {
    std::string out;
    for (std::size_t i = 0; i < batch; ++i) out += make_json(++seq);
    state.SetIterationTime(timed([&] {
      if (::write(fd, out.data(), out.size()) != static_cast<ssize_t>(out.size()) || ::fdatasync(fd) != 0)
        give_up({errc::io_failed, "cannot write the raw file"});
    }));
    bytes += out.size();
  }
  ::close(fd);
  count_events(state, batch, bytes);
}
BENCHMARK(raw_append)->Arg(1)->Arg(64)->Arg(1000)->UseManualTime();

/// A log of 64 MiB read from its start in slices. Argument: bytes a slice.
void read_segments(benchmark::State& state) {
  sealed_log log{1024, sealed_block_bytes};
  std::size_t bytes = 0;
  seq_t after = 0;
  for (auto _ : state) {
    const auto slice =
        must(log.reader().read(log.key(), after, log.last(), static_cast<std::size_t>(state.range(0))));
    bytes += slice.bytes();
    after = slice.last_seq() == log.last() ? 0 : slice.last_seq();
    benchmark::DoNotOptimize(slice);
  }
  count_events(state, 1, bytes);
}
BENCHMARK(read_segments)->Arg(64 * 1024)->Arg(1024 * 1024);

/// A whole session of ten events: what a cold replay of a small session costs.
void read_small_session(benchmark::State& state) {
  sealed_log log{1, 10 * event_bytes};
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto slice = must(log.reader().read(log.key(), 0, log.last(), 1024 * 1024));
    bytes += slice.bytes();
  }
  count_events(state, 1, bytes);
}
BENCHMARK(read_small_session);

}  // namespace

}  // namespace sandbase::bench

BENCHMARK_MAIN();
