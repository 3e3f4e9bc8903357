// SPDX-License-Identifier: Apache-2.0
// A session's header: what its creator gave (definition) and what its log made of it (progress).
#pragma once

#include "events/base/exact_time.hpp"
#include "events/base/result.hpp"
#include "events/base/shared_value.hpp"
#include "events/base/timestamp.hpp"
#include "events/event/event_draft.hpp"
#include "events/event/event_facts.hpp"
#include "events/ids/event_id.hpp"
#include "events/log/hash_chain.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbase {

/// Numbers are stored: never renumber.
enum class session_status : std::uint8_t { idle = 0, running = 1, rescheduling = 2, terminated = 3 };
std::string_view to_string(session_status s);
std::optional<session_status> status_from(std::string_view name);

/// What changes only by create, update and archive.
struct session_definition {
  std::string id;
  timestamp created_at{};
  std::optional<std::string> title;
  std::string environment_id;
  std::string agent_id;
  std::int64_t agent_version = 1;
  /// The whole `agent` object of the session, JSON, every field of BetaManagedAgentsSessionAgent present.
  std::string agent = "{}";
  /// In the order given.
  std::vector<std::pair<std::string, std::string>> metadata;
  /// Fields that are kept and given back, JSON each.
  std::string resources = "[]";
  std::string vault_ids = "[]";
  std::string budget = "null";
  /// RFC 3339 as given, or empty.
  std::string expires_at;
  std::optional<timestamp> archived_at;
  /// Of the deployment that it was made from.
  std::optional<std::string> deployment_id;

  /// JSON, for the store.
  std::string encode() const;
  static result<session_definition> decode(std::string_view text);
};

/// A tool use that has no result yet.
struct pending_tool_use {
  std::string id;
  event_type type = event_type::agent_tool_use;
  /// May still be confirmed.
  bool awaits_confirmation = false;
  /// Of the tool; empty: not told.
  std::string name;
  bool operator==(const pending_tool_use&) const = default;
};

/// Whether an event of this type can change which tool uses wait.
bool concerns_pending(event_type type);
/// What an event with this id does to the uses that wait.
void update_pending(std::vector<pending_tool_use>& pending, const event_facts& facts, std::string_view id);

/// A client's answer to a tool use.
struct given_answer {
  seq_t seq = 0;
  /// event_facts::says
  fingerprint says;
  bool operator==(const given_answer&) const = default;
};

/// State of one outcome (user.define_outcome and its evaluations).
struct outcome_state {
  std::string id;
  std::string description;
  std::string result = "pending";
  std::string explanation;
  std::int64_t iteration = 0;
  std::optional<timestamp> completed_at;
  bool operator==(const outcome_state&) const = default;
};

/// The end of a log and what changes with every append; small, so that it travels with each one.
struct log_tip {
  seq_t last_seq = 0;
  /// Empty for an empty log.
  std::string last_id;
  /// processed_at of the last event.
  exact_time last_time;
  /// Of the last change: create, append, update or archive.
  timestamp updated_at{};
  /// Hash chain after last_seq.
  digest head{};
  token_usage usage;

  /// JSON, for the store.
  std::string encode() const;
  static result<log_tip> decode(std::string_view text);
  bool operator==(const log_tip&) const = default;
};

/// Events that one API key appended about the same time, without another's between them: what an SDK's own
/// retry is compared with where nobody knows which answers were taken.
struct append_run {
  std::int64_t author = 0;
  seq_t first = 0;
  seq_t last = 0;
  /// Of the last append.
  timestamp at{};
  bool operator==(const append_run&) const = default;
};

/// What a session's log has made of it: the fold of its events. Equal logs give equal progress.
struct session_progress {
  log_tip tip;
  session_status status = session_status::idle;
  /// Completed spans of `running`.
  std::int64_t active_ms = 0;
  std::optional<timestamp> running_since;
  std::optional<timestamp> terminated_at;
  /// Oldest first, at most max_pending (older ones are forgotten).
  std::vector<pending_tool_use> pending;
  /// Oldest first, the last max_answers.
  std::vector<given_answer> answers;
  /// At most max_outcomes with max_outcome_text in all; oldest forgotten.
  std::vector<outcome_state> outcomes;
  /// As of the last event that told.
  usage_details details;

  /// Of the last recent_time before the end, at most max_recent, in order; 0 is the author of events that no
  /// key has sent. Who appended is not in the log: this alone is no fold of it.
  std::vector<append_run> recent_appends;

