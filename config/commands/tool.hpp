// SPDX-License-Identifier: Apache-2.0
// What every operator command shares: exit codes, the one line for a refusal, opening the store.
#pragma once

#include "config/options.hpp"
#include "events/base/result.hpp"
#include "persistence/backend.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

enum exit_code : int {
  exit_ok = 0,
  /// It was tried and did not succeed, or `check` found problems.
  exit_failed = 1,
  /// Bad usage, or refused before anything was done.
  exit_refused = 2,
  /// Ctrl-C: 128 and the signal's number, as shells have it.
  exit_interrupted = 130,
};

/// Prints `sandbase-events: message` on stderr. A failure without a message is silent (see output::write).
/// @returns `code`
int report(const failure& error, exit_code code);

/// A store opened for an operator's command.
struct open_store {
  std::unique_ptr<store_backend> backend;
  /// Null unless asked for.
  std::unique_ptr<exclusive_lock> lock;
  std::unique_ptr<store_admin> admin;
};

/// What a command is to do with a store. Who writes brings its tables up to date first.
enum class store_use : std::uint8_t {
  read,
  write,
  /// The same, and it is made if there is none.
  make,
};

/// `lock_purpose`: what to hold the exclusive lock for; empty: not at all.
result<open_store> open_for_command(const server_options& options, store_use use,
                                    std::string_view lock_purpose = {});

/// `not_found` if a workspace is named that the store does not have.
result<void> expect_workspace(store_admin& store, const std::optional<std::string>& name);

}  // namespace sandbase
