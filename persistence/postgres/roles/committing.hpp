// SPDX-License-Identifier: Apache-2.0
// One commit of a writer: stage by stage, and around what fails alone.
#pragma once

#include "persistence/postgres/roles/commit_stage.hpp"

#include <chrono>
#include <span>
#include <string>
#include <utility>

namespace sandbase::postgres {

class committing {
 public:
  /// `writer`: how it is marked in the database.
  committing(connection& db, writer_state& state, std::int64_t writer, std::span<const store_op> ops)
      : db_(db), state_(state), writer_(writer), ops_(ops), outcomes_(ops.size()) {}

  /// event_store::commit(). Once.
  result<std::vector<op_outcome>> run();

  /// Sessions that were sealed, whose last block is small.
  const std::vector<session_key>& small() const noexcept { return small_; }
  /// Sessions whose seals damage has stopped, and what it is.
  const std::vector<std::pair<session_key, std::string>>& damaged() const noexcept { return damaged_; }
  /// Rows that its seals took out of the journal.
  std::int64_t sealed_events() const noexcept { return sealed_events_; }
  bool has_erased() const noexcept { return has_erased_; }

 private:
  using places = std::vector<std::size_t>;
  struct attempted {
    result<void> done;
    /// It failed because somebody else's transaction held what it needed.
    bool met_lock = false;
  };

  attempted attempt_stage(commit_stage& stage);
  void run_alone(const store_op& op, op_outcome& to);
  void store(const places& some, const failure& why_not_before);
  void store_singly(const places& some);
  void store_around_locks(const places& some, const failure& why);
  void fail(std::size_t place, const failure& why);
  void fail_all(const places& some, const failure& why);
  void not_stored(const store_op& op);
  void note(const commit_stage& stage);

  connection& db_;
  writer_state& state_;
  const std::int64_t writer_;
  const std::span<const store_op> ops_;
  std::vector<op_outcome> outcomes_;
  /// Sessions of which an append has failed.
  std::set<session_key> failed_;
  std::vector<session_key> small_;
  std::vector<std::pair<session_key, std::string>> damaged_;
  std::int64_t sealed_events_ = 0;
  bool has_erased_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace sandbase::postgres
