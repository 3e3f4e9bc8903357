// SPDX-License-Identifier: Apache-2.0
// An import, without files, sockets and stores: bytes come in pieces, and its owner carries out what comes of
// them on whatever store it has.
//
//             ┌──────────── read ◄──────────────┐
//             ▼                                 │
//   header ─► open ─┬─► (new)  write … publish ─┤
//                   └─► (there)  load …         │
//                          a bad line: drop ────┘
#pragma once

#include "persistence/transfer/line_splitter.hpp"
#include "persistence/transfer/session_builder.hpp"
#include "persistence/transfer/session_comparison.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sandbase {

/// A session of an import that was not taken, and why.
struct import_error {
  std::size_t line = 0;
  /// Empty: its header cannot be read.
  std::string session;
  std::string message;
};

struct import_report {
  std::uint64_t sessions = 0;
  std::uint64_t events = 0;
  /// Equal to what is stored.
  std::uint64_t skipped_sessions = 0;
  std::uint64_t skipped_events = 0;
  /// Sessions that were not taken, and lines that belong to none.
  std::uint64_t failed = 0;
  /// The first of those, and where the import broke off.
  std::vector<import_error> errors;
};

struct import_options {
  /// Instead of the one that the header names.
  std::optional<std::string> workspace;
  /// Nothing behind the first error is looked at.
  bool stop_at_first = false;
  /// Bytes of one line; what a longer one belongs to is not taken.
  std::size_t max_line = 0;
  /// Added to errors about that: which option or limit it is.
  std::string max_line_name;
  /// Bytes of frames that are written at once, or one event if that is longer.
  std::size_t slice_bytes = 0;
  std::size_t max_errors = 100;
};

/// What the owner is to do. It tells what came of it by the call named beside it.
enum class import_action : std::uint8_t {
  /// Get more input: feed(), or end().
  read,
  /// See whether workspace() has a session() already: opened().
  open,
  /// Write take_slice() of the session that was opened: written().
  write,
  /// All of it is written: make it visible, with header(): published().
  publish,
  /// Undo what was written of it: dropped().
  drop,
  /// Get stored events behind loaded_to() of the session that was opened: loaded().
  load,
  /// Nothing: see report().
  done,
};

/// Whether a failure of the store is about the session at hand. Others end the import.
bool concerns_one_session(const failure& why);

/// Each session is all or nothing. A bad line costs the session that it belongs to, and the import goes on
/// with the next header.
class import_machine {
 public:
  explicit import_machine(import_options options);

  // --- what happens -----------------------------------------------------------------------------

  void feed(std::string_view bytes) { lines_.feed(bytes); }
  void end() { lines_.end(); }
  /// Works through the input up to the next thing to do. Time: that of reading all that was fed.
  import_action next();

  // Failures handed to these are such that concerns_one_session().

  /// Empty: there is none. Otherwise as of its last event. `now`: what no event may be far ahead of.
  void opened(std::optional<session_header> stored, timestamp now);
  /// It cannot be opened.
  void not_opened(const failure& why) { fail(header_number_, why); }
  /// `repeated`: an id that an earlier event of the session has already; nothing of the slice is needed then.
  void written(const result<void>& done, std::string_view repeated = {});
  void published(const result<void>& done);
  void dropped() { begun_ = false; }
  void loaded(result<log_slice> stored);
  /// What follows will not be taken, whatever it is: the report tells where the import broke off and why. The
  /// last call.
  void broke_off(std::string_view why);

  // --- what the owner has to know -----------------------------------------------------------------

  /// Empty: the owner's own choice. @pre next() gave `open`
  std::string workspace() const;
  const std::string& session() const { return session_; }
  /// @pre next() gave `write`
  const session_slice& slice();
  /// @pre next() gave `publish`
  session_header header() const { return builder_->header(); }
  /// @pre next() gave `load`
  seq_t loaded_to() const { return comparison_->events(); }

  const import_report& report() const { return report_; }
  /// Events taken, those of the session at hand too.
  std::uint64_t events() const;
  /// Bytes in memory of a line that is still to end.
  std::size_t held_bytes() const { return lines_.buffered(); }

 private:
  enum class phase : std::uint8_t {
    /// No session: a header is to come.
    outside,
    /// A header has come.
    opening,
    writing,
    comparing,
    /// It was not taken; what still comes of it is passed over.
    skipping,
  };

  /// What begins behind the session at hand: the next one, or one that cannot be read.
  using upcoming = std::variant<std::monostate, header_line, import_error>;

  void take(const text_line& line);
  void take(event_line&& event, std::size_t number);
  void take(bad_line bad, std::size_t number);
  void begin_behind(upcoming next, std::size_t number);
  std::optional<import_action> end_session();
  std::optional<import_action> compare_on();
  void close_session();
  void let_go();
  void fail(std::size_t number, const failure& why);
  void record(import_error error);
  bool is_complete() const;
  bool has_session() const { return phase_ != phase::outside && phase_ != phase::skipping; }
  std::string line_limit() const;

  import_options options_;
  line_splitter lines_;
  import_report report_;
  phase phase_ = phase::outside;

  // the session at hand
  std::string session_;
  std::size_t header_number_ = 0;
  std::optional<header_line> header_;
  json::line_breaks breaks_ = json::line_breaks::escaped;
  std::optional<session_builder> builder_;
  session_slice slice_;
  std::optional<session_comparison> comparison_;
  /// The store has something of it.
  bool begun_ = false;
  /// To be compared as soon as there are stored events.
  std::optional<event_line> event_;
  std::size_t event_number_ = 0;
  /// None of its events is to come.
  bool ending_ = false;
  bool finished_ = false;

  upcoming upcoming_;
  std::size_t upcoming_number_ = 0;
};

}  // namespace sandbase
