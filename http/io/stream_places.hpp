// SPDX-License-Identifier: Apache-2.0
// How many streams are open, by API key and by stream token, over all io threads.
#pragma once

#include "events/log/hash_chain.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace sandbase {

/// Streams that may be open with one stream token.
inline constexpr std::size_t max_streams_per_token = 8;

/// Any thread. The lock is held for one look at a map. Outlives all places that it gives.
class stream_places {
 public:
  /// A place is given back when the last copy of the pointer goes.
  using place = std::shared_ptr<const void>;

  /// Null if `most` streams of the key are open.
  place take(api_key_id key, std::size_t most) { return take(keys_, key, most); }
  /// The same for a stream token, by its SHA-256.
  place take(const digest& token, std::size_t most) { return take(tokens_, token, most); }

 private:
  struct token_hash {
    std::size_t operator()(const digest& d) const {
      std::size_t h = 0;
      std::memcpy(&h, d.data(), sizeof h);
      return h;
    }
  };

  template <class Map>
  place take(Map& open, const typename Map::key_type& whose, std::size_t most) {
    std::lock_guard guard{mutex_};
    auto& n = open[whose];
    if (n >= most) {
      if (n == 0) open.erase(whose);
      return nullptr;
    }
    ++n;
    return {this, [&open, whose](const stream_places* all) { all->give_back(open, whose); }};
  }
  template <class Map>
  void give_back(Map& open, const typename Map::key_type& whose) const {
    std::lock_guard guard{mutex_};
    const auto entry = open.find(whose);
    if (--entry->second == 0) open.erase(entry);
  }

  mutable std::mutex mutex_;
  std::unordered_map<api_key_id, std::size_t> keys_;
  std::unordered_map<digest, std::size_t, token_hash> tokens_;
};

}  // namespace sandbase
