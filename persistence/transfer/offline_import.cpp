// SPDX-License-Identifier: Apache-2.0
#include "persistence/transfer/offline_import.hpp"

#include <utility>

namespace sandbase {
namespace {

constexpr std::string_view default_workspace = "default";
/// Each block is written as soon as it is whole: the store gathers them into transactions.
constexpr std::size_t slice_bytes = 1;
constexpr std::size_t compared_bytes = 1024 * 1024;

import_options with_slices(import_options options) {
  options.slice_bytes = slice_bytes;
  return options;
}

/// Empty: the import goes on with the next session, which the machine is told.
result<void> unless_of_session(const failure& why) {
  return concerns_one_session(why) ? result<void>{} : result<void>{why};
}

}  // namespace

offline_import::offline_import(store_admin& store, import_options options)
    : store_(store), machine_(with_slices(std::move(options))) {}

result<void> offline_import::feed(std::string_view bytes, timestamp now) {
  machine_.feed(bytes);
  return work(now);
}

result<void> offline_import::finish(timestamp now) {
  machine_.end();
  if (auto done = work(now); !done) return done;
  return store_.flush();
}

result<void> offline_import::give_up() {
  target_.reset();
  return store_.flush();
}

result<void> offline_import::work(timestamp now) {
  for (result<void> good; good;) {
    switch (machine_.next()) {
      case import_action::read:
        return {};
      case import_action::done:
        done_ = true;
        return {};
      case import_action::open:
        good = open(now);
        break;
      case import_action::write:
        good = write();
        break;
      case import_action::publish:
        good = publish();
        break;
      case import_action::drop:
        target_.reset();
        machine_.dropped();
        break;
      case import_action::load:
        good = load();
        break;
    }
    if (!good) return good;
  }
  return {};
}

result<void> offline_import::open(timestamp now) {
  auto workspace = machine_.workspace();
  if (workspace.empty()) workspace = default_workspace;
  auto target = store_.begin_import(workspace, machine_.session());
  if (target) {
    target_ = *std::move(target);
    machine_.opened(std::nullopt, now);
    return {};
  }
  auto why = target.error();
  if (why.code == errc::conflict) {
    auto stored = find_stored(workspace, machine_.session());
    if (stored) {
      compared_with_ = stored->key;
      machine_.opened(std::move(stored->header), now);
      return {};
    }
    why = stored.error();
  }
  if (auto fatal = unless_of_session(why); !fatal) return fatal;
  machine_.not_opened(why);
  return {};
}

result<session_row> offline_import::find_stored(const std::string& workspace, const std::string& id) {
  const auto workspaces = store_.list_workspaces();
  if (!workspaces) return workspaces.error();
  auto rows = store_.find_sessions(id);
  if (!rows) return std::move(rows).error();
  for (auto& row : *rows)
    for (const auto& known : *workspaces)
      if (known.name == workspace && known.key == row.workspace) return std::move(row);
  return {errc::not_found, "the session was there a moment ago and is not any more"};
}

result<void> offline_import::write() {
  const auto& slice = machine_.slice();
  for (const auto& block : slice.blocks)
    if (auto added = target_->add(block); !added) {
      if (auto fatal = unless_of_session(added.error()); !fatal) return fatal;
      machine_.written(added);
      return {};
    }
  // One by one: a failure must name its line.
  for (const auto& [id, seq, line] : slice.foreign_ids)
    if (auto added = target_->add_foreign_ids({{id, seq}}); !added) {
      if (auto fatal = unless_of_session(added.error()); !fatal) return fatal;
      const bool is_repeated = added.error().code == errc::invalid;
      machine_.written(added, is_repeated ? std::string{id} : std::string{});
      return {};
    }
  machine_.written({});
  return {};
}

result<void> offline_import::publish() {
  const auto done = target_->finish(machine_.header());
  if (!done)
    if (auto fatal = unless_of_session(done.error()); !fatal) return fatal;
  if (done) target_.reset();
  machine_.published(done);
  return {};
}

result<void> offline_import::load() {
  log_slice next;
  const auto read =
      store_.each_slice(compared_with_, machine_.loaded_to(), compared_bytes, [&](const log_slice& slice) {
        next = slice;
        return false;
      });
  if (!read)
    if (auto fatal = unless_of_session(read.error()); !fatal) return fatal;
  machine_.loaded(read ? result<log_slice>{std::move(next)} : result<log_slice>{read.error()});
  return {};
}

}  // namespace sandbase
