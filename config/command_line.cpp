// SPDX-License-Identifier: Apache-2.0
#include "config/command_line.hpp"

#include "config/option_table.hpp"
#include "events/base/ascii.hpp"
#include "events/base/result.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fmt/core.h>
#include <sstream>

namespace sandbase {
namespace {

constexpr const char* footer =
    "Every option of serve can also stand in the config file (--config) and in the environment (http.listen "
    "is\n"
    "SANDBASE_HTTP_LISTEN). The command line wins over the environment, the environment over the file.";

/// A valid workspace name: something that fits into a table and a URL.
std::string check_workspace(const std::string& name) {
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; };
  const bool ok = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
  return ok ? "" : "a workspace's name is 1 to 64 letters, digits, '_', '-' or '.'";
}

std::string check_key_id(const std::string& text) {
  const bool digits = !text.empty() && text.size() <= 18 && std::all_of(text.begin(), text.end(), is_digit);
  return digits ? "" : "must be a number, as keys list shows it";
}

/// Builds the parser, and keeps what it fills.
class parser {
 public:
  parser()
      : app_{"Keeps an ordered, durable event log per agent session and streams it.", "sandbase-events"} {
    app_.set_version_flag("--version", "sandbase-events " SANDBASE_VERSION);
    app_.require_subcommand(1);
    app_.footer(footer);
    add_serve();
    add_keys();
    add_import_and_export();
    add_check();
    add_migrate();
    add_backup();
    add_lists();
    add_cluster();
  }

