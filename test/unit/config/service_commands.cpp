// SPDX-License-Identifier: Apache-2.0
// The command line of what talks to a service, and which of the two a command is that works on a store too.
#define CAF_SUITE service_commands
#include "config/command_line.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

using words = std::vector<std::string>;

std::optional<std::string> no_environment(const std::string&) { return std::nullopt; }
std::optional<std::string> with_service(const std::string& name) {
  return name == "SANDBASE_URL" ? std::optional<std::string>{"http://e"} : std::nullopt;
}

template <class Command>
Command parse_as(const words& arguments, environment_fn environment = with_service) {
  auto line = parse_command_line(arguments, std::move(environment));
  if (!line) CAF_FAIL("refused: " << line.error().message);
  const auto* command = std::get_if<Command>(&line->command);
  if (command == nullptr) CAF_FAIL("another command");
  return *command;
}

std::string refusal(const words& arguments, environment_fn environment = with_service) {
  const auto line = parse_command_line(arguments, std::move(environment));
  if (line) CAF_FAIL("accepted");
  CAF_CHECK(line.error().message.find('\n') == std::string::npos);
  return line.error().message;
}

using pairs = std::vector<std::pair<std::string, std::string>>;

}  // namespace

CAF_TEST(sessions are listed in a store unless a service is named) {
  parse_as<list_sessions_command>({"sessions", "list"}, no_environment);
  parse_as<find_sessions_command>({"sessions", "list"});
  parse_as<find_sessions_command>({"sessions", "list", "--url", "http://x"}, no_environment);
  parse_as<list_sessions_command>({"sessions", "list", "--store.url", "sqlite:/x.db"});
  CAF_CHECK(refusal({"sessions", "list", "--store.url", "sqlite:/x.db", "--url", "http://x"})
                .starts_with("--store.url names a store and --url a service"));
  CAF_CHECK(refusal({"sessions", "list", "--config", "x.toml", "--profile", "p"})
                .starts_with("--config names a store and --profile a service"));
}

CAF_TEST(options of the other place are refused) {
  CAF_CHECK_EQUAL(refusal({"sessions", "list", "--status", "idle"}, no_environment),
                  "--status has no meaning on a store: name a service by --url");
  CAF_CHECK_EQUAL(refusal({"sessions", "list", "-n", "3"}, no_environment),
                  "-n has no meaning on a store: name a service by --url");
  CAF_CHECK_EQUAL(refusal({"sessions", "list", "--workspace", "w"}),
                  "--workspace has no meaning at a service");
  CAF_CHECK_EQUAL(refusal({"import", "x", "--stop-at-first"}), "--stop-at-first has no meaning at a service");
  CAF_CHECK(refusal({"export", "--all", "--key", "k"}, no_environment).starts_with("no service is named"));
}

CAF_TEST(import and export go to a service too) {
  CAF_CHECK_EQUAL(parse_as<send_import_command>({"import", "-"}).file, "-");
  parse_as<import_command>({"import", "-"}, no_environment);
  const auto one = parse_as<fetch_export_command>({"export", "sess_1", "-o", "x"});
  CAF_CHECK_EQUAL(one.session, "sess_1");
  CAF_CHECK_EQUAL(one.output, "x");
  CAF_CHECK(parse_as<fetch_export_command>({"export", "--all"}).session.empty());
}

CAF_TEST(who talks to a service needs one and is not bothered by options of a server) {
  CAF_CHECK(refusal({"tail", "sess_1"}, no_environment).starts_with("no service is named"));
  const auto line = parse_command_line({"tail", "sess_1", "--key", "k"}, [](const std::string& name) {
    return name == "SANDBASE_HTTP_LISTEN" ? std::optional<std::string>{"nowhere"} : with_service(name);
  });
  CAF_REQUIRE(line);
  CAF_CHECK_EQUAL(line->service.url, "http://e");
  CAF_CHECK_EQUAL(line->service.key, "k");
}

CAF_TEST(filters become parameters) {
  const auto find = parse_as<find_sessions_command>(
      {"sessions", "list", "--status", "idle", "--status", "running", "--agent", "a", "--since",
       "2026-01-01T00:00:00Z", "--archived", "-n", "7", "--json"});
  CAF_CHECK(find.filters == (pairs{{"statuses", "idle"},
                                   {"statuses", "running"},
                                   {"agent_id", "a"},
                                   {"created_at[gte]", "2026-01-01T00:00:00Z"},
                                   {"include_archived", "true"}}));
  CAF_CHECK(find.limit == std::size_t{7});
  CAF_CHECK(find.as_json);
  CAF_CHECK(!parse_as<find_sessions_command>({"sessions", "list"}).limit);
}

