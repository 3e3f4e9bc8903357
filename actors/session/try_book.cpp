// SPDX-License-Identifier: Apache-2.0
#include "actors/session/try_book.hpp"

#include <algorithm>

namespace sandbase {

namespace {

/// Earlier tries that are looked at beside a new one, in turn: what is taken goes about as fast as it comes.
constexpr std::size_t looks_per_try = 2;
/// Retries of one request that are kept apart; SDKs make two.
constexpr std::size_t most_attempts = 16;

receipt::state state_of(const receipt_ptr& client) { return client ? client->known() : receipt::state::lost; }

bool is_taken(const remembered_try& t) {
  return std::ranges::any_of(t.attempts,
                             [](const auto& a) { return state_of(a.client) == receipt::state::taken; });
}

}  // namespace

bool try_book::is_old(const remembered_try& t, time_point now) {
  return now - t.place.at() > lifetime || t.place.is_void();
}

bool try_book::is_over(const remembered_try& t, time_point now) {
  return (t.is_answered && is_old(t, now)) || (is_taken(t) && !t.is_ahead);
}

void try_book::drop(tries& of, std::size_t index) {
  of[index]->is_forgotten = true;
  of.erase(of.begin() + static_cast<std::ptrdiff_t>(index));
}

try_ptr try_book::remember(api_key_id author, const fingerprint& body, receipt_ptr client, time_point now) {
  auto& known = tries_[author];
  for (std::size_t i = 0; i < looks_per_try && !known.empty(); ++i) {
    const auto index = ++next_look_ % known.size();
    if (is_over(*known[index], now)) drop(known, index);
  }
  if (known.size() == most_per_key) drop(known, 0);
  known.push_back(std::make_shared<remembered_try>(author, body, all_, now));
  known.back()->attempts.push_back({std::move(client), std::nullopt});
  return known.back();
}

void try_book::forget(const try_ptr& t) {
  if (t->is_forgotten) return;
  const auto of = tries_.find(t->author);
  const auto found = std::ranges::find(of->second, t);
  drop(of->second, static_cast<std::size_t>(found - of->second.begin()));
  if (of->second.empty()) tries_.erase(of);
}

void try_book::answered(remembered_try& t, time_point now) {
  t.is_answered = true;
  if (!t.attempts.empty()) t.attempts.front().answered_at = now;
}

try_book::verdict try_book::judge(const remembered_try& t, time_point now, told_receipts told) {
  auto all = verdict::lost;
  for (const auto& [client, answered_at] : t.attempts) {
    auto state = state_of(client);
    if (state == receipt::state::open && answered_at) {
      const auto known = std::ranges::find(told, client, &std::pair<receipt_ptr, receipt::state>::first);
      if (known == told.end()) {
        all = std::min(all, verdict::unknown);
        continue;
      }
      state = known->second;
      if (state == receipt::state::open && now - *answered_at >= patience) state = receipt::state::lost;
    }
    if (state == receipt::state::taken) return verdict::taken;
    if (state == receipt::state::open)
      all = std::min(all, answered_at ? verdict::on_its_way : verdict::in_work);
  }
  return all;
}

try_book::finding try_book::find(api_key_id author, const fingerprint& body, time_point now,
                                 told_receipts told) {
  finding found;
  const auto of = tries_.find(author);
  if (of == tries_.end()) return found;
  for (const auto& t : tries{of->second}) {
    if (is_over(*t, now)) {
      forget(t);
      continue;
    }
    if (t->is_settled || t->body != body) continue;
    switch (judge(*t, now, told)) {
      case verdict::taken:
        t->is_settled = true;
        if (!t->is_ahead) forget(t);
        break;
      case verdict::in_work:
        if (found.what == finding::kind::none) found.what = finding::kind::wait;
        break;
      case verdict::on_its_way:
        found.soon = true;
        if (found.what == finding::kind::none) found.what = finding::kind::wait;
        break;
      case verdict::unknown:
        found.what = finding::kind::look;
        for (const auto& a : t->attempts)
          if (a.answered_at && state_of(a.client) == receipt::state::open) found.look.push_back(a.client);
        break;
      case verdict::lost:
        return {finding::kind::match, t, {}, false};
    }
  }
  return found;
}

bool try_book::has_one_ahead(api_key_id author, const fingerprint& body, time_point now) const {
  const auto of = tries_.find(author);
  return of != tries_.end() && std::ranges::any_of(of->second, [&](const try_ptr& t) {
           return t->is_ahead && t->body == body && !is_old(*t, now);
         });
}

void try_book::join(remembered_try& t, receipt_ptr client) {
  if (t.attempts.size() == most_attempts) t.attempts.erase(t.attempts.begin() + 1);
  t.attempts.push_back({std::move(client), std::nullopt});
}

void try_book::joiner_answered(remembered_try& t, const receipt_ptr& client, time_point now) {
  for (auto& a : t.attempts)
    if (a.client == client) a.answered_at = now;
}

void try_book::leave(remembered_try& t, const receipt_ptr& client) {
  std::erase_if(t.attempts, [&](const auto& a) { return a.client == client; });
}

void try_book::sweep(time_point now) {
  for (auto& [author, known] : tries_)
    for (auto i = known.size(); i-- > 0;)
      if (is_over(*known[i], now)) drop(known, i);
  std::erase_if(tries_, [](const auto& of) { return of.second.empty(); });
}

}  // namespace sandbase
