// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE exact_time
#include "events/base/exact_time.hpp"

#include "events/event/event_draft.hpp"
#include "events/log/event_time.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

exact_time at(std::string_view text) {
  const auto t = parse_exact_time(text);
  if (!t) CAF_FAIL(std::string{text});
  return *t;
}

std::string event_at(std::string_view time) {
  event_draft draft;
  draft.type_name = "acme.step";
  draft.payload = R"("note":",\"processed_at\":\"2000-01-01T00:00:00Z\"}")";
  return render_event(draft, "sevt_1", time);
}

CAF_TEST(a time is read to the nanosecond) {
  const struct {
    std::string text;
    std::string shown;
  } rows[] = {
      {"2026-05-29T10:00:03Z", "2026-05-29T10:00:03.000Z"},
      {"2026-05-29T10:00:03.1Z", "2026-05-29T10:00:03.100Z"},
      {"2026-05-29T10:00:03.1001Z", "2026-05-29T10:00:03.1001Z"},
      {"2026-05-29T10:00:03.000000001Z", "2026-05-29T10:00:03.000000001Z"},
      {"2026-05-29T10:00:03.123456789Z", "2026-05-29T10:00:03.123456789Z"},
      {"2026-05-29T10:00:03.1234567899Z", "2026-05-29T10:00:03.123456789Z"},
      {"2026-05-29T12:00:03.999999999+02:00", "2026-05-29T10:00:03.999999999Z"},
      {"0000-01-01T00:00:00.000000001Z", "0000-01-01T00:00:00.000000001Z"},
      {"1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"},
      {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
      {"2016-12-31T23:59:60.9Z", "2017-01-01T00:00:00.000Z"},
  };
  for (const auto& row : rows) CAF_CHECK_EQUAL(format_exact_time(at(row.text)), row.shown);
  CAF_CHECK(!parse_exact_time("2026-05-29T10:00:03.Z"));
}

CAF_TEST(times compare by every digit) {
  CAF_CHECK(at("2026-05-29T10:00:03.100000001Z") > at("2026-05-29T10:00:03.1Z"));
  CAF_CHECK(at("2026-05-29T10:00:03.100000001Z") < at("2026-05-29T10:00:03.100000002Z"));
  CAF_CHECK(at("2026-05-29T10:00:03.100999999Z") < at("2026-05-29T10:00:03.101Z"));
  CAF_CHECK(at("1969-12-31T23:59:59.000000001Z") > at("1969-12-31T23:59:59Z"));
  CAF_CHECK(at("2026-05-29T10:00:03.1Z") == exact_time{*parse_timestamp("2026-05-29T10:00:03.100Z")});
}

CAF_TEST(in milliseconds a time with finer digits is the next one) {
  CAF_CHECK(round_up(at("2026-05-29T10:00:03.1Z")) == parse_timestamp("2026-05-29T10:00:03.100Z"));
  CAF_CHECK(round_up(at("2026-05-29T10:00:03.100000001Z")) == parse_timestamp("2026-05-29T10:00:03.101Z"));
}

CAF_TEST(the time of a stored event is the last member) {
  CAF_CHECK(time_in(event_at("2026-05-29T10:00:03.100500100Z")) == at("2026-05-29T10:00:03.1005001Z"));
  CAF_CHECK(time_in("{}") == exact_time{});
  CAF_CHECK(time_in(R"({"id":"sevt_1","type":"a.b","processed_at":"soon"})") == exact_time{});
}

CAF_TEST(an event of the bounds own millisecond is compared by its digits) {
  log_block_builder out{1, digest{}};
  for (const std::string_view time : {"2026-05-29T10:00:03.099999999Z", "2026-05-29T10:00:03.1005001Z",
                                      "2026-05-29T10:00:03.1005002Z", "2026-05-29T10:00:03.101Z"})
    out.add(event_type::custom, "sevt_1", *parse_timestamp(time), event_at(time));
  const auto block = out.finish();
  const auto compared_with = [&](std::string_view bound) {
    std::string signs;
    for (seq_t seq = 1; seq <= block->last_seq(); ++seq) {
      const auto order = compare_time(*block, seq, at(bound));
      signs += order < 0 ? '<' : order > 0 ? '>' : '=';
    }
    return signs;
  };
  CAF_CHECK_EQUAL(compared_with("2026-05-29T10:00:03.1005002Z"), "<<=>");
  CAF_CHECK_EQUAL(compared_with("2026-05-29T10:00:03.1Z"), "<>>>");
  CAF_CHECK_EQUAL(compared_with("2026-05-29T10:00:03.099999999Z"), "=>>>");
  CAF_CHECK_EQUAL(compared_with("2026-05-29T10:00:03.101Z"), "<<<=");
}

}  // namespace
