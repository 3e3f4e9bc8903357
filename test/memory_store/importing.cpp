// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/importing.hpp"

#include "persistence/names.hpp"
#include "test/memory_store/log_writing.hpp"
#include "test/memory_store/rows.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::memory {

namespace {

class pending_import final : public session_import {
 public:
  pending_import(std::shared_ptr<memory_database> database, std::string_view workspace, std::string_view id)
      : database_(std::move(database)), workspace_(workspace), id_(id) {}

  result<void> add(log_block_ptr block) override {
    if (is_over_) return over();
    if (block->first_seq() != last_seq() + 1)
      return {errc::internal,
              fmt::format("a block begins at {} behind event {}", block->first_seq(), last_seq())};
    blocks_.push_back(std::move(block));
    return {};
  }

  result<void> add_foreign_ids(const std::vector<std::pair<std::string, seq_t>>& ids) override {
    if (is_over_) return over();
    for (const auto& [id, seq] : ids)
      if (stands_elsewhere(id, seq) || !ids_.emplace(id, seq).second)
        return {errc::invalid, fmt::format("the session already has an event of id {}", id)};
    return {};
  }

  result<void> finish(const session_header& header) override {
    if (is_over_) return over();
    const auto& tip = header.progress.tip;
    if (header.definition->id != id_ || tip.last_seq != last_seq() ||
        tip.head != (blocks_.empty() ? digest{} : blocks_.back()->head()))
      return {errc::internal, fmt::format("the header does not fit the imported log of {}", id_)};
    auto tx = database_->begin();
    const auto workspace = make_workspace(tx, workspace_);
    if (!workspace) return workspace.error();
    const auto key = make_session(tx, *workspace, header);
    if (key == 0) return {errc::conflict, fmt::format("workspace {} has a session {}", workspace_, id_)};
    note_ids(tx, key, {ids_.begin(), ids_.end()});
    const seal_op log{key, 0, blocks_, std::make_shared<const session_header>(header)};
    if (auto f = write_segments(tx, log); f.code != errc::none) return f;
    tx.commit();
    is_over_ = true;
    return {};
  }

 private:
  seq_t last_seq() const { return blocks_.empty() ? 0 : blocks_.back()->last_seq(); }
  failure over() const { return {errc::internal, fmt::format("the import of {} is over", id_)}; }

  /// Whether the id tells a place, other than `seq`, at which the event does have this id.
  bool stands_elsewhere(std::string_view id, seq_t seq) const {
    const auto told = told_place(id);
    if (!told || *told == seq) return false;
    return std::ranges::any_of(blocks_, [&](const auto& block) {
      return block->first_seq() <= *told && *told <= block->last_seq() && block->id(*told) == id;
    });
  }

  const std::shared_ptr<memory_database> database_;
  const std::string workspace_;
  const std::string id_;
  std::vector<log_block_ptr> blocks_;
  std::map<std::string, seq_t> ids_;
  bool is_over_ = false;
};

}  // namespace

result<std::unique_ptr<session_import>> begin_import(std::shared_ptr<memory_database> database,
                                                     std::string_view workspace, std::string_view id) {
  if (auto fits = check_name("workspace", workspace); !fits) return std::move(fits).error();
  const auto key = find_workspace(database->rows(), workspace);
  if (database->rows().session_ids.contains({key, std::string{id}}))
    return {errc::conflict, fmt::format("workspace {} has a session {}", workspace, id)};
  return std::unique_ptr<session_import>{
      std::make_unique<pending_import>(std::move(database), workspace, id)};
}

}  // namespace sandbase::memory
