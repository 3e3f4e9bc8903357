// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/writer.hpp"

#include "persistence/failed_seals.hpp"
#include "test/memory_store/housekeeping.hpp"
#include "test/memory_store/rows.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/core.h>
#include <map>
#include <utility>

namespace sandbase::memory {

namespace {

class writer final : public event_store {
 public:
  writer(std::shared_ptr<memory_database> database, std::shared_ptr<node_link> link, const sender& me)
      : database_(std::move(database)), link_(std::move(link)), me_(me), house_(*database_) {}
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  ~writer() override { database_->leave(me_.node); }

  result<std::vector<op_outcome>> commit(std::span<const store_op> ops) override {
    auto sent = as_sent(ops);
    const auto what = link_->begin(store_call::commit);
    if (what == link_fault::none) {
      auto done = database_->commit(sent, me_);
      for (std::size_t i = 0; i < ops.size(); ++i) note(ops[i], done.operations[i].error.code == errc::none);
      refused_bytes_ += done.refused_bytes;
      return std::move(done.operations);
    }
    for (const auto& op : ops) note(op, false);
    if (what == link_fault::refused) return node_link::unavailable();
    if (what == link_fault::answer_lost)
      database_->commit(sent, me_);
    else
      database_->send(std::move(sent), me_);
    return {errc::unknown_outcome, "the database has not answered: the commit may have been stored"};
  }

  result<claimed_session> claim(session_key session) override {
    auto claimed = link_->carry(store_call::claim, [&]() -> result<claimed_session> {
      const auto damage = house_.damaged().find(session);
      if (damage != house_.damaged().end()) return {errc::corrupt, damage->second};
      database_->wait_for(session);
      auto end = find_end(database_->rows(), session);
      if (!end) return {errc::not_found, fmt::format("there is no session {}", session)};
      auto tip = database_->rows().tips.at(session);
      const auto replaced = std::exchange(tip.writer, me_.node);
      ++tip.epoch;
      write_tip(session, tip);
      end->epoch = tip.epoch;
      end->writer = node_of(me_.node);
      return claimed_session{tip.epoch, *std::move(end), replaced == me_.node ? 0 : node_of(replaced)};
    });
    if (claimed) {
      held_[session] = claimed->epoch;
      asked_.erase(session);
    }
    return claimed;
  }

  void release(session_key session, epoch_t epoch) override {
    if (holds(session, epoch)) failed_.forget(session);
    cut(session, epoch);
    let_go(session, epoch);
  }

  std::vector<session_key> wants_sealed(std::chrono::steady_clock::time_point now) override {
    for (const auto session : failed_.take_due(now)) asked_.erase(session);
    std::vector<session_key> wanted;
    const auto& rows = database_->rows();
    for (const auto& [arrival, row] : rows.arrivals) {
      if (rows.count.bytes_ever - row.place <= ask_from()) break;
      if (rows.tips.at(row.session).writer == me_.node && !failed_.is_put_off(row.session) &&
          asked_.insert(row.session).second)
        wanted.push_back(row.session);
    }
    return wanted;
  }

  result<bool> housekeep(const house_budget& budget) override {
    for (const auto& [session, epoch] : std::exchange(unreleased_, {})) let_go(session, epoch);
    return link_->carry(store_call::housekeep, [&]() -> result<bool> {
      database_->see(me_.node);
      return house_.run(budget, is_pressed());
    });
  }

  result<void> checkpoint() override { return {}; }
  bool wants_checkpoint(bool) override { return false; }
  result<void> finish_checkpoint() override { return {}; }

  std::vector<failure> take_damage() override {
    std::vector<failure> untold;
    for (const auto& [session, what] : house_.damaged())
      if (told_.insert(session).second) untold.push_back({errc::corrupt, what});
    return untold;
  }

  unsealed_report unsealed() const override {
    const auto& rows = database_->rows();
    return {unsealed_sessions(rows).size(), rows.count.unsealed_bytes, is_pressed(), house_.damaged().size()};
  }

