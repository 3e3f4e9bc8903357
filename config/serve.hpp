// SPDX-License-Identifier: Apache-2.0
// Running the service: from the options to the last goodbye.
#pragma once

#include "config/options.hpp"

namespace sandbase {

/// Serves until SIGTERM or SIGINT, then drains; a second signal cuts that short. Blocks. Prints `listening on
/// http://HOST:PORT` on stdout once requests are answered. A supervisor that wants to know is told what it is
/// at (config/supervisor.hpp).
/// @returns the process's exit code: 0 after an orderly stop, 2 if it
/// could not start (said in one line on stderr)
/// @pre no other thread runs yet: signals are blocked here for all that follow
int run_server(const server_options& options);

}  // namespace sandbase
