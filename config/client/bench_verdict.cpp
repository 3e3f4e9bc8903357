// SPDX-License-Identifier: Apache-2.0
#include "config/client/bench_verdict.hpp"

#include "events/json/json_writer.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds_f slow = 1s;
constexpr double mib = 1024 * 1024;

/// What an append takes beyond the way there and back: the commit.
milliseconds_f commit_of(const bench_numbers& n) {
  return std::max(n.alone_p50 - n.round_trip, milliseconds_f{0});
}

std::string what_bounds_appends(const bench_numbers& n) {
  const auto commit = commit_of(n);
  const auto alone_per_second = n.alone_p50.count() > 0 ? 1000 / n.alone_p50.count() : 0;
  if (n.round_trip > commit && n.round_trip >= 1ms)
    return fmt::format(
        "The way to the service bounds a client: {:.1f} ms of the {:.1f} ms that an append takes. A client "
        "that is "
        "nearer, or more of them at once, gets more.",
        n.round_trip.count(), n.alone_p50.count());
  constexpr milliseconds_f slow_commit = 20ms;
  if (commit >= slow_commit)
    return fmt::format(
        "The disk bounds appends: a commit takes {:.1f} ms. Look at how long the store's disk takes for a "
        "sync, and "
        "at what else writes to it.",
        commit.count());
  const auto times = alone_per_second > 0 ? n.appends_per_second / alone_per_second : 0;
  constexpr double shares_well = 1.5;
  if (n.clients > 1 && times < shares_well)
    return fmt::format(
        "A processor bounds appends: {} clients get {:.1f} times what one gets alone, though commits are "
        "short "
        "({:.1f} ms). Look at the processors of the service, and of this machine.",
        n.clients, times, commit.count());
  return fmt::format(
      "Commits are shared: {} clients at once get {:.1f} times what one gets alone. A commit takes "
      "{:.1f} ms; more clients get more.",
      n.clients, times, commit.count());
}

}  // namespace

milliseconds_f quantile(std::vector<milliseconds_f>& samples, double share) {
  if (samples.empty()) return milliseconds_f{0};
  std::ranges::sort(samples);
  const auto at = static_cast<std::size_t>(share * static_cast<double>(samples.size()));
  return samples[std::min(at, samples.size() - 1)];
}

bench_verdict judge(const bench_numbers& n) {
  bench_verdict verdict;
  const auto blame = [&](std::string sentence) {
    verdict.is_good = false;
    verdict.sentences.push_back(std::move(sentence));
  };
  for (const auto& failed : n.failures) blame(failed);
  if (n.live_missing > 0)
    blame(fmt::format("{} of {} events did not come to their follower.", n.live_missing,
                      n.live_missing + n.live_frames));
  if (n.append_p99 >= slow)
    blame(fmt::format(
        "One append in a hundred takes {:.1f} s or more. /statusz of the service tells what waits.",
        n.append_p99.count() / 1000));
  if (n.live_p99 >= slow)
    blame(fmt::format(
        "One frame in a hundred comes {:.1f} s or more behind its append. Look for a proxy that holds "
        "streams back.",
        n.live_p99.count() / 1000));
  if (n.appends_per_second > 0) verdict.sentences.push_back(what_bounds_appends(n));
  constexpr double slow_replay = 20 * mib;
  if (n.replay_bytes_per_second > 0 && n.replay_bytes_per_second < slow_replay)
    verdict.sentences.push_back(
        "Replays are slower than a service on a local network sends them: look at the network, "
        "at proxies, and at what else the service does.");
  if (verdict.is_good) verdict.sentences.push_back("All is well.");
  return verdict;
}

std::string render_bench(const bench_numbers& n, const bench_verdict& verdict) {
  std::string out = fmt::format(
      "round trip   {:.2f} ms\n"
      "append       {:.2f} ms by one client alone (p50)\n"
      "appends      {:.0f}/s by {} clients at once: {:.2f} ms p50, {:.2f} ms p99\n"
      "live         {:.2f} ms p50, {:.2f} ms p99 from append to frame ({} frames)\n"
      "replay       {:.1f} MiB/s\n\n",
      n.round_trip.count(), n.alone_p50.count(), n.appends_per_second, n.clients, n.append_p50.count(),
      n.append_p99.count(), n.live_p50.count(), n.live_p99.count(), n.live_frames,
      n.replay_bytes_per_second / mib);
  for (const auto& sentence : verdict.sentences) out += sentence + "\n";
  return out;
}

std::string render_bench_json(const bench_numbers& n, const bench_verdict& verdict) {
  std::string out;
  json::object_writer all{out};
  const auto real = [&](std::string_view name, double value) { all.raw(name, fmt::format("{:.3f}", value)); };
  all.number("clients", static_cast<std::int64_t>(n.clients));
  real("round_trip_ms", n.round_trip.count());
  real("append_alone_p50_ms", n.alone_p50.count());
  real("appends_per_second", n.appends_per_second);
  real("append_p50_ms", n.append_p50.count());
  real("append_p99_ms", n.append_p99.count());
  real("live_p50_ms", n.live_p50.count());
  real("live_p99_ms", n.live_p99.count());
  all.number("live_frames", static_cast<std::int64_t>(n.live_frames));
  all.number("live_missing", static_cast<std::int64_t>(n.live_missing));
  real("replay_mib_per_second", n.replay_bytes_per_second / mib);
  all.boolean("good", verdict.is_good);
  json::append_array(all.member_name("verdict"), verdict.sentences,
                     [&](const std::string& sentence) { json::append_string(out, sentence); });
  all.close();
  return out;
}

}  // namespace sandbase
