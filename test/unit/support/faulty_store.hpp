// SPDX-License-Identifier: Apache-2.0
// The real store with faults on demand: commits that fail before anything is written.
#pragma once

#include "persistence/event_store.hpp"

#include <memory>
#include <utility>

namespace sandbase::test {

/// What the next calls do. Shared by the test and the store.
struct store_faults {
  /// Code not none: the next commit fails with it, once.
  failure next_commit;
  /// Code not none: every commit does.
  failure every_commit;
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
    if (faults_->every_commit.code != errc::none) return faults_->every_commit;
    if (faults_->next_commit.code != errc::none) return std::exchange(faults_->next_commit, failure{});
    ++faults_->commits;
    faults_->operations += ops.size();
    return real_->commit(ops);
  }
  result<std::vector<ledger_row>> scan() override { return real_->scan(); }
  std::vector<failure> damage() const override { return real_->damage(); }
  result<std::optional<session_row>> load(session_key session) override { return real_->load(session); }
  result<std::vector<journal_event>> unsealed(session_key session, std::span<const row_run> runs) override {
    return real_->unsealed(session, runs);
  }
  result<trim_report> trim(journal_row before, std::size_t max_bytes) override {
    return real_->trim(before, max_bytes);
  }
  result<bool> sweep(timestamp now) override { return real_->sweep(now); }
  result<void> checkpoint() override { return real_->checkpoint(); }
  result<journal_row> next_row() override { return real_->next_row(); }
  result<std::string> secret(std::string_view name) override { return real_->secret(name); }
  result<workspace_key> workspace(std::string_view name, bool create) override {
    return real_->workspace(name, create);
  }

 private:
  std::unique_ptr<event_store> real_;
  std::shared_ptr<store_faults> faults_;
};

}  // namespace sandbase::test
