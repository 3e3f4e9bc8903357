// SPDX-License-Identifier: Apache-2.0
#include "config/client/event_follower.hpp"

#include "config/client/backoff.hpp"
#include "events/event/preview.hpp"
#include "events/json/json_members.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

using namespace std::chrono_literals;

/// A comment comes every 15 s.
constexpr std::chrono::seconds silence_is_death{45};
constexpr std::size_t max_losses_of_a_replay = 5;
constexpr unsigned no_content = 204;

/// Whether coming again could help.
bool passes(errc code) {
  return code == errc::unavailable || code == errc::unknown_outcome || code == errc::rate_limited ||
         code == errc::internal;
}

class follower {
 public:
  follower(service_client& client, const tail_plan& plan, const follow_handlers& handlers)
      : client_(client), plan_(plan), handlers_(handlers) {}

  result<void> run() {
    for (std::size_t losses = 0;; ++losses) {
      came_ = false;
      auto ended = read_once();
      if (ended || client_.link().is_aborted()) return ended;
      const bool was_connected = connected_once_;
      if (!passes(ended.error().code) || is_final_ || !was_connected) return ended;
      if (came_) losses = 0;
      if (!plan_.for_ever && losses >= max_losses_of_a_replay) return ended;
      if (handlers_.lost && losses == 0) handlers_.lost(ended.error().message);
      client_.link().wait(reconnect_delay(losses, cursor_.retry(), random_share()));
    }
  }

 private:
  std::string target() const {
    auto parameters = plan_.parameters;
    if (cursor_.last_id().empty())
      parameters.insert(parameters.end(), plan_.where_to_begin.begin(), plan_.where_to_begin.end());
    return with_query(session_path(plan_.session, "/events/stream"), parameters);
  }

  /// One connection, to its end.
  result<void> read_once() {
    const auto head = client_.open_stream(target(), "text/event-stream", cursor_.last_id());
    if (!head) return head.error();
    connected_once_ = true;
    // It has all of a session that has ended.
    if (head->status == no_content) return {};
    sse_reader reader;
    std::vector<sse_frame> frames;
    for (;;) {
      const auto bytes = client_.link().read(silence_is_death);
      if (!bytes) return bytes.error();
      if (bytes->empty()) return {errc::unavailable, "the stream ended before [DONE]"};
      frames.clear();
      if (auto fed = reader.feed(*bytes, frames); !fed) return fed;
      for (const auto& frame : frames)
        if (auto ended = take(frame)) return *std::move(ended);
    }
  }

  /// Nothing: go on.
  std::optional<result<void>> take(const sse_frame& frame) {
    came_ = true;
    using step = follow_cursor::step;
    switch (cursor_.take(frame)) {
      case step::none:
        return std::nullopt;
      case step::done:
        return result<void>{};
      case step::closing:
      case step::failed:
        return result<void>{cursor_.why()};
      case step::event:
        return hand_over(handlers_.event);
      case step::preview:
        return hand_over(handlers_.preview);
    }
    return std::nullopt;
  }

  std::optional<result<void>> hand_over(const std::function<result<void>(const json::value&)>& to) {
    if (!to) return std::nullopt;
    auto taken = to(cursor_.value());
    if (taken) return std::nullopt;
    is_final_ = true;
    return taken;
  }

  service_client& client_;
  const tail_plan& plan_;
  const follow_handlers& handlers_;
  follow_cursor cursor_;
  /// Since the connection was made.
  bool came_ = false;
  bool connected_once_ = false;
  bool is_final_ = false;
};

}  // namespace

follow_cursor::step follow_cursor::take(const sse_frame& frame) {
  if (frame.retry) retry_ = *frame.retry;
  if (frame.data && frame.event != "error" && *frame.data == "[DONE]") {
    if (frame.id) last_id_ = *frame.id;
    return step::done;
  }
  if (!frame.data) {
    if (frame.id) last_id_ = *frame.id;
    return step::none;
  }
  text_ = *frame.data;
  if (const auto valid = json::validate(text_); !valid || !value().is(json::kind::object)) {
    why_ = {errc::corrupt, "the service sends what is no event"};
    return step::failed;
  }
  if (frame.event == "error") return take_error(text_);
  // Behind it only once it is handed over: with the id, as the two belong together.
  if (frame.id) last_id_ = *frame.id;
  if (frame.event == "ping") {
    const auto reason = json::text_member(value(), "closing");
    if (reason.empty()) return step::none;
    why_ = {errc::unavailable, fmt::format("the service ended the stream ({})", reason)};
    return step::closing;
  }
  if (is_preview(json::text_member(value(), "type"))) return step::preview;
  return step::event;
}

follow_cursor::step follow_cursor::take_error(const std::string& data) {
  why_ = refusal_of({{}, data});
  const auto type = json::text_member(value(), "error", "type");
  const std::pair<std::string_view, errc> final_ones[] = {{"authentication_error", errc::unauthorized},
                                                          {"permission_error", errc::forbidden},
                                                          {"not_found", errc::not_found},
                                                          {"invalid_request_error", errc::invalid}};
  why_.code = errc::unavailable;
  for (const auto& [name, code] : final_ones)
    if (type == name) why_.code = code;
  if (why_.code == errc::unauthorized)
    why_.message += ": the key was revoked; give another one by --key-file, SANDBASE_KEY or a profile";
  return step::failed;
}

std::chrono::milliseconds reconnect_delay(std::size_t losses, std::chrono::milliseconds retry, double share) {
  constexpr std::chrono::milliseconds shortest = 100ms;
  return spread(doubled(std::max(retry, shortest), losses), share);
}

result<void> follow_events(service_client& client, const tail_plan& plan, const follow_handlers& handlers) {
  return follower{client, plan, handlers}.run();
}

}  // namespace sandbase
