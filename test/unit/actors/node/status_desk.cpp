// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE status_desk
#include "test/unit/actors/support/service_fixture.hpp"
// The framework's header comes first.
#include "actors/node/status_desk.hpp"
#include "events/json/json_text.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

/// Answers nobody.
described_actor::behavior_type mute_part(
    described_actor::stateful_pointer<std::vector<caf::typed_response_promise<actor_status>>> self) {
  return {[self](const describe_actor&) {
    self->state.push_back(self->make_response_promise<actor_status>());
    return self->state.back();
  }};
}

struct fixture : service_fixture {
  ~fixture() {
    for (auto& a : others) caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    others.clear();
    run();
  }
  std::string page(const std::string& session = {}) {
    const auto answer = must<collected_status>(actors->status(), collect_status{session});
    const auto text = "{" + answer.json + "}";
    CAF_REQUIRE(json::validate(text));
    return text;
  }
  /// A member of what an actor tells.
  static std::string part(const std::string& page, std::string_view name, std::string_view member) {
    std::string found = "(none)";
    json::value{page}.find("actors")->for_each_element([&](std::size_t, const json::value& a) {
      if (a.find("name")->as_string() != name) return true;
      if (const auto value = a.find(member)) found = value->text();
      return false;
    });
    return found;
  }
  static std::optional<json::value> session_in(const std::string& page) {
    std::optional<json::value> found;
    json::value{page}
        .find("sessions")
        ->find("found")
        ->for_each_element([&](std::size_t, const json::value& s) {
          found = s;
          return false;
        });
    return found;
  }
  std::vector<described_actor> others;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(status_desk_tests, fixture)

CAF_TEST(every essential actor is on the page) {
  const auto text = page();
  for (const auto* name : {"checkpointer", "journal", "log_reader 1", "log_reader of lists"}) {
    CAF_CHECK_EQUAL(part(text, name, "phase"), R"("idle")");
    CAF_CHECK_EQUAL(part(text, name, "oldest_wait_ms"), "0");
  }
  CAF_CHECK_EQUAL(part(text, "session_directory", "phase"), R"("serving")");
}

CAF_TEST(a session tells what it holds) {
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  append_text(s, "b");
  const auto text = page(id);
  const auto told = session_in(text);
  CAF_REQUIRE(told);
  CAF_CHECK_EQUAL(told->find("id")->as_string(), id);
  CAF_CHECK_EQUAL(told->find("phase")->as_string(), "writer");
  CAF_CHECK_EQUAL(told->find("events")->text(), "2");
  CAF_CHECK_EQUAL(told->find("in_flight")->text(), "0");
  CAF_CHECK(told->find("unsealed_bytes")->text() != "0");
  CAF_CHECK_EQUAL(part(text, "journal", "writers"), "1");
  CAF_CHECK_EQUAL(part(text, "journal", "unsealed_sessions"), "1");
  CAF_CHECK_EQUAL(part(text, "session_directory", "active"), "1");
  CAF_CHECK(!session_in(page("sess_none")));
}

CAF_TEST(the largest sessions are found among all) {
  constexpr int others_used_later = 5;
  const auto large = create();
  for (int i = 0; i < 3; ++i) append_text(look_up(large), "a");
  const auto long_ago = create();
  append_text(look_up(long_ago), std::string(1000, 'x'));
  for (int i = 0; i < others_used_later; ++i) append_text(look_up(create()), "b");
  const auto listed = [&](std::size_t max, std::size_t largest) {
    std::vector<std::string> ids;
    const auto found = must<active_sessions>(directory, list_active{{}, max, largest});
    CAF_CHECK_EQUAL(found.total, 2u + others_used_later);
    for (const auto& s : found.sessions) ids.push_back(s.id);
    return ids;
  };
  const auto found = listed(4, 1);
  CAF_CHECK_EQUAL(found.size(), 4u);
  for (const auto& id : {large, long_ago}) CAF_CHECK_EQUAL(std::ranges::count(found, id), 1);
  const auto recent = listed(2, 0);
  for (const auto& id : {large, long_ago}) CAF_CHECK_EQUAL(std::ranges::count(recent, id), 0);
  CAF_CHECK_EQUAL(listed(100, 100).size(), 2u + others_used_later);  // none twice
}

CAF_TEST(who hangs is told and holds up nobody) {
  others.push_back(sys.spawn(mute_part));
  actors->watch(others.back(), "fan_out");
  run();
  auto answer = ask<collected_status>(actors->status(), collect_status{});
  run();
  CAF_CHECK(!answer->answered);
  sched.advance_time(status_desk::part_patience);
  run();
  CAF_REQUIRE(answer->answered);
  const auto text = "{" + (*answer)->json + "}";
  CAF_CHECK_EQUAL(part(text, "fan_out", "phase"), R"("hung")");
  CAF_CHECK_EQUAL(part(text, "journal", "phase"), R"("idle")");
}

CAF_TEST(who is gone is told) {
  others.push_back(sys.spawn(mute_part));
  actors->watch(others.back(), "fan_out");
  run();
  caf::anon_send_exit(others.back(), caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK_EQUAL(part(page(), "fan_out", "phase"), R"("gone")");
}

CAF_TEST(only so many pages are made at once) {
  others.push_back(sys.spawn(mute_part));
  actors->watch(others.back(), "fan_out");
  run();
  std::vector<std::shared_ptr<outcome<collected_status>>> answers;
  for (std::size_t i = 0; i <= status_desk::max_pages; ++i)
    answers.push_back(ask<collected_status>(actors->status(), collect_status{}));
  run();
  CAF_CHECK(answers.back()->error.code == errc::unavailable);
  sched.advance_time(status_desk::part_patience);
  run();
  for (std::size_t i = 0; i < status_desk::max_pages; ++i) CAF_CHECK(*answers[i]);
  const auto next = ask<collected_status>(actors->status(), collect_status{});
  run();
  sched.advance_time(status_desk::part_patience);
  run();
  CAF_CHECK(*next);
}

CAF_TEST_FIXTURE_SCOPE_END()
