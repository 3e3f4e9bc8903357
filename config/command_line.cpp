// SPDX-License-Identifier: Apache-2.0
#include "config/command_line.hpp"

#include "config/build_facts.hpp"
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"

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

/// One line. What was not recognized comes first: it is why something else seems to be missing.
std::string explain(const CLI::App& app, const CLI::ParseError& e) {
  const auto unknown = app.remaining(true);
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

/// Builds the parser, and keeps what it fills.
class parser {
 public:
  parser() {
    app_.set_version_flag("--version", build_facts(), "Show the version, how it was built, and with what");
    app_.require_subcommand(1);
    app_.footer(footer);
    add_serve(frame_);
    add_keys(frame_);
    add_transfer(frame_);
    add_store_care(frame_);
    add_lists(frame_);
    add_sessions(frame_);
    add_events(frame_);
    add_watching(frame_);
    add_manual(frame_);
  }

  result<command_line> run(std::vector<std::string> arguments, environment_fn environment) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::Success& e) {
      std::ostringstream out;
      app_.exit(e, out, out);
      return command_line{show_text{out.str()}, {}, {}};
    } catch (const CLI::ParseError& e) {
      return {errc::invalid, explain(app_, e)};
    }
    command_line line;
    if (auto decided = frame_.decide(environment, line); !decided) return std::move(decided).error();
    // What is set for a server in the environment is no business of whoever talks to one.
    if (!line.service.url.empty()) return line;
    auto options = resolve_options({frame_.given(), std::move(environment), frame_.config_file()});
    if (!options) return std::move(options).error();
    line.options = *std::move(options);
    return line;
  }

 private:
  CLI::App app_{"Keeps an ordered, durable event log per agent session and streams it.", "sandbase-events"};
  parser_frame frame_{app_};
};

}  // namespace

result<command_line> parse_command_line(const std::vector<std::string>& arguments,
                                        environment_fn environment) {
  return parser{}.run(arguments, std::move(environment));
}

}  // namespace sandbase
