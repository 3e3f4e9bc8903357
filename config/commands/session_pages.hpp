// SPDX-License-Identifier: Apache-2.0
// List Sessions over all its pages.
#pragma once

#include "config/client/service_client.hpp"
#include "events/json/json_text.hpp"

#include <cstddef>
#include <functional>
#include <optional>

namespace sandbase {

/// f(session object) for each, `limit` at most.
result<void> each_session(service_client& client, const query_parameters& filters,
                          std::optional<std::size_t> limit, const std::function<void(const json::value&)>& f);

}  // namespace sandbase
