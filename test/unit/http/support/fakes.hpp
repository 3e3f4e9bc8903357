// SPDX-License-Identifier: Apache-2.0
// Stand-ins for the actors behind HTTP: a session with a log in memory, a directory and a reader that know
// what a test told them.
#pragma once

#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/caf/errors.hpp"
#include "actors/messages/all.hpp"
#include "persistence/transfer/transfer_line.hpp"
#include "test/unit/support/test_clock.hpp"

#include <functional>
#include <map>
#include <optional>

namespace sandbase::test {

pull_answer pulled(log_slice slice, seq_t after, seq_t end);

/// A session's log and what its fake actor was asked.
struct fake_log {
  std::vector<log_block_ptr> blocks;
  std::optional<failure> open_error, pull_error, append_error;
  log_state state = log_state::open;
  session_key key = 1;
  /// Keep answers back in `held`.
  bool hold = false;
  std::vector<std::function<void()>> held;
  std::vector<append_request> appends;
  /// Bytes of the leases of updates, archivals and redactions.
  std::vector<std::int64_t> leased;
  std::vector<redact_event> redactions;
  std::vector<open_request> opens;
  std::vector<pull_request> pulls;
  std::vector<search_request> searches;
  std::shared_ptr<session_header> header = std::make_shared<session_header>();

  seq_t end() const { return blocks.empty() ? 0 : blocks.back()->last_seq(); }

  /// Adds events, all in one block: `n` of a type, with `padding` bytes of
  /// text each. The first event of the log has seq 1.
  void add(std::size_t n, std::string_view type = "agent.message", std::size_t padding = 10,
           const std::string& member = {});

  const log_block_ptr& block_of(seq_t seq) const;
  std::string frame(seq_t seq) const { return std::string{block_of(seq)->frame(seq)}; }
  std::string frames(seq_t first, seq_t last) const;
  std::string json(seq_t seq) const { return std::string{block_of(seq)->json(seq)}; }
  /// As exports write it, with its line end.
  std::string line(seq_t seq) const {
    std::string text;
    append_event_line(text, *block_of(seq), seq);
    return text;
  }
  /// The id that the next event will get.
  std::string next_id() const;
  std::string id(seq_t seq) const { return std::string{block_of(seq)->id(seq)}; }

  /// As a session cuts slices: as many events as fit, at least one, from
  /// the front or from the back of (after, up_to].
  log_slice slice(seq_t after, seq_t up_to, std::size_t max_bytes, bool backwards = false) const;

  /// As a session searches: at most `search_steps` events at once.
  search_result search(const search_range& range, const event_selection& what) const;
  seq_t search_steps = 100;

  /// The answer to open_request, or the failure.
  result<pull_answer> open(const open_request& r) const;
};

session_actor::behavior_type fake_session(session_actor::pointer self, std::shared_ptr<fake_log> log);

/// What the fake directory and reader know, and what they were asked.
struct fake_world {
  std::map<std::string, session_actor> sessions;
  std::map<std::string, std::shared_ptr<fake_log>> logs;
  std::map<digest, std::shared_ptr<const api_key>> keys;
  session_list list;
  std::vector<session_query> queries;
  int look_ups = 0;
  int key_look_ups = 0;
  /// The reader does not answer.
  bool mute = false;
  std::vector<caf::typed_response_promise<found_key>> muted;
  std::optional<failure> key_error;
  std::vector<create_session> created;

  /// Of imports: what is written of sessions that are not there yet, by key.
  std::map<session_key, stage_op> staged;
  int slices = 0;
  std::optional<failure> stage_error, publish_error;
  /// The journal keeps its answers back in `stage_waits`.
  bool hold_stage = false;
  std::vector<std::function<void()>> stage_waits;

  std::map<std::string, found_deletion> deleted;
};

directory_actor::behavior_type fake_directory(directory_actor::pointer, std::shared_ptr<fake_world> world);

/// The journal as an importer knows it: what is published is a session of the world.
staging_actor::behavior_type fake_journal(staging_actor::pointer self, std::shared_ptr<fake_world> world);

reader_actor::behavior_type fake_reader(reader_actor::pointer self, std::shared_ptr<fake_world> world);

}  // namespace sandbase::test
