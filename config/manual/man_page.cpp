// SPDX-License-Identifier: Apache-2.0
#include "config/manual/man_page.hpp"

#include "events/base/utf8.hpp"

#include <array>
#include <fmt/core.h>
#include <fmt/format.h>
#include <utility>

namespace sandbase {
namespace {

/// A name and what it means.
using entry = std::pair<std::string_view, std::string_view>;

constexpr std::array environment{
    entry{"SANDBASE_URL", "Address of the service that commands talk to"},
    entry{"SANDBASE_KEY", "The API key for it"},
    entry{"SANDBASE_KEY_FILE", "File with that key on its first line, if SANDBASE_KEY is not set"},
    entry{"SANDBASE_PROFILE", "The profile that counts if neither --url nor SANDBASE_URL names a service"},
    entry{"SANDBASE_CA_FILE", "Certificates of authorities to trust beside the system's"},
    entry{"SANDBASE_SECTION_OPTION", "An option of the config file: http.listen is SANDBASE_HTTP_LISTEN"},
    entry{"NO_COLOR", "If it is set, nothing is coloured"}};

constexpr std::array files{
    entry{"~/.config/sandbase-events/profiles.toml",
          "Profiles of services: a table each, with url, key_file or key, and ca_file. It stands in "
          "XDG_CONFIG_HOME "
          "if that is set. The profile default counts where nothing else names a service"}};

constexpr std::array exit_codes{
    entry{"0", "It was done"},
    entry{"1",
          "It was tried and failed: not found, the key was refused, the service cannot be reached, problems "
          "were found"},
    entry{"2", "Bad usage, or refused before anything was done"},
    entry{"70", "serve only: the store's disk failed, or an essential part has ended"},
    entry{"130", "Interrupted by Ctrl-C"}};

/// For .TH and .SS, whose arguments stand in quotes.
std::string quoted(std::string_view text) { return fmt::format("\"{}\"", escape_roff(text)); }

template <class Entries>
std::string render_entries(std::string_view title, const Entries& entries) {
  auto out = fmt::format(".SH {}\n", title);
  for (const auto& [name, what] : entries)
    out += fmt::format(".TP\n.B {}\n{}.\n", escape_roff(name), escape_roff(what));
  return out;
}

std::string synopsis_of(const described_command& command) {
  auto out = fmt::format("\\fBsandbase\\-events {}\\fR", escape_roff(command.path));
  for (const auto& option : command.options)
    if (!option.is_positional && option.is_required)
      out +=
          fmt::format(" \\fB{}\\fR \\fI{}\\fR", escape_roff(option.names.back()), escape_roff(option.value));
  out += " [\\fIOPTION\\fR]...";
  for (const auto& option : command.options)
    if (option.is_positional)
      out += option.is_required ? fmt::format(" \\fI{}\\fR", escape_roff(option.value))
                                : fmt::format(" [\\fI{}\\fR]", escape_roff(option.value));
  return out;
}

std::string render_option(const described_option& option) {
  std::string names;
  for (const auto& name : option.names)
    names += fmt::format("{}\\fB{}\\fR", names.empty() ? "" : ", ", escape_roff(name));
  if (option.is_positional)
    names = fmt::format("\\fI{}\\fR", escape_roff(option.value));
  else if (!option.value.empty())
    names += fmt::format(" \\fI{}\\fR", escape_roff(option.value));
  auto help = escape_roff(option.help);
  if (!option.default_text.empty()) help += fmt::format("; else {}", escape_roff(option.default_text));
  return fmt::format(".TP\n{}\n{}.\n", names, help);
}

std::string render_command(const described_command& command) {
  auto out = fmt::format(".SS {}\n{}.\n.PP\n{}\n", quoted(command.path), escape_roff(command.help),
                         synopsis_of(command));
  for (const auto& option : command.options)
    if (option.names.front() != "-h") out += render_option(option);
  return out;
}

std::string head(std::string_view name, std::string_view section, std::string_view version,
                 std::string_view manual) {
  return fmt::format(".TH {} {} \"\" {} {}\n", quoted(name), section,
                     quoted(fmt::format("sandbase-events {}", version)), quoted(manual));
}

}  // namespace

std::string escape_roff(std::string_view text) {
  std::string out;
  bool at_start = true;
  while (!text.empty()) {
    const auto size = std::max<std::size_t>(first_character_size(text), 1);
    const auto bytes = text.substr(0, size);
    text.remove_prefix(size);
    if (at_start && (bytes == "." || bytes == "'")) out += "\\&";
    at_start = false;
    if (bytes == "\\") {
      out += "\\e";
    } else if (bytes == "-") {
      out += "\\-";
    } else if (bytes == "\"") {
      out += "\\(dq";
    } else if (bytes == "\n") {
      out += ' ';
    } else if (bytes == "…") {
      out += "...";
    } else {
      out += bytes;
    }
  }
  return out;
}

std::string render_program_page(const described_command& program, std::string_view version) {
  auto out =
      head("SANDBASE-EVENTS", "1", version, "User Commands") +
      ".SH NAME\nsandbase\\-events \\- keep an ordered, durable event log per agent session and stream it\n"
      ".SH SYNOPSIS\n\\fBsandbase\\-events\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]...\n"
      ".SH DESCRIPTION\n" +
      escape_roff(program.help) +
      "\n.PP\n"
      "Commands work on a store, at a running service, or at either: at a service if one is named by an "
      "option, "
      "by the environment or by a profile, unless an option names a store.\n"
      ".SH OPTIONS\n";
  for (const auto& option : program.options) out += render_option(option);
  out += ".SH COMMANDS\n";
  for_each_command(program, [&](const described_command& command) {
    if (command.inner.empty()) out += render_command(command);
  });
  out += render_entries("ENVIRONMENT", environment) + render_entries("FILES", files) +
         render_entries("EXIT STATUS", exit_codes);
  return out + ".SH SEE ALSO\n.BR sandbase\\-events.toml (5)\n";
}

std::string render_options_page(std::span<const option_spec> options, std::string_view version) {
  auto out =
      head("SANDBASE-EVENTS.TOML", "5", version, "File Formats") +
      ".SH NAME\nsandbase\\-events.toml \\- options of sandbase\\-events serve\n"
      ".SH DESCRIPTION\n"
      "A file in TOML, named by \\fB\\-\\-config\\fR. The option \\fBhttp.listen\\fR is the key "
      "\\fBlisten\\fR of "
      "the table \\fB[http]\\fR; on the command line it is \\fB\\-\\-http.listen\\fR, in the environment "
      "\\fBSANDBASE_HTTP_LISTEN\\fR. The command line wins over the environment, the environment over the "
      "file.\n"
      ".PP\n"
      "Sizes are bytes or have a unit (64KiB, 8MiB, 1GiB), times have one (500ms, 10s, 5min, 1h). An unknown "
      "option or a bad value is refused at start.\n"
      ".SH OPTIONS\n";
  for (const auto& spec : options)
    out += fmt::format(".TP\n\\fB{}\\fR = \\fI{}\\fR{}\n{}.\n.br\nDefault: {}\n", escape_roff(spec.name),
                       escape_roff(spec.value), spec.repeats ? ", a list" : "", escape_roff(spec.help),
                       escape_roff(spec.show({})));
  return out + ".SH SEE ALSO\n.BR sandbase\\-events (1)\n";
}

}  // namespace sandbase