CAF_TEST(sessions are made and changed) {
  const auto make =
      parse_as<create_session_command>({"sessions", "create", "--agent", "a", "--environment", "e", "--title",
                                        "T", "--metadata", "k=v=w", "--metadata", "l=", "--message", "Hi"});
  CAF_CHECK_EQUAL(make.agent, "a");
  CAF_CHECK_EQUAL(*make.title, "T");
  CAF_CHECK(make.metadata == (pairs{{"k", "v=w"}, {"l", ""}}));
  CAF_CHECK_EQUAL(*make.message, "Hi");
  CAF_CHECK_EQUAL(refusal({"sessions", "create", "--agent", "a"}), "--environment is required; see --help");
  CAF_CHECK_EQUAL(refusal({"sessions", "update", "s", "--metadata", "k"}),
                  "--metadata: must be NAME=VALUE; see --help");

  const auto change =
      parse_as<update_session_command>({"sessions", "update", "s", "--title", "", "--unset", "k"});
  CAF_CHECK_EQUAL(*change.title, "");
  CAF_CHECK(change.unset == words{"k"});
  CAF_CHECK(!refusal({"sessions", "update", "s"}).empty());
  CAF_CHECK(!parse_as<delete_session_command>({"sessions", "delete", "s"}).confirmed);
  CAF_CHECK(parse_as<delete_session_command>({"sessions", "delete", "s", "--yes"}).confirmed);
}

CAF_TEST(messages are sent from the command line or as a body) {
  const auto send = parse_as<send_command>({"send", "s", "Hello there", "--wait"});
  CAF_CHECK_EQUAL(send.text, "Hello there");
  CAF_CHECK(send.wait);
  CAF_CHECK(parse_as<send_command>({"send", "s", "-", "--json"}).as_body);
  CAF_CHECK_EQUAL(parse_as<send_command>({"send", "s", "--", "-x"}).text, "-x");
  CAF_CHECK(!refusal({"send", "s", "text", "--json"}).empty());
  CAF_CHECK(!refusal({"send", "s"}).empty());
}

CAF_TEST(tail takes its bounds and filters) {
  const auto tail =
      parse_as<tail_command>({"tail", "s", "-f", "-n", "10", "--types", "a.b,c.d", "--types", "e.f"});
  CAF_CHECK(tail.follow);
  CAF_CHECK(tail.last == std::size_t{10});
  CAF_CHECK(tail.types == (words{"a.b", "c.d", "e.f"}));
  CAF_CHECK(!parse_as<tail_command>({"tail", "s"}).last);
  for (const auto* bad : {"-1", "10001", "x", ""}) CAF_CHECK(!refusal({"tail", "s", "-n", bad}).empty());
}

CAF_TEST(tool uses are approved and denied) {
  const auto approve = parse_as<confirm_command>({"approve", "s"});
  CAF_CHECK(approve.allow);
  CAF_CHECK(approve.tool_use.empty());
  const auto deny = parse_as<confirm_command>({"deny", "s", "sevt_1", "--message", "no"});
  CAF_CHECK(!deny.allow);
  CAF_CHECK_EQUAL(deny.tool_use, "sevt_1");
  CAF_CHECK_EQUAL(*deny.message, "no");
  CAF_CHECK(!refusal({"approve", "s", "--message", "x"}).empty());
}

CAF_TEST(top and bench have bounds) {
  CAF_CHECK_EQUAL(parse_as<top_command>({"top"}).limit, 100u);
  CAF_CHECK(!refusal({"top", "-n", "0"}).empty());
  const auto bench = parse_as<bench_command>({"bench", "--clients", "4", "--time", "2s"});
  CAF_CHECK_EQUAL(bench.clients, 4u);
  CAF_CHECK(bench.time == std::chrono::seconds{2});
  CAF_CHECK(parse_as<bench_command>({"bench"}).time == std::chrono::seconds{10});
  for (const auto* bad : {"0s", "1h", "soon"}) CAF_CHECK(!refusal({"bench", "--time", bad}).empty());
}
