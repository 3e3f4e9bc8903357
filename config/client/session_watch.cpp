// SPDX-License-Identifier: Apache-2.0
#include "config/client/session_watch.hpp"

#include "config/client/event_follower.hpp"
#include "events/json/json_members.hpp"

#include <algorithm>
#include <utility>

namespace sandbase {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds silence_is_death{45};
constexpr std::chrono::seconds between_looks{1};
constexpr std::size_t max_page = 100;

bool is_final(errc code) {
  return code == errc::unauthorized || code == errc::forbidden || code == errc::invalid;
}

}  // namespace

session_watch::session_watch(service_client& client, std::size_t limit)
    : client_(client), limit_(limit), thread_([this] { run(); }) {}

session_watch::~session_watch() {
  client_.abort();
  thread_.join();
}

session_watch::state session_watch::look() const {
  const std::lock_guard lock{mutex_};
  return shown_;
}

void session_watch::note(const std::string& text) {
  const std::lock_guard lock{mutex_};
  shown_.note = text;
  ++shown_.version;
}

void session_watch::end(const failure& why) {
  const std::lock_guard lock{mutex_};
  shown_.ended = why;
  ++shown_.version;
}

void session_watch::run() {
  while (!stops()) {
    const auto lost = follow_once();
    if (stops()) return;
    if (!lost) return poll();
    if (is_final(lost->code)) return end(*lost);
    note(lost->message + "; connecting again");
    client_.link().wait(reconnect_delay(losses_++, 1s, 0));
  }
}

std::optional<failure> session_watch::follow_once() {
  const auto head = client_.open_stream(
      with_query("/v1/sessions/stream", {{"limit", std::to_string(limit_)}}), "text/event-stream");
  if (!head) {
    if (head.error().code == errc::not_found) return std::nullopt;
    return head.error();
  }
  coming_.clear();
  is_caught_up_ = false;
  closing_.reset();
  sse_reader reader;
  std::vector<sse_frame> frames;
  for (;;) {
    const auto bytes = client_.link().read(silence_is_death);
    if (!bytes) return bytes.error();
    if (bytes->empty()) return failure{errc::unavailable, "the stream ended"};
    frames.clear();
    if (const auto fed = reader.feed(*bytes, frames); !fed) return fed.error();
    for (const auto& frame : frames) take(frame);
    if (closing_) return closing_;
  }
}

void session_watch::take(const sse_frame& frame) {
  if (!frame.data) return;
  const auto answer = json_answer::read(*frame.data);
  if (!answer) return;
  const auto root = answer->root();
  const auto type = json::text_member(root, "type");
  if (frame.event == "error") {
    follow_cursor cursor;
    cursor.take(frame);
    closing_ = cursor.why();
  } else if (type == "ping") {
    if (const auto why = json::text_member(root, "closing"); !why.empty())
      closing_ = failure{errc::unavailable, "the service ended the stream (" + why + ")"};
    const auto caught_up = json::member(root, "caught_up", json::kind::boolean);
    if (caught_up && caught_up->as_bool()) show_anew();
  } else if (type == "session.summary" || type == "session.deleted") {
    const std::lock_guard lock{mutex_};
    auto& sessions = is_caught_up_ ? shown_.sessions : coming_;
    if (type == "session.deleted")
      sessions.remove(json::text_member(root, "id"));
    else if (const auto session = json::member(root, "session", json::kind::object))
      sessions.put(*session);
    ++shown_.version;
  }
}

void session_watch::show_anew() {
  const std::lock_guard lock{mutex_};
  shown_.sessions = std::exchange(coming_, {});
  shown_.note = client_.link().url().authority();
  ++shown_.version;
  is_caught_up_ = true;
  losses_ = 0;
}

void session_watch::poll() {
  while (!stops()) {
    const auto looked = poll_once();
    if (stops()) return;
    if (!looked && (is_final(looked.error().code) || looked.error().code == errc::not_found))
      return end(looked.error());
    if (!looked) note(looked.error().message + "; trying again");
    client_.link().wait(between_looks);
  }
}

result<void> session_watch::poll_once() {
  const auto page =
      client_.get(with_query("/v1/sessions", {{"limit", std::to_string(std::min(limit_, max_page))}}));
  if (!page) return page.error();
  coming_.clear();
  json::for_each_in(page->root(), "data", [&](const json::value& session) { coming_.put(session); });
  show_anew();
  return {};
}

}  // namespace sandbase
