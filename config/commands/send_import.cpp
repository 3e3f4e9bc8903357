// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/input.hpp"
#include "config/commands/progress_bar.hpp"
#include "config/commands/service_tool.hpp"
#include "config/terminal/printable.hpp"
#include "events/json/json_members.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/core.h>
#include <string>

namespace sandbase {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_report_bytes = 4 * server_options::mib;
/// The service ends an import after 5 s without a byte.
constexpr std::chrono::milliseconds longest_silence = 2s;

/// What goes out of a file or a pipe. Of a pipe only whole lines do, so that white space, of which an import
/// may have any amount between them, can stand for what does not come yet.
class upload_source {
 public:
  explicit upload_source(input& from) : from_(from), is_pipe_(!from.total_bytes()) {}

  /// The next bytes to send; empty at the end.
  result<std::string> next() {
    for (;;) {
      if (is_pipe_ && !from_.is_ready_within(longest_silence)) return std::string{" "};
      const auto bytes = from_.read();
      if (!bytes) return bytes.error();
      if (!is_pipe_) return std::string{*bytes};
      if (bytes->empty()) return std::exchange(held_, {});
      held_ += *bytes;
      const auto end = held_.rfind('\n');
      if (end == std::string::npos) continue;
      auto lines = held_.substr(0, end + 1);
      held_.erase(0, end + 1);
      return lines;
    }
  }

 private:
  input& from_;
  bool is_pipe_;
  std::string held_;
};

result<http_answer> upload_all(http_link& link, input& from) {
  progress_bar bar{from.total_bytes()};
  const http_request request{"POST", "/v1/sessions/import", {{"Content-Type", "application/x-ndjson"}}, {}};
  if (auto begun = link.begin_upload(request); !begun) return std::move(begun).error();
  upload_source source{from};
  for (;;) {
    const auto bytes = source.next();
    if (!bytes) return bytes.error();
    if (bytes->empty()) return link.end_upload(max_report_bytes);
    if (const auto sent = link.upload(*bytes); !sent) {
      // It says why it takes no more, if that got through.
      auto answer = link.early_answer(max_report_bytes);
      if (answer) return answer;
      return failure{errc::unknown_outcome, "the service broke off the import: " + sent.error().message};
    }
    bar.update(from.bytes_read());
  }
}

int print_report(const json::value& told, const std::string& file, double seconds) {
  std::size_t errors = 0;
  json::for_each_in(told, "errors", [&](const json::value& error) {
    ++errors;
    const auto session = printable(json::text_member(error, "session"));
    fmt::print(stderr, "sandbase-events: {}, line {}{}: {}\n", file, json::number_member(error, "line"),
               session.empty() ? "" : ", session " + session, printable(json::text_member(error, "message")));
  });
  const auto events = json::number_member(told, "events");
  fmt::print(
      stderr,
      "Imported {} sessions with {} events, skipped {} (already there), in {:.2f} s ({:.0f} events/s).\n",
      json::number_member(told, "sessions"), events, json::number_member(told, "skipped"), seconds,
      static_cast<double>(events) / std::max(seconds, 1e-3));
  return errors == 0 ? exit_ok : exit_failed;
}

}  // namespace

int run_send_import(const send_import_command& command, const service_target& service) {
  auto from = input::open(command.file);
  if (!from) return report(from.error(), exit_refused);
  if (command.file == "-" && service.key_file == "-")
    return report({errc::invalid, "--key-file and the file are both stdin"}, exit_refused);
  return at_service(service, [&](service_client& client) {
    const auto begun = std::chrono::steady_clock::now();
    const auto answer = upload_all(client.link(), *from);
    if (!answer) return report(answer.error(), exit_failed);
    constexpr unsigned ok = 200;
    if (answer->head.status != ok) return report(refusal_of(*answer), exit_failed);
    const auto told = json_answer::read(answer->body);
    if (!told) return report(told.error(), exit_failed);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return print_report(told->root(), from->name(), took.count());
  });
}

}  // namespace sandbase
