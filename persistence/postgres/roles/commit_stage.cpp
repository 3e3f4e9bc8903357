// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/commit_stage.hpp"

#include "persistence/postgres/roles/sealing.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

failure behind_failed() { return {errc::unavailable, "an append before this one was not stored"}; }

/// The first id that stands twice; empty if none does.
std::string repeated_in(const std::vector<std::pair<std::string, seq_t>>& ids) {
  std::set<std::string_view> seen;
  for (const auto& [id, seq] : ids)
    if (!seen.insert(id).second) return id;
  return {};
}

failure already_there(std::string_view id) {
  return {errc::invalid, fmt::format("the session already has an event of id {}", id)};
}

bool can_fail_by_itself(const append_op& op) { return op.idempotency || !op.foreign_ids.empty(); }

}  // namespace

std::int64_t bytes_of(const std::vector<journal_event>& events) {
  std::int64_t bytes = 0;
  for (const auto& e : events) bytes += static_cast<std::int64_t>(e.json.size());
  return bytes;
}

bool writer_state::holds(session_key session, epoch_t epoch) const {
  const auto found = held.find(session);
  return found != held.end() && found->second == epoch;
}

void writer_state::cut(session_key session, epoch_t epoch) {
  if (holds(session, epoch)) held.erase(session);
}

bool commit_stage::is_empty() const {
  return appends_.empty() && seals_.empty() && creates_.empty() && deletes_.empty() && alone_ == nullptr;
}

bool commit_stage::add(const store_op& op, std::size_t place) {
  if (alone_ != nullptr) return false;
  const auto taken = std::visit(
      [&](const auto& o) {
        if constexpr (requires { o.epoch; })
          if (deleted_.contains(o.session)) return false;
        if constexpr (requires { take(o, place); })
          return take(o, place);
        else
          return take_alone(op, place);
      },
      op);
  if (const auto* append = std::get_if<append_op>(&op);
      append != nullptr && taken && append->erases && outcomes_[place].error.code == errc::none)
    alone_ = &op;
  return taken;
}

bool commit_stage::take_alone(const store_op& op, std::size_t place) {
  if (!is_empty()) return false;
  alone_ = &op;
  places_.push_back(place);
  return true;
}

failure commit_stage::admit(const append_op& op) {
  if (!state_.holds(op.session, op.epoch)) return fenced();
  if (failed_.contains(op.session)) return behind_failed();
  if (const auto* group = appends_.group_of(op.session)) {
    if (group->ends_epoch()) return fenced();
    if (op.first_seq != group->last_seq() + 1 || op.previous_head != group->head()) return behind_failed();
  }
  if (const auto id = repeated_in(op.foreign_ids); !id.empty()) return already_there(id);
  const auto bytes = bytes_of(op.events);
  if (state_.unsealed.has_room(bytes, bytes_)) return {};
  state_.unsealed.refused(bytes);
  return {errc::unavailable, "too much is unsealed, try again"};
}

void commit_stage::refuse(const append_op& op, std::size_t place, failure why) {
  outcomes_[place].error = std::move(why);
  failed_.insert(op.session);
  state_.cut(op.session, op.epoch);
}

bool commit_stage::take(const append_op& op, std::size_t place) {
  if (op.erases && !is_empty()) return false;
  if (auto f = admit(op); f.code != errc::none) {
    refuse(op, place, std::move(f));
    return true;
  }
  if (!op.erases && !appends_.add(op, place)) return false;
  places_.push_back(place);
  bytes_ += bytes_of(op.events);
  return true;
}

bool commit_stage::take(const seal_op& op, std::size_t place) {
  auto& error = outcomes_[place].error;
  if (!state_.holds(op.session, op.epoch) || failed_.contains(op.session) || op.blocks.empty())
    error = {errc::conflict, "these events are not this writer's to seal"};
  else if (!follow_each_other(op.blocks))
    error = {errc::internal,
             fmt::format("blocks to seal of session {} do not follow each other", op.session)};
  if (error.code != errc::none) {
    if (state_.holds(op.session, op.epoch)) state_.unsealed.seal_failed(op.session);
    return true;
  }
  const auto* group = appends_.group_of(op.session);
  seals_.push_back({&op, place, group != nullptr ? group->last_seq() : 0});
  places_.push_back(place);
  return true;
}

bool commit_stage::take(const create_op& op, std::size_t place) {
  if (!deletes_.empty()) return false;  // it may take the id of one of them
  if (const auto id = repeated_in(op.foreign_ids); !id.empty()) {
    outcomes_[place].error = already_there(id);
    return true;
  }
  const auto bytes = bytes_of(op.events);
  if (!state_.unsealed.has_room(bytes, bytes_)) {
    state_.unsealed.refused(bytes);
    outcomes_[place].error = {errc::unavailable, "too much is unsealed, try again"};
    return true;
  }
  if (!creates_.add(op, place)) return false;
  places_.push_back(place);
  bytes_ += bytes;
  return true;
}

