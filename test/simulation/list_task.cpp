// SPDX-License-Identifier: Apache-2.0
// List Events, page by page, in both directions.
#include "test/simulation/frames.hpp"
#include "test/simulation/task.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

class event_list_task final : public task {
 public:
  event_list_task(context& run, model& facts, const caller& who, session_facts& s, bool whole)
      : task(run, facts, who), session_(s), ascending_(run.random.chance(600)) {
    query_ = fmt::format("?order={}&limit={}", ascending_ ? "asc" : "desc", run.random.between(1, 12));
    if (whole) return;
    if (run.random.chance(250)) {
      only_type_ = run.random.chance(500) ? "agent.message" : "user.message";
      query_ += "&types=" + only_type_;
    }
    if (ascending_ && !s.log.empty() && run.random.chance(250)) {
      const auto seq = run.random.between(1, s.log.size());
      if (const auto* e = s.at(seq)) {
        query_ += "&after=" + e->id;
        start_ = at_ = seq;
        last_id_ = e->id;
      }
    }
  }

  std::string_view name() const override { return "event list"; }
  http_request request() override {
    gone_ = session_.deleted;
    if (page_.empty() || ascending_) acked_ = session_.acked_end;
    if (page_.empty()) first_asked_ = run_.step, first_failovers_ = facts_.failovers();
    return {"GET",
            "/v1/sessions/" + session_.id + "/events" + query_ + (page_.empty() ? "" : "&page=") + page_,
            {},
            {}};
  }
  next answered(const reply& r) override {
    if (is_excused(r, &session_)) return next::done;
    if (gone_ && !fails_over()) run_.fail(session_.id + " is listed though it is deleted");
    if (r.status() == 400 && (fails_over() || facts_.is_lost(session_, last_id_))) return next::done;
    if (r.status() != 200) {
      run_.fail(fmt::format("{} is refused: {}", label(), r.body.substr(0, 200)));
      return next::done;
    }
    const auto items = elements(member(r.body, "data"));
    for (const auto item : items) take(item);
    const auto next_page = text_member(r.body, "next_page");
    if (items.empty() && !next_page.empty())
      run_.fail(fmt::format("{}: an empty page that is not the last", label()));
    if (next_page.empty()) {
      finish();
      return next::done;
    }
    page_ = next_page;
    return next::again;
  }
  next lost() override { return next::done; }

 private:
  bool fails_over() const { return first_failovers_ != facts_.failovers(); }
  void take(std::string_view json) {
    const auto before = std::exchange(last_id_, text_member(json, "id"));
    if (!only_type_.empty())
      shown_.push_back(last_id_);
    else if (ascending_)
      show(++at_, json, before, asked_step);
    else
      items_.emplace_back(json);
  }
  void show(seq_t seq, std::string_view json, std::string_view before, std::uint64_t asked) {
    facts_.saw(session_, seq, json, label(), asked);
    if (!facts_.follow_each_other(session_, seq, before, text_member(json, "id")))
      run_.fail(fmt::format("{}: joins two histories of {} at {}", label(), session_.id, seq));
  }
  void finish() {
    if (fails_over()) acked_ = 0;
    const auto durable = facts_.durable_end(session_);
    if (!only_type_.empty()) {
      if (fails_over()) return;
      log_claim c;
      c.who = label();
      c.only_type = only_type_;
      c.after = start_;
      c.end_min = std::max(acked_, start_);
      c.end = durable;
      c.shown = std::move(shown_);
      if (!ascending_) std::reverse(c.shown.begin(), c.shown.end());
      return facts_.claim(session_, std::move(c));
    }
    if (!ascending_) {
      at_ = items_.size();
      for (std::size_t i = 0; i < items_.size(); ++i) {
        const auto before = i + 1 == items_.size() ? std::string_view{} : text_member(items_[i + 1], "id");
        show(at_ - i, items_[i], before, first_asked_);
      }
    }
    if (at_ < acked_)
      run_.fail(fmt::format("{}: ends at {} of {}, but {} was acknowledged before", label(), at_, session_.id,
                            acked_));
  }

  session_facts& session_;
  const bool ascending_;
  std::string query_, only_type_, page_;
  seq_t start_ = 0, at_ = 0, acked_ = 0;
  bool gone_ = false;
  /// Behind it the next page begins.
  std::string last_id_;
  /// Step of the first page, and how many failovers there had been.
  std::uint64_t first_asked_ = 0;
  std::size_t first_failovers_ = 0;
  /// Newest first: their places are known at the end.
  std::vector<std::string> items_;
  std::vector<std::string> shown_;
};

}  // namespace

task_ptr make_event_list(context& run, model& facts, const caller& who, session_facts& s, bool whole) {
  return std::make_unique<event_list_task>(run, facts, who, s, whole);
}

}  // namespace sandbase::sim
