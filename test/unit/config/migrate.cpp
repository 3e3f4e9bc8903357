// SPDX-License-Identifier: Apache-2.0
// Which command brings a store of an older version up to date, and which leaves it alone.
#define CAF_SUITE migrate
#include "config/commands/commands.hpp"
#include "config/commands/tool.hpp"
#include "test/unit/persistence/support/raw_database.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <functional>

using namespace sandbase;

namespace {

struct fixture {
  test::temp_dir folder;
  const std::string path = folder.file("store.db");
  server_options options;

  fixture() { options.store.url = "sqlite:" + path; }

  int make_key() { return run_create_key({role::viewer, "main", "n"}, options); }
  /// The last migration leaves these tables as they are if they are made by it already.
  void set_back() { test::raw_database{path}.exec("PRAGMA user_version=7"); }
  std::string version() { return test::raw_database{path}.ask("PRAGMA user_version"); }
};

const std::string current = "8";
const std::string before = "7";

}  // namespace

CAF_TEST_FIXTURE_SCOPE(migrate_tests, fixture)

CAF_TEST(a store is made and then left as it is) {
  CAF_CHECK_EQUAL(run_migrate(options), exit_ok);
  CAF_CHECK_EQUAL(version(), current);
  CAF_CHECK_EQUAL(run_migrate(options), exit_ok);
  CAF_CHECK_EQUAL(run_check(options), exit_ok);
}

CAF_TEST(who writes brings an older store up to date) {
  CAF_REQUIRE_EQUAL(make_key(), exit_ok);
  const std::function<int()> writers[] = {[&] { return run_migrate(options); }, [&] { return make_key(); },
                                          [&] { return run_revoke_key({1}, options); },
                                          [&] {
                                            return run_import({folder.write("in.jsonl", ""), {}}, options);
                                          }};
  for (const auto& write : writers) {
    set_back();
    CAF_CHECK_EQUAL(write(), exit_ok);
    CAF_CHECK_EQUAL(version(), current);
  }
}

CAF_TEST(who reads refuses an older store and leaves it) {
  CAF_REQUIRE_EQUAL(make_key(), exit_ok);
  set_back();
  for (const auto code : {run_list_keys({}, options), run_check(options), run_list_sessions({}, options),
                          run_export({"", {}, folder.file("out")}, options)})
    CAF_CHECK_EQUAL(code, exit_refused);
  CAF_CHECK_EQUAL(version(), before);
}

CAF_TEST(a store in use is not migrated) {
  CAF_REQUIRE_EQUAL(make_key(), exit_ok);
  const auto held = (*open_backend(options.store, false))->lock("serve");
  CAF_CHECK_EQUAL(run_migrate(options), exit_ok);  // there is nothing to do
  set_back();
  CAF_CHECK_EQUAL(run_migrate(options), exit_refused);
  CAF_CHECK_EQUAL(make_key(), exit_refused);
  CAF_CHECK_EQUAL(version(), before);
}

CAF_TEST(a newer store and one that is none are refused) {
  CAF_REQUIRE_EQUAL(make_key(), exit_ok);
  test::raw_database{path}.exec("PRAGMA user_version=999");
  CAF_CHECK_EQUAL(run_migrate(options), exit_refused);
  folder.write("store.db",
               "something else, and more of it than the header of a database has: 100 bytes, as it is");
  CAF_CHECK_EQUAL(run_migrate(options), exit_refused);
  options.store.url = "sqlite:" + folder.path().string();
  CAF_CHECK_EQUAL(run_migrate(options), exit_refused);
}

CAF_TEST(a key is revoked only where a store is) {
  CAF_CHECK_EQUAL(run_revoke_key({1}, options), exit_refused);
  CAF_CHECK(!std::filesystem::exists(path));
}

CAF_TEST_FIXTURE_SCOPE_END()
