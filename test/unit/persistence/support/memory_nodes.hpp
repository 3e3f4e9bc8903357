// SPDX-License-Identifier: Apache-2.0
// Several nodes that share a store in memory, and what befalls them.
#pragma once

#include "test/memory_store/memory_backend.hpp"
#include "test/unit/persistence/support/store_fixture.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sandbase::test {

using memory::fate;
using memory::link_fault;
using memory::store_call;

struct memory_node {
  memory::memory_backend backend;
  std::unique_ptr<event_store> writer;
  std::unique_ptr<event_reader> reader;

  explicit memory_node(std::shared_ptr<memory::memory_database> database) : backend(std::move(database)) {
    start();
  }
  void start() {
    writer = must(backend.open_writer());
    reader = must(backend.open_reader());
  }
  /// It dies; what it sent may still be under way.
  void end() {
    reader.reset();
    writer.reset();
  }

  /// The next call of this kind fails so; all others do not.
  void fail_next(store_call call, link_fault what) {
    backend.link().fault = [=, used = false](store_call c) mutable {
      return c == call && !std::exchange(used, true) ? what : link_fault::none;
    };
  }

  errc code_of_commit(std::vector<store_op> ops) { return code_of(writer->commit(ops)); }
  /// Of one operation, in a commit that is expected to be answered.
  failure outcome_of(store_op op) { return must(writer->commit({&op, 1})).front().error; }
  errc error_of(store_op op) { return outcome_of(std::move(op)).code; }
  op_outcome commit_one(store_op op) {
    auto outcome = must(writer->commit({&op, 1})).front();
    if (outcome.error.code != errc::none) CAF_FAIL("unexpected failure: " << outcome.error.message);
    return outcome;
  }
  /// It becomes the writer of the log. @returns what it is told
  log_end claim(test_log& log) {
    auto claimed = must(writer->claim(log.key));
    log.epoch = claimed.epoch;
    return std::move(claimed.log);
  }
  /// The whole log as this node reads it.
  std::vector<std::string> read_all(const test_log& log) {
    auto all = jsons_of(must(reader->read(log.key, 0, max_told_seq, std::size_t{1} << 30)));
    const auto end = must(reader->find_session(log.workspace, log.header.definition->id));
    CAF_REQUIRE(end.has_value());
    for (auto& json : jsons_of(end->unsealed)) all.push_back(std::move(json));
    return all;
  }
  bool keep_house() {
    return must(writer->housekeep({at_ms(0), true, [] { return false; }}));
  }
};

struct memory_nodes_fixture {
  std::shared_ptr<memory::memory_database> database = std::make_shared<memory::memory_database>();
  memory_node a{database};
  memory_node b{database};
  workspace_key workspace = must(a.writer->workspace("main", true));

  /// A session with so many events that `a` writes.
  test_log made(const std::string& id, std::size_t events = 0) {
    test_log log{id};
    log.workspace = workspace;
    log.key = a.commit_one(log.create(events)).session;
    a.claim(log);
    return log;
  }
  void land_all() {
    while (database->under_way() > 0) database->land();
  }
  /// Ends the test unless all that is stored is sound.
  void must_be_sound() {
    memory::memory_backend operators{database};
    must(must(operators.open_admin())->check([](const std::string& p) { CAF_FAIL("not sound: " << p); }));
  }
};

}  // namespace sandbase::test
