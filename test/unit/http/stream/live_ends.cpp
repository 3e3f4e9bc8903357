// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_ends
#include "test/unit/http/support/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct fixture : live_fixture {
  void begin_archiving(const std::string& id) { begin_call("POST", id + "/archive"); }
  void begin_deleting(const std::string& id) { begin_call("DELETE", id); }

  /// A client that asks for a stream, and an end of the log that begins k steps behind it.
  template <class F, class G>
  void end_at_every_step(int n, std::size_t size, F begin_end, G check) {
    for (const auto whose : all_turns) {
      bool more = true;
      for (std::size_t k = 0; more; ++k) {
        const auto id = create();
        for (int i = 0; i < n; ++i) append_text(session_of(id), std::string(size, 'x'));
        const auto log = log_of(id);
        auto client = follow(id);
        more = steps(k, whose);
        begin_end(id);
        finish(whose);
        CAF_CHECK_EQUAL(end_call(), 200);
        settle(client);
        check(client, id, log);
      }
    }
  }
  static void check_done(const sse_client& client) {
    CAF_CHECK(client.done);
    CAF_CHECK(client.complete);
    CAF_CHECK_EQUAL(client.error, "");
    CAF_CHECK_EQUAL(client.order.find('d'), client.order.size() - 1);
  }
  /// What a stream of a deleted session may show: all of it and the farewell, or an error, or nothing.
  static void check_deleted(const sse_client& client, const std::vector<std::string>& log) {
    if (client.status == 404) return;
    CAF_REQUIRE_EQUAL(client.status, 200);
    auto frames = client.frames;
    const bool farewell = !frames.empty() && contains(frames.back(), R"("type":"session.deleted")");
    if (farewell) frames.pop_back();
    CAF_CHECK_EQUAL(client.done, farewell);
    CAF_CHECK_EQUAL(client.complete, farewell);
    CAF_CHECK_EQUAL(client.cut(), !farewell);
    CAF_CHECK_EQUAL(client.error.empty(), farewell);
    const bool whole = frames.size() == log.size();
    CAF_CHECK_EQUAL(farewell, whole);
    CAF_CHECK_EQUAL(places(frames, log), frames.empty() ? "" : ranges_up_to(frames.size()));
  }
  static std::string ranges_up_to(std::size_t n) { return n == 1 ? "1" : "1-" + std::to_string(n); }

  static constexpr std::size_t small = 10;
  /// Five of these need several slices, and more than a socket of 4 KiB takes.
  static constexpr std::size_t large = 30'000;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_ends_tests, fixture)

CAF_TEST(a session may be terminated at any step of a request) {
  for (const auto size : {small, large})
    end_at_every_step(
        5, size,
        [&](const std::string& id) {
          begin_post(id, events({message("last words"), terminated()}));
        },
        [&](const sse_client& client, const std::string& id, const auto&) {
          CAF_CHECK_EQUAL(seen(client, id), "1-7");
          check_done(client);
          CAF_CHECK_EQUAL(streams_of(id), 0u);
        });
}

CAF_TEST(a session may be archived at any step of a request) {
  for (const auto size : {small, large})
    end_at_every_step(
        5, size, [&](const std::string& id) { begin_archiving(id); },
        [&](const sse_client& client, const std::string& id, const auto&) {
          CAF_CHECK_EQUAL(seen(client, id), "1-" + std::to_string(log_of(id).size()));
          check_done(client);
          CAF_CHECK_EQUAL(streams_of(id), 0u);
        });
}

CAF_TEST(a session may be deleted at any step of a request) {
  for (const auto size : {small, large})
    end_at_every_step(
        5, size, [&](const std::string& id) { begin_deleting(id); },
        [&](const sse_client& client, const std::string&, const auto& log) { check_deleted(client, log); });
}

CAF_TEST(a stream goes on behind the termination to the end of the log) {
  const auto id = create();
  post_events(id, events({message("a secret"), terminated()}));
  begin_call("POST", id + "/events/" + id_of(id, 1) + "/redact");
  pump();
  CAF_CHECK_EQUAL(end_call(), 200);
  const auto last = id_of(id, 3);
  for (const auto& [query, shown] :
       std::vector<std::pair<std::string, std::string>>{{"", "1-3"},
                                                        {"&until=idle", "1-3"},
                                                        {"&after=" + id_of(id, 2), "3"},
                                                        {"&types=session.event_redacted", "3"},
                                                        {"&types=session.status_terminated", "2"}}) {
    CAF_MESSAGE(query);
    auto client = follow(id, query);
    settle(client);
    CAF_CHECK_EQUAL(seen(client, id), shown);
    CAF_CHECK_EQUAL(client.last_id, last);
    check_done(client);
  }
}

