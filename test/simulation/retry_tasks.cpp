// SPDX-License-Identifier: Apache-2.0
// Sends the same thing again and again, each time meaning it, and tries again by itself as the SDKs do:
// without an Idempotency-Key, counting its tries.
#include "test/simulation/frames.hpp"
#include "test/simulation/task.hpp"

#include <fmt/core.h>

namespace sandbase::sim {

namespace {

/// As many as are worth a try in a world that fails this often; the SDKs make two.
constexpr int most_tries = 4;

class saying_task final : public task {
 public:
  saying_task(context& run, model& facts, const caller& who, session_facts& s, std::size_t phrase)
      : task(run, facts, who), session_(s), send_(facts.begin_saying(phrase)) {}

  std::string_view name() const override { return "saying"; }
  http_request request() override {
    facts_.try_saying(send_);
    const auto& p = facts_.phrase_of(send_);
    return {"POST", "/v1/sessions/" + session_.id + "/events",
            fmt::format("x-stainless-retry-count: {}\r\n", tries_++), p.body};
  }
  next answered(const reply& r) override {
    if (r.status() == 200) {
      facts_.said(send_, r.body);
      return next::done;
    }
    const bool excused = is_excused(r, &session_);
    if (r.status() == 503 || r.status() == 429) return try_again();
    const bool may_be_over = session_.archive_asked || session_.termination_asked;
    if (!excused && !(r.status() == 400 && may_be_over))
      run_.fail(
          fmt::format("{} is refused without a reason: {} {}", label(), r.status(), r.body.substr(0, 200)));
    if (r.status() == 500) facts_.lost_saying(send_);
    return next::done;
  }
  next lost() override {
    facts_.lost_saying(send_);
    return try_again();
  }

 private:
  next try_again() { return tries_ < most_tries && run_.random.chance(900) ? next::again : next::done; }

  session_facts& session_;
  const std::size_t send_;
  int tries_ = 0;
};

}  // namespace

task_ptr make_saying(context& run, model& facts, const caller& who, session_facts& s) {
  // Few, so that many are equal.
  const auto phrase = facts.some_phrase(s.id, who.key_id, run.random.below(2));
  return std::make_unique<saying_task>(run, facts, who, s, phrase);
}

}  // namespace sandbase::sim
