// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/model.hpp"

#include "test/simulation/frames.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

std::optional<std::size_t> mark_of(std::string_view json) {
  constexpr std::string_view before = "\"mark\":";
  const auto at = json.find(before);
  if (at == json.npos) return std::nullopt;
  return number_member(json, "mark");
}

std::string text_told_by(std::size_t mark) { return fmt::format("\"told by {}\"", mark); }

bool is_tombstone_text(std::string_view json) { return json.find(",\"redacted\":{\"at\":\"") != json.npos; }

const seen_event* history::at(seq_t seq) const {
  return seq == 0 || seq > log.size() || !log[seq - 1] ? nullptr : &*log[seq - 1];
}

seq_t history::place_of(std::string_view id) const {
  for (seq_t seq = 1; seq <= log.size(); ++seq)
    if (const auto* e = at(seq); e && e->id == id) return seq;
  return 0;
}

session_facts& model::add_session(const std::string& id) {
  if (auto* known = find(id)) return *known;
  sessions_.emplace_back();
  sessions_.back().id = id;
  if (is_lost_session(id)) sessions_.back().delete_asked = sessions_.back().deleted = true;
  return sessions_.back();
}

session_facts* model::find(std::string_view id) {
  for (auto& s : sessions_)
    if (s.id == id) return &s;
  return nullptr;
}

// --- what was sent -----------------------------------------------------------------------------

std::size_t model::begin(const std::string& session, std::size_t count) {
  sent_request r;
  r.session = session;
  r.first_mark = events_.size();
  r.count = count;
  for (std::size_t i = 0; i < count; ++i) events_.push_back({requests_.size(), 0, {}});
  requests_.push_back(std::move(r));
  return requests_.size() - 1;
}

void model::stored(std::size_t number, const std::string& answer) {
  auto& r = requests_[number];
  if (answers_what_is_lost(*find(r.session), answer)) {
    // Acknowledged, and gone: only who sends it again has it stored.
    if (!r.idempotency_key.empty()) return lost(number);
    r.became = fate::refused;
    return;
  }
  if (r.became == fate::stored) {
    if (answer != r.answer && !is_same_answer(*find(r.session), r.answer, answer))
      run_.fail("a repeated request of session " + r.session + " got another answer");
    return;
  }
  if (r.became == fate::refused) run_.fail("a request that was refused for good is acknowledged now");
  r.became = fate::stored;
  r.answer = answer;
  auto& s = *find(r.session);
  const auto data = elements(member(answer, "data"));
  if (data.size() != r.count)
    return run_.fail(fmt::format("an append of {} events answers {}", r.count, data.size()));
  seq_t first = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (is_tombstone_text(data[i])) continue;  // an answer out of the log, where its place is known already
    if (mark_of(data[i]) != r.first_mark + i)
      return run_.fail("an append answers another request's events: " + std::string{data[i].substr(0, 120)});
    const auto id = text_member(data[i], "id");
    if (const auto place = told_place(id); place && first == 0) first = *place - i;
    events_[r.first_mark + i].json = data[i];
    if (text_member(data[i], "type") == "session.status_terminated") s.terminated = true;
  }
  if (first == 0 && events_[r.first_mark].seq != 0) first = events_[r.first_mark].seq;
  if (first == 0) return;  // only ids that do not tell their place: it shows when the event is seen
  s.acked_end = std::max(s.acked_end, first + r.count - 1);
  for (std::size_t i = 0; i < data.size(); ++i) saw(s, first + i, data[i], "an append's answer", 0);
}

/// But for what was erased in between: either may be the one that was made before, as an answer may lie
/// unread while its repetition is read.
bool model::is_same_answer(const session_facts& s, std::string_view one, std::string_view other) const {
  const auto events = elements(member(one, "data"));
  const auto others = elements(member(other, "data"));
  if (events.size() != others.size()) return false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i] == others[i]) continue;
    const auto id = text_member(events[i], "id");
    const auto* known = s.at(s.place_of(id));
    if (!known || !known->redaction_asked || id != text_member(others[i], "id") ||
        is_tombstone_text(events[i]) == is_tombstone_text(others[i]))
      return false;
  }
  return true;
}

void model::stored_at_creation(std::size_t number, session_facts& s) {
  auto& r = requests_[number];
  r.session = s.id;
  r.became = fate::stored;
  s.acked_end = std::max<seq_t>(s.acked_end, r.count);
}

void model::refused(std::size_t number) {
  auto& r = requests_[number];
  if (r.became == fate::stored) return run_.fail("a request that was acknowledged is refused when repeated");
  if (r.ever_lost) return;
  r.became = fate::refused;
  for (auto mark = r.first_mark; mark < r.first_mark + r.count; ++mark)
    if (events_[mark].seq != 0) run_.fail(fmt::format("event {} was seen, but its request is refused", mark));
}

