// SPDX-License-Identifier: Apache-2.0
// What describes the program has all of it: every command and option of the parser and of the option table.
#define CAF_SUITE man_page
#include "config/manual/man_page.hpp"

#include "config/command_line.hpp"
#include "config/manual/completion.hpp"
#include "config/parser/describe.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <cstdlib>

using namespace sandbase;

namespace {

std::string text_of(const std::vector<std::string>& arguments) {
  const auto line = parse_command_line(arguments, [](const std::string&) { return std::nullopt; });
  CAF_REQUIRE(line);
  return std::get<show_text>(line->command).text;
}

/// The paths of all commands that do something, out of the help of the program.
std::vector<std::string> commands() {
  std::vector<std::string> paths;
  const auto inner_of = [](const std::vector<std::string>& words) {
    auto arguments = words;
    arguments.emplace_back("--help");
    const auto help = text_of(arguments);
    std::vector<std::string> found;
    const auto start = help.find("Subcommands:\n");
    if (start == std::string::npos) return found;
    for (auto at = help.find("\n  ", start); at != std::string::npos; at = help.find("\n  ", at + 1)) {
      if (help[at + 3] == ' ') continue;
      found.push_back(help.substr(at + 3, help.find(' ', at + 3) - at - 3));
    }
    return found;
  };
  for (const auto& outer : inner_of({})) {
    const auto inner = inner_of({outer});
    if (inner.empty()) paths.push_back(outer);
    for (const auto& name : inner) paths.push_back(outer + " " + name);
  }
  return paths;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// What a formatter complains of; nothing where it is not there.
std::string complaints(const std::string& page) {
  if (std::system("command -v groff >/dev/null 2>&1") != 0) return "";
  const test::temp_dir folder;
  const auto file = folder.write("page", page);
  const auto run = "groff -man -ww -z -Tutf8 " + file + " 2>" + folder.file("said");
  CAF_CHECK_EQUAL(std::system(run.c_str()), 0);
  return folder.read("said");
}

}  // namespace

CAF_TEST(the program page has every command and option) {
  const auto page = text_of({"man"});
  const auto all = commands();
  CAF_CHECK(all.size() > 20);
  for (const auto& path : all) {
    if (!has(page, ".SS \"" + escape_roff(path) + "\"")) CAF_FAIL("missing: " << path);
    std::vector<std::string> arguments;
    for (std::size_t at = 0; at < path.size();) {
      const auto end = std::min(path.find(' ', at), path.size());
      arguments.push_back(path.substr(at, end - at));
      at = end + 1;
    }
    arguments.emplace_back("--help");
    const auto help = text_of(arguments);
    for (auto at = help.find(" --"); at != std::string::npos; at = help.find(" --", at + 1)) {
      const auto name = help.substr(at + 1, help.find_first_of(" ,\n", at + 1) - at - 1);
      if (name != "--help" && !has(page, "\\fB" + escape_roff(name) + "\\fR"))
        CAF_FAIL("missing: " << path << name);
    }
  }
}

CAF_TEST(the options page has every option with its default) {
  const auto page = text_of({"man", "sandbase-events.toml.5"});
  for (const auto& spec : option_table()) {
    CAF_CHECK(has(page, "\\fB" + escape_roff(spec.name) + "\\fR = "));
    CAF_CHECK(has(page, "Default: " + escape_roff(spec.show({})) + "\n"));
  }
}

CAF_TEST(completion knows every command) {
  const auto all = commands();
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = text_of({"completion", shell});
    for (const auto& path : all) CAF_CHECK(has(script, "' " + path + "'"));
    CAF_CHECK(has(script, "store.password_file"));
  }
  CAF_CHECK(!parse_command_line({"completion", "tcsh"}));
}

CAF_TEST(formatters find no fault with the pages) {
  CAF_CHECK_EQUAL(complaints(text_of({"man"})), "");
  CAF_CHECK_EQUAL(complaints(text_of({"man", "sandbase-events.toml.5"})), "");
}

CAF_TEST(text cannot become a request or an escape) {
  CAF_CHECK_EQUAL(escape_roff(".TH x"), "\\&.TH x");
  CAF_CHECK_EQUAL(escape_roff("'a"), "\\&'a");
  CAF_CHECK_EQUAL(escape_roff("a\\fB \"b\" --c"), "a\\efB \\(dqb\\(dq \\-\\-c");
}
