// SPDX-License-Identifier: Apache-2.0
// A client that follows a session, comes again when it is cut off, and must see every event once, in order.
#include "test/simulation/stream_reading.hpp"

#include <fmt/core.h>

namespace sandbase::sim {

namespace {

class follow_task final : public stream_reading {
 public:
  follow_task(context& run, model& facts, const caller& who, session_facts& s)
      : stream_reading(run, facts, who, s),
        query_(run.random.chance(250) ? "?until=idle" : "?follow=true"),
        until_idle_(query_ == "?until=idle") {
    if (!until_idle_ && run.random.chance(250)) use_filter("agent.message");
  }

  std::string_view name() const override { return "follow"; }
  bool is_endless() const override { return true; }
  bool is_satisfied() const override {
    if (!caught_up_) return false;
    if (filtered() || !knows_cursor_) return true;
    const auto* last = session_.at(cursor_);
    return cursor_ == facts_.durable_end(session_) && (!last || last_id_.empty() || last->id == last_id_);
  }
  void close_books() override {
    if (who_.revoked_at != std::chrono::milliseconds::max())
      return run_.fail(label() + ": goes on though its key is revoked");
    if (session_.archived || session_.terminated)
      return run_.fail(fmt::format("{} of {} goes on though its log is over", label(), session_.id));
    if (!caught_up_) return run_.fail(fmt::format("{} of {} never caught up", label(), session_.id));
    if (filtered()) return claim_shown(facts_.durable_end(session_));
    if (!is_satisfied())
      run_.fail(fmt::format("{}: waits at {} of {}, which ends at {}", label(), cursor_, session_.id,
                            facts_.durable_end(session_)));
  }
  http_request request() override {
    caught_up_ = idle_ = farewell_ = closing_ = false;
    gone_ = session_.deleted;
    is_lost_ = facts_.is_lost(session_, last_id_);
    const auto query = query_ + (filtered() ? "&types=agent.message" : "");
    if (began_ && is_lost_) return go_on_behind_what_is_lost(query);
    if (!began_ || (filtered() && last_id_.empty())) {
      began_ = true;
      return start_anywhere(query_);
    }
    if (filtered()) {
      const auto place = session_.place_of(last_id_);
      if (place == 0) return start_anywhere(query_);
      return start_behind(place, query);
    }
    if (!knows_cursor_) return start_anywhere(query_);
    // Sometimes it forgot the last ones.
    const auto back = run_.random.chance(200) ? run_.random.below(cursor_ + 1) : 0;
    return start_behind(session_.at(cursor_ - back) ? cursor_ - back : 0, query_);
  }
  next answered(const reply& r) override {
    if (r.status() == 204) {
      const bool over = session_.archive_asked || session_.termination_asked || until_idle_;
      if (!over || !from_header_ || !event_source_) run_.fail(label() + ": 204, but the log is not over");
      return next::done;
    }
    if (r.status() == 404 || r.status() == 401) {
      static_cast<void>(is_excused(r, &session_));
      return next::done;
    }
    if (is_refused_for_good(r)) {
      last_id_.clear();
      began_ = false;
      return next::again;
    }
    if (r.status() != 200) {
      if (!is_excused(r, &session_))
        run_.fail(fmt::format("{} is refused: {}", label(), r.body.substr(0, 200)));
      return next::again;
    }
    if (gone_ && !has_failed_over()) run_.fail(session_.id + " is followed though it is deleted");
    if (is_lost_ && !has_failed_over())
      run_.fail(fmt::format("{}: goes on behind {}, which is lost", label(), last_id_));
    check_end();
    if (done_) return next::done;
    if (!error_ && !closing_) run_.fail(label() + ": ends without a reason");
    return lost();
  }
  next lost() override {
    if (filtered()) claim_shown(0);
    caught_up_ = false;
    return next::again;
  }

 private:
  void other_frame(const sse_frame& frame) override {
    if (frame.event == "ping" && frame.data.find("\"caught_up\"") != frame.data.npos) return now_live(frame);
    if (frame.event == "ping" && frame.data.find("\"closing\"") != frame.data.npos) {
      closing_ = true;
      return;
    }
    if (frame.data.find("\"type\":\"session.deleted\"") == frame.data.npos)
      return run_.fail(label() + ": shows " + frame.event + frame.data);
    if (!session_.delete_asked) run_.fail(session_.id + " is gone, but nobody deleted it");
    farewell_ = true;
    // What another server appended just before it deleted the session nobody can show any more.
    if (run_.servers == 1) expect_all("the farewell");
  }
  void now_live(const sse_frame& frame) {
    if (std::exchange(caught_up_, true)) run_.fail(label() + ": catches up twice");
    if (!frame.id) return run_.fail(label() + ": no id where live begins");
    if (filtered()) {
      if (*frame.id != "start") last_id_ = *frame.id;
      return;
    }
    if (!knows_cursor_) {
      const auto place = *frame.id == "start" ? std::optional<seq_t>{0} : told_place(*frame.id);
      if (!place) return;
      cursor_ = *place;
      knows_cursor_ = true;
      if (*place != 0) last_id_ = *frame.id;
    }
    const auto at = cursor_id();
    if (!at.empty() && *frame.id != at)
      run_.fail(label() + ": live begins at another id than the last one shown");
    if (cursor_ < acked())
      run_.fail(
          fmt::format("{}: live begins at {}, but {} was acknowledged before", label(), cursor_, acked()));
  }
  void event_shown(const sse_frame& frame) override {
    if (idle_ && until_idle_) run_.fail(label() + ": goes on behind the idle that ends it");
    // An idle that is erased still ends a turn if it did before.
    const auto* known = knows_cursor_ ? session_.at(cursor_) : nullptr;
    const std::string_view was =
        known && known->id == last_id_ ? std::string_view{known->json} : std::string_view{frame.data};
    idle_ = text_member(was, "type") == "session.status_idle" &&
            text_member(member(was, "stop_reason"), "type") != "requires_action";
  }
  void expect_all(std::string_view what) {
    // Behind the end of a log come only the marks of what was erased.
    const auto marks = session_.archive_asked || session_.termination_asked ? session_.redactions_asked : 0;
    const auto end = facts_.durable_end(session_);
    if (has_failed_over()) return;
    if (!filtered() && knows_cursor_ && (cursor_ > end || cursor_ + marks < end))
      run_.fail(fmt::format("{}: {} at {} of {}, which ends at {}", label(), what, cursor_, session_.id,
                            facts_.durable_end(session_)));
  }
  void done_frame() override {
    if (filtered()) claim_shown(farewell_ || session_.archived || session_.terminated ? acked() : 0);
    if (until_idle_ && (idle_ || (from_header_ && !any_shown_))) return;
    if (!farewell_ && !session_.archive_asked && !session_.termination_asked)
      run_.fail(fmt::format("{}: [DONE] at {} of {}, which is not over", label(), cursor_, session_.id));
    if (!farewell_) expect_all("[DONE]");
  }

  const std::string query_;
  const bool until_idle_;
  bool began_ = false;
  bool caught_up_ = false;
  bool idle_ = false;
  bool farewell_ = false;
  bool closing_ = false;
  bool gone_ = false;
  /// The event that it goes on behind.
  bool is_lost_ = false;
};

}  // namespace

task_ptr make_follow(context& run, model& facts, const caller& who, session_facts& s) {
  return std::make_unique<follow_task>(run, facts, who, s);
}

}  // namespace sandbase::sim
