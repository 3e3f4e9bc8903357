// What the resources of a session tell.
#pragma once

#include "events/session.hpp"

#include <string_view>

namespace sandbase {

/// Whether one of them is a `memory_store` of this `memory_store_id`.
bool has_memory_store(const session_definition& definition, std::string_view id);

}  // namespace sandbase
