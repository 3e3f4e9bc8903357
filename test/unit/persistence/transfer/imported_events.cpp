// SPDX-License-Identifier: Apache-2.0
// What an import makes of events: ids, times and payloads.
#define CAF_SUITE imported_events
#include "test/unit/persistence/support/transfer_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(imported_events_tests, transfer_fixture)

CAF_TEST(ids times and payloads are kept to the byte) {
  const std::string kept =
      R"({"event":{"id":"msg_1","type":"agent.message","n":1.10,"big":12345678901234567890,"e":1e400,"s":"\u00e9\/","processed_at":"2026-05-29T10:00:00Z"}})"
      "\n"
      R"({"event":{"id":"msg_2","type":"acme.own_thing","x":null,"processed_at":"2026-05-29T12:00:00.5+02:00"}})"
      "\n";
  CAF_CHECK(import(first_header + kept));
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 3u);
  const auto bare = [](const std::string& line) { return line.substr(0, line.rfind(",\"salt\":")) + "}\n"; };
  CAF_CHECK_EQUAL(bare(lines[1]) + bare(lines[2]), kept);
}

CAF_TEST(missing ids and times are made) {
  CAF_CHECK(import(first_header + event(R"(,"processed_at":"2026-05-29T10:00:00Z")") + event("")));
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 3u);
  const auto session = *json::value{lines[0]}.find("session");
  CAF_CHECK_EQUAL(text_of(session, "created_at"), "2026-05-29T10:00:00.000Z");
  CAF_CHECK_EQUAL(text_of(event_of(lines[1]), "processed_at"), "2026-05-29T10:00:00Z");
  CAF_CHECK_EQUAL(text_of(event_of(lines[2]), "processed_at"), "2026-05-29T10:00:00.000Z");
  for (seq_t seq : {1u, 2u}) {
    const auto place = told_place(text_of(event_of(lines[seq]), "id"));
    CAF_CHECK(place == seq);
  }
}

CAF_TEST(times must not decrease) {
  const auto at = [](const std::string& time) { return event(R"(,"processed_at":")" + time + "\""); };
  CAF_CHECK_EQUAL(refusal(first_header + at("2026-01-01T00:00:01Z") + at("2026-01-01T00:00:01Z") +
                          at("2026-01-01T00:00:00.999Z")),
                  "line 4: event.processed_at: lies before the time of the event before it");
}

CAF_TEST(times may not lie ahead of the clock) {
  const auto at = [](timestamp time) {
    return event(R"(,"processed_at":")" + format_timestamp(time) + "\"");
  };
  CAF_CHECK_EQUAL(refusal(first_header + at(now) + at(now + std::chrono::minutes{5})),
                  "line 3: event.processed_at: more than 60 seconds ahead of the clock");
  CAF_CHECK(import(first_header + at(now + std::chrono::seconds{60})));
}

