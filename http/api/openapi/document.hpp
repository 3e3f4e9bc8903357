// SPDX-License-Identifier: Apache-2.0
// The description of the API in the terms of OpenAPI 3.1. Paths, methods, names, path parameters and who may
// call come from the route table; what it does not know stands in schemas.json beside this.
#pragma once

#include "events/base/result.hpp"
#include "http/api/routes.hpp"
#include "http/wire/embedded_file.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sandbase {

/// schemas.json: an object with `info`, `tags`, `components` and `operations`. The last has an entry for each
/// route of the API under its name: an Operation Object without `operationId` and `security`, of whose
/// `parameters` those of the path are left out. `errors`, a list of statuses, stands for so many responses:
/// `[404]` for `components.responses.error_404`.
std::span<const embedded_file> openapi_files();

/// One line of JSON. Of `routes` those of the API count. Failures are `internal`: `schemas` is no JSON, lacks
/// a part, or has an entry without a route or none for one. Any thread.
result<std::string> render_openapi(std::span<const route> routes, std::string_view schemas);

}  // namespace sandbase
