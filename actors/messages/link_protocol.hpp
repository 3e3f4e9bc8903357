// SPDX-License-Identifier: Apache-2.0
// The name of what is spoken on links. TLS refuses a link, at both ends, whose ends do not share it (ALPN):
// it changes when frames of before are not understood any more.
#pragma once

#include <string_view>

namespace sandbase {

inline constexpr std::string_view link_protocol = "sandbase-link/2";

}  // namespace sandbase
