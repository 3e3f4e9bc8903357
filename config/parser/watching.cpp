// SPDX-License-Identifier: Apache-2.0
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"
#include "config/values.hpp"

namespace sandbase {
namespace {

void add_top(parser_frame& frame) {
  auto& command = frame.keep<top_command>();
  auto* sub = frame.add_client(frame.app(), "top",
                               "Show the sessions as they change, those that did last on top; q ends it");
  sub->add_option("-n", command.limit, "So many sessions at first")
      ->type_name("N")
      ->default_str("100")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}).description(""));
  sub->callback([&] { frame.choose_at_service(command); });
}

void add_bench(parser_frame& frame) {
  auto& command = frame.keep<bench_command>();
  auto& time = frame.keep<std::string>();
  auto* sub = frame.add_client(frame.app(), "bench",
                               "Measure a service with sessions of its own, which it deletes again, and say "
                               "what bounds it");
  sub->add_option("--clients", command.clients, "So many that append at once")
      ->type_name("N")
      ->default_str("8")
      ->check(CLI::Range(std::size_t{1}, std::size_t{64}).description(""));
  sub->add_option("--time", time, "How long it may take")->type_name("TIME")->default_str("10s");
  sub->add_flag("--json", command.as_json, "The numbers as one JSON object");
  sub->callback([&] {
    if (!time.empty()) {
      const auto parsed = parse_duration(time);
      if (!parsed || *parsed < std::chrono::seconds{1} || *parsed > std::chrono::minutes{10})
        throw CLI::ValidationError{"--time", "must be a duration between 1s and 10min"};
      command.time = *parsed;
    }
    frame.choose_at_service(command);
  });
}

}  // namespace

void add_watching(parser_frame& frame) {
  add_top(frame);
  add_bench(frame);
}

}  // namespace sandbase
