// SPDX-License-Identifier: Apache-2.0
// All that clients see of a store: as they expect it, and as it is found.
#pragma once

#include "persistence/api_keys.hpp"
#include "persistence/backend.hpp"
#include "persistence/log_recovery.hpp"
#include "test/unit/persistence/support/test_log.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sandbase::test {

struct store_state {
  struct session {
    test_log log{""};
    /// So many events stand in segments.
    seq_t sealed = 0;
    std::map<std::string, idempotency_record> requests;
  };
  /// By id.
  std::map<std::string, session> sessions;
  /// By name: whether it is revoked.
  std::map<std::string, bool> keys;
};

/// The same as the store tells it.
struct found_state {
  struct session {
    session_row row;
    /// As the ledger or else the row says.
    seq_t last = 0;
    epoch_t epoch = 0;
    std::vector<std::string> jsons;
  };
  std::map<std::string, session> sessions;
  std::map<std::string, bool> keys;
  std::function<result<std::optional<idempotency_record>>(session_key, const std::string&)> find_request;
};

/// Reads everything. A failure says what is wrong: with the reading, or in the store by its own check.
/// @pre the writer has just been opened
inline result<found_state> find_state(event_store& writer, event_reader& reader, store_admin& admin,
                                      workspace_key workspace) {
  std::string problems;
  const auto checked = admin.check([&](const std::string& p) { problems += "check: " + p + "; "; });
  if (!checked) return checked.error();
  if (!problems.empty()) return {errc::corrupt, problems};

  found_state found;
  found.find_request = [&reader, workspace](session_key session, const std::string& key) {
    return reader.find_idempotency(workspace, session, key);
  };
  session_query all;
  all.workspace = workspace;
  all.limit = 1000;
  all.include_archived = true;
  auto page = reader.list_sessions(all, [] { return false; });
  if (!page) return page.error();
  for (auto& row : page->rows) {
    const auto sealed = reader.read(row.key, 0, max_told_seq, std::size_t{1} << 30);
    if (!sealed) return sealed.error();
    auto& s = found.sessions[row.header.definition->id];
    for (const auto& span : sealed->spans)
      for (auto seq = span.first; seq <= span.last; ++seq) s.jsons.emplace_back(span.block->json(seq));
    s.row = std::move(row);
  }
  for (auto& [id, s] : found.sessions) {
    const auto claimed = writer.claim(s.row.key);
    if (!claimed) return claimed.error();
    const auto log = recover_log(claimed->log.row, claimed->log.unsealed);
    if (!log) return log.error();
    s.last = log->header.progress.tip.last_seq;
    s.epoch = claimed->epoch;
    for (const auto& event : claimed->log.unsealed) s.jsons.emplace_back(event.json);
  }
  if (const auto damage = writer.take_damage(); !damage.empty()) return damage.front();
  const auto keys = admin.list_keys();
  if (!keys) return keys.error();
  for (const auto& key : *keys) found.keys[key.name] = key.revoked_at.has_value();
  return found;
}

/// What is not as expected; empty: nothing.
inline std::string difference(const store_state& expected, const found_state& found) {
  if (expected.keys != found.keys) return "keys differ";
  for (const auto& [id, s] : found.sessions)
    if (!expected.sessions.contains(id)) return "there is a session " + id;
  for (const auto& [id, s] : expected.sessions) {
    const auto it = found.sessions.find(id);
    if (it == found.sessions.end()) return "session " + id + " is lost";
    const auto& there = it->second;
    if (there.jsons != s.log.jsons)
      return "session " + id + " has " + std::to_string(there.jsons.size()) + " events, not its " +
             std::to_string(s.log.jsons.size());
    if (there.last != s.log.last()) return "session " + id + " ends at " + std::to_string(there.last);
    for (const auto& [key, record] : s.requests) {
      const auto kept = found.find_request(there.row.key, key);
      if (!kept || !*kept || (*kept)->first_seq != record.first_seq || (*kept)->body != record.body)
        return "session " + id + " forgot its request " + key;
    }
  }
  return {};
}

/// What clients do not see, as it is found. @pre nothing differs
inline void adopt_internals(store_state& state, const found_state& found) {
  for (auto& [id, s] : state.sessions) {
    s.log.key = found.sessions.at(id).row.key;
    s.log.epoch = found.sessions.at(id).epoch;
    s.sealed = found.sessions.at(id).row.sealed_seq;
  }
}

}  // namespace sandbase::test
