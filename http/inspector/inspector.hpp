// SPDX-License-Identifier: Apache-2.0
// The inspector: a web page for who debugs agents, as part of the binary. It asks the API as any client
// does, with a key that is typed into it; so it is open to whoever reaches the listener, and shows nothing
// by itself.
#pragma once

#include "http/wire/embedded_file.hpp"

#include <span>
#include <string_view>

namespace sandbase {

/// The files of page/: index.html, modules, styles and pictures.
std::span<const embedded_file> inspector_page();

/// Null: there is none of that name. Empty: the page itself.
const embedded_file* find_inspector_file(std::string_view name);

/// By the name's ending; empty: of a kind that the page does not have.
std::string_view content_type_of(std::string_view name);

}  // namespace sandbase
