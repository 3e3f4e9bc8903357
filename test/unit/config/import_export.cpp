// SPDX-License-Identifier: Apache-2.0
// The import and export commands on a real database in a temporary folder.
#define CAF_SUITE import_export
#include "config/commands/commands.hpp"
#include "config/commands/import_source.hpp"
#include "config/commands/session_comparer.hpp"
#include "config/commands/session_writer.hpp"
#include "config/commands/tool.hpp"
#include "events/json/json_text.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <sstream>

using namespace sandbase;

namespace {

const std::string first_header = R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1"}})"
                                 "\n";
const std::string second_header = R"({"session":{"id":"sess_b","agent":"agent_1","environment_id":"env_1"}})"
                                  "\n";

std::string event(const std::string& members) {
  return R"({"event":{"type":"agent.message")" + members + "}}\n";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The event's JSON in a line of an export.
json::value event_of(const std::string& line) { return *json::value{line}.find("event"); }
std::string text_of(const json::value& object, std::string_view name) {
  return object.find(name)->as_string();
}

struct fixture {
  test::temp_dir folder;
  server_options options;

  fixture() { use("store.db"); }
  void use(const std::string& database) { options.store_url = "sqlite:" + folder.file(database); }

  int import(const std::string& text, std::optional<std::string> workspace = {}) {
    return run_import({folder.write("in.jsonl", text), std::move(workspace)}, options);
  }
  std::string export_all(std::optional<std::string> workspace = {}) {
    CAF_REQUIRE_EQUAL(run_export({"", std::move(workspace), folder.file("out.jsonl")}, options), exit_ok);
    return folder.read("out.jsonl");
  }
  /// The failure of importing `text`, and that nothing of session sess_a stays.
  std::string refusal(const std::string& text) {
    auto store = open_for_command(options, true, "test");
    CAF_REQUIRE(store);
    auto lines = line_reader::open(folder.write("in.jsonl", text), 1'000'000);
    import_source source{*std::move(lines)};
    auto error = write_first(*store->admin, source);
    CAF_REQUIRE(!error);
    const auto left = store->admin->find_sessions("sess_a");
    CAF_REQUIRE(left);
    CAF_CHECK(left->empty());
    return error.error().message;
  }
  /// Imports the first session of `source`.
  static result<void> write_first(store_admin& store, import_source& source) {
    auto header = source.next_header();
    if (!header) return header.error();
    auto target = store.begin_import("default", (*header)->header.definition.id);
    if (!target) return target.error();
    session_writer writer{*std::move(target), **std::move(header), system_now()};
    for (;;) {
      const auto line = source.next_event();
      if (!line) return line.error();
      if (!*line) return writer.finish();
      if (auto added = writer.add(**line); !added) return added;
    }
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(import_export_tests, fixture)

CAF_TEST(ids times and payloads are kept to the byte) {
  const std::string kept =
      R"({"event":{"id":"msg_1","type":"agent.message","n":1.10,"big":12345678901234567890,"e":1e400,"s":"\u00e9\/","processed_at":"2026-05-29T10:00:00Z"}})"
      "\n"
      R"({"event":{"id":"msg_2","type":"acme.own_thing","x":null,"processed_at":"2026-05-29T12:00:00.5+02:00"}})"
      "\n";
  CAF_CHECK_EQUAL(import(first_header + kept), exit_ok);
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 3u);
  CAF_CHECK_EQUAL(lines[1] + "\n" + lines[2] + "\n", kept);
}

CAF_TEST(missing ids and times are made) {
  CAF_CHECK_EQUAL(import(first_header + event(R"(,"processed_at":"2026-05-29T10:00:00Z")") + event("")),
                  exit_ok);
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 3u);
  const auto session = *json::value{lines[0]}.find("session");
  CAF_CHECK_EQUAL(text_of(session, "created_at"), "2026-05-29T10:00:00.000Z");
  CAF_CHECK_EQUAL(text_of(event_of(lines[1]), "processed_at"), "2026-05-29T10:00:00Z");
  CAF_CHECK_EQUAL(text_of(event_of(lines[2]), "processed_at"), "2026-05-29T10:00:00.000Z");
  for (seq_t seq : {1u, 2u}) {
    const auto place = told_place(text_of(event_of(lines[seq]), "id"));
    CAF_CHECK(place == seq);
  }
}

CAF_TEST(an export imported elsewhere gives the same export) {
  std::string text = first_header;
  for (int i = 0; i < 700; ++i)  // several blocks
    text += event(R"(,"text":")" + std::string(200, 'x') + std::to_string(i) + "\"");
  text += second_header + R"({"event":{"type":"session.status_running"}})" + "\n" +
          R"({"event":{"type":"session.status_terminated"}})" + "\n";
  CAF_CHECK_EQUAL(import(text), exit_ok);
  const auto exported = export_all();
  use("other.db");
  CAF_CHECK_EQUAL(import(exported), exit_ok);
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
  CAF_CHECK_EQUAL(run_check(options), exit_ok);
}

CAF_TEST(the same file again changes nothing) {
  const auto text = first_header + event(R"(,"n":1)") + event("") + second_header;
  CAF_CHECK_EQUAL(import(text), exit_ok);
  const auto exported = export_all();
  CAF_CHECK_EQUAL(import(text), exit_ok);
  CAF_CHECK_EQUAL(import(exported), exit_ok);
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
  CAF_REQUIRE_EQUAL(import(header + event("")), exit_ok);
  CAF_CHECK_EQUAL(import(header + event("")), exit_ok);
  const auto exported = export_all();
  CAF_CHECK(exported.find("\"mount_path\":\"/mnt/session/uploads/f\"") != exported.npos);
  CAF_CHECK(exported.find(R"("deployment_id":"depl_1")") != exported.npos);
  CAF_CHECK_EQUAL(import(exported), exit_ok);
  const auto with = [&](std::string_view what, std::string_view instead) {
    auto text = header + event("");
    return text.replace(text.find(what), what.size(), instead);
  };
  CAF_CHECK_EQUAL(import(with(R"("file_id":"f")", R"("file_id":"g")")), exit_failed);
  CAF_CHECK_EQUAL(import(with(R"("mcp_server_name":"s")", R"("mcp_server_name":"t")")), exit_failed);
  CAF_CHECK_EQUAL(import(with("depl_1", "depl_2")), exit_failed);
}

CAF_TEST(a file that differs from what is stored is refused) {
  const auto text = first_header + event(R"(,"n":1)") + event("");
  CAF_CHECK_EQUAL(import(text), exit_ok);
  const auto before = lines_of(export_all());
  for (const auto& other : {first_header + event(R"(,"n":2)") + event(""), first_header + event(R"(,"n":1)"),
                            first_header + event(R"(,"n":1)") + event("") + event(""), first_header,
                            first_header + event(R"(,"n":1,"id":"msg_1")") + event("")})
    CAF_CHECK_EQUAL(import(other), exit_failed);
  const auto after = lines_of(export_all());
  CAF_REQUIRE_EQUAL(after.size(), before.size());
  CAF_CHECK_EQUAL(after[2], before[2]);
}

CAF_TEST(a bad line keeps its session out and the ones before it in) {
  CAF_CHECK_EQUAL(import(first_header + event("") + second_header + event("") + "nonsense\n"), exit_failed);
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
  before(refusal(first_header + R"({"event":{"type":"agent.message"},"more":1})"), "line 2: event: ");
  before(refusal(first_header + R"({"evnt":{}})"), "line 2: session");
  before(refusal(first_header + event(R"(,"id":"no id")")), "line 2: event.id");
  before(refusal(first_header + event(R"(,"processed_at":"yesterday")")), "line 2: event.processed_at");
  before(refusal(R"({"session":{"id":"sess_a"}})"), "line 1: session.agent");
}

CAF_TEST(times must not decrease) {
  const auto at = [](const std::string& time) { return event(R"(,"processed_at":")" + time + "\""); };
  CAF_CHECK_EQUAL(refusal(first_header + at("2026-01-01T00:00:01Z") + at("2026-01-01T00:00:01Z") +
                          at("2026-01-01T00:00:00.999Z")),
                  "line 4: event.processed_at: lies before the time of the event before it");
}

