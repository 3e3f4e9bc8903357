// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_memory
#include "test/unit/persistence/support/failing_new.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"

#include <cstddef>
#include <optional>

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct memory_fixture : store_fixture<sqlite_factory> {
  /// Runs `f` with the allocation that fails. @returns whether there were so many
  template <class F>
  static bool fails_at(std::size_t allocation, F&& f) {
    fail_allocation(allocation);
    f();
    return stop_failing_allocations();
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_memory, memory_fixture)

CAF_TEST(what is stored is not told as refused wherever memory ends) {
  int refused = 0;
  int ended = 0;
  for (std::size_t n = 0;; ++n) {
    auto log = made("sess_" + std::to_string(n), 1);
    const auto seal = log.seal({{1, 1}});
    test_log created{"sess_new_" + std::to_string(n)};
    created.workspace = workspace;
    const std::vector<store_op> ops{log.append(1), seal, created.create(1)};
    std::optional<result<std::vector<op_outcome>>> done;
    const bool failed = fails_at(n, [&] { done = writer->commit(ops); });
    const auto code = code_of(*done);
    reopen();
    const bool is_stored = last_of(log) == 2;
    if (code == errc::none) CAF_CHECK(is_stored);
    if (code == errc::unavailable) CAF_CHECK(!is_stored);
    refused += code == errc::unavailable;
    ended += code == errc::io_failed;
    if (!failed) break;
  }
  CAF_CHECK_GREATER(refused, 0);
  CAF_CHECK_GREATER(ended, 0);
  must_be_sound();
}

CAF_TEST(no claim lets go of what is unsealed wherever memory ends) {
  for (std::size_t n = 0;; ++n) {
    auto log = made("sess_" + std::to_string(n), 3);
    if (n % 2 == 0) writer->release(log.key, log.epoch);
    errc code = errc::none;
    const bool failed = fails_at(n / 2, [&] { code = code_of(writer->claim(log.key)); });
    CAF_CHECK_EQUAL(failed, code != errc::none);
    keep_house();
    claim(log);
    commit_one(log.append(1));
    reopen();
    CAF_CHECK_EQUAL(last_of(log), 4u);
    if (!failed) break;
  }
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()
