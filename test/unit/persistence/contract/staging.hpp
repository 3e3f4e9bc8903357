// SPDX-License-Identifier: Apache-2.0
// Store contract: a session that is written in slices is not there before it is published.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"

namespace staging_contract {

using namespace sandbase;
using namespace sandbase::test;

// Another type in each suite that includes this.
namespace {
struct staging_fixture : store_fixture<store_factory> {
  /// A log of `events`, none of it stored.
  test_log log_of(std::size_t events, const std::string& id = "sess_a") {
    test_log log{id};
    log.workspace = workspace;
    for (std::size_t i = 0; i < events; ++i) log.make();
    return log;
  }
  session_key stage(const test_log& log, session_key into, seq_t first, seq_t last) {
    return commit_one(stage_op{into, {log.block(first, last)}, {}}).session;
  }
  publish_op publishing(const test_log& log, session_key staged) const {
    return {staged, workspace, log.shared_header()};
  }
  bool is_there(const std::string& id) { return must(reader->find_session(workspace, id)).has_value(); }
  std::size_t listed() {
    session_query all;
    all.workspace = workspace;
    all.include_archived = true;
    return must(reader->list_sessions(all, [] { return false; })).rows.size();
  }
  void expect_clean() {
    keep_house();
    must_be_sound();
  }
};
}  // namespace

CAF_TEST_FIXTURE_SCOPE(staging_contract, staging_fixture)

CAF_TEST(a staged session appears with its publication) {
  auto log = log_of(5);
  const auto key = stage(log, 0, 1, 2);
  CAF_CHECK(key != 0);
  CAF_CHECK_EQUAL(stage(log, key, 3, 5), key);
  CAF_CHECK(!is_there("sess_a"));
  CAF_CHECK_EQUAL(listed(), 0u);
  expect_clean();
  CAF_CHECK_EQUAL(commit_one(publishing(log, key)).session, key);
  CAF_REQUIRE(is_there("sess_a"));
  CAF_CHECK_EQUAL(listed(), 1u);
  const auto row = must(reader->find_session(workspace, "sess_a"))->row;
  CAF_CHECK(row.header.progress == log.header.progress);
  CAF_CHECK_EQUAL(row.header.definition->environment_id, "env_1");
  CAF_CHECK(jsons_of(must(reader->read(key, 0, 5, 1'000'000))) == log.jsons);
  expect_clean();
  CAF_MESSAGE("and goes on like any other");
  log.key = key;
  claim(log);
  commit_one(log.append(1));
  CAF_CHECK_EQUAL(last_of(log), 6u);
  reopen();
  CAF_CHECK_EQUAL(last_of(log), 6u);
}

CAF_TEST(an empty session can be published without a slice) {
  const auto log = log_of(0);
  const auto key = commit_one(publishing(log, 0)).session;
  CAF_CHECK(is_there("sess_a"));
  CAF_CHECK(error_of(publishing(log_of(0, "sess_a"), 0)) == errc::conflict);
  CAF_CHECK(error_of(publishing(log_of(1, "sess_b"), 0)) == errc::internal);
  CAF_CHECK(must(reader->find_session(workspace, "sess_a"))->row.key == key);
  expect_clean();
}

CAF_TEST(an id that is taken is a conflict and what is staged stays) {
  made("sess_a", 1);
  auto log = log_of(2);
  const auto key = stage(log, 0, 1, 2);
  CAF_CHECK(error_of(publishing(log, key)) == errc::conflict);
  auto other = log_of(2, "sess_b");
  CAF_CHECK(error_of(publishing(log, key)) == errc::conflict);
  CAF_CHECK_EQUAL(listed(), 1u);
  auto renamed = publishing(log, key);
  renamed.header =
      std::make_shared<session_header>(session_header{other.header.definition, log.header.progress});
  commit_one(renamed);
  CAF_CHECK(is_there("sess_b"));
  expect_clean();
}

CAF_TEST(what is dropped is gone) {
  const auto log = log_of(3);
  const auto key = stage(log, 0, 1, 2);
  commit_one(unstage_op{key});
  CAF_CHECK(error_of(stage_op{key, {log.block(3, 3)}, {}}) == errc::not_found);
  CAF_CHECK(error_of(publishing(log, key)) == errc::not_found);
  CAF_CHECK(error_of(unstage_op{key}) == errc::not_found);
  expect_clean();
  CAF_MESSAGE("no other session can be dropped or written so");
  const auto whole = made("sess_b", 1);
  CAF_CHECK(error_of(unstage_op{whole.key}) == errc::not_found);
  CAF_CHECK(error_of(stage_op{whole.key, {log.block(1, 1)}, {}}) == errc::not_found);
  CAF_CHECK(error_of(publishing(log, whole.key)) == errc::not_found);
  CAF_CHECK(is_there("sess_b"));
}

CAF_TEST(what is staged when the store is opened again is removed) {
  const auto log = log_of(3);
  const auto key = stage(log, 0, 1, 2);
  reopen();
  CAF_CHECK(error_of(stage_op{key, {log.block(3, 3)}, {}}) == errc::not_found);
  expect_clean();
  const auto left = reader->read(key, 0, 2, 1'000'000);
  CAF_CHECK(!left || left->empty());
}

CAF_TEST(slices follow each other) {
  const auto log = log_of(5);
  CAF_CHECK(error_of(stage_op{0, {log.block(2, 3)}, {}}) == errc::internal);
  const auto key = stage(log, 0, 1, 2);
  CAF_CHECK(error_of(stage_op{key, {log.block(4, 5)}, {}}) == errc::internal);
  CAF_CHECK(error_of(publishing(log, key)) == errc::internal);
  commit_one(stage_op{key, {log.block(3, 4), log.block(5, 5)}, {}});
  commit_one(publishing(log, key));
  expect_clean();
}

CAF_TEST(an id that an earlier event has is told and nothing of its slice is kept) {
  test_log log{"sess_a"};
  log.workspace = workspace;
  log.make("agent.message", 200, "msg_1");
  log.make();
  log.make("agent.message", 200, "msg_1");
  log.make("agent.message", 200, "msg_2");
  const auto key = commit_one(stage_op{0, {log.block(1, 2)}, {{"msg_1", 1}}}).session;
  const auto refused = commit({stage_op{key, {log.block(3, 4)}, {{"msg_2", 4}, {"msg_1", 3}}}}).front();
  CAF_CHECK(refused.error.code == errc::invalid);
  CAF_CHECK_EQUAL(refused.existing_id, "msg_1");
  CAF_MESSAGE("as is one that stands where it tells");
  const auto placed = commit({stage_op{key, {log.block(3, 4)}, {{log.id_of(2), 3}}}}).front();
  CAF_CHECK(placed.error.code == errc::invalid);
  CAF_CHECK_EQUAL(placed.existing_id, log.id_of(2));
  commit_one(stage_op{key, {log.block(3, 4)}, {{"msg_2", 4}}});
}

CAF_TEST(other operations of the commit are not touched) {
  auto log = made("sess_a", 1);
  const auto staged = log_of(2, "sess_b");
  const auto outcomes = commit({log.append(1), stage_op{77, {staged.block(1, 2)}, {}}, log.append(1)});
  CAF_CHECK(outcomes[0].error.code == errc::none);
  CAF_CHECK(outcomes[1].error.code == errc::not_found);
  CAF_CHECK(outcomes[2].error.code == errc::none);
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace staging_contract
