#include "http/io/key_budgets.hpp"

#include <algorithm>

namespace sandbase {

std::shared_ptr<byte_account> key_budgets::account(api_key_id key) {
  std::lock_guard guard{mutex_};
  if (accounts_.size() >= purge_at_) {
    std::erase_if(accounts_, [](const auto& entry) { return entry.second.expired(); });
    purge_at_ = std::max<std::size_t>(1024, accounts_.size() * 2);
  }
  auto& known = accounts_[key];
  auto account = known.lock();
  if (!account) known = account = std::make_shared<byte_account>(bytes_per_key_);
  return account;
}

}  // namespace sandbase
