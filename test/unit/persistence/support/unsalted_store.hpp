// SPDX-License-Identifier: Apache-2.0
// A store as programs of schema 4 and earlier left it: hash chains without salts. Written with SQL alone, so
// that it stays what it was whatever becomes of the program.
#pragma once

#include "events/base/hex.hpp"
#include "events/log/frame.hpp"
#include "persistence/segment_codec.hpp"
#include "test/unit/persistence/support/raw_database.hpp"
#include "test/unit/persistence/support/test_log.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace sandbase::test {

inline constexpr const char* schema_4 = R"sql(
PRAGMA page_size=8192;
PRAGMA application_id=0x53426576;
PRAGMA journal_mode=WAL;
CREATE TABLE workspaces(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
CREATE TABLE api_keys(id INTEGER PRIMARY KEY AUTOINCREMENT, workspace INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE,
  role INTEGER NOT NULL, name TEXT NOT NULL, hint TEXT NOT NULL, created_at INTEGER NOT NULL, revoked_at INTEGER);
CREATE TABLE sessions(key INTEGER PRIMARY KEY AUTOINCREMENT, workspace INTEGER NOT NULL, id TEXT NOT NULL,
  created_at INTEGER NOT NULL, agent_id TEXT NOT NULL, agent_version INTEGER NOT NULL, status INTEGER NOT NULL,
  archived_at INTEGER, last_seq INTEGER NOT NULL, sealed_seq INTEGER NOT NULL, sealed_head BLOB NOT NULL,
  definition TEXT NOT NULL, progress TEXT NOT NULL, UNIQUE(workspace, id));
CREATE INDEX sessions_by_creation ON sessions(workspace, created_at);
CREATE TABLE tombstones(session INTEGER PRIMARY KEY, workspace INTEGER NOT NULL);
CREATE TABLE journal(id INTEGER PRIMARY KEY, session INTEGER NOT NULL, seq INTEGER NOT NULL, author INTEGER NOT NULL,
  head BLOB NOT NULL, json BLOB NOT NULL);
CREATE TABLE segments(id INTEGER PRIMARY KEY, session INTEGER NOT NULL, first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL, checksum INTEGER NOT NULL, marks BLOB NOT NULL, frames BLOB NOT NULL);
CREATE UNIQUE INDEX segments_by_place ON segments(session, first_seq);
CREATE TABLE foreign_ids(session INTEGER NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(session, id)) WITHOUT ROWID;
CREATE TABLE idempotency(workspace INTEGER NOT NULL, session INTEGER NOT NULL, key TEXT NOT NULL,
  body BLOB NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, created_at INTEGER NOT NULL,
  created_session INTEGER, created_id TEXT, PRIMARY KEY(workspace, session, key)) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency(created_at);
CREATE TABLE secrets(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX sessions_open_by_creation ON sessions(workspace, created_at) WHERE archived_at IS NULL;
CREATE INDEX sessions_open_by_agent ON sessions(workspace, agent_id, created_at) WHERE archived_at IS NULL;
CREATE INDEX sessions_by_agent ON sessions(workspace, agent_id, created_at);
INSERT INTO workspaces(name) VALUES('main');
PRAGMA user_version=4;
)sql";

/// A log whose events are made by test_log, with the chain that it had.
struct unsalted_log {
  explicit unsalted_log(const std::string& id) : events(id) { progress.push_back(events.header.progress); }

  test_log events;
  /// Behind each event, from before the first on.
  std::vector<session_progress> progress;

  void make(std::size_t count, std::string_view type = "agent.message", std::size_t size = 200) {
    for (std::size_t i = 0; i < count; ++i) {
      auto next = progress.back();
      const auto json = std::string{events.make(type, size).json.view()};
      const auto& made = events.header.progress.tip;
      next.apply(facts_of(json), made.last_seq, made.last_id, made.last_time,
                 next_unsalted_head(next.tip.head, json));
      progress.push_back(std::move(next));
    }
  }
  digest head(seq_t seq) const { return progress[seq].tip.head; }
};

class unsalted_store {
 public:
  explicit unsalted_store(const std::string& path) : db_(path) { exec(schema_4); }

  /// With a header as of event `known` that says that the first `sealed` are sealed.
  void add_session(unsalted_log& log, seq_t sealed, seq_t known) {
    const auto& d = *log.events.header.definition;
    const auto& p = log.progress[known];
    exec(
        "INSERT INTO sessions(workspace, id, created_at, agent_id, agent_version, status, last_seq, "
        "sealed_seq, "
        "sealed_head, definition, progress) VALUES(1, '" +
        d.id + "', " + number(d.created_at) + ", '" + d.agent_id + "', " + std::to_string(d.agent_version) +
        ", " + std::to_string(static_cast<int>(p.status)) + ", " + std::to_string(known) + ", " +
        std::to_string(sealed) + ", " + hex(view(log.head(sealed))) + ", " + quoted(d.encode()) + ", " +
        quoted(p.encode()) + ")");
    log.events.key = sqlite3_last_insert_rowid(db_.handle());
    log.events.workspace = 1;
  }

  void add_row(const unsalted_log& log, seq_t seq) {
    exec("INSERT INTO journal(session, seq, author, head, json) VALUES(" + std::to_string(log.events.key) +
         ", " + std::to_string(seq) + ", 7, " + hex(view(log.head(seq))) + ", " +
         hex(log.events.jsons[seq - 1]) + ")");
  }

  /// Marks of format 1 are bare and have no codes of names; those of format 2 have a checksum of their own.
  void add_segment(const unsalted_log& log, seq_t first, seq_t last, int format = 2) {
    std::string frames;
    std::string marks{static_cast<char>(format)};
    marks += view(log.head(last));
    append(marks, last - first + 1, 4);
    for (auto seq = first; seq <= last; ++seq) {
      const auto& json = log.events.jsons[seq - 1];
      const auto facts = facts_of(json);
      const auto type = find_type(
          json.substr(json.find("\"type\":\"") + 8, json.find("\",\"text") - json.find("\"type\":\"") - 8));
      append_frame(frames, log.events.id_of(seq), json);
      append(marks, frames.size(), 4);
      append(marks, type == event_type::custom && format == 2 ? 0x8123 : static_cast<unsigned>(type), 2);
      append(marks, log.events.id_of(seq).size(), 1);
      append(marks, static_cast<std::uint64_t>(log.progress[seq].tip.last_time.ms.time_since_epoch().count()),
             8);
    }
    const segment_place place{log.events.key, first, last};
    if (format == 2) marks = marks_column(place, marks);
    exec("INSERT INTO segments(session, first_seq, last_seq, checksum, marks, frames) VALUES(" +
         std::to_string(place.session) + ", " + std::to_string(first) + ", " + std::to_string(last) + ", " +
         std::to_string(checksum_of(place, marks, frames)) + ", " + hex(marks) + ", " + hex(frames) + ")");
  }

  void exec(const std::string& sql) {
    if (db_.exec(sql) != SQLITE_OK) CAF_FAIL(sqlite3_errmsg(db_.handle()) << " in " << sql.substr(0, 200));
  }

 private:
  static std::string_view view(const digest& d) {
    return {reinterpret_cast<const char*>(d.data()), d.size()};
  }
  static std::string hex(std::string_view bytes) { return "x'" + to_hex(bytes) + "'"; }
  static std::string number(timestamp t) { return std::to_string(t.time_since_epoch().count()); }
  static std::string quoted(std::string text) {
    for (auto at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 2))
      text.insert(at, 1, '\'');
    return "'" + text + "'";
  }
  static void append(std::string& out, std::uint64_t value, int bytes) {
    for (; bytes > 0; --bytes, value >>= 8) out += static_cast<char>(value & 0xff);
  }

  raw_database db_;
};

}  // namespace sandbase::test
