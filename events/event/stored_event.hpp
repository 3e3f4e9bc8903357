// SPDX-License-Identifier: Apache-2.0
// What a stored event tells without being parsed.
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

/// `corrupt` if `json` is not of the stored form (events/event/stored_layout.hpp).
result<stored_event> read_stored_event(std::string_view json);

}  // namespace sandbase
