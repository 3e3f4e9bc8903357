// SPDX-License-Identifier: Apache-2.0
// What the journal does for importers: sessions in slices that nothing shows before the last one is there.
#include "actors/store/journal.hpp"

#include <caf/actor_cast.hpp>
#include <spdlog/spdlog.h>

namespace sandbase {

namespace {

constexpr std::chrono::seconds between_unstagings{1};

}  // namespace

caf::result<slice_staged> journal::stage(const stage_slice& r) {
  const auto from = caf::actor_cast<caf::actor_addr>(current_sender());
  if (importers_.try_emplace(from, 0).second) monitor(caf::actor_cast<caf::actor>(current_sender()));
  const sure_promise<slice_staged> promise{this};
  options_.calls->arrived(clock().now());
  for (const auto& block : r.op->blocks) batch_bytes_ += block->frames().size();
  const auto decided = [this, from, promise, known = r.op->session](const op_outcome& done) {
    if (!done.existing_id.empty()) return promise.deliver({known, done.existing_id});
    if (done.error.code != errc::none) return promise.fail(done.error);
    importers_[from] = done.session;
    promise.deliver({done.session, {}});
  };
  put(staging_item{std::move(*r.op), decided});
  schedule_flush();
  return promise;
}

caf::result<session_published> journal::publish(const publish_session& r) {
  const auto from = caf::actor_cast<caf::actor_addr>(current_sender());
  const sure_promise<session_published> promise{this};
  const auto decided = [this, from, promise](const op_outcome& done) {
    if (done.error.code != errc::none) return promise.fail(done.error);
    if (const auto i = importers_.find(from); i != importers_.end()) i->second = 0;
    promise.deliver({});
  };
  options_.calls->arrived(clock().now());
  put(staging_item{*r.op, decided});
  schedule_flush();
  return promise;
}

void journal::drop(const drop_staged& r) {
  const auto i = importers_.find(caf::actor_cast<caf::actor_addr>(current_sender()));
  if (i != importers_.end() && i->second == r.session) i->second = 0;
  unstage(r.session);
}

void journal::unstage(session_key session) {
  unstaging_.insert(session);
  put(staging_item{unstage_op{session},
                   [this, session](const op_outcome& done) { unstaged(session, done.error); }});
  schedule_flush();
}

void journal::unstaged(session_key session, const failure& why) {
  if (why.code == errc::unavailable || why.code == errc::unknown_outcome) return;
  unstaging_.erase(session);
  if (why.code != errc::none && why.code != errc::not_found)
    spdlog::error("what was staged of session {} cannot be removed: {}", session, why.message);
}

/// What a full disk refused. In a transaction of its own, which is nobody's loss if it fails again.
void journal::unstage_again() {
  const auto now = options_.stopwatch();
  if (unstaging_.empty() || now < unstage_again_at_) return;
  unstage_again_at_ = now + between_unstagings;
  const std::vector<session_key> sessions(unstaging_.begin(), unstaging_.end());
  std::vector<store_op> ops;
  for (const auto session : sessions) ops.emplace_back(unstage_op{session});
  const auto outcomes = [&] {
    const call_watch::guard waits{*options_.calls, clock().now()};
    return store_->commit(ops);
  }();
  if (!outcomes) return fails(unstagings_, outcomes.error());
  works(unstagings_);
  for (std::size_t i = 0; i < sessions.size(); ++i) unstaged(sessions[i], (*outcomes)[i].error);
  house_left_ = true;
}

/// @returns whether it was one. What it has staged is of no use to anybody.
bool journal::lose_importer(const caf::actor_addr& who) {
  if (!importers_.contains(who)) return false;
  flush();  // what it asked for before
  const auto i = importers_.find(who);
  if (i->second != 0) unstage(i->second);
  importers_.erase(i);
  return true;
}

}  // namespace sandbase