void model::lost(std::size_t number) {
  auto& r = requests_[number];
  r.ever_lost = true;
  if (r.became == fate::pending) r.became = fate::unknown;
}

// --- what was seen -----------------------------------------------------------------------------

void model::saw_again(seen_event& known, seq_t seq, const std::string& session, std::string_view json,
                      std::string_view who, std::uint64_t asked) {
  if (known.redaction_asked && is_tombstone_text(json)) {
    if ((known.tombstone.empty() || known.may_change) && text_member(json, "id") == known.id)
      known.tombstone = json;
    if (known.tombstone == json) return;
  } else if (known.json == json) {
    if (asked > known.erased_at)
      run_.fail(fmt::format("{}: event {} of {} is shown though it was erased", who, seq, session));
    return;
  }
  run_.fail(fmt::format("{}: event {} of {} was `{}`, now it is `{}`", who, seq, session,
                        known.json.substr(0, 150), json.substr(0, 150)));
}

void model::redacted(session_facts& s, seq_t seq, std::string_view json, std::string_view who) {
  auto& known = *s.log[seq - 1];
  if (!is_tombstone_text(json)) return run_.fail(fmt::format("{}: shows no tombstone", who));
  saw_again(known, seq, s.id, json, who, 0);
  known.erased_at = std::min(known.erased_at, run_.step);
}

void model::saw_object(const session_facts& s, std::string_view object, std::string_view who,
                       std::uint64_t asked) {
  for (const auto& e : s.log)
    if (e && e->mark && asked > e->erased_at && object.find(text_told_by(*e->mark)) != object.npos)
      run_.fail(fmt::format("{}: {} tells what {} said, which was erased", who, s.id, e->id));
}

void model::saw(session_facts& s, seq_t seq, std::string_view json, std::string_view who,
                std::uint64_t asked) {
  if (seq == 0) return run_.fail(fmt::format("{}: an event at place 0", who));
  if (saw_lost(s, seq, json, who, asked)) return;
  if (seq > durable_end(s))
    return run_.fail(
        fmt::format("{}: event {} of {} is visible, but durable is only {}", who, seq, s.id, durable_end(s)));
  if (s.at(seq)) return saw_again(*s.log[seq - 1], seq, s.id, json, who, asked);
  note_event(s, seq, json, who);
}

void model::note_event(session_facts& s, seq_t seq, std::string_view json, std::string_view who) {
  constexpr std::string_view id_first = "{\"id\":\"";
  if (!json.starts_with(id_first))
    return run_.fail(fmt::format("{}: an event does not begin with its id", who));
  seen_event e;
  e.json = json;
  e.id = text_member(json, "id");
  e.type = text_member(json, "type");
  e.mark = mark_of(json);
  if (e.id.starts_with("sevt_") && told_place(e.id) != seq)
    return run_.fail(fmt::format("{}: {} stands at {}, which it does not tell", who, e.id, seq));
  if (s.place_of(e.id) != 0) return run_.fail(fmt::format("{}: {} stands twice in {}", who, e.id, s.id));
  if (e.mark) {
    if (*e.mark >= events_.size()) return run_.fail(fmt::format("{}: an event that nobody sent", who));
    auto& sent = events_[*e.mark];
    const auto& r = requests_[sent.request];
    if (r.session != s.id)
      return run_.fail(fmt::format("{}: {} shows event {} of {}", who, s.id, *e.mark, r.session));
    if (r.became == fate::refused)
      return run_.fail(fmt::format("{}: event {} is visible but was refused", who, *e.mark));
    if (sent.seq != 0)
      return run_.fail(
          fmt::format("{}: event {} stands at {} and at {} of {}", who, *e.mark, sent.seq, seq, s.id));
    if (!sent.json.empty() && sent.json != e.json)
      return run_.fail(fmt::format("{}: event {} was acknowledged with other bytes", who, *e.mark));
    sent.seq = seq;
    sent.json = e.json;
    if (r.became == fate::stored) s.acked_end = std::max(s.acked_end, seq);
  } else if (const auto phrase = phrase_in(e.json)) {
    if (*phrase >= phrases_.size() || phrases_[*phrase].session != s.id)
      return run_.fail(fmt::format("{}: {} shows what was said elsewhere", who, s.id));
  } else if (e.type != "session.updated" && e.type != "session.event_redacted") {
    return run_.fail(fmt::format("{}: an event that nobody sent: {}", who, e.json.substr(0, 100)));
  }
  if (s.log.size() < seq) s.log.resize(seq);
  s.log[seq - 1] = std::move(e);
}

}  // namespace sandbase::sim
