// SPDX-License-Identifier: Apache-2.0
#include "actors/store/log_reader.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/sure_promise.hpp"

#include <algorithm>
#include <unordered_map>

namespace sandbase {

namespace {

/// What may take long lets others in after that long.
constexpr std::chrono::milliseconds slice_time{5};

}  // namespace

log_reader::log_reader(caf::actor_config& cfg, std::unique_ptr<event_reader> store, journal_actor journal)
    : reader_actor::base(cfg), store_(std::move(store)), journal_(std::move(journal)) {
  harden(this);
}

reader_actor::behavior_type log_reader::make_behavior() {
  return {
      [this](const find_session& r) -> caf::result<found_session> {
        auto row = store_->find_session(r.workspace, r.id);
        if (!row) return to_error(row.error());
        return found_session{*row ? std::make_shared<const session_row>(std::move(**row)) : nullptr};
      },
      [this](const read_request& r) -> caf::result<pull_answer> {
        auto slice = r.pull.backwards
                         ? store_->read_back(r.session, r.pull.after + 1, r.pull.up_to + 1, r.pull.max_bytes)
                         : store_->read(r.session, r.pull.after, r.pull.up_to, r.pull.max_bytes);
        if (!slice) return to_error(slice.error());
        if (slice->empty() && r.pull.after < r.pull.up_to)
          if (auto there = look_for(r.session); !there) return to_error(there.error());
        pull_answer answer;
        answer.slice = std::move(*slice);
        answer.after = r.pull.after;
        answer.end = r.end;
        return answer;
      },
      [this](const search_segments& r) -> caf::result<search_answer> {
        const auto until = clock().now() + slice_time;
        auto found =
            store_->search(r.session, r.search.range, *r.search.what, [&] { return clock().now() >= until; });
        if (!found) return to_error(found.error());
        if (found->reached == (r.search.range.backwards ? r.search.range.up_to : r.search.range.after) &&
            !found->found && !found->through)
          if (auto there = look_for(r.session); !there) return to_error(there.error());
        return search_answer{*found};
      },
      [this](const find_event& r) -> caf::result<found_event> {
        found_event answer;
        for (const auto& id : r.ids) {
          auto seq = store_->find_event(r.session, id);
          if (!seq) return to_error(seq.error());
          answer.seqs.push_back(seq->value_or(0));
        }
        return answer;
      },
      [this](const find_idempotency& r) -> caf::result<found_idempotency> {
        auto record = store_->find_idempotency(r.workspace, r.session, r.key);
        if (!record) return to_error(record.error());
        return found_idempotency{record->has_value(), record->value_or(idempotency_record{})};
      },
      [this](const find_key& r) -> caf::result<found_key> {
        auto key = r.id != 0 ? store_->find_key(r.id) : store_->find_key(r.hash);
        if (!key) return to_error(key.error());
        return found_key{*key ? std::make_shared<const api_key>(std::move(**key)) : nullptr};
      },
      [this](const list_sessions& r) -> caf::result<session_list> {
        sure_promise<session_list> promise{this};
        list(std::make_shared<session_listing>(r), promise);
        return promise;
      },
  };
}

result<void> log_reader::look_for(session_key session) {
  auto row = store_->reload({&session, 1});
  if (!row) return std::move(row).error();
  if (row->empty()) return {errc::not_found, "no such session"};
  return {};
}

void log_reader::list(const std::shared_ptr<session_listing>& page, sure_promise<session_list> promise) {
  const auto until = clock().now() + slice_time;
  auto slice = store_->list_sessions(page->next_query(), [&] { return clock().now() >= until; });
  if (!slice) return promise.fail(slice.error());
  overlay_request ask;
  for (const auto& row : slice->rows) ask.sessions.push_back(row.key);
  request(journal_, caf::infinite, std::move(ask))
      .then(
          [this, promise, page,
           read = std::make_shared<session_page>(std::move(*slice))](const overlay_answer& known) {
            auto rows = bring_up_to_date(std::move(read->rows), known);
            if (!rows) return promise.fail(rows.error());
            page->take(*rows, *read);
            if (page->finished()) return promise.deliver(page->take_answer());
            list(page, promise);
          },
          [promise](const caf::error& e) { promise.fail(e); });
}

result<std::vector<session_row>> log_reader::bring_up_to_date(std::vector<session_row> rows,
                                                              const overlay_answer& known) {
  std::unordered_map<session_key, const log_tip*> tips;
  for (const auto& [session, tip] : known.tips) tips.emplace(session, &tip);
  // Rows that have moved on since they were read: what the ledger no longer holds was sealed by then; an
  // event that the ledger knows of may have changed the status. Read now, they are at least as young as what
  // the ledger told.
  std::vector<session_key> moved;
  for (const auto& row : rows)
    if (const auto tip = tips.find(row.key);
        tip == tips.end() || tip->second->last_seq > row.header.progress.tip.last_seq)
      moved.push_back(row.key);
  auto fresh = store_->reload(moved);
  if (!fresh) return fresh.error();
  std::vector<session_row> current;
  auto next_moved = moved.begin();
  auto next_fresh = fresh->begin();
  for (auto& row : rows) {
    if (next_moved != moved.end() && *next_moved == row.key) {
      ++next_moved;
      if (next_fresh == fresh->end() || next_fresh->key != row.key) continue;  // deleted meanwhile
      row = std::move(*next_fresh++);
    }
    if (const auto tip = tips.find(row.key);
        tip != tips.end() && tip->second->last_seq > row.header.progress.tip.last_seq)
      row.header.progress.tip = *tip->second;
    current.push_back(std::move(row));
  }
  return current;
}

void log_reader::on_exit() {
  store_.reset();
  journal_ = nullptr;
}

}  // namespace sandbase
