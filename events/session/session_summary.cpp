// SPDX-License-Identifier: Apache-2.0
#include "events/session/session_summary.hpp"

#include "events/json/json_writer.hpp"
#include "events/session/session_resources.hpp"

#include <algorithm>

namespace sandbase {

session_summary summarize(const session_header& header) {
  const auto& p = header.progress;
  return summarize(*header.definition, p.status, p.tip, p.pending);
}

session_summary summarize(const session_definition& d, session_status status, const log_tip& tip,
                          const std::vector<pending_tool_use>& pending) {
  session_summary s;
  s.id = d.id;
  s.status = status;
  s.title = d.title;
  s.agent_id = d.agent_id;
  s.agent_version = d.agent_version;
  s.deployment_id = d.deployment_id;
  s.memory_stores = memory_stores_of(d);
  s.created_at = d.created_at;
  s.updated_at = tip.updated_at;
  s.archived_at = d.archived_at;
  const auto shown = std::min(pending.size(), max_pending_shown);
  s.pending.assign(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(shown));
  s.last_seq = tip.last_seq;
  s.last_id = tip.last_id;
  s.head = tip.head;
  return s;
}

std::string render_summary(const session_summary& s) {
  std::string text;
  json::object_writer frame{text};
  frame.text("type", "session.summary");
  json::object_writer out{frame.member_name("session")};
  out.text("id", s.id);
  out.text("status", to_string(s.status));
  out.text_or_null("title", s.title);
  out.text("agent_id", s.agent_id);
  out.text("created_at", format_timestamp(s.created_at));
  out.text("updated_at", format_timestamp(s.updated_at));
  out.text_or_null("archived_at",
                   s.archived_at ? std::optional{format_timestamp(*s.archived_at)} : std::nullopt);
  append_pending(out.member_name("pending"), s.pending);
  append_log_end(out.member_name("log"), s.last_seq, s.last_id, s.head);
  out.close();
  frame.close();
  return text;
}

std::string render_deletion(const std::string& id) {
  std::string text;
  json::object_writer out{text};
  out.text("type", "session.deleted");
  out.text("id", id);
  out.close();
  return text;
}

}  // namespace sandbase
