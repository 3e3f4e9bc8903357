// SPDX-License-Identifier: Apache-2.0
#include "actors/node/node_store.hpp"

#include <fmt/core.h>

namespace sandbase {

result<node_store> open_node_store(const store_address& where, const node_store_options& options) {
  auto backend = open_backend(where, true);
  if (!backend) return backend.error();
  return open_node_store(std::move(*backend), where.url, options);
}

result<node_store> open_node_store(std::unique_ptr<store_backend> backend, std::string_view name,
                                   const node_store_options& options) {
  // What is met in an open store does not name it.
  const auto in_store = [&](const failure& f) {
    return failure{f.code, fmt::format("{}: {}", name, f.message)};
  };
  node_store store;
  store.backend = std::move(backend);
  auto lock = store.backend->lock(options.purpose);
  if (!lock) return lock.error();
  store.lock = std::move(*lock);
  auto writers = store.backend->open_writers(options.writers, options.max_unsealed_bytes);
  if (!writers) return in_store(writers.error());
  store.writers = std::move(writers->lanes);
  store.claimer = std::move(writers->claimer);
  auto secret = store.writers.front()->secret("stream_tokens");
  if (!secret) return in_store(secret.error());
  store.token_secret = std::move(*secret);
  for (std::size_t i = 0; i <= options.readers; ++i) {
    auto reader = store.backend->open_reader();
    if (!reader) return in_store(reader.error());
    if (i < options.readers)
      store.readers.push_back(std::move(*reader));
    else
      store.lister = std::move(*reader);
  }
  auto ends = store.backend->open_end_reader();
  if (!ends) return in_store(ends.error());
  store.ends = std::move(*ends);
  if (!options.own.address.empty()) {
    auto nodes = store.backend->open_node_registry(options.own);
    if (!nodes) return in_store(nodes.error());
    store.nodes = std::move(*nodes);
  }
  return store;
}

}  // namespace sandbase
