// SPDX-License-Identifier: Apache-2.0
// The status page of the admin listener: what every actor of this node is at.
#include "events/ids/event_id.hpp"
#include "events/json/json_writer.hpp"
#include "http/api/api.hpp"

#include <spdlog/async.h>
#include <spdlog/spdlog.h>

namespace sandbase {

namespace {

/// The desk is done sooner, whoever hangs: if it is not, no actor runs.
constexpr std::chrono::milliseconds patience{950};

std::int64_t count_of(const std::atomic<std::uint64_t>& n) { return static_cast<std::int64_t>(n.load()); }

void append_http(std::string& out, const server_state& all) {
  const auto& n = all.counters;
  json::object_writer object{out};
  object.number("connections", n.connections);
  object.number("requests", count_of(n.requests));
  object.number("replays", count_of(n.replays));
  object.number("follows", count_of(n.follows));
  object.number("watches", count_of(n.watches));
  object.number("turned_away", count_of(n.turned_away));
  object.number("server_errors", count_of(n.server_errors));
  object.number("bytes_in", all.bytes_in->used());
  object.number("bytes_out", all.bytes_out.used());
  object.close();
}

void append_log(std::string& out) {
  const auto pool = spdlog::thread_pool();
  json::object_writer object{out};
  object.number("lost_lines", pool ? static_cast<std::int64_t>(pool->overrun_counter()) : 0);
  object.close();
}

std::string page_of(const server_state& all, const collected_status& collected) {
  std::string page;
  json::object_writer object{page};
  object.text("version", SANDBASE_VERSION);
  object.text("phase", all.draining ? "draining" : all.actors.gate->why_closed() ? "closed" : "serving");
  object.number("oldest_commit_ms",
                std::chrono::duration_cast<std::chrono::milliseconds>(lasts(all.actors.commits)).count());
  append_http(object.member_name("http"), all);
  append_log(object.member_name("log"));
  page.append(",").append(collected.json);
  object.close();
  return page;
}

}  // namespace

void status_call(call& c) {
  const auto session = c.current().parameters.filled("session");
  if (!session) return c.fail(session.error());
  if (*session && !is_valid_id(**session))
    return c.fail(failure{errc::invalid, "session: must be a session's id"});
  if (!c.shared().actors.status) return c.fail(failure{errc::unavailable, "this node has no status page"});
  c.set_deadline(patience, {errc::unavailable, "the actors of this node do not run"});
  c.ask<collected_status>(c.shared().actors.status, collect_status{session->value_or("")},
                          [&c](const result<collected_status>& collected) {
                            if (!collected) return c.fail(collected.error());
                            c.answer(page_of(c.shared(), *collected));
                          });
}

}  // namespace sandbase
