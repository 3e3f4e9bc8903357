// SPDX-License-Identifier: Apache-2.0
// Sessions out of lines into a store, and back: on a real database in a temporary folder. Needs CAF_SUITE.
#pragma once

#include "events/json/json_text.hpp"
#include "persistence/transfer/offline_import.hpp"
#include "persistence/transfer/store_export.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"
#include "test/unit/support/test_clock.hpp"

#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace sandbase::test {

inline const std::string first_header =
    R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1"}})"
    "\n";
inline const std::string second_header =
    R"({"session":{"id":"sess_b","agent":"agent_1","environment_id":"env_1"}})"
    "\n";
inline const std::string third_header =
    R"({"session":{"id":"sess_c","agent":"agent_1","environment_id":"env_1"}})"
    "\n";

inline std::string event(const std::string& members) {
  return R"({"event":{"type":"agent.message")" + members + "}}\n";
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The event's JSON in a line of an export.
inline json::value event_of(const std::string& line) { return *json::value{line}.find("event"); }
inline std::string text_of(const json::value& object, std::string_view name) {
  return object.find(name)->as_string();
}

struct transfer_fixture {
  /// Later than all times in these tests.
  const timestamp now = test_time + std::chrono::hours{24 * 30};
  temp_dir folder;
  std::unique_ptr<store_backend> backend;
  std::unique_ptr<store_admin> admin;
  import_options options;
  /// Bytes that are fed at once.
  std::size_t piece = 256 * 1024;

  transfer_fixture() {
    options.max_line = 100'000'000;
    use("store.db");
  }
  void use(const std::string& database) {
    admin.reset();
    backend = *open_backend("sqlite:" + folder.file(database), true);
    admin = *backend->open_admin();
  }

  import_report import_all(const std::string& text) {
    offline_import work{*admin, options};
    for (std::size_t i = 0; i < text.size(); i += piece)
      if (!work.feed(std::string_view{text}.substr(i, piece), now)) CAF_FAIL("the store fails");
    CAF_REQUIRE(work.finish(now));
    return work.report();
  }
  /// Whether all of it was taken.
  bool import(const std::string& text, std::optional<std::string> workspace = {}) {
    options.workspace = std::move(workspace);
    return import_all(text).failed == 0;
  }
  /// `line 4, session sess_a: …`, one a bad session.
  std::vector<std::string> errors(const std::string& text) {
    std::vector<std::string> all;
    for (const auto& e : import_all(text).errors)
      all.push_back("line " + std::to_string(e.line) + (e.session.empty() ? "" : ", session " + e.session) +
                    ": " + e.message);
    return all;
  }
  /// The one error of importing `text`, and that nothing of session sess_a stays.
  std::string refusal(const std::string& text) {
    const auto report = import_all(text);
    CAF_REQUIRE_EQUAL(report.failed, 1u);
    CAF_REQUIRE_EQUAL(report.errors.size(), 1u);
    const auto left = admin->find_sessions("sess_a");
    CAF_REQUIRE(left);
    CAF_CHECK(left->empty());
    return "line " + std::to_string(report.errors.front().line) + ": " + report.errors.front().message;
  }
  std::string export_all(const std::optional<std::string>& workspace = {}) {
    std::string text;
    store_export work{
        *admin, [&](std::string_view lines) -> result<void> { return text += lines, result<void>{}; }, now};
    CAF_REQUIRE(work.all(workspace));
    return text;
  }
  std::vector<std::string> sessions() {
    std::vector<std::string> ids;
    CAF_REQUIRE(admin->each_session({}, [&](const session_row& row, std::string_view) {
      ids.push_back(row.header.definition->id);
      return true;
    }));
    return ids;
  }
  void check() {
    const auto report = admin->check([](const std::string& problem) { CAF_ERROR(problem); });
    CAF_CHECK(report);
  }
};

}  // namespace sandbase::test
