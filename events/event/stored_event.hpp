// SPDX-License-Identifier: Apache-2.0
// The fixed parts of a stored event's JSON: id and type stand first,
// processed_at last, none of them with escapes.
#pragma once

#include "events/base/exact_time.hpp"
#include "events/base/result.hpp"
#include "events/event/catalog.hpp"

#include <string_view>

namespace sandbase {

/// Views into the JSON they were read from.
struct stored_event {
  std::string_view id;
  std::string_view type_name;
  event_type type = event_type::custom;
  exact_time time;
};

/// Reads them without parsing what stands between. `corrupt` if `json` is not of the stored form.
result<stored_event> read_stored_event(std::string_view json);

}  // namespace sandbase
