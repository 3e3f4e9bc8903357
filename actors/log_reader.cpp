#include "actors/log_reader.hpp"

#include "actors/errors.hpp"
#include "actors/harden.hpp"
#include "actors/sure_promise.hpp"

#include <algorithm>
#include <unordered_map>

namespace sandbase {

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
        pull_answer answer;
        answer.slice = std::move(*slice);
        answer.after = r.pull.after;
        answer.end = r.end;
        return answer;
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
        list(r.query, promise);
        return promise;
      },
  };
}

void log_reader::list(session_query query, sure_promise<session_list> promise) {
  auto page = store_->list_sessions(query);
  if (!page) return promise.fail(page.error());
  overlay_request ask;
  for (const auto& row : page->rows) ask.sessions.push_back(row.key);
  request(journal_, caf::infinite, std::move(ask))
      .then(
          [this, promise, query = std::move(query),
           page = std::make_shared<session_page>(std::move(*page))](const overlay_answer& known) mutable {
            std::unordered_map<session_key, const log_tip*> tips;
            for (const auto& [session, tip] : known.tips) tips.emplace(session, &tip);
            // Rows that have moved on since they were read: what the ledger no longer holds was sealed by
            // then; an event that the ledger knows of may have changed the status. Read now, they are at
            // least as young as what the ledger told.
            std::vector<session_key> moved;
            for (const auto& row : page->rows)
              if (const auto tip = tips.find(row.key);
                  tip == tips.end() || tip->second->last_seq > row.header.progress.tip.last_seq)
                moved.push_back(row.key);
            auto fresh = store_->reload(moved);
            if (!fresh) return promise.fail(fresh.error());
            session_list answer;
            answer.more = page->more;
            if (!page->rows.empty())
              query.after = {page->rows.back().header.definition.created_at, page->rows.back().key};
            auto next_moved = moved.begin();
            auto next_fresh = fresh->begin();
            for (auto& row : page->rows) {
              if (next_moved != moved.end() && *next_moved == row.key) {
                ++next_moved;
                if (next_fresh == fresh->end() || next_fresh->key != row.key) continue;  // deleted meanwhile
                row = std::move(*next_fresh++);
              }
              if (const auto tip = tips.find(row.key);
                  tip != tips.end() && tip->second->last_seq > row.header.progress.tip.last_seq)
                row.header.progress.tip = *tip->second;
              answer.rows.push_back(std::make_shared<const session_row>(std::move(row)));
            }
            // A page without rows would have no place to go on from.
            if (answer.rows.empty() && answer.more) return list(std::move(query), promise);
            promise.deliver(std::move(answer));
          },
          [promise](const caf::error& e) { promise.fail(e); });
}

void log_reader::on_exit() {
  store_.reset();
  journal_ = nullptr;
}

}  // namespace sandbase
