// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE completion
#include "config/manual/completion.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

described_command sample() {
  described_command list{"sessions list", "Show, don't ask", {}, {}};
  list.options.push_back({{"-o", "--order"}, "asc|desc", "Which first", "", false, false});
  list.options.push_back({{"--config"}, "FILE", "A file", "", false, false});
  list.options.push_back({{"--title"}, "TEXT", "A text", "", false, false});
  list.options.push_back({{"--json"}, "", "JSON", "", false, false});
  described_command import{"import", "Read", {{{"file"}, "FILE", "The file", "", true, true}}, {}};
  return {"",
          "All",
          {{{"-h", "--help"}, "", "Help", "", false, false}},
          {{"sessions", "Sessions", {}, {list}}, import}};
}

bool has(const std::string& script, const std::string& part) {
  return script.find(part) != std::string::npos;
}

}  // namespace

CAF_TEST(the words of a placeholder in lower case are values) {
  const auto choices = [](const std::string& value) {
    return choices_of({{"--x"}, value, "", "", false, false});
  };
  using words = std::vector<std::string>;
  CAF_CHECK(choices("asc|desc") == (words{"asc", "desc"}));
  CAF_CHECK(choices("TIME|off") == words{"off"});
  CAF_CHECK(choices("TEXT|-|@FILE").empty());
  CAF_CHECK(choices("FILE").empty());
  CAF_CHECK(choices("").empty());
}

CAF_TEST(bash gets commands options values and files) {
  const auto script = render_bash_completion(sample());
  CAF_CHECK(has(script, "' sessions'|' sessions list'|' import') place="));
  CAF_CHECK(
      has(script,
          "' sessions list:-o'|' sessions list:--order') mapfile -t COMPREPLY < <(compgen -W 'asc desc'"));
  CAF_CHECK(has(script, "' sessions list:--config') compopt -o filenames"));
  CAF_CHECK(has(script, "' sessions list:--title') return"));
  CAF_CHECK(has(script, "compgen -W '-o --order --config --title --json'"));
  CAF_CHECK(has(script, "compgen -W 'sessions import'"));
  CAF_CHECK(has(script, "complete -F _sandbase_events sandbase-events\n"));
}

CAF_TEST(zsh gets descriptions too) {
  const auto script = render_zsh_completion(sample());
  CAF_CHECK(script.starts_with("#compdef sandbase-events\n"));
  CAF_CHECK(has(script, "'list:Show, don'\\''t ask'"));
  CAF_CHECK(has(script, "'--order:Which first'"));
  CAF_CHECK(has(script, "(' sessions list:-o'|' sessions list:--order') compadd -- asc desc; return ;;"));
}

CAF_TEST(fish gets a line for each) {
  const auto script = render_fish_completion(sample());
  CAF_CHECK(has(script, "-n \"__sandbase_events_at ' sessions'\" -a list -d 'Show, don'\\''t ask'\n"));
  CAF_CHECK(
      has(script,
          "-n \"__sandbase_events_at ' sessions list'\" -s o -l order -x -a 'asc desc' -d 'Which first'\n"));
  CAF_CHECK(has(script, "-n \"__sandbase_events_at ' import'\" -F -d 'The file'\n"));
}
