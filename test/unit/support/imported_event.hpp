// SPDX-License-Identifier: Apache-2.0
// An event as an import reads it, from its text alone.
#pragma once

#include "events/event/draft_reader.hpp"
#include "events/json/json_document.hpp"

#include <string_view>

namespace sandbase::test {

inline result<event_draft> read_imported(std::string_view event, std::string_view path = "event",
                                         json::line_breaks breaks = json::line_breaks::escaped) {
  const auto document = json::document::read(event, path, breaks);
  if (!document) return document.error();
  return read_imported_event(document->root(), field_path{path});
}

}  // namespace sandbase::test
