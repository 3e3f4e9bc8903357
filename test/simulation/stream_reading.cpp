// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/stream_reading.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

stream_reading::stream_reading(context& run, model& facts, const caller& who, session_facts& s)
    : task(run, facts, who), session_(s), event_source_(run.random.chance(500)) {}

// --- where it starts -----------------------------------------------------------------------

void stream_reading::begin_stream() {
  frames_ = {};
  shown_.clear();
  named_.clear();
  acked_ = session_.acked_end;
  done_ = error_ = any_shown_ = false;
  start_ = cursor_;
}

http_request stream_reading::start_behind(seq_t seq, std::string query) {
  cursor_ = seq;
  knows_cursor_ = true;
  from_header_ = seq > 0;
  http_request r{"GET", "/v1/sessions/" + session_.id + "/events/stream" + query, {}, {}};
  last_id_ = seq == 0 ? "" : session_.at(seq)->id;
  if (seq > 0) r.headers = "Last-Event-ID: " + last_id_ + "\r\n";
  if (event_source_) r.headers += "Accept: text/event-stream\r\n";
  begin_stream();
  if (seq > 0) named_.push_back(last_id_);
  return r;
}

http_request stream_reading::go_on_behind_what_is_lost(const std::string& query) {
  const auto place = cursor_;
  const auto id = last_id_;
  auto r = start_behind(0, query);
  cursor_ = start_ = place;
  r.headers = "Last-Event-ID: " + id + "\r\n" + r.headers;
  from_header_ = true;
  named_.push_back(last_id_ = id);
  return r;
}

bool stream_reading::is_refused_for_good(const reply& r) const {
  return r.status() == 400 &&
         std::ranges::any_of(named_, [&](const auto& id) { return facts_.is_lost(session_, id); });
}

std::string stream_reading::cursor_id() const {
  if (cursor_ == 0) return "start";
  if (!last_id_.empty()) return last_id_;
  const auto* last = session_.at(cursor_);
  return last ? last->id : std::string{};
}

http_request stream_reading::start_anywhere(std::string query) {
  if (filtered()) query += (query.empty() ? "?types=" : "&types=") + only_type_;
  const auto add = [&](const std::string& parameter) { query += (query.empty() ? "?" : "&") + parameter; };
  const auto place = session_.log.empty() ? 0 : run_.random.between(1, session_.log.size());
  const auto* event = session_.at(place);
  if (!event || run_.random.chance(400)) {
    if (!run_.random.chance(150) || filtered()) return start_behind(0, query);
    add("after=latest");
    auto r = start_behind(0, query);
    knows_cursor_ = false;
    return r;
  }
  if (run_.random.chance(300)) {
    add("after=" + event->id);
    auto r = start_behind(place, query);  // which names it too
    r.headers.erase(0, r.headers.find('\n') + 1);
    from_header_ = false;
    return r;
  }
  // An id beats `latest`; of several ids the furthest along counts.
  if (run_.random.chance(300)) add("after=latest");
  std::string other_id;
  if (const auto other = run_.random.between(1, place); run_.random.chance(300) && session_.at(other))
    add("after=" + (other_id = session_.at(other)->id));
  auto r = start_behind(place, query);
  named_.push_back(other_id);
  return r;
}

// --- what comes ------------------------------------------------------------------------------

void stream_reading::part(reply& r) {
  if (r.status() != 200) return;
  frames_.feed(r.body);
  r.body.clear();
  while (const auto frame = frames_.next()) take(*frame);
}

void stream_reading::take(const sse_frame& frame) {
  if (frame.only_comment) return;
  if (done_ || error_) return run_.fail(label() + ": a frame behind the end");
  if (frame.data == "[DONE]") {
    done_ = true;
    return done_frame();
  }
  if (frame.event == "error") {
    error_ = true;
    const bool overloaded = frame.data.find("overloaded_error") != frame.data.npos;
    const bool excused = !run_.rates.harmless() || may_be_late() || overloaded || session_.delete_asked ||
                         who_.revocation_asked;
    if (run_.strict || !excused) run_.fail(fmt::format("{}: {}", label(), frame.data));
    return;
  }
  if (frame.event == "message") return take_event(frame);
  const bool only_id = frame.event.empty() && frame.data.empty();
  const bool progress_ping = frame.event == "ping" && frame.data == "{\"type\":\"ping\"}";
  if (frame.id && (only_id || progress_ping)) return take_progress(frame);
  other_frame(frame);
}

/// How far a filtered stream has come, or where one ends that showed nothing.
void stream_reading::take_progress(const sse_frame& frame) {
  if (!filtered() && any_shown_) run_.fail(label() + ": tells its place again");
  if (!filtered() && knows_cursor_) {
    const auto at = cursor_id();
    if (!at.empty() && *frame.id != at) run_.fail(label() + ": tells another place than its own");
  }
  if (*frame.id != "start") last_id_ = *frame.id;
}

void stream_reading::take_event(const sse_frame& frame) {
  const auto id = text_member(frame.data, "id");
  if (!frame.id || *frame.id != id) return run_.fail(label() + ": a frame's id is not its event's");
  if (text_member(frame.data, "type") == "session.deleted") return other_frame(frame);
  const auto before = std::exchange(last_id_, id);
  const bool is_first = !std::exchange(any_shown_, true);
  if (filtered()) {
    if (text_member(frame.data, "type") != only_type_)
      run_.fail(label() + ": the filter lets through " + frame.data);
    shown_.emplace_back(id);
    return event_shown(frame);
  }
  if (!knows_cursor_) {
    const auto place = told_place(id);
    cursor_ = place ? *place - 1 : session_.place_of(id) - 1;
    knows_cursor_ = place || session_.place_of(id) != 0;
    if (!knows_cursor_) {
      cursor_ = 0;
      return event_shown(frame);
    }
  }
  facts_.saw(session_, ++cursor_, frame.data, label(), asked_step);
  const bool knows_before = !is_first || cursor_ == 1 || !before.empty();
  if (knows_before && !facts_.follow_each_other(session_, cursor_, before, id))
    run_.fail(fmt::format("{}: shows event {} of another history of {}", label(), cursor_, session_.id));
  event_shown(frame);
}

void stream_reading::claim_shown(seq_t end_min) {
  if (has_failed_over()) return;
  log_claim c;
  c.who = label();
  c.only_type = only_type_;
  c.after = start_;
  c.end_min = std::max(end_min, start_);
  c.end = facts_.durable_end(session_);
  c.shown = shown_;
  facts_.claim(session_, std::move(c));
}

void stream_reading::check_end() {
  if (frames_.in_the_middle()) run_.fail(label() + ": ends within a frame");
}

}  // namespace sandbase::sim
