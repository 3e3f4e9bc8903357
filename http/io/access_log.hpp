// SPDX-License-Identifier: Apache-2.0
// The access log: one line a request, written where the request ends, by its connection or by its stream.
#pragma once

#include "http/io/options.hpp"
#include "http/wire/request_head.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sandbase {

/// What is told of one request. Neither query nor key: either may hold a secret.
struct access_entry {
  using clock = std::chrono::steady_clock;

  /// req_…
  std::string id;
  http_method method = http_method::other;
  /// The route's name; empty: there is none.
  std::string_view route;
  /// Of the path, if it can be one's id; else empty.
  std::string session;
  /// Its head was there.
  clock::time_point begun;
  /// Its answer began; not set: it got none.
  clock::time_point answered{};
  int status = 0;
  /// Of the body.
  std::uint64_t bytes_in = 0;
  /// Of the whole answer, as far as the kernel took it.
  std::uint64_t bytes_out = 0;
  /// Of the admin listener: told at level debug, since probes come all the time.
  bool admin = false;
};

/// Null while such requests are not told: then nothing is to be noted either.
std::shared_ptr<access_entry> begin_access(const http_options& options, bool admin);

/// Writes the line. `end`: what came of the answer, `done` if all of it was written.
void log_access(const access_entry& entry, std::string_view end);

}  // namespace sandbase
