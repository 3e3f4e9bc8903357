// SPDX-License-Identifier: Apache-2.0
#include "config/client/session_watch.hpp"
#include "config/commands/commands.hpp"
#include "config/commands/listing.hpp"
#include "config/commands/service_tool.hpp"
#include "config/commands/session_pages.hpp"
#include "config/terminal/full_screen.hpp"
#include "config/terminal/terminal.hpp"

#include <chrono>
#include <optional>
#include <unistd.h>

namespace sandbase {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_draws = 250ms;
/// The ages change though nothing happens.
constexpr std::chrono::milliseconds oldest_picture = 1s;

/// As it is now, for a file or a pipe.
int print_once(service_client& client, std::size_t limit) {
  live_sessions sessions;
  const auto listed =
      each_session(client, {}, limit, [&](const json::value& session) { sessions.put(session); });
  if (!listed) return report(listed.error(), exit_failed);
  listing list{{"session", "status", "events", "waits", "updated", "agent", "title"}, false};
  for (const auto& row : sessions.sorted())
    list.add(
        {row.id, row.status, row.events, row.waits, format_timestamp(row.updated_at), row.agent, row.title});
  return list.print();
}

int watch(service_client& client, std::size_t limit) {
  note_signals();
  const auto colours = palette::of(STDOUT_FILENO);
  std::optional<failure> ended;
  {
    session_watch sessions{client, limit};
    full_screen screen;
    std::optional<std::size_t> drawn;
    terminal_size drawn_size;
    auto drawn_at = steady::now() - oldest_picture;
    while (!was_interrupted()) {
      const auto now = steady::now();
      if (now - drawn_at >= between_draws) {
        const auto state = sessions.look();
        const auto size = size_of_terminal(STDOUT_FILENO);
        if ((ended = state.ended)) break;
        if (drawn != state.version || drawn_size != size || now - drawn_at >= oldest_picture) {
          screen.draw(render_live_sessions(state.sessions, size, system_now(), state.note, colours));
          drawn = state.version;
          drawn_size = size;
          drawn_at = now;
        }
      }
      const auto key = screen.wait_for_key(between_draws);
      if (key == 'q' || key == 'Q') return exit_ok;
    }
  }
  if (ended) return report(*ended, exit_failed);
  return exit_interrupted;
}

}  // namespace

int run_top(const top_command& command, const service_target& service) {
  return at_service(service, [&](service_client& client) {
    return is_terminal(STDOUT_FILENO) ? watch(client, command.limit) : print_once(client, command.limit);
  });
}

}  // namespace sandbase
