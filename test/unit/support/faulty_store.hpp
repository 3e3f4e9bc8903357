// SPDX-License-Identifier: Apache-2.0
// The real store with faults on demand: commits that fail before anything is written.
#pragma once

#include "persistence/event_store.hpp"

#include <memory>
#include <new>
#include <utility>

namespace sandbase::test {

/// What the next calls do. Shared by the test and the store.
struct store_faults {
  /// Code not none: the next commit fails with it, once.
  failure next_commit;
  /// Code not none: every commit does.
  failure every_commit;
  /// The next commit throws, as nothing of ours does but the library below.
  bool throws = false;
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
    if (std::exchange(faults_->throws, false)) throw std::bad_alloc{};
    if (faults_->every_commit.code != errc::none) return refuse(ops, faults_->every_commit);
    if (faults_->next_commit.code != errc::none)
      return refuse(ops, std::exchange(faults_->next_commit, failure{}));
    ++faults_->commits;
    faults_->operations += ops.size();
    return real_->commit(ops);
  }
  result<claimed_session> claim(session_key session) override { return real_->claim(session); }
  void release(session_key session, epoch_t epoch) override { real_->release(session, epoch); }
  std::vector<session_key> wants_sealed() override { return real_->wants_sealed(); }
  result<bool> housekeep(const house_budget& budget) override { return real_->housekeep(budget); }
  result<void> checkpoint() override { return real_->checkpoint(); }
  bool wants_checkpoint(bool idle) override { return real_->wants_checkpoint(idle); }
  std::vector<failure> take_damage() override { return real_->take_damage(); }
  unsealed_report unsealed() const override { return real_->unsealed(); }
  result<std::string> secret(std::string_view name) override { return real_->secret(name); }
  result<workspace_key> workspace(std::string_view name, bool create) override {
    return real_->workspace(name, create);
  }

 private:
  /// As the real one does: a writer whose append was not stored begins anew.
  failure refuse(std::span<const store_op> ops, failure why) {
    for (const auto& op : ops)
      if (const auto* append = std::get_if<append_op>(&op)) real_->release(append->session, append->epoch);
    return why;
  }

  std::unique_ptr<event_store> real_;
  std::shared_ptr<store_faults> faults_;
};

}  // namespace sandbase::test
