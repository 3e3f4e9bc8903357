// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/memory_backend.hpp"

#include "test/memory_store/admin.hpp"
#include "test/memory_store/node_registry.hpp"
#include "test/memory_store/reader.hpp"
#include "test/memory_store/writer.hpp"

#include <fmt/core.h>

namespace sandbase::memory {

namespace {

class held_lock final : public exclusive_lock {
 public:
  explicit held_lock(std::shared_ptr<const std::string> purpose) : purpose_(std::move(purpose)) {}

 private:
  const std::shared_ptr<const std::string> purpose_;
};

}  // namespace

result<std::unique_ptr<exclusive_lock>> memory_backend::lock(std::string_view purpose) {
  if (const auto holder = holder_.lock())
    return {errc::conflict, fmt::format("this node's store is in use: {}", *holder)};
  const auto mine = std::make_shared<const std::string>(purpose);
  holder_ = mine;
  return std::unique_ptr<exclusive_lock>{std::make_unique<held_lock>(mine)};
}

result<std::unique_ptr<event_store>> memory_backend::open_writer(std::int64_t max_unsealed_bytes) {
  return link_->carry(store_call::change, [&]() -> result<std::unique_ptr<event_store>> {
    last_writer_ = database_->join();
    return memory::open_writer(database_, link_, {last_writer_, max_unsealed_bytes});
  });
}

result<std::unique_ptr<event_reader>> memory_backend::open_reader() {
  return link_->carry(store_call::read, [&]() -> result<std::unique_ptr<event_reader>> {
    return memory::open_reader(database_, link_);
  });
}

result<std::unique_ptr<end_reader>> memory_backend::open_end_reader() {
  return link_->carry(store_call::read, [&]() -> result<std::unique_ptr<end_reader>> {
    return memory::open_end_reader(database_, link_);
  });
}

result<std::unique_ptr<node_registry>> memory_backend::open_node_registry(announcement own) {
  return link_->carry(store_call::read, [&]() -> result<std::unique_ptr<node_registry>> {
    return memory::open_node_registry(database_, link_, last_writer_, std::move(own));
  });
}

result<std::unique_ptr<store_admin>> memory_backend::open_admin() {
  return link_->carry(store_call::read, [&]() -> result<std::unique_ptr<store_admin>> {
    return memory::open_admin(database_, link_);
  });
}

result<backup_report> memory_backend::backup(const std::string&, const copy_progress&) {
  return {errc::invalid, "a store in memory has no backup: its database would make it"};
}

}  // namespace sandbase::memory