CAF_TEST(a runtime may archive a session that runs and its streams end) {
  const auto id = create();
  post_events(id, events({R"({"type":"session.status_running"})"}));
  auto client = follow(id);
  settle(client);
  const auto runtime = std::exchange(key_header, header_with(make_key(role::client).secret));
  begin_archiving(id);
  pump();
  CAF_CHECK_EQUAL(end_call(), 400);
  settle(client);
  CAF_CHECK(!client.done);
  key_header = runtime;
  begin_archiving(id);
  pump();
  CAF_CHECK_EQUAL(end_call(), 200);
  settle(client);
  check_done(client);
}

CAF_TEST(a slow reader of a terminated session gets it whole) {
  const auto id = create();
  for (int i = 0; i < 5; ++i) post_text(id, std::string(large, 'x'));
  auto client = follow(id, "", "", 4096);
  pump();
  post_events(id, events({terminated()}));
  CAF_CHECK(!client.done);
  while (client.read(3'000)) pump();
  CAF_CHECK_EQUAL(seen(client, id), "1-6");
  check_done(client);
}

CAF_TEST(a slow reader of an archived session gets it whole) {
  const auto id = create();
  for (int i = 0; i < 5; ++i) post_text(id, std::string(large, 'x'));
  auto client = follow(id, "", "", 4096);
  pump();
  begin_archiving(id);
  pump();
  CAF_CHECK_EQUAL(end_call(), 200);
  while (client.read(3'000)) pump();
  CAF_CHECK_EQUAL(seen(client, id), "1-" + std::to_string(log_of(id).size()));
  check_done(client);
}

CAF_TEST(a slow reader of a deleted session is told that it did not get all) {
  const auto id = create();
  for (int i = 0; i < 5; ++i) post_text(id, std::string(large, 'x'));
  const auto log = log_of(id);
  auto client = follow(id, "", "", 4096);
  pump();
  begin_deleting(id);
  pump();
  CAF_CHECK_EQUAL(end_call(), 200);
  while (client.read(3'000)) pump();
  settle(client);
  CAF_CHECK(client.frames.size() < 5);
  CAF_CHECK(contains(client.error, "\"type\":\"not_found\""));
  check_deleted(client, log);
}

CAF_TEST(a live stream that is blocked at the end of a deleted session still gets its farewell) {
  const auto id = create();
  auto client = follow(id, "", "", 4096);
  settle(client);
  post_text(id, std::string(large, 'x'));
  const auto log = log_of(id);
  begin_deleting(id);
  pump();
  CAF_CHECK_EQUAL(end_call(), 200);
  while (client.read(3'000)) pump();
  CAF_CHECK_EQUAL(client.frames.size(), 2u);
  check_deleted(client, log);
}

CAF_TEST(every live stream gets the end of its log) {
  const std::vector<std::pair<std::string, std::function<void(const std::string&)>>> ends = {
      {"terminated",
       [&](const std::string& id) {
         begin_post(id, events({message("b"), terminated()}));
       }},
      {"archived", [&](const std::string& id) { begin_archiving(id); }},
      {"deleted", [&](const std::string& id) { begin_deleting(id); }}};
  for (const auto& [name, begin_end] : ends) {
    CAF_MESSAGE(name);
    const auto id = create();
    post_text(id, "a");
    const auto before = log_of(id);
    auto plain = follow(id);
    auto filtered = follow(id, "&types=user.message");
    auto until_idle = follow(id, "&until=idle");
    auto from_end = follow(id, "&after=latest");
    for (auto* c : {&plain, &filtered, &until_idle, &from_end}) settle(*c);
    begin_end(id);
    pump();
    CAF_CHECK_EQUAL(end_call(), 200);
    for (auto* c : {&plain, &filtered, &until_idle, &from_end}) {
      settle(*c);
      check_done(*c);
    }
    CAF_CHECK_EQUAL(plain.frames.size(), until_idle.frames.size());
    CAF_CHECK_EQUAL(plain.frames.size(), from_end.frames.size() + 1);
    CAF_CHECK_EQUAL(plain.last_id, until_idle.last_id);
    CAF_CHECK_EQUAL(plain.last_id, from_end.last_id);
    CAF_MESSAGE("a filter does not keep back where the log ended");
    CAF_CHECK_EQUAL(plain.last_id, filtered.last_id);
    CAF_CHECK(name == "deleted" || filtered.frames.empty());
  }
}

CAF_TEST(the connection can be used again behind the end) {
  const auto id = create();
  auto client = follow(id);
  settle(client);
  post_events(id, events({terminated()}));
  settle(client);
  check_done(client);
  sse_client again{std::move(client.connection())};
  request_stream(again, id);
  settle(again);
  CAF_CHECK_EQUAL(seen(again, id), "1");
  check_done(again);
  CAF_MESSAGE("an EventSource that has the last event already is told to stop");
  sse_client last{std::move(again.connection())};
  request_stream(last, id, "", "Accept: text/event-stream\r\nLast-Event-ID: " + again.last_id + "\r\n");
  settle(last);
  CAF_CHECK_EQUAL(last.status, 204);
}

CAF_TEST(only an EventSource that comes again is stopped by 204) {
  const auto ended = create();
  post_events(ended, events({message("a"), terminated()}));
  const auto archived = create();
  begin_archiving(archived);
  pump();
  CAF_CHECK_EQUAL(end_call(), 200);
  const auto last = log_of(ended).empty() ? "" : id_of(ended, 2);
  const std::string browser = "Accept: text/event-stream\r\n";
  const std::string sdk = "x-stainless-lang: python\r\n";
  const auto header = [](const std::string& place) { return "Last-Event-ID: " + place + "\r\n"; };
  const auto end_of_archived = log_of(archived).empty() ? "start" : id_of(archived, log_of(archived).size());
  const std::vector<std::tuple<std::string, std::string, std::string, int>> table = {
      {ended, "", browser + header(last), 204},
      {ended, "&types=user.message", browser + header(last), 204},
      {ended, "&follow=false", browser + header(last), 204},
      {ended, "&until=idle", browser + header(last), 204},
      {archived, "", browser + header(end_of_archived), 204},
      {ended, "&after=" + last, browser, 200},
      {ended, "", header(last), 200},
      {ended, "", "Accept: application/json\r\n" + header(last), 200},
      {ended, "", browser + sdk + header(last), 200},
      {ended, "", browser + header(id_of(ended, 1)), 200},
  };
  for (const auto& [session, query, headers, status] : table) {
    CAF_MESSAGE(query << " " << headers);
    auto client = sse_client{connect()};
    shard->keys.clear();
    const bool replay = query == "&follow=false";
    client.connection().send(get_request(
        "/v1/sessions/" + session + "/events/stream?follow=" + (replay ? "false" : "true" + query),
        key_header + headers));
    if (replay) {
      pump();
      CAF_CHECK_EQUAL(status_of(receive_all(client.connection())), status);
      continue;
    }
    settle(client);
    CAF_CHECK_EQUAL(client.status, status);
    if (status == 200) check_done(client);
  }
}

CAF_TEST(a turn that has ended ends what comes again behind it) {
  const auto id = create();
  post_events(id, events({message("a"), idle()}));
  const auto place = "Last-Event-ID: " + id_of(id, 2) + "\r\n";
  auto browser = follow(id, "&until=idle", "Accept: text/event-stream\r\n" + place);
  auto other = follow(id, "&until=idle", place);
  auto anew = follow(id, "&until=idle&after=" + id_of(id, 2));
  for (auto* c : {&browser, &other, &anew}) settle(*c);
  CAF_CHECK_EQUAL(browser.status, 204);
  CAF_CHECK_EQUAL(other.order, "id");
  CAF_MESSAGE("`after` begins to watch for the next one");
  CAF_CHECK_EQUAL(anew.order, "l");
  post_events(id, events({idle()}));
  settle(anew);
  CAF_CHECK_EQUAL(anew.order, "led");
}

CAF_TEST(what is asked behind a live stream is answered when that has ended) {
  for (const std::size_t pieces : {1u, 2u}) {
    const auto id = create();
    auto client = follow(id);
    settle(client);
    auto& end = client.connection();
    const auto next = get_request("/v1/sessions/" + id, key_header);
    for (std::size_t k = 0; k < pieces; ++k) {
      end.send(
          next.substr(k * next.size() / pieces, (k + 1) * next.size() / pieces - k * next.size() / pieces));
      pump();
    }
    CAF_CHECK_EQUAL(end.receive(), "");
    post_events(id, events({terminated()}));
    const auto all = end.receive();
    const auto answer = all.find("HTTP/1.1 200");
    CAF_REQUIRE(answer != all.npos);
    CAF_CHECK(contains(all.substr(0, answer), done_frame));
    CAF_CHECK(contains(all.substr(answer), R"("status":"terminated")"));
    CAF_CHECK(!end.closed());
  }
}

CAF_TEST(a client that has asked for more and gone is noticed) {
  const auto id = create();
  auto client = follow(id);
  settle(client);
  client.connection().send(get_request("/v1/sessions/" + id, key_header));
  pump();
  client.hang_up();
  pump();
  pass(options.stream_heartbeat);
  CAF_CHECK_EQUAL(streams_of(id), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
