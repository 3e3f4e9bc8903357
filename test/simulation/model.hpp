// SPDX-License-Identifier: Apache-2.0
// What must be true, learned from what clients send and see: the model that answers of the service are held
// against. It knows nothing of how the service works.
#pragma once

#include "events/ids/event_id.hpp"
#include "events/log/hash_chain.hpp"
#include "test/simulation/context.hpp"
#include "test/simulation/store_place.hpp"
#include "test/simulation/watched_store.hpp"

#include <deque>
#include <fmt/core.h>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase::sim {

enum class fate : std::uint8_t {
  pending,
  /// Acknowledged.
  stored,
  /// Answered with an error that says: nothing was stored.
  refused,
  /// No answer, or one that does not tell.
  unknown,
};

/// One POST of events, with all its repetitions.
struct sent_request {
  std::string session;
  /// Each event carries a number of its own, so that it is known again.
  std::size_t first_mark = 0;
  std::size_t count = 0;
  /// Empty: none.
  std::string idempotency_key;
  std::string body;
  /// To be stored only right behind the event of this id; empty: anywhere.
  std::string expected_id;
  fate became = fate::pending;
  /// An earlier try may still be carried out.
  bool ever_lost = false;
  /// The first 200's body.
  std::string answer;
};

struct sent_event {
  std::size_t request = 0;
  /// Where it was seen; 0: nowhere yet.
  seq_t seq = 0;
  /// As it was acknowledged or seen.
  std::string json;
};

/// Something that a key says to a session again and again: one event.
struct phrase {
  std::string session;
  api_key_id key = 0;
  /// Of those of this key and session.
  std::size_t which = 0;
  /// Of each request.
  std::string body;
  /// Sends that were acknowledged, each with an event of its own.
  std::size_t acked = 0;
  /// Sends of which nobody knows whether they were carried out.
  std::size_t open = 0;
};

/// One of these sends, with all its tries.
struct saying {
  std::size_t phrase = 0;
  /// The first try.
  std::optional<std::chrono::milliseconds> began_at;
  /// The last one.
  std::chrono::milliseconds tried_at{0};
  /// How many writers the log had had by the first try.
  std::uint64_t writers = 0;
  /// As of the last try.
  std::uint64_t estrangements = 0;
  bool lost = false;
  /// Tries behind one that got no answer.
  std::size_t again = 0;
  /// Nobody may remember its first try.
  bool is_forgotten = false;
  /// The answer was read soon behind the last try.
  bool is_prompt = false;
  /// Of the event that was acknowledged.
  std::string id;
  /// That event is one of its own: no other send was acknowledged with it.
  bool is_counted = false;
};

struct seen_event {
  std::string json;
  std::string id;
  std::string type;
  std::optional<std::size_t> mark;
  /// Somebody asked for its payload to be erased: it may be shown as a tombstone.
  bool redaction_asked = false;
  /// As that was shown first; empty: it was not yet.
  std::string tombstone;
  /// A failover has lost an erasure: it may be shown by the one that comes behind it.
  bool may_change = false;
  /// Acknowledged: whoever asks later must be shown the tombstone.
  std::uint64_t erased_at = UINT64_MAX;
};
/// Whether it is one.
bool is_tombstone_text(std::string_view json);

/// Something an answer said of a log that was not known to its end by then: looked at when it is.
struct log_claim {
  std::string who;
  /// Of the log, as told; for a filtered reading the highest that it can have been.
  seq_t end = 0;
  /// Empty: not told.
  std::string status, last_id, head;
  std::uint64_t input_tokens = 0;
  // A filtered reading: exactly these behind `after` have the type, up to an end that is at least `end_min`.
  /// Empty: not filtered.
  std::string only_type;
  seq_t after = 0;
  seq_t end_min = 0;
  /// Ids.
  std::vector<std::string> shown;
};

/// A log as far as it was seen.
struct history {
  /// Seq 1 first.
  std::vector<std::optional<seen_event>> log;

  const seen_event* at(seq_t seq) const;
  /// Where an id stands, as far as it was seen. 0: nowhere
  seq_t place_of(std::string_view id) const;
};

/// One whose end a failover has lost.
struct lost_history : history {
  /// Behind each event, from before the first on; empty: not known.
  std::vector<digest> heads;
  /// The step in which it was lost.
  std::uint64_t lost_at = 0;
};

struct session_facts : history {
  std::string id;
  /// What it was before failovers.
  std::vector<lost_history> lost;
  /// The log goes at least so far.
  seq_t acked_end = 0;
  bool archive_asked = false, archived = false;
  bool delete_asked = false, deleted = false;
  bool termination_asked = false, terminated = false;
  std::size_t redactions_asked = 0;
  std::vector<log_claim> claims;
  /// Idempotency-Keys that were used.
  std::size_t keys = 0;
};

class model {
 public:
  model(context& run, const durable_state& durable) : run_(run), durable_(durable) {}

  session_facts& add_session(const std::string& id);
  session_facts* find(std::string_view id);
  /// In the order they became known.
  std::deque<session_facts>& sessions() { return sessions_; }

