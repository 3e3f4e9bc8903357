// SPDX-License-Identifier: Apache-2.0
// A node's store over a database in memory that other nodes may share. The way to all of this folder.
#pragma once

#include "persistence/backend.hpp"
#include "test/memory_store/memory_database.hpp"
#include "test/memory_store/node_link.hpp"

#include <memory>
#include <string>

namespace sandbase::memory {

/// What it opens may outlive it. Unlike other stores: one thread, but for event_store::checkpoint().
class memory_backend final : public store_backend {
 public:
  explicit memory_backend(std::shared_ptr<memory_database> database) : database_(std::move(database)) {}

  memory_database& database() { return *database_; }
  /// Of everything that this backend opens.
  node_link& link() { return *link_; }

  /// The node's own: other nodes may hold theirs.
  result<std::unique_ptr<exclusive_lock>> lock(std::string_view purpose) override;
  result<std::unique_ptr<event_store>> open_writer(
      std::int64_t max_unsealed_bytes = default_max_unsealed_bytes) override;
  result<std::unique_ptr<event_reader>> open_reader() override;
  result<std::unique_ptr<store_admin>> open_admin() override;
  result<std::unique_ptr<end_reader>> open_end_reader() override;
  result<std::unique_ptr<node_registry>> open_node_registry(announcement own) override;
  /// `invalid`: there is nothing to copy from.
  result<backup_report> backup(const std::string& target, const copy_progress& progress) override;

 private:
  const std::shared_ptr<memory_database> database_;
  const std::shared_ptr<node_link> link_ = std::make_shared<node_link>();
  /// Its writer that was opened last; 0: none.
  writer_id last_writer_ = 0;
  /// The holder's purpose, while there is one.
  std::weak_ptr<const std::string> holder_;
};

}  // namespace sandbase::memory
