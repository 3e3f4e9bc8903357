// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/memory_database.hpp"

#include <algorithm>

namespace sandbase::memory {

namespace {

bool concerns(const store_op& op, session_key session) {
  return std::visit(
      [&](const auto& o) {
        if constexpr (requires { o.session; })
          return o.session == session;
        else
          return false;
      },
      op);
}

}  // namespace

batch_outcome memory_database::commit(std::span<const store_op> ops, const sender& by) {
  auto all = begin();
  auto done = batch{all, by}.apply(ops);
  all.commit();
  return done;
}

writer_id memory_database::join() {
  nodes_[++last_writer_].seen_at = clock();
  return last_writer_;
}

void memory_database::see(writer_id node, const announcement* own, const node_report& report) {
  const auto row = nodes_.find(node);
  if (row == nodes_.end()) return;
  row->second.seen_at = clock();
  if (own) row->second = {own->name, own->address, row->second.seen_at, report};
}

bool memory_database::has_writer(session_key session) const {
  const auto tip = rows_.tips.find(session);
  return tip != rows_.tips.end() && is_there(tip->second.writer);
}

void memory_database::send(std::vector<store_op> ops, const sender& by) {
  under_way_.push_back({std::move(ops), by});
}

void memory_database::wait_for(session_key session) {
  for (std::size_t place = 0; place < under_way_.size();) {
    const auto is_its = [&](const store_op& op) { return concerns(op, session); };
    const auto decided = !std::ranges::any_of(under_way_[place].ops, is_its) ? fate::waits
                         : at_claim                                          ? at_claim()
                                                                             : fate::lands;
    if (decided == fate::lands)
      land(place);
    else if (decided == fate::vanishes)
      vanish(place);
    else
      ++place;
  }
}

void memory_database::land(std::size_t place) {
  const auto landing = std::move(under_way_[place]);
  vanish(place);
  commit(landing.ops, landing.by);
}

void memory_database::vanish(std::size_t place) {
  under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(place));
}

std::size_t memory_database::lose_tail(std::size_t commits) {
  under_way_.clear();
  const auto before = rows_.count;
  const auto lost = past_.take_back(rows_, commits);
  rows_.count.births = before.births;
  rows_.count.last_session = before.last_session;
  rows_.count.last_workspace = before.last_workspace;
  rows_.count.last_key = before.last_key;
  return lost;
}

}  // namespace sandbase::memory