  std::size_t next_creation() { return ++creations_; }
  /// Nobody knows whether that creation was carried out.
  void lose_creation() { creation_lost_ = true; }
  bool may_have_unknown_sessions() const {
    return creation_lost_ || failovers_ > 0 || creations_ > sessions_.size();
  }

  /// A new request of `count` events with the marks from first_mark on.
  std::size_t begin(const std::string& session, std::size_t count);
  sent_request& request(std::size_t number) { return requests_[number]; }
  std::size_t requests() const { return requests_.size(); }
  /// An Idempotency-Key that is new in this session; other sessions have the same ones.
  std::string unused_key(session_facts& s) { return fmt::format("key-{}", ++s.keys); }
  /// A 200 to a request: `{"data":[…]}`.
  void stored(std::size_t number, const std::string& answer);
  /// A 200 to the creation of a session with these events.
  void stored_at_creation(std::size_t number, session_facts& s);
  void refused(std::size_t number);
  void lost(std::size_t number);

  // model_failover.cpp

  /// What the database has lost counts no more, and must not come again.
  void fail_over(const stored_logs& before, const stored_logs& now);
  std::size_t failovers() const { return failovers_; }
  /// An event that was there and was lost, and has not come again under this id.
  bool is_lost(const session_facts& s, std::string_view id) const;
  /// One that was there, and is not: its creation was lost.
  bool is_lost_session(const std::string& id) const {
    return lost_sessions_.contains(id) && !durable_.holds(id);
  }
  /// Whether one history has these two events, one behind the other. Empty: before the first.
  bool follow_each_other(const session_facts& s, seq_t seq, std::string_view before,
                         std::string_view id) const;

  // model_sayings.cpp

  /// One of the few phrases of a key in a session.
  std::size_t some_phrase(const std::string& session, api_key_id key, std::size_t which);
  std::size_t begin_saying(std::size_t phrase);
  const phrase& phrase_of(std::size_t saying) const { return phrases_[sayings_[saying].phrase]; }
  void try_saying(std::size_t number);
  /// A 200.
  void said(std::size_t number, const std::string& answer);
  void lost_saying(std::size_t number);

  /// Some client was shown this event at this place, by an answer to what it asked at step `asked`.
  void saw(session_facts& s, seq_t seq, std::string_view json, std::string_view who, std::uint64_t asked);
  /// The event at this place is to be erased; it is, from this step on, and shown so.
  void redaction_asked(session_facts& s, seq_t seq) {
    s.log[seq - 1]->redaction_asked = true;
    ++s.redactions_asked;
  }
  void redacted(session_facts& s, seq_t seq, std::string_view json, std::string_view who);
  /// A session object that was asked for at step `asked` tells nothing of what was erased before.
  void saw_object(const session_facts& s, std::string_view object, std::string_view who, std::uint64_t asked);
  void claim(session_facts& s, log_claim c);
  /// Nothing more can come and everything was seen: is all of it as it was promised?
  void check_whole_log(session_facts& s, seq_t end);
  /// Heads that were told are those of the log; `heads`: behind each event, from before the first on.
  void check_heads(const session_facts& s, const std::vector<digest>& heads);

  seq_t durable_end(const session_facts& s) const { return durable_.end_of(s.id); }

 private:
  void saw_again(seen_event& known, seq_t seq, const std::string& session, std::string_view json,
                 std::string_view who, std::uint64_t asked);
  bool is_same_answer(const session_facts& s, std::string_view one, std::string_view other) const;
  void note_event(session_facts& s, seq_t seq, std::string_view json, std::string_view who);
  void check_requests(const session_facts& s);
  void check_tool_results(const session_facts& s);
  void check_phrases(const session_facts& s);
  void note_memory(saying& s);
  void check_claim(const std::string& session, const history& h, const log_claim& c);

  // model_failover.cpp
  void fail_over(session_facts& s, const stored_log* before, const stored_log* now);
  void lose_events(session_facts& s, seq_t kept);
  void lose_sayings(const session_facts& s);
  void take_back_erasures(session_facts& s, const stored_log& now);
  /// Null: it is not of a lost one, or of what is there too.
  const lost_history* lost_history_of(const session_facts& s, std::string_view json) const;
  bool answers_what_is_lost(const session_facts& s, std::string_view answer) const;
  bool saw_lost(session_facts& s, seq_t seq, std::string_view json, std::string_view who,
                std::uint64_t asked);
  bool claims_lost(const session_facts& s, const log_claim& c);

  context& run_;
  const durable_state& durable_;
  /// References stay valid.
  std::deque<session_facts> sessions_;
  std::vector<sent_request> requests_;
  std::vector<sent_event> events_;
  std::vector<phrase> phrases_;
  std::vector<saying> sayings_;
  std::size_t creations_ = 0;
  bool creation_lost_ = false;
  std::size_t failovers_ = 0;
  std::set<std::string> lost_sessions_;
};

/// The number of the phrase in an event's JSON, if it is one.
std::optional<std::size_t> phrase_in(std::string_view json);
/// What an event with this mark says where the session object shows it, with its quotes.
std::string text_told_by(std::size_t mark);
/// The mark in an event's JSON; none if the service itself made it.
std::optional<std::size_t> mark_of(std::string_view json);

}  // namespace sandbase::sim
