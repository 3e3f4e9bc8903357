// SPDX-License-Identifier: Apache-2.0
#include "test/unit/actors/support/lanes_of_memory.hpp"

#include <fmt/core.h>

namespace sandbase::test {

namespace {

/// By the writers themselves, which hear of it only when they are told.
class watched_claimer final : public session_claimer {
 public:
  watched_claimer(std::vector<std::shared_ptr<event_store>> lanes, std::shared_ptr<lanes_seen> seen)
      : lanes_(std::move(lanes)), seen_(std::move(seen)) {}

  std::vector<result<claimed_session>> claim(std::span<const session_key> sessions) override {
    seen_->batches.emplace_back(sessions.begin(), sessions.end());
    if (std::set<session_key>(sessions.begin(), sessions.end()).size() != sessions.size())
      seen_->violations.emplace_back("a session stands twice in a batch");
    std::vector<result<claimed_session>> all;
    for (const auto session : sessions) {
      if (seen_->expected[session] == 0)
        seen_->violations.emplace_back("its writer does not expect the claim");
      auto why = seen_->at_claim(session);
      all.push_back(why.code != errc::none ? result<claimed_session>{std::move(why)}
                                           : lanes_[lane_of(session, lanes_.size())]->claim(session));
    }
    return all;
  }

 private:
  const std::vector<std::shared_ptr<event_store>> lanes_;
  const std::shared_ptr<lanes_seen> seen_;
};

}  // namespace

result<std::vector<op_outcome>> watched_lane::commit(std::span<const store_op> ops) {
  for (const auto& op : ops) {
    if (std::holds_alternative<create_op>(op)) ++seen_->made[number_];
    const auto check = [&](const auto& o) {
      if constexpr (requires { o.epoch; }) {
        expect_mine(o.session);
        seen_->written[number_].insert(o.session);
        // Older ones are refused by the store.
        if (o.epoch > seen_->adopted[o.session])
          seen_->violations.push_back(fmt::format("session {} writes before its writer knows", o.session));
      }
    };
    std::visit(check, op);
  }
  return real_->commit(ops);
}

void watched_lane::adopt(session_key session, const result<claimed_session>& claimed) {
  expect_mine(session);
  if (--seen_->expected[session] < 0) seen_->violations.emplace_back("an answer to no claim");
  if (claimed)
    seen_->adopted[session] = claimed->epoch;
  else
    seen_->not_adopted.emplace_back(session, claimed.error().code);
}

void watched_lane::expect_mine(session_key session) {
  if (lane_of(session, seen_->written.size()) != number_)
    seen_->violations.push_back(fmt::format("session {} comes to writer {}", session, number_));
}

node_store open_lanes(const std::shared_ptr<memory::memory_database>& database, std::size_t lanes,
                      const std::shared_ptr<lanes_seen>& seen) {
  seen->written.resize(lanes);
  seen->made.resize(lanes);
  node_store store;
  store.backend = std::make_unique<memory::memory_backend>(database);
  std::vector<std::shared_ptr<event_store>> real;
  for (std::size_t i = 0; i < lanes; ++i) {
    memory::memory_backend node{database};
    real.emplace_back(*node.open_writer());
    store.writers.push_back(std::make_unique<watched_lane>(real.back(), i, seen));
  }
  store.claimer = std::make_unique<watched_claimer>(std::move(real), seen);
  store.readers.push_back(*store.backend->open_reader());
  store.lister = *store.backend->open_reader();
  store.token_secret = *store.writers.front()->secret("stream_tokens");
  return store;
}

}  // namespace sandbase::test