  static constexpr std::size_t max_recent = 64;
  static constexpr std::chrono::seconds recent_time{2};
  static constexpr std::size_t max_pending = 10'000;
  static constexpr std::size_t max_answers = 256;
  static constexpr std::size_t max_outcomes = 100;
  /// Bytes of descriptions and explanations.
  static constexpr std::size_t max_outcome_text = std::size_t{64} * 1024;

  /// Whether `facts` may be appended now: terminated takes nothing, answers of clients (user.*) must name a
  /// use that waits for one; those of runtimes (agent.*) may name an unknown one. `path` names the event in
  /// the message. The failure is `invalid`.
  result<void> check(const event_facts& facts, std::string_view path) const;
  /// The event that gave the same answer to the same tool use before; 0: none of those that are known.
  seq_t find_answer(const event_facts& facts) const;
  /// Notes who appended these.
  void note_append(std::int64_t author, seq_t first, seq_t last, timestamp at);
  /// Takes an event in: status, usage, pending tool uses, outcomes, tip; `head` is the chain after it.
  /// @returns whether the header row must be written with it: something
  /// changed that a list of sessions shows and
  ///          that is not in `tip` (status, outcomes)
  bool apply(const event_facts& facts, seq_t seq, std::string_view id, const exact_time& exact,
             const digest& head);
  /// An event of the log, with these facts, is erased: what was taken over of its payload's text goes as
  /// well. Counts, states and what waits stay as they are.
  void forget(const event_facts& facts, std::string_view id);

  /// JSON, for the store.
  std::string encode() const;
  static result<session_progress> decode(std::string_view text);
  bool operator==(const session_progress&) const = default;
};

struct session_header {
  /// Shared: it may be large, and there are many headers of a session whose progress alone differs.
  shared_value<session_definition> definition;
  session_progress progress;
};

/// Bytes that it takes in memory, about.
std::size_t memory_of(const session_definition& definition);
std::size_t memory_of(const session_progress& progress);

/// Whether a session object has the secrets of its session:
/// `authorization_token` in an element of `resources`.
enum class secrets : std::uint8_t { hidden, shown };
/// Only the runtime, which is to use them, gets to see them again.
constexpr secrets secrets_for(role may) { return may == role::runtime ? secrets::shown : secrets::hidden; }

/// The API's session object, one line of JSON. `now`: for the durations of a session that runs.
std::string render_session(const session_header& header, timestamp now, secrets shows);
/// Its `pending`: `[{"id","type","name"}]`, the oldest max_pending_shown of them.
void append_pending(std::string& text, const std::vector<pending_tool_use>& pending);
inline constexpr std::size_t max_pending_shown = 100;
/// Its `log`: `{"events","last_event_id","head"}`.
void append_log_end(std::string& text, seq_t last_seq, const std::string& last_id, const digest& head);

/// Bound of a session object without its `pending`.
inline constexpr std::size_t max_session_bytes = std::size_t{256} * 1024;
/// `too_large` if the session object would be longer, whatever events come.
result<void> check_size(const session_definition& definition);

/// A parsed POST /v1/sessions body.
struct create_request {
  /// Without id and created_at.
  session_definition definition;
  std::vector<event_draft> initial_events;
};
inline constexpr std::size_t max_initial_events = 50;
/// Equal for requests that would make equal sessions.
fingerprint fingerprint_of(const create_request& request);
result<create_request> parse_create_request(std::string_view body, role by, const send_limits& limits);

/// The `session` object of an import's header line (what render_session makes; only `id`, `agent` and
/// `environment_id` are required).
struct imported_header {
  /// created_at stays at the epoch if the object has none.
  session_definition definition;
  /// Of the line; empty if absent.
  std::string workspace;
  /// Of its `log`, what is there.
  std::optional<digest> expected_head;
  std::optional<seq_t> expected_events;
  std::optional<std::string> expected_last_id;
};
/// `line`: the whole `{"session":…,"workspace":…}`.
result<imported_header> parse_import_header(std::string_view line);

/// A parsed POST /v1/sessions/{id} body.
struct update_request {
  bool has_title = false;
  std::optional<std::string> title;
  bool has_metadata = false;
  /// In order; no value: the key is removed.
  std::vector<std::pair<std::string, std::optional<std::string>>> metadata;
  /// JSON array, or empty if not given.
  std::string tools;
  /// JSON array, or empty if not given.
  std::string mcp_servers;
  /// JSON object or null, or empty if not given.
  std::string budget;
};
result<update_request> parse_update_request(std::string_view body);

/// Applies an update. @returns the payload of the `session.updated` event (only
/// the fields that changed); an empty string if nothing did. Failure `invalid`
/// if a bound (16 metadata pairs) would break; then nothing is changed.
result<std::string> apply_update(session_definition& definition, const update_request& update);

}  // namespace sandbase
