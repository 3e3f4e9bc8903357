// SPDX-License-Identifier: Apache-2.0
// Imports session by session: what is taken, skipped, refused.
#define CAF_SUITE offline_import
#include "test/unit/persistence/support/transfer_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(offline_import_tests, transfer_fixture)

CAF_TEST(an export imported elsewhere gives the same export) {
  std::string text = first_header;
  for (int i = 0; i < 700; ++i)  // several blocks
    text += event(R"(,"text":")" + std::string(200, 'x') + std::to_string(i) + "\"");
  text += second_header + R"({"event":{"type":"session.status_running"}})" + "\n" +
          R"({"event":{"type":"session.status_terminated"}})" + "\n";
  CAF_CHECK(import(text));
  const auto exported = export_all();
  use("other.db");
  CAF_CHECK(import(exported));
  const auto first = lines_of(exported);
  const auto second = lines_of(export_all());
  CAF_REQUIRE_EQUAL(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    const auto session = json::value{first[i]}.find("session");
    if (!session) {
      CAF_CHECK_EQUAL(first[i], second[i]);
      continue;
    }
    // All but what grows with the clock.
    const auto other = *json::value{second[i]}.find("session");
    session->for_each_member([&](std::string_view, std::string_view key, const json::value& v) {
      if (key != "stats") CAF_CHECK_EQUAL(v.text(), other.find(key)->text());
    });
  }
  check();
}

CAF_TEST(the same file again changes nothing) {
  const auto text = first_header + event(R"(,"n":1)") + event("") + second_header;
  CAF_CHECK(import(text));
  const auto exported = export_all();
  CAF_CHECK(import(text));
  CAF_CHECK(import(exported));
  const auto before = lines_of(exported);
  const auto after = lines_of(export_all());
  CAF_REQUIRE_EQUAL(before.size(), 4u);
  CAF_REQUIRE_EQUAL(after.size(), 4u);
  CAF_CHECK_EQUAL(before[1], after[1]);
  CAF_CHECK_EQUAL(before[2], after[2]);
}

CAF_TEST(what the session object adds to a header is no difference) {
  const std::string header =
      R"({"session":{"id":"sess_a","agent":{"id":"agent_1","model":"m","tools":[{"type":"mcp_toolset","mcp_server_name":"s"}],)"
      R"("skills":[{"type":"anthropic","skill_id":"xlsx"}]},"environment_id":"env_1","deployment_id":"depl_1",)"
      R"("resources":[{"type":"file","file_id":"f","mount_path":null},1]}})"
      "\n";
  CAF_REQUIRE(import(header + event("")));
  CAF_CHECK(import(header + event("")));
  const auto exported = export_all();
  CAF_CHECK(exported.find("\"mount_path\":\"/mnt/session/uploads/f\"") != exported.npos);
  CAF_CHECK(exported.find(R"("deployment_id":"depl_1")") != exported.npos);
  CAF_CHECK(import(exported));
  const auto with = [&](std::string_view what, std::string_view instead) {
    auto text = header + event("");
    return text.replace(text.find(what), what.size(), instead);
  };
  CAF_CHECK(!import(with(R"("file_id":"f")", R"("file_id":"g")")));
  CAF_CHECK(!import(with(R"("mcp_server_name":"s")", R"("mcp_server_name":"t")")));
  CAF_CHECK(!import(with("depl_1", "depl_2")));
}

CAF_TEST(a file that differs from what is stored is refused) {
  const auto text = first_header + event(R"(,"n":1)") + event("");
  CAF_CHECK(import(text));
  const auto before = lines_of(export_all());
  const auto one = event(R"(,"n":1)");
  const std::pair<std::string, std::string> others[] = {
      {first_header + event(R"(,"n":2)") + event(""),
       "line 2, session sess_a: event: differs from what is stored"},
      {first_header + one,
       "line 1, session sess_a: session: the stored one has more than the 1 events that follow "
       "here"},
      {first_header + one + event("") + event(""),
       "line 4, session sess_a: event: the stored session ends before this event"},
      {first_header,
       "line 1, session sess_a: session: the stored one has more than the 0 events that follow here"},
      {first_header + event(R"(,"n":1,"id":"msg_1")") + event(""),
       "line 2, session sess_a: event: differs from what is stored"},
      {R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1","title":"t"}})"
       "\n" +
           one + event(""),
       "line 1, session sess_a: session.title: differs from what is stored"},
      {R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1","log":{"events":3}}})"
       "\n" +
           one + event(""),
       "line 1, session sess_a: session.log.events: differs from what is stored"},
  };
  for (const auto& [other, why] : others) CAF_CHECK_EQUAL(errors(other), std::vector{why});
  const auto after = lines_of(export_all());
  CAF_REQUIRE_EQUAL(after.size(), before.size());
  CAF_CHECK_EQUAL(after[2], before[2]);
}

