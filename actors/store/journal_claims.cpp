// SPDX-License-Identifier: Apache-2.0
// How the journal makes sessions writers, on its own connection or by who claims for it, and lets go of them.
#include "actors/caf/errors.hpp"
#include "actors/store/journal.hpp"

namespace sandbase {

caf::result<claim_answer> journal::claim(const claim_request& r) {
  // Whatever was asked for before must be decided before the answer tells where the log ends.
  if (holds_items_of(r.key)) flush();
  if (options_.claimer) return have_claimed(r);
  auto claimed = [&] {
    const call_watch::guard waits{*options_.calls, r.asked};
    return store_->claim(r.key);
  }();
  if (!claimed) return not_claimed(r.key, claimed.error());
  note_writer(r.key, claimed->epoch, r.session);
  return claim_answer{*std::move(claimed)};
}

/// The same on another connection, while this one commits. Nothing of the session comes in between: it hands
/// over nothing before its claim is answered, and what it or an actor before it has handed over stands ahead
/// of the claim here, and is decided by now. What the database may still be at, as of a commit whose answer
/// was lost, the claim waits for or defeats there. So whatever carries an older epoch, an answer on its way
/// to the session too, is void once the session has this one.
caf::result<claim_answer> journal::have_claimed(const claim_request& r) {
  const sure_promise<claim_answer> promise{this};
  if (auto fits = store_->expect_claim(r.key); !fits) {
    promise.fail(not_claimed(r.key, fits.error()));
    return promise;
  }
  // The answer has to be noted whenever it comes, also when the session waits for it no more: the database
  // says by then that it is written here.
  request(options_.claimer, caf::infinite, claim_session{r.key, r.asked})
      .then(
          [this, promise, key = r.key, session = r.session](const claim_answer& answer) {
            result<claimed_session> claimed{answer.claimed};
            store_->adopt(key, claimed);
            note_writer(key, claimed->epoch, session);  // which may be gone: its down message comes at once
            promise.deliver({*std::move(claimed)});
          },
          [this, promise, key = r.key](const caf::error& e) {
            const auto why = to_failure(e);
            store_->adopt(key, why);
            promise.fail(not_claimed(key, why));
          });
  return promise;
}

caf::error journal::not_claimed(session_key session, const failure& why) {
  if (why.code != errc::not_found) store_failed(why, "could not claim a session");
  // It does not write any more, and what it has unsealed has nobody else.
  if (const auto w = writers_.find(session); w != writers_.end()) store_->release(session, w->second.epoch);
  return to_error(why);
}

void journal::note_writer(session_key session, epoch_t epoch, const session_actor& who) {
  auto& w = writers_[session];
  if (w.session && w.session != who) {
    demonitor(w.session.address());
    sessions_.erase(w.session.address());
  }
  if (w.session != who) {
    monitor(who);
    sessions_.emplace(who.address(), session);
  }
  w = {epoch, who};
}

/// Whether it retired or failed: what it left is housekeeping's.
void journal::lose(const caf::actor_addr& who) {
  if (lose_importer(who)) return;
  const auto session = sessions_.find(who);
  if (session == sessions_.end()) return;
  const auto w = writers_.find(session->second);
  if (holds_items_of(session->second)) flush();
  {
    const call_watch::guard waits{*options_.calls, clock().now()};
    store_->release(session->second, w->second.epoch);
  }
  writers_.erase(w);
  sessions_.erase(session);
  house_left_ = true;
}

}  // namespace sandbase
