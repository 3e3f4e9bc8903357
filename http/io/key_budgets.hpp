// The request bodies in flight of each API key, counted over all io threads.
#pragma once

#include "actors/byte_account.hpp"
#include "persistence/event_store.hpp"

#include <memory>
#include <mutex>
#include <unordered_map>

namespace sandbase {

/// Any thread. The lock is taken only when an io thread first sees a key: it keeps what it gets here.
class key_budgets {
 public:
  explicit key_budgets(std::int64_t bytes_per_key) : bytes_per_key_(bytes_per_key) {}

  /// The account of a key: the same one for every caller as long as anybody holds it.
  std::shared_ptr<byte_account> account(api_key_id key);

 private:
  std::int64_t bytes_per_key_;
  std::mutex mutex_;
  std::unordered_map<api_key_id, std::weak_ptr<byte_account>> accounts_;
  std::size_t purge_at_ = 1024;
};

}  // namespace sandbase
