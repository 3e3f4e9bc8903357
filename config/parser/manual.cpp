// SPDX-License-Identifier: Apache-2.0
#include "config/manual/completion.hpp"
#include "config/manual/man_page.hpp"
#include "config/parser/describe.hpp"
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"

#include <array>
#include <utility>

namespace sandbase {
namespace {

constexpr const char* program_page = "sandbase-events.1";
constexpr const char* options_page = "sandbase-events.toml.5";

void add_completion(parser_frame& frame) {
  auto& shell = frame.keep<std::string>();
  auto* sub = frame.app().add_subcommand(
      "completion",
      "Print what has a shell complete commands and options: source <(sandbase-events completion bash)");
  sub->add_option("shell", shell, "Which shell")
      ->required()
      ->type_name("bash|zsh|fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  sub->callback([&] {
    const auto program = describe(frame.app());
    frame.choose(show_text{shell == "bash"  ? render_bash_completion(program)
                           : shell == "zsh" ? render_zsh_completion(program)
                                            : render_fish_completion(program)});
  });
}

void add_man(parser_frame& frame) {
  auto& page = frame.keep<std::string>();
  auto* sub = frame.app().add_subcommand("man", "Print a man page, for a folder of MANPATH or for man -l -");
  sub->add_option("page", page, "Which page; the first one if none is named")
      ->type_name("sandbase-events.1|sandbase-events.toml.5")
      ->check(CLI::IsMember({program_page, options_page}).description(""));
  sub->callback([&] {
    frame.choose(show_text{page == options_page
                               ? render_options_page(option_table(), SANDBASE_VERSION)
                               : render_program_page(describe(frame.app()), SANDBASE_VERSION)});
  });
}

}  // namespace

void add_manual(parser_frame& frame) {
  add_completion(frame);
  add_man(frame);
}

}  // namespace sandbase
