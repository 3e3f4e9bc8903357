// SPDX-License-Identifier: Apache-2.0
// The real store with faults on demand: commits that fail before anything is written, seals that fail alone,
// answers that are lost.
#pragma once

#include "persistence/event_store.hpp"
#include "test/unit/support/refused_commit.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

namespace sandbase::test {

/// What the next calls do. Shared by the test and the store.
struct store_faults {
  /// Code not none: the next commit fails with it, once.
  failure next_commit;
  /// Code not none: every commit does.
  failure every_commit;
  /// Code not none: every seal fails alone.
  failure every_seal;
  /// Code not none: the next claim fails with it, once.
  failure next_claim;
  /// Code not none: housekeeping always fails with it.
  failure every_housekeep;
  /// The next commit with a seal is stored, and nobody learns it.
  bool loses_seal_answer = false;
  /// The next commit throws, as nothing of ours does but the library below.
  bool throws = false;
  /// A checkpoint is always worth its while.
  bool wants_checkpoint = false;
  /// There is always something left for housekeeping.
  bool house_is_endless = false;
  /// Called in a call of the store that may wait for the disk.
  std::function<void(std::string_view call)> during = [](std::string_view) {};
  /// Calls that reached the real store.
  std::size_t commits = 0;
  /// In them.
  std::size_t operations = 0;
};

class faulty_store final : public event_store {
 public:
  faulty_store(std::unique_ptr<event_store> real, std::shared_ptr<store_faults> faults)
      : real_(std::move(real)), faults_(std::move(faults)) {}

  result<std::vector<op_outcome>> commit(std::span<const store_op> ops) override {
    faults_->during("commit");
    if (std::exchange(faults_->throws, false)) throw std::bad_alloc{};
    if (faults_->every_commit.code != errc::none) return refuse(ops, faults_->every_commit);
    if (faults_->next_commit.code != errc::none)
      return refuse(ops, std::exchange(faults_->next_commit, failure{}));
    ++faults_->commits;
    faults_->operations += ops.size();
    if (!std::ranges::any_of(ops, is_seal)) return real_->commit(ops);
    if (faults_->every_seal.code != errc::none) return commit_without_seals(ops);
    auto outcomes = real_->commit(ops);
    if (std::exchange(faults_->loses_seal_answer, false))
      return {errc::unknown_outcome, "the store has not answered"};
    return outcomes;
  }
  result<claimed_session> claim(session_key session) override {
    faults_->during("claim");
    if (faults_->next_claim.code != errc::none) return std::exchange(faults_->next_claim, failure{});
    return real_->claim(session);
  }
  result<void> expect_claim(session_key session) override { return real_->expect_claim(session); }
  void adopt(session_key session, const result<claimed_session>& claimed) override {
    real_->adopt(session, claimed);
  }
  void release(session_key session, epoch_t epoch) override { real_->release(session, epoch); }
  std::vector<session_key> wants_sealed(std::chrono::steady_clock::time_point now) override {
    return real_->wants_sealed(now);
  }
  result<bool> housekeep(const house_budget& budget) override {
    faults_->during("housekeep");
    if (faults_->every_housekeep.code != errc::none) return faults_->every_housekeep;
    auto more = real_->housekeep(budget);
    return more && faults_->house_is_endless ? result<bool>{true} : std::move(more);
  }
  result<void> checkpoint() override {
    faults_->during("checkpoint");
    return real_->checkpoint();
  }
  bool wants_checkpoint(bool idle) override {
    return faults_->wants_checkpoint || real_->wants_checkpoint(idle);
  }
  result<void> finish_checkpoint() override {
    if (!wants_checkpoint(true)) return {};
    return checkpoint();
  }
  std::vector<failure> take_damage() override { return real_->take_damage(); }
  unsealed_report unsealed() const override { return real_->unsealed(); }
  result<std::string> secret(std::string_view name) override { return real_->secret(name); }
  result<workspace_key> workspace(std::string_view name, bool create) override {
    return real_->workspace(name, create);
  }

 private:
  static bool is_seal(const store_op& op) { return std::holds_alternative<seal_op>(op); }

  failure refuse(std::span<const store_op> ops, failure why) {
    if (auto refused = refuse_commit(*real_, ops); !refused) return std::move(refused).error();
    return why;
  }

  result<std::vector<op_outcome>> commit_without_seals(std::span<const store_op> ops) {
    std::vector<store_op> others{ops.begin(), ops.end()};
    for (auto& op : others)
      if (auto* seal = std::get_if<seal_op>(&op)) seal->blocks.clear();  // of no place: it is refused
    auto outcomes = real_->commit(others);
    if (!outcomes) return outcomes;
    for (std::size_t i = 0; i < others.size(); ++i)
      if (is_seal(others[i])) (*outcomes)[i].error = faults_->every_seal;
    return outcomes;
  }

  std::unique_ptr<event_store> real_;
  std::shared_ptr<store_faults> faults_;
};

}  // namespace sandbase::test
