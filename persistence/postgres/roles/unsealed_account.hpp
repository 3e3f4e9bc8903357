// SPDX-License-Identifier: Apache-2.0
// What this process has appended and is not sealed yet: it must not grow without bound, as it stands in
// memory too and is read more slowly. Counted from the oldest such event on, so that one quiet session is
// sealed as well. Thread-safe: shared by the writers of the process.
#pragma once

#include "persistence/failed_seals.hpp"
#include "persistence/records.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <unordered_set>
#include <vector>

namespace sandbase::postgres {

class unsealed_account {
 public:
  explicit unsealed_account(std::int64_t max_bytes) : max_bytes_(max_bytes) {}

  /// Whether so many bytes of JSON find room. What does not is remembered: room for it must be made too.
  /// Writers that ask at once may each get the last of it: it is not taken before appended().
  bool has_room(std::int64_t bytes, std::int64_t asked_before) const;
  void refused(std::int64_t bytes);

  /// Events up to `last` came behind those that are known.
  void appended(session_key session, seq_t last, std::int64_t bytes);
  /// The same of a session that was made. It may have been claimed elsewhere before this is told.
  void created(session_key session, seq_t last, std::int64_t bytes);
  void sealed(session_key session, seq_t up_to);
  /// A seal was not stored.
  void seal_failed(session_key session);
  /// Nothing of it is this process's any more.
  void forget(session_key session);
  /// Its new writer knows what is sealed, and that so much behind it up to `last` is not; it may be asked
  /// again.
  void claimed(session_key session, seq_t sealed, seq_t last, std::int64_t bytes);
  /// Nobody writes it here.
  void released(session_key session);

  /// Sessions of which `is_mine` holds whose oldest events are so old that they should be sealed, each once.
  std::vector<session_key> ask(failed_seals::time_point now, const std::function<bool(session_key)>& is_mine);

  bool is_pressed() const;
  struct size {
    std::size_t sessions = 0;
    std::int64_t bytes = 0;
    bool is_pressed = false;
  };
  size all() const;
  /// At most `most` with larger keys than this, in their order.
  std::vector<session_key> behind(session_key session, std::size_t most) const;

 private:
  struct entry {
    seq_t last = 0;
    std::int64_t bytes = 0;
    /// Bytes that ever came before it.
    std::int64_t place = 0;
  };
  using entries = std::deque<entry>;

  // With the mutex held.
  void add(session_key session, seq_t last, std::int64_t bytes);
  void trim(session_key session, seq_t up_to);
  void end_seal(session_key session, seq_t up_to);
  bool wants_room() const { return extent() > ask_from(); }
  std::int64_t extent() const { return by_place_.empty() ? 0 : bytes_ever_ - by_place_.begin()->first; }
  std::int64_t ask_from() const;

  const std::int64_t max_bytes_;
  mutable std::mutex mutex_;
  std::map<session_key, entries> sessions_;
  /// (place of the first entry, session)
  std::set<std::pair<std::int64_t, session_key>> by_place_;
  std::int64_t bytes_ever_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t refused_bytes_ = 0;
  std::unordered_set<session_key> asked_;
  failed_seals failed_;
};

}  // namespace sandbase::postgres
