// SPDX-License-Identifier: Apache-2.0
#include "actors/node/node_store.hpp"

#include <fmt/core.h>

namespace sandbase {

result<node_store> open_node_store(const store_address& where, const node_store_options& options) {
  // What is met in an open store does not name it.
  const auto in_store = [&](const failure& f) {
    return failure{f.code, fmt::format("{}: {}", where.url, f.message)};
  };
  node_store store;
  auto backend = open_backend(where, true);
  if (!backend) return backend.error();
  store.backend = std::move(*backend);
  auto lock = store.backend->lock(options.purpose);
  if (!lock) return lock.error();
  store.lock = std::move(*lock);
  auto writer = store.backend->open_writer(options.max_unsealed_bytes);
  if (!writer) return in_store(writer.error());
  store.writer = std::move(*writer);
  auto secret = store.writer->secret("stream_tokens");
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
  return store;
}

}  // namespace sandbase
