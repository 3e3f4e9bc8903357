// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/output.hpp"
#include "config/commands/progress_bar.hpp"
#include "config/commands/service_tool.hpp"
#include "config/commands/session_pages.hpp"
#include "events/json/json_members.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <string>
#include <vector>

namespace sandbase {
namespace {

class export_fetch {
 public:
  export_fetch(service_client& client, output& out, bool shows_progress) : client_(client), out_(out) {
    if (shows_progress) bar_.emplace(std::nullopt);
  }

  /// `io_failed` if it cannot be written.
  result<void> one(const std::string& session) {
    const auto head = client_.open_stream(session_path(session, "/export"), "application/x-ndjson");
    if (!head) return head.error();
    std::uint64_t lines = 0;
    for (;;) {
      const auto bytes = client_.link().read(http_link::answer_patience);
      if (!bytes)
        return {bytes.error().code,
                fmt::format("session {}: its lines end early: {}", session, bytes.error().message)};
      if (bytes->empty()) break;
      if (auto written = out_.write(*bytes); !written) return written;
      lines += static_cast<std::uint64_t>(std::ranges::count(*bytes, '\n'));
      bytes_ += bytes->size();
      if (bar_) bar_->update(bytes_, events_ + lines);
    }
    ++sessions_;
    events_ += lines > 0 ? lines - 1 : 0;  // the first is the header
    return {};
  }

  result<void> all() {
    std::vector<std::string> ids;
    const query_parameters filters{{"include_archived", "true"}, {"order", "asc"}};
    auto listed = each_session(client_, filters, {},
                               [&](const json::value& s) { ids.push_back(json::text_member(s, "id")); });
    if (!listed) return listed;
    for (const auto& id : ids)
      // One that was deleted meanwhile is left out.
      if (auto done = one(id); !done && done.error().code != errc::not_found) return done;
    return {};
  }

  void end_progress() { bar_.reset(); }
  std::uint64_t sessions() const { return sessions_; }
  std::uint64_t events() const { return events_; }

 private:
  service_client& client_;
  output& out_;
  std::optional<progress_bar> bar_;
  std::uint64_t sessions_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

int run_fetch_export(const fetch_export_command& command, const service_target& service) {
  return at_service(service, [&](service_client& client) {
    auto out = command.output.empty() ? result<output>{output::to_stdout()} : output::to_file(command.output);
    if (!out) return report(out.error(), exit_refused);
    export_fetch work{client, *out, !command.output.empty()};
    auto done = command.session.empty() ? work.all() : work.one(command.session);
    work.end_progress();
    // What was written is complete lines, but for a session that ended early.
    auto finished = out->finish();
    if (done) done = std::move(finished);
    if (!done) return report(done.error(), exit_failed);
    fmt::print(stderr, "Exported {} sessions with {} events.\n", work.sessions(), work.events());
    return static_cast<int>(exit_ok);
  });
}

}  // namespace sandbase