CAF_TEST(a bad line keeps its session out and the ones before it in) {
  CAF_CHECK(!import(first_header + event("") + second_header + event("") + "nonsense\n"));
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK_EQUAL(text_of(*json::value{lines[0]}.find("session"), "id"), "sess_a");
}

CAF_TEST(each bad line is named by number) {
  const auto before = [](const std::string& message, const std::string& expected) {
    if (message.rfind(expected, 0) != 0) CAF_FAIL("expected " << expected << ", got " << message);
  };
  before(refusal(event("")), "line 1: an event without a session");
  before(refusal(first_header + "{\"event\":{]}\n"), "line 2: event: malformed JSON");
  before(refusal(first_header + "\n{\"event\":{}}\n"), "line 3: event.type");
  before(refusal(first_header + R"({"event":{"type":"agent.message"},"more":1})"), "line 2: more: ");
  before(refusal(first_header + R"({"evnt":{}})"), "line 2: neither an event");
  before(refusal(first_header + event(R"(,"id":"no id")")), "line 2: event.id");
  before(refusal(first_header + event(R"(,"processed_at":"yesterday")")), "line 2: event.processed_at");
  before(refusal(R"({"session":{"id":"sess_a"}})"), "line 1: session.agent");
}

CAF_TEST(a file may begin with a byte order mark) { CAF_CHECK(import("\ufeff" + first_header + event(""))); }

CAF_TEST(a header that disagrees with its events is refused) {
  const std::string zero_head = "sha256:" + std::string(64, '0');
  const auto with_log = [](const std::string& log) {
    return R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1","log":)" + log + "}}\n";
  };
  CAF_CHECK_EQUAL(refusal(with_log(R"({"events":2})") + event("")),
                  "line 1: session.log.events: says 2, but 1 events follow");
  CAF_CHECK_EQUAL(refusal(with_log(R"({"head":")" + zero_head + "\"}") + event(""))
                      .rfind("line 1: session.log.head: ", 0),
                  0u);
  CAF_CHECK_EQUAL(refusal(with_log(R"({"last_event_id":"msg_2"})") + event(R"(,"id":"msg_1")")),
                  "line 1: session.log.last_event_id: is not the id of the last event that follows");
  CAF_CHECK(import(with_log(R"({"events":0,"last_event_id":null,"head":")" + zero_head + "\"}")));
}

CAF_TEST(the workspace is the option 's or the file' s or default) {
  const std::string named =
      R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1"},"workspace":"w1"})";
  CAF_CHECK(import(first_header));
  CAF_CHECK(import(named));
  CAF_CHECK(import(named, "w2"));
  for (const auto* workspace : {"default", "w1", "w2"}) {
    const auto lines = lines_of(export_all(workspace));
    CAF_REQUIRE_EQUAL(lines.size(), 1u);
    CAF_CHECK_EQUAL(text_of(json::value{lines[0]}, "workspace"), workspace);
  }
  // The id alone does not say which.
  store_export work{*admin, [](std::string_view) { return result<void>{}; }, now};
  CAF_CHECK(work.one("sess_a", std::nullopt).error().code == errc::invalid);
  CAF_CHECK(work.one("sess_a", "w2"));
  CAF_CHECK(work.one("sess_x", "w2").error().code == errc::not_found);
  CAF_CHECK_EQUAL(work.sessions(), 1u);
}

CAF_TEST(a session may be younger than its events) {
  const std::string header =
      R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1","created_at":"2026-06-01T00:00:00Z"}})"
      "\n";
  const auto at = [](const std::string& time) { return event(R"(,"processed_at":")" + time + "\""); };
  CAF_CHECK(import(header + at("2026-05-29T10:00:00Z")));
  check();
}

