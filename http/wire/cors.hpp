// SPDX-License-Identifier: Apache-2.0
// Cross-origin requests of browsers (WHATWG Fetch, section 3.2): exact origins, no credentials.
#pragma once

#include "http/wire/request_head.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// Header lines that every answer gets, refusals too, each with its CRLF: nothing if CORS is off, `Vary:
/// Origin` if it is on, and what lets the browser show the answer if the request's origin is one of
/// `origins`.
/// @param origins as normalize_origin() makes them, which is how browsers send theirs
std::string cors_lines(const std::vector<std::string>& origins, std::string_view origin);

/// Header lines that the answer to a preflight has beside those of cors_lines(): the methods of the path and,
/// of the headers asked for, those that this API knows. Nothing if the origin is not one of `origins`.
/// @param allow the path's methods, as in an `Allow` line
std::string preflight_lines(const std::vector<std::string>& origins, const request_head& head,
                            std::string_view allow);

}  // namespace sandbase
