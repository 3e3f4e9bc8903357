// SPDX-License-Identifier: Apache-2.0
// An import into a store that nobody serves.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/transfer/import_machine.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace sandbase {

/// Blocking; one thread. @pre the store's exclusive lock is held
class offline_import {
 public:
  /// Of options, `slice_bytes` is chosen here. A header that names no workspace means `default`.
  offline_import(store_admin& store, import_options options);

  /// Takes the next bytes of the input. A failure is the store's: what was imported before may be undone by
  /// it, and nothing may follow but destruction.
  result<void> feed(std::string_view bytes, timestamp now);
  /// See store_admin::rest(). Failures as above.
  result<void> rest() { return store_.rest(); }
  /// The input has ended: makes all that was imported durable. Failures as above.
  result<void> finish(timestamp now);
  /// The input cannot be had to its end: nothing of the session at hand is kept, what was imported before is
  /// made durable. Failures as above.
  result<void> give_up();

  /// Whether what comes is not looked at any more.
  bool is_done() const { return done_; }
  const import_report& report() const { return machine_.report(); }
  /// Events taken so far.
  std::uint64_t events() const { return machine_.events(); }

 private:
  result<void> work(timestamp now);
  result<void> open(timestamp now);
  result<void> write();
  result<void> publish();
  result<void> load();
  result<session_row> find_stored(const std::string& workspace, const std::string& id);

  store_admin& store_;
  import_machine machine_;
  std::unique_ptr<session_import> target_;
  session_key compared_with_ = 0;
  bool done_ = false;
};

}  // namespace sandbase
