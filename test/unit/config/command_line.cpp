// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE command_line
#include "config/command_line.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

using words = std::vector<std::string>;

std::optional<std::string> no_environment(const std::string&) { return std::nullopt; }

command_line parse(const words& arguments) {
  auto line = parse_command_line(arguments, no_environment);
  if (!line) CAF_FAIL("refused: " << line.error().message);
  return *std::move(line);
}

template <class Command>
Command parse_as(const words& arguments) {
  auto line = parse(arguments);
  const auto* command = std::get_if<Command>(&line.command);
  if (command == nullptr) CAF_FAIL("another command");
  return *command;
}

std::string refusal(const words& arguments) {
  const auto line = parse_command_line(arguments, no_environment);
  if (line) CAF_FAIL("accepted");
  CAF_CHECK(line.error().message.find('\n') == std::string::npos);
  return line.error().message;
}

}  // namespace

CAF_TEST(serve takes every option) {
  const auto line = parse({"serve", "--http.listen", "127.0.0.1:0", "--http.threads=2", "--http.cors_origin",
                           "https://a.example", "--http.cors_origin", "https://b.example"});
  CAF_CHECK(std::holds_alternative<serve_command>(line.command));
  CAF_CHECK_EQUAL(line.options.http_listen.port, 0u);
  CAF_CHECK_EQUAL(line.options.http_threads, 2u);
  CAF_CHECK_EQUAL(line.options.http.cors_origins.size(), 2u);
}

CAF_TEST(tools take the store and nothing else of serve) {
  CAF_CHECK_EQUAL(parse({"check", "--store.url", "sqlite:/x.db"}).options.store.url, "sqlite:/x.db");
  CAF_CHECK_EQUAL(refusal({"check", "--http.threads", "2"}),
                  "there is no option --http.threads here; see --help");
}

CAF_TEST(tools see the environment too) {
  const auto line = parse_command_line({"workspaces", "list"}, [](const std::string& name) {
    return name == "SANDBASE_STORE_URL" ? std::optional<std::string>{"sqlite:/y.db"} : std::nullopt;
  });
  CAF_REQUIRE(line);
  CAF_CHECK_EQUAL(line->options.store.url, "sqlite:/y.db");
}

CAF_TEST(keys are made with role workspace and name) {
  const auto create = parse_as<create_key_command>(
      {"keys", "create", "--role", "runtime", "--workspace", "w-1", "--name", "my app"});
  CAF_CHECK(create.may == role::runtime);
  CAF_CHECK_EQUAL(create.workspace, "w-1");
  CAF_CHECK_EQUAL(create.name, "my app");
  CAF_CHECK_EQUAL(refusal({"keys", "create", "--role", "admin", "--workspace", "w", "--name", "n"}),
                  "--role: must be client, runtime or viewer; see --help");
  CAF_CHECK_EQUAL(refusal({"keys", "create", "--role", "client", "--name", "n"}),
                  "--workspace is required; see --help");
  for (const auto* bad : {"a b", "a/b", "ü", ""})
    CAF_CHECK(!refusal({"keys", "create", "--role", "client", "--workspace", bad, "--name", "n"}).empty());
}

CAF_TEST(a backup needs a file and checks it unless told otherwise) {
  const auto backup = parse_as<backup_command>({"backup", "--to", "/b/copy.db"});
  CAF_CHECK_EQUAL(backup.target, "/b/copy.db");
  CAF_CHECK(backup.check);
  CAF_CHECK(!parse_as<backup_command>({"backup", "--to", "x", "--no-check"}).check);
  CAF_CHECK_EQUAL(refusal({"backup"}), "--to is required; see --help");
  CAF_CHECK(!refusal({"backup", "--to", ""}).empty());
}

CAF_TEST(migrate takes the store and nothing else) {
  CAF_CHECK_EQUAL(parse({"migrate", "--store.url", "sqlite:/x.db"}).options.store.url, "sqlite:/x.db");
  parse_as<migrate_command>({"migrate"});
  CAF_CHECK(!refusal({"migrate", "2"}).empty());
}

CAF_TEST(keys are listed and revoked) {
  CAF_CHECK(!parse_as<list_keys_command>({"keys", "list"}).as_json);
  CAF_CHECK(parse_as<list_keys_command>({"keys", "list", "--json"}).as_json);
  CAF_CHECK_EQUAL(parse_as<revoke_key_command>({"keys", "revoke", "7"}).id, 7);
  for (const auto* bad : {"x", "-1", "1.5", "99999999999999999999"})
    CAF_CHECK(!refusal({"keys", "revoke", bad}).empty());
}

CAF_TEST(import takes a file or stdin) {
  const auto from_file = parse_as<import_command>({"import", "a.jsonl", "--workspace", "w"});
  CAF_CHECK_EQUAL(from_file.file, "a.jsonl");
  CAF_CHECK_EQUAL(*from_file.workspace, "w");
  CAF_CHECK(!from_file.stop_at_first);
  CAF_CHECK(parse_as<import_command>({"import", "a.jsonl", "--stop-at-first"}).stop_at_first);
  const auto from_stdin = parse_as<import_command>({"import", "-"});
  CAF_CHECK_EQUAL(from_stdin.file, "-");
  CAF_CHECK(!from_stdin.workspace);
}

CAF_TEST(export takes a session or all) {
  CAF_CHECK_EQUAL(parse_as<export_command>({"export", "sess_1", "-o", "x"}).session, "sess_1");
  CAF_CHECK_EQUAL(parse_as<export_command>({"export", "sess_1", "-o", "x"}).output, "x");
  CAF_CHECK(parse_as<export_command>({"export", "--all"}).session.empty());
  CAF_CHECK(!refusal({"export"}).empty());
  CAF_CHECK(!refusal({"export", "--all", "sess_1"}).empty());
}

CAF_TEST(what is unknown is named) {
  CAF_CHECK_EQUAL(refusal({"serve", "--htp.listen", "1"}),
                  "there is no option --htp.listen here; see --help");
  CAF_CHECK_EQUAL(refusal({"serve", "now"}), "unexpected argument now; see --help");
  CAF_CHECK_EQUAL(refusal({"server"}), "unexpected argument server; see --help");
  CAF_CHECK(!refusal({}).empty());
  CAF_CHECK(!refusal({"keys"}).empty());
  CAF_CHECK(!refusal({"serve", "--http.listen"}).empty());
}

CAF_TEST(help and version are texts) {
  const auto version = parse_as<show_text>({"--version"}).text;
  CAF_CHECK(version.starts_with("sandbase-events " SANDBASE_VERSION "\n"));
  for (const auto* library : {"CAF 0.17.", "Boost ", "SQLite 3.", "libpq ", "OpenSSL "})
    CAF_CHECK(version.find(library) != std::string::npos);
  CAF_CHECK(parse_as<show_text>({"--help"}).text.find("serve") != std::string::npos);
  CAF_CHECK(parse_as<show_text>({"serve", "--help"}).text.find("--http.listen") != std::string::npos);
}
