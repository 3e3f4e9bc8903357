// SPDX-License-Identifier: Apache-2.0
// Somebody else's transaction holds what an operation needs: it fails alone, and soon.
#define CAF_SUITE postgres_locks
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"

#include <chrono>

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct locks_fixture : store_fixture<postgres_factory> {
  std::string of(const test_log& log) { return " WHERE session = " + std::to_string(log.key); }
  postgres_transaction locking(const test_log& log) {
    return {factory.database, "SELECT 1 FROM sandbase.tips" + of(log) + " FOR UPDATE"};
  }
  std::vector<errc> codes_of(const std::vector<store_op>& ops) {
    std::vector<errc> codes;
    for (const auto& outcome : commit(ops)) codes.push_back(outcome.error.code);
    return codes;
  }
};

using codes = std::vector<errc>;
constexpr auto ok = errc::none;
constexpr auto refused = errc::unavailable;

}  // namespace

CAF_TEST_FIXTURE_SCOPE(postgres_locks, locks_fixture)

CAF_TEST(of a batch only the sessions fail whose rows are locked) {
  constexpr std::size_t count = 40;
  std::vector<test_log> logs;
  for (std::size_t i = 0; i < count; ++i) logs.push_back(made("sess_" + std::to_string(i), 2));
  auto& locked = logs[17];
  auto behind = locked;
  {
    const auto held = locking(locked);
    std::vector<store_op> ops;
    for (auto& log : logs) ops.emplace_back(&log == &locked ? behind.append(1) : log.append(1));
    ops.emplace_back(behind.append(1));
    ops.emplace_back(logs[3].seal({{1, 2}}));
    const auto begin = std::chrono::steady_clock::now();
    const auto done = codes_of(ops);
    CAF_CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{3});
    for (std::size_t i = 0; i < ops.size(); ++i) CAF_CHECK(done[i] == (i == 17 || i == count ? refused : ok));
  }
  CAF_MESSAGE("nothing of it was stored, and it goes on with a claim");
  CAF_CHECK(is_refused(error_of(behind.append(1))));
  CAF_CHECK_EQUAL(unsealed_of(locked), locked.jsons);
  commit_one(locked.append(1));
  CAF_CHECK_EQUAL(row_of(logs[3]).sealed_seq, 2u);
  must_be_sound();
}

CAF_TEST(a seal of a session that is locked fails alone and may be tried again) {
  auto a = made("sess_a", 3);
  auto b = made("sess_b", 3);
  {
    const auto held = locking(a);
    CAF_CHECK((codes_of({a.seal({{1, 3}}), b.seal({{1, 3}})}) == codes{refused, ok}));
  }
  commit_one(a.seal({{1, 3}}));
  commit_one(a.append(1));
  must_be_sound();
}

CAF_TEST(who waits for a key that is being inserted is found and the others are stored) {
  auto a = made("sess_a", 1);
  auto b = made("sess_b", 1);
  auto keyed = made("sess_c", 1);
  auto op = keyed.append(1);
  op.idempotency = idempotency_record{"key", sha256("body"), 2, 2, at_ms(0)};
  const auto ids = std::to_string(workspace) + ", " + std::to_string(keyed.key);
  const postgres_transaction held{
      factory.database,
      "INSERT INTO sandbase.idempotency(workspace, session, key, body, first_seq, "
      "last_seq, created_at) VALUES(" +
          ids + ", 'key', '', 0, 0, 0)"};
  CAF_CHECK((codes_of({a.append(1), op, b.append(1)}) == codes{ok, refused, ok}));
  must_be_sound();
}

CAF_TEST(while a table is locked a commit fails in bounded time) {
  std::vector<test_log> logs;
  for (int i = 0; i < 32; ++i) logs.push_back(made("sess_" + std::to_string(i), 1));
  std::vector<store_op> ops;
  for (auto& log : logs) ops.emplace_back(log.append(1));
  const postgres_transaction held{factory.database, "LOCK TABLE sandbase.journal IN ACCESS EXCLUSIVE MODE"};
  const auto begin = std::chrono::steady_clock::now();
  for (const auto code : codes_of(ops)) CAF_CHECK(code == refused);
  CAF_CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{8});
}

CAF_TEST_FIXTURE_SCOPE_END()
