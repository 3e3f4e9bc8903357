// SPDX-License-Identifier: Apache-2.0
#include "config/client/bench_run.hpp"

#include "config/client/event_follower.hpp"
#include "events/json/json_members.hpp"
#include "http/wire/text.hpp"

#include <atomic>
#include <fmt/core.h>
#include <thread>
#include <utility>

namespace sandbase {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t small_text = 200;
constexpr std::size_t large_text = 2000;
constexpr std::size_t batch = 500;
constexpr std::size_t max_batches = 32;
/// Pace of the events whose way to a follower is measured.
constexpr auto between_live = 20ms;
constexpr auto patience_for_frames = 5s;

std::string message(const std::string& text) {
  return R"({"type":"user.message","content":[{"type":"text","text":")" + text + R"("}]})";
}
std::string one_event(const std::string& text) { return R"({"events":[)" + message(text) + "]}"; }

std::string many_events() {
  const auto event = message(std::string(large_text, 'x'));
  std::string body = R"({"events":[)" + event;
  for (std::size_t i = 1; i < batch; ++i) body += "," + event;
  return body + "]}";
}

/// When each numbered event was sent, and how long it took to come.
class live_times {
 public:
  using clock = std::chrono::steady_clock;

  std::size_t sent() {
    const std::lock_guard lock{mutex_};
    sent_.push_back(clock::now());
    return sent_.size() - 1;
  }
  void came(std::size_t number) {
    const auto now = clock::now();
    const std::lock_guard lock{mutex_};
    if (number < sent_.size()) took_.emplace_back(now - sent_[number]);
  }
  void forget_first() {
    const std::lock_guard lock{mutex_};
    took_.clear();
  }
  std::size_t count() const {
    const std::lock_guard lock{mutex_};
    return took_.size();
  }
  std::vector<milliseconds_f> took() const {
    const std::lock_guard lock{mutex_};
    return took_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<clock::time_point> sent_;
  std::vector<milliseconds_f> took_;
};

/// The number that an event's text begins with.
std::size_t number_of(const json::value& event) {
  std::string text;
  json::for_each_in(event, "content",
                    [&](const json::value& block) { text = json::text_member(block, "text"); });
  return static_cast<std::size_t>(parse_number(text.substr(0, text.find(' '))).value_or(0));
}

}  // namespace

bench_run::bench_run(service_client& client, std::size_t clients, duration time,
                     std::function<bool()> is_cut_off)
    : client_(client), time_(time), is_cut_off_(std::move(is_cut_off)) {
  numbers_.clients = clients;
}

bench_run::~bench_run() { delete_sessions(); }

void bench_run::fail(const failure& why) {
  const std::lock_guard lock{mutex_};
  constexpr std::size_t enough = 5;
  const auto sentence = "Failed: " + why.message + ".";
  if (numbers_.failures.size() < enough &&
      (numbers_.failures.empty() || numbers_.failures.back() != sentence))
    numbers_.failures.push_back(sentence);
}

result<std::string> bench_run::make_session() {
  const auto made = client_.post_once(
      "/v1/sessions",
      R"({"agent":"agent_bench","environment_id":"env_bench","title":"sandbase-events bench"})");
  if (!made) return made.error();
  auto id = json::text_member(made->root(), "id");
  sessions_.push_back(id);
  return id;
}

void bench_run::delete_sessions() {
  for (const auto& session : std::exchange(sessions_, {}))
    if (const auto gone = client_.erase(session_path(session)); !gone)
      fail({gone.error().code, fmt::format("session {} is left behind: {}", session, gone.error().message)});
}

result<bench_numbers> bench_run::run(const std::function<void(const std::string& part)>& told) {
  const auto first = make_session();
  if (!first) return first.error();
  const std::pair<const char*, std::function<void()>> parts[] = {
      {"the way there and back", [&] { measure_round_trip(*first); }},
      {"one client", [&] { measure_alone(*first); }},
      {"all clients", [&] { measure_appends(); }},
      {"a live stream", [&] { measure_live(); }},
      {"replays", [&] { measure_replay(); }}};
  for (const auto& [name, measure] : parts) {
    if (is_cut_off_()) break;
    told(name);
    measure();
  }
  told("cleaning up");
  delete_sessions();
  return numbers_;
}

std::vector<milliseconds_f> bench_run::append_until(service_client& client, const std::string& session,
                                                    clock::time_point end) {
  std::vector<milliseconds_f> took;
  const auto body = one_event(std::string(small_text, 'x'));
  while (clock::now() < end && !is_cut_off_()) {
    const auto start = clock::now();
    if (const auto sent = client.post_once(session_path(session, "/events"), body); !sent) {
      fail(sent.error());
      return took;
    }
    took.emplace_back(clock::now() - start);
  }
  return took;
}

void bench_run::measure_round_trip(const std::string& session) {
  std::vector<milliseconds_f> took;
  for (const auto end = end_of(5); clock::now() < end && !is_cut_off_();) {
    const auto start = clock::now();
    if (const auto found = client_.get(session_path(session)); !found) return fail(found.error());
    took.emplace_back(clock::now() - start);
  }
  numbers_.round_trip = quantile(took, 0.5);
}

void bench_run::measure_alone(const std::string& session) {
  auto took = append_until(client_, session, end_of(10));
  numbers_.alone_p50 = quantile(took, 0.5);
}

void bench_run::measure_appends() {
  std::vector<std::string> sessions;
  for (std::size_t i = 0; i < numbers_.clients; ++i) {
    auto made = make_session();
    if (!made) return fail(made.error());
    sessions.push_back(*std::move(made));
  }
  const auto start = clock::now();
  const auto end = end_of(30);
  std::vector<milliseconds_f> all;
  std::vector<std::thread> threads;
  for (const auto& session : sessions)
    threads.emplace_back([&, session] {
      auto client = client_.another();
      const auto took = append_until(client, session, end);
      const std::lock_guard lock{mutex_};
      all.insert(all.end(), took.begin(), took.end());
    });
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = clock::now() - start;
  numbers_.appends_per_second = static_cast<double>(all.size()) / seconds.count();
  numbers_.append_p50 = quantile(all, 0.5);
  numbers_.append_p99 = quantile(all, 0.99);
}

void bench_run::measure_live() {
  const auto session = make_session();
  if (!session) return fail(session.error());
  live_times times;
  std::atomic<bool> is_over{false};
  auto reading = client_.another();
  std::thread follower{[&] {
    tail_plan plan;
    plan.session = *session;
    plan.parameters = {{"follow", "true"}};
    follow_handlers handlers;
    handlers.event = [&](const json::value& event) -> result<void> {
      times.came(number_of(event));
      return {};
    };
    if (const auto ended = follow_events(reading, plan, handlers); !ended && !is_over) fail(ended.error());
  }};
  const auto send = [&] {
    const auto text = fmt::format("{} {}", times.sent(), std::string(small_text, 'x'));
    const auto sent = client_.post_once(session_path(*session, "/events"), one_event(text));
    if (!sent) fail(sent.error());
    return static_cast<bool>(sent);
  };
  const auto wait_for = [&](std::size_t count) {
    for (const auto end = clock::now() + patience_for_frames;
         times.count() < count && clock::now() < end && !is_cut_off_();)
      std::this_thread::sleep_for(1ms);
  };
  // The first one tells that the stream is there.
  bool goes = send();
  wait_for(1);
  times.forget_first();
  std::size_t sent = 0;
  for (const auto end = end_of(25); goes && clock::now() < end && !is_cut_off_(); ++sent) {
    const auto next = clock::now() + between_live;
    goes = send();
    std::this_thread::sleep_until(next);
  }
  wait_for(sent);
  is_over = true;
  reading.abort();
  follower.join();
  auto took = times.took();
  numbers_.live_frames = took.size();
  numbers_.live_missing = is_cut_off_() ? 0 : sent - std::min(sent, took.size());
  numbers_.live_p50 = quantile(took, 0.5);
  numbers_.live_p99 = quantile(took, 0.99);
}

bool bench_run::fill(const std::string& session, clock::time_point end) {
  const auto body = many_events();
  for (std::size_t i = 0; i < max_batches && clock::now() < end && !is_cut_off_(); ++i)
    if (const auto sent = client_.post_once(session_path(session, "/events"), body); !sent) {
      fail(sent.error());
      return false;
    }
  return true;
}

void bench_run::measure_replay() {
  const auto session = make_session();
  if (!session) return fail(session.error());
  if (!fill(*session, end_of(10))) return;
  const auto start = clock::now();
  const auto end = end_of(15);
  double bytes = 0;
  do {
    const auto head =
        client_.open_stream(session_path(*session, "/events/stream?follow=false"), "application/json");
    if (!head) return fail(head.error());
    for (;;) {
      const auto part = client_.link().read(http_link::answer_patience);
      if (!part) return fail(part.error());
      if (part->empty()) break;
      bytes += static_cast<double>(part->size());
    }
  } while (clock::now() < end && !is_cut_off_());
  const std::chrono::duration<double> seconds = clock::now() - start;
  numbers_.replay_bytes_per_second = bytes / seconds.count();
}

}  // namespace sandbase
