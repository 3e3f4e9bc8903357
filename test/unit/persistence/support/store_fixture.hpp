// SPDX-License-Identifier: Apache-2.0
// What every test of a store begins with: a store that is open for writing and reading, and a workspace.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/log_recovery.hpp"
#include "test/unit/persistence/support/test_log.hpp"
#include "test/unit/support/test.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sandbase::test {

/// The value, or ends the test with the failure's message.
template <class T>
T must(result<T> r) {
  if (!r) CAF_FAIL("unexpected failure: " << r.error().message);
  return *std::move(r);
}
inline void must(result<void> r) {
  if (!r) CAF_FAIL("unexpected failure: " << r.error().message);
}

/// For what is picked out of a temporary: the macros of the test framework hold references.
template <class T>
T copied(const T& value) {
  return value;
}

template <class T>
errc code_of(const result<T>& r) {
  return r ? errc::none : r.error().code;
}

/// By the fence: another writer has the log, or an append before this one was not stored.
inline bool is_refused(errc code) { return code == errc::fenced || code == errc::unavailable; }

/// `Factory` has `store_backend& backend()`, which gives a new, empty
/// store that lives as long as the factory.
template <class Factory>
struct store_fixture {
  Factory factory;
  std::unique_ptr<event_store> writer = must(factory.backend().open_writer());
  std::unique_ptr<event_reader> reader = must(factory.backend().open_reader());
  workspace_key workspace = must(writer->workspace("main", true));

  void reopen() {
    reader.reset();
    writer.reset();
    writer = must(factory.backend().open_writer());
    reader = must(factory.backend().open_reader());
  }

  std::vector<op_outcome> commit(const std::vector<store_op>& ops) {
    auto outcomes = must(writer->commit(ops));
    CAF_REQUIRE_EQUAL(outcomes.size(), ops.size());
    return outcomes;
  }
  /// Commits one operation that is expected to work.
  op_outcome commit_one(store_op op) {
    auto outcome = commit({std::move(op)}).front();
    if (outcome.error.code != errc::none) CAF_FAIL("unexpected failure: " << outcome.error.message);
    return outcome;
  }
  errc error_of(store_op op) { return commit({std::move(op)}).front().error.code; }

  /// A stored session with so many events in the journal.
  test_log made(const std::string& id, std::size_t events = 0, timestamp created_at = at_ms(0)) {
    test_log log{id, created_at};
    store(log, events);
    return log;
  }
  /// And this is its writer.
  void store(test_log& log, std::size_t events = 0) {
    log.workspace = workspace;
    log.key = commit_one(log.create(events)).session;
    claim(log);
  }
  /// Its end as the store has it.
  log_end claim(test_log& log) {
    auto claimed = must(writer->claim(log.key));
    log.epoch = claimed.epoch;
    return std::move(claimed.log);
  }
  std::vector<std::string> unsealed_of(test_log& log) { return jsons_of(claim(log).unsealed); }
  /// As everybody sees it.
  recovered_log recovered(const test_log& log) {
    const auto end = must(reader->find_session(workspace, log.header.definition->id));
    CAF_REQUIRE(end.has_value());
    return must(recover_log(end->row, end->unsealed));
  }
  seq_t last_of(const test_log& log) { return recovered(log).header.progress.tip.last_seq; }

  /// Everything that housekeeping can do.
  void keep_house(timestamp now = at_ms(0)) {
    while (must(writer->housekeep({now, true, [] { return false; }}))) {
    }
  }

  std::vector<std::string> read_all(const test_log& log) {
    return jsons_of(must(reader->read(log.key, 0, max_told_seq, 1 << 30)));
  }
  session_row row_of(const test_log& log) {
    auto end = must(reader->find_session(workspace, log.header.definition->id));
    CAF_REQUIRE(end.has_value());
    return std::move(end->row);
  }

  /// Ends the test unless the whole store is sound.
  void must_be_sound() {
    std::string problems;
    const auto report = must(
        must(factory.backend().open_admin())->check([&](const std::string& p) { problems += "\n" + p; }));
    if (report.problems != 0) CAF_FAIL("the store is not sound:" << problems);
  }
};

}  // namespace sandbase::test
