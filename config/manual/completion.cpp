// SPDX-License-Identifier: Apache-2.0
#include "config/manual/completion.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fmt/format.h>

namespace sandbase {
namespace {

/// As one word of any of the three shells; there is no line feed in a help text.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

/// How the scripts name the place of a command: ` sessions list`.
std::string place_of(const described_command& command) {
  return command.path.empty() ? "" : " " + command.path;
}

std::string last_word(const described_command& command) {
  return command.path.substr(command.path.rfind(' ') + 1);
}

std::vector<std::string> names_of_options(const described_command& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options)
    if (!option.is_positional) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

/// What may stand where no option does: a command within this one, or a value.
std::vector<std::string> plain_words(const described_command& command) {
  std::vector<std::string> words;
  for (const auto& inner : command.inner) words.push_back(last_word(inner));
  for (const auto& option : command.options)
    if (option.is_positional)
      for (const auto& choice : choices_of(option)) words.push_back(choice);
  return words;
}

bool has_file_argument(const described_command& command) {
  return std::ranges::any_of(command.options,
                             [](const auto& option) { return option.is_positional && takes_file(option); });
}

/// Patterns of a case for every place but the program's own.
std::string places(const described_command& program, std::string_view between) {
  std::string all;
  for_each_command(program, [&](const described_command& command) {
    if (command.path.empty()) return;
    all += fmt::format("{}{}", all.empty() ? "" : between, quoted(place_of(command)));
  });
  return all;
}

/// f(command, option, pattern) for each option that has a value; the pattern is place and option name.
template <class F>
void for_each_valued(const described_command& program, F&& f) {
  for_each_command(program, [&](const described_command& command) {
    for (const auto& option : command.options) {
      if (option.is_positional || option.value.empty()) continue;
      std::string pattern;
      for (const auto& name : option.names)
        pattern += (pattern.empty() ? "" : "|") + quoted(place_of(command) + ":" + name);
      f(option, pattern);
    }
  });
}

}  // namespace

std::string render_bash_completion(const described_command& program) {
  std::string out = fmt::format(
      "# bash completion for sandbase-events\n"
      "_sandbase_events() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} place='' i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$place ${{COMP_WORDS[i]}}\" in\n"
      "      {}) place=\"$place ${{COMP_WORDS[i]}}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  COMPREPLY=()\n"
      "  case \"$place:$before\" in\n",
      places(program, "|"));
  for_each_valued(program, [&](const described_option& option, const std::string& pattern) {
    const auto choices = choices_of(option);
    if (takes_file(option))
      out += fmt::format(
          "    {}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n",
          pattern);
    else if (!choices.empty())
      out += fmt::format("    {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\"); return ;;\n",
                         pattern, fmt::join(choices, " "));
    else
      out += fmt::format("    {}) return ;;\n", pattern);
  });
  out += "  esac\n  case \"$place\" in\n";
  for_each_command(program, [&](const described_command& command) {
    out += fmt::format(
        "    {})\n"
        "      if [[ $word == -* ]]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\")\n"
        "      else\n",
        quoted(place_of(command)), fmt::join(names_of_options(command), " "));
    if (has_file_argument(command))
      out += "        compopt -o filenames\n        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n";
    else
      out += fmt::format("        mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\")\n",
                         fmt::join(plain_words(command), " "));
    out += "      fi\n      ;;\n";
  });
  return out + "  esac\n}\ncomplete -F _sandbase_events sandbase-events\n";
}

std::string render_zsh_completion(const described_command& program) {
  std::string out = fmt::format(
      "#compdef sandbase-events\n"
      "_sandbase_events() {{\n"
      "  local place='' i\n"
      "  local -a found\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    case \"$place ${{words[i]}}\" in\n"
      "      ({}) place=\"$place ${{words[i]}}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$place:${{words[CURRENT - 1]}}\" in\n",
      places(program, "|"));
  for_each_valued(program, [&](const described_option& option, const std::string& pattern) {
    const auto choices = choices_of(option);
    if (takes_file(option))
      out += fmt::format("    ({}) _files; return ;;\n", pattern);
    else if (!choices.empty())
      out += fmt::format("    ({}) compadd -- {}; return ;;\n", pattern, fmt::join(choices, " "));
    else
      out += fmt::format("    ({}) _message {}; return ;;\n", pattern, quoted(option.value));
  });
  out += "  esac\n  case \"$place\" in\n";
  for_each_command(program, [&](const described_command& command) {
    out += fmt::format("    ({})\n      if [[ ${{words[CURRENT]}} == -* ]]; then\n        found=(\n",
                       quoted(place_of(command)));
    for (const auto& option : command.options)
      if (!option.is_positional)
        for (const auto& name : option.names)
          out += fmt::format("          {}\n", quoted(name + ":" + option.help));
    out += "        )\n      else\n        found=(\n";
    for (const auto& inner : command.inner)
      out += fmt::format("          {}\n", quoted(last_word(inner) + ":" + inner.help));
    if (command.inner.empty())
      for (const auto& word : plain_words(command)) out += fmt::format("          {}\n", quoted(word));
    out += "        )\n";
    if (has_file_argument(command)) out += "        _files\n";
    out += "      fi\n      ;;\n";
  });
  return out +
         "  esac\n"
         "  _describe 'sandbase-events' found\n"
         "}\n"
         "if [[ $funcstack[1] == _sandbase_events ]]; then\n"
         "  _sandbase_events \"$@\"\n"
         "else\n"
         "  compdef _sandbase_events sandbase-events\n"
         "fi\n";
}

std::string render_fish_completion(const described_command& program) {
  std::string out = fmt::format(
      "# fish completion for sandbase-events\n"
      "function __sandbase_events_at\n"
      "  set -l place ''\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    switch \"$place $word\"\n"
      "      case {}\n"
      "        set place \"$place $word\"\n"
      "    end\n"
      "  end\n"
      "  test \"$place\" = \"$argv[1]\"\n"
      "end\n"
      "complete -c sandbase-events -f\n",
      places(program, " "));
  for_each_command(program, [&](const described_command& command) {
    const auto condition =
        fmt::format("complete -c sandbase-events -n \"__sandbase_events_at {}\"", quoted(place_of(command)));
    for (const auto& inner : command.inner)
      out += fmt::format("{} -a {} -d {}\n", condition, last_word(inner), quoted(inner.help));
    for (const auto& option : command.options) {
      const auto choices = choices_of(option);
      std::string line = condition;
      for (const auto& name : option.names) {
        if (option.is_positional) break;
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (takes_file(option))
        line += option.is_positional ? " -F" : " -r -F";
      else if (!choices.empty())
        line += fmt::format(" {}-a '{}'", option.is_positional ? "" : "-x ", fmt::join(choices, " "));
      else if (option.is_positional)
        continue;
      else if (!option.value.empty())
        line += " -x";
      out += fmt::format("{} -d {}\n", line, quoted(option.help));
    }
  });
  return out;
}

}  // namespace sandbase
