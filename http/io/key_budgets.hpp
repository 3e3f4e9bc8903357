// SPDX-License-Identifier: Apache-2.0
// The request bodies in flight of each API key and of each workspace, counted over all io threads.
#pragma once

#include "actors/bounds/byte_account.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace sandbase {

/// Any thread. The lock is taken only when an io thread first sees a key: it keeps what it gets here.
class key_budgets {
 public:
  /// Bytes that all requests of one key, and those of one workspace, may hold.
  key_budgets(std::int64_t bytes_per_key, std::int64_t bytes_per_workspace)
      : keys_(bytes_per_key), workspaces_(bytes_per_workspace) {}

  /// The account of a key: the same one for every caller as long as anybody holds it.
  std::shared_ptr<byte_account> account(api_key_id key) { return keys_.find(key); }
  /// The same for a workspace.
  std::shared_ptr<byte_account> workspace_account(workspace_key workspace) {
    return workspaces_.find(workspace);
  }

 private:
  template <class Id>
  class accounts {
   public:
    explicit accounts(std::int64_t limit) : limit_(limit) {}

    std::shared_ptr<byte_account> find(Id id) {
      std::lock_guard guard{mutex_};
      if (known_.size() >= purge_at_) {
        std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
        purge_at_ = std::max<std::size_t>(1024, known_.size() * 2);
      }
      auto& known = known_[id];
      auto account = known.lock();
      if (!account) known = account = std::make_shared<byte_account>(limit_);
      return account;
    }

   private:
    std::int64_t limit_;
    std::mutex mutex_;
    std::unordered_map<Id, std::weak_ptr<byte_account>> known_;
    std::size_t purge_at_ = 1024;
  };

  accounts<api_key_id> keys_;
  accounts<workspace_key> workspaces_;
};

}  // namespace sandbase
