// SPDX-License-Identifier: Apache-2.0
// Appends, and appends once more.
#include "test/simulation/frames.hpp"
#include "test/simulation/task.hpp"

#include <fmt/core.h>

namespace sandbase::sim {

namespace {

constexpr int most_tries = 6;

std::string text_block(std::size_t size, std::size_t mark) {
  std::string text(size, static_cast<char>('a' + mark % 26));
  return R"([{"type":"text","text":")" + text + "\"}]";
}

/// The id of a tool use that was seen and may wait for its result; empty if there is none.
std::string some_tool_use(random_source& random, const session_facts& s) {
  std::vector<std::string> uses;
  for (const auto& e : s.log)
    if (e && e->type == "agent.custom_tool_use") uses.push_back(e->id);
  return uses.empty() ? std::string{} : random.pick(uses);
}

/// Of an outcome that was seen; empty if there is none.
std::string some_outcome(random_source& random, const session_facts& s) {
  std::vector<std::string> outcomes;
  for (const auto& e : s.log)
    if (e && e->type == "user.define_outcome") outcomes.emplace_back(text_member(e->json, "outcome_id"));
  return outcomes.empty() ? std::string{} : random.pick(outcomes);
}

/// An event of which the session object shows a text.
std::string make_told_event(random_source& random, const session_facts& s, std::size_t mark) {
  const auto told = text_told_by(mark);
  switch (random.below(4)) {
    case 0:
      return fmt::format(R"("type":"session.usage","mark":{},"usage":{{"list_cost":{{"for":{}}}}}}})", mark,
                         told);
    case 1:
      if (const auto outcome = some_outcome(random, s); !outcome.empty())
        return fmt::format(R"("type":"span.outcome_evaluation_end","mark":{},"outcome_id":"{}",)"
                           R"("result":"{}","explanation":{}}})",
                           mark, outcome, random.chance(500) ? "satisfied" : "needs_revision", told);
      [[fallthrough]];
    default:
      return fmt::format(R"("type":"user.define_outcome","mark":{},"description":{},)"
                         R"("rubric":{{"type":"text","content":"c"}}}})",
                         mark, told);
  }
}

/// One event of a kind that the caller may send.
std::string make_event(random_source& random, const caller& who, const session_facts& s, std::size_t mark,
                       std::size_t size, bool ends) {
  std::string event = "{";
  const bool runtime = who.may == role::runtime;
  if (runtime && random.chance(100)) event += fmt::format("\"id\":\"own_{}x\",", mark);
  const auto marked = fmt::format("\",\"mark\":{},", mark);
  if (ends) return event + R"("type":"session.status_terminated)" + marked.substr(0, marked.size() - 1) + "}";
  if (random.chance(100))
    if (const auto use = some_tool_use(random, s); !use.empty())
      return event + R"("type":"user.custom_tool_result)" + marked + R"("custom_tool_use_id":")" + use +
             "\"}";
  if (!runtime)
    return event + R"("type":"user.message)" + marked + "\"content\":" + text_block(size, mark) + "}";
  switch (random.below(10)) {
    case 0:
      return event + R"("type":"session.status_running)" + marked + "\"n\":1}";
    case 1:
      return event + R"("type":"session.status_idle)" + marked + R"("stop_reason":{"type":")" +
             (random.chance(300) ? "requires_action" : "end_turn") + "\"}}";
    case 2:
      return event + R"("type":"span.model_request_end)" + marked +
             fmt::format(R"("model_usage":{{"input_tokens":{}}}}})", random.below(1000));
    case 3:
      return event + R"("type":"agent.custom_tool_use)" + marked + R"("name":)" + text_told_by(mark) +
             R"(,"input":{}})";
    case 4:
      return event + make_told_event(random, s, mark);
    default:
      return event + R"("type":"agent.message)" + marked + "\"content\":" + text_block(size, mark) + "}";
  }
}

class append_task final : public task {
 public:
  append_task(context& run, model& facts, const caller& who, session_facts& s, std::size_t number)
      : task(run, facts, who), session_(s), number_(number) {}

