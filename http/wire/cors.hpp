// Cross-origin requests of browsers (WHATWG Fetch, section 3.2): exact origins, no credentials.
#pragma once

#include "http/wire/request_head.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// Header lines that every answer gets, each with its CRLF: nothing if CORS is off, `Vary: Origin` if it is
/// on, and what lets the browser show the answer if the request's origin is one of `origins`.
std::string cors_lines(const std::vector<std::string>& origins, std::string_view origin);

/// Header lines of the answer to a preflight: the methods of the path and, of the headers asked for, those
/// that this API knows. Only the lines of cors_lines() if the origin is not allowed.
std::string preflight_lines(const std::vector<std::string>& origins, const request_head& head,
                            std::string_view allow);

}  // namespace sandbase