  result<command_line> run(std::vector<std::string> arguments, environment_fn environment) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::Success& e) {
      std::ostringstream out;
      app_.exit(e, out, out);
      return command_line{show_text{out.str()}, {}};
    } catch (const CLI::ParseError& e) {
      return {errc::invalid, explain(e)};
    }
    option_sources sources{{}, std::move(environment), config_file_};
    for (const auto& [name, texts] : given_)
      if (!texts.empty()) sources.command_line.emplace(name, texts);
    auto options = resolve_options(sources);
    if (!options) return std::move(options).error();
    return command_line{command_, *std::move(options)};
  }

 private:
  /// One line. What was not recognized comes first: it is why something else seems to be missing.
  std::string explain(const CLI::ParseError& e) const {
    const auto unknown = app_.remaining(true);
    const auto is_option = [](const std::string& text) { return text.size() > 1 && text.front() == '-'; };
    const auto option = std::find_if(unknown.begin(), unknown.end(), is_option);
    // Without the value behind it, which may be a secret.
    if (option != unknown.end())
      return fmt::format("there is no option {} here; see --help", option->substr(0, option->find('=')));
    if (!unknown.empty()) return fmt::format("unexpected argument {}; see --help", unknown.front());
    std::string text = e.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text + "; see --help";
  }

  CLI::App* add(CLI::App& parent, const char* name, const char* what) {
    auto* sub = parent.add_subcommand(name, what);
    sub->add_option("--config", config_file_, "Config file (TOML)")->type_name("FILE");
    return sub;
  }

  void add_option(CLI::App& sub, const option_spec& spec) {
    const std::string name{spec.name};
    auto* option = sub.add_option("--" + name, given_[name], std::string{spec.help});
    option->type_name(std::string{spec.value})->type_size(1)->allow_extra_args(false);
    // Also for options that take one value: the table then says what is wrong with two.
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    option->default_str(spec.show({}));
  }

  /// A subcommand that works on a store.
  CLI::App* add_tool(CLI::App& parent, const char* name, const char* what) {
    auto* sub = add(parent, name, what);
    for (const auto* name : {"store.url", "store.password_file"}) add_option(*sub, *find_option(name));
    return sub;
  }

  void add_serve() {
    auto* sub = add(app_, "serve", "Run the service");
    for (const auto& spec : option_table()) add_option(*sub, spec);
    sub->footer(footer);
    sub->callback([this] { command_ = serve_command{}; });
  }

  void add_keys() {
    auto* keys = app_.add_subcommand("keys", "API keys");
    keys->require_subcommand(1);

    auto* create = add_tool(*keys, "create", "Make a key and print it, this once");
    create->add_option("--role", role_name_, "What the key may do: client, runtime or viewer")
        ->required()
        ->type_name("ROLE")
        ->check(
            [](const std::string& text) {
              return role_from(text) ? "" : "must be client, runtime or viewer";
            },
            "");
    create->add_option("--workspace", workspace_, "Its workspace, made if it is new")
        ->required()
        ->type_name("NAME")
        ->check(check_workspace, "");
    create->add_option("--name", key_name_, "What it is for")->required()->type_name("NAME");
    create->callback([this] {
      command_ = create_key_command{*role_from(role_name_), workspace_, key_name_};
    });

    auto* list = add_tool(*keys, "list", "Show all keys, without their secrets");
    list->add_flag("--json", as_json_, "One JSON object a line");
    list->callback([this] { command_ = list_keys_command{as_json_}; });

    auto* revoke = add_tool(*keys, "revoke", "Revoke a key");
    revoke->add_option("id", key_id_, "Its id, as keys list shows it")
        ->required()
        ->type_name("ID")
        ->check(check_key_id, "");
    revoke->callback([this] { command_ = revoke_key_command{key_id_}; });
  }

  void add_import_and_export() {
    auto* in =
        add_tool(app_, "import",
                 "Read sessions from JSON lines. A session with a bad line is left out and named at the "
                 "end, with exit code 1; the others are imported");
    in->add_option("file", file_, "The file, or - for stdin")->required()->type_name("FILE");
    add_workspace(*in, "Import into this workspace, whatever the file says");
    in->add_flag("--stop-at-first", stop_at_first_,
                 "Import nothing behind the first session with a bad line");
    in->callback([this] { command_ = import_command{file_, workspace(), stop_at_first_}; });

    auto* out = add_tool(app_, "export", "Write sessions as JSON lines, also beside a running server");
    auto* session = out->add_option("session", session_, "The session's id")->type_name("SESSION");
    auto* all = out->add_flag("--all", all_, "Every session")->excludes(session);
    add_workspace(*out, "Only sessions of this workspace");
    out->add_option("-o,--output", output_,
                    "Write to this file instead of stdout; a new one can be read by its owner and group only")
        ->type_name("FILE");
    out->callback([this, session, all] {
      if (session->count() + all->count() == 0)
        throw CLI::ValidationError{"export", "name a session, or say --all"};
      command_ = export_command{session_, workspace(), output_};
    });
  }

  void add_check() {
    auto* sub = add_tool(app_, "check", "Verify the whole store");
    sub->callback([this] { command_ = check_command{}; });
  }

  void add_migrate() {
    auto* sub =
        add_tool(app_, "migrate",
                 "Make the store's tables, or bring them to the version of this program, as serve and "
                 "whatever else writes does at its start");
    sub->callback([this] { command_ = migrate_command{}; });
  }

  void add_backup() {
    auto* sub = add_tool(app_, "backup", "Copy the store, also beside a running server");
    sub->add_option("--to", output_, "The copy: a file that does not exist yet")
        ->required()
        ->type_name("FILE");
    sub->add_flag("--no-check", unchecked_, "Do not verify the copy");
    sub->callback([this] {
      if (output_.empty()) throw CLI::ValidationError{"--to", "name a file"};
      command_ = backup_command{output_, !unchecked_};
    });
  }

  void add_lists() {
    auto* workspaces = app_.add_subcommand("workspaces", "Workspaces");
    workspaces->require_subcommand(1);
    auto* list_workspaces = add_tool(*workspaces, "list", "Show all workspaces");
    list_workspaces->add_flag("--json", as_json_, "One JSON object a line");
    list_workspaces->callback([this] { command_ = list_workspaces_command{as_json_}; });

    auto* sessions = app_.add_subcommand("sessions", "Sessions");
    sessions->require_subcommand(1);
    auto* list_sessions = add_tool(*sessions, "list", "Show all sessions, oldest first");
    add_workspace(*list_sessions, "Only sessions of this workspace");
    list_sessions->add_flag("--json", as_json_, "One JSON object a line");
    list_sessions->callback([this] { command_ = list_sessions_command{workspace(), as_json_}; });
  }

  void add_cluster() {
    auto* cluster = app_.add_subcommand("cluster", "Servers that share a database");
    cluster->require_subcommand(1);
    auto* status = add_tool(*cluster, "status", "Show the servers and what each is at");
    status->add_option("--session", session_, "Show who writes this session instead")->type_name("ID");
    status->add_flag("--json", as_json_, "One JSON object a line");
    status->callback([this] { command_ = cluster_status_command{session_, as_json_}; });
  }

  void add_workspace(CLI::App& sub, const char* what) {
    sub.add_option("--workspace", workspace_, what)->type_name("NAME")->check(check_workspace, "");
  }
  std::optional<std::string> workspace() const {
    return workspace_.empty() ? std::nullopt : std::optional{workspace_};
  }

  CLI::App app_;
  decltype(command_line::command) command_;
  std::string config_file_;
  std::map<std::string, std::vector<std::string>> given_;
  std::string role_name_, workspace_, key_name_, file_, session_, output_;
  api_key_id key_id_ = 0;
  bool as_json_ = false;
  bool all_ = false;
  bool unchecked_ = false;
  bool stop_at_first_ = false;
};

}  // namespace

result<command_line> parse_command_line(const std::vector<std::string>& arguments,
                                        environment_fn environment) {
  return parser{}.run(arguments, std::move(environment));
}

}  // namespace sandbase