CAF_TEST(times may not lie ahead of the clock) {
  const auto at = [](timestamp time) {
    return event(R"(,"processed_at":")" + format_timestamp(time) + "\"");
  };
  const auto now = system_now();
  CAF_CHECK_EQUAL(refusal(first_header + at(now) + at(now + std::chrono::minutes{5})),
                  "line 3: event.processed_at: more than 60 seconds ahead of the clock");
  CAF_CHECK_EQUAL(import(first_header + at(now + std::chrono::seconds{30})), exit_ok);
}

CAF_TEST(times are compared by every digit) {
  const auto at = [](const std::string& fraction) {
    return event(R"(,"processed_at":"2026-01-01T00:00:01.)" + fraction + "Z\"");
  };
  CAF_CHECK_EQUAL(refusal(first_header + at("1001") + at("1001") + at("1000999")),
                  "line 4: event.processed_at: lies before the time of the event before it");
  CAF_MESSAGE("a time that is made is the next millisecond");
  CAF_REQUIRE_EQUAL(import(first_header + at("100100001") + event("") + at("101000000") + event("")),
                    exit_ok);
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 5u);
  CAF_CHECK_EQUAL(text_of(event_of(lines[1]), "processed_at"), "2026-01-01T00:00:01.100100001Z");
  CAF_CHECK_EQUAL(text_of(event_of(lines[2]), "processed_at"), "2026-01-01T00:00:01.101Z");
  CAF_CHECK_EQUAL(text_of(event_of(lines[4]), "processed_at"), "2026-01-01T00:00:01.101Z");
  CAF_CHECK_EQUAL(run_check(options), exit_ok);
}

