// SPDX-License-Identifier: Apache-2.0
#include "actors/store/log_reader.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"
#include "events/base/scrub_stack.hpp"
#include "persistence/log_recovery.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

caf::result<found_session> open(const result<std::optional<log_end>>& end) {
  if (!end) return to_error(end.error());
  if (!*end) return found_session{};
  const auto& [row, epoch, unsealed, writer] = **end;
  auto log = recover_log(row, unsealed);
  if (!log) return to_error(log.error());
  return found_session{std::make_shared<const opened_log>(
      opened_log{row.key, row.workspace, epoch, row.sealed_seq, *std::move(log), writer})};
}

/// What may take long lets others in after that long.
constexpr std::chrono::milliseconds slice_time{5};
/// What was erased is to be nowhere within a minute.
constexpr std::chrono::seconds forget_interval{5};

/// Lists in work, each of which the others let in after a slice: the last one waits for a second or so.
constexpr std::size_t max_lists = 256;
/// What a page may hold, for as many as there are: all together hold some hundred MiB at most.
constexpr std::size_t list_bytes = std::size_t{64} * 1024 * 1024;

}  // namespace

log_reader::log_reader(caf::actor_config& cfg, std::unique_ptr<event_reader> store,
                       std::shared_ptr<call_watch> calls)
    : reader_actor::base(cfg), store_(std::move(store)), calls_(std::move(calls)) {
  harden(this);
}

reader_actor::behavior_type log_reader::make_behavior() {
  delayed_send(this, forget_interval, reader_tick{});
  return {
      [this](const find_session& r) -> caf::result<found_session> {
        const auto waits = begin_call();
        caf::result<found_session> found{found_session{}};
        call_deep([&] { found = open(store_->find_session(r.workspace, r.id)); });
        return found;
      },
      [this](const find_log& r) -> caf::result<found_session> {
        const auto waits = begin_call();
        caf::result<found_session> found{found_session{}};
        call_deep([&] { found = open(store_->find_session(r.session)); });
        return found;
      },
      [this](const read_request& r) -> caf::result<pull_answer> {
        const auto waits = begin_call();
        auto slice = r.pull.backwards
                         ? store_->read_back(r.session, r.pull.after + 1, r.pull.up_to + 1, r.pull.max_bytes)
                         : store_->read(r.session, r.pull.after, r.pull.up_to, r.pull.max_bytes);
        if (!slice) return to_error(slice.error());
        pull_answer answer;
        answer.slice = std::move(*slice);
        answer.after = r.pull.after;
        answer.log = r.session;
        answer.end = r.end;
        return answer;
      },
      [this](const search_segments& r) -> caf::result<search_answer> {
        const auto waits = begin_call();
        const auto until = clock().now() + slice_time;
        auto found =
            store_->search(r.session, r.search.range, *r.search.what, [&] { return clock().now() >= until; });
        if (!found) return to_error(found.error());
        return search_answer{*found};
      },
      [this](const find_event& r) -> caf::result<found_event> {
        const auto waits = begin_call();
        found_event answer;
        for (const auto& id : r.ids) {
          auto seq = store_->find_event(r.session, id);
          if (!seq) return to_error(seq.error());
          answer.seqs.push_back(seq->value_or(0));
        }
        return answer;
      },
      [this](const find_deletion& r) -> caf::result<found_deletion> {
        const auto waits = begin_call();
        const auto record = store_->find_deletion(r.workspace, r.id);
        if (!record) return to_error(record.error());
        return found_deletion{record->has_value(), record->value_or(deletion_record{})};
      },
      [this](const find_idempotency& r) -> caf::result<found_idempotency> {
        const auto waits = begin_call();
        auto record = store_->find_idempotency(r.workspace, r.session, r.key);
        if (!record) return to_error(record.error());
        return found_idempotency{record->has_value(), record->value_or(idempotency_record{})};
      },
      [this](const find_key& r) -> caf::result<found_key> {
        const auto waits = begin_call();
        auto key = r.id != 0 ? store_->find_key(r.id) : store_->find_key(r.hash);
        if (!key) return to_error(key.error());
        return found_key{*key ? std::make_shared<const api_key>(std::move(**key)) : nullptr};
      },
      [this](const list_sessions& r) { return list(r); },
      [this](const describe_actor&) { return describe(); },
      [this](const read_list&) { call_deep([this] { list_further(); }); },
      [this](const reader_tick&) {
        store_->forget_erased();
        scrub_stack();  // a session's state is parsed in buffers on the stack
        delayed_send(this, forget_interval, reader_tick{});
      },
  };
}

caf::result<session_list> log_reader::list(const list_sessions& r) {
  if (lists_.size() == max_lists)
    return to_error(
        {errc::unavailable, fmt::format("{} lists of sessions are being read, try again", max_lists)});
  auto part = r;
  // Who comes to a crowd gets a smaller page: it has a `next_page`.
  part.max_bytes = std::min(r.max_bytes, list_bytes / (lists_.size() + 1));
  sure_promise<session_list> promise{this};
  lists_.push_back({session_listing{std::move(part)}, promise, clock().now()});
  send(this, read_list{});
  return promise;
}

actor_status log_reader::describe() const {
  const auto now = clock().now();
  auto oldest = now;  // whose page goes on may have come before those in front of it
  for (const auto& list : lists_) oldest = std::min(oldest, list.since);
  return {lists_.empty() ? "idle" : "listing",
          {{"lists", static_cast<std::int64_t>(lists_.size())}, {"oldest_wait_ms", wait_ms(oldest, now)}}};
}

void log_reader::list_further() {
  auto work = std::move(lists_.front());
  lists_.pop_front();
  if (clock().now() >= work.since + read_timeout)
    return work.promise.fail(
        errc::unavailable,
        fmt::format("the list of sessions was not read within {} s: try again, or bound it by created_at",
                    read_timeout.count()));
  const auto waits = begin_call();
  const auto until = clock().now() + slice_time;
  auto slice = store_->list_sessions(work.page.next_query(), [&] { return clock().now() >= until; });
  if (!slice) return work.promise.fail(slice.error());
  work.page.take(*slice);
  if (work.page.finished()) return work.promise.deliver(work.page.take_answer());
  lists_.push_back(std::move(work));
  send(this, read_list{});  // behind what has come meanwhile
}

void log_reader::on_exit() {
  lists_.clear();
  store_.reset();
}

}  // namespace sandbase
