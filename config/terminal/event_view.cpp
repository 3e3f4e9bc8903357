// SPDX-License-Identifier: Apache-2.0
#include "config/terminal/event_view.hpp"

#include "config/terminal/fold.hpp"
#include "config/terminal/printable.hpp"
#include "events/event/catalog.hpp"
#include "events/json/json_members.hpp"
#include "events/json/json_writer.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <optional>

namespace sandbase {
namespace {

constexpr std::size_t time_columns = 8;
constexpr std::size_t type_columns = 22;
constexpr std::size_t text_column = time_columns + type_columns + 2;
/// Narrower terminals have the text below the type.
constexpr std::size_t narrow = 70;
constexpr std::size_t narrow_indent = 4;

/// The members that say something about this event alone.
std::string the_rest(const json::value& event) {
  std::string out;
  json::object_writer rest{out};
  bool any = false;
  event.for_each_member([&](std::string_view, const std::string& key, const json::value& v) {
    if (key == "id" || key == "type" || key == "processed_at") return;
    rest.raw(key, json::compact(v.text()));
    any = true;
  });
  rest.close();
  return any ? out : "";
}

std::string tool_use(const json::value& event) {
  // Some runtimes have name and input in `content`.
  const auto content = event.find("content");
  const bool is_inside = !event.find("name") && content && content->is(json::kind::object);
  const auto& from = is_inside ? *content : event;
  const auto input = from.find("input");
  return fmt::format("{} {}  {}", json::text_member(from, "name"), input ? json::compact(input->text()) : "",
                     json::text_member(event, "id"));
}

std::string confirmation(const json::value& event) {
  auto said = json::text_member(event, "result") + " " + json::text_member(event, "tool_use_id");
  if (const auto why = json::text_member(event, "deny_message"); !why.empty()) said += ": " + why;
  return said;
}

std::string result_of_tool(const json::value& event) {
  auto text = text_of_content(event);
  return text.empty() ? the_rest(event) : text;
}

std::string tokens(const json::value& event) {
  const auto usage = event.find("model_usage");
  if (!usage || !usage->is(json::kind::object)) return the_rest(event);
  const auto count = [&](std::string_view name) {
    const auto found = usage->find(name);
    return found ? std::string{found->text()} : "?";
  };
  return fmt::format("{} tokens in, {} out", count("input_tokens"), count("output_tokens"));
}

colour colour_of(std::string_view type) {
  if (type == "session.error" || type == "session.deleted" || type == "session.status_terminated")
    return colour::red;
  if (type.starts_with("user.")) return colour::cyan;
  if (type.find("tool") != std::string_view::npos) return colour::magenta;
  if (type.starts_with("agent.")) return colour::green;
  if (type.starts_with("session.status_")) return colour::yellow;
  return colour::dim;
}

/// `10:00:03` of an RFC 3339 time.
std::string clock_of(const json::value& event) {
  const auto time = printable(json::text_member(event, "processed_at"));
  constexpr std::size_t date_columns = 11;
  return time.size() >= date_columns + time_columns ? time.substr(date_columns, time_columns)
                                                    : std::string(time_columns, ' ');
}

}  // namespace

std::string text_of_content(const json::value& event) {
  const auto content = event.find("content");
  if (!content) return "";
  if (content->is(json::kind::string)) return content->as_string();
  if (!content->is(json::kind::array)) return "";
  std::string text;
  content->for_each_element([&](std::size_t, const json::value& block) {
    if (json::text_member(block, "type") != "text") return;
    if (!text.empty()) text += '\n';
    text += json::text_member(block, "text");
  });
  return text;
}

std::string summary_of(const json::value& event) {
  if (const auto erased = event.find("redacted"))
    return "erased" +
           (json::text_member(*erased, "reason").empty() ? "" : ": " + json::text_member(*erased, "reason"));
  switch (find_type(json::text_member(event, "type"))) {
    case event_type::user_message:
    case event_type::system_message:
    case event_type::agent_message:
      return result_of_tool(event);
    case event_type::agent_tool_use:
    case event_type::agent_custom_tool_use:
    case event_type::agent_mcp_tool_use:
      return tool_use(event);
    case event_type::agent_tool_result:
    case event_type::agent_mcp_tool_result:
    case event_type::user_tool_result:
    case event_type::user_custom_tool_result:
      return result_of_tool(event);
    case event_type::user_tool_confirmation:
      return confirmation(event);
    case event_type::session_status_idle:
      return json::text_member(event, "stop_reason", "type");
    case event_type::session_error:
      return json::text_member(event, "error", "message");
    case event_type::session_event_redacted:
      return json::text_member(event, "event_id");
    case event_type::span_model_request_end:
      return tokens(event);
    default:
      return the_rest(event);
  }
}

std::string render_event_for_people(const json::value& event, const view_bounds& bounds, palette colours) {
  const auto type = printable(json::text_member(event, "type"));
  const auto head =
      fmt::format("{} {}", colours.paint(colour::dim, clock_of(event)), colours.paint(colour_of(type), type));
  const auto summary = summary_of(event);
  const auto pad = std::string(type_columns - std::min(display_width(type), type_columns - 1), ' ');
  if (bounds.columns == 0)
    return fmt::format("{}{}{}\n", head, summary.empty() ? "" : pad, printable(summary));
  if (summary.empty()) return head + "\n";

  const bool is_narrow = bounds.columns < narrow;
  const auto indent = is_narrow ? narrow_indent : text_column - 1;
  const auto width = std::max<std::size_t>(bounds.columns - std::min(bounds.columns, indent), 10);
  const auto lines = fold(printable(summary, spaces::keep_lines), width);
  std::string out = head + (is_narrow ? "\n" + std::string(indent, ' ') : pad);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out.append(indent, ' ');
    if (i + 1 == bounds.max_lines && i + 1 < lines.size()) {
      const auto more = fmt::format("… {} lines more, which --json shows", lines.size() - i);
      return out + colours.paint(colour::dim, more) + "\n";
    }
    out += lines[i] + "\n";
  }
  return out;
}

std::string passing_lines::show(const std::vector<std::string>& lines) {
  auto out = erase();
  const auto first = lines.size() - std::min(lines.size(), max_lines_);
  for (auto i = first; i < lines.size(); ++i) out += lines[i] + "\n";
  shown_ = lines.size() - first;
  return out;
}

std::string passing_lines::erase() {
  std::string out;
  // Up to where they began, and all below is gone (ECMA-48: CUU, ED).
  if (shown_ > 0) out = fmt::format("\r\x1b[{}A\x1b[J", shown_);
  shown_ = 0;
  return out;
}

}  // namespace sandbase
