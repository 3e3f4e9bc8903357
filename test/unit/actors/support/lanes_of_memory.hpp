// SPDX-License-Identifier: Apache-2.0
// Several writers over one database in memory, and who claims for them: what they are told and asked.
#pragma once

#include "actors/node/node_store.hpp"
#include "test/memory_store/memory_backend.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sandbase::test {

/// What was asked of them, and what is to go wrong.
struct lanes_seen {
  /// Sessions of each call of the claimer.
  std::vector<std::vector<session_key>> batches;
  /// For each writer: sessions of what was committed; how many it has made.
  std::vector<std::set<session_key>> written;
  std::vector<int> made;
  /// Claims that a writer expects, and epochs that it knows of.
  std::map<session_key, int> expected;
  std::map<session_key, epoch_t> adopted;
  std::map<session_key, epoch_t> released;
  std::vector<std::pair<session_key, errc>> not_adopted;
  /// Nobody may do that.
  std::vector<std::string> violations;
  /// Code not none: the claim of this session fails with it.
  std::function<failure(session_key)> at_claim = [](session_key) { return failure{}; };
};

/// A writer to which a claim counts only once it is told of it.
class watched_lane final : public event_store {
 public:
  watched_lane(std::shared_ptr<event_store> real, std::size_t number, std::shared_ptr<lanes_seen> seen)
      : real_(std::move(real)), number_(number), seen_(std::move(seen)) {}

  result<std::vector<op_outcome>> commit(std::span<const store_op> ops) override;
  result<claimed_session> claim(session_key) override {
    seen_->violations.emplace_back("a journal claims by itself");
    return {errc::internal, "not here"};
  }
  result<void> expect_claim(session_key session) override {
    expect_mine(session);
    ++seen_->expected[session];
    return {};
  }
  void adopt(session_key session, const result<claimed_session>& claimed) override;
  void release(session_key session, epoch_t epoch) override {
    expect_mine(session);
    seen_->released[session] = epoch;
    real_->release(session, epoch);
  }
  std::vector<session_key> wants_sealed(std::chrono::steady_clock::time_point now) override {
    return real_->wants_sealed(now);
  }
  result<bool> housekeep(const house_budget& budget) override { return real_->housekeep(budget); }
  result<void> checkpoint() override { return real_->checkpoint(); }
  bool wants_checkpoint(bool idle) override { return real_->wants_checkpoint(idle); }
  result<void> finish_checkpoint() override { return real_->finish_checkpoint(); }
  std::vector<failure> take_damage() override { return real_->take_damage(); }
  unsealed_report unsealed() const override { return real_->unsealed(); }
  result<workspace_key> workspace(std::string_view name, bool create) override {
    return real_->workspace(name, create);
  }
  result<std::string> secret(std::string_view name) override { return real_->secret(name); }

 private:
  void expect_mine(session_key session);

  const std::shared_ptr<event_store> real_;
  const std::size_t number_;
  const std::shared_ptr<lanes_seen> seen_;
};

/// `lanes` writers that share a database with all others of it.
node_store open_lanes(const std::shared_ptr<memory::memory_database>& database, std::size_t lanes,
                      const std::shared_ptr<lanes_seen>& seen);

}  // namespace sandbase::test
