// SPDX-License-Identifier: Apache-2.0
// The model of what is sent again and again: as often as it was acknowledged it is in the log.
#include "test/simulation/frames.hpp"
#include "test/simulation/model.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

/// For less than two minutes the service knows what was not taken.
constexpr std::chrono::seconds remembered_for{110};
/// After a second an answer that is not taken counts as lost. A real client's kernel takes it at once; a
/// simulated one has none.
constexpr std::chrono::milliseconds taken_within{900};

/// What is shown says, or said before it was erased.
std::optional<std::size_t> shown_phrase(const session_facts& s, std::string_view json) {
  if (!is_tombstone_text(json)) return phrase_in(json);
  const auto id = text_member(json, "id");
  const auto* known = s.at(s.place_of(id));
  for (const auto& h : s.lost)
    if (!known) known = h.at(h.place_of(id));
  return known ? phrase_in(known->json) : std::nullopt;
}

}  // namespace

std::optional<std::size_t> phrase_in(std::string_view json) {
  if (json.find("\"phrase\":") == json.npos) return std::nullopt;
  return number_member(json, "phrase");
}

std::size_t model::some_phrase(const std::string& session, api_key_id key, std::size_t which) {
  for (std::size_t i = 0; i < phrases_.size(); ++i) {
    const auto& p = phrases_[i];
    if (p.session == session && p.key == key && p.which == which) return i;
  }
  phrase p;
  p.session = session;
  p.key = key;
  p.which = which;
  p.body = fmt::format(
      R"({{"events":[{{"type":"user.message","phrase":{},"content":[{{"type":"text","text":"continue"}}]}}]}})",
      phrases_.size());
  phrases_.push_back(std::move(p));
  return phrases_.size() - 1;
}

std::size_t model::begin_saying(std::size_t phrase) {
  saying s;
  s.phrase = phrase;
  sayings_.push_back(s);
  return sayings_.size() - 1;
}

void model::note_memory(saying& s) {
  s.is_forgotten |= durable_.writers_of(phrases_[s.phrase].session) != s.writers ||
                    run_.elapsed() - *s.began_at > remembered_for;
}

void model::try_saying(std::size_t number) {
  auto& s = sayings_[number];
  s.tried_at = run_.elapsed();
  s.estrangements = run_.estrangements;
  if (s.lost) ++s.again;
  if (s.began_at) return note_memory(s);
  s.began_at = run_.elapsed();
  s.writers = durable_.writers_of(phrases_[s.phrase].session);
}

void model::lost_saying(std::size_t number) {
  auto& s = sayings_[number];
  note_memory(s);
  if (!std::exchange(s.lost, true)) ++phrases_[s.phrase].open;
}

void model::said(std::size_t number, const std::string& answer) {
  auto& s = sayings_[number];
  auto& p = phrases_[s.phrase];
  const auto data = elements(member(answer, "data"));
  if (data.size() != 1 || shown_phrase(*find(p.session), data[0]) != s.phrase)
    return run_.fail("an append is answered with what it did not send: " + answer.substr(0, 150));
  const auto id = text_member(data[0], "id");
  if (const auto place = told_place(id)) {
    auto& of = *find(p.session);
    if (!is_lost(of, id)) of.acked_end = std::max(of.acked_end, *place);
    saw(of, *place, data[0], "an append's answer", 0);
  }
  note_memory(s);
  s.id = id;
  // Another server does not know whether its events were taken: this answer may be one of those, while what
  // was lost stands in the log as well.
  const auto has_this = [&](const saying& other) { return &other != &s && other.id == id; };
  const bool repeats = std::ranges::any_of(sayings_, has_this);
  if (s.lost && (s.is_forgotten || !repeats)) --p.open;
  s.is_prompt = run_.elapsed() - s.tried_at < taken_within;
  for (std::size_t i = 0; i < sayings_.size(); ++i) {
    const auto& other = sayings_[i];
    if (i == number || other.id != s.id) continue;
    // A server that has answered for the one that stores it tells that one as long as they are in touch.
    const bool remembered = !s.is_forgotten && other.writers == s.writers && other.is_prompt && s.is_prompt &&
                            other.estrangements == run_.estrangements &&
                            run_.elapsed() - *other.began_at < remembered_for;
    if (remembered) run_.fail(fmt::format("two sends are acknowledged with one event, {}", id));
    return;
  }
  if (is_lost(*find(p.session), id)) return;
  s.is_counted = true;
  ++p.acked;
}

/// Of what is sent from now on nobody remembers what was sent before.
void model::lose_sayings(const session_facts& s) {
  for (auto& said : sayings_) {
    auto& p = phrases_[said.phrase];
    if (p.session != s.id) continue;
    said.is_forgotten |= said.began_at.has_value();
    if (said.is_counted && is_lost(s, said.id)) {
      said.is_counted = false;
      --p.acked;
    }
  }
}

void model::check_phrases(const session_facts& s) {
  for (std::size_t i = 0; i < phrases_.size(); ++i) {
    const auto& p = phrases_[i];
    if (p.session != s.id) continue;
    std::size_t stored = 0;
    for (const auto& e : s.log) stored += e && phrase_in(e->json) == i ? 1 : 0;
    std::size_t forgotten = 0;
    for (const auto& send : sayings_)
      if (send.phrase == i && send.is_forgotten) forgotten += send.again;
    if (stored < p.acked || stored > p.acked + p.open + forgotten)
      run_.fail(fmt::format(
          "{}: phrase {} was acknowledged {} times, is open {} times and may be there {} times more, "
          "but is stored {} times",
          s.id, i, p.acked, p.open, forgotten, stored));
  }
}

}  // namespace sandbase::sim
