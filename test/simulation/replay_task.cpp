// SPDX-License-Identifier: Apache-2.0
// A replay: the log as it stood, then [DONE].
#include "test/simulation/stream_reading.hpp"

#include <fmt/core.h>

namespace sandbase::sim {

namespace {

class replay_task final : public stream_reading {
 public:
  replay_task(context& run, model& facts, const caller& who, session_facts& s, bool whole)
      : stream_reading(run, facts, who, s), whole_(whole) {
    if (!whole && run.random.chance(250))
      use_filter(run.random.chance(500) ? "agent.message" : "user.message");
  }

  std::string_view name() const override { return "replay"; }
  http_request request() override {
    gone_ = session_.deleted;
    return whole_ ? start_behind(0, {}) : start_anywhere({});
  }
  next answered(const reply& r) override {
    if (is_excused(r, &session_)) return next::done;
    if (is_refused_for_good(r)) return next::done;
    if (gone_ && !has_failed_over()) run_.fail(session_.id + " is replayed though it is deleted");
    if (r.status() == 204) {
      if (!session_.archive_asked && !session_.termination_asked)
        run_.fail(label() + ": 204, but the log is not over");
      if (!from_header_ || !event_source_) run_.fail(label() + ": 204 to who did not ask to be stopped");
      return next::done;
    }
    if (r.status() != 200)
      run_.fail(fmt::format("{} is refused: {}", label(), r.body.substr(0, 200)));
    else if (!done_ && !error_)
      run_.fail(label() + ": ends without [DONE]");
    check_end();
    return next::done;
  }
  next lost() override { return next::done; }

 private:
  void other_frame(const sse_frame& frame) override {
    run_.fail(label() + ": shows " + frame.event + frame.data);
  }
  void done_frame() override {
    if (filtered()) return claim_shown(acked());
    if (knows_cursor_ && cursor_ < acked())
      run_.fail(fmt::format("{}: [DONE] at {} of {}, but {} was acknowledged before", label(), cursor_,
                            session_.id, acked()));
  }

  const bool whole_;
  bool gone_ = false;
};

}  // namespace

task_ptr make_replay(context& run, model& facts, const caller& who, session_facts& s, bool whole) {
  return std::make_unique<replay_task>(run, facts, who, s, whole);
}

}  // namespace sandbase::sim
