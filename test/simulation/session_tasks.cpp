// Making, showing, listing, archiving and deleting sessions.
#include "test/simulation/frames.hpp"
#include "test/simulation/task.hpp"

#include <algorithm>

namespace sandbase::sim {

namespace {

constexpr int most_tries = 6;

class creation final : public task {
 public:
  creation(context& run, model& facts, const caller& who) : task(run, facts, who) {
    body_ = R"({"agent":"agent_sim","environment_id":"env_sim")";
    if (run.random.chance(400)) {
      initial_ = facts.begin({}, run.random.between(1, 3));
      const auto& r = facts.request(*initial_);
      for (std::size_t i = 0; i < r.count; ++i)
        body_ += sentence(i == 0 ? ",\"initial_events\":[" : ",", R"({"type":"user.message","mark":)",
                          r.first_mark + i, R"(,"content":[{"type":"text","text":"hello"}]})");
      body_ += "]";
    }
    body_ += "}";
    key_ = sentence("create-", facts.next_creation());
  }

  std::string_view name() const override { return "creation"; }
  http_request request() override {
    ++tries_;
    return {"POST", "/v1/sessions", "Idempotency-Key: " + key_ + "\r\n", body_};
  }
  next answered(const reply& r) override {
    // The session that the key stands for may be deleted by now.
    const auto* made = facts_.find(made_);
    if (r.status() == 404 && made && made->delete_asked) return next::done;
    if (is_excused(r)) return lost();
    if (r.status() != 200) {
      run_.fail(sentence(label(), " is refused: ", r.body.substr(0, 200)));
      return next::done;
    }
    auto& s = facts_.add_session(std::string{text_member(r.body, "id")});
    if (!made_.empty() && made_ != s.id) run_.fail(label() + ": the same key made two sessions");
    made_ = s.id;
    if (initial_) facts_.stored_at_creation(*initial_, s);
    // A client that forgets that it has its answer: the same key again gives the same session.
    return tries_ < most_tries && run_.random.chance(100) ? next::again : next::done;
  }
  next lost() override {
    if (tries_ < most_tries && run_.random.chance(900)) return next::again;
    if (made_.empty()) facts_.lose_creation();
    return next::done;
  }

 private:
  std::string body_, key_, made_;
  std::optional<std::size_t> initial_;
  int tries_ = 0;
};

class view final : public task {
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
      run_.fail(sentence(label(), ": ", session_.id, " ends at ", c.end, ", but ", acked_,
                         " was acknowledged before"));
    const bool shown_archived = member(r.body, "archived_at") != "null";
    if ((archived_ && !shown_archived) || (shown_archived && !session_.archive_asked))
      run_.fail(sentence(label(), ": wrong archived_at of ", session_.id));
    if (const auto streams = number_member(r.body, "streams"); streams_ && streams != *streams_)
      run_.fail(sentence(session_.id, " tells of ", streams, " streams, there are ", *streams_));
    facts_.claim(session_, std::move(c));
    return next::done;
  }
  next lost() override { return next::done; }

 private:
  session_facts& session_;
  const std::optional<std::size_t> streams_;
  seq_t acked_ = 0;
  bool archived_ = false, gone_ = false;
};

class archiving final : public task {
 public:
  archiving(context& run, model& facts, const caller& who, session_facts& s)
      : task(run, facts, who), session_(s) {}

  std::string_view name() const override { return "archiving"; }
  http_request request() override {
    session_.archive_asked = true;
    return {"POST", "/v1/sessions/" + session_.id + "/archive", {}, {}};
  }
  next answered(const reply& r) override {
    if (is_excused(r, &session_)) return next::done;
    if (r.status() == 200) session_.archived = true;  // 400: it is running
    return next::done;
  }
  next lost() override { return next::done; }

 private:
  session_facts& session_;
};

class deletion final : public task {
 public:
  deletion(context& run, model& facts, const caller& who, session_facts& s)
      : task(run, facts, who), session_(s) {}

  std::string_view name() const override { return "deletion"; }
  http_request request() override {
    session_.delete_asked = true;
    return {"DELETE", "/v1/sessions/" + session_.id, {}, {}};
  }
  next answered(const reply& r) override {
    if (is_excused(r, &session_)) return next::done;
    if (r.status() == 200) session_.deleted = true;
    return next::done;
  }
  next lost() override { return next::done; }