CAF_TEST(line breaks are escaped but in a log that has its own head) {
  const auto raw =
      event(",\"text\":\"a\u2028b\\ud83d\",\"id\":\"msg_1\",\"processed_at\":\"2026-01-01T00:00:01Z\"");
  const auto text = first_header + raw;
  CAF_REQUIRE_EQUAL(import(text), exit_ok);
  const auto stored = lines_of(export_all())[1];
  CAF_CHECK(stored.find(R"("text":"a\u2028b\ufffd")") != stored.npos);
  CAF_MESSAGE("and the same file again is what is stored");
  CAF_CHECK_EQUAL(import(text), exit_ok);

  const std::string json =
      "{\"id\":\"msg_1\",\"type\":\"a.b\",\"text\":\"\u2028\u2029\u0085\",\"processed_at\":\"2026-01-01T00:"
      "00:01Z\"}";
  const auto with_head = R"({"session":{"id":"sess_b","agent":"agent_1","environment_id":"env_1","title":")"
                         "\u2028"
                         R"(","log":{"events":1,"head":")" +
                         format_head(next_head(digest{}, json)) + "\"}}}\n{\"event\":" + json + "}\n";
  CAF_REQUIRE_EQUAL(import(with_head), exit_ok);
  CAF_CHECK_EQUAL(import(with_head), exit_ok);
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 4u);
  CAF_CHECK(lines[2].find(R"("title":"\u2028")") != lines[2].npos);
  CAF_CHECK_EQUAL(lines[3], "{\"event\":" + json + "}");
  CAF_MESSAGE("a file without the head says the same in escapes");
  CAF_CHECK_EQUAL(import(R"({"session":{"id":"sess_b","agent":"agent_1","environment_id":"env_1"}})"
                         "\n{\"event\":" +
                         json + "}\n"),
                  exit_ok);
}

CAF_TEST(an event may have any size) {
  const auto text = first_header + event(R"(,"text":")" + std::string(3'000'000, 'x') + "\"");
  CAF_CHECK_EQUAL(import(text), exit_ok);
  CAF_CHECK_EQUAL(lines_of(export_all()).size(), 2u);
}

CAF_TEST(a file may begin with a byte order mark) {
  CAF_CHECK_EQUAL(import("\ufeff" + first_header + event("")), exit_ok);
}

CAF_TEST(ids must not repeat) {
  const auto with_id = [](const std::string& id) { return event(R"(,"id":")" + id + "\""); };
  CAF_CHECK_EQUAL(
      refusal(first_header + with_id("msg_1") + event("") + with_id("msg_1")).rfind("line 4: ", 0), 0u);
  // An id that stands at the place it tells, found again behind it.
  const auto first = make_event_id(system_now(), 1, 0);
  CAF_CHECK_EQUAL(refusal(first_header + with_id(first) + event("") + with_id(first)).rfind("line 4: ", 0),
                  0u);
  // An id that tells a later place, found again at that place.
  const auto second = make_event_id(system_now(), 2, 0);
  CAF_CHECK_EQUAL(refusal(first_header + with_id(second) + with_id(second)).rfind("line 3: ", 0), 0u);
  // Two that tell the same later place; the first is found there.
  const auto third = make_event_id(system_now(), 3, 0);
  const auto other = make_event_id(system_now(), 3, 1);
  CAF_CHECK_EQUAL(
      refusal(first_header + with_id(third) + with_id(other) + with_id(third)).rfind("line 4: ", 0), 0u);
}