  result<workspace_key> workspace(std::string_view name, bool create) override {
    return link_->carry(store_call::change, [&]() -> result<workspace_key> {
      const auto known = find_workspace(database_->rows(), name);
      if (known != 0) return known;
      if (!create) return {errc::not_found, fmt::format("there is no workspace {}", name)};
      auto tx = database_->begin();
      auto made = make_workspace(tx, name);
      if (made) tx.commit();
      return made;
    });
  }

  result<std::string> secret(std::string_view name) override {
    return link_->carry(store_call::change, [&]() -> result<std::string> {
      const std::string key{name};
      if (!database_->rows().secrets.contains(key)) {
        // As good as random to everybody, and the same in every run.
        const auto value = format_head(sha256("the secret " + key));
        auto tx = database_->begin();
        tx.put(&tables::secrets, key, value.substr(value.find(':') + 1));
        tx.commit();
      }
      return database_->rows().secrets.at(key);
    });
  }

 private:
  /// What this writer has lost by its own account is sent as nobody's.
  std::vector<store_op> as_sent(std::span<const store_op> ops) const {
    std::vector<store_op> sent{ops.begin(), ops.end()};
    for (auto& op : sent)
      std::visit(
          [&](auto& o) {
            if constexpr (requires { o.epoch; })
              if (!holds(o.session, o.epoch)) o.epoch = 0;
          },
          op);
    return sent;
  }

  /// What is known to have become of an operation.
  void note(const store_op& op, bool is_done) {
    if (const auto* append = std::get_if<append_op>(&op); append && !is_done) {
      cut(append->session, append->epoch);
    } else if (const auto* seal = std::get_if<seal_op>(&op)) {
      if (!is_done) {
        if (holds(seal->session, seal->epoch)) failed_.add(seal->session);
        return;
      }
      asked_.erase(seal->session);
      failed_.forget(seal->session);
      if (!is_pressed()) refused_bytes_ = 0;
    } else if (const auto* gone = std::get_if<delete_op>(&op); gone && is_done) {
      held_.erase(gone->session);
      asked_.erase(gone->session);
      failed_.forget(gone->session);
    }
  }

  bool holds(session_key session, epoch_t epoch) const {
    const auto held = held_.find(session);
    return held != held_.end() && held->second == epoch;
  }
  void cut(session_key session, epoch_t epoch) {
    if (holds(session, epoch)) held_.erase(session);
  }
  void let_go(session_key session, epoch_t epoch) {
    const auto gone = link_->carry(store_call::change, [&]() -> result<void> {
      const auto row = database_->rows().tips.find(session);
      if (row == database_->rows().tips.end() || row->second.epoch != epoch || row->second.writer != me_.node)
        return {};
      auto tip = row->second;
      tip.writer = 0;
      write_tip(session, tip);
      return {};
    });
    if (!gone) unreleased_.emplace_back(session, epoch);
  }
  void write_tip(session_key session, const tip_row& tip) {
    auto tx = database_->begin();
    tx.put(&tables::tips, session, tip);
    tx.commit();
  }

  bool is_pressed() const { return extent(database_->rows()) > ask_from(); }
  std::int64_t ask_from() const {
    return me_.max_unsealed / 4 * 3 - std::min(refused_bytes_, me_.max_unsealed / 4);
  }

  const std::shared_ptr<memory_database> database_;
  const std::shared_ptr<node_link> link_;
  const sender me_;
  housekeeping house_;
  /// Epochs that this writer may still use.
  std::map<session_key, epoch_t> held_;
  /// The database could not be told yet.
  std::vector<std::pair<session_key, epoch_t>> unreleased_;
  std::set<session_key> asked_;
  /// Damaged sessions of which take_damage() has told.
  std::set<session_key> told_;
  failed_seals failed_;
  /// Room for what found none must be made as well.
  std::int64_t refused_bytes_ = 0;
};

}  // namespace

std::unique_ptr<event_store> open_writer(std::shared_ptr<memory_database> database,
                                         std::shared_ptr<node_link> link, const sender& me) {
  return std::make_unique<writer>(std::move(database), std::move(link), me);
}

}  // namespace sandbase::memory
