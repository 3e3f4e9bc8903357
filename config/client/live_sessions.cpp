// SPDX-License-Identifier: Apache-2.0
#include "config/client/live_sessions.hpp"

#include "config/terminal/printable.hpp"
#include "events/json/json_members.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <utility>

namespace sandbase {
namespace {

constexpr std::size_t id_columns = 31;
constexpr std::size_t status_columns = 12;
constexpr std::size_t agent_columns = 18;
/// Narrower terminals need the room for titles.
constexpr std::size_t wide = 110;

colour colour_of(const live_session& row) {
  if (row.waits > 0) return colour::magenta;
  if (row.status == "running") return colour::green;
  if (row.status == "terminated") return colour::red;
  return row.status == "rescheduling" ? colour::yellow : colour::plain;
}

/// Cut or filled up to so many columns.
std::string cell(const std::string& text, std::size_t columns) {
  auto cut = cut_to_width(printable(text), columns);
  cut.append(columns - std::min(display_width(cut), columns), ' ');
  return cut;
}

std::string line_of(std::size_t columns, const std::string& id, const std::string& status,
                    const std::string& events, const std::string& waits, const std::string& age,
                    const std::string& agent, const std::string& title) {
  return fmt::format("{} {} {:>8} {:>5} {:>7}  {}{}", cell(id, id_columns), cell(status, status_columns),
                     events, waits, age, columns < wide ? "" : cell(agent, agent_columns) + " ",
                     printable(title));
}

std::string head_of(const std::vector<live_session>& rows, timestamp now) {
  const auto running = std::ranges::count(rows, "running", &live_session::status);
  const auto waiting = std::ranges::count_if(rows, [](const live_session& row) { return row.waits > 0; });
  constexpr std::size_t clock_at = 11;
  constexpr std::size_t clock_columns = 8;
  return fmt::format("{} sessions, {} running, {} wait for an answer   {} UTC", rows.size(), running, waiting,
                     format_timestamp(now).substr(clock_at, clock_columns));
}

}  // namespace

void live_sessions::put(const json::value& session) {
  live_session row;
  row.id = json::text_member(session, "id");
  if (row.id.empty()) return;
  row.status = json::text_member(session, "status");
  row.agent = json::text_member(session, "agent_id");
  row.title = json::text_member(session, "title");
  row.events = json::number_member(session, "log", "events");
  json::for_each_in(session, "pending", [&](const json::value&) { ++row.waits; });
  row.updated_at = parse_timestamp(json::text_member(session, "updated_at")).value_or(timestamp{});
  rows_.insert_or_assign(row.id, std::move(row));
}

std::vector<live_session> live_sessions::sorted() const {
  std::vector<live_session> rows;
  for (const auto& [id, row] : rows_) rows.push_back(row);
  std::ranges::sort(rows, [](const live_session& a, const live_session& b) {
    return std::tie(b.updated_at, b.id) < std::tie(a.updated_at, a.id);
  });
  return rows;
}

std::string render_age(std::chrono::milliseconds age) {
  using namespace std::chrono;
  const auto s = std::max<std::int64_t>(duration_cast<seconds>(age).count(), 0);
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  if (s < minute) return fmt::format("{} s", s);
  if (s < hour) return fmt::format("{} min", s / minute);
  return s < day ? fmt::format("{} h", s / hour) : fmt::format("{} d", s / day);
}

std::vector<std::string> render_live_sessions(const live_sessions& sessions, const terminal_size& size,
                                              timestamp now, const std::string& note, palette colours) {
  const auto rows = sessions.sorted();
  std::vector<std::string> lines;
  const auto add = [&](const std::string& text, colour c) {
    if (lines.size() < size.rows) lines.push_back(colours.paint(c, cut_to_width(text, size.columns)));
  };
  add(head_of(rows, now), colour::bold);
  add(printable(note), colour::dim);
  add(line_of(size.columns, "session", "status", "events", "waits", "changed", "agent", "title"),
      colour::dim);
  for (const auto& row : rows)
    add(line_of(size.columns, row.id, row.status, std::to_string(row.events),
                row.waits > 0 ? std::to_string(row.waits) : "", render_age(now - row.updated_at), row.agent,
                row.title),
        colour_of(row));
  return lines;
}

}  // namespace sandbase
