// SPDX-License-Identifier: Apache-2.0
// A store opened for the actors of a node: everything that can be refused is refused here, before there is
// one.
#pragma once

#include "persistence/backend.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

struct node_store {
  std::unique_ptr<store_backend> backend;
  std::unique_ptr<exclusive_lock> lock;
  /// At least one.
  std::vector<std::unique_ptr<event_store>> writers;
  /// Claims for them; null: each does by itself.
  std::unique_ptr<session_claimer> claimer;
  /// For slices, keys and sessions.
  std::vector<std::unique_ptr<event_reader>> readers;
  /// For lists of sessions, which may walk far: nobody else waits for it.
  std::unique_ptr<event_reader> lister;
  /// Null if only this process writes the store.
  std::unique_ptr<end_reader> ends;
  /// Null if only this process writes the store, or others cannot reach it.
  std::unique_ptr<node_registry> nodes;
  /// What stream tokens are signed with.
  std::string token_secret;
};

struct node_store_options {
  /// Who holds the lock, for messages.
  std::string_view purpose = "serve";
  /// At least 1.
  std::size_t readers = 1;
  /// As many writers as that, if the store can have them (store_backend::open_writers()).
  std::size_t writers = 1;
  std::int64_t max_unsealed_bytes = default_max_unsealed_bytes;
  /// What other processes are told of this one; without an address nothing.
  announcement own{};
};

/// Opens it, made if it is not there. Fails as open_backend() and store_backend do. Blocks; any thread.
result<node_store> open_node_store(const store_address& where, const node_store_options& options);
/// The same of a store that is there, called `name` in messages.
result<node_store> open_node_store(std::unique_ptr<store_backend> backend, std::string_view name,
                                   const node_store_options& options);

}  // namespace sandbase
