// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/claimer.hpp"

#include "persistence/postgres/roles/claiming.hpp"

#include <algorithm>

namespace sandbase::postgres {

namespace {

class claimer final : public session_claimer {
 public:
  claimer(const conninfo& where, std::shared_ptr<writer_group> group)
      : db_(where, claims_purpose), group_(std::move(group)) {}

  std::vector<result<claimed_session>> claim(std::span<const session_key> sessions) override {
    std::vector<result<claimed_session>> all;
    while (all.size() < sessions.size()) {
      std::vector<claim_by> some;
      for (const auto session :
           sessions.subspan(all.size(), std::min(max_sessions, sessions.size() - all.size())))
        some.emplace_back(session, group_->mark_of(lane_of(session, group_->lanes())));
      auto claimed = attempt([&] {
        unwrap(group_->presence.may_write());
        return claim_sessions(db_, some);
      });
      if (!claimed) {
        all.insert(all.end(), some.size(), claimed.error());
        continue;
      }
      for (auto& one : *claimed) all.push_back(std::move(one));
    }
    return all;
  }

 private:
  connection db_;
  const std::shared_ptr<writer_group> group_;
};

}  // namespace

std::unique_ptr<session_claimer> open_claimer(const conninfo& where, std::shared_ptr<writer_group> group) {
  return std::make_unique<claimer>(where, std::move(group));
}

}  // namespace sandbase::postgres
