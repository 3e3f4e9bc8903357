// SPDX-License-Identifier: Apache-2.0
// The model's last word on a session: its whole log against everything
// that was sent, acknowledged, refused and told of it.
#include "events/log/hash_chain.hpp"
#include "test/simulation/frames.hpp"
#include "test/simulation/model.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

/// The status that an event gives a session; empty: it does not change it.
std::string_view status_after(std::string_view type) {
  if (type == "session.status_running") return "running";
  if (type == "session.status_idle") return "idle";
  if (type == "session.status_rescheduled") return "rescheduling";
  if (type == "session.status_terminated") return "terminated";
  return {};
}

}  // namespace

void model::claim(session_facts& s, log_claim c) {
  if (claims_lost(s, c)) return;
  if (c.end > durable_end(s))
    run_.fail(
        fmt::format("{}: tells of event {} of {}, durable is only {}", c.who, c.end, s.id, durable_end(s)));
  s.claims.push_back(std::move(c));
}

void model::check_whole_log(session_facts& s, seq_t end) {
  if (end < s.acked_end)
    return run_.fail(
        fmt::format("{} has lost acknowledged events: it ends at {}, not at {}", s.id, end, s.acked_end));
  if (s.log.size() > end)
    return run_.fail(fmt::format("{} has lost events that were seen: it ends at {}", s.id, end));
  std::string_view last_time;
  for (seq_t seq = 1; seq <= end; ++seq) {
    const auto* e = s.at(seq);
    if (!e) return run_.fail(fmt::format("{}: event {} was never shown", s.id, seq));
    const auto time = text_member(e->json, "processed_at");
    if (time.empty() || time < last_time) run_.fail(fmt::format("{}: time goes back at event {}", s.id, seq));
    last_time = time;
  }
  check_requests(s);
  check_tool_results(s);
  check_phrases(s);
  for (const auto& c : s.claims) check_claim(s.id, s, c);
}

void model::check_requests(const session_facts& s) {
  for (const auto& r : requests_) {
    if (r.session != s.id || r.count == 0) continue;
    const auto first = events_[r.first_mark].seq;
    if (!r.expected_id.empty() && first != 0 && s.place_of(r.expected_id) + 1 != first)
      run_.fail(fmt::format("{}: an append that belongs behind {} stands at {}", s.id, r.expected_id, first));
    for (std::size_t i = 0; i < r.count; ++i) {
      const auto seq = events_[r.first_mark + i].seq;
      if (r.became == fate::stored && seq == 0)
        run_.fail(fmt::format("{} has lost acknowledged event {}", s.id, r.first_mark + i));
      if (seq != (first == 0 ? 0 : first + i))
        run_.fail(fmt::format("{}: of one request's events {} is at {}, {} at {}: not all or none", s.id,
                              r.first_mark, first, r.first_mark + i, seq));
    }
  }
}

/// Each result belongs to a use before it, which has no other.
void model::check_tool_results(const session_facts& s) {
  std::vector<std::string_view> answered;
  for (seq_t seq = 1; seq <= s.log.size(); ++seq) {
    const auto& e = *s.at(seq);
    if (e.type != "user.custom_tool_result") continue;
    const auto use = text_member(e.json, "custom_tool_use_id");
    const auto place = s.place_of(use);
    if (place == 0 || place >= seq || s.at(place)->type != "agent.custom_tool_use")
      run_.fail(fmt::format("{}: event {} answers no tool use", s.id, seq));
    if (std::find(answered.begin(), answered.end(), use) != answered.end())
      run_.fail(fmt::format("{}: event {} answers a tool use that has its answer", s.id, seq));
    answered.push_back(use);
  }
}

void model::check_heads(const session_facts& s, const std::vector<digest>& heads) {
  for (const auto& c : s.claims)
    if (!c.status.empty() && (c.end >= heads.size() || c.head != format_head(heads[c.end])))
      run_.fail(fmt::format("{}: wrong head of {}", c.who, s.id));
}

void model::check_claim(const std::string& session, const history& h, const log_claim& c) {
  if (c.end > h.log.size())
    return run_.fail(fmt::format("{}: told of event {} of {}", c.who, c.end, session));
  if (!c.only_type.empty()) {
    std::size_t n = 0;
    for (auto seq = c.after + 1; seq <= c.end; ++seq) {
      const auto& e = *h.at(seq);
      if (e.type != c.only_type || (n == c.shown.size() && seq > c.end_min)) continue;
      if (n == c.shown.size() || c.shown[n] != e.id)
        return run_.fail(
            fmt::format("{}: lacks event {} of {}, which is a {}", c.who, seq, session, c.only_type));
      ++n;
    }
    if (n < c.shown.size()) run_.fail(fmt::format("{}: shows too much of {}", c.who, session));
  }
  if (c.status.empty()) return;
  std::string_view status = "idle";
  std::uint64_t tokens = 0;
  for (seq_t seq = 1; seq <= c.end; ++seq) {
    const auto& e = *h.at(seq);
    if (const auto next = status_after(e.type); !next.empty()) status = next;
    if (e.type == "span.model_request_end")
      tokens += number_member(member(e.json, "model_usage"), "input_tokens");
  }
  if (c.status != status)
    run_.fail(fmt::format("{}: {} is {}, but its log says {}", c.who, session, c.status, status));
  if (c.last_id != (c.end == 0 ? "" : h.at(c.end)->id))
    run_.fail(fmt::format("{}: wrong last id of {}", c.who, session));
  if (c.input_tokens != tokens) run_.fail(fmt::format("{}: wrong usage of {}", c.who, session));
}

}  // namespace sandbase::sim
