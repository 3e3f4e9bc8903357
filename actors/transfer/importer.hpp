// SPDX-License-Identifier: Apache-2.0
// Imports sessions into a store that is being served: reads lines on a thread of the scheduler, has the
// journal write them slice by slice, and compares with what is there already through the sessions' own
// actors.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "events/base/wall_clock.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace sandbase {

struct importer_arguments {
  /// All sessions go there, whatever their headers say.
  workspace_key workspace = 0;
  directory_actor directory;
  staging_actor journal;
  /// Told of what is imported; null: nobody is.
  board_actor board;
  std::shared_ptr<const wall_clock> clock = std::make_shared<wall_clock>();
  /// Bytes of one line.
  std::size_t max_line = 0;
  std::string max_line_name;
};

/// Ends when it has told its report, when the store fails, and when whoever feeds it is gone; what it has of
/// a session by then is removed.
class importer final : public importer_actor::base {
 public:
  /// Bytes of a session that are written at once, so that others' appends wait for little.
  static constexpr std::size_t slice_bytes = 1024 * 1024;

  importer(caf::actor_config& cfg, importer_arguments arguments);

  const char* name() const override { return "importer"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  caf::result<import_progress> take(const import_piece& piece);
  /// Goes on until an answer has to be waited for, or the next piece.
  void work();
  void open();
  void describe();
  void write();
  void publish();
  void load();
  void drop();
  /// The import is over.
  void report();
  /// Whether it is about the session at hand, which then is the machine's to be told. Else the import is
  /// over. `is_written`: perhaps the session at hand is, with all of its events.
  bool concerns_session(const failure& why, bool is_written = false);
  void give_up(const failure& why, bool is_written = false);

  importer_arguments with_;
  import_machine machine_;
  sure_promise<import_progress> promise_;
  /// Whoever sends the pieces is watched.
  bool watches_ = false;

  // the session at hand
  /// In the journal; 0: nothing of it.
  /// Of the session that is compared.
  session_key log_ = 0;
  session_key staged_ = 0;
  /// It is there already.
  session_actor session_;
  seq_t stored_end_ = 0;
  /// Times that its actor was looked for without having answered.
  int tries_ = 0;
};

}  // namespace sandbase
