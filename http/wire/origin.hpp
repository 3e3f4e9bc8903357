// SPDX-License-Identifier: Apache-2.0
// The origin of a web page (RFC 6454), as an operator lists it and as a browser sends it.
#pragma once

#include "events/base/result.hpp"

#include <string>
#include <string_view>

namespace sandbase {

/// An origin as browsers serialize it: scheme and host in lower case, an IPv6 address in its short form, no
/// port if it is the scheme's own. `HTTPS://App.Example.com:443` is `https://app.example.com`. A failure is
/// `invalid` and says what would have been taken: other schemes than http and https, a path, a user, `*`,
/// `null`, a host that is not ASCII or not one.
result<std::string> normalize_origin(std::string_view text);

/// The value of the Origin line of a head that could not be parsed, so that the page gets to see its refusal.
/// Empty if there is none, or more than one.
std::string_view find_origin(std::string_view raw_head);

}  // namespace sandbase
