// SPDX-License-Identifier: Apache-2.0
// What the connections of one io thread share.
#pragma once

#include "actors/caf/io_thread.hpp"
#include "actors/messages/all.hpp"
#include "http/io/lru_cache.hpp"
#include "http/io/out_room.hpp"
#include "http/io/server_state.hpp"
#include "http/io/stream_hub.hpp"
#include "http/wire/http_date.hpp"

#include <cstring>
#include <memory>
#include <string>

namespace sandbase {

/// A session as requests name it.
struct session_ref {
  workspace_key workspace = 0;
  std::string id;
  bool operator==(const session_ref&) const = default;
};
struct session_ref_hash {
  std::size_t operator()(const session_ref& ref) const {
    return std::hash<std::string>{}(ref.id) ^ (static_cast<std::size_t>(ref.workspace) * 0x9e3779b97f4a7c15u);
  }
};

/// A key that was found valid, and when.
struct known_key {
  std::shared_ptr<const api_key> key;
  /// Of this key and of its workspace, over all io threads.
  std::shared_ptr<byte_account> bytes_in;
  std::shared_ptr<byte_account> workspace_bytes_in;
  io_thread::clock::time_point checked_at;
  /// Somebody asks for it again; the others need not.
  io_thread::clock::time_point asked_at{};
};
struct digest_hash {
  std::size_t operator()(const digest& d) const {
    std::size_t h = 0;
    std::memcpy(&h, d.data(), sizeof h);
    return h;
  }
};

/// Belongs to its io thread. Outlives the actors that run there.
struct io_shard {
  /// Age at which a known key is asked for again before it counts: a revocation holds everywhere within 5 s.
  static constexpr std::chrono::seconds key_age{2};

  /// So long the others go by what is known while one asks; then another does.
  static constexpr std::chrono::seconds key_asking{1};

  /// Age up to which a known key counts while the store does not answer.
  static constexpr std::chrono::seconds key_grace{5};

  io_shard(io_thread& thread, server_state& all) : io(thread), shared(all), room(thread, all) {}

  io_thread& io;
  server_state& shared;
  lru_cache<digest, known_key, digest_hash> keys{10'000};
  lru_cache<session_ref, session_actor, session_ref_hash> sessions{4'096};
  /// What the streams of this thread hear through.
  stream_hub hub;
  out_room room;
  std::size_t next_reader = 0;
  std::size_t next_journal = 0;
  http_date date;
  /// What is read from a socket lands here first.
  std::string scratch = std::string(64 * 1024, '\0');
};

}  // namespace sandbase
