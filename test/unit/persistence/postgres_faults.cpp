// SPDX-License-Identifier: Apache-2.0
// What becomes of commits, claims and reads when the way to the database breaks: nothing half written,
// unknown outcomes told as such and settled by a claim, and all of it works again by itself.
#define CAF_SUITE postgres_faults
#include "test/unit/persistence/support/patience.hpp"
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/persistence/support/postgres_proxy.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct proxied_factory {
  postgres_database database;
  postgres_proxy proxy{postgres_database::socket_folder()};
  std::unique_ptr<store_backend> opened = must(open_backend(database.url(proxy.folder()), true));

  store_backend& backend() { return *opened; }
};

struct faults_fixture : store_fixture<proxied_factory> {
  errc code_of_commit(std::vector<store_op> ops) { return code_of(writer->commit(ops)); }

  /// Until it is no more `unavailable`, as a connection that broke is not made anew at once.
  template <class F>
  auto insist(F&& f) {
    auto done = f();
    comes_true([&] {
      if (!done && done.error().code == errc::unavailable) done = f();
      return done || done.error().code != errc::unavailable;
    });
    return must(std::move(done));
  }
  log_end claim_again(test_log& log) {
    auto claimed = insist([&] { return writer->claim(log.key); });
    log.epoch = claimed.epoch;
    return std::move(claimed.log);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(postgres_faults, faults_fixture)

CAF_TEST(a commit whose answer is lost is unknown and a claim finds it) {
  auto log = made("sess_a", 1);
  const auto op = log.append(2);
  factory.proxy.lose_next_answer();
  CAF_CHECK(code_of_commit({op}) == errc::unknown_outcome);
  CAF_MESSAGE("nothing more of this epoch is stored");
  auto next = log;
  CAF_CHECK(is_refused(must(writer->commit(std::vector<store_op>{next.append(1)})).front().error.code));
  CAF_CHECK_EQUAL(jsons_of(claim_again(log).unsealed), log.jsons);
  commit_one(log.append(1));
  must_be_sound();
}

CAF_TEST(a commit that was lost on its way is unknown and a claim does not find it) {
  auto log = made("sess_a", 1);
  auto lost = log;
  const auto op = lost.append(2);
  factory.proxy.lose_next_request();
  CAF_CHECK(code_of_commit({op}) == errc::unknown_outcome);
  CAF_CHECK_EQUAL(jsons_of(claim_again(log).unsealed), log.jsons);
  commit_one(log.append(1));
  must_be_sound();
}

CAF_TEST(a commit with seals and creations is stored as a whole or not at all) {
  auto log = made("sess_a", 3);
  for (const bool arrives : {false, true}) {
    auto attempt = log;
    const auto append = attempt.append(1);
    test_log other{arrives ? "sess_late" : "sess_never"};
    other.workspace = workspace;
    const std::vector<store_op> ops{append, attempt.seal({{1, 2}}), other.create(1)};
    if (arrives)
      factory.proxy.lose_next_answer();
    else
      factory.proxy.lose_next_request();
    CAF_CHECK(code_of_commit(ops) == errc::unknown_outcome);
    const auto end = claim_again(log);
    CAF_CHECK_EQUAL(end.row.sealed_seq, arrives ? 2u : 0u);
    CAF_CHECK_EQUAL(end.unsealed.size(), arrives ? 2u : 3u);
    const auto made_too =
        insist([&] { return reader->find_session(workspace, other.header.definition->id); });
    CAF_CHECK_EQUAL(made_too.has_value(), arrives);
  }
  must_be_sound();
}

CAF_TEST(an erasure whose answer is lost is done or not ) {
  auto log = made("sess_a", 3);
  commit_one(log.seal({{1, 3}}));
  auto erased = log;
  const auto op = erased.erase(2);
  factory.proxy.lose_next_request();
  CAF_CHECK(code_of_commit({op}) == errc::unknown_outcome);
  claim_again(log);
  CAF_CHECK_EQUAL(jsons_of(insist([&] { return reader->read(log.key, 0, 3, 1 << 20); })), log.jsons);
  must_be_sound();
}

CAF_TEST(while the database cannot be reached nothing is done and then all goes on) {
  auto log = made("sess_a", 2);
  factory.proxy.cut();
  auto refused = log;
  const auto op = refused.append(1);
  CAF_MESSAGE("what is known to be gone is sent nothing, so its outcome is known");
  CAF_CHECK(code_of_commit({op}) == errc::unavailable);
  CAF_CHECK(code_of(writer->claim(log.key)) == errc::unavailable);
  CAF_CHECK(code_of(reader->find_session(workspace, "sess_a")) == errc::unavailable);
  CAF_CHECK(code_of(reader->read(log.key, 0, 2, 1 << 20)) == errc::unavailable);
  CAF_CHECK(code_of(writer->housekeep({at_ms(0), true, [] { return false; }})) == errc::unavailable);
  factory.proxy.mend();
  claim_again(log);
  commit_one(log.append(1));
  CAF_CHECK_EQUAL(copied(insist([&] { return reader->find_session(workspace, "sess_a"); })->unsealed.size()),
                  3u);
  must_be_sound();
}

CAF_TEST(a server that ended its connections is asked again at once) {
  auto log = made("sess_a", 1);
  factory.database.sql(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND "
      "pid <> pg_backend_pid()");
  // The news of it takes its time.
  const auto op = log.append(1);
  const auto code = code_of_commit({op});
  CAF_CHECK(code == errc::none || code == errc::unknown_outcome);
  const auto end = claim_again(log);
  CAF_CHECK_GREATER_OR_EQUAL(end.unsealed.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(postgres_ended_connections, store_fixture<postgres_factory>)

CAF_TEST(nothing is sent into a connection on which the server has said that it ends) {
  auto log = made("sess_a", 1);
  must(reader->find_session(workspace, "sess_a"));
  const std::string others =
      "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
  factory.database.sql("SELECT count(pg_terminate_backend(pid)) " + others);
  CAF_REQUIRE(comes_true([&] { return factory.database.sql("SELECT count(*) " + others) == "0"; }));
  CAF_CHECK_EQUAL(copied(must(reader->find_session(workspace, "sess_a"))->unsealed.size()), 1u);
  commit_one(log.append(1));
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()
