// SPDX-License-Identifier: Apache-2.0
#include "actors/board/workspace_changes.hpp"

#include <memory>
#include <tuple>
#include <utility>

namespace sandbase {

namespace {

/// What several servers say of one session may come in any order: by these the later state is told. Counts
/// alone would not do, as a failover of the database may lose events. Of two as old the first one stays: a
/// list has the pending tool uses as of an earlier event.
auto age_of(const session_summary& s) {
  return std::tuple{s.updated_at, s.last_seq, s.archived_at.has_value()};
}

bool is_news(const board_entry& known, const session_news& news) {
  const bool is_same_session = known.session == 0 || news.session == 0 || known.session == news.session;
  if (!is_same_session) return true;  // its id was given away again
  if (known.is_deleted) return false;
  if (news.is_deleted) return true;
  if (known.summary == news.summary) return false;
  return news.is_own || age_of(news.summary) > age_of(known.summary);
}

}  // namespace

std::size_t workspace_changes::bytes_of(const board_entry& e) {
  return sizeof e + 3 * e.text.size();  // the summary has the same texts once more, and so has the index
}

bool workspace_changes::add(const session_news& news, change_number number) {
  const auto known = numbers_.find(news.summary.id);
  if (known != numbers_.end()) {
    const auto entry = by_number_.find(known->second);
    if (!is_news(*entry->second, news)) return false;
    bytes_ -= bytes_of(*entry->second);
    by_number_.erase(entry);
  }
  auto e = std::make_shared<board_entry>();
  e->number = number;
  e->session = news.session;
  e->is_own = news.is_own;
  e->is_deleted = news.is_deleted;
  e->summary = news.summary;
  e->text = news.is_deleted ? render_deletion(news.summary.id) : render_summary(news.summary);
  bytes_ += bytes_of(*e);
  numbers_[news.summary.id] = number;
  by_number_.emplace_hint(by_number_.end(), number, std::move(e));
  while (by_number_.size() > 1 && (by_number_.size() > max_sessions || bytes_ > max_bytes))
    forget(by_number_.begin());
  return true;
}

void workspace_changes::forget(std::map<change_number, board_entry_ptr>::iterator entry) {
  forgotten_ = entry->first;
  bytes_ -= bytes_of(*entry->second);
  numbers_.erase(entry->second->summary.id);
  by_number_.erase(entry);
}

board_page workspace_changes::page(change_number after, std::size_t most, bool own_only) const {
  if (after < forgotten_) return {{}, last(), true};
  board_page page;
  page.reached = after;
  std::size_t bytes = 0;
  for (auto i = by_number_.upper_bound(after); i != by_number_.end(); ++i) {
    if (!own_only || i->second->is_own) {
      bytes += i->second->text.size();
      if (!page.entries.empty() && bytes > most) break;
      page.entries.push_back(i->second);
    }
    page.reached = i->first;
  }
  return page;
}

}  // namespace sandbase