 private:
  session_facts& session_;
};

class session_list final : public task {
 public:
  session_list(context& run, model& facts, const caller& who)
      : task(run, facts, who), limit_(run.random.between(1, 6)) {
    for (auto& s : facts.sessions()) {
      if (!s.delete_asked) expected_.push_back({s.id, s.acked_end});
      if (s.deleted) deleted_.push_back(s.id);
    }
  }

  std::string_view name() const override { return "session list"; }
  http_request request() override {
    return {
        "GET",
        sentence("/v1/sessions?include_archived=true&limit=", limit_, page_.empty() ? "" : "&page=", page_),
        {},
        {}};
  }
  next answered(const reply& r) override {
    if (is_excused(r)) return next::done;
    for (const auto item : elements(member(r.body, "data"))) take(item);
    const auto next_page = text_member(r.body, "next_page");
    if (!next_page.empty()) {
      page_ = next_page;
      return next::again;
    }
    for (const auto& [id, acked] : expected_) {
      const auto* s = facts_.find(id);
      if (!s->delete_asked && std::find(shown_.begin(), shown_.end(), id) == shown_.end())
        run_.fail(sentence(label(), ": ", id, " is not listed"));
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
      run_.fail(sentence(label(), ": ", id, " is listed twice"));
    if (std::find(deleted_.begin(), deleted_.end(), id) != deleted_.end())
      run_.fail(sentence(label(), ": ", id, " is listed though it is deleted"));
    shown_.push_back(id);
    const auto e =
        std::find_if(expected_.begin(), expected_.end(), [&](const auto& x) { return x.id == id; });
    auto* s = facts_.find(id);
    if (!s) {
      if (!facts_.may_have_unknown_sessions()) run_.fail(sentence(label(), ": nobody made ", id));
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
          sentence(label(), ": ", id, " ends at ", c.end, ", but ", e->acked, " was acknowledged before"));
    facts_.claim(*s, std::move(c));
  }

  const std::size_t limit_;
  std::vector<expectation> expected_;
  std::vector<std::string> deleted_, shown_;
  std::string page_;
};

class trespass final : public task {
 public:
  trespass(context& run, model& facts, const caller& who, session_facts& s)
      : task(run, facts, who), session_(s) {}

  std::string_view name() const override { return "trespass"; }
  http_request request() override {
    const auto path = "/v1/sessions/" + session_.id;
    switch (run_.random.below(4)) {
      case 0:
        return {"GET", path, {}, {}};
      case 1:
        return {"GET", path + "/events", {}, {}};
      case 2:
        return {"POST",
                path + "/events",
                {},
                R"({"events":[{"type":"user.message","content":[{"type":"text","text":"trespass"}]}]})"};
      default:
        return {"GET", path + "/events/stream?follow=true", {}, {}};
    }
  }
  next answered(const reply& r) override {
    if (r.status() != 404 && !is_excused(r))
      run_.fail(sentence(label(), ": ", session_.id, " of another workspace answers ", r.status()));
    return next::done;
  }
  next lost() override { return next::done; }

 private:
  session_facts& session_;
};

}  // namespace

task_ptr make_creation(context& run, model& facts, const caller& who) {
  return std::make_unique<creation>(run, facts, who);
}
task_ptr make_view(context& run, model& facts, const caller& who, session_facts& s,
                   std::optional<std::size_t> streams) {
  return std::make_unique<view>(run, facts, who, s, streams);
}
task_ptr make_archiving(context& run, model& facts, const caller& who, session_facts& s) {
  return std::make_unique<archiving>(run, facts, who, s);
}
task_ptr make_deletion(context& run, model& facts, const caller& who, session_facts& s) {
  return std::make_unique<deletion>(run, facts, who, s);
}
task_ptr make_session_list(context& run, model& facts, const caller& who) {
  return std::make_unique<session_list>(run, facts, who);
}
task_ptr make_trespass(context& run, model& facts, const caller& who, session_facts& s) {
  return std::make_unique<trespass>(run, facts, who, s);
}

}  // namespace sandbase::sim
