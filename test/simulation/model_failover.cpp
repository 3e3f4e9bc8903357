// SPDX-License-Identifier: Apache-2.0
// The model of a database that has lost its last commits: what was there is not promised any more, and must
// not come back as if it were.
#include "test/simulation/frames.hpp"
#include "test/simulation/model.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

const stored_log* find_log(const stored_logs& all, const std::string& id) {
  const auto i = all.find(id);
  return i == all.end() ? nullptr : &i->second;
}

bool is_event(const seen_event& e, std::string_view json) {
  return e.json == json || (e.redaction_asked && is_tombstone_text(json) && text_member(json, "id") == e.id);
}

}  // namespace

void model::fail_over(const stored_logs& before, const stored_logs& now) {
  ++failovers_;
  for (const auto& [id, log] : before)
    if (!now.contains(id)) lost_sessions_.insert(id);
  for (const auto& [id, log] : now) lost_sessions_.erase(id);
  for (auto& s : sessions_) fail_over(s, find_log(before, s.id), find_log(now, s.id));
}

/// `before`, `now`: null: it is not there.
void model::fail_over(session_facts& s, const stored_log* before, const stored_log* now) {
  if (!before && !now) return;
  lost_history lost;
  lost.lost_at = run_.step;
  if (before) {
    for (seq_t seq = 1; seq <= before->events.size(); ++seq)
      if (!s.at(seq)) note_event(s, seq, before->events[seq - 1], "the database");
    // A claim may be of what an earlier failover has lost: it was looked at when it was made.
    for (const auto& c : s.claims) check_claim(s.id, s, c);
    check_heads(s, before->heads);
    lost.heads = before->heads;
  }
  s.claims.clear();
  const auto kept = now ? now->events.size() : 0;
  run_.note(s.id, " has ", kept, " events", now ? "" : ", it was never made",
            before ? "" : ", it comes back");
  if (s.log.size() > kept) {
    lost.log = s.log;
    s.lost.push_back(std::move(lost));
    lose_events(s, kept);
  }
  lose_sayings(s);
  s.acked_end = std::min<seq_t>(s.acked_end, kept);
  if (!now) {
    s.delete_asked = s.deleted = true;
    return;
  }
  take_back_erasures(s, *now);
  s.deleted = false;
  s.archived = s.archived && now->archived;
  s.terminated = s.terminated && std::ranges::any_of(s.log, [](const auto& e) {
                   return e && e->type == "session.status_terminated";
                 });
}

void model::lose_events(session_facts& s, seq_t kept) {
  for (auto seq = kept + 1; seq <= s.log.size(); ++seq) {
    const auto* e = s.at(seq);
    if (!e || !e->mark) continue;
    auto& sent = events_[*e->mark];
    sent.seq = 0;
    sent.json.clear();
    auto& r = requests_[sent.request];
    if (r.became != fate::stored) continue;
    r.answer.clear();
    // With a key another try may be on its way, or come.
    r.became = r.idempotency_key.empty() ? fate::refused : fate::unknown;
    r.ever_lost = !r.idempotency_key.empty();
  }
  s.log.resize(kept);
}

void model::take_back_erasures(session_facts& s, const stored_log& now) {
  for (seq_t seq = 1; seq <= s.log.size(); ++seq) {
    auto& e = s.log[seq - 1];
    if (!e || is_tombstone_text(now.events[seq - 1])) continue;
    e->erased_at = UINT64_MAX;
    e->may_change |= e->redaction_asked;
  }
}

bool model::is_lost(const session_facts& s, std::string_view id) const {
  return s.place_of(id) == 0 &&
         std::ranges::any_of(s.lost, [&](const lost_history& h) { return h.place_of(id) != 0; });
}

const lost_history* model::lost_history_of(const session_facts& s, std::string_view json) const {
  const auto id = text_member(json, "id");
  if (const auto* e = s.at(s.place_of(id)); e && is_event(*e, json)) return nullptr;
  // The last one tells when it was lost.
  for (auto h = s.lost.rbegin(); h != s.lost.rend(); ++h)
    if (const auto* e = h->at(h->place_of(id)); e && is_event(*e, json)) return &*h;
  return nullptr;
}

bool model::answers_what_is_lost(const session_facts& s, std::string_view answer) const {
  if (s.lost.empty()) return false;
  const auto data = elements(member(answer, "data"));
  return std::ranges::any_of(data, [&](std::string_view e) { return lost_history_of(s, e) != nullptr; });
}

/// @returns whether it is an event that was lost, which only those may be shown who asked before
bool model::saw_lost(session_facts& s, seq_t seq, std::string_view json, std::string_view who,
                     std::uint64_t asked) {
  const auto* h = s.lost.empty() ? nullptr : lost_history_of(s, json);
  // At another place it is one that was sent again with its client's own id.
  if (!h || h->place_of(text_member(json, "id")) != seq) return false;
  if (asked > h->lost_at)
    run_.fail(fmt::format("{}: event {} of {} is shown, which the database has lost", who, seq, s.id));
  return true;
}

bool model::follow_each_other(const session_facts& s, seq_t seq, std::string_view before,
                              std::string_view id) const {
  const auto stands = [](const history& h, seq_t place, std::string_view what) {
    if (place == 0) return what.empty();
    return place <= h.log.size() && (!h.log[place - 1] || h.log[place - 1]->id == what);
  };
  const auto has_both = [&](const history& h) { return stands(h, seq - 1, before) && stands(h, seq, id); };
  return has_both(s) || std::ranges::any_of(s.lost, has_both);
}

/// @returns whether it is of a log that was lost, of which all is known
bool model::claims_lost(const session_facts& s, const log_claim& c) {
  const auto* is = s.at(c.end);
  if (c.last_id.empty() || (is && is->id == c.last_id)) return false;
  for (const auto& h : s.lost) {
    const auto* was = h.at(c.end);
    // A client's own id may have come again at the same place, a head does not.
    if (!was || was->id != c.last_id || (!h.heads.empty() && c.head != format_head(h.heads[c.end]))) continue;
    check_claim(s.id, h, c);
    return true;
  }
  return false;
}

}  // namespace sandbase::sim