bool commit_stage::take(const delete_op& op, std::size_t place) {
  if (!state_.holds(op.session, op.epoch)) {
    outcomes_[place].error = fenced();
    return true;
  }
  deletes_.push_back({&op, place});
  deleted_.insert(op.session);
  places_.push_back(place);
  return true;
}

void commit_stage::run(connection& db) {
  if (is_empty()) return;
  const bool is_one_statement = seals_.empty() && creates_.empty() && deletes_.empty();
  pipeline calls;
  if (!is_one_statement) calls.add(begin_statement);
  const auto appends = appends_.empty() ? 0 : appends_.add_to(calls);
  std::vector<std::size_t> seals;
  for (const auto& [op, place, least] : seals_) seals.push_back(add_seal(calls, *op, least));
  const auto creates = creates_.empty() ? 0 : creates_.add_to(calls);
  std::vector<std::size_t> deletes;
  for (const auto& [op, place] : deletes_) deletes.push_back(add_delete(calls, *op));
  if (!is_one_statement) calls.add(commit_statement);
  const auto answers = db.run(calls);
  {
    for (std::size_t i = 0; i < seals_.size(); ++i) {
      const auto& op = *seals_[i].op;
      if (was_sealed(answers[seals[i]])) {
        sealed_events_ +=
            static_cast<std::int64_t>(op.blocks.back()->last_seq() - op.blocks.front()->first_seq() + 1);
        if (op.blocks.back()->frames().size() < sealed_block_bytes) small_.push_back(op.session);
        continue;
      }
      outcomes_[seals_[i].place].error = {errc::conflict, "what is stored is not what this writer believes"};
    }
    if (!creates_.empty()) {
      auto made = creates_.outcomes(answers[creates], answers[creates + 1]);
      for (std::size_t i = 0; i < made.size(); ++i) {
        const auto& [op, place] = creates_.ops()[i];
        outcomes_[place] = std::move(made[i]);
        const auto& done = outcomes_[place];
        if (done.error.code == errc::none && !done.existed && !op->events.empty())
          state_.unsealed.created(done.session, op->header->progress.tip.last_seq, bytes_of(op->events));
      }
    }
    for (std::size_t i = 0; i < deletes_.size(); ++i) {
      const auto& [op, place] = deletes_[i];
      state_.cut(op->session, op->epoch);
      if (answers[deletes[i]].empty())
        outcomes_[place].error = fenced();
      else
        state_.unsealed.forget(op->session);
    }
  }
  if (!appends_.empty()) settle_appends(db, answers[appends]);
  // Behind the appends, which they may hold.
  for (const auto& [op, place, least] : seals_) {
    if (outcomes_[place].error.code == errc::none)
      state_.unsealed.sealed(op->session, op->blocks.back()->last_seq());
    else if (state_.holds(op->session, op->epoch))
      state_.unsealed.seal_failed(op->session);
  }
}

void commit_stage::settle_appends(connection& db, const rows& answer) {
  std::vector<const append_group*> left;
  {
    const auto stored = append_batch::stored(answer);
    for (const auto& [session, group] : appends_.groups())
      if (stored.contains(session))
        for (const auto& [op, place] : group.appends) note_stored(*op);
      else
        left.push_back(&group);
  }
  for (const auto* group : left) store_singly(db, *group);
}

/// Nothing of the group is stored: those before the one that fails by itself may be.
void commit_stage::store_singly(connection& db, const append_group& group) {
  const bool may_differ =
      std::ranges::any_of(group.appends, [](const auto& entry) { return can_fail_by_itself(*entry.first); });
  for (const auto& entry : group.appends) {
    const auto& op = *entry.first;
    const auto place = entry.second;
    if (failed_.contains(op.session)) {
      refuse(op, place, behind_failed());
      continue;
    }
    auto stored = attempt([&] {
      if (!may_differ) return false;
      append_batch one;
      one.add(op, place);
      pipeline calls;
      const auto at = one.add_to(calls);
      return group.appends.size() > 1 && !append_batch::stored(db.run(calls)[at]).empty();
    });
    if (stored && *stored) {
      note_stored(op);
      continue;
    }
    auto why = !stored       ? failure{errc::unknown_outcome, stored.error().message}
               : !may_differ ? fenced()
                             : failure{};
    if (why.code == errc::none) {
      const auto asked = attempt([&] { why = why_not_stored(db, op); });
      if (!asked) why = fenced();
    }
    refuse(op, place, std::move(why));
  }
}

void commit_stage::note_stored(const append_op& op) {
  if (op.ends_epoch) state_.cut(op.session, op.epoch);
  if (!op.events.empty()) state_.unsealed.appended(op.session, op.tip.last_seq, bytes_of(op.events));
}

}  // namespace sandbase::postgres
