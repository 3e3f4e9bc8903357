// SPDX-License-Identifier: Apache-2.0
#include "config/terminal/preview_text.hpp"

#include "events/json/json_members.hpp"

namespace sandbase {

void preview_text::add(const json::value& preview) {
  if (json::text_member(preview, "type") == "event_start") {
    texts_.try_emplace(json::text_member(preview, "event", "id"));
    return;
  }
  const auto delta = json::member(preview, "delta", json::kind::object);
  if (!delta) return;
  auto& [text, block] = texts_[json::text_member(preview, "event_id")];
  const auto index = json::number_member(*delta, "index");
  if (index != block && !text.empty()) text += '\n';
  block = index;
  text += json::text_member(*delta, "content", "text");
}

std::string preview_text::text() const {
  std::string all;
  for (const auto& [id, content] : texts_) {
    if (!all.empty() && !content.text.empty()) all += '\n';
    all += content.text;
  }
  return all;
}

}  // namespace sandbase
