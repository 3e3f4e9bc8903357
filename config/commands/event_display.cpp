// SPDX-License-Identifier: Apache-2.0
#include "config/commands/event_display.hpp"

#include "config/terminal/fold.hpp"
#include "config/terminal/printable.hpp"
#include "events/json/json_members.hpp"

#include <algorithm>
#include <unistd.h>

namespace sandbase {
namespace {

constexpr std::size_t preview_lines = 8;

/// One column less than there are: whether a full line moves the cursor on is the terminal's choice.
std::size_t usable_columns() {
  return std::max<std::size_t>(size_of_terminal(STDOUT_FILENO).columns, 11) - 1;
}

}  // namespace

event_display::event_display(style how)
    : how_(how),
      is_terminal_(is_terminal(STDOUT_FILENO)),
      colours_(palette::of(STDOUT_FILENO)),
      passing_(preview_lines) {}

std::string event_display::render(const json::value& event) const {
  switch (how_) {
    case style::json:
      return (is_terminal_ ? escape_for_terminal(event.text()) : std::string{event.text()}) + "\n";
    case style::answers: {
      if (json::text_member(event, "type") != "agent.message") return "";
      const auto text = text_of_content(event);
      return (is_terminal_ ? printable(text, spaces::keep_lines) : text) + "\n";
    }
    case style::people:
      break;
  }
  return render_event_for_people(event, {is_terminal_ ? usable_columns() : 0}, colours_);
}

result<void> event_display::write(const std::string& text) {
  if (text.empty()) return {};
  auto written = out_.write(text);
  return written ? out_.flush() : written;
}

result<void> event_display::event(const json::value& event) {
  auto text = passing_.erase();
  previews_.conclude(json::text_member(event, "id"));
  if (json::text_member(event, "type") == "span.model_request_end") previews_.conclude_all();
  return write(text + render(event));
}

result<void> event_display::preview(const json::value& preview) {
  if (!shows_previews()) return {};
  previews_.add(preview);
  auto lines = fold(printable(previews_.text(), spaces::keep_lines), usable_columns());
  for (auto& line : lines) line = colours_.paint(colour::dim, line);
  return write(passing_.show(lines));
}

}  // namespace sandbase