CAF_TEST(one bad session is named and the others are taken) {
  const auto bad = event(R"(,"processed_at":"yesterday")");
  const auto text = first_header + event("") + bad + event("") + "nonsense\n" + second_header + event("") +
                    R"({"session":{"id":"sess_c","agent":7,"environment_id":"e"}})" + "\n" + event("") + bad +
                    third_header + event("");
  for (const std::size_t n : {1u, 7u, 100u, 100'000u}) {
    CAF_MESSAGE("in pieces of " << n << " bytes");
    use(std::to_string(n) + ".db");
    piece = n;
    CAF_CHECK_EQUAL(
        errors(text),
        (std::vector<std::string>{
            "line 3, session sess_a: event.processed_at: must be a time as in RFC 3339, like "
            "\"2026-05-29T10:00:03.120Z\"",
            "line 8, session sess_c: session.agent: must be an agent's id or an object with one"}));
    CAF_CHECK_EQUAL(sessions(), (std::vector<std::string>{"sess_b", "sess_c"}));
    check();
  }
}

CAF_TEST(what was taken and what was not is counted) {
  CAF_REQUIRE(import(second_header + event("")));
  const auto report = import_all(first_header + event("") + event("") + second_header + event("") +
                                 third_header + event("") + R"({"event":{}})");
  CAF_CHECK_EQUAL(report.sessions, 1u);
  CAF_CHECK_EQUAL(report.events, 2u);
  CAF_CHECK_EQUAL(report.skipped_sessions, 1u);
  CAF_CHECK_EQUAL(report.skipped_events, 1u);
  CAF_CHECK_EQUAL(report.failed, 1u);
}

CAF_TEST(only the first errors are kept) {
  options.max_errors = 2;
  const auto report =
      import_all("{}\n" + first_header + "{}\n" + second_header + "{}\n" + third_header + event(""));
  CAF_CHECK_EQUAL(report.failed, 3u);
  CAF_REQUIRE_EQUAL(report.errors.size(), 2u);
  CAF_CHECK_EQUAL(report.errors[0].line, 1u);
  CAF_CHECK_EQUAL(report.errors[0].session, "");
  CAF_CHECK_EQUAL(report.errors[1].line, 3u);
  CAF_CHECK_EQUAL(report.sessions, 1u);
}

CAF_TEST(an import can stop at the first bad session) {
  options.stop_at_first = true;
  const auto report = import_all(first_header + event("") + second_header + R"({"event":{}})" + "\n" +
                                 third_header + event(""));
  CAF_CHECK_EQUAL(report.failed, 1u);
  CAF_CHECK_EQUAL(sessions(), std::vector<std::string>{"sess_a"});
  offline_import work{*admin, options};
  CAF_REQUIRE(work.feed("nonsense\n" + third_header, now));
  CAF_CHECK(work.is_done());
}

CAF_TEST(a line that is no event costs the session before it unless that is complete) {
  const auto complete = R"({"session":{"id":"sess_b","agent":"a","environment_id":"e","log":{"events":1}}})"
                        "\n" +
                        event("");
  CAF_CHECK_EQUAL(
      errors(first_header + event("") + "nonsense\n" + complete + "nonsense\n" + event("") + "nonsense\n"),
      (std::vector<std::string>{"line 3, session sess_a: malformed JSON at byte 0, unexpected 'n'",
                                "line 6: malformed JSON at byte 0, unexpected 'n'"}));
  CAF_CHECK_EQUAL(sessions(), std::vector<std::string>{"sess_b"});
  CAF_MESSAGE("and in one that is there already");
  CAF_CHECK_EQUAL(errors(complete + "nonsense\n"),
                  std::vector<std::string>{"line 3: malformed JSON at byte 0, unexpected 'n'"});
}

CAF_TEST(a line that is too long costs its session) {
  options.max_line = 1000;
  options.max_line_name = "some.option";
  CAF_CHECK_EQUAL(
      errors(first_header + event(R"(,"text":")" + std::string(5000, 'x') + "\"") + event("") +
             second_header + event("")),
      std::vector<std::string>{"line 2, session sess_a: the line is longer than 1000 bytes (some.option)"});
  CAF_CHECK_EQUAL(sessions(), std::vector<std::string>{"sess_b"});
}

CAF_TEST(an event that no line could export is refused by the same limit) {
  options.max_line = 1000;
  options.max_line_name = "some.option";
  const auto found = errors(first_header + event(R"(,"text":")" + std::string(900, 'x') + "\"") + event("") +
                            second_header + event(""));
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK(found[0].starts_with("line 2, session sess_a: event: has "));
  CAF_CHECK(found[0].ends_with("more than a line that exports it may have: 1000 bytes (some.option)"));
  CAF_CHECK_EQUAL(sessions(), std::vector<std::string>{"sess_b"});
}

CAF_TEST(what is stored can be imported from its own export) {
  options.max_line = 4000;  // the header that an export makes of a short one has a quarter of that
  const auto with = [](std::size_t n) {
    return first_header + event(R"(,"text":")" + std::string(n, 'x') + "\"");
  };
  std::size_t n = 3950;
  while (!errors(with(n)).empty()) --n;
  CAF_CHECK(n > 3700);
  const auto exported = export_all();
  use("other.db");
  CAF_CHECK_EQUAL(errors(exported), std::vector<std::string>{});
  use("third.db");
  CAF_CHECK_EQUAL(errors(with(n + 1)).size(), 1u);
}

CAF_TEST(a session that the input ends in the middle of is not kept) {
  offline_import work{*admin, options};
  CAF_REQUIRE(work.feed(second_header + event("") + first_header + event(""), now));
  CAF_REQUIRE(work.give_up());
  CAF_CHECK_EQUAL(sessions(), std::vector<std::string>{"sess_b"});
}

CAF_TEST(a session that stands twice is compared with itself) {
  const auto one = first_header + event(R"(,"n":1)");
  CAF_CHECK(import(one + one));
  CAF_CHECK_EQUAL(errors(one + first_header + event(R"(,"n":2)")),
                  std::vector<std::string>{"line 4, session sess_a: event: differs from what is stored"});
}

CAF_TEST_FIXTURE_SCOPE_END()