CAF_TEST(a header may not lie ahead of the clock) {
  const auto with = [](const std::string& field, timestamp time) {
    return R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1",")" + field + "\":\"" +
           format_timestamp(time) + "\"}}\n";
  };
  for (const std::string field : {"created_at", "archived_at"}) {
    CAF_CHECK_EQUAL(refusal(with(field, now + std::chrono::milliseconds{60'001}) + event("")),
                    "line 1: session." + field + ": more than 60 seconds ahead of the clock");
    CAF_CHECK_EQUAL(refusal(with(field, now + std::chrono::hours{24 * 3650})),
                    "line 1: session." + field + ": more than 60 seconds ahead of the clock");
  }
  CAF_MESSAGE("it costs its session and no other");
  const auto text = with("archived_at", now + std::chrono::hours{1}) + event("") + second_header + event("");
  CAF_CHECK_EQUAL(errors(text).size(), 1u);
  CAF_CHECK_EQUAL(sessions(), std::vector<std::string>{"sess_b"});
  CAF_CHECK(import(with("created_at", now + std::chrono::seconds{60})));
}

CAF_TEST(a session object has a limit here too) {
  const auto with = [](std::size_t n) {
    return R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1","title":")" +
           std::string(n, 'x') + "\"}}\n";
  };
  const auto why = refusal(with(max_session_bytes) + event(""));
  CAF_CHECK(why.starts_with("line 1: session: the session object would have "));
  CAF_CHECK(import(with(max_session_bytes - 10'000) + event("")));
  const auto exported = export_all();
  use("other.db");
  CAF_CHECK(import(exported));
}

CAF_TEST(times are compared by every digit) {
  const auto at = [](const std::string& fraction) {
    return event(R"(,"processed_at":"2026-01-01T00:00:01.)" + fraction + "Z\"");
  };
  CAF_CHECK_EQUAL(refusal(first_header + at("1001") + at("1001") + at("1000999")),
                  "line 4: event.processed_at: lies before the time of the event before it");
  CAF_MESSAGE("a time that is made is the next millisecond");
  CAF_REQUIRE(import(first_header + at("100100001") + event("") + at("101000000") + event("")));
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 5u);
  CAF_CHECK_EQUAL(text_of(event_of(lines[1]), "processed_at"), "2026-01-01T00:00:01.100100001Z");
  CAF_CHECK_EQUAL(text_of(event_of(lines[2]), "processed_at"), "2026-01-01T00:00:01.101Z");
  CAF_CHECK_EQUAL(text_of(event_of(lines[4]), "processed_at"), "2026-01-01T00:00:01.101Z");
  check();
}

CAF_TEST(line breaks are escaped but in a log that has its own head) {
  const auto raw =
      event(",\"text\":\"a\u2028b\\ud83d\",\"id\":\"msg_1\",\"processed_at\":\"2026-01-01T00:00:01Z\"");
  const auto text = first_header + raw;
  CAF_REQUIRE(import(text));
  const auto stored = lines_of(export_all())[1];
  CAF_CHECK(stored.find(R"("text":"a\u2028b\ufffd")") != stored.npos);
  CAF_MESSAGE("and the same file again is what is stored");
  CAF_CHECK(import(text));

  const std::string json =
      "{\"id\":\"msg_1\",\"type\":\"a.b\",\"text\":\"\u2028\u2029\u0085\",\"processed_at\":\"2026-01-01T00:"
      "00:01Z\"}";
  const auto with_head = R"({"session":{"id":"sess_b","agent":"agent_1","environment_id":"env_1","title":")"
                         "\u2028"
                         R"(","log":{"events":1,"head":")" +
                         format_head(next_unsalted_head(digest{}, json)) + "\"}}}\n{\"event\":" + json +
                         "}\n";
  CAF_REQUIRE(import(with_head));
  CAF_CHECK(import(with_head));
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 4u);
  CAF_CHECK(lines[2].find(R"("title":"\u2028")") != lines[2].npos);
  CAF_CHECK(lines[3].starts_with("{\"event\":" + json + ",\"salt\":\""));
  CAF_MESSAGE("a file without the head says the same in escapes");
  CAF_CHECK(import(R"({"session":{"id":"sess_b","agent":"agent_1","environment_id":"env_1"}})"
                   "\n{\"event\":" +
                   json + "}\n"));
}

CAF_TEST(an event may have any size) {
  const auto text = first_header + event(R"(,"text":")" + std::string(3'000'000, 'x') + "\"");
  CAF_CHECK(import(text));
  CAF_CHECK_EQUAL(lines_of(export_all()).size(), 2u);
}

CAF_TEST(ids must not repeat) {
  const auto with_id = [](const std::string& id) { return event(R"(,"id":")" + id + "\""); };
  CAF_CHECK_EQUAL(
      refusal(first_header + with_id("msg_1") + event("") + with_id("msg_1")).rfind("line 4: ", 0), 0u);
  // An id that stands at the place it tells, found again behind it.
  const auto first = make_event_id(now, 1, 0);
  CAF_CHECK_EQUAL(refusal(first_header + with_id(first) + event("") + with_id(first)).rfind("line 4: ", 0),
                  0u);
  // An id that tells a later place, found again at that place.
  const auto second = make_event_id(now, 2, 0);
  CAF_CHECK_EQUAL(refusal(first_header + with_id(second) + with_id(second)).rfind("line 3: ", 0), 0u);
  // Two that tell the same later place; the first is found there.
  const auto third = make_event_id(now, 3, 0);
  const auto other = make_event_id(now, 3, 1);
  CAF_CHECK_EQUAL(
      refusal(first_header + with_id(third) + with_id(other) + with_id(third)).rfind("line 4: ", 0), 0u);
}

CAF_TEST(what cannot be told to be new is refused) {
  std::string text = first_header;
  const auto with_id = [](std::uint64_t noise) {
    return event(R"(,"id":")" + make_event_id(timestamp{}, early_ids::max_count + 2, noise) + "\"");
  };
  for (std::uint64_t i = 0; i <= early_ids::max_count; ++i) text += with_id(i);
  CAF_CHECK_EQUAL(
      refusal(text + with_id(early_ids::max_count + 1)),
      "line 10003: event.id: more than 10000 events before it tell later places by theirs, so whether "
      "one has this id cannot be told");
  CAF_MESSAGE("an id that is made is new");
  CAF_CHECK(import(text + event("")));
}

CAF_TEST(ids that tell other places are kept) {
  const auto with_id = [](seq_t seq) {
    return event(R"(,"id":")" + make_event_id(timestamp{}, seq, 7) + "\"");
  };
  CAF_CHECK(import(first_header + with_id(3) + with_id(4) + event("") + with_id(1)));
  const auto lines = lines_of(export_all());
  CAF_REQUIRE_EQUAL(lines.size(), 5u);
  CAF_CHECK_EQUAL(text_of(event_of(lines[1]), "id"), make_event_id(timestamp{}, 3, 7));
  check();
}

CAF_TEST_FIXTURE_SCOPE_END()
