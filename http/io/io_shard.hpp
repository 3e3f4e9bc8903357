// What the connections of one io thread share.
#pragma once

#include "actors/io_thread.hpp"
#include "actors/messages.hpp"
#include "http/io/lru_cache.hpp"
#include "http/io/server_state.hpp"
#include "http/wire/http_date.hpp"

#include <boost/intrusive/list.hpp>

#include <cstring>
#include <memory>
#include <string>

namespace sandbase {

class fan_out;

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
  /// Of this key, over all io threads.
  std::shared_ptr<byte_account> bytes_in;
  io_thread::clock::time_point checked_at;
};
struct digest_hash {
  std::size_t operator()(const digest& d) const {
    std::size_t h = 0;
    std::memcpy(&h, d.data(), sizeof h);
    return h;
  }
};

/// Somebody who found the account of bytes on their way out full.
class room_waiter
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// Bytes were given back on this io thread: try again, soon but not in here. Unlinked before.
  virtual void room_was_made() = 0;

 protected:
  ~room_waiter() = default;
};

using stalled_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<struct stalled_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
/// A stream whose client takes nothing just now.
class stalled_stream : public stalled_hook {
 public:
  io_thread::clock::time_point stalled_since{};
  /// Others need its bytes: let go of what it can, soon but not in here. Unlinked before.
  virtual void give_up() = 0;

 protected:
  ~stalled_stream() = default;
};

/// Belongs to its io thread. Outlives the actors that run there.
struct io_shard {
  /// Age at which a known key is asked for again before it counts: a revocation holds everywhere within 5 s.
  static constexpr std::chrono::seconds key_age{2};

  io_shard(io_thread& thread, server_state& all) : io(thread), shared(all) {}

  /// To be called when bytes_out has become smaller here: who waits longest gets the next turn. (What other
  /// threads give back is noticed at the next look at the deadlines.)
  void made_room() {
    if (waiting_for_room.empty()) return;
    auto& next = waiting_for_room.front();
    waiting_for_room.pop_front();
    next.room_was_made();
  }

  /// How long a stream may stall while nobody else needs its bytes' room.
  static constexpr std::chrono::milliseconds patience{500};

  /// No room in bytes_out: the stream that stalls longest gives way, if it stalls for long.
  void make_room() {
    if (stalled.empty() || io.now() - stalled.front().stalled_since < patience) return;
    auto& longest = stalled.front();
    stalled.pop_front();
    longest.give_up();
  }

  io_thread& io;
  server_state& shared;
  lru_cache<digest, known_key, digest_hash> keys{10'000};
  lru_cache<session_ref, session_actor, session_ref_hash> sessions{4'096};
  /// What live streams of this thread hear through.
  fan_out* streams = nullptr;
  boost::intrusive::list<room_waiter, boost::intrusive::constant_time_size<false>> waiting_for_room;
  /// Longest first.
  boost::intrusive::list<stalled_stream, boost::intrusive::base_hook<stalled_hook>,
                         boost::intrusive::constant_time_size<false>>
      stalled;
  std::size_t next_reader = 0;
  http_date date;
  /// What is read from a socket lands here first.
  std::string scratch = std::string(64 * 1024, '\0');
};

}  // namespace sandbase
