// SPDX-License-Identifier: Apache-2.0
#include "config/client/bench_run.hpp"
#include "config/commands/commands.hpp"
#include "config/commands/service_tool.hpp"
#include "config/terminal/printable.hpp"
#include "config/terminal/terminal.hpp"

#include <fmt/core.h>
#include <unistd.h>

namespace sandbase {

int run_bench(const bench_command& command, const service_target& service) {
  return at_service(service, [&](service_client& client) {
    // What was made is deleted also when somebody has seen enough.
    note_signals();
    const bool shows_progress = is_terminal(STDERR_FILENO);
    bench_run bench{client, command.clients, command.time, was_interrupted};
    const auto numbers = bench.run([&](const std::string& part) {
      if (shows_progress) fmt::print(stderr, "\r{}…\x1b[K", part);
    });
    if (shows_progress) fmt::print(stderr, "\r\x1b[K");
    if (!numbers) return report(numbers.error(), exit_failed);
    if (was_interrupted()) return static_cast<int>(exit_interrupted);
    const auto verdict = judge(*numbers);
    auto text = command.as_json ? render_bench_json(*numbers, verdict)
                                : printable(render_bench(*numbers, verdict), spaces::keep_lines);
    if (text.ends_with('\n')) text.pop_back();
    const auto printed = print_line(text);
    return printed == exit_ok && !verdict.is_good ? static_cast<int>(exit_failed) : printed;
  });
}

}  // namespace sandbase
