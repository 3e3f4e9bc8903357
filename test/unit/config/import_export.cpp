// SPDX-License-Identifier: Apache-2.0
// The import and export commands on a real database in a temporary folder.
#define CAF_SUITE import_export
#include "config/commands/commands.hpp"
#include "config/commands/tool.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <algorithm>
#include <sys/stat.h>

using namespace sandbase;

namespace {

std::string session(const std::string& id) {
  return R"({"session":{"id":")" + id +
         R"(","agent":"agent_1","environment_id":"env_1"}})"
         "\n";
}
const std::string good_event = R"({"event":{"type":"agent.message"}})"
                               "\n";
const std::string bad_event = R"({"event":{}})"
                              "\n";

struct fixture {
  test::temp_dir folder;
  server_options options;

  fixture() { options.store.url = "sqlite:" + folder.file("store.db"); }

  int import(const std::string& text, bool stop_at_first = false) {
    return run_import({folder.write("in.jsonl", text), {}, stop_at_first}, options);
  }
  /// How many lines an export of everything has.
  std::ptrdiff_t exported_lines() {
    CAF_REQUIRE_EQUAL(run_export({"", {}, folder.file("out.jsonl")}, options), exit_ok);
    const auto text = folder.read("out.jsonl");
    return std::ranges::count(text, '\n');
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(import_export_tests, fixture)

CAF_TEST(what is exported is imported) {
  CAF_CHECK_EQUAL(import(session("sess_a") + good_event + session("sess_b")), exit_ok);
  CAF_CHECK_EQUAL(exported_lines(), 3);
  const auto exported = folder.read("out.jsonl");
  CAF_CHECK_EQUAL(import(exported), exit_ok);
  options.store.url = "sqlite:" + folder.file("other.db");
  CAF_CHECK_EQUAL(import(exported), exit_ok);
  CAF_CHECK_EQUAL(exported_lines(), 3);
  CAF_CHECK_EQUAL(run_check(options), exit_ok);
}

CAF_TEST(an import with a bad session fails and takes the others) {
  const auto text = session("sess_a") + good_event + session("sess_b") + bad_event + session("sess_c");
  CAF_CHECK_EQUAL(import(text, true), exit_failed);
  CAF_CHECK_EQUAL(exported_lines(), 2);
  CAF_CHECK_EQUAL(import(text), exit_failed);
  CAF_CHECK_EQUAL(exported_lines(), 3);
}

CAF_TEST(an export is for its owner and group) {
  const auto before = ::umask(0);
  CAF_CHECK_EQUAL(import(session("sess_a")), exit_ok);
  CAF_CHECK_EQUAL(exported_lines(), 1);
  ::umask(before);
  struct stat info {};
  CAF_REQUIRE_EQUAL(::stat(folder.file("out.jsonl").c_str(), &info), 0);
  CAF_CHECK_EQUAL(info.st_mode & 0777, 0640u);
}

CAF_TEST(what cannot be opened is refused) {
  CAF_CHECK_EQUAL(run_import({folder.file("absent"), {}}, options), exit_refused);
  CAF_CHECK_EQUAL(run_export({"", {}, folder.file("out")}, options), exit_refused);
  CAF_CHECK_EQUAL(run_check(options), exit_refused);
  CAF_CHECK_EQUAL(import(session("sess_a")), exit_ok);
  CAF_CHECK_EQUAL(run_export({"", {}, folder.file("absent/out")}, options), exit_refused);
}

CAF_TEST(what is not there cannot be exported) {
  CAF_CHECK_EQUAL(import(session("sess_a")), exit_ok);
  const auto out = folder.file("one");
  CAF_CHECK_EQUAL(run_export({"sess_a", "default", out}, options), exit_ok);
  CAF_CHECK_EQUAL(run_export({"sess_x", "default", out}, options), exit_failed);
  CAF_CHECK_EQUAL(run_export({"sess_a", "absent", out}, options), exit_failed);
  CAF_CHECK_EQUAL(run_export({"", "absent", out}, options), exit_failed);
}

CAF_TEST(a file that cannot be read to its end is no import) {
  CAF_CHECK_EQUAL(run_import({folder.path().string(), {}}, options), exit_failed);
}

CAF_TEST_FIXTURE_SCOPE_END()
