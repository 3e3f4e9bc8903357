// SPDX-License-Identifier: Apache-2.0
// Making, archiving and deleting sessions, and asking for those of others.
#include "test/simulation/frames.hpp"
#include "test/simulation/task.hpp"

#include <fmt/core.h>

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
        body_ += fmt::format(
            R"({}{{"type":"user.message","mark":{},"content":[{{"type":"text","text":"hello"}}]}})",
            i == 0 ? ",\"initial_events\":[" : ",", r.first_mark + i);
      body_ += "]";
    }
    body_ += "}";
    key_ = fmt::format("create-{}", facts.next_creation());
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
    if (r.status() == 404 && has_failed_over()) return lost();  // it was made, and lost
    if (is_excused(r)) return lost();
    if (r.status() != 200) {
      run_.fail(fmt::format("{} is refused: {}", label(), r.body.substr(0, 200)));
      return next::done;
    }
    auto& s = facts_.add_session(std::string{text_member(r.body, "id")});
    if (!made_.empty() && made_ != s.id && !facts_.is_lost_session(made_))
      run_.fail(label() + ": the same key made two sessions");
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
    if (r.status() == 200 && !has_failed_over()) session_.archived = true;  // 400: it is running
    return next::done;
  }
  next lost() override { return next::done; }

 private:
  session_facts& session_;
};

class redaction final : public task {
 public:
  redaction(context& run, model& facts, const caller& who, session_facts& s, seq_t seq)
      : task(run, facts, who), session_(s), seq_(seq), id_(s.at(seq)->id) {}

  std::string_view name() const override { return "redaction"; }
  http_request request() override {
    ++tries_;
    if (!facts_.is_lost(session_, id_)) facts_.redaction_asked(session_, seq_);
    return {"POST",
            fmt::format("/v1/sessions/{}/events/{}/redact", session_.id, id_),
            {},
            run_.random.chance(500) ? R"({"reason":"simulated"})" : ""};
  }
  next answered(const reply& r) override {
    if (facts_.is_lost(session_, id_)) return next::done;
    if (is_excused(r, &session_)) return lost();
    if (r.status() != 200) {
      run_.fail(fmt::format("{} is refused: {}", label(), r.body.substr(0, 200)));
      return next::done;
    }
    // What was erased before a failover may be shown again.
    if (has_failed_over()) return lost();
    facts_.redacted(session_, seq_, r.body, label());
    return tries_ < most_tries && run_.random.chance(200) ? next::again : next::done;
  }
  next lost() override { return tries_ < most_tries && run_.random.chance(700) ? next::again : next::done; }

 private:
  session_facts& session_;
  const seq_t seq_;
  const std::string id_;
  int tries_ = 0;
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
    if (r.status() == 200 && !has_failed_over()) session_.deleted = true;
    return next::done;
  }
  next lost() override { return next::done; }

 private:
  session_facts& session_;
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
      run_.fail(fmt::format("{}: {} of another workspace answers {}", label(), session_.id, r.status()));
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
task_ptr make_archiving(context& run, model& facts, const caller& who, session_facts& s) {
  return std::make_unique<archiving>(run, facts, who, s);
}
task_ptr make_redaction(context& run, model& facts, const caller& who, session_facts& s) {
  if (s.log.empty()) return nullptr;
  const auto seq = run.random.between(1, s.log.size());
  return s.at(seq) ? std::make_unique<redaction>(run, facts, who, s, seq) : nullptr;
}
task_ptr make_deletion(context& run, model& facts, const caller& who, session_facts& s) {
  return std::make_unique<deletion>(run, facts, who, s);
}
task_ptr make_trespass(context& run, model& facts, const caller& who, session_facts& s) {
  return std::make_unique<trespass>(run, facts, who, s);
}

}  // namespace sandbase::sim
