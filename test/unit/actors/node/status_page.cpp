// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE status_page
#include "actors/node/status_page.hpp"

#include "events/json/json_text.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

using how = told_status::how;

told_session session(const std::string& id, std::int64_t events, std::int64_t unsealed,
                     std::int64_t followers, how came = how::told) {
  told_session s;
  s.name = id;
  s.workspace = 1;
  s.came = came;
  if (came == how::told)
    s.status = {"reader", {{"events", events}, {"unsealed_bytes", unsealed}, {"followers", followers}}};
  return s;
}

std::string page(const std::vector<told_status>& parts, const std::vector<told_session>& sessions,
                 std::optional<std::size_t> active = 0, bool all = false) {
  const auto text = "{" + render_status(parts, sessions, active, all) + "}";
  CAF_REQUIRE(json::validate(text));
  return text;
}

/// The ids in one of the orders of `sessions`.
std::string ids(const std::string& page, std::string_view order) {
  std::string all;
  json::value{page}.find("sessions")->find(order)->for_each_element([&](std::size_t, const json::value& s) {
    all += s.find("id")->as_string() + " ";
    return true;
  });
  return all;
}

}  // namespace

CAF_TEST(actors tell their phase and their counts) {
  const auto text = page({{"journal", how::told, {"idle", {{"batch", 3}, {"oldest_wait_ms", 0}}}},
                          {"checkpointer", how::hung, {}},
                          {"log_reader", how::gone, {}}},
                         {});
  CAF_CHECK_EQUAL(json::value{text}.find("actors")->text(),
                  R"([{"name":"journal","phase":"idle","batch":3,"oldest_wait_ms":0},)"
                  R"({"name":"checkpointer","phase":"hung"},{"name":"log_reader","phase":"gone"}])");
}

CAF_TEST(who hangs in a call that blocks tells for how long) {
  const auto calls = std::make_shared<call_watch>();
  const std::vector<told_status> parts = {{"log_reader 1", how::hung, {}, calls},
                                          {"log_reader 2", how::gone, {}, calls}};
  const call_watch::guard waits{*calls};
  while (calls->lasts() < std::chrono::milliseconds{1}) {
  }
  const auto text = page(parts, {});
  const auto told = *json::value{text}.find("actors");
  std::vector<std::string> waited;
  told.for_each_element([&](std::size_t, const json::value& a) {
    const auto wait = a.find("oldest_wait_ms");
    waited.emplace_back(wait ? wait->text() : "none");
    return true;
  });
  CAF_REQUIRE_EQUAL(waited.size(), 2u);
  CAF_CHECK(waited[0] != "0" && waited[0] != "none");
  CAF_CHECK_EQUAL(waited[1], "none");
}

CAF_TEST(the largest sessions come first) {
  const auto text = page({},
                         {session("sess_a", 10, 300, 0), session("sess_b", 30, 0, 2),
                          session("sess_c", 20, 100, 1), session("sess_d", 0, 0, 0, how::hung)},
                         7);
  CAF_CHECK_EQUAL(ids(text, "by_unsealed_bytes"), "sess_a sess_c ");
  CAF_CHECK_EQUAL(ids(text, "by_events"), "sess_b sess_c sess_a ");
  CAF_CHECK_EQUAL(ids(text, "by_followers"), "sess_b sess_c ");
  CAF_CHECK_EQUAL(ids(text, "hung"), "sess_d ");
  CAF_CHECK_EQUAL(json::value{text}.find("sessions")->find("active")->text(), "7");
  CAF_CHECK_EQUAL(json::value{text}.find("sessions")->find("asked")->text(), "4");
}

CAF_TEST(a page has a bound) {
  std::vector<told_session> many;
  for (int i = 1; i <= 500; ++i) many.push_back(session("sess_" + std::to_string(i), i, i, i));
  const auto text = page({}, many, 40'000);
  std::size_t shown = 0;
  json::value{text}
      .find("sessions")
      ->find("by_events")
      ->for_each_element([&](std::size_t, const json::value&) {
        ++shown;
        return true;
      });
  CAF_CHECK_EQUAL(shown, shown_sessions);
  CAF_CHECK(ids(text, "by_events").starts_with("sess_500 sess_499 "));
}

CAF_TEST(all that were asked for are shown) {
  const auto text = page({}, {session("sess_a", 0, 0, 0), session("sess_a", 5, 0, 0)}, 9, true);
  CAF_CHECK_EQUAL(ids(text, "found"), "sess_a sess_a ");
}

CAF_TEST(a directory that does not answer is told) {
  const auto text = page({}, {}, std::nullopt);
  CAF_CHECK_EQUAL(json::value{text}.find("sessions")->find("active")->text(), "null");
}
