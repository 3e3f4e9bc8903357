// SPDX-License-Identifier: Apache-2.0
// Imports through the actors of the service, into a real store.
#define CAF_SUITE importer
#include "test/unit/actors/support/service_fixture.hpp"
// The framework's header comes first.
#include "actors/transfer/importer.hpp"
#include "test/unit/persistence/support/raw_database.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

std::string header(const std::string& id) {
  return R"({"session":{"id":")" + id + R"(","agent":"agent_1","environment_id":"env_1"}})" + "\n";
}
std::string event(const std::string& members) {
  return R"({"event":{"type":"agent.message")" + members + "}}\n";
}
/// So many events of 10 kB.
std::string many_events(int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += event(R"(,"text":")" + std::string(10'000, 'x') + '"');
  return text;
}

struct fixture : service_fixture {
  importer_actor open() {
    importer_arguments with;
    with.workspace = workspace;
    with.directory = directory;
    with.journal = journal;
    with.clock = clock_for_tests();
    with.max_line = 1'000'000;
    return sys.spawn<importer>(std::move(with));
  }
  /// Whoever feeds stays, as a connection does.
  outcome<import_progress> feed(const importer_actor& to, const std::string& text, bool is_last) {
    auto pending =
        self->request(to, caf::infinite, import_piece{std::make_shared<const std::string>(text), is_last});
    run();
    outcome<import_progress> answer;
    pending.receive([&](const import_progress& p) { answer.value = p; },
                    [&](const caf::error& e) { answer.error = to_failure(e); });
    return answer;
  }
  import_report import(const std::string& text) {
    const auto answer = feed(open(), text, true);
    if (!answer || !answer->report) CAF_FAIL("no report: " << answer.error.message);
    return *answer->report;
  }
  std::string error_of(const import_report& report) {
    return report.errors.empty() ? "" : report.errors.front().session + ": " + report.errors.front().message;
  }
  /// What of sessions is in the store that none of them shows.
  int staged() {
    return std::stoi(
        raw_database{dir.file("test.db")}.ask("SELECT count(*) FROM sessions WHERE workspace=0"));
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(importer_tests, fixture)

CAF_TEST(sessions come whole and go on as others do) {
  const auto report =
      import(header("sess_a") + many_events(300) + header("sess_b") + "nonsense\n" + header("sess_c"));
  CAF_CHECK_EQUAL(report.sessions, 2u);
  CAF_CHECK_EQUAL(report.events, 300u);
  CAF_CHECK_EQUAL(error_of(report), "sess_b: malformed JSON at byte 0, unexpected 'n'");
  CAF_CHECK_EQUAL(all_sessions().size(), 2u);
  const auto s = look_up("sess_a");
  CAF_CHECK_EQUAL(replay(s).size(), 300u);
  append_text(s, "behind");
  CAF_CHECK_EQUAL(replay(s).size(), 301u);
  CAF_CHECK_EQUAL(replay(look_up("sess_c")).size(), 0u);
  CAF_CHECK(faults_found().empty());
  restart();
  CAF_CHECK_EQUAL(replay(look_up("sess_a")).size(), 301u);
}

CAF_TEST(what is stored is compared wherever its events are) {
  const auto text = header("sess_a") + many_events(100);
  CAF_CHECK_EQUAL(import(text).sessions, 1u);
  CAF_CHECK_EQUAL(import(text).skipped_sessions, 1u);
  append_text(look_up("sess_a"), "one more");
  CAF_CHECK_EQUAL(error_of(import(text)),
                  "sess_a: session: the stored one has more than the 100 events that follow here");
  CAF_CHECK_EQUAL(error_of(import(text + event("") + event(""))),
                  "sess_a: event: differs from what is stored");
  CAF_CHECK_EQUAL(replay(look_up("sess_a")).size(), 101u);
}

CAF_TEST(a session that retires in between is found again) {
  const auto text = header("sess_a") + many_events(100);
  import(text);
  const auto to = open();
  const auto half = text.size() / 2;
  CAF_CHECK(feed(to, text.substr(0, half), false));
  caf::anon_send(look_up("sess_a"), retire_now{});
  run();
  const auto answer = feed(to, text.substr(half), true);
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->report->skipped_sessions, 1u);
}

CAF_TEST(an id that is there already is named by its line) {
  const auto report = import(header("sess_a") + event(R"(,"id":"msg_1")") + many_events(200) + event("") +
                             event(R"(,"id":"msg_1")") + header("sess_b"));
  CAF_REQUIRE_EQUAL(report.errors.size(), 1u);
  CAF_CHECK_EQUAL(report.errors.front().line, 204u);
  CAF_CHECK_EQUAL(report.sessions, 1u);
  CAF_CHECK_EQUAL(staged(), 0);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(what is under way shows nowhere and goes with whoever feeds it) {
  const auto to = open();
  CAF_CHECK(feed(to, header("sess_a") + many_events(300), false));
  CAF_CHECK_EQUAL(staged(), 1);
  CAF_CHECK(all_sessions().empty());
  CAF_CHECK(must_fail<lookup_answer>(directory, lookup_request{workspace, "sess_a"}).code == errc::not_found);
  CAF_CHECK(faults_found().empty());
  caf::anon_send_exit(to, caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK_EQUAL(staged(), 0);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(what a full disk did not let go is removed when it does) {
  const auto to = open();
  CAF_CHECK(feed(to, header("sess_a") + many_events(300), false));
  faults->every_commit = {errc::unavailable, "disk full"};
  caf::anon_send_exit(to, caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK_EQUAL(staged(), 1);
  faults->every_commit = {};
  sched.advance_time(std::chrono::seconds{3});
  run();
  CAF_CHECK_EQUAL(staged(), 0);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(what a crash leaves is removed at the next start) {
  const auto to = open();
  CAF_CHECK(feed(to, header("sess_a") + many_events(300), false));
  CAF_CHECK_EQUAL(staged(), 1);
  restart();
  CAF_CHECK_EQUAL(staged(), 0);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a session that is made meanwhile is left alone) {
  const auto first = open();
  CAF_CHECK(feed(first, header("sess_a") + event(""), false));
  CAF_CHECK_EQUAL(import(header("sess_a") + event("") + event("")).sessions, 1u);
  const auto answer = feed(first, event(""), true);
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(
      error_of(*answer->report),
      "sess_a: session.id: a session of this id was made while this one was imported; sent again it is "
      "compared with that");
  CAF_CHECK_EQUAL(replay(look_up("sess_a")).size(), 2u);
  CAF_CHECK_EQUAL(staged(), 0);
}

CAF_TEST(the same import twice at once stores it once) {
  const auto text =
      header("sess_a") + event(R"(,"id":"msg_1")") + many_events(250) + header("sess_b") + event("");
  const auto half = text.size() / 2;
  const auto first = open();
  const auto second = open();
  CAF_CHECK(feed(first, text.substr(0, half), false));
  CAF_CHECK(feed(second, text.substr(0, half), false));
  CAF_CHECK_EQUAL(staged(), 2);
  const auto one = feed(first, text.substr(half), true);
  const auto other = feed(second, text.substr(half), true);
  CAF_REQUIRE(one);
  CAF_REQUIRE(other);
  CAF_CHECK_EQUAL(one->report->sessions, 2u);
  CAF_CHECK_EQUAL(other->report->sessions, 0u);
  CAF_CHECK_EQUAL(other->report->skipped_sessions, 1u);
  CAF_CHECK(error_of(*other->report).starts_with("sess_a: session.id: a session of this id was made while"));
  CAF_MESSAGE("again it is found equal");
  CAF_CHECK_EQUAL(import(text).skipped_sessions, 2u);
  CAF_CHECK_EQUAL(replay(look_up("sess_a")).size(), 251u);
  CAF_CHECK_EQUAL(staged(), 0);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(an import that breaks off tells what was taken and where it ends) {
  const auto to = open();
  CAF_REQUIRE(feed(to, header("sess_a") + event("") + header("sess_b") + event(""), false));
  faults->next_commit = {errc::unavailable, "the disk is full"};
  const auto answer = feed(to, header("sess_c") + event(""), true);
  CAF_REQUIRE(answer);
  CAF_REQUIRE(answer->report);
  CAF_CHECK_EQUAL(answer->report->sessions, 1u);
  CAF_REQUIRE_EQUAL(answer->report->errors.size(), 1u);
  CAF_CHECK_EQUAL(answer->report->errors[0].line, 3u);
  CAF_CHECK_EQUAL(error_of(*answer->report),
                  "sess_b: the import broke off here and took nothing more: the disk is full; sent again, "
                  "it skips what is there");
  CAF_CHECK_EQUAL(all_sessions().size(), 1u);
  CAF_CHECK_EQUAL(staged(), 0);
  const auto again = import(header("sess_a") + event("") + header("sess_b") + event("") + header("sess_c"));
  CAF_CHECK_EQUAL(again.sessions, 2u);
  CAF_CHECK_EQUAL(again.skipped_sessions, 1u);
}

CAF_TEST(who feeds it can break it off) {
  const auto broken = import_piece{nullptr, false, {errc::rate_limited, "too much"}};
  const auto feed_broken = [&](const importer_actor& to) {
    outcome<import_progress> answer;
    auto pending = self->request(to, caf::infinite, broken);
    run();
    pending.receive([&](const import_progress& p) { answer.value = p; },
                    [&](const caf::error& e) { answer.error = to_failure(e); });
    return answer;
  };
  const auto empty = open();
  CAF_REQUIRE(feed(empty, header("sess_a") + many_events(200), false));
  const auto nothing = feed_broken(empty);
  CAF_CHECK(!nothing);
  CAF_CHECK(nothing.error.code == errc::rate_limited);
  const auto to = open();
  CAF_REQUIRE(feed(to, header("sess_a") + header("sess_b") + many_events(200), false));
  const auto answer = feed_broken(to);
  CAF_REQUIRE(answer);
  CAF_REQUIRE(answer->report);
  CAF_CHECK_EQUAL(answer->report->sessions, 1u);
  CAF_CHECK(error_of(*answer->report).starts_with("sess_b: the import broke off here"));
  CAF_CHECK(error_of(*answer->report).find(": too much; ") != std::string::npos);
  CAF_CHECK_EQUAL(staged(), 0);
}

CAF_TEST(a store that fails ends the import) {
  faults->next_commit = {errc::unavailable, "the disk is full"};
  const auto answer = feed(open(), header("sess_a") + event(""), true);
  CAF_CHECK(!answer);
  CAF_CHECK(answer.error.code == errc::unavailable);
  CAF_CHECK(all_sessions().empty());
  CAF_CHECK_EQUAL(import(header("sess_a") + event("")).sessions, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
