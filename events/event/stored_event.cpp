// SPDX-License-Identifier: Apache-2.0
#include "events/event/stored_event.hpp"

#include "events/event/stored_layout.hpp"
#include "events/json/field_path.hpp"

namespace sandbase {

result<stored_event> read_stored_event(std::string_view json) {
  const auto parts = stored_layout::read(json);
  const auto time = parts ? parse_exact_time(parts->time) : std::nullopt;
  if (!time) return {errc::corrupt, "not a stored event: " + quoted_for_message(json)};
  return stored_event{parts->id, parts->type_name, find_type(parts->type_name), *time};
}

}  // namespace sandbase
