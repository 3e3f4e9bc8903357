// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/node_registry.hpp"

#include <utility>

namespace sandbase::memory {

namespace {

class registry final : public node_registry {
 public:
  registry(std::shared_ptr<memory_database> database, std::shared_ptr<node_link> link, writer_id self,
           announcement own)
      : database_(std::move(database)), link_(std::move(link)), self_(self), own_(std::move(own)) {}

  node_id self() const override { return node_of(self_); }

  result<std::vector<node_record>> renew(const node_report& own) override {
    return link_->carry(store_call::change, [&]() -> result<std::vector<node_record>> {
      database_->see(self_, &own_, own);
      std::vector<node_record> seen;
      for (const auto& [id, row] : database_->nodes())
        if (const auto unseen = database_->clock() - row.seen_at; unseen < std::chrono::seconds{10})
          seen.push_back({node_of(id), row.name, row.address, unseen, row.report});
      return seen;
    });
  }

 private:
  const std::shared_ptr<memory_database> database_;
  const std::shared_ptr<node_link> link_;
  const writer_id self_;
  const announcement own_;
};

}  // namespace

std::unique_ptr<node_registry> open_node_registry(std::shared_ptr<memory_database> database,
                                                  std::shared_ptr<node_link> link, writer_id self,
                                                  announcement own) {
  return std::make_unique<registry>(std::move(database), std::move(link), self, std::move(own));
}

}  // namespace sandbase::memory