  std::string_view name() const override { return "append"; }
  http_request request() override {
    ++tries_;
    over_ = session_.archived || session_.terminated;
    gone_ = session_.deleted;
    const auto& r = facts_.request(number_);
    http_request h{"POST", "/v1/sessions/" + session_.id + "/events", {}, r.body};
    if (!r.idempotency_key.empty()) h.headers = "Idempotency-Key: " + r.idempotency_key + "\r\n";
    return h;
  }
  next answered(const reply& r) override {
    if (r.status() == 200) {
      const auto& known = facts_.request(number_);
      const bool is_new = known.became != fate::stored && !known.ever_lost && !has_failed_over();
      if (is_new && over_) run_.fail(session_.id + " takes events though it is archived or terminated");
      if (gone_ && !has_failed_over()) run_.fail(session_.id + " takes events though it is deleted");
      facts_.stored(number_, r.body);
      return next::done;
    }
    if (r.status() == 401 || r.status() == 404) {
      static_cast<void>(is_excused(r, &session_));
      if (facts_.request(number_).became != fate::stored) facts_.refused(number_);
      return next::done;
    }
    if (r.status() == 500) {
      facts_.lost(number_);
      return is_excused(r, &session_) ? try_again() : next::done;
    }
    if (r.status() == 503) {
      if (run_.strict) static_cast<void>(is_excused(r));
      if (facts_.request(number_).became == fate::stored) return try_again();  // the store is busy just now
      if (keyed() && tries_ < most_tries && run_.random.chance(500)) return next::again;
      facts_.refused(number_);
      return next::done;
    }
    if (r.status() != 400 && r.status() != 409) static_cast<void>(is_excused(r));
    const auto& sent = facts_.request(number_);
    const bool may_conflict = r.status() == 409 && !sent.expected_id.empty();
    const bool answers_a_tool = sent.body.find("custom_tool_use_id") != sent.body.npos;
    if (!session_.archive_asked && !session_.termination_asked && !may_conflict && !answers_a_tool)
      run_.fail(
          fmt::format("{} is refused without a reason: {} {}", label(), r.status(), r.body.substr(0, 200)));
    facts_.refused(number_);
    return next::done;
  }
  next lost() override {
    facts_.lost(number_);
    return try_again();
  }

 private:
  bool keyed() const { return !facts_.request(number_).idempotency_key.empty(); }
  /// Only with a key is it safe.
  next try_again() {
    return keyed() && tries_ < most_tries && run_.random.chance(850) ? next::again : next::done;
  }

  session_facts& session_;
  const std::size_t number_;
  int tries_ = 0;
  bool over_ = false;
  bool gone_ = false;
};

}  // namespace

task_ptr make_append(context& run, model& facts, const caller& who, session_facts& s, bool large) {
  auto& random = run.random;
  const auto count = random.chance(600) ? 1 : random.between(2, 5);
  const auto number = facts.begin(s.id, count);
  auto& r = facts.request(number);
  const bool ends = who.may == role::runtime && random.chance(15);
  r.body = "{\"events\":[";
  for (std::size_t i = 0; i < count; ++i) {
    const auto size = large && random.chance(600) ? random.between(1'000, 40'000) : random.between(1, 200);
    r.body +=
        (i == 0 ? "" : ",") + make_event(random, who, s, r.first_mark + i, size, ends && i + 1 == count);
  }
  r.body += "]";
  if (const auto end = s.log.size(); random.chance(80) && s.at(end)) {
    r.expected_id = s.at(end)->id;
    r.body += ",\"expected_last_event_id\":\"" + r.expected_id + "\"";
  }
  r.body += "}";
  if (ends) s.termination_asked = true;
  // Few different keys: the same ones are used in many sessions.
  if (random.chance(700)) r.idempotency_key = facts.unused_key(s);
  return std::make_unique<append_task>(run, facts, who, s, number);
}

task_ptr make_repetition(context& run, model& facts, const caller& who) {
  if (facts.requests() == 0) return nullptr;
  const auto number = run.random.below(facts.requests());
  auto& r = facts.request(number);
  auto* s = facts.find(r.session);
  if (r.idempotency_key.empty() || r.became == fate::pending || !s) return nullptr;
  if (r.became == fate::refused) r.became = fate::pending;  // this time it may be taken
  return std::make_unique<append_task>(run, facts, who, *s, number);
}

}  // namespace sandbase::sim