CAF_TEST(ids that tell other places are kept) {
  const auto with_id = [](seq_t seq) {
    return event(R"(,"id":")" + make_event_id(timestamp{}, seq, 7) + "\"");
  };
  CAF_CHECK_EQUAL(import(first_header + with_id(3) + with_id(4) + event("") + with_id(1)), exit_ok);
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 5u);
  CAF_CHECK_EQUAL(text_of(event_of(lines[1]), "id"), make_event_id(timestamp{}, 3, 7));
  CAF_CHECK_EQUAL(run_check(options), exit_ok);
}

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
  CAF_CHECK_EQUAL(import(with_log(R"({"events":0,"head":")" + zero_head + "\"}")), exit_ok);
}

CAF_TEST(the workspace is the option 's or the file' s or default) {
  const std::string named =
      R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1"},"workspace":"w1"})";
  CAF_CHECK_EQUAL(import(first_header), exit_ok);
  CAF_CHECK_EQUAL(import(named), exit_ok);
  CAF_CHECK_EQUAL(import(named, "w2"), exit_ok);
  for (const auto* workspace : {"default", "w1", "w2"}) {
    const auto lines = lines_of(export_all(workspace));
    CAF_REQUIRE_EQUAL(lines.size(), 1u);
    CAF_CHECK_EQUAL(text_of(json::value{lines[0]}, "workspace"), workspace);
  }
  // The id alone does not say which.
  CAF_CHECK_EQUAL(run_export({"sess_a", std::nullopt, folder.file("one")}, options), exit_failed);
  CAF_CHECK_EQUAL(run_export({"sess_a", "w2", folder.file("one")}, options), exit_ok);
  CAF_CHECK_EQUAL(run_export({"sess_x", "w2", folder.file("one")}, options), exit_failed);
  CAF_CHECK_EQUAL(run_export({"", "w3", folder.file("one")}, options), exit_failed);
}

CAF_TEST(what cannot be opened is refused) {
  CAF_CHECK_EQUAL(run_import({folder.file("absent"), {}}, options), exit_refused);
  CAF_CHECK_EQUAL(run_export({"", {}, folder.file("out")}, options), exit_refused);
  CAF_CHECK_EQUAL(run_check(options), exit_refused);
  CAF_CHECK_EQUAL(import(first_header), exit_ok);
  CAF_CHECK_EQUAL(run_export({"", {}, folder.file("absent/out")}, options), exit_refused);
}

CAF_TEST(a session may be younger than its events) {
  const std::string header =
      R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1","created_at":"2026-06-01T00:00:00Z"}})"
      "\n";
  const auto at = [](const std::string& time) { return event(R"(,"processed_at":")" + time + "\""); };
  CAF_CHECK_EQUAL(import(header + at("2026-05-29T10:00:00Z")), exit_ok);
  CAF_CHECK_EQUAL(run_check(options), exit_ok);
}

CAF_TEST(a header is compared by the fields that it has) {
  CAF_REQUIRE_EQUAL(
      import(
          R"({"session":{"id":"sess_a","agent":{"id":"agent_1","version":2},"environment_id":"env_1","title":"t",)"
          R"("metadata":{"a":"1","b":"2"},"created_at":"2026-05-29T10:00:00Z"}})"),
      exit_ok);
  auto store = open_for_command(options, false);
  const auto stored = store->admin->find_sessions("sess_a");
  const auto same = [&](const std::string& session) {
    return static_cast<bool>(compare_definition(session, stored->front().header));
  };
  CAF_CHECK(same("{}"));
  CAF_CHECK(same(R"({"agent":"agent_1","title":"\u0074","resources":null,"archived_at":null})"));
  CAF_CHECK(same(R"({"metadata":{"b":"2","a":"1"},"created_at":"2026-05-29T12:00:00.000+02:00"})"));
  CAF_CHECK(same(R"({"status":"running","updated_at":"1999-01-01T00:00:00Z","unknown":1})"));
  CAF_CHECK(!same(R"({"agent":"agent_2"})"));
  CAF_CHECK(!same(R"({"agent":{"id":"agent_1","version":3}})"));
  CAF_CHECK(!same(R"({"title":null})"));
  CAF_CHECK(!same(R"({"environment_id":"env_2"})"));
  CAF_CHECK(!same(R"({"metadata":{"a":"1"}})"));
  CAF_CHECK(!same(R"({"metadata":{"a":"1","b":"2","c":"3"}})"));
  CAF_CHECK(!same(R"({"created_at":"2026-05-29T10:00:00.001Z"})"));
  CAF_CHECK(!same(R"({"archived_at":"2026-05-29T10:00:00Z"})"));
  CAF_CHECK(!same(R"({"resources":[1]})"));
}

CAF_TEST_FIXTURE_SCOPE_END()
