// SPDX-License-Identifier: Apache-2.0
// Showing, changing and listing sessions.
#include "test/simulation/frames.hpp"
#include "test/simulation/task.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

/// What GET and updates answer.
class view : public task {
 public:
  view(context& run, model& facts, const caller& who, session_facts& s, std::optional<std::size_t> streams)
      : task(run, facts, who), session_(s), streams_(streams) {}

  std::string_view name() const override { return "view"; }
  http_request request() override {
    acked_ = session_.acked_end;
    archived_ = session_.archived;
    gone_ = session_.deleted;
    return {"GET", "/v1/sessions/" + session_.id, {}, {}};
  }
  next answered(const reply& r) override {
    if (is_excused(r, &session_)) return next::done;
    if (has_failed_over()) archived_ = gone_ = false, acked_ = 0;
    if (gone_) run_.fail(session_.id + " is shown though it is deleted");
    const auto log = member(r.body, "log");
    log_claim c;
    c.who = label();
    c.end = number_member(log, "events");
    c.status = text_member(r.body, "status");
    c.last_id = text_member(log, "last_event_id");
    c.head = text_member(log, "head");
    c.input_tokens = number_member(member(r.body, "usage"), "input_tokens");
    if (c.end < acked_)
      run_.fail(fmt::format("{}: {} ends at {}, but {} was acknowledged before", label(), session_.id, c.end,
                            acked_));
    const bool shown_archived = member(r.body, "archived_at") != "null";
    if ((archived_ && !shown_archived) || (shown_archived && !session_.archive_asked))
      run_.fail(fmt::format("{}: wrong archived_at of {}", label(), session_.id));
    if (const auto streams = number_member(r.body, "streams"); streams_ && streams != *streams_)
      run_.fail(fmt::format("{} tells of {} streams, there are {}", session_.id, streams, *streams_));
    facts_.saw_object(session_, r.body, label(), asked_step);
    facts_.claim(session_, std::move(c));
    return next::done;
  }
  next lost() override { return next::done; }

 protected:
  session_facts& session_;

 private:
  const std::optional<std::size_t> streams_;
  seq_t acked_ = 0;
  bool archived_ = false, gone_ = false;
};

/// A change that the service itself notes in the log.
class updating final : public view {
 public:
  updating(context& run, model& facts, const caller& who, session_facts& s)
      : view(run, facts, who, s, std::nullopt) {}

  std::string_view name() const override { return "update"; }
  http_request request() override {
    auto r = view::request();
    r.method = "POST";
    r.body = fmt::format("{{\"title\":\"{}\"}}", run_.random.below(4));
    return r;
  }
  next answered(const reply& r) override {
    if (r.status() == 400 && (session_.archive_asked || session_.termination_asked)) return next::done;
    return view::answered(r);
  }
};

class session_list final : public task {
 public:
  session_list(context& run, model& facts, const caller& who)
      : task(run, facts, who), limit_(run.random.between(1, 6)), failovers_(facts.failovers()) {
    for (auto& s : facts.sessions()) {
      if (!s.delete_asked) expected_.push_back({s.id, s.acked_end});
      if (s.deleted) deleted_.push_back(s.id);
    }
  }

  std::string_view name() const override { return "session list"; }
  http_request request() override {
    return {"GET",
            fmt::format("/v1/sessions?include_archived=true&limit={}{}{}", limit_,
                        page_.empty() ? "" : "&page=", page_),
            {},
            {}};
  }
  next answered(const reply& r) override {
    if (is_excused(r)) return next::done;
    if (failovers_ != facts_.failovers()) return next::done;  // some of it may be of before
    for (const auto item : elements(member(r.body, "data"))) take(item);
    const auto next_page = text_member(r.body, "next_page");
    if (!next_page.empty()) {
      page_ = next_page;
      return next::again;
    }
    for (const auto& [id, acked] : expected_) {
      const auto* s = facts_.find(id);
      if (!s->delete_asked && std::find(shown_.begin(), shown_.end(), id) == shown_.end())
        run_.fail(fmt::format("{}: {} is not listed", label(), id));
    }
    return next::done;
  }
  next lost() override { return next::done; }

 private:
  struct expectation {
    std::string id;
    seq_t acked;
  };

  void take(std::string_view item) {
    const std::string id{text_member(item, "id")};
    if (std::find(shown_.begin(), shown_.end(), id) != shown_.end())
      run_.fail(fmt::format("{}: {} is listed twice", label(), id));
    if (std::find(deleted_.begin(), deleted_.end(), id) != deleted_.end())
      run_.fail(fmt::format("{}: {} is listed though it is deleted", label(), id));
    shown_.push_back(id);
    const auto e =
        std::find_if(expected_.begin(), expected_.end(), [&](const auto& x) { return x.id == id; });
    auto* s = facts_.find(id);
    if (!s) {
      if (!facts_.may_have_unknown_sessions()) run_.fail(fmt::format("{}: nobody made {}", label(), id));
      return;
    }
    const auto log = member(item, "log");
    log_claim c;
    c.who = label();
    c.end = number_member(log, "events");
    c.last_id = text_member(log, "last_event_id");
    c.head = text_member(log, "head");
    c.status = text_member(item, "status");
    c.input_tokens = number_member(member(item, "usage"), "input_tokens");
    if (e != expected_.end() && c.end < e->acked)
      run_.fail(
          fmt::format("{}: {} ends at {}, but {} was acknowledged before", label(), id, c.end, e->acked));
    facts_.saw_object(*s, item, label(), asked_step);
    facts_.claim(*s, std::move(c));
  }

  const std::size_t limit_;
  const std::size_t failovers_;
  std::vector<expectation> expected_;
  std::vector<std::string> deleted_, shown_;
  std::string page_;
};

}  // namespace

task_ptr make_view(context& run, model& facts, const caller& who, session_facts& s,
                   std::optional<std::size_t> streams) {
  return std::make_unique<view>(run, facts, who, s, streams);
}
task_ptr make_update(context& run, model& facts, const caller& who, session_facts& s) {
  return std::make_unique<updating>(run, facts, who, s);
}
task_ptr make_session_list(context& run, model& facts, const caller& who) {
  return std::make_unique<session_list>(run, facts, who);
}

}  // namespace sandbase::sim
